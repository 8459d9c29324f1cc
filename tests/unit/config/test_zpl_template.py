"""Raw ZPL made in a designer: what it may hold, and that a mistake says file, line and command."""

from pathlib import Path

import pytest

from config.layouts import LayoutError, load_layouts
from config.zpl_template import Slot
from edge.domain.labels import FIELDS

GOOD = """\
^XA
^FX what a designer says of itself {}^FS
^PW800^LL480
^FO24,20^A0N,96,96^FH\\^FD{order}^FS
^FT24,200^A0N,40,40^CI28^FDLot_{lot}^FS^CI27
^FO600,20^GFA,2,2,1,FF00^FS
^FO24,300^BY2^BCN,100,N,N,N^FD>:LBL:{label}^FS
^CI28^FO500,300^A0N,40,40^FD{copy}^FS
^PQ1,0,1,Y^XZ
"""


def slots(folder: Path, text: str, name: str = "backorder.zpl") -> list[Slot]:
    """The fields of a file that is good."""
    (folder / name).write_text(text, encoding="utf-8")
    template = load_layouts(FIELDS, folder)["backorder"].zpl
    assert template is not None
    return [part for part in template.parts if isinstance(part, Slot)]


def refusal(folder: Path, text: str) -> str:
    """The sentence that a file gets, without the folder in it."""
    with pytest.raises(LayoutError) as refused:
        slots(folder, text)
    return str(refused.value).removeprefix(f"{folder}/")


def test_a_file_of_a_designer_has_fields_where_it_names_them(tmp_path: Path) -> None:
    assert slots(tmp_path, GOOD) == [
        Slot("{order}", "\\"),
        Slot("Lot_5F{lot}", "_"),
        Slot(">:LBL:{label}", "_", "BC"),
        Slot("{copy}", "_"),
    ]


def test_it_is_for_labels_and_receipts_keep_their_layout(tmp_path: Path) -> None:
    slots(tmp_path, GOOD)

    assert load_layouts(FIELDS, tmp_path, paper="receipt")["backorder"].zpl is None
    assert load_layouts(FIELDS, tmp_path)["missing"].zpl is None


@pytest.mark.parametrize(
    "command",
    [
        "JUS",
        "IDR:*.*",
        "DFR:A.ZPL",
        "HH",
        "KP1",
        "CC/",
        "CT/",
        "CD;",
        "MMC",
        "SD30",
        "FN1",
        "FV1",
        "SN1",
        "XFR:A",
    ],
)
def test_a_command_that_does_more_than_draw_is_refused(tmp_path: Path, command: str) -> None:
    told = refusal(tmp_path, GOOD.replace("^PW800", f"^{command}"))

    assert told == (
        f"backorder.zpl: line 3: ^{command[:2]}: this command is none that a layout may have: a layout draws one "
        "label. How the printer works is set in [[printers]]."
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("{order}", "{ordr}", 'line 4: ^FD: there is no field "ordr"; did you mean "order"?'),
        ("{order}", "{order", "line 4: ^FD: expected fields such as {label}, each in a pair of braces."),
        ("{order}", "~JA", "line 4: a command with ~ is obeyed at once, wherever it stands; take it out."),
        ("{order}", "\x1b@", "line 4: there is a control character; take it out."),
        ("24,20", "24,{line}", "line 4: ^FO: a field such as {label} stands between ^FD and ^FS alone."),
        ("^FH\\", "^FHA", "line 4: ^FH: expected a sign such as _ or \\, got 'A'."),
        ("{order}^FS", "{order}", "line 5: ^FT: expected ^FS behind ^FD and its data."),
        (
            "^CI28^FDLot",
            "^CI27^FDLot",
            "line 5: ^FD: ^CI27 is in force and values are UTF-8: put ^CI28 before",
        ),
        ("^GFA", "^GFB", "line 6: ^GF: expected a picture in hexadecimal, ^GFA."),
        ("N,N,N^FD", "N,N,N,D^FD", "line 7: ^BC: expected mode N for data with fields."),
        (
            ">:LBL",
            ">;LBL",
            "line 7: ^FD: a value is read in set B: begin with >: and change to no other set.",
        ),
        ("^BCN,100,N,N,N", "^B3N,N,100", "line 7: ^B3: fields may stand in ^BC, ^BQ and ^BX, and in texts."),
        (
            "^BCN,100,N,N,N",
            "^BQN,2,5",
            'line 7: ^FD: expected the data of a QR code to begin with its level and "A,"',
        ),
        (
            "^BCN,100,N,N,N",
            "^BXN,6,200",
            "line 7: ^BX: expected quality 200 and an escape character of its own",
        ),
        (
            "{copy}",
            "COPY",
            "the mark of a label that may be a second one is missing: put ^FD{copy}^FS in sight",
        ),
        ("^PQ1,", "^PQ2,", "line 9: ^PQ: expected one label, ^PQ1: a second one would have no mark."),
        (
            "^XA\n",
            "^XA^XZ\n^XA\n",
            "expected one label, from ^XA to ^XZ; leave out what a designer puts before it",
        ),
        ("^XA\n", "", "expected one label, from ^XA to ^XZ; "),
        ("^XA\n", "^XA\n${hello}\n", "expected nothing but commands behind ^XA and nothing behind ^XZ."),
        ("^PW800", "^pw800", "line 3: expected a command such as ^FO, got '^pw800"),
    ],
)
def test_a_mistake_names_file_line_and_command(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert refusal(tmp_path, GOOD.replace(old, new)).startswith(f"backorder.zpl: {sentence}")


def test_the_mark_in_a_barcode_is_not_in_sight(tmp_path: Path) -> None:
    hidden = GOOD.replace("^A0N,40,40^FD{copy}", "^BQN,2,5^FDMA,{copy}")

    assert "the mark of a label that may be a second one is missing" in refusal(tmp_path, hidden)


def test_a_file_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, GOOD + " " * 300_000) == "backorder.zpl: expected at most 256 KiB."

    (tmp_path / "backorder.zpl").write_bytes(b"^XA\xff^XZ")
    with pytest.raises(LayoutError, match=r"expected UTF-8 text; save it with that encoding\.$"):
        load_layouts(FIELDS, tmp_path)


def test_a_name_that_no_label_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "backorder-receipt.zpl").write_text(GOOD)

    with pytest.raises(LayoutError, match="no label has this name; did you mean "):
        load_layouts(FIELDS, tmp_path)
