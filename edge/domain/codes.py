"""What a scan is: GS1, a code of the site, an item's plain code, or refused with a reason (contract 3).

Pure reading. Whether an item, place or order is there, and what the scan does, is the engine's. The elements
of GS1 are `gs1`'s, plain digits `plain_codes`', the site's patterns `site_codes`'.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from config.settings import Codes
from edge.domain import gs1_separators, plain_codes
from edge.domain.gs1 import GS, Elements, Gs1Error, read_message, try_message
from edge.domain.gs1_links import is_address, read_link
from edge.domain.plain_codes import gtin14
from edge.domain.printable import SUB, visible
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
    "NoCatalogue",
    "Reading",
    "Refused",
    "SiteCode",
    "SiteKind",
    "Step",
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


class NoCatalogue:
    """A catalogue that lists nothing: of a node that has no ledger yet, and where only the site's codes matter."""

    def by_code(self, code: str) -> Listed | None:  # noqa: ARG002
        return None

    def by_gtin(self, gtin14: str) -> Listed | None:  # noqa: ARG002
        return None

    def by_sku(self, sku: str) -> bool:  # noqa: ARG002
        return False


@dataclass(frozen=True, slots=True)
class Gs1Code:
    """A valid GS1 element string or Digital Link; whether it names anything of use is the engine's to see."""

    elements: Elements
    note: str = ""
    """A sentence for people where it is probably not what was printed; whoever books goods by it asks to look."""


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


class Step(StrEnum):
    """By what a scan was read: the contract's order, and what comes before and after it."""

    LINE = "line"
    """Refused before it was looked into: its characters, its length, its identifier."""
    LINK = "link"
    IDENTIFIER = "identifier"
    SEPARATOR = "separator"
    SITE = "site"
    CATALOGUE = "catalogue"
    GTIN = "gtin"
    ELEMENTS = "elements"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """A scan taken apart: AIM identifier (None without), what stands behind it, and what it is by which step."""

    symbol: str | None
    payload: str
    step: Step
    code: Code


class CodeReader:
    """Reads scans at one site. Raises ValueError, a sentence, for patterns of the site that cannot be used."""

    def __init__(self, patterns: Codes) -> None:
        self._patterns = SitePatterns(patterns)

    def read(self, text: str, catalogue: Catalogue, *, today: str) -> Code:
        """Say what a scan is; `text` is its bytes as Latin-1 without the line's end, `today` an ISO date."""
        return self.explain(text, catalogue, today=today).code

    def explain(self, text: str, catalogue: Catalogue, *, today: str) -> Reading:
        """Read a scan, and say by which step; the steps before it found nothing."""
        symbol, payload = _parted(text)
        for step, code in self._steps(text, symbol, payload, catalogue, today):
            if code is not None:
                return Reading(symbol, payload, step, code)
        refused = Refused("unknown_code", f"{payload[:40]} is no GTIN, and not in the catalogue. {_ANOTHER}")
        return Reading(symbol, payload, Step.NOTHING, refused)

    def _steps(
        self, text: str, symbol: str | None, payload: str, catalogue: Catalogue, today: str
    ) -> Iterator[tuple[Step, Code | None]]:
        """Try one after the other, only as far as is asked for."""
        yield Step.LINE, _unreadable(text, symbol, payload)
        # First of the ways to be GS1, as no element begins with a letter: so it is found behind any identifier.
        yield Step.LINK, _link(payload, int(today[:4])) if is_address(payload) else None
        yield Step.IDENTIFIER, _gs1(payload, today) if symbol in _GS1_SYMBOLS else None
        yield Step.SEPARATOR, _separated(symbol, payload, today) if GS in payload else None
        yield Step.SITE, self._of_the_site(payload)
        yield Step.CATALOGUE, _listed(payload, catalogue)
        yield Step.GTIN, _gtin(payload, symbol, catalogue)
        # The identifier decides: behind one that is not of GS1 there are no elements.
        yield Step.ELEMENTS, _unmarked_gs1(payload, today) if symbol is None else None

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


def _parted(text: str) -> tuple[str | None, str]:
    """Part the AIM identifier from what it announces.

    Of an EAN/UPC with a composite symbol the linear part stands in front, and is the GTIN of its elements.
    """
    identifier = _AIM.match(text)
    if identifier is None:
        return None, text
    if composite := _COMPOSITE.match(text):
        return "]e0", f"01{composite[1]:0>14}{text[composite.end() :]}"
    return identifier[0], text[3:]


