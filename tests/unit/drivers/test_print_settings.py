"""How a printer prints: what goes around a label, at which size, and which layouts its paper takes."""

import re
import subprocess
import sys

import pytest
import zxingcpp

from config.layouts import Barcode, Layout, load_layouts
from config.settings import Printer
from drivers.escpos_printer import draw_escpos
from drivers.languages import language_of
from drivers.print_settings import AS_SET_UP, DOTS_PER_MM, PrintSettings, print_settings, zpl_head
from drivers.symbols import GS1_BAR_MM, GS1_MATRIX_MM, MIN_MODULE_MM
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER, FIELDS, PUTAWAY
from edge.errors import UsageError
from tests.labels import CONTENTS, ROOT, job_of
from tests.receipts import CUT, FEED, picture_of

LABELS = load_layouts(FIELDS)
RECEIPTS = load_layouts(FIELDS, paper="receipt")
LAYOUT = Layout(width=100, height=60)
UNDONE = b"^LH0,0^LS0^FWN^PON^PQ1"


def printer(language: str = "zpl", **keys: object) -> Printer:
    return Printer.model_validate(
        {"id": "p-1", "language": language, "device": "tcp://10.0.0.20:9100", **keys}
    )


def test_a_printer_of_which_nothing_is_said_gets_no_setting() -> None:
    assert zpl_head(AS_SET_UP, LAYOUT) == b"^XA^CI28^PW800^LL480" + UNDONE + b"\n"
    assert print_settings(printer()) == AS_SET_UP


def test_all_that_is_configured_goes_with_each_label() -> None:
    configured = printer(
        dpi=203,
        media={"width": 104, "height": 76.5},
        tracking="mark",
        darkness=7,
        speed=101.6,
        after="peel",
        prologue="~JSN\xff",
        epilogue="\0end",
    )

    drawn = draw_zpl(job_of(BACKORDER), LABELS[BACKORDER], print_settings(configured))
    plain = draw_zpl(job_of(BACKORDER), LABELS[BACKORDER])

    head = b"~JSN\xff~SD07^XA^CI28^PW832^LL612" + UNDONE + b"^MD0^PR4^MNM^MMP\n"
    assert drawn == head + plain.partition(b"\n")[2] + b"\0end"


@pytest.mark.parametrize(
    ("settings", "commands"),
    [
        (PrintSettings(darkness=0), b"~SD00"),
        (PrintSettings(darkness=30), b"~SD30"),
        (PrintSettings(speed=25), b"^PR1\n"),
        (PrintSettings(speed=152.4), b"^PR6\n"),
        (PrintSettings(speed=356), b"^PR14\n"),
        (PrintSettings(tracking="gap"), b"^MNW\n"),
        (PrintSettings(tracking="continuous"), b"^MNN\n"),
        (PrintSettings(after="tear"), b"^MMT\n"),
        (PrintSettings(after="cut"), b"^MMC\n"),
        (PrintSettings(after="rewind"), b"^MMR\n"),
    ],
)
def test_each_setting_is_its_command(settings: PrintSettings, commands: bytes) -> None:
    assert commands in zpl_head(settings, LAYOUT)


def test_nothing_is_ever_saved_in_the_printer() -> None:
    everything = PrintSettings(darkness=9, speed=100, tracking="gap", after="cut", width=100, height=60)

    assert b"^JU" not in draw_zpl(job_of(BACKORDER), LABELS[BACKORDER], everything)


@pytest.mark.parametrize("dpi", [300, 600])
def test_at_another_resolution_a_label_is_as_large(dpi: int) -> None:
    settings = PrintSettings(dpi=dpi)

    at_203 = draw_zpl(job_of(BACKORDER), LABELS[BACKORDER])
    drawn = draw_zpl(job_of(BACKORDER), LABELS[BACKORDER], settings)

    # Symbols aside: their modules are whole dots, so they are a little larger or smaller.
    placed = rb"\^(?:PW|LL|GB)[0-9,]+|\^FO[0-9,]+(?=\^A0|\^GB)"
    for before, after in zip(_numbers(placed, at_203), _numbers(placed, drawn), strict=True):
        assert after == pytest.approx(before * settings.dots_per_mm / 8, abs=settings.dots_per_mm)


def _numbers(pattern: bytes, zpl: bytes) -> list[int]:
    return [int(number) for command in re.findall(pattern, zpl) for number in re.findall(rb"\d+", command)]


