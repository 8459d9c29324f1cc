"""A label for a receipt printer: one picture and a cut, and nothing else that a printer could obey."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from config.layouts import Box, Layout, load_layouts
from drivers.escpos_printer import BAND_ROWS, draw_escpos
from drivers.label_picture import label_picture
from drivers.symbols import DrawingError
from edge.domain.labels import BACKORDER, FIELDS
from tests.labels import CONTENTS, ROOT, content_of, job_of
from tests.receipts import picture_of

LAYOUTS = load_layouts(FIELDS, paper="receipt")


@pytest.mark.parametrize("kind", FIELDS)
def test_a_label_is_one_picture_whose_code_scans(kind: str) -> None:
    picture = picture_of(draw_escpos(job_of(kind), LAYOUTS[kind]))

    texts = [symbol.bytes.decode("latin-1") for symbol in zxingcpp.read_barcodes(picture.convert("L"))]
    assert picture.width == 576
    assert f"LBL:{CONTENTS[kind]['label']}" in texts


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=200))
def test_no_text_becomes_a_command(text: str) -> None:
    commands = draw_escpos(job_of(BACKORDER, {"name": text, "to": text, "express": ""}), LAYOUTS[BACKORDER])

    assert picture_of(commands).height == round(LAYOUTS[BACKORDER].height * 8)
    assert not any(command in commands for command in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


def test_bytes_of_a_picture_that_a_printer_would_obey_at_once_get_a_dot_more() -> None:
    # Dots 3, 11 and 13 of each row: the bytes 0x10 0x14, DLE DC4.
    dots = tuple(Box(x=dot / 8, y=0, width=1 / 8, height=10, filled=True) for dot in (3, 11, 13))
    layout = Layout(width=10, height=10, box=dots)

    commands = draw_escpos(job_of(BACKORDER), layout)

    assert b"\x18\x14" in commands
    assert b"\x10\x14" not in commands


@pytest.mark.parametrize(("width", "height"), [(72, 103), (71.9, 120), (45.1, 120.125), (10, 250)])
def test_a_picture_of_any_size_is_sent_as_python_escpos_would_send_it(width: float, height: float) -> None:
    frame = Box(x=0, y=0, width=width, height=height, thickness=0.5)
    layout = Layout(width=width, height=height, box=(frame, Box(x=3, y=3, width=5, height=90, filled=True)))

    ours = draw_escpos(job_of(BACKORDER), layout)

    # Behind our own import of it, which leaves no trace.
    from escpos.capabilities import Profile  # noqa: PLC0415
    from escpos.printer import Dummy  # noqa: PLC0415

    theirs = Dummy(profile=Profile(features={"paperFullCut": True, "paperPartCut": True}))
    theirs.profile.profile_data = {"media": {"width": {"pixels": 576}}}
    theirs.hw("INIT")
    picture = label_picture(content_of(BACKORDER), layout)
    theirs.image(picture, impl="bitImageRaster", fragment_height=BAND_ROWS)
    theirs.cut(mode="PART")
    assert ours == theirs.output


def test_a_layout_wider_than_the_paper_is_refused() -> None:
    with pytest.raises(
        DrawingError, match="Expected a layout of at most 72 mm for receipt paper, got 100 mm"
    ):
        draw_escpos(job_of(BACKORDER), load_layouts(FIELDS)[BACKORDER])


def test_drawing_leaves_no_log_handler_no_output_and_no_folder(tmp_path: Path) -> None:
    program = """
import logging
from config.layouts import load_layouts
from drivers.escpos_printer import Escpos
from edge.domain.labels import FIELDS
from tests.labels import job_of
language = Escpos(load_layouts(FIELDS, paper="receipt"))
language.prepare()
language.draw(job_of("missing"))
assert not logging.getLogger().handlers
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_a_zpl_printer_loads_neither_pillow_nor_python_escpos() -> None:
    program = """
import sys
import drivers.spool
from config.layouts import load_layouts
from drivers.zpl_printer import Zpl
from edge.domain.labels import FIELDS
Zpl(load_layouts(FIELDS))
loaded = {"PIL", "escpos", "zxingcpp", "serial"} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_the_root_logger_keeps_the_handlers_it_had() -> None:
    before = list(logging.getLogger().handlers)

    draw_escpos(job_of(BACKORDER), LAYOUTS[BACKORDER])

    assert logging.getLogger().handlers == before
