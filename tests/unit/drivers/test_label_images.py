"""A picture in a layout is the same dots on a ZPL printer, on a receipt and in the preview."""

import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from config.layouts import Layout, read_layout
from drivers.escpos_printer import draw_escpos
from drivers.label_picture import label_picture
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER, FIELDS
from tests import zpl_graphics
from tests.labels import content_of, job_of
from tests.receipts import picture_of

LAYOUT = """
width = 60
height = 20
[[image]]
file = "logo.png"
x = 5
y = 2
width = 20
when = "express"
[[text]]
value = "{copy}"
x = 30
y = 2
width = 25
height = 5
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A logo of a ring and a bar, on a ground that is not there."""
    logo = Image.new("RGBA", (220, 150), (255, 0, 0, 0))
    pen = ImageDraw.Draw(logo)
    pen.ellipse((10, 10, 120, 120), outline=(20, 20, 60, 255), width=12)
    pen.rectangle((130, 20, 210, 140), fill=(90, 90, 90, 255))
    logo.save(tmp_path / "logo.png")
    (tmp_path / "backorder.toml").write_text(LAYOUT)
    return read_layout(tmp_path / "backorder.toml", FIELDS[BACKORDER])


def test_every_language_prints_the_dots_of_the_preview(layout: Layout) -> None:
    picture = label_picture(content_of(BACKORDER), layout)

    zpl = re.search(rb"\^FO(\d+),(\d+)(\^GFA[^^]*)\^FS", draw_zpl(job_of(BACKORDER), layout))
    assert zpl is not None
    paper = Image.new("L", picture.size, 255)
    paper.paste(zpl_graphics.picture(zpl[3]), (int(zpl[1]), int(zpl[2])))
    assert ImageChops.difference(paper, picture).getbbox() is None

    receipt = picture_of(draw_escpos(job_of(BACKORDER), layout)).convert("L")
    assert ImageChops.difference(receipt, picture).getbbox() is None


def test_it_is_left_out_where_its_field_is_empty(layout: Layout) -> None:
    plain = label_picture(content_of(BACKORDER, express=""), layout)

    assert plain.histogram()[255] == plain.width * plain.height
    assert b"^GF" not in draw_zpl(job_of(BACKORDER, {"express": ""}), layout)
