"""Where marks go: what is left out, how long texts end, which symbol is chosen."""

import pytest

from config.layouts import Barcode, Layout, Text, load_layouts
from drivers.drawing import SymbolMark, TextMark, place, printable, values_of
from drivers.symbols import DrawingError, Symbol, choose, columns_drawn
from edge.domain.labels import BACKORDER, FIELDS
from tests.labels import content_of


def lines_of(value: str, *, lines: int = 1, width: float = 10) -> list[TextMark]:
    """Place one text in a font whose letters are as wide as half its height, at a dot to the mm."""
    text = Text(x=0, y=0, value="{sku}", width=width, height=1, lines=lines)
    layout = Layout(width=100, height=60, text=(text,))
    marks = place(layout, {"sku": value}, measure=lambda part, _: len(part) / 2, dots_per_mm=10)
    return [mark for mark in marks if isinstance(mark, TextMark)]


def symbol_of(wanted: str, data: str, *, width: int = 800, height: int = 100) -> Symbol:
    return choose(
        wanted, data, width=width, height=height, module_mm=0.375, columns=columns_drawn, dots_per_mm=8
    )


def texts_of(*, hold: bool = False, **changes: str) -> list[str]:
    layout = load_layouts(FIELDS)[BACKORDER]
    marks = place(
        layout,
        values_of(content_of(BACKORDER, **changes), copy=False, hold=hold),
        measure=lambda part, _: len(part) / 2,
        dots_per_mm=8,
    )
    return [mark.text for mark in marks if isinstance(mark, TextMark)]


def test_an_element_without_its_field_draws_nothing() -> None:
    texts = texts_of(lot="", express="")

    assert "EXPRESS" not in texts
    assert not any(text.startswith("Lot") for text in texts)
    assert "EXPRESS" in texts_of()


def test_a_label_of_an_order_on_hold_says_so_where_it_would_say_express() -> None:
    held = texts_of(hold=True)

    assert "ON HOLD" in held
    assert "EXPRESS" not in held
    assert "ON HOLD" not in texts_of()


def test_a_text_that_fits_is_drawn_at_full_height() -> None:
    (mark,) = lines_of("A" * 20)

    assert (mark.text, mark.height) == ("A" * 20, 10)


def test_a_text_too_long_gets_smaller_before_it_is_cut() -> None:
    (smaller,) = lines_of("A" * 39)
    (cut,) = lines_of("A" * 41)

    assert (smaller.text, smaller.height) == ("A" * 39, 5)
    assert (cut.text, cut.height) == ("A" * 37 + "...", 5)


def test_lines_break_at_spaces_and_at_newlines() -> None:
    marks = lines_of("SO-1: now 2 from A-01\nSO-2: waits", lines=3, width=9)

    assert [mark.text for mark in marks] == ["SO-1: now 2 from", "A-01", "SO-2: waits"]


def test_a_text_has_a_mark_for_each_line_of_its_layout() -> None:
    assert [mark.text for mark in lines_of("short", lines=3)] == ["short", "", ""]


def test_a_text_of_ten_thousand_characters_fills_its_lines_and_no_more() -> None:
    marks = lines_of("word " * 2000, lines=2)

    assert len(marks) == 2
    assert marks[1].text.endswith("...")
    assert all(len(mark.text) <= 40 for mark in marks)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Öl", "Öl"),
        ("e\u0301", "é"),
        ("\x00\x1b[2J\x7f", "??[2J?"),
        ("a\u202eb\u200bc", "abc"),
        ("a\u00a0b\u2028c", "a b c"),
        ("\ud800", "?"),
    ],
)
def test_nothing_in_a_text_steers_or_hides(text: str, seen: str) -> None:
    assert printable(text) == seen


def test_a_code_too_wide_for_bars_becomes_a_qr_code() -> None:
    assert symbol_of("code128", "ORD:" + "A" * 10).kind == "code128"
    assert symbol_of("code128", "ORD:" + "a" * 64, width=400).kind == "qr"


def test_a_gs1_symbol_too_wide_for_the_paper_becomes_a_datamatrix() -> None:
    short, long = "0109506000134352", "010950600013435210" + "L" * 20

    assert symbol_of("gs1", short).kind == "gs1-128"
    assert symbol_of("gs1", long, height=200).kind == "gs1-datamatrix"


def test_gs1_modules_are_as_large_as_the_general_specifications_ask() -> None:
    bars = symbol_of("gs1", "0109506000134352")
    matrix = symbol_of("gs1", "010950600013435210" + "L" * 20, height=300)

    assert bars.module / 8 >= 0.495
    assert matrix.module / 8 >= 0.743


@pytest.mark.parametrize("data", ["", "ORD:é", "ORD:\x1b", "ORD:\x1d", "A" * 600])
def test_a_code_that_no_scanner_would_send_is_refused(data: str) -> None:
    with pytest.raises(DrawingError, match="Expected 1 to 512 printable ASCII characters"):
        symbol_of("code128", data)


def test_a_symbol_that_fits_nowhere_is_refused_with_the_remedy() -> None:
    with pytest.raises(DrawingError, match="Give it a larger field in the layout"):
        symbol_of("qr", "A" * 500)


def test_a_symbol_stands_within_its_field_with_its_quiet_zone() -> None:
    barcode = Barcode(x=10, y=5, value="{sku}", symbol="qr", width=30, height=20, align="right")
    layout = Layout(width=100, height=60, barcode=(barcode,))

    (mark,) = place(layout, {"sku": "INK"}, measure=lambda *_: 0, dots_per_mm=8)

    assert isinstance(mark, SymbolMark)
    assert mark.x + mark.symbol.width + mark.symbol.quiet == (10 + 30) * 8
    assert mark.y >= 5 * 8 + (20 * 8 - mark.symbol.height) // 2
