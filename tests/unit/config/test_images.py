"""A picture in a layout: found beside it, bounded, and a file that is none says where."""

from pathlib import Path

import pytest
from PIL import Image

from config.layouts import LayoutError, read_layout
from edge.domain.labels import FIELDS

LAYOUT = """
width = 50
height = 30
[[image]]
file = "logo.png"
x = 2
y = 2
width = 20
[[text]]
value = "{copy}"
x = 2
y = 22
width = 40
height = 5
"""


def written(folder: Path, text: str = LAYOUT) -> Path:
    file = folder / "missing.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(file: Path) -> str:
    with pytest.raises(LayoutError) as refused:
        read_layout(file, FIELDS["missing"])
    return str(refused.value).replace(f"{file.parent}/", "")


def test_an_image_stands_beside_its_layout_and_keeps_its_shape(tmp_path: Path) -> None:
    Image.new("L", (200, 100)).save(tmp_path / "logo.png")

    (image,) = read_layout(written(tmp_path), FIELDS["missing"]).image

    assert (image.file.file, image.extent) == (tmp_path / "logo.png", (20, 10))


def test_an_image_higher_than_the_label_is_refused(tmp_path: Path) -> None:
    Image.new("L", (100, 200)).save(tmp_path / "logo.png")

    assert refusal(written(tmp_path)) == (
        "missing.toml: image 1: y: it reaches 42 mm, the label ends at 30 mm; move it or make it smaller."
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = "missing.toml: image 1: file: logo.png cannot be read: No such file or directory."
    assert refusal(written(tmp_path)) == told


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"GIF89a" + b"\0" * 100, "logo.png is no PNG picture; save it as one."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", "logo.png is no PNG picture; save it as one."),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\0\x01",
            "logo.png has 65535 x 1 pixels: expected 1 to 4096 each way; scale it down.",
        ),
        (b"\x89PNG" + b"\0" * 300_000, "logo.png is too large: expected at most 256 KiB; make it smaller."),
    ],
)
def test_a_file_that_is_no_picture_of_a_label_says_where(tmp_path: Path, data: bytes, sentence: str) -> None:
    (tmp_path / "logo.png").write_bytes(data)

    assert refusal(written(tmp_path)) == f"missing.toml: image 1: file: {sentence}"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (('"logo.png"', "7"), 'image 1: file: expected the name of a PNG file such as "logo.png", got 7.'),
        (("width = 20", "width = 20\nheight = 5"), "image 1: height: unknown key; "),
        (("width = 20", "width = 20\nthreshold = 2"), "image 1: threshold: expected less than 1, got 2."),
        (
            ("{copy}", "COPY"),
            "the mark of a label that may be a second one is missing; add a text with value",
        ),
    ],
)
def test_a_mistake_names_file_element_and_key(tmp_path: Path, wrong: tuple[str, str], sentence: str) -> None:
    Image.new("L", (200, 100)).save(tmp_path / "logo.png")

    assert refusal(written(tmp_path, LAYOUT.replace(*wrong))).startswith(f"missing.toml: {sentence}")
