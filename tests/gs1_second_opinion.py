"""Two GS1 parsers that are not ours, and every difference to them that is known.

biip's own parser (our reader takes only its table of identifiers), and zxing-cpp, whose HRI text is a parse of
what a symbol holds. A difference that no rule here names is a mistake, of ours or of theirs: to be looked into.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import zxingcpp
from biip import ParseError
from biip.gs1_messages import GS1Message

from config.settings import Codes
from edge.domain.codes import Code, CodeReader, Gs1Code, NoCatalogue, Refused
from edge.domain.gs1_links import is_address
from tests.gs1_messages import TABLE

GS = "\x1d"
READER = CodeReader(Codes())

UNDRAWN = frozenset({"235"})
"""Elements behind which zint, that zxing-cpp draws with, leaves the separator out: the symbol says something else."""

Elements = tuple[tuple[str, str], ...]


def read(text: str) -> Code:
    # As of today and not of a fixed day: biip judges dates by the clock.
    return READER.read(text, NoCatalogue(), today=datetime.now(UTC).date().isoformat())


@dataclass(frozen=True, slots=True)
class Opinions:
    """A message as both read it; None where one refuses it."""

    payload: str
    ours: Elements | None
    biips: Elements | None
    reason: str
    """Why we refuse it, or empty."""


@dataclass(frozen=True, slots=True)
class Known:
    """A difference to biip that is meant, and why."""

    reason: str
    holds: Callable[[Opinions], object]


def difference(payload: str) -> str | None:
    """Hold our reading against biip's; a sentence where they differ and no rule says why."""
    said = opinions(payload)
    if said.ours == said.biips or any(known.holds(said) for known in KNOWN):
        return None
    ours = said.ours or said.reason
    return f"{payload!r}: we say {ours}, biip {said.biips}, and no known difference explains it."


def opinions(payload: str) -> Opinions:
    """Have both read a message, without AIM identifier."""
    code = read("]C1" + payload)
    return Opinions(
        payload,
        ours=code.elements.others if isinstance(code, Gs1Code) else None,
        biips=_biips(payload),
        reason=code.reason if isinstance(code, Refused) else "",
    )


def symbol_difference(elements: Elements) -> str | None:
    """Draw elements as a GS1 DataMatrix and hold our reading of it against zxing-cpp's; None if they are one."""
    if any(ai in UNDRAWN for ai, _ in elements[:-1]):
        return None
    seen = drawn(elements)
    code = read(seen.symbology_identifier + seen.bytes.decode("latin-1"))
    if isinstance(code, Refused) and _is_typed(code.reason):
        return None
    ours = code.elements.others if isinstance(code, Gs1Code) else None
    hri = "".join(f"({ai}){value}" for ai, value in ours or ())
    if ours == elements and seen.text == hri:
        return None
    return f"{elements}: we read {ours or code} off the symbol, zxing-cpp {seen.text}."


def drawn(elements: Elements) -> zxingcpp.Barcode:
    """Draw elements and read the picture; its `text` is zxing-cpp's HRI."""
    content = "".join(f"[{ai}]{value}" for ai, value in elements)
    # Square: a rectangular one with FNC1 may be an extended one, which has another identifier (]d8).
    symbol = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    (seen,) = zxingcpp.read_barcodes(symbol.to_image(), text_mode=zxingcpp.TextMode.HRI)
    return seen


def _biips(payload: str) -> Elements | None:
    try:
        message = GS1Message.parse(payload.removeprefix(GS))
    except ParseError:
        return None
    # An element whose number is wrong is no error to biip: it stands beside it.
    if any(one.gtin_error or one.sscc_error or one.gln_error for one in message.element_strings):
        return None
    return tuple((one.ai.ai, one.value) for one in message.element_strings)


def _is_empty(said: Opinions) -> bool:
    return said.biips == () and said.ours is None


def _repeats(said: Opinions) -> bool:
    folded = tuple(dict.fromkeys(said.biips or ()))
    if len(dict(folded)) < len(folded):
        return said.ours is None
    return folded != said.biips and said.ours == folded


def _has_stray_space(said: Opinions) -> bool:
    """Tell whether separators stand side by side, or spaces at an end or before its separator, and we refuse that."""
    has_space = said.payload.strip(GS) != said.payload.strip(GS + " ")
    return said.ours is None and (GS + GS in said.payload or has_space)


def _runs_on(said: Opinions) -> bool:
    """Tell whether biip went on behind an element that needs a separator and has none, and we refuse that."""
    rest = said.payload.strip().removeprefix(GS)
    for ai, value in said.biips or ():
        rest = rest.removeprefix(ai + value)
        if rest and rest[0] != GS and TABLE[ai].separator_required:
            return said.ours is None
        rest = rest.lstrip(GS)
    return False


def _has_bad_content(said: Opinions) -> bool:
    """Tell whether biip took an element whose content it does not check, and which we refuse alone too."""
    return said.ours is None and any(
        _CONTENT.fullmatch(ai) and isinstance(read(f"]C1{ai}{value}"), Refused)
        for ai, value in said.biips or ()
    )


def _types_a_separator(said: Opinions) -> bool:
    """Tell whether a text stands in the place of the separator: biip takes it for a part of a lot."""
    return said.ours is None and _is_typed(said.reason)


def _is_typed(reason: str) -> bool:
    return reason.startswith("The scanner types ")


def _is_link(said: Opinions) -> bool:
    """Tell whether it is a web address, which biip reads elsewhere."""
    return said.biips is None and is_address(said.payload)


def _has_two_dates(said: Opinions) -> bool:
    return said.biips is None and any(ai == "7007" and len(value) == 12 for ai, value in said.ours or ())


_CONTENT = re.compile(
    # Numbers with a check digit other than GTIN, SSCC and GLN; pieces of a total.
    "253|255|402|8003|8006|8017|8018|8026"
    # A day 00 where there must be one, a time that is none, a date of eight digits.
    "|4324|4325|4326|7003|7006|7007|7011|8008|7250|7251"
    # At least one digit; no zero first.
    "|30|7004|8011"
    # Countries and currencies of ISO 3166 and 4217, a place on earth, an IBAN.
    "|391.|393.|421|422|423|424|425|426|4307|4317|703.|4309|8007"
    # Company prefixes, pairs of check characters, lists of codes, percent-encoding.
    "|401|7023|8004|8010|8013|8014|7040|7041|7241|7252|7258|8001|43..|725[345679]|8110|8112"
)

KNOWN = (
    Known(
        "biip reads an empty message as one without elements; there is no scan in which that is meant.",
        _is_empty,
    ),
    Known("biip lists an element as often as it stands there, and takes two values of one.", _repeats),
    Known(
        "biip takes any number of separators and cuts spaces off; the standard knows one and none.",
        _has_stray_space,
    ),
    Known(
        "biip takes whatever follows the last character that fits for the next element: a lot of 20 characters "
        "and an expiry behind it, of which a misread GS would make other goods.",
        _runs_on,
    ),
    Known(
        "biip knows the format of these elements, and not what the standard asks of their content.",
        _has_bad_content,
    ),
    Known(
        "biip takes the second date of a harvest (7007, from and to) for a time of the day.", _has_two_dates
    ),
    Known("biip reads a Digital Link by a parser of its own, and we behind any identifier.", _is_link),
    Known(
        "biip takes <GS>, typed by a scanner that cannot send it, for characters of a lot.",
        _types_a_separator,
    ),
)
