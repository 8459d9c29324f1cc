"""What a scan is: GS1, a code of the site, an item's plain code, or refused with a reason (contract 3).

Pure reading. Whether an item, place or order is there, and what the scan does, is the engine's. The elements
of GS1 are `gs1`'s, the site's patterns `site_codes`'.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from config.settings import Codes
from edge.domain.gs1 import GS, Elements, Gs1Error, check_digit, read_message
from edge.domain.gs1_links import is_address, read_link
from edge.domain.printable import visible
from edge.domain.site_codes import MAX_NAME_LENGTH, SiteCode, SiteKind, SitePatterns

__all__ = [
    "MAX_LENGTH",
    "MAX_NAME_LENGTH",
    "MAX_QUANTITY_EA",
    "Catalogue",
    "Code",
    "CodeReader",
    "Gs1Code",
    "ItemCode",
    "Listed",
    "Refused",
    "SiteCode",
    "SiteKind",
    "bare",
    "eaches",
    "gtin14",
    "visible",
]

MAX_LENGTH = 256
"""Characters in a scan."""

MAX_QUANTITY_EA = 1_000_000
"""Eaches in one booking (contract section 6)."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the catalogue knows about a code: whose it is, and how many eaches are in the pack."""

    sku: str
    pack: int


class Catalogue(Protocol):
    """Who knows the items; the ledger."""

    def by_code(self, code: str) -> Listed | None:
        """Find a code exactly as the catalogue lists it."""
        ...

    def by_gtin(self, gtin14: str) -> Listed | None:
        """Find any listed code that is this GTIN, be it listed with 8, 12, 13 or 14 digits."""
        ...

    def by_sku(self, sku: str) -> bool:
        """Tell whether the item is in the catalogue."""
        ...


@dataclass(frozen=True, slots=True)
class Gs1Code:
    """A valid GS1 element string or Digital Link; whether it names anything of use is the engine's to see."""

    elements: Elements


@dataclass(frozen=True, slots=True)
class ItemCode:
    """A plain code of an item: listed, or a GTIN (14 digits), or both. `code` has no AIM identifier."""

    code: str
    gtin: str | None
    listed: Listed | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing that can be used. `why` is from the closed list of the contract, `reason` a sentence."""

    why: str
    reason: str


Code = Gs1Code | ItemCode | SiteCode | Refused


class CodeReader:
    """Reads scans at one site. Raises ValueError, a sentence, if two of the site's patterns overlap."""

    def __init__(self, patterns: Codes) -> None:
        self._patterns = SitePatterns(patterns)

    def read(self, text: str, catalogue: Catalogue, *, today: str) -> Code:
        """Say what a scan is; `text` is its bytes as Latin-1 without the line's end, `today` an ISO date."""
        if len(text) > MAX_LENGTH:
            return Refused("too_long", f"The code is longer than {MAX_LENGTH} characters. Scan one code.")
        if not _CHARACTERS.fullmatch(text):
            return Refused("bad_code", _bad_character(text))
        identifier = _AIM.match(text)
        symbol = identifier[0] if identifier else None
        payload = text[3:] if identifier else text
        if symbol and _AIM.match(payload):
            return Refused(
                "bad_code", f"Two AIM identifiers in front, {text[:6]}. Check the scanner's set-up."
            )
        year = int(today[:4])
        if symbol in _GS1_SYMBOLS or (symbol is None and GS in payload):
            return _gs1(payload, year)
        if is_address(payload) and (link := _link(payload, year)) is not None:
            return link
        if not payload:
            return Refused("bad_code", f"The scanner sent {text} and no code behind it. Scan again.")
        if GS in payload:
            return Refused("bad_code", f"The code holds <GS>, and its symbol, {symbol}, is none of GS1.")
        return (
            self._of_the_site(payload)
            or _item(payload, catalogue)
            or (_wrong_gtin(payload) if symbol is None or symbol[:2] in _TRADE_SYMBOLS else None)
            # The identifier decides: behind one that is not of GS1 there are no elements.
            or (_unmarked_gs1(payload, year) if symbol is None else None)
            or Refused("unknown_code", f"{payload[:40]} is no GTIN, and not in the catalogue.")
        )

    def _of_the_site(self, payload: str) -> SiteCode | Refused | None:
        code = self._patterns.read(payload)
        return Refused("bad_code", code) if isinstance(code, str) else code


