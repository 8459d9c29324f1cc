"""The picture of a label: its size, and every symbol on it read back as a scanner would."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from config.layouts import Barcode, Layout, load_layouts
from drivers.label_picture import label_picture, save_label_picture
from edge.domain.labels import BACKORDER, FIELDS, PUTAWAY
from tests.labels import CONTENTS, PICTURED, ROOT, content_of

PAPERS = {"label": load_layouts(FIELDS), "receipt": load_layouts(FIELDS, paper="receipt")}


def read(picture: Image.Image) -> list[str]:
    """What a scanner sends for each symbol, with the AIM identifier."""
    symbols = zxingcpp.read_barcodes(picture)
    return sorted(symbol.symbology_identifier + symbol.bytes.decode("latin-1") for symbol in symbols)


def meant(kind: str) -> list[str]:
    fields = CONTENTS[kind]
    codes = [f"]C0LBL:{fields['label']}"]
    codes += [f"]C0ORD:{fields['order']}"] if kind == BACKORDER else []
    codes += [f"]d2{fields['symbol']}"] if kind == PUTAWAY else []
    return sorted(codes)


@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("kind", FIELDS)
def test_every_symbol_of_a_label_reads_as_it_was_meant(kind: str, paper: str, copy: bool) -> None:
    picture = label_picture(content_of(kind), PAPERS[paper][kind], copy=copy)

    assert picture.width == (800 if paper == "label" else 576)
    assert read(picture) == meant(kind)


@pytest.mark.parametrize("symbol", ["code128", "qr", "datamatrix"])
@pytest.mark.parametrize("code", ["ORD:" + "a" * 64, "ORD:>;|^~_\\{}", "LBL:0000000000"])
def test_a_long_or_odd_code_reads_back_to_the_letter(symbol: str, code: str) -> None:
    barcode = Barcode.model_validate(
        {"x": 0, "y": 0, "value": "{label}", "symbol": symbol, "width": 60, "height": 15}
    )
    layout = Layout(width=60, height=15, barcode=(barcode,))

    picture = label_picture(content_of(BACKORDER, label=code), layout)

    assert [text[3:] for text in read(picture)] == [code]


@pytest.mark.parametrize(
    "message",
    [
        "0109506000134352",
        "010950600013435210AB(12)-3\x1d9142",
        "0109506000134352310300150010B7\x1d91L-1",
        "00106141412345678908",
    ],
)
@pytest.mark.parametrize(("width", "aim"), [(200, "]C1"), (40, "]d2")])
def test_a_gs1_symbol_reads_back_with_its_separators(message: str, width: int, aim: str) -> None:
    barcode = Barcode(x=0, y=0, value="{symbol}", symbol="gs1", width=width, height=32, module=0.495)
    layout = Layout(width=width, height=32, barcode=(barcode,))

    picture = label_picture(content_of(PUTAWAY, symbol=message), layout)

    assert read(picture) == [aim + message]


def test_a_mark_in_a_black_box_is_white() -> None:
    picture = label_picture(content_of(BACKORDER), PAPERS["label"][BACKORDER])
    plain = label_picture(content_of(BACKORDER, express=""), PAPERS["label"][BACKORDER])
    box = (67 * 8, 20, 97 * 8, 11 * 8)

    shades = picture.crop(box).histogram()
    assert shades[0] > shades[255] > 0
    assert plain.crop(box).histogram()[255] == plain.crop(box).width * plain.crop(box).height


def test_letters_with_accents_are_drawn_as_letters() -> None:
    drawn = {
        name: label_picture(content_of(BACKORDER, name=name), PAPERS["label"][BACKORDER]).tobytes()
        for name in ("Ö", "é", "ß", "Ж", "\u0e5b")
    }

    # A letter that the font lacks is a box, the same for all of them.
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("kind", PICTURED)
def test_the_pictures_of_the_documents_are_labels_that_scan(kind: str) -> None:
    with Image.open(ROOT / "docs" / f"label-{kind}.png") as picture:
        assert read(picture) == meant(kind)


def test_a_picture_is_saved_in_its_true_size(tmp_path: Path) -> None:
    save_label_picture(content_of(BACKORDER), PAPERS["label"][BACKORDER], tmp_path / "label.png")

    with Image.open(tmp_path / "label.png") as picture:
        assert picture.size == (800, 480)
        assert [round(dpi) for dpi in picture.info["dpi"]] == [203, 203]
