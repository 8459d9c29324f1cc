"""GS1: element strings and the numbers in them, read strictly or refused with a reason.

biip knows the format of every Application Identifier (AI); `gs1_rules` checks contents, `gs1_links` reads
Digital Links. Which scans are GS1 at all is `codes`' to say.

biip's own parser is left aside: it takes an element twice, looks for AIs one by one (a label with a serial
would cost 0.3 ms instead of 0.05), and judges dates by its own clock, not by the day of the scan.
"""

import calendar
import re
from dataclasses import dataclass
from functools import lru_cache

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier

from edge.domain import gs1_rules
from edge.domain.printable import visible

GS = "\x1d"
"""What a scanner sends for FNC1 between two elements (General Specifications 7.8)."""

LOST = "Have the scanner send GS (0x1D), or name what it sends as gs in the configuration."
"""What mends a scanner that leaves the separators out."""

AGAIN = "Scan again, or the item's plain code."
"""What a picker does about a label that is wrong."""


class Gs1Error(ValueError):
    """A message that breaks the standard. The text is for the picker; `why` is from the closed list."""

    def __init__(self, text: str, why: str = "bad_gs1") -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True, slots=True)
class Elements:
    """What a GS1 message says, values as on the label; None where it says nothing.

    `gtin` (AI 01) and `content` (02) have 14 digits. `expiry` is an ISO date out of 17, or of 15 where there
    is no 17. `count` is 37, `variable_count` 30, `purchase_order` 400 and `label` 91. `others` has every
    element as read, in its order, those with a field of their own too.
    """

    sscc: str | None = None
    gtin: str | None = None
    content: str | None = None
    lot: str | None = None
    expiry: str | None = None
    serial: str | None = None
    count: int | None = None
    variable_count: int | None = None
    purchase_order: str | None = None
    label: str | None = None
    others: tuple[tuple[str, str], ...] = ()


def read_message(payload: str, year: int) -> Elements:
    """Read an element string, without AIM identifier, as of a year; raises Gs1Error.

    >>> read_message("010950600013435210AB-123" + GS + "17261200", 2026).expiry
    '2026-12-31'
    """
    try:
        return _read(payload, year)
    except _NoEndError as error:
        raise Gs1Error(_no_end(error, year, is_separated=GS in payload)) from None


def try_message(payload: str, year: int) -> Elements | None:
    """Read an element string where nobody asks what is wrong with it; None if it is none."""
    try:
        return _read(payload, year)
    except (Gs1Error, _NoEndError):
        return None


class _NoEndError(Exception):
    """Behind the longest value an element may have there is more, and no separator between them."""

    def __init__(self, ai: GS1ApplicationIdentifier, value: str, rest: str) -> None:
        super().__init__(ai.ai)
        self.ai = ai
        self.value = value
        self.rest = rest


def _read(payload: str, year: int) -> Elements:
    rest = payload.removeprefix(GS)
    if not rest:
        raise Gs1Error("The GS1 code is empty. Scan again.")
    found: dict[str, str] = {}
    while rest:
        form, value = _first_element(rest)
        ai = form.ai.ai
        rest = rest[len(ai) + len(value) :]
        if rest and rest[0] != GS and form.ai.separator_required:
            raise _NoEndError(form.ai, value, rest)
        # One separator may stand behind any element, at the end too (General Specifications 7.8.6).
        rest = rest.removeprefix(GS)
        check_element(ai, value, year)
        if found.setdefault(ai, value) != value:
            raise Gs1Error(f"The code names two for {named(ai)}: {found[ai]} and {value}. {AGAIN}")
    return elements_of(found, year)


