"""A label in ZPL: golden bytes, symbols as a scanner reads them, and data that never becomes a command."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.layouts import Barcode, Layout, load_layouts
from drivers.symbols import DrawingError
from drivers.zpl_printer import draw_zpl, field, gs1_codewords
from edge.domain.labels import BACKORDER, FIELDS, MISSING, PUTAWAY
from tests.labels import CONTENTS, GOLDEN, job_of

LAYOUTS = load_layouts(FIELDS)
CODES = ("label", "order", "symbol")


TEXT = re.compile(
    rb"\^FO(\d+),(\d+)(?:\^FR)?\^(?:A0N,\d+,\d+(?:\^FR)?\^FH_\^FD([^^]*)|GFA,[0-9A-Za-z,:]*)\^FS\n"
)


def commands_of(zpl: bytes) -> list[bytes]:
    """The commands of a label, as a printer finds them; a symbol is one, bars or not, and so is a line of text.

    A line is text in font 0, in bold twice, or dots where font 0 need not have a letter of it.
    """
    lines: list[bytes] = []
    strike = None
    for line in zpl.splitlines(keepends=True):
        text = TEXT.fullmatch(line)
        again = strike is not None and text is not None and text.groups() == strike
        strike = (b"%d" % (int(text[1]) + 1), text[2], text[3]) if text and text[3] is not None else None
        if not again:
            lines.append(b"^TEXT\n" if text else line)
    found = re.findall(rb"\^TEXT|[\^~][A-Z][A-Z0-9@]", b"".join(lines))
    return [b"^B?" if name in (b"^BC", b"^BQ", b"^BX") else name for name in found if name != b"^BY"]


@pytest.mark.parametrize("kind", FIELDS)
def test_a_label_is_drawn_byte_for_byte_as_it_was_looked_at(kind: str) -> None:
    drawn = draw_zpl(job_of(kind), LAYOUTS[kind])

    # Meant to change? `make pictures` writes it anew.
    assert drawn == (GOLDEN / f"{kind}.zpl").read_bytes()
    assert draw_zpl(job_of(kind, copy=True), LAYOUTS[kind]) == (GOLDEN / f"{kind}-copy.zpl").read_bytes()


@pytest.mark.parametrize("kind", FIELDS)
def test_copy_is_on_a_label_that_may_be_a_second_one_and_on_no_other(kind: str) -> None:
    assert b"^FDCOPY^FS" in draw_zpl(job_of(kind, copy=True), LAYOUTS[kind])
    assert b"COPY" not in draw_zpl(job_of(kind), LAYOUTS[kind])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
@pytest.mark.parametrize("kind", FIELDS)
def test_the_commands_of_a_label_do_not_depend_on_its_data(kind: str, data: st.DataObject) -> None:
    texts = {
        name: data.draw(st.text(min_size=1, max_size=300), label=name)
        for name in FIELDS[kind]
        if name not in CODES
    }

    drawn = draw_zpl(job_of(kind, texts), LAYOUTS[kind])

    assert commands_of(drawn) == commands_of(draw_zpl(job_of(kind), LAYOUTS[kind]))


@given(code=st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60))
def test_the_commands_of_a_label_do_not_depend_on_its_codes(code: str) -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"order": code, "label": code}), LAYOUTS[BACKORDER])

    assert commands_of(drawn) == commands_of((GOLDEN / "backorder.zpl").read_bytes())


@given(st.text(max_size=100))
def test_a_field_is_plain_ascii_between_its_commands_and_reads_back(text: str) -> None:
    encoded = field(text.encode("utf-8", "replace").decode())
    body = encoded.removeprefix(b"^FH_^FD").removesuffix(b"^FS\n")

    decoded = re.sub(rb"_([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), body)

    assert re.fullmatch(rb"[ -\]`-}_]*", body)
    assert decoded == text.encode("utf-8", "replace")


@pytest.mark.parametrize("hostile", ["^XZ~JA^XA", "\x1b@\x1d(H", "\x00" * 64, "_5E", "\\&", "~HS", "😀漢字"])
def test_a_hostile_name_is_a_clean_label(hostile: str) -> None:
    drawn = draw_zpl(job_of(MISSING, {"name": hostile, "orders": hostile}), LAYOUTS[MISSING])

    assert commands_of(drawn) == commands_of((GOLDEN / "missing.zpl").read_bytes())
    assert all(0x20 <= byte <= 0x7E or byte == 0x0A for byte in drawn)


def test_a_name_of_ten_thousand_characters_is_a_label_of_the_usual_size() -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"name": "Tinte " * 1700}), LAYOUTS[BACKORDER])

    assert len(drawn) < 2000
    assert b"..." in drawn


def test_an_empty_label_carries_only_its_code() -> None:
    empty = dict.fromkeys(CONTENTS[BACKORDER], "") | {"label": "L-1"}

    drawn = draw_zpl(job_of(BACKORDER, empty), LAYOUTS[BACKORDER])

    assert re.findall(rb"\^FD(.*?)\^FS", drawn) == [b"L-1", b">:LBL:L-1"]


def test_a_code_in_bars_reads_as_it_is_and_greater_than_is_escaped() -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"order": "A>;1"}), LAYOUTS[BACKORDER])

    assert b"^FH_^FD>:ORD:A>0;1^FS" in drawn


def test_a_gs1_symbol_of_ours_is_a_gs1_datamatrix_with_its_separators() -> None:
    drawn = draw_zpl(job_of(PUTAWAY), LAYOUTS[PUTAWAY])

    assert b"^BXN,6,200,0,0,1,|^FH_^FD|101095060001343521727030110B7-2291|191L-000043^FS" in drawn


def test_a_gs1_symbol_that_fits_is_gs1_128() -> None:
    wide = Barcode(x=0, y=0, value="{symbol}", symbol="gs1", width=200, height=32, module=0.495)
    layout = Layout(width=200, height=40, barcode=(wide,))

    drawn = draw_zpl(job_of(PUTAWAY, {"symbol": "010950600013435210AB-123\x1d9142"}), layout)

    assert b"^BY4^BCN,256,N,N,N,N^FH_^FD>;>8010950600013435210>6AB-123>89142^FS" in drawn


@pytest.mark.parametrize(
    ("message", "codewords"),
    [
        ("10AB\x1d91X", ">;>810>6AB>891X"),
        ("2112345", ">;>8211234>65"),
        ("8200http", ">;>88200>6http"),
        ("10>", ">;>810>6>0"),
        ("00106141412345678908", ">;>800106141412345678908"),
    ],
)
def test_gs1_128_packs_the_digits_that_it_begins_with(message: str, codewords: str) -> None:
    assert "".join(gs1_codewords(message)) == codewords


def test_a_code_with_a_control_character_is_refused_with_a_sentence() -> None:
    with pytest.raises(DrawingError, match=r"got 6: 'ORD:\\x1b@'"):
        draw_zpl(job_of(BACKORDER, {"order": "\x1b@"}), LAYOUTS[BACKORDER])


def test_a_datamatrix_has_an_escape_character_that_is_not_in_its_data() -> None:
    barcode = Barcode(x=0, y=0, value="{label}", symbol="datamatrix", width=20, height=20)
    layout = Layout(width=20, height=20, barcode=(barcode,))

    drawn = draw_zpl(job_of(BACKORDER, {"label": "A|1!"}), layout)

    assert b"^BXN,3,200,0,0,1,#^FH_^FDA|1!^FS" in drawn
