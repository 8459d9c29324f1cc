"""Dots on paper, a bit each: pictures of a layout in black and white, and rasters as a ZPL printer takes them.

(Zebra, ZPL II Programming Guide: ^GF, and the compression that ~DG and ^GF share.)
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from config.png import Png
from drivers.symbols import DrawingError

if TYPE_CHECKING:
    from PIL.Image import Image

BLACK, WHITE = 0, 255

THRESHOLD = 128
"""Greys below this are black."""

# Repeat counts: G to Y for 1 to 19, g to z for 20 to 400 in steps of 20.
_UNITS = b" GHIJKLMNOPQRSTUVWXY"
_TWENTIES = b" ghijklmnopqrstuvwxyz"

_RUN = re.compile(rb"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class Raster:
    """Rows of dots, each begun at a byte; a black dot is a 1."""

    width: int
    height: int
    data: bytes

    @property
    def row_bytes(self) -> int:
        return (self.width + 7) // 8


def raster_of(picture: "Image", *, threshold: int = THRESHOLD) -> Raster:
    """Make a grey picture black and white."""
    # In a raster a black dot is 1, in a picture 0.
    dots = picture.point([255] * threshold + [0] * (256 - threshold), "1").tobytes()
    return Raster(picture.width, picture.height, dots)


def picture_of(raster: Raster) -> "Image":
    """The dots as a picture of bits, white where the raster is black: a mask to draw through."""
    from PIL import Image  # noqa: PLC0415 - loaded with the first picture

    return Image.frombytes("1", (raster.width, raster.height), raster.data)


@lru_cache(maxsize=32)
def image_raster(png: Png, width: int, height: int, threshold: float) -> Raster:
    """Draw a picture of a layout in so many dots. Raises DrawingError."""
    from PIL import Image  # noqa: PLC0415 - loaded with the first picture

    try:
        with Image.open(BytesIO(png.data), formats=("PNG",)) as opened:
            coloured = opened.convert("RGBA")
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DrawingError(
            f"The picture {png.file} cannot be read: {error}.", hint="Save it again as PNG."
        ) from error
    paper = Image.new("RGBA", coloured.size, (WHITE, WHITE, WHITE, WHITE))
    grey = Image.alpha_composite(paper, coloured).convert("L")
    return raster_of(grey.resize((width, height), Image.Resampling.BOX), threshold=round(threshold * 255))


@lru_cache(maxsize=32)
def graphic_field(raster: Raster) -> bytes:
    """Write a raster as ^GF: hexadecimal, equal digits and rows counted. Nothing but our bytes can be in it.

    >>> graphic_field(Raster(16, 3, bytes([0xFF, 0xF0, 0xFF, 0xF0, 0, 0])))
    b'^GFA,6,6,2,IF0:,'
    """
    row_bytes, size = raster.row_bytes, len(raster.data)
    before = b""
    rows: list[bytes] = []
    for at in range(0, size, row_bytes):
        row = raster.data[at : at + row_bytes]
        rows.append(b":" if row == before else _row(row))
        before = row
    return b"^GFA,%d,%d,%d," % (size, size, row_bytes) + b"".join(rows)


def _row(row: bytes) -> bytes:
    digits = row.hex().upper().encode()
    told = digits.rstrip(b"0")
    told += b"0" * (len(told) % 2)
    # A comma fills the row with zeros. Behind a full row it would be one more.
    return _RUN.sub(_counted, told) + (b"," if len(told) < len(digits) else b"")


def _counted(run: "re.Match[bytes]") -> bytes:
    return _said(run[0])


@lru_cache(maxsize=4096)
def _said(run: bytes) -> bytes:
    """Say how often a digit comes."""
    left, said = len(run), b""
    while left > 400:
        said, left = said + b"z", left - 400
    twenties, units = divmod(left, 20)
    return (
        said
        + (_TWENTIES[twenties : twenties + 1] if twenties else b"")
        + (_UNITS[units : units + 1] if units else b"")
        + run[:1]
    )
