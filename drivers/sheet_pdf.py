"""Draws sheets of barcodes into a PDF: bars and squares as rectangles, letters from our own font.

The only module that knows reportlab, which is loaded with it: import it where sheets are made.
"""

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from drivers.drawing import MAX_CHARACTERS, SymbolMark, TextMark, printable
from drivers.letters import CAPITALS, FONT_CAPITALS, FONTS
from drivers.raster import BLACK
from drivers.sheet_layout import (
    DOTS_PER_MM,
    FIELD_MM,
    HEAD_MM,
    MARGIN_MM,
    PAPERS_MM,
    Grid,
    Paper,
    SheetSymbol,
    field_marks,
    grid,
)
from drivers.symbols import DrawingError, Symbol, matrix
from edge.domain.sheets import Entry, Group

POINTS_PER_DOT = 72 / 25.4 / DOTS_PER_MM

GREY, LIGHT = 0.4, 0.75
"""Of words beside the point, and of the lines to cut along."""

EM = CAPITALS / FONT_CAPITALS
"""A font's size, as a multiple of the height of its lines."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn: codes by their symbol, and how many fields have letters that no font has."""

    pages: int
    symbols: Counter[str]
    unknown: int


def draw_sheets(
    file: Path,
    groups: Sequence[Group],
    *,
    paper: Paper,
    symbol: SheetSymbol,
    name: str,
    day: str,
    font: Path | None = None,
) -> Drawn:
    """Draw groups that have entries, each from a page of its own, with name and day at the foot.

    `font` has letters that ours lacks; what it lacks too becomes a question mark. Raises DrawingError or OSError.
    """
    return _Sheets(file, paper, symbol, _Letters(font)).draw(groups, name, day)


