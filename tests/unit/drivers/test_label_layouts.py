"""Layouts are tried at start: what could not be drawn on some day is told before the first label."""

from pathlib import Path

import pytest
from PIL import Image

from config.layouts import LayoutError
from config.settings import Labels
from drivers.label_layouts import LONGEST, layouts_of
from edge.domain.journal import Goods
from edge.domain.labels import FIELDS
from edge.engine.printing import symbol

LAYOUT = """
width = 60
height = 40
[[text]]
value = "{copy}"
x = 2
y = 2
width = 40
height = 5
[[barcode]]
value = "LBL:{label}"
symbol = "code128"
x = 0
y = 10
width = 40
height = 12
"""


def refusal(folder: Path, text: str, *, name: str = "putaway.toml", fonts: tuple[Path, ...] = ()) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError) as refused:
        layouts_of(Labels(layouts=folder, fonts=fonts), "receipt" if "receipt" in name else "label")
    return str(refused.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize("paper", ["label", "receipt"])
def test_our_own_layouts_take_the_longest_codes(paper: str) -> None:
    assert layouts_of(Labels(), "label" if paper == "label" else "receipt").keys() == FIELDS.keys()


def test_the_longest_symbol_is_what_the_engine_makes() -> None:
    goods = Goods("INK", "L" * 20, "2027-12-31")

    assert len(symbol("0" * 14, goods, LONGEST["label"], year=2026)) == len(LONGEST["symbol"])


def test_a_field_too_small_for_our_own_code_is_told(tmp_path: Path) -> None:
    told = refusal(tmp_path, LAYOUT.replace("width = 40\nheight = 12", "width = 40\nheight = 6"))

    assert told == (
        "putaway.toml: barcode 1: width: Expected a code128 symbol to fit 40 x 6 mm; its 18 characters need more: "
        "'LBL:ffff-999999999'. Give it a larger field in the layout."
    )


def test_a_field_for_the_site_s_codes_need_take_one_character_only(tmp_path: Path) -> None:
    small = LAYOUT.replace("LBL:{label}", "{sku}").replace(
        "width = 40\nheight = 12", "width = 18\nheight = 5"
    )
    (tmp_path / "putaway.toml").write_text(small)

    assert layouts_of(Labels(layouts=tmp_path), "label")["putaway"].height == 40
    assert "barcode 1: width: Expected a code128 symbol to fit 3 x 3 mm" in refusal(
        tmp_path, small.replace("width = 18\nheight = 5", "width = 3\nheight = 3")
    )


def test_a_receipt_layout_wider_than_the_paper_is_told(tmp_path: Path) -> None:
    wide = LAYOUT.replace("width = 60", "width = 80")

    told = refusal(tmp_path, wide, name="putaway-receipt.toml")

    assert told == "putaway-receipt.toml: width: receipt paper takes 72 mm, got 80 mm."


def test_a_picture_that_is_broken_is_told(tmp_path: Path) -> None:
    Image.effect_noise((100, 100), 50).save(tmp_path / "logo.png")
    whole = (tmp_path / "logo.png").read_bytes()
    (tmp_path / "logo.png").write_bytes(whole[: len(whole) // 2])
    image = '[[image]]\nfile = "logo.png"\nx = 0\ny = 0\nwidth = 10\n'

    assert refusal(tmp_path, LAYOUT + image).startswith("putaway.toml: image 1: file: The picture ")


def test_a_font_that_is_none_is_told(tmp_path: Path) -> None:
    font = tmp_path / "company.ttf"
    font.write_bytes(b"no font")

    assert refusal(tmp_path, LAYOUT, fonts=(font,)).startswith(f"fonts: {font} is no font that can be used: ")