def check_element(ai: str, value: str, year: int) -> None:
    """Check the content of an element whose format is right; raises Gs1Error."""
    if (end := _CHECK_DIGIT_AT.get(ai)) is not None:
        number = value[1:end] if ai == "8003" else value[:end]
        right = check_digit(number[:-1])
        if number[-1] != right:
            name, which = (_NUMBERS[ai], "the last digit") if ai in _NUMBERS else ("The", f"digit {end}")
            raise Gs1Error(
                f"{name} check digit is wrong in ({ai}): {which} should be {right}.", "check_digit"
            )
    if fault := gs1_rules.fault(ai, value):
        raise Gs1Error(f"{_beginning(ai)} is wrong: {fault}, got {value or 'nothing'}. {AGAIN}")
    for start in _DATES_AT.get(ai, ()):
        date = value[start : start + 6]
        # Only in these may the day be left out, as 00 (General Specifications, AI 11 to 17).
        if date and (iso_date(date, year) is None or (date[4:] == "00" and ai not in _DAY_OPTIONAL)):
            raise Gs1Error(f"{_beginning(ai)} is wrong: {date} is no date (year, month, day). {AGAIN}")


def elements_of(found: dict[str, str], year: int) -> Elements:
    """Name the elements that we use; all have been checked."""
    expiry = found.get("17", found.get("15"))
    return Elements(
        sscc=found.get("00"),
        gtin=found.get("01"),
        content=found.get("02"),
        lot=found.get("10"),
        expiry=None if expiry is None else iso_date(expiry, year),
        serial=found.get("21"),
        count=int(found["37"]) if "37" in found else None,
        variable_count=int(found["30"]) if "30" in found else None,
        purchase_order=found.get("400"),
        label=found.get("91"),
        others=tuple(found.items()),
    )


def format_fault(ai: str, value: str) -> str | None:
    """Say why a value, standing alone, has not the length or the characters of an AI; None if it has.

    >>> format_fault("17", "2612"), format_fault("89", "1"), format_fault("17", "261231")
    ('it takes 6 digits', 'GS1 knows no such number', None)
    """
    form = _form(ai)
    if form is None:
        return "GS1 knows no such number"
    return None if form.beginning.fullmatch(ai + value) else _needs(form.ai)


def check_digit(digits: str) -> str:
    """Compute the check digit behind these digits (General Specifications 7.9.1).

    >>> check_digit("400638133393")
    '1'
    """
    return str(-(3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))) % 10)


def iso_date(yymmdd: str, year: int) -> str | None:
    """Write a GS1 date as ISO 8601, seen from a year; None if there is no such day. Day 00 ends the month.

    The century is the one nearest to the year (General Specifications 7.12).

    >>> iso_date("260200", 2026), iso_date("770101", 2026), iso_date("260230", 2026)
    ('2026-02-28', '1977-01-01', None)
    """
    yy, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    ahead = yy - year % 100
    full_year = year + ahead
    if ahead >= 51:
        full_year -= 100
    elif ahead <= -50:
        full_year += 100
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(full_year, month)[1]
    return f"{full_year:04}-{month:02}-{day or last:02}" if day <= last else None


@dataclass(frozen=True, slots=True)
class _Form:
    """An AI, and what an element of it looks like at the beginning of a message."""

    ai: GS1ApplicationIdentifier
    beginning: re.Pattern[str]


_TWO_BYTES = "|%[0-9A-Fa-f][0-9A-Fa-f]%[0-9A-Fa-f][0-9A-Fa-f]"


@lru_cache(2048)
def _form(ai: str) -> _Form | None:
    """Look an AI up, by exactly these digits."""
    try:
        known = GS1ApplicationIdentifier.extract(ai)
    except ParseError:
        return None
    if known.ai != ai:
        return None
    # biip lets a letter be written as two percent-encoded bytes, and a character beside it be the percent sign: so many
    # ways to read `%41%41` that one long value takes hours, and more characters than the element has room for.
    # What stands behind a percent sign is checked by `gs1_rules`.
    return _Form(
        known, re.compile(_PATTERNS.get(ai, known.pattern).removesuffix("$").replace(_TWO_BYTES, ""))
    )


def _first_element(rest: str) -> tuple[_Form, str]:
    """Find the first element of a message, its value without the AI; raises Gs1Error."""
    # No AI is the beginning of another, so the first that fits is the one.
    form = _form(rest[:2]) or _form(rest[:3]) or _form(rest[:4]) if rest[:2].isdecimal() else None
    if form is None:
        raise Gs1Error(f"The code is wrong at {visible(rest[:8])}: GS1 knows no such number. {AGAIN}")
    data = rest.partition(GS)[0]
    found = form.beginning.match(data)
    ai = form.ai.ai
    if found is None:
        got = visible(data[len(ai) :], 40) or "nothing"
        raise Gs1Error(f"{_beginning(ai)} is wrong: {_needs(form.ai)}, got {got}. {AGAIN}")
    return form, found[0][len(ai) :]


