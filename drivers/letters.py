"""The letters of labels that are drawn: our own font, and others for what it lacks, letter by letter.

Ours (`fonts/`) has Latin, Greek and Cyrillic, and is the same on every box. What it lacks is looked for in the
site's fonts, then in those of the box; a letter that none of them has is drawn as a box, and said once.
Pillow is imported when the first letter is drawn.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.raster import BLACK, THRESHOLD, WHITE, Raster, raster_of
from drivers.symbols import DrawingError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FONTS = Path(__file__).parent / "fonts"

CAPITALS = 0.75
"""A capital's part of the height of a line, as in font 0 of a ZPL printer."""

FONT_CAPITALS = 0.711
"""A capital's part of the em in Roboto Condensed."""

OTHER_SCALE = 0.9
"""Other fonts are drawn so much smaller: signs of the Far East fill their em, and stay within the line."""

OF_THE_BOX = (
    # Debian: fonts-wqy-microhei, fonts-noto-cjk, fonts-droid-fallback (Chinese, Japanese, Korean).
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"),
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"),
    # fonts-dejavu-core (Hebrew, Arabic and many more).
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
)
"""Tried after the site's, where they are installed."""

REMEDY = "Install fonts-wqy-microhei or fonts-noto-cjk, or name a font that has it in [labels] fonts."

STENCILS_KEPT = 512
"""Letters of one size that are kept drawn: some 2 KB each."""

ADVANCES_KEPT = 8192
"""Letters of which the width is known; then it is measured anew."""

_OURS_END = 0x0180
"""Ours has all of Latin-1 and Latin Extended-A."""

_UNITS = 100
"""Dots to the em for measuring, fine enough to scale from."""

_INK = [255] * THRESHOLD + [0] * (256 - THRESHOLD)

log = logging.getLogger(__name__)


class Letters:
    """Our font and those that are tried after it. Raises DrawingError for a font of the site that is none."""

    def __init__(self, fonts: Sequence[Path], *, of_the_box: Sequence[Path] = OF_THE_BOX) -> None:
        self._others = [*fonts, *(font for font in of_the_box if font.is_file())]
        for font in fonts:
            _font(font, _UNITS)
        self._has_said = False
        # How far a letter moves on, as a multiple of the height. Fitting a text measures the beginnings of it again and
        # again, so each letter is measured once.
        self._advance = lru_cache(ADVANCES_KEPT)(self._measured)

    def width(self, text: str, bold: bool) -> float:
        """How wide a text is, as a multiple of its height."""
        return sum([self._advance(letter, bold) for letter in text])

    def lacking(self, text: str) -> list[str]:
        """List the letters of a text that no font has, each once."""
        fonts = (_ours(False), *self._others)
        return [
            letter
            for letter in dict.fromkeys(text)
            if not _is_ours(letter) and not any(_has(font, letter) for font in fonts)
        ]

    def draw(
        self, canvas: "ImageDraw", x: int, top: int, text: str, *, height: int, bold: bool, fill: int
    ) -> None:
        """Draw a line whose capitals begin at `top`."""
        baseline, size = top + round(height * CAPITALS), round(height * CAPITALS / FONT_CAPITALS)
        at = float(x)
        for other, run in self._runs(text, bold):
            file, drawn = (_ours(bold), size) if other is None else (other, _smaller(size))
            # Other fonts come in one weight: a second strike makes them bolder.
            strikes = (0, max(1, size // 30)) if bold and other is not None else (0,)
            for letter in run:
                stencil, right, down, advance = _stencil(file, drawn, letter)
                if stencil is not None:
                    for strike in strikes:
                        canvas.bitmap((round(at) + right + strike, baseline + down), stencil, fill=fill)
                at += advance
            at += strikes[-1]

    def _measured(self, letter: str, bold: bool) -> float:
        other = self._font_of(letter, bold)
        font = _font(_ours(bold), _UNITS) if other is None else _font(other, _smaller(_UNITS))
        return font.getlength(letter) / _UNITS * (CAPITALS / FONT_CAPITALS)

    def _runs(self, text: str, bold: bool) -> Iterator[tuple[Path | None, str]]:
        """Divide a text by the font of its letters; None is ours."""
        if _is_ours(text):
            yield None, text
            return
        for font, together in groupby(text, lambda letter: self._font_of(letter, bold)):
            yield font, "".join(together)

    def _font_of(self, letter: str, bold: bool) -> Path | None:
        if _is_ours(letter) or _has(_ours(bold), letter):
            return None
        for font in self._others:
            if _has(font, letter):
                return font
        if not self._has_said:
            # Once is enough: what helps is the same for all of them.
            self._has_said = True
            log.warning("No font has the letter U+%04X: it is printed as a box. %s", ord(letter), REMEDY)
        return None


@lru_cache(maxsize=8)
def letters_with(fonts: tuple[Path, ...]) -> Letters:
    """The letters of a site with these fonts of its own. Raises DrawingError."""
    return Letters(fonts)


@lru_cache(maxsize=64)
def line_raster(letters: Letters, text: str, height: int, bold: bool) -> tuple[Raster, int, int]:
    """Draw a line of text as dots; also return where the raster begins: right of its edge, below its capitals."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - loaded with the first picture

    # Accents and signs of the Far East stand above the capitals, tails below the line.
    margin = height // 4
    width = max(1, round(letters.width(text, bold) * height)) + 2 * margin
    picture = Image.new("L", (width, height + 2 * margin), WHITE)
    letters.draw(ImageDraw.Draw(picture), margin, margin, text, height=height, bold=bold, fill=BLACK)
    # Black is 0, what is not paper has a box.
    left, top, right, bottom = picture.point(_INK).getbbox() or (margin, margin, margin + 1, margin + 1)
    return raster_of(picture.crop((left, top, right, bottom))), left - margin, top - margin


def _is_ours(text: str) -> bool:
    return text.isascii() or max(text) < chr(_OURS_END)


def _ours(bold: bool) -> Path:
    return FONTS / ("RobotoCondensed-Bold.ttf" if bold else "RobotoCondensed-Regular.ttf")


def _smaller(size: int) -> int:
    return max(1, round(size * OTHER_SCALE))


@lru_cache(maxsize=8192)
def _has(font: Path, letter: str) -> bool:
    """Tell whether a font has a letter: what it lacks is drawn as U+FFFF, which is no letter."""
    drawn = [_font(font, _UNITS).getmask(each) for each in (letter, "\uffff")]
    return (drawn[0].size, bytes(drawn[0])) != (drawn[1].size, bytes(drawn[1]))


@lru_cache(maxsize=STENCILS_KEPT)
def _stencil(file: Path, size: int, letter: str) -> tuple["Image | None", int, int, float]:
    """Draw a letter once: its ink (None of a space), where that begins right of and below the pen, how far it moves.

    FreeType would draw each letter of each label anew, which was most of what a drawn line took.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 - loaded with the first picture

    font = _font(file, size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(letter, anchor="ls"))
    if right <= left or bottom <= top:
        return None, 0, 0, font.getlength(letter)
    stencil = Image.new("L", (right - left, bottom - top), 0)
    ImageDraw.Draw(stencil).text((-left, -top), letter, font=font, fill=255, anchor="ls")
    return stencil, left, top, font.getlength(letter)


@lru_cache(maxsize=128)
def _font(file: Path, size: int) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - loaded with the first picture

    try:
        # The basic engine: letters side by side, without the shaping that differs from one build to the next.
        return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)
    except (OSError, ValueError) as error:
        raise DrawingError(f"{file} is no font that can be used: {error}.") from error
