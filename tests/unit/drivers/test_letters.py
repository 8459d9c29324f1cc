"""Letters that a printer or our font need not have: drawn as dots, from another font, or as a box and said."""

import logging
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from config.layouts import Box, Layout, Text
from drivers.label_picture import label_picture
from drivers.letters import OF_THE_BOX, REMEDY, Letters, letters_with, line_raster
from drivers.raster import picture_of
from drivers.symbols import DrawingError
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER
from tests import zpl_graphics
from tests.labels import content_of, job_of

WQY = OF_THE_BOX[0]
needs_wqy = pytest.mark.skipif(
    not WQY.is_file(), reason="fonts-wqy-microhei is not installed (make test does it)"
)

NAMES = {
    "Greek": "Μελάνι εκτυπωτή 700 ml",
    "Cyrillic": "Картридж чёрный, 700 мл",
    "Vietnamese": "Hộp mực đen 700 ml",
    "Chinese": "大幅面打印机墨盒 黑色 700毫升",
    "Japanese": "インクカートリッジ 黒",
    "Korean": "잉크 카트리지 검정",
}


def one_line(*, inverse: bool = False, width: float = 90) -> Layout:
    """A label with nothing on it but a name, white in a black box with `inverse`."""
    text = Text(x=2, y=4, value="{name}", width=width, height=6, inverse=inverse)
    ground = (Box(x=0, y=0, width=100, height=14, filled=True),) if inverse else ()
    return Layout(width=100, height=14, text=(text,), box=ground)


def as_dots(zpl: bytes) -> Image.Image:
    """What a label with one graphic and nothing else draws."""
    found = re.search(rb"\^FO(\d+),(\d+)(?:\^FR)?(\^GFA[^^]*)\^FS", zpl)
    assert found is not None
    paper = Image.new("L", (800, 112), 255)
    paper.paste(zpl_graphics.picture(found[3]), (int(found[1]), int(found[2])))
    return paper


def black_and_white(picture: Image.Image) -> Image.Image:
    return picture.point([0] * 128 + [255] * 128)


@pytest.mark.parametrize("script", ["Greek", "Cyrillic", "Vietnamese"])
def test_a_script_that_font_0_need_not_have_is_drawn_from_our_font(script: str) -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"name": NAMES[script]}), one_line())
    picture = label_picture(content_of(BACKORDER, name=NAMES[script]), one_line())

    assert b"^A0" not in drawn
    assert ImageChops.difference(as_dots(drawn), black_and_white(picture)).getbbox() is None
    assert Letters((), of_the_box=()).lacking(NAMES[script]) == []


@needs_wqy
@pytest.mark.parametrize("script", ["Chinese", "Japanese", "Korean"])
def test_signs_of_the_far_east_are_drawn_from_a_font_of_the_box(script: str) -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"name": NAMES[script]}), one_line())
    picture = label_picture(content_of(BACKORDER, name=NAMES[script]), one_line())
    letters = Letters((), of_the_box=(WQY,))
    raster, _, _ = line_raster(letters, NAMES[script], 48, False)

    assert ImageChops.difference(as_dots(drawn), black_and_white(picture)).getbbox() is None
    assert (letters.lacking(NAMES[script]), raster.height > 30) == ([], True)


@needs_wqy
def test_a_font_of_the_site_is_tried_first_and_ours_before_all() -> None:
    letters = Letters((WQY,), of_the_box=())

    assert letters.width("墨盒", False) == pytest.approx(2 * 0.9 * 0.75 / 0.711, abs=0.05)
    assert letters.width("Tinte é", True) == Letters((), of_the_box=()).width("Tinte é", True)
    assert letters.lacking("墨盒") == []


def test_a_letter_that_no_font_has_is_a_box_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    letters = Letters((), of_the_box=())
    with caplog.at_level(logging.WARNING):
        first, _, _ = line_raster(letters, "墨", 48, False)
        second, _, _ = line_raster(letters, "盒", 48, False)

    dots = picture_of(first).convert("L")
    edge = {dots.getpixel((0, y)) for y in range(first.height)}
    edge |= {dots.getpixel((x, 0)) for x in range(first.width)}
    assert (first == second, edge) == (True, {255})
    assert dots.histogram()[0] > dots.histogram()[255]
    assert letters.lacking("墨a盒墨") == ["墨", "盒"]
    assert caplog.messages == [f"No font has the letter U+58A8: it is printed as a box. {REMEDY}"]


def test_a_font_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "company.ttf").write_bytes(b"no font")

    with pytest.raises(DrawingError, match=r"company\.ttf is no font that can be used: "):
        letters_with((tmp_path / "company.ttf",))


def test_accents_of_latin_languages_are_left_to_the_printer() -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"name": "Łódź, Žluťoučký, ışık, Größe"}), one_line())

    assert b"^GFA" not in drawn
    assert b"^FD_C5_81_C3_B3d_C5_BA" in drawn


def test_a_line_in_reverse_is_reversed_as_dots_too() -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"name": NAMES["Greek"]}), one_line(inverse=True))

    assert re.search(rb"\^FO\d+,\d+\^FR\^GFA,", drawn)


def test_a_text_of_dots_that_is_too_long_gets_smaller_and_then_is_cut() -> None:
    drawn = draw_zpl(job_of(BACKORDER, {"name": NAMES["Cyrillic"] * 500}), one_line(width=60))

    ink = as_dots(drawn).point([255] * 128 + [0] * 128).getbbox()
    assert ink is not None
    assert ink[2] <= (2 + 60) * 8 + 1
    assert len(drawn) < 4000