def _no_end(error: _NoEndError, year: int, *, is_separated: bool) -> str:
    """Say that an element does not end where it should, and what that comes of."""
    told = f"{_beginning(error.ai.ai)} does not end where it should"
    text = error.value + error.rest
    # What the value ran into begins within it, or right behind it.
    tails = (text[at:] for at in range(1, len(error.value) + 1))
    if not is_separated and (error.rest[:2].isdecimal() or any(try_message(tail, year) for tail in tails)):
        return f"{told}: the scanner probably leaves out the separator behind it. {LOST}"
    return f"{told}: {_needs(error.ai)}, got {visible(text, 40)}. {AGAIN}"


def named(ai: str) -> str:
    """Name an element as people do, with its AI as printed on the label.

    >>> named("10"), named("3103"), named("89")
    ('lot (10)', 'NET WEIGHT (kg) (3103)', '(89)')
    """
    form = _form(ai)
    name = _NAMES.get(ai) or (form.ai.data_title if form else "")
    return f"{name} ({ai})".lstrip()


def title(ai: str) -> str:
    """What GS1 calls an element, for one that it knows.

    >>> title("10"), title("3103")
    ('Batch or lot number', 'Net weight, kilograms (variable measure trade item)')
    """
    form = _form(ai)
    return form.ai.description if form else ""


def _beginning(ai: str) -> str:
    return f"The {named(ai)}"


def _needs(ai: GS1ApplicationIdentifier) -> str:
    """Say a format of the dictionary in words: N14 is 14 digits, X..20 up to 20 characters.

    >>> _needs(GS1ApplicationIdentifier.extract("10"))
    'it takes up to 20 letters, digits and signs, no space'
    """
    form = ai.format.partition("+")[2]
    kind = {"N": "digits", "X": "letters, digits and signs, no space"}.get(form[:1], "characters")
    if form[1:].isdigit():
        return f"it takes {form[1:]} {kind}" if form != "N1" else "it takes one digit"
    if form[1:3] == ".." and form[3:].isdigit():
        return f"it takes up to {form[3:]} {kind}"
    return f"GS1 gives it another form, {form}"


_PATTERNS = {"8010": r"^8010([0-9A-Z/#-]{1,30})$"}
"""Where biip 5.2 asks for more than the GS1 Barcode Syntax Dictionary: a CPID has not five characters at least."""

_CHECK_DIGIT_AT = {
    # AI: where the number with the check digit ends. GS1 Barcode Syntax Dictionary, rule csum.
    **{"00": 18, "01": 14, "02": 14, "03": 14, "253": 13, "255": 13, "402": 17},
    **{f"41{n}": 13 for n in range(8)},
    **{"8003": 14, "8006": 14, "8017": 18, "8018": 18, "8026": 14},
}
_NAMES = {
    **{"00": "SSCC", "01": "GTIN", "02": "GTIN", "10": "lot", "11": "production date", "12": "due date"},
    **{"13": "packing date", "15": "best-before date", "16": "sell-by date", "17": "expiry", "21": "serial"},
    **{"30": "count", "37": "count", "400": "purchase order"},
}
_NUMBERS = {"00": "SSCC", "01": "GTIN", "02": "GTIN", "03": "GTIN", **{f"41{n}": "GLN" for n in range(8)}}

_DAY_OPTIONAL = frozenset({"11", "12", "13", "15", "16", "17", "4324", "4325"})
_DATES_AT = {
    # AI: where its dates of six digits begin. GS1 Barcode Syntax Dictionary, rules yymmd0 and yymmdd.
    **dict.fromkeys(_DAY_OPTIONAL, (0,)),
    **dict.fromkeys(("4326", "7003", "7006", "7011", "8008"), (0,)),
    "7007": (0, 6),
}