@pytest.mark.parametrize("dpi", [300, 600])
def test_a_label_never_runs_over_the_paper_of_either_sort_of_head(dpi: int) -> None:
    """Sold as 300 dpi are 11.8 and 12 dots to the mm; as 600 dpi 23.6 and 24."""
    (width,) = _numbers(rb"\^PW\d+", draw_zpl(job_of(BACKORDER), LABELS[BACKORDER], PrintSettings(dpi=dpi)))

    coarsest = dpi / 25.4
    assert width / coarsest <= LABELS[BACKORDER].width + 0.05


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_modules_are_within_what_scanners_and_gs1_ask_on_either_sort_of_head(dpi: int) -> None:
    settings = PrintSettings(dpi=dpi)
    finest = {203: 8.0, 300: 12.0, 600: 24.0}[dpi]
    least = {b"^BC": MIN_MODULE_MM, b"^BX": GS1_MATRIX_MM, b"^BQ": MIN_MODULE_MM}

    for kind in FIELDS:
        drawn = draw_zpl(job_of(kind), LABELS[kind], settings)
        modules = re.findall(rb"\^BY(\d+)(\^BC)|(\^BX)N,(\d+)|(\^BQ)N,2,(\d+)", drawn)
        for bars, bc, bx, matrix, bq, qr in modules:
            dots = int(bars or matrix or qr)
            is_gs1 = bc and f"{kind}" == PUTAWAY and b">8" in drawn.partition(bc)[2][:40]
            assert dots / finest >= (GS1_BAR_MM if is_gs1 else least[bc or bx or bq]) - 1e-9
            # ^BY and ^BQ take no more than 10.
            assert bx or dots <= 10


def test_bars_that_a_fine_head_cannot_draw_wide_enough_become_a_matrix() -> None:
    wide = Barcode(x=0, y=0, width=290, height=40, symbol="gs1", value="{symbol}")
    layout = Layout(width=300, height=60, barcode=(wide,))

    assert b"^BC" in draw_zpl(job_of(PUTAWAY), layout, PrintSettings(dpi=300))
    assert b"^BX" in draw_zpl(job_of(PUTAWAY), layout, PrintSettings(dpi=600))


def test_a_layout_larger_than_the_paper_is_refused_and_a_smaller_one_is_fine() -> None:
    width, height = (max(getattr(one, side) for one in LABELS.values()) for side in ("width", "height"))

    language_of(printer(media={"width": width, "height": height}), LABELS)
    language_of(printer(media={"width": width + 20}), LABELS)
    with pytest.raises(UsageError) as wide:
        language_of(printer(media={"width": 80}), {"backorder": LAYOUT})
    with pytest.raises(UsageError) as high:
        language_of(printer(media={"width": 100, "height": 50.5}), {"backorder": LAYOUT})

    assert str(wide.value) == (
        "Printer p-1: the layout backorder is 100 x 60 mm, its paper 80 mm wide. Put in other paper and say so in "
        "media, or a smaller layout into [labels] layouts."
    )
    assert high.value.text == "Printer p-1: the layout backorder is 100 x 60 mm, its paper 100 x 50.5 mm."


@pytest.mark.parametrize(
    "keys",
    [{"dpi": 180}, {"profile": "TM-T88V"}],
)
def test_a_symbol_without_room_at_the_printers_own_dots_is_told_at_start(keys: dict[str, object]) -> None:
    """Two dots to the module: 0.25 mm at 203 dpi, 0.282 at 180."""
    code = Barcode(x=0, y=0, width=7.5, height=7.5, symbol="qr", value="LBL:{label}")
    layouts = {"backorder": Layout(width=72, height=60, barcode=(code,))}

    language_of(printer("escpos"), layouts)
    with pytest.raises(UsageError, match=r"Printer p-1: .*: barcode 1: width: Expected a qr symbol to fit"):
        language_of(printer("escpos", **keys), layouts)


# Receipt printers.


