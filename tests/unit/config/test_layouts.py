"""Layouts are data: ours load, a site's go before them, and a mistake is told in one sentence."""

from pathlib import Path

import pytest

from config.layouts import LayoutError, filled, load_layouts, read_layout
from edge.domain.labels import FIELDS

SMALL = """
width = 50
height = 30
[[text]]
value = "{sku} {copy}"
x = 2
y = 2
width = 40
height = 5
"""


def written(folder: Path, text: str, name: str = "missing.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str) -> str:
    """The sentence that a layout gets, without the folder in it."""
    with pytest.raises(LayoutError) as refused:
        read_layout(written(folder, text), FIELDS["missing"])
    return str(refused.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize("paper", ["label", "receipt"])
@pytest.mark.parametrize("kind", FIELDS)
def test_every_kind_of_label_has_a_layout_for_each_paper(kind: str, paper: str) -> None:
    layouts = load_layouts(FIELDS, paper="label" if paper == "label" else "receipt")

    assert layouts[kind].width == (100 if paper == "label" else 72)


@pytest.mark.parametrize("paper", ["label", "receipt"])
@pytest.mark.parametrize("kind", FIELDS)
def test_every_layout_shows_copy_and_carries_our_label_code(kind: str, paper: str) -> None:
    layout = load_layouts(FIELDS, paper="label" if paper == "label" else "receipt")[kind]

    assert "{copy}" in [text.value for text in layout.text]
    assert "LBL:{label}" in [barcode.value for barcode in layout.barcode]


def test_a_layout_of_the_site_goes_before_ours(tmp_path: Path) -> None:
    written(tmp_path, SMALL)

    layouts = load_layouts(FIELDS, tmp_path)

    assert (layouts["missing"].width, layouts["backorder"].width) == (50, 100)


def test_a_layout_for_labels_does_not_change_receipts(tmp_path: Path) -> None:
    written(tmp_path, SMALL)

    assert load_layouts(FIELDS, tmp_path, paper="receipt")["missing"].width == 72


def test_a_file_that_no_label_uses_is_refused(tmp_path: Path) -> None:
    written(tmp_path, SMALL, "misssing.toml")

    with pytest.raises(LayoutError) as refused:
        load_layouts(FIELDS, tmp_path)

    assert str(refused.value).endswith('misssing.toml: no label has this name; did you mean "missing.toml"?')


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="cannot be read as a folder of layouts: No such file"):
        load_layouts(FIELDS, tmp_path / "gone")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (("{sku}", "{skuu}"), 'text 1: value: there is no field "skuu"; did you mean "sku"?'),
        (("{sku}", "{lot}"), 'text 1: value: there is no field "lot"; '),
        (("{sku}", "{sku.__class__}"), "text 1: value: expected fields such as {label}, got "),
        (("{sku}", "{sku"), "text 1: value: expected fields such as {label}, got "),
        (("x = 2", 'x = 2\nunless = "hld"'), 'text 1: unless: there is no field "hld"; did you mean "hold"?'),
        (("x = 2", 'x = 2\nwhen = "cpy"'), 'text 1: when: there is no field "cpy"; did you mean "copy"?'),
        (("x = 2", 'x = "2"'), 'text 1: x: expected number, got "2".'),
        (("x = 2", "x = -2"), "text 1: x: expected greater than or equal to 0, got -2."),
        (("x = 2", "x = 20"), "text 1: x: it reaches 60 mm, the label ends at 50 mm; "),
        (("height = 5", "hieght = 5"), "text 1: height: missing; add it."),
        (("height = 5", "height = 5\nblod = true"), 'text 1: blod: unknown key; did you mean "bold"?'),
        (("width = 50", "width = 50\ndpi = 8"), "dpi: unknown key; expected one of width, height, box"),
        (("width = 50", "width = "), "expected TOML: "),
    ],
)
def test_a_mistake_names_file_element_and_key(tmp_path: Path, wrong: tuple[str, str], sentence: str) -> None:
    assert refusal(tmp_path, SMALL.replace(*wrong)).startswith(f"missing.toml: {sentence}")


def test_a_file_too_large_for_a_layout_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "#" * 70_000) == "missing.toml: expected a layout of at most 64 KiB."


def test_what_a_field_says_is_never_taken_for_a_field() -> None:
    assert filled("{name} {sku}", {"name": "{sku}", "sku": "{name}"}) == "{sku} {name}"
