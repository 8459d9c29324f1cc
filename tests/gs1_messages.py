"""Valid GS1 messages made up: any Application Identifier of biip's table, with a value that the standard allows.

The formats are read from the table, the rules of content stand here a second time and apart from `edge.domain`,
so that reader and maker are not wrong alike. Source of both: GS1 General Specifications, section 3, and the GS1
Barcode Syntax Dictionary.
"""

import calendar
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS, GS1ApplicationIdentifier

TABLE: dict[str, GS1ApplicationIdentifier] = _GS1_APPLICATION_IDENTIFIERS
"""Every Application Identifier; biip has no public name for all of them."""

# Coupons (8110, 8112) have a grammar of their own, and no warehouse scans one.
AIS = tuple(ai for ai in TABLE if ai not in {"8110", "8112"})

GS = "\x1d"
CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?" + string.ascii_uppercase + "_" + string.ascii_lowercase
MAX_MESSAGE = 250
"""Characters: a scan has 256, with its identifier and a GS before and behind."""

Below = Callable[[int], int]
"""Where chance comes from: a whole number from 0 to below that one. Hypothesis, a seed or a fuzzer's bytes."""

Element = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    """What went in, and the same as a scanner sends it, without AIM identifier."""

    elements: tuple[Element, ...]
    payload: str


def message(below: Below, *, at_most: int = 6) -> Message:
    """Make a message of different elements in any order; behind one of fixed length a GS may stand or not."""
    elements: list[Element] = []
    payload = ""
    needs_separator = False
    for _ in range(1 + below(at_most)):
        ai = _any_ai(below)
        value = value_of(ai, below)
        if any(ai == other for other, _ in elements) or len(payload) + len(ai + value) + 1 > MAX_MESSAGE:
            continue
        separator = GS if needs_separator or (elements and below(4) == 0) else ""
        payload += separator + ai + value
        elements.append((ai, value))
        needs_separator = TABLE[ai].separator_required
    # At the end too a separator may stand (General Specifications 7.8.6).
    return Message(tuple(elements), payload + (GS if below(8) == 0 else ""))


def value_of(ai: str, below: Below) -> str:
    """Make a value that an AI may have."""
    if (maker := _MAKERS.get(ai)) is not None:
        return maker(below)
    return "".join(
        _characters(
            _KINDS[kind], below, least=int(length or 0) or (0 if is_optional else 1), most=int(length or most)
        )
        for is_optional, kind, length, most in _parts(TABLE[ai].format.partition("+")[2])
    )