@pytest.mark.parametrize(
    ("settings", "width", "behind"),
    [
        (AS_SET_UP, 576, FEED + CUT),
        (PrintSettings(after="cut"), 576, FEED + CUT),
        (PrintSettings(after="tear"), 576, FEED),
        (PrintSettings(profile="TM-T88V"), 512, FEED + CUT),
        (PrintSettings(profile="RP-F10-80mm", after="tear"), 576, FEED),
        (PrintSettings(dpi=180), 512, FEED + CUT),
    ],
)
def test_a_receipt_is_drawn_for_its_printer_and_its_code_scans(
    settings: PrintSettings, width: int, behind: bytes
) -> None:
    picture = picture_of(draw_escpos(job_of(BACKORDER), RECEIPTS[BACKORDER], settings), behind=behind)

    assert picture.width == width
    assert picture.height == round(RECEIPTS[BACKORDER].height * DOTS_PER_MM[180 if width == 512 else 203])
    texts = [symbol.bytes.decode("latin-1") for symbol in zxingcpp.read_barcodes(picture.convert("L"))]
    assert f"LBL:{CONTENTS[BACKORDER]['label']}" in texts


def test_bytes_before_a_receipt_stand_behind_what_would_undo_them() -> None:
    settings = PrintSettings(prologue=b"\x1b\x12", epilogue=b"\x07")

    picture_of(
        draw_escpos(job_of(BACKORDER), RECEIPTS[BACKORDER], settings),
        before=b"\x1b\x12",
        behind=FEED + CUT + b"\x07",
    )


@pytest.mark.parametrize(
    ("settings", "head"),
    [
        (PrintSettings(darkness=-6), b"\x1d(K\x02\x00\x31\xfa"),
        (PrintSettings(darkness=0), b"\x1d(K\x02\x00\x31\x00"),
        (PrintSettings(darkness=8), b"\x1d(K\x02\x00\x31\x08"),
        (PrintSettings(speed=13), b"\x1d(K\x02\x00\x32\x0d"),
        (PrintSettings(width=72), b"\x1dL\x00\x00\x1dW\x40\x02"),
        (PrintSettings(width=72, dpi=180), b"\x1dL\x00\x00\x1dW\x00\x02"),
        (
            PrintSettings(darkness=-1, speed=1, width=80, prologue=b"\x1b\x12"),
            b"\x1d(K\x02\x00\x31\xff\x1d(K\x02\x00\x32\x01\x1dL\x00\x00\x1dW\x80\x02\x1b\x12",
        ),
    ],
)
def test_what_a_receipt_printer_is_told_goes_with_each_label(settings: PrintSettings, head: bytes) -> None:
    picture_of(draw_escpos(job_of(BACKORDER), RECEIPTS[BACKORDER], settings), before=head, behind=FEED + CUT)


def test_a_printer_without_a_cutter_is_sent_no_cut() -> None:
    narrow = Layout(width=40, height=20)

    picture_of(draw_escpos(job_of(BACKORDER), narrow, PrintSettings(profile="ZJ-5870")), behind=FEED)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"profile": "TM-T88"}, 'profile: python-escpos knows no printer "TM-T88"; did you mean "TM-T88V"?'),
        ({"profile": "tm-t88v"}, None),
        (
            {"profile": "TM-U220"},
            "profile: a TM-U220 prints no pictures (GS v 0), and labels for receipt paper are pictures; take another.",
        ),
        (
            {"profile": "ZJ-5870", "after": "cut"},
            'after: a ZJ-5870 has no cutter; expected "tear", or leave it out.',
        ),
        (
            {"profile": "ZJ-5870"},
            "the layout backorder is 72 x 20 mm, its paper 48 mm wide. Put in other paper and say so in media, or a "
            "smaller layout into [labels] layouts.",
        ),
        (
            {"media": {"width": 48}},
            "the layout backorder is 72 x 20 mm, its paper 48 mm wide. Put in other paper and say so in media, or a "
            "smaller layout into [labels] layouts.",
        ),
    ],
)
def test_a_receipt_printer_that_cannot_be_is_told_at_start(
    keys: dict[str, object], sentence: str | None
) -> None:
    with pytest.raises(UsageError) as refused:
        language_of(printer("escpos", **keys), {"backorder": Layout(width=72, height=20)})

    if sentence is not None:
        assert str(refused.value) == f"Printer p-1: {sentence}"


def test_a_profile_alone_makes_a_start_load_python_escpos() -> None:
    program = """
import sys
from config.settings import Printer
from drivers.languages import language_of
keys = {"id": "p-1", "device": "tcp://10.0.0.20:9100", "language": "escpos"}
language_of(Printer(**keys), {})
assert not {"PIL", "escpos"} & set(sys.modules)
language_of(Printer(**keys, profile="TM-T88V"), {})
assert "escpos" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