class _Sheets:
    """One document that grows page by page. Its unit is the dot; reportlab counts upwards."""

    def __init__(self, file: Path, paper: Paper, symbol: SheetSymbol, letters: "_Letters") -> None:
        self._paper, self._symbol, self._letters = paper, symbol, letters
        self._width, self._height = (round(side * DOTS_PER_MM) for side in PAPERS_MM[paper])
        size = (self._width * POINTS_PER_DOT, self._height * POINTS_PER_DOT)
        self._canvas = Canvas(str(file), pagesize=size, pageCompression=1)
        self._symbols: Counter[str] = Counter()
        self._unknown = 0

    def draw(self, groups: Sequence[Group], name: str, day: str) -> Drawn:
        self._canvas.setTitle(f"Barcodes of {name}, {day}")
        self._canvas.setCreator("crossdock sheets")
        pages = [(group, page) for group in groups for page in self._pages(group)]
        for number, (group, page) in enumerate(pages, 1):
            self._canvas.scale(POINTS_PER_DOT, POINTS_PER_DOT)
            self._head(group)
            self._fields(group, page)
            self._foot(f"{name}, {day}", f"page {number} of {len(pages)}")
            self._canvas.showPage()
        self._canvas.save()
        return Drawn(len(pages), self._symbols, self._unknown)

    def _pages(self, group: Group) -> Iterator[Sequence[Entry]]:
        size = grid(self._paper, is_short=group.is_short).per_page
        return (group.entries[first : first + size] for first in range(0, len(group.entries), size))

    def _head(self, group: Group) -> None:
        self._text(group.title, x=_LEFT, y=_dots(MARGIN_MM), height=_dots(6.5), bold=True)
        self._grey(GREY)
        self._text(group.told, x=_LEFT, y=_dots(MARGIN_MM + 7.8), height=_dots(4))

    def _foot(self, about: str, page: str) -> None:
        self._grey(GREY)
        y, height, right = self._height - _dots(MARGIN_MM - 2), _dots(3.4), self._width - _LEFT
        self._text(about, x=_LEFT, y=y, height=height)
        self._text(_AT_FULL_SIZE, x=self._width // 2, y=y, height=height, part_left=0.5)
        self._text(page, x=right, y=y, height=height, part_left=1)

    def _fields(self, group: Group, entries: Sequence[Entry]) -> None:
        cells = grid(self._paper, is_short=group.is_short)
        self._cuts(cells, len(entries))
        self._grey(BLACK)
        for number, entry in enumerate(entries):
            row, column = divmod(number, cells.columns)
            self._field(
                entry, cells.width, group.is_short, _dots(MARGIN_MM + column * cells.width), _top(row)
            )

    def _field(self, entry: Entry, width: float, is_short: bool, left: int, top: int) -> None:
        words = printable(entry.words[: MAX_CHARACTERS + 1])
        shown = replace(entry, words=self._letters.known(words))
        self._unknown += shown.words != words
        marks = field_marks(
            shown, self._symbol, width=width, is_short=is_short, measure=self._letters.measure
        )
        for mark in marks:
            match mark:
                case TextMark() if mark.text:
                    self._text(mark.text, x=left + mark.x, y=top + mark.y, height=mark.height, bold=mark.bold)
                case SymbolMark():
                    self._symbols[mark.symbol.kind] += 1
                    self._bars(mark.symbol, left + mark.x, top + mark.y)

    def _cuts(self, cells: Grid, fields: int) -> None:
        """Lines to cut along, around the fields that are filled."""
        rows = -(-fields // cells.columns)
        columns = min(fields, cells.columns)
        right, bottom = _dots(MARGIN_MM + columns * cells.width), _top(rows)
        self._canvas.setStrokeGray(LIGHT)
        self._canvas.setLineWidth(2)
        self._canvas.setDash(12, 12)
        for row in range(rows + 1):
            self._canvas.line(_LEFT, self._height - _top(row), right, self._height - _top(row))
        for column in range(columns + 1):
            x = _dots(MARGIN_MM + column * cells.width)
            self._canvas.line(x, self._height - _top(0), x, self._height - bottom)

    def _bars(self, symbol: Symbol, left: int, top: int) -> None:
        rows = matrix(symbol.kind, symbol.data)
        row_height = symbol.height // len(rows)
        path = self._canvas.beginPath()
        for number, modules in enumerate(rows):
            bottom = self._height - top - (number + 1) * row_height
            for start, length in _runs_of_dark(modules):
                path.rect(left + start * symbol.module, bottom, length * symbol.module, row_height)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _text(
        self, text: str, *, x: int, y: int, height: int, bold: bool = False, part_left: float = 0
    ) -> None:
        """Write a line whose capitals begin at `y`; `part_left` of its width stands to the left of `x`."""
        shift = self._letters.measure(text, bold) * height * part_left
        line = self._canvas.beginText(x - shift, self._height - y - height * CAPITALS)
        for font, run in self._letters.runs(text, bold=bold):
            line.setFont(font.fontName, height * EM)
            line.textOut(run)
        self._canvas.drawText(line)

    def _grey(self, shade: float) -> None:
        self._canvas.setFillGray(shade)


def _dots(size_mm: float) -> int:
    return round(size_mm * DOTS_PER_MM)


def _top(row: int) -> int:
    return _dots(MARGIN_MM + HEAD_MM + row * FIELD_MM)


def _runs_of_dark(modules: bytes) -> Iterator[tuple[int, int]]:
    """Where dark modules begin in a row, and how many stand together."""
    at = 0
    for shade, together in groupby(modules):
        length = len(list(together))
        if shade == BLACK:
            yield at, length
        at += length


_LEFT = _dots(MARGIN_MM)
_AT_FULL_SIZE = "Print at 100 %, not fitted to the page"


class _Letters:
    """Our font, and one of the site's for what it lacks."""

    def __init__(self, font: Path | None) -> None:
        self._own = {
            bold: _registered(f"crossdock-{style}", (FONTS / f"RobotoCondensed-{style}.ttf").read_bytes())
            for bold, style in ((False, "Regular"), (True, "Bold"))
        }
        self._other = None if font is None else _of_site(font)

    def known(self, text: str) -> str:
        """Put a question mark for each run of letters that no font has."""
        known = ""
        for character in text:
            has = self._font(character, bold=False) is not None
            known += character if has else "" if known.endswith("?") else "?"
        return known

    def runs(self, text: str, *, bold: bool) -> Iterator[tuple[Any, str]]:
        """Divide a known text by the font of its letters."""
        if text.isascii():
            # Most texts are, and each is measured many times: all of it is in ours.
            yield self._own[bold], text
            return
        for font, together in groupby(text, lambda character: self._font(character, bold=bold)):
            yield font, "".join(together)

    def measure(self, text: str, bold: bool) -> float:
        """How wide a known text is, as a multiple of its height."""
        widths: list[float] = [font.stringWidth(run, 1) for font, run in self.runs(text, bold=bold)]
        return sum(widths) * EM

    def _font(self, character: str, *, bold: bool) -> Any:
        number = ord(character)
        if number in self._own[bold].face.charToGlyph:
            return self._own[bold]
        return self._other if self._other and number in self._other.face.charToGlyph else None


def _of_site(path: Path) -> Any:
    try:
        return _registered("crossdock-site", path.read_bytes())
    except OSError as error:
        raise DrawingError(
            f"The font {path} cannot be read: {error.strerror}.", hint="Name another with --font."
        ) from error
    except (TTFError, ValueError, LookupError, struct.error) as error:
        raise DrawingError(
            f"{path} is no TrueType font that can be used: {error}.", hint="Name another with --font."
        ) from error


def _registered(name: str, data: bytes) -> Any:
    font = TTFont(name, BytesIO(data))
    pdfmetrics.registerFont(font)
    return font
