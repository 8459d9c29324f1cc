"""Separators that a scanner typed or left out: refused with the remedy, or told where it cannot be known."""

import pytest

from config.settings import Codes
from edge.domain.codes import CodeReader, Gs1Code, Refused
from edge.domain.gs1 import GS
from tests.catalogues import Shelf

GTIN = "09506000134352"
SSCC = "106141412345678908"
READER = CodeReader(Codes())
MEND = "Have the scanner send GS (0x1D), or name what it sends as gs in the configuration."


def read(text: str, today: str = "2026-11-21") -> object:
    return READER.read(text, Shelf(), today=today)


def note(text: str, today: str = "2026-11-21") -> str:
    code = read(text, today)
    assert isinstance(code, Gs1Code), code
    return code.note


@pytest.mark.parametrize("symbol", ["", "]C1", "]d2", "]e0"])
@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("<GS>", '"<GS>"'),
        ("<gs>", '"<gs>"'),
        ("<FNC1>", '"<FNC1>"'),
        ("<0x1D>", '"<0x1D>"'),
        ("{GS}", '"{GS}"'),
        ("{FNC1}", '"{FNC1}"'),
        ("[GS]", '"[GS]"'),
        ("[FNC1]", '"[FNC1]"'),
        ("^]", '"^]"'),
        (r"\x1d", r"'\x1d'"),
        (r"\u001d", r"'\u001d'"),
        ("|", '"|"'),
        ("~", '"~"'),
        ("#", '"#"'),
    ],
)
def test_a_text_in_the_separator_s_place_is_refused_and_named(symbol: str, text: str, quoted: str) -> None:
    sentence = (
        f"The scanner types {text} for the separator: set gs = {quoted} for this scanner in the configuration,"
        " then scan again."
    )

    assert read(f"{symbol}01{GTIN}10AB{text}17261231") == Refused("bad_gs1", sentence)


def test_a_space_in_the_separator_s_place_is_named_in_words() -> None:
    assert read(f"01{GTIN}10AB 17261231") == Refused(
        "bad_gs1",
        'The scanner types a space for the separator: set gs = " " for this scanner in the configuration,'
        " then scan again.",
    )


@pytest.mark.parametrize(
    "text", [f"<GS>01{GTIN}10AB", "10AB<GS>21B", f"]C1<GS>01{GTIN}", f"]C110A<GS>01{GTIN}"]
)
def test_a_named_separator_is_seen_wherever_it_stands(text: str) -> None:
    code = read(text)

    assert isinstance(code, Refused)
    assert code.reason.startswith("The scanner types <GS> for the separator:")


def test_what_is_wrong_besides_a_typed_separator_is_said_first() -> None:
    code = read(f"01{GTIN}10AB{{GS}}17260230")

    assert isinstance(code, Refused)
    assert code.reason.startswith("The lot (10) does not end where it should: it takes up to 20")


def test_a_sign_that_belongs_to_a_value_is_no_separator() -> None:
    assert isinstance(read("]C180101234AB#/-1"), Gs1Code)


@pytest.mark.parametrize("text", ["AB<GS>CD", "1|2", "12 A", "<B>", "90A|B C"])
def test_a_code_of_another_kind_is_not_held_to_be_gs1(text: str) -> None:
    code = read(text)

    assert isinstance(code, Refused)
    assert code.why == "unknown_code"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"01{GTIN}10ABCDEFGHIJKLMNOPQRS17261231", "lot (10)"),
        (f"]C101{GTIN}21{'9' * 18}17261231", "serial (21)"),
        (f"02{GTIN}372410AB", "count (37)"),
        (f"02{GTIN}37241726123110L7", "count (37)"),
        (f"]C1400{'P' * 28}00{SSCC}", "purchase order (400)"),
        (f"01{GTIN}21S11726123110LOTLOTLOT", "serial (21)"),
    ],
)
def test_a_value_that_runs_into_the_next_tells_of_the_lost_separator(text: str, named: str) -> None:
    assert read(text) == Refused(
        "bad_gs1",
        f"The {named} does not end where it should: the scanner probably leaves out the separator behind it. {MEND}",
    )