def eaches(pack: int, elements: Elements | None = None, *, quantity: int = 1) -> int | Refused:
    """Count an item scan: pack x AI 37 x QTY, and what AI 30 and 37 say beside it (contract, "How many").

    >>> eaches(12, quantity=2)
    24
    >>> eaches(12, Elements(content="17612345001019", count=10))
    120
    >>> eaches(10, Elements(gtin="07612345001012", variable_count=12)).reason
    'The label says 12, the catalogue 10. Count, then scan QTY and the plain code.'
    """
    unit = pack
    if elements is not None:
        unit, stated = _label_counts(pack, elements)
        for number in stated:
            if unit == 1:
                unit = number
            elif number != unit:
                other = f"the catalogue {pack}" if unit == pack else f"and also {unit}"
                return _count_differs(f"The label says {number}, {other}.")
        if _names_content(elements) and elements.count is not None:
            unit *= elements.count
    if unit < 1 or unit * quantity > MAX_QUANTITY_EA:
        return _count_differs(f"That makes {unit * quantity} pieces, not 1 to {MAX_QUANTITY_EA}.")
    return unit * quantity


def bare(text: str) -> str:
    """Take the AIM identifier off a scan, if it has one.

    >>> bare("]A0X-4711-B"), bare("X-4711-B")
    ('X-4711-B', 'X-4711-B')
    """
    return text[3:] if _AIM.match(text) else text


def gtin14(code: str) -> str | None:
    """Write a GTIN-8, -12, -13 or -14 with 14 digits; None for another length or a wrong check digit.

    >>> gtin14("96385074"), gtin14("96385075"), gtin14("ABC")
    ('00000096385074', None, None)
    """
    if len(code) not in _GTIN_LENGTHS or not code.isdecimal() or check_digit(code[:-1]) != code[-1]:
        return None
    return code.zfill(14)


def _label_counts(pack: int, elements: Elements) -> tuple[int, list[int]]:
    """Tell the eaches of one unit, and the numbers on the label that must agree with them."""
    stated = []
    gtin = elements.gtin or elements.content or ""
    if elements.variable_count is not None:
        if gtin.startswith("9"):
            # A variable measure item: there AI 30 counts what is in it.
            pack *= elements.variable_count
        else:
            stated.append(elements.variable_count)
    if elements.count is not None and not _names_content(elements):
        stated.append(elements.count)
    return pack, stated


def _names_content(elements: Elements) -> bool:
    """Tell whether 37 counts packs of AI 02; beside an AI 01 of its own it does not."""
    return elements.content is not None and elements.gtin is None


def _count_differs(what: str) -> Refused:
    return Refused("count_differs", f"{what} Count, then scan QTY and the plain code.")


def _gs1(payload: str, year: int) -> Gs1Code | Refused:
    try:
        return Gs1Code(read_message(payload, year))
    except Gs1Error as error:
        return Refused(error.why, str(error))


def _link(payload: str, year: int) -> Gs1Code | Refused | None:
    try:
        elements = read_link(payload, year)
    except Gs1Error as error:
        return Refused(error.why, str(error))
    return None if elements is None else Gs1Code(elements)


def _unmarked_gs1(payload: str, year: int) -> Gs1Code | Refused | None:
    """Read an element string without identifier: whole or not at all, as any code may begin like one.

    One that begins as a pallet's or an item's does is told what is wrong with it.
    """
    if not payload[:2].isdecimal():
        return None
    code = _gs1(payload, year)
    if isinstance(code, Refused) and not _LOOKS_LIKE_GS1.match(payload):
        return None
    return code


def _item(payload: str, catalogue: Catalogue) -> ItemCode | Refused | None:
    """Find a plain code of an item, listed exactly so or as a GTIN."""
    gtin = gtin14(payload)
    listed = catalogue.by_code(payload)
    if listed is None and gtin is not None:
        listed = catalogue.by_gtin(gtin)
        # GS1 leaves the numbers that begin with 2 to every shop (restricted circulation).
        if listed is None and len(payload) >= 13 and gtin.startswith("02"):
            return Refused(
                "unknown_code", f"{payload} begins with 2: a shop's own number, not in the catalogue."
            )
    return None if listed is None and gtin is None else ItemCode(payload, gtin, listed)


def _wrong_gtin(payload: str) -> Refused | None:
    """Refuse digits as long as a GTIN: read as GS1 elements, a misread EAN would be an order or a lot."""
    if len(payload) not in _GTIN_LENGTHS or not payload.isdecimal():
        return None
    right = check_digit(payload[:-1])
    return Refused("check_digit", f"GTIN check digit is wrong: the last digit should be {right}.")


def _bad_character(text: str) -> str:
    if not text:
        return "The scan is empty."
    bad = next(character for character in text if not _CHARACTERS.fullmatch(character))
    return f"The code has a character that no code may have, {visible(bad)}. Check the scanner's set-up."


_CHARACTERS = re.compile(r"[\x1d\x20-\x7e]+")
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # ISO/IEC 15424: ], the symbology's letter, a modifier
_GS1_SYMBOLS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})  # General Specifications 5.1
_TRADE_SYMBOLS = frozenset({"]E", "]I"})  # EAN/UPC and ITF: other symbols hold any number of eight digits
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_LOOKS_LIKE_GS1 = re.compile(r"0[0-2][0-9]{14}")
