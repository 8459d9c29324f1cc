"""A label as a picture: for eyes, and for printers that take pictures.

Pillow is imported when the first picture is drawn. The letters are those of `drivers.letters`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from config.layouts import Layout
from drivers.drawing import BoxMark, ImageMark, Mark, SymbolMark, TextMark, place, values_of
from drivers.letters import Letters, letters_with
from drivers.raster import BLACK, WHITE, image_raster, picture_of
from drivers.symbols import matrix
from edge.domain.labels import LabelContent

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

DOTS_PER_MM = 8.0
"""203 dpi, as most label and receipt printers have."""

_STENCIL = bytes([255, *bytes(255)])
"""Black in a picture to white in a stencil, all else to black."""


def label_picture(
    content: LabelContent,
    layout: Layout,
    *,
    copy: bool = False,
    hold: bool = False,
    dots_per_mm: float = DOTS_PER_MM,
) -> "Image":
    """Draw a label in grey, black on white. Raises DrawingError."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - loaded with the first picture

    size = round(layout.width * dots_per_mm), round(layout.height * dots_per_mm)
    picture = Image.new("L", size, WHITE)
    canvas = ImageDraw.Draw(picture)
    values, letters = values_of(content, copy=copy, hold=hold), letters_with(layout.fonts)
    for mark in place(layout, values, measure=letters.width, dots_per_mm=dots_per_mm):
        _draw(canvas, mark, letters)
    return picture


def save_label_picture(
    content: LabelContent, layout: Layout, file: Path, *, copy: bool = False, hold: bool = False
) -> None:
    """Draw a label into a PNG file that says its true size. Raises DrawingError or OSError."""
    dpi = DOTS_PER_MM * 25.4
    picture = label_picture(content, layout, copy=copy, hold=hold)
    picture.save(file, format="PNG", dpi=(dpi, dpi), optimize=True)


def _draw(canvas: "ImageDraw", mark: Mark, letters: Letters) -> None:
    match mark:
        case TextMark():
            colour = WHITE if mark.inverse else BLACK
            letters.draw(canvas, mark.x, mark.y, mark.text, height=mark.height, bold=mark.bold, fill=colour)
        case BoxMark():
            corners = (mark.x, mark.y, mark.x + mark.width - 1, mark.y + mark.height - 1)
            if 2 * mark.thickness >= min(mark.width, mark.height):
                canvas.rectangle(corners, fill=BLACK)
            else:
                canvas.rectangle(corners, outline=BLACK, width=mark.thickness)
        case ImageMark():
            raster = image_raster(mark.png, mark.width, mark.height, mark.threshold)
            canvas.bitmap((mark.x, mark.y), picture_of(raster), fill=BLACK)
        case SymbolMark():
            _draw_symbol(canvas, mark)


def _draw_symbol(canvas: "ImageDraw", mark: SymbolMark) -> None:
    from PIL import Image  # noqa: PLC0415 - loaded with the first picture

    symbol = mark.symbol
    rows = matrix(symbol.kind, symbol.data)
    size = len(rows[0]), len(rows)
    # As a stencil, so that what lies under its light modules stays: one call, where each module was a rectangle.
    stencil = Image.frombytes("L", size, b"".join(rows).translate(_STENCIL))
    dots = symbol.width, symbol.height // len(rows) * len(rows)
    canvas.bitmap((mark.x, mark.y), stencil.resize(dots, Image.Resampling.NEAREST), fill=BLACK)
