"""Dots for a ZPL printer: they come out of ^GF as they went in, and a picture is black where it is dark."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from config.png import read_png
from drivers.raster import Raster, graphic_field, image_raster, picture_of, raster_of
from drivers.symbols import DrawingError
from tests.zpl_graphics import decoded


@given(width=st.integers(1, 700), rows=st.lists(st.integers(0, 5), min_size=1, max_size=8), data=st.data())
def test_dots_come_out_as_they_went_in(width: int, rows: list[int], data: st.DataObject) -> None:
    row_bytes = (width + 7) // 8
    patterns = [bytes(row_bytes), b"\xff" * row_bytes, b"\xf0" * row_bytes]
    patterns += [data.draw(st.binary(min_size=row_bytes, max_size=row_bytes)) for _ in range(3)]
    raster = Raster(width, len(rows), b"".join(patterns[row] for row in rows))

    written = graphic_field(raster)

    assert re.fullmatch(rb"\^GFA,\d+,\d+,\d+,[0-9A-Yg-z,:]+", written)
    assert decoded(written) == (row_bytes, raster.data)


def test_equal_rows_and_digits_are_counted() -> None:
    assert graphic_field(Raster(800, 100, b"\xff" * 10_000)) == b"^GFA,10000,10000,100,pF" + b":" * 99


def test_a_picture_is_black_where_it_is_darker_than_its_threshold(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (4, 1), (0, 0, 0, 0))
    for x, colour in enumerate([(0, 0, 0, 255), (100, 100, 100, 255), (200, 200, 200, 255)]):
        picture.putpixel((x, 0), colour)
    picture.save(tmp_path / "logo.png")
    png = read_png(tmp_path / "logo.png")

    told = {limit: f"{image_raster(png, 4, 1, limit).data[0]:08b}"[:4] for limit in (0.2, 0.5, 0.9)}

    # What is transparent is paper, whatever colour it hides.
    assert told == {0.2: "1000", 0.5: "1100", 0.9: "1110"}


def test_a_picture_becomes_as_large_as_its_field_and_back(tmp_path: Path) -> None:
    picture = Image.new("1", (90, 30), 1)
    ImageDraw.Draw(picture).rectangle((10, 5, 50, 20), fill=0)
    picture.save(tmp_path / "logo.png")

    raster = image_raster(read_png(tmp_path / "logo.png"), 180, 60, 0.5)

    assert (raster.width, raster.height, raster.row_bytes) == (180, 60, 23)
    assert picture_of(raster).getbbox() == (20, 10, 102, 42)
    assert raster_of(picture.convert("L")).width == 90


def test_a_broken_picture_is_told_with_its_file(tmp_path: Path) -> None:
    Image.effect_noise((100, 100), 50).save(tmp_path / "logo.png")
    whole = (tmp_path / "logo.png").read_bytes()
    (tmp_path / "logo.png").write_bytes(whole[: len(whole) // 2])
    png = read_png(tmp_path / "logo.png")

    with pytest.raises(
        DrawingError, match=r"The picture .*logo\.png cannot be read: .*Save it again as PNG\."
    ):
        image_raster(png, 10, 10, 0.5)
