"""Words for error sentences: how a value is shown, what was probably meant, how a choice is listed."""

import difflib
import json
import unicodedata
from collections.abc import Iterable, Sequence

SHOWN_MAX = 60
"""Characters of a value that a sentence shows."""


def shown(value: object) -> str:
    """Show a value as TOML would write it, on one line and not too long.

    >>> shown("dock-1\\x07"), shown(True), shown([1, 2])
    ('"dock-1\\\\u0007"', 'true', 'a list')
    """
    match value:
        case str():
            cut = value if len(value) <= SHOWN_MAX else value[: SHOWN_MAX - 1] + "…"
            return "".join(_visible(character) for character in json.dumps(cut, ensure_ascii=False))
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        case bool():
            return str(value).lower()
        case int() if value.bit_length() > 64:  # its digits would fill the line, or exceed what Python prints
            return "a number far too large"
        case _:
            return str(value)  # numbers, and dates as ISO 8601


def _visible(character: str) -> str:
    """Escape what json.dumps leaves and a terminal obeys or nobody sees: DEL, C1, bidi marks, U+2028."""
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
        return f"\\u{ord(character):04x}"
    return character


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Find the known name that was probably meant, whatever its case; None if none is near.

    >>> nearest("dok-1", ["dock-1", "aisle-1"])
    'dock-1'
    """
    by_folded = {candidate.casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(name[:SHOWN_MAX].casefold(), by_folded, n=1)
    return by_folded[near[0]] if near else None


def either(names: Sequence[str]) -> str:
    """List a choice.

    >>> either(["zpl", "escpos"]), either(["5"])
    ('"zpl" or "escpos"', '"5"')
    """
    quoted = [f'"{name}"' for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
