"""The site's own barcodes: places, orders, commands and the like, by the patterns of `[codes]` (contract 3).

Owns what each kind may hold; whether the place or order exists is the engine's.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from config.settings import Codes
from edge.domain.pattern_check import Checked, check
from edge.domain.printable import visible

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
    """The patterns of one site, each already found to be well formed. Raises ValueError if one cannot be used."""

    def __init__(self, patterns: Codes) -> None:
        for name, text in check_patterns(patterns).faults:
            raise ValueError(f"codes.{name}: {text}")
        self._patterns = [(kind, re.compile(getattr(patterns, kind))) for kind in SiteKind]

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
    return f"This {kind.replace('_', ' ')} code needs {expected}, got '{visible(value, 40)}'."


def _is_date(value: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


@lru_cache(8)
def check_patterns(patterns: Codes) -> Checked:
    """Judge a site's patterns, with faults and notes as sentences; the bounds of it are `pattern_check`'s."""
    defaults = Codes()
    return check(
        {kind.value: getattr(patterns, kind) for kind in SiteKind},
        {kind.value: getattr(defaults, kind) for kind in SiteKind},
    )
