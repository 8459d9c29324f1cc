"""A label as a picture: for eyes, and for printers that take pictures.

Pillow is imported when the first picture is drawn. The letters are our own (`fonts/`), so that a label looks
the same on every box.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from config.layouts import Layout
from drivers.drawing import BoxMark, Mark, SymbolMark, TextMark, place, values_of
from drivers.symbols import matrix
from edge.domain.labels import LabelContent

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

DOTS_PER_MM = 8.0
"""203 dpi, as most label and receipt printers have."""

CAPITALS = 0.75
"""A capital's part of the height of a line, as in font 0 of a ZPL printer."""

FONT_CAPITALS = 0.711
"""A capital's part of the em in Roboto Condensed."""

_UNITS = 100
"""Dots to the em for measuring, fine enough to scale from."""

FONTS = Path(__file__).parent / "fonts"

BLACK, WHITE = 0, 255


def label_picture(
    content: LabelContent, layout: Layout, *, copy: bool = False, dots_per_mm: float = DOTS_PER_MM
) -> "Image":
    """Draw a label in grey, black on white. Raises DrawingError."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - loaded with the first picture

    size = round(layout.width * dots_per_mm), round(layout.height * dots_per_mm)
    picture = Image.new("L", size, WHITE)
    canvas = ImageDraw.Draw(picture)
    values = values_of(content, copy=copy)
    for mark in place(layout, values, measure=_width, dots_per_mm=dots_per_mm):
        _draw(canvas, mark)
    return picture


def save_label_picture(content: LabelContent, layout: Layout, file: Path, *, copy: bool = False) -> None:
    """Draw a label into a PNG file that says its true size. Raises DrawingError or OSError."""
    dpi = DOTS_PER_MM * 25.4
    label_picture(content, layout, copy=copy).save(file, format="PNG", dpi=(dpi, dpi), optimize=True)


def _draw(canvas: "ImageDraw", mark: Mark) -> None:
    match mark:
        case TextMark():
            font = _font(mark.bold, round(mark.height * CAPITALS / FONT_CAPITALS))
            baseline = mark.y + round(mark.height * CAPITALS)
            colour = WHITE if mark.inverse else BLACK
            canvas.text((mark.x, baseline), mark.text, font=font, fill=colour, anchor="ls")
        case BoxMark():
            corners = (mark.x, mark.y, mark.x + mark.width - 1, mark.y + mark.height - 1)
            if 2 * mark.thickness >= min(mark.width, mark.height):
                canvas.rectangle(corners, fill=BLACK)
            else:
                canvas.rectangle(corners, outline=BLACK, width=mark.thickness)
        case SymbolMark():
            _draw_symbol(mark, lambda corners: canvas.rectangle(corners, fill=BLACK))


def _draw_symbol(mark: SymbolMark, fill: Callable[[tuple[int, int, int, int]], None]) -> None:
    symbol = mark.symbol
    rows = matrix(symbol.kind, symbol.data)
    row_height = symbol.height // len(rows)
    for row, modules in enumerate(rows):
        top = mark.y + row * row_height
        for column, shade in enumerate(modules):
            if shade == BLACK:
                left = mark.x + column * symbol.module
                fill((left, top, left + symbol.module - 1, top + row_height - 1))


@lru_cache(maxsize=512)
def _width(text: str, bold: bool) -> float:
    return _font(bold, _UNITS).getlength(text) / _UNITS * (CAPITALS / FONT_CAPITALS)


@lru_cache(maxsize=64)
def _font(bold: bool, size: int) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - loaded with the first picture

    name = "RobotoCondensed-Bold.ttf" if bold else "RobotoCondensed-Regular.ttf"
    # The basic engine: letters side by side, without the shaping that differs from one build to the next.
    return ImageFont.truetype(str(FONTS / name), size, layout_engine=ImageFont.Layout.BASIC)
