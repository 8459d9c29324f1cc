"""How a sheet of barcodes is divided: paper, fields to be cut out, and where in a field code and words stand.

In a field bars go above the words; a QR code or DataMatrix to their left.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from config.elements import Align, Barcode, Layout, Text
from drivers.drawing import Mark, Measure, SymbolMark, place
from drivers.symbols import BARS, DrawingError
from edge.domain.sheets import Entry

Paper = Literal["a4", "letter"]
SheetSymbol = Literal["code128", "qr", "datamatrix"]

PAPERS_MM: dict[Paper, tuple[float, float]] = {"a4": (210, 297), "letter": (215.9, 279.4)}

DOTS_PER_MM = 300 / 25.4
"""Modules are whole dots of 300 dpi, so that an office printer of 300, 600 or 1200 makes all bars alike."""

BAR_MM, SQUARE_MM = 0.5, 1.0
"""Modules wanted: 6 dots (0.508 mm) for bars, 12 (1.016 mm) for squares, above what GS1 asks of codes that are read in
warehouses: 0.495 and 0.743 mm (`symbols.GS1_BAR_MM`, `symbols.GS1_MATRIX_MM`). A code too long for its field gets
smaller ones, never below `symbols.MIN_MODULE_MM` (3 dots, 0.254 mm). `symbols.QUIET` is what stays white: 10 modules
on each side of a Code 128 (ISO/IEC 15417; GS1 General Specifications 5.4.4.2), 4 around a QR code (ISO/IEC 18004)."""

MARGIN_MM, HEAD_MM, FIELD_MM = 12, 15, 36
"""White on each side, for printers that cannot print to the edge; what title and footer take; a field's height."""

_BARS_MM = 15
"""More than 15 % of what the widest are long, as makers of hand scanners advise: held askew it still crosses them."""

_SQUARE_FIELD_MM = 33

_VALUE_MM, _SHORT_VALUE_MM, _WORDS_MM, _CODE_MM = 6.4, 12, 3.4, 2.6
"""Heights of lines; three quarters of the first are 4.8 mm, 22 minutes of arc at 0.75 m: an arm's length (ISO 9241-303
asks 20 to 22)."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Fields of one size on a page; all in mm."""

    columns: int
    rows: int
    width: float

    @property
    def per_page(self) -> int:
        return self.columns * self.rows


def grid(paper: Paper, *, is_short: bool) -> Grid:
    """Divide a page: three columns for what is short, else two."""
    width, height = PAPERS_MM[paper]
    columns = 3 if is_short else 2
    rows = (height - 2 * MARGIN_MM - HEAD_MM) // FIELD_MM
    return Grid(columns, int(rows), (width - 2 * MARGIN_MM) / columns)


def field_marks(
    entry: Entry, symbol: SheetSymbol, *, width: float, is_short: bool, measure: Measure
) -> list[Mark]:
    """Lay a field out. Bars that do not fit become a QR code. Raises DrawingError if not even that does."""
    values = {"code": entry.code, "value": entry.value, "words": entry.words}
    if symbol == "code128":
        # An error is one of the field for bars: the one for squares is higher.
        with suppress(DrawingError):
            marks = place(_with_bars(width, is_short), values, measure=measure, dots_per_mm=DOTS_PER_MM)
            if any(isinstance(mark, SymbolMark) and mark.symbol.kind in BARS for mark in marks):
                return marks
        symbol = "qr"
    return place(_with_square(width, is_short, symbol), values, measure=measure, dots_per_mm=DOTS_PER_MM)


@lru_cache
def _with_bars(width: float, is_short: bool) -> Layout:
    bars = Barcode(
        x=1.5,
        y=2,
        value="{code}",
        symbol="code128",
        width=width - 3,
        height=_BARS_MM,
        module=BAR_MM,
        align="center",
    )
    texts = _texts(3, width - 6, align="center", is_short=is_short, tops=(18.6, 25.6, 33), lines=(1, 2))
    return Layout(width=width, height=FIELD_MM, barcode=(bars,), text=texts)


@lru_cache
def _with_square(width: float, is_short: bool, symbol: SheetSymbol) -> Layout:
    square = Barcode(
        x=1.5,
        y=1.5,
        value="{code}",
        symbol=symbol,
        width=_SQUARE_FIELD_MM,
        height=_SQUARE_FIELD_MM,
        module=SQUARE_MM,
        align="center",
    )
    left = 2 + _SQUARE_FIELD_MM
    top, lines = (12, 1) if is_short else (5, 2)
    texts = _texts(
        left, width - left - 2, align="left", is_short=is_short, tops=(top, 19, 31.5), lines=(lines, 3)
    )
    return Layout(width=width, height=FIELD_MM, barcode=(square,), text=texts)


def _texts(
    x: float,
    width: float,
    *,
    align: Align,
    is_short: bool,
    tops: tuple[float, float, float],
    lines: tuple[int, int],
) -> tuple[Text, ...]:
    """Value, words where there is room for them, and the code itself; `tops` of all three, `lines` of the first two."""
    return (
        Text(
            x=x,
            y=tops[0],
            value="{value}",
            width=width,
            height=_SHORT_VALUE_MM if is_short else _VALUE_MM,
            lines=lines[0],
            smallest=0.35,
            bold=True,
            align=align,
        ),
        *(
            ()
            if is_short
            else (
                Text(
                    x=x,
                    y=tops[1],
                    value="{words}",
                    width=width,
                    height=_WORDS_MM,
                    lines=lines[1],
                    smallest=0.7,
                    align=align,
                ),
            )
        ),
        Text(x=x, y=tops[2], value="{code}", width=width, height=_CODE_MM, smallest=0.6, align=align),
    )