def _unreadable(text: str, symbol: str | None, payload: str) -> Refused | None:
    if len(text) > MAX_LENGTH:
        return Refused("too_long", f"The code is longer than {MAX_LENGTH} characters. Scan one code.")
    if not _CHARACTERS.fullmatch(text):
        return Refused("bad_code", _bad_character(text))
    if symbol is None:
        return None
    if _AIM.match(payload):
        return Refused("bad_code", f"Two AIM identifiers in front, {text[:6]}. Check the scanner's set-up.")
    if not payload and symbol not in _GS1_SYMBOLS:
        return Refused("bad_code", f"The scanner sent {text} and no code behind it. Scan again.")
    return None


def _gs1(payload: str, today: str) -> Gs1Code | Refused:
    """Read elements that an identifier or a separator announces."""
    year = int(today[:4])
    text = gs1_separators.typed(payload)
    try:
        elements = read_message(payload, year)
    except Gs1Error as error:
        if text and try_message(payload.replace(text, GS), year):
            return Refused("bad_gs1", gs1_separators.mend(text))
        return Refused(error.why, str(error))
    if text and gs1_separators.is_name(text):
        # All of its characters may stand in a lot, but nobody has a lot of that name.
        return Refused("bad_gs1", gs1_separators.mend(text))
    return Gs1Code(elements, gs1_separators.lost(payload, elements, today))


def _separated(symbol: str | None, payload: str, today: str) -> Gs1Code | Refused:
    if symbol is None:
        return _gs1(payload, today)
    return Refused(
        "bad_code",
        f"The code holds <GS>, and its symbol, {symbol}, is none of GS1. Scan the item's plain code.",
    )


def _link(payload: str, year: int) -> Gs1Code | Refused | None:
    try:
        elements = read_link(payload, year)
    except Gs1Error as error:
        return Refused(error.why, str(error))
    return None if elements is None else Gs1Code(elements)


def _unmarked_gs1(payload: str, today: str) -> Gs1Code | Refused | None:
    """Read elements without identifier: whole or not at all, as any code may begin like them.

    One that begins as a pallet's or an item's does is told what is wrong with it, and one that holds the
    separator's name what is wrong with the scanner.
    """
    if not _BEGINS_LIKE_ELEMENTS.match(payload):
        return None
    code = _gs1(payload, today)
    if isinstance(code, Refused) and not _LOOKS_LIKE_GS1.match(payload):
        return code if gs1_separators.is_name(gs1_separators.typed(payload)) else None
    return code


def _listed(payload: str, catalogue: Catalogue) -> ItemCode | None:
    listed = catalogue.by_code(payload)
    return None if listed is None else ItemCode(payload, gtin14(payload), listed)


def _gtin(payload: str, symbol: str | None, catalogue: Catalogue) -> ItemCode | Refused | None:
    gtin = gtin14(payload)
    if gtin is None:
        wrong = plain_codes.fault(payload, symbol)
        return None if wrong is None else Refused(*wrong)
    listed = catalogue.by_gtin(gtin)
    # GS1 leaves the numbers that begin with 2 to every shop (restricted circulation).
    if listed is None and len(payload) >= 13 and gtin.startswith("02"):
        return Refused(
            "unknown_code",
            f"{payload} begins with 2: a shop's own number, not in the catalogue. {_ANOTHER}",
        )
    return ItemCode(payload, gtin, listed)


def _bad_character(text: str) -> str:
    if not text:
        return "The scan is empty. Scan again."
    if SUB in text:
        return (
            f"Part of the code was lost on its way, {visible(SUB)}. Scan again; if it stays so, see that prefix, "
            "suffix and layout of this scanner are in the configuration as they are in its set-up."
        )
    bad = next(character for character in text if not _CHARACTERS.fullmatch(character))
    return f"The code has a character that no code may have, {visible(bad)}. Check the scanner's set-up."


_ANOTHER = "Scan another code of it, or tell the office."
_CHARACTERS = re.compile(r"[\x1d\x20-\x7e]+")
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")  # ISO/IEC 15424: ], the symbology's letter, a modifier
_GS1_SYMBOLS = frozenset({"]C1", "]e0", "]e1", "]e2", "]d2", "]Q3", "]J1"})  # General Specifications 5.1
_COMPOSITE = re.compile(r"\]E[0-4]([0-9]{8}|[0-9]{12,13})\|?\]e[0-2]")
_BEGINS_LIKE_ELEMENTS = re.compile(r"[0-9]{2}|[<{\[\\^]")
_LOOKS_LIKE_GS1 = re.compile(r"0[0-2][0-9]{14}")
