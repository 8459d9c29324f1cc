"""The order of service in words: where a rank stands, and by which of its parts one comes before another.

Pure. Ranks are `allocation`'s; who reads these words does not know that there are any.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from edge.domain.allocation import read_rank

ORDER = "order"
"""What decides when all keys are equal: the order's id."""

_PRECISIONS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def standing(values: Mapping[str, int | None], zone: tzinfo) -> str:
    """Tell where somebody stands, key by key; times as the clocks of `zone` show them.

    >>> from datetime import UTC
    >>> standing({"express": 1, "tier": 5, "promised_at": None, "placed_at": 1_763_683_200_000}, UTC)
    'express, tier 5, promised for no day, placed 2025-11-21'
    """
    return ", ".join(_stands(key, value, zone) for key, value in values.items())


def _stands(key: str, value: int | None, zone: tzinfo) -> str:
    match key:
        case "express":
            return "express" if value else "not express"
        case "promised_at":
            return "promised for no day" if value is None else f"promised for {_when(value, zone)}"
        case "placed_at" if value is not None:
            return f"placed {_when(value, zone)}"
        case _:
            return f"{key} {value}"


def _when(at_ms: int, zone: tzinfo) -> str:
    at = _local(at_ms, zone)
    return at.strftime(_PRECISIONS[0 if (at.hour, at.minute) == (0, 0) else 1])


def decided(keys: Sequence[str], first: str, second: str, zone: tzinfo) -> tuple[str, str]:
    """Tell by which key one order's rank comes before another's, and why in words of which "it" is the first.

    >>> from datetime import UTC
    >>> from edge.domain.allocation import rank
    >>> one, two = (rank(["tier"], order, {"tier": tier}) for order, tier in (("SO-1", 5), ("SO-7", 2)))
    >>> decided(["tier"], one, two, UTC)
    ('tier', 'its tier 5 is higher than 2')
    """
    mine, theirs = read_rank(keys, first), read_rank(keys, second)
    for key in keys:
        if mine[key] != theirs[key]:
            return key, _because(key, mine[key], theirs[key], zone)
    return ORDER, "all else is equal and its id comes first"


def _because(key: str, mine: int | None, theirs: int | None, zone: tzinfo) -> str:
    # Whoever comes first has a value: a day that is promised comes before none.
    assert mine is not None
    match key:
        case "express":
            return "it is express"
        case "tier":
            return f"its tier {mine} is higher than {theirs}"
        case _:
            was = "it was placed" if key == "placed_at" else "it is promised for"
            if theirs is None:
                return f"{was} {_when(mine, zone)}, the other for no day"
            earlier, later = _apart(mine, theirs, zone)
            return f"{was} {earlier}, the other {'' if key == 'placed_at' else 'for '}{later}"


def _apart(one_ms: int, other_ms: int, zone: tzinfo) -> tuple[str, str]:
    """Two moments, no more exact than it takes to tell them apart."""
    one, other = _local(one_ms, zone), _local(other_ms, zone)
    for precision in _PRECISIONS:
        told = one.strftime(precision), other.strftime(precision)
        if told[0] != told[1]:
            return told
    return one.isoformat(sep=" ", timespec="milliseconds"), other.isoformat(sep=" ", timespec="milliseconds")


def _local(at_ms: int, zone: tzinfo) -> datetime:
    try:
        at = datetime.fromtimestamp(at_ms // 1000, zone)
    except (ValueError, OverflowError):
        # At either end of time the day is in the calendar of UTC alone.
        at = datetime.fromtimestamp(at_ms // 1000, UTC)
    return at.replace(microsecond=at_ms % 1000 * 1000)
