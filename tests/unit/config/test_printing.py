"""How a printer prints: what its table may say, and the sentences for what its language does not know."""

from pathlib import Path

import pytest

from config.load import load
from config.settings import Media, Printer
from tests.unit.config.writing import MINIMAL, PRINTER, complaints, written

ESCPOS = PRINTER.replace('"zpl"', '"escpos"')


def printer_of(folder: Path, text: str) -> Printer:
    (printer,) = load(written(folder, MINIMAL + text)).printers
    return printer


def test_what_is_left_out_is_as_the_printer_is_set_up(tmp_path: Path) -> None:
    printer = printer_of(tmp_path, PRINTER)

    told = (printer.dpi, printer.media, printer.tracking, printer.darkness, printer.speed, printer.after)
    assert (*told, printer.profile) == (None,) * 7
    assert printer.prologue == printer.epilogue == ""


def test_a_label_printer_takes_its_settings(tmp_path: Path) -> None:
    printer = printer_of(
        tmp_path,
        f"""{PRINTER}
dpi = 300
media = {{ width = 100.5, height = 60 }}
tracking = "mark"
darkness = 30
speed = 101.6
after = "peel"
prologue = "~JSN\\u00ff"
epilogue = "\\u0000"
""",
    )

    assert (printer.dpi, printer.media) == (300, Media(width=100.5, height=60))
    assert (printer.tracking, printer.darkness, printer.speed, printer.after) == ("mark", 30, 101.6, "peel")
    assert (printer.prologue, printer.epilogue) == ("~JSN\xff", "\0")


def test_a_receipt_printer_takes_its_settings(tmp_path: Path) -> None:
    printer = printer_of(
        tmp_path,
        f"""{ESCPOS}
profile = "TM-T88V"
dpi = 180
media = {{ width = 72 }}
darkness = -6
speed = 13
after = "tear"
""",
    )

    assert (printer.profile, printer.dpi, printer.media) == ("TM-T88V", 180, Media(width=72))
    assert (printer.after, printer.darkness, printer.speed) == ("tear", -6, 13)


@pytest.mark.parametrize(
    ("printer", "line", "complaint"),
    [
        (ESCPOS, "darkness = 9", "darkness: expected a whole number from -6 to 8 for escpos, got 9."),
        (ESCPOS, "darkness = -7", "darkness: expected a whole number from -6 to 8 for escpos, got -7."),
        (ESCPOS, "speed = 102", "speed: expected a whole number from 1 to 13 for escpos, got 102."),
        (ESCPOS, "speed = 2.5", "speed: expected a whole number from 1 to 13 for escpos, got 2.5."),
        (
            ESCPOS,
            'tracking = "gap"',
            'tracking: only a printer with language = "zpl" knows this; leave it out.',
        ),
        (
            PRINTER,
            'profile = "TM"',
            'profile: only a printer with language = "escpos" knows this; leave it out.',
        ),
        (ESCPOS, "dpi = 300", "dpi: expected 180 or 203 for escpos, got 300."),
        (PRINTER, "dpi = 180", "dpi: expected 203 or 300 or 600 for zpl, got 180."),
        (ESCPOS, 'after = "peel"', 'after: expected "cut" or "tear" for escpos, got "peel".'),
        (
            ESCPOS,
            "media = { width = 72, height = 50 }",
            "media.height: receipt paper has no height; leave it out.",
        ),
        (PRINTER, "dpi = 200", "dpi: expected 180, 203, 300 or 600, got 200."),
        (PRINTER, 'dpi = "203"', "dpi: expected 180, 203, 300 or 600, got a text; take the quotes off."),
        (PRINTER, "media = 100", "media: expected a table such as { key = value }, got 100."),
        (PRINTER, "media = {}", "media.width: missing; add it, such as width = 100."),
        (PRINTER, "media = { width = 5 }", "media.width: expected a number from 10 to 300, got 5."),
        (PRINTER, "media = { width = 50, hight = 5 }", 'media.hight: unknown key; did you mean "height"?'),
        (PRINTER, "darkness = 31", "darkness: expected a whole number from 0 to 30 for zpl, got 31."),
        (PRINTER, "darkness = -1", "darkness: expected a whole number from 0 to 30 for zpl, got -1."),
        (PRINTER, "darkness = 1.5", "darkness: expected a whole number from 0 to 30 for zpl, got 1.5."),
        (PRINTER, "darkness = true", "darkness: expected a number, got true."),
        (PRINTER, "speed = 4", "speed: expected a number from 25 to 356 for zpl, got 4."),
        (PRINTER, "speed = nan", "speed: expected a number from 25 to 356 for zpl, got nan."),
        (PRINTER, "speed = inf", "speed: expected a number from 25 to 356 for zpl, got inf."),
        (PRINTER, 'speed = "fast"', 'speed: expected a number, got "fast".'),
        (
            PRINTER,
            'tracking = "gaps"',
            'tracking: expected "gap", "mark" or "continuous", got "gaps"; did you mean "gap"?',
        ),
        (PRINTER, 'after = "fold"', 'after: expected "tear", "cut", "peel" or "rewind", got "fold".'),
        (
            PRINTER,
            'prologue = "\\u20ac"',
            'prologue: expected single bytes, written as \\u0000 to \\u00ff, got "€".',
        ),
        (PRINTER, f'epilogue = "{257 * "x"}"', "epilogue: expected at most 256 characters, got 257."),
        (ESCPOS, 'profile = ""', 'profile: expected 1 to 64 printable ASCII characters, got "".'),
    ],
)
def test_what_a_printer_does_not_know_is_told_in_a_sentence(
    tmp_path: Path, printer: str, line: str, complaint: str
) -> None:
    said = complaints(tmp_path, f"{MINIMAL}{printer}{line}\n")

    assert said == [f"printers[0].{complaint}"]


def test_a_language_that_is_none_is_told_once(tmp_path: Path) -> None:
    assert complaints(tmp_path, f"{MINIMAL}{PRINTER.replace('zpl', 'zlp')}dpi = 180\n") == [
        'printers[0].language: expected "zpl" or "escpos", got "zlp"; did you mean "zpl"?'
    ]
