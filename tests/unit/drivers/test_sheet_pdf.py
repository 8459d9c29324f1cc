"""Sheets as they come out of the printer: every symbol is read back and stands beside the words that it means."""

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
import reportlab
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.sheet_layout import Paper, SheetSymbol
from drivers.sheet_pdf import Drawn, draw_sheets
from drivers.symbols import DrawingError
from edge.domain import sheets
from edge.domain.sheets import Group, Wanted
from tests.sheets import Field, fields, page_lines, scans
from tests.unit.domain.writing import writer

ROOT = Path(__file__).parents[3]
ASCII = [chr(number) for number in range(0x20, 0x7F)]
AIM = {"code128": "]C0", "qr": "]Q1", "datamatrix": "]d1"}
VERA = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
"""A font that has mathematical signs which ours lacks."""


def items(*wanted: tuple[str, str]) -> Group:
    return sheets.items(writer(), wanted)


def draw(
    folder: Path,
    *groups: Group,
    paper: Paper = "a4",
    symbol: SheetSymbol = "code128",
    font: Path | None = None,
) -> tuple[list[Field], Drawn]:
    """Draw sheets and cut them up again."""
    file = folder / "sheets.pdf"
    drawn = draw_sheets(
        file, groups, paper=paper, symbol=symbol, name="par1/dock-a", day="2026-11-21", font=font
    )
    return fields(file), drawn


def many(count: int) -> Wanted:
    return [(f"A-{number:02}-{number * 7 % 100:02}", "") for number in range(count)]


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("symbol", AIM)
def test_every_symbol_reads_back_beside_its_value_and_words(
    tmp_path: Path, paper: Paper, symbol: SheetSymbol
) -> None:
    site = writer()
    groups = [
        *sheets.commands(site),
        sheets.quantities(site),
        sheets.digits(site),
        sheets.locations(site, many(16)),
    ]

    seen, drawn = draw(tmp_path, *groups, paper=paper, symbol=symbol)

    entries = [entry for group in groups for entry in group.entries]
    assert [field.scan for field in seen] == [AIM[symbol] + entry.code for entry in entries]
    assert [field.lines[0] for field in seen] == [entry.value for entry in entries]
    assert [" ".join(field.lines[1:]) for field in seen] == [
        f"{entry.words} {entry.code}".strip() for entry in entries
    ]
    assert drawn.symbols == Counter({symbol: len(entries)})
    assert drawn.unknown == 0


@pytest.mark.parametrize("dpi", [150, 300])
@pytest.mark.parametrize("symbol", AIM)
def test_a_whole_page_reads_and_has_nothing_beside_its_fields(
    tmp_path: Path, symbol: SheetSymbol, dpi: int
) -> None:
    seen, _ = draw(tmp_path, sheets.quantities(writer()), symbol=symbol)

    assert sorted(scans(tmp_path / "sheets.pdf", 0, dpi=dpi)) == sorted(field.scan for field in seen)


def test_each_group_begins_a_page_and_each_page_says_whose_it_is(tmp_path: Path) -> None:
    site = writer()
    _, drawn = draw(tmp_path, sheets.digits(site), sheets.locations(site, many(15)))

    pages = page_lines(tmp_path / "sheets.pdf")
    assert drawn.pages == len(pages) == 3
    assert [page[0] for page in pages] == ["Digits", "Locations", "Locations"]
    assert [page[-1] for page in pages] == [
        f"par1/dock-a, 2026-11-21 Print at 100 %, not fitted to the page page {number} of 3"
        for number in (1, 2, 3)
    ]


def test_bars_that_would_be_too_fine_become_a_qr_code(tmp_path: Path) -> None:
    skus = ["P", "A-SKU-OF-22-CHARACTERS", "A-SKU-OF-24-CHARACTERS-X", "S" * 64, "a b#c$d%e&f'g(h)i*j+k,l-m."]

    seen, drawn = draw(tmp_path, items(*((sku, "") for sku in skus)))

    assert [field.scan for field in seen] == [
        f"]C0SKU:{skus[0]}",
        f"]C0SKU:{skus[1]}",
        *(f"]Q1SKU:{sku}" for sku in skus[2:]),
    ]
    assert drawn.symbols == Counter(code128=2, qr=3)


