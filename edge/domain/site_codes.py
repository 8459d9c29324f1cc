"""The site's own barcodes: places, orders, commands and the like, by the patterns of `[codes]` (contract 3).

Owns what each kind may hold; whether the place or order exists is the engine's.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from config.settings import Codes

MAX_NAME_LENGTH = 64
"""Characters in the name of an item, order, place, lot or line."""


class SiteKind(StrEnum):
    """The site's own codes, in the order they are tried; the keys of `[codes]`."""

    LOCATION = "location"
    ORDER = "order"
    PURCHASE_ORDER = "purchase_order"
    SKU = "sku"
    LABEL = "label"
    OPERATOR = "operator"
    QUANTITY = "quantity"
    DIGIT = "digit"
    LOT = "lot"
    EXPIRY = "expiry"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class SiteCode:
    """A code of the site's. A quantity is 0 to 999999 in digits, a digit 0-9 or C, an expiry an ISO date."""

    kind: SiteKind
    value: str


class SitePatterns:
    """The patterns of one site, each already found to be well formed. Raises ValueError if two overlap."""

    def __init__(self, patterns: Codes) -> None:
        self._patterns = _compiled(patterns)

    def read(self, payload: str) -> SiteCode | str | None:
        """Read a code; None if it is not the site's, a sentence if it is, with a value that cannot be."""
        for kind, pattern in self._patterns:
            if found := pattern.fullmatch(payload):
                return _checked(kind, found["value"] or "")
        return None


def _checked(kind: SiteKind, value: str) -> SiteCode | str:
    if not 1 <= len(value) <= MAX_NAME_LENGTH:
        expected = f"1 to {MAX_NAME_LENGTH} characters"
    elif kind is SiteKind.QUANTITY and not re.fullmatch(r"[0-9]{1,6}", value):
        expected = "a whole number to 999999"
    elif kind is SiteKind.DIGIT and not re.fullmatch(r"[0-9C]", value):
        expected = "one digit, or C to begin anew"
    elif kind is SiteKind.EXPIRY and not _is_date(value):
        expected = "a date such as 2027-03-01"
    else:
        return SiteCode(kind, value)
    return f"This {kind.replace('_', ' ')} code needs {expected}, got {value[:40]!r}."


def _is_date(value: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _compiled(patterns: Codes) -> list[tuple[SiteKind, re.Pattern[str]]]:
    """Compile the site's patterns; raises ValueError where one takes codes of another."""
    compiled = [(kind, re.compile(getattr(patterns, kind))) for kind in SiteKind]
    for kind, pattern in compiled:
        for sample in _samples(pattern):
            for other, other_pattern in compiled:
                if other is not kind and other_pattern.fullmatch(sample):
                    raise ValueError(
                        f"codes.{kind} and codes.{other} both match {sample!r}: give each its own prefix."
                    )
    return compiled


def _samples(pattern: re.Pattern[str]) -> list[str]:
    """Make a few codes that a pattern takes: its literal beginning, and what such codes go on with."""
    head = _LITERAL_HEAD.match(pattern.pattern)
    prefix = re.sub(r"\\(.)", r"\1", head[1]) if head else ""
    return [prefix + tail for tail in _TAILS if pattern.fullmatch(prefix + tail)]


_LITERAL_HEAD = re.compile(r"\^((?:[^\\.\[({*+?|$^]|\\[^A-Za-z0-9])*)(?![*+?{])")
_TAILS = ("1", "12", "C", "A", "A1", "A-01", "A-01-02", "SO-1001", "alice", "B7", "2027-03-01", "RECEIVE")
