"""Every label looks as it was looked at, on both papers; `make pictures` draws what is kept anew."""

import io

import pytest
from PIL import Image, ImageChops

from config.layouts import Paper, load_layouts
from drivers.escpos_printer import draw_escpos
from edge.domain.labels import FIELDS
from tests.labels import GOLDEN, escpos_digests, golden_picture, job_of


def kept(name: str) -> Image.Image:
    with Image.open(GOLDEN / name) as picture:
        return picture.convert("L")


@pytest.mark.parametrize("paper", ["label", "receipt"])
@pytest.mark.parametrize("kind", FIELDS)
def test_a_label_looks_as_it_was_looked_at(kind: str, paper: Paper) -> None:
    with Image.open(io.BytesIO(golden_picture(kind, paper, copy=True))) as drawn:
        before = kept(f"{kind}.png" if paper == "label" else f"{kind}-receipt.png")

        assert ImageChops.difference(drawn.convert("L"), before).getbbox() is None


@pytest.mark.parametrize("kind", FIELDS)
def test_the_bytes_for_a_receipt_printer_are_its_picture(kind: str) -> None:
    commands = draw_escpos(job_of(kind, copy=True), load_layouts(FIELDS, paper="receipt")[kind])
    at = commands.index(b"\x1dv0\x00") + 4
    row_bytes, height = (int.from_bytes(commands[n : n + 2], "little") for n in (at, at + 2))
    raster = commands[at + 4 : at + 4 + row_bytes * height]
    printed = Image.frombytes("1", (row_bytes * 8, height), bytes(byte ^ 0xFF for byte in raster)).convert(
        "L"
    )

    # A dot more at most wherever the bytes of the picture would be a command of their own.
    difference = ImageChops.difference(printed, kept(f"{kind}-receipt.png"))
    assert sum(difference.histogram()[1:]) <= 20


def test_the_bytes_for_a_receipt_printer_are_those_that_were_looked_at() -> None:
    assert escpos_digests() == (GOLDEN / "escpos.sha256").read_text(encoding="utf-8")