def test_a_scanner_that_sends_separators_is_not_told_to() -> None:
    code = read(f"01{GTIN}{GS}10{'A' * 17}17261231")

    assert isinstance(code, Refused)
    assert (
        "it takes up to 20 letters, digits and signs, no space, got AAAAAAAAAAAAAAAAA17261231." in code.reason
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"01{GTIN}10AB1217261231", ("lot (10) AB12", "AB1217261231", "expiry (17) 261231")),
        (f"]d201{GTIN}21S115270200", ("serial (21) S1", "S115270200", "best-before date (15) 270200")),
        (f"01{GTIN}10X11261101", ("lot (10) X", "X11261101", "production date (11) 261101")),
        (f"01{GTIN}10X13261101", ("lot (10) X", "X13261101", "packing date (13) 261101")),
        (
            f"01{GTIN}10X17261231{21}S1",
            ("lot (10) X", "X1726123121S1", "expiry (17) 261231, serial (21) S1"),
        ),
        (f"]C110AB1201{GTIN}", ("lot (10) AB12", f"AB1201{GTIN}", f"GTIN (01) {GTIN}")),
        (f"400PO-100{SSCC}", ("purchase order (400) PO-1", f"PO-100{SSCC}", f"SSCC (00) {SSCC}")),
        (f"02{GTIN}37241012", ("count (37) 24", "241012", "lot (10) 12")),
        (f"01{GTIN}3012217", ("count (30) 12", "12217", "serial (21) 7")),
    ],
)
def test_a_value_that_ends_as_elements_is_taken_and_told(text: str, told: tuple[str, str, str]) -> None:
    named, value, more = told

    assert note(text) == (
        f"Is the {named}? It was read as {value}, which ends as {more} does:"
        f" the scanner may leave out separators. {MEND}"
    )


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}10AB12",
        f"01{GTIN}10X2617261231{GS}",
        f"01{GTIN}1726123110AB1217261231",
        f"01{GTIN}10AB1217261331",
        f"01{GTIN}10AB1217991231",
        f"01{GTIN}10AB1217251120",
        f"01{GTIN}10AB1217361122",
        f"01{GTIN}10AB1211261122",
        f"01{GTIN}10AB1211211120",
        f"01{GTIN}1017261231",
        f"01{GTIN}10AB1201{GTIN}",
        "10AB120109506000134353",
        f"01{GTIN}91AB1217261231",
        f"02{GTIN}3711000",
        f"02{GTIN}371012",
        f"02{GTIN}37123456",
        f"02{GTIN}10A{GS}37241012",
        f"https://example.com/01/{GTIN}/10/AB1217261231",
    ],
)
def test_what_is_not_likely_is_not_told(text: str) -> None:
    assert note(text) == ""


@pytest.mark.parametrize(
    ("yymmdd", "is_told"),
    [("251121", True), ("251120", False), ("361121", True), ("361122", False)],
)
def test_an_expiry_is_likely_from_a_year_ago_for_ten_years(yymmdd: str, is_told: bool) -> None:
    assert bool(note(f"01{GTIN}10AB17{yymmdd}")) is is_told


@pytest.mark.parametrize(
    ("yymmdd", "is_told"),
    [("211121", True), ("211120", False), ("261121", True), ("261122", False)],
)
def test_a_day_of_production_is_likely_within_five_years(yymmdd: str, is_told: bool) -> None:
    assert bool(note(f"01{GTIN}10AB11{yymmdd}")) is is_told


def test_hardly_any_serial_of_twenty_digits_is_told_of_in_vain() -> None:
    # A stride that is prime to ten runs through digits of every kind.
    serials = (f"{n * 7_919_573_821_345_717 % 10**20:020}" for n in range(1, 4001))

    told = sum(bool(note(f"01{GTIN}21{serial}")) for serial in serials)

    assert told <= 8