def test_what_no_bars_can_hold_is_a_qr_code_too(tmp_path: Path) -> None:
    """The library draws no Code 128 of a hundred characters at all."""
    place = "A" * 64
    site = writer(location=rf"^{'L' * 180}(?P<value>.+)$")

    seen, _ = draw(tmp_path, sheets.locations(site, [(place, "")]))

    assert [field.scan for field in seen] == [f"]Q1{'L' * 180}{place}"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Tinte für Füller, 700 ml – 5 €", ["Tinte für Füller, 700 ml – 5 €"]),
        ("Cafe\u0301", ["Café"]),
        ("Бумага писчая, белая, А4", ["Бумага писчая, белая, А4"]),
        ("", []),
        ("{code} {sku} %s \\n", ["{code} {sku} %s \\n"]),
        ("Pen\x1b[2J\x00\x07\r\nINK\u202eevil", ["Pen?[2J?? INKevil"]),
    ],
)
def test_a_name_is_text_as_it_reads(tmp_path: Path, name: str, lines: list[str]) -> None:
    seen, _ = draw(tmp_path, items(("PEN", name)))

    assert seen == [Field(0, "]C0SKU:PEN", ("PEN", *lines, "SKU:PEN"))]


@pytest.mark.parametrize("name", ["x" * 10_000, "word " * 2_000, "墨" * 10_000])
def test_a_name_without_end_is_cut_within_its_field(tmp_path: Path, name: str) -> None:
    seen, drawn = draw(tmp_path, items(("PEN", name), ("INK", "Ink"), ("CAP", name)))

    assert [(field.lines[0], field.scan) for field in seen] == [
        (sku, f"]C0SKU:{sku}") for sku in ("PEN", "INK", "CAP")
    ]
    assert all(len(field.lines) <= 4 for field in seen)
    assert drawn.unknown == (2 if name[0] == "墨" else 0)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.tuples(st.text(st.sampled_from(ASCII), min_size=1, max_size=64), st.text()), min_size=1))
def test_whatever_items_are_called_their_symbols_read_back(wanted: list[tuple[str, str]]) -> None:
    group = items(*wanted)

    with tempfile.TemporaryDirectory() as folder:
        seen, _ = draw(Path(folder), group)

    assert [field.scan[3:] for field in seen] == [f"SKU:{sku}" for sku, _ in wanted]


def test_letters_that_the_font_lacks_are_question_marks_and_are_counted(tmp_path: Path) -> None:
    seen, drawn = draw(tmp_path, items(("CN", "墨水 blau 黑色"), ("SUM", "∀x ∃y")))

    assert [field.lines[1] for field in seen] == ["? blau ?", "?x ?y"]
    assert drawn.unknown == 2


def test_a_font_of_the_site_has_what_ours_lacks(tmp_path: Path) -> None:
    seen, drawn = draw(tmp_path, items(("CN", "墨水 blau 黑色"), ("SUM", "ß≡∃ß")), font=VERA)

    assert [field.lines[1] for field in seen] == ["? blau ?", "ß≡∃ß"]
    assert drawn.unknown == 1


def test_a_font_that_is_none_is_said(tmp_path: Path) -> None:
    good = VERA.read_bytes()
    told = []
    for number, data in enumerate((b"", b"no font", good[:100], good[:20_000], b"OTTO" + good[4:], b"ttcf")):
        font = tmp_path / f"{number}.ttf"
        font.write_bytes(data)
        with pytest.raises(DrawingError) as caught:
            draw(tmp_path, items(("PEN", "")), font=font)
        told.append(str(caught.value).removeprefix(f"{font} is no TrueType font that can be used: "))

    assert all(one.endswith(" Name another with --font.") and str(tmp_path) not in one for one in told)


def test_a_font_that_is_not_there_is_said(tmp_path: Path) -> None:
    font = tmp_path / "none.ttf"

    with pytest.raises(DrawingError) as caught:
        draw(tmp_path, items(("PEN", "")), font=font)

    told = f"The font {font} cannot be read: {os.strerror(2)}. Name another with --font."
    assert str(caught.value) == told


def test_the_picture_of_the_documents_has_every_mode_and_scans() -> None:
    modes, _ = sheets.commands(writer())

    with Image.open(ROOT / "docs" / "sheets.png") as picture:
        seen = zxingcpp.read_barcodes(picture.convert("L"))

    told = "The table has changed: make pictures."
    assert sorted(symbol.text for symbol in seen) == sorted(entry.code for entry in modes.entries), told
