"""Sheets of barcodes as people hold them: a PDF drawn page by page, the symbol read in each field, and its words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL.Image import Image

from config.load import load
from drivers.sheet_layout import FIELD_MM, HEAD_MM, MARGIN_MM, PAPERS_MM, Paper, grid
from edge.cli import main
from edge.domain.codes import CodeReader, SiteCode, SiteKind
from tests.catalogues import Shelf

KINDS = {
    "Modes": SiteKind.COMMAND,
    "Actions": SiteKind.COMMAND,
    "Quantities": SiteKind.QUANTITY,
    "Digits": SiteKind.DIGIT,
    "Locations": SiteKind.LOCATION,
    "Items": SiteKind.SKU,
    "Operators": SiteKind.OPERATOR,
}
"""What the codes of a page are, by its title."""

SHORT = {"Quantities", "Digits"}
"""Titles of pages that have small fields."""

DPI = 300
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Field:
    """A field as it was cut out: what a scanner sends, with the AIM identifier, and the lines of text."""

    page: int
    scan: str
    lines: tuple[str, ...]


def sheet(config: Path, *arguments: str) -> int:
    return main(["sheets", "-c", str(config), "-o", str(config.parent / "sheets.pdf"), *arguments])


def meant(config: Path, *, pages: range | None = None) -> list[SiteCode]:
    """What the site's own reader makes of each symbol; it is of the page's kind, and its value stands beside it."""
    file = config.parent / "sheets.pdf"
    reader = CodeReader(load(config).codes)
    titles = [KINDS[title] for lines in page_lines(file) for title in lines if title in KINDS]
    codes: list[SiteCode] = []
    for field in fields(file, pages=pages):
        code = reader.read(field.scan, Shelf(), today="2026-11-21")
        assert isinstance(code, SiteCode), field
        assert code.kind is titles[field.page], field
        written = "".join("".join(field.lines).split())
        assert written.startswith("".join(code.value.split())), field
        codes.append(code)
    return codes


def values(codes: list[SiteCode], kind: SiteKind) -> list[str]:
    return [code.value for code in codes if code.kind is kind]


def fields(file: Path, *, pages: Iterable[int] | None = None) -> list[Field]:
    """Cut a PDF up and read it. A field with words and no symbol, or with several, is a failure."""
    document = pypdfium2.PdfDocument(file)
    try:
        numbers = range(len(document)) if pages is None else pages
        return [field for number in numbers for field in _fields(document, number)]
    finally:
        document.close()


def scans(file: Path, page: int, *, dpi: int) -> list[str]:
    """What a camera that sees the whole page finds on it."""
    document = pypdfium2.PdfDocument(file)
    try:
        return _scans(document[page].render(scale=dpi / 72, grayscale=True).to_pil())
    finally:
        document.close()


def page_lines(file: Path) -> list[list[str]]:
    """The lines of text of each page."""
    document = pypdfium2.PdfDocument(file)
    try:
        return [page.get_textpage().get_text_bounded().splitlines() for page in document]
    finally:
        document.close()


def _fields(document: pypdfium2.PdfDocument, number: int) -> Iterator[Field]:
    page = document[number]
    text = page.get_textpage()
    picture = page.render(scale=DPI / 72, grayscale=True).to_pil()
    title = text.get_text_bounded().splitlines()[0]
    cells = grid(_paper(page.get_width()), is_short=title in SHORT)
    for cell in range(cells.per_page):
        row, column = divmod(cell, cells.columns)
        left, top = MARGIN_MM + column * cells.width, MARGIN_MM + HEAD_MM + row * FIELD_MM
        box = (left, top, left + cells.width, top + FIELD_MM)
        lines = _text(text, box, page.get_height()).splitlines()
        found = _scans(picture.crop(tuple(round(side / 25.4 * DPI) for side in box)))
        assert len(found) == (1 if lines else 0), (number, cell, lines, found)
        yield from (Field(number, scan, tuple(lines)) for scan in found)


def _text(text: pypdfium2.PdfTextPage, box: tuple[float, float, float, float], height: float) -> str:
    left, top, right, bottom = (side * POINTS_PER_MM for side in box)
    told: str = text.get_text_bounded(left, height - bottom, right, height - top)
    return told


def _scans(picture: Image) -> list[str]:
    # Not smaller, too: at a third, where a module has less than two pixels, zxing-cpp once in 5,000 guesses a second
    # code with a check character that is right.
    symbols = zxingcpp.read_barcodes(picture, try_downscale=False)
    return [symbol.symbology_identifier + symbol.bytes.decode("latin-1") for symbol in symbols]


def _paper(width: float) -> Paper:
    return min(PAPERS_MM, key=lambda paper: abs(PAPERS_MM[paper][0] * POINTS_PER_MM - width))