def digit_behind(digits: str) -> str:
    """Compute the check digit behind digits, as the General Specifications do by hand (7.9.1)."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _any_ai(below: Below) -> str:
    """Choose one: of what a warehouse sees most of the time, else of all."""
    return _OFTEN[below(len(_OFTEN))] if below(3) else AIS[below(len(AIS))]


def _parts(form: str) -> list[tuple[bool, str, str, str]]:
    """Take a format apart, such as `N3+X..9` or `N13[+X..17]`: may it be left out, kind, length, most."""
    found = re.findall(r"(\[?)\+?([NXYZ])(?:(\d+)|\.\.(\d+))\]?", form)
    return [(bool(bracket), kind, length, most) for bracket, kind, length, most in found]


def _characters(allowed: str, below: Below, *, least: int, most: int) -> str:
    return "".join(allowed[below(len(allowed))] for _ in range(least + below(most - least + 1)))


def _digits(count: int) -> Callable[[Below], str]:
    return lambda below: _characters(string.digits, below, least=count, most=count)


def _text(least: int, most: int) -> Callable[[Below], str]:
    return lambda below: _characters(CSET_82, below, least=least, most=most)


def _encoded(most: int) -> Callable[[Below], str]:
    """Text in which % stands only before two hexadecimal digits (rule pcenc)."""

    def make(below: Below) -> str:
        text = _characters(CSET_82.replace("%", ""), below, least=1, most=most)
        return text[:-3] + "%2C" if len(text) > 3 and below(4) == 0 else text

    return make


def _checked(count: int) -> Callable[[Below], str]:
    """Digits of which the last is right."""

    def make(below: Below) -> str:
        digits = _digits(count - 1)(below)
        return digits + digit_behind(digits)

    return make


def _date(below: Below) -> str:
    year, month = below(100), 1 + below(12)
    # Of 1900 or 2000, both within reach, only one has a 29 February: none is made in a year 00.
    last = calendar.monthrange(2000 + year if year else 1900, month)[1]
    return f"{year:02}{month:02}{1 + below(last):02}"


def _date_or_month(below: Below) -> str:
    """A date of which the day may be left out, as 00."""
    date = _date(below)
    return date[:4] + "00" if below(4) == 0 else date


def _full_date(below: Below) -> str:
    return f"{19 + below(2)}{_date(below)}"


def _time(below: Below) -> str:
    return f"{below(24):02}{below(60):02}"


def _joined(*makers: Callable[[Below], str]) -> Callable[[Below], str]:
    return lambda below: "".join(maker(below) for maker in makers)


def _one_of(*values: str) -> Callable[[Below], str]:
    return lambda below: values[below(len(values))]


def _optional(maker: Callable[[Below], str]) -> Callable[[Below], str]:
    return lambda below: maker(below) if below(2) else ""


def _repeated(maker: Callable[[Below], str], most: int) -> Callable[[Below], str]:
    return lambda below: "".join(maker(below) for _ in range(1 + below(most)))


def _piece_of_total(below: Below) -> str:
    total = 1 + below(99)
    return f"{1 + below(total):02}{total:02}"


def _place(below: Below) -> str:
    """Latitude and longitude, each with seven decimals and counted from -90 and -180 degrees."""
    return f"{below(1_800_000_001):010}{below(3_600_000_001):010}"


def _roll(below: Below) -> str:
    return f"{1 + below(9999):04}{1 + below(99999):05}{1 + below(999):03}{below(2)}{'0123456789'[below(10)]}"


_KINDS = {
    "N": string.digits,
    "X": CSET_82,
    "Y": "#-/" + string.digits + string.ascii_uppercase,
    "Z": "-_" + string.digits + string.ascii_letters,
}
_COUNTRY = _one_of("276", "056", "250", "756", "840", "004", "894")
_CURRENCY = _one_of("978", "840", "826", "392")
_COMPANY = _digits(7)
_MAKERS: dict[str, Callable[[Below], str]] = {
    **{"00": _checked(18), "01": _checked(14), "02": _checked(14), "03": _checked(14)},
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), _date_or_month),
    "253": _joined(_checked(13), _optional(_text(1, 17))),
    "255": _joined(_checked(13), _optional(_digits(12))),
    **dict.fromkeys((f"391{n}" for n in range(10)), _joined(_CURRENCY, _digits(9))),
    **dict.fromkeys((f"393{n}" for n in range(10)), _joined(_CURRENCY, _digits(9))),
    "401": _joined(_COMPANY, _text(1, 23)),
    "402": _checked(17),
    **dict.fromkeys((f"41{n}" for n in range(8)), _checked(13)),
    "421": _joined(_COUNTRY, _text(1, 9)),
    **dict.fromkeys(("422", "424", "426"), _COUNTRY),
    **dict.fromkeys(("423", "425"), _repeated(_COUNTRY, 5)),
    **dict.fromkeys(("4300", "4301", "4310", "4311", "4320"), _encoded(35)),
    **dict.fromkeys(
        ("4302", "4303", "4304", "4305", "4306", *(f"43{n}" for n in range(12, 17))), _encoded(70)
    ),
    **dict.fromkeys(("4307", "4317"), _one_of("DE", "FR", "US", "ZW")),
    "4309": _place,
    **dict.fromkeys(("4321", "4322", "4323"), _one_of("0", "1")),
    **dict.fromkeys(
        ("4324", "4325"), _joined(_date_or_month, lambda below: _time(below) if below(3) else "9999")
    ),
    **dict.fromkeys(("4326", "7006"), _date),
    **dict.fromkeys(("4330", "4331", "4332", "4333"), _joined(_digits(6), _one_of("", "-"))),
    "7003": _joined(_date, _time),
    "7004": _joined(_one_of(*"123456789"), _optional(_digits(3))),
    "7007": _joined(_date, _optional(_date)),
    "7011": _joined(_date, _optional(_time)),
    "7023": _joined(_COMPANY, _text(1, 23)),
    **dict.fromkeys((f"703{n}" for n in range(10)), _joined(_COUNTRY, _text(1, 27))),
    "7040": _joined(_digits(1), _text(2, 2), _one_of(*_KINDS["Z"])),
    "7041": _one_of("BX", "CT", "PX"),
    "7241": _one_of("01", "07", "10", "80", "99"),
    "7250": _full_date,
    "7251": _joined(_full_date, _time),
    "7252": _one_of(*"0129"),
    **dict.fromkeys(("7253", "7254", "7259"), _encoded(40)),
    "7255": _encoded(10),
    "7256": _encoded(90),
    "7257": _encoded(70),
    "7258": _one_of("1/1", "1/2", "3/3"),
    "8001": _roll,
    "8003": _joined(lambda _: "0", _checked(13), _optional(_text(1, 16))),
    "8004": _joined(_COMPANY, _text(1, 23)),
    **dict.fromkeys(("8006", "8026"), _joined(_checked(14), _piece_of_total)),
    # An IBAN and two model numbers with their check characters, as the standards' own texts have them.
    "8007": _one_of("GB82WEST12345698765432", "DE89370400440532013000"),
    "8008": _joined(_date, lambda below: f"{below(24):02}", _optional(lambda below: _time(below)[2:])),
    "8010": _joined(_COMPANY, lambda below: _characters(_KINDS["Y"], below, least=1, most=23)),
    "8011": _joined(_one_of(*"123456789"), _optional(_digits(11))),
    **dict.fromkeys(("8013", "8014"), _one_of("1987654Ad4X4bL5ttr2310c2K")),
    **dict.fromkeys(("8017", "8018"), _checked(18)),
    "8043": _joined(_digits(18), _one_of("", "1", "12")),
}
_OFTEN: Sequence[str] = (
    "00",
    "01",
    "02",
    "10",
    "11",
    "15",
    "17",
    "21",
    "30",
    "37",
    "3103",
    "3932",
    "400",
    "91",
)
