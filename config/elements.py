"""The elements of a label's layout as frozen values: text, line, box, image and symbol, in millimetres.

Reading the files and telling their errors is `config.layouts`', drawing is the drivers'.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    ValidationInfo,
    model_validator,
)

from config.png import Png, read_png
from config.words import shown
from config.zpl_template import ZplTemplate

Mm = Annotated[float, Field(ge=0, le=1000)]
Size = Annotated[float, Field(gt=0, le=1000)]
Align = Literal["left", "center", "right"]


def _png(value: object, info: ValidationInfo) -> Png:
    """Read the picture that a layout names; `folder` in the context is the layout's own."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(f'expected the name of a PNG file such as "logo.png", got {shown(value)}.')
    folder: Path = (info.context or {}).get("folder", Path())
    return read_png(folder / value)


class _Element(BaseModel):
    """`x` and `y` are its upper left corner.

    With `when` it is drawn only if that field is not empty, with `unless` only if that one is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    x: Mm
    y: Mm
    when: str | None = None
    unless: str | None = None


class Text(_Element):
    """Text in a field `width` wide, at most `lines` lines.

    `height` is that of a line from its highest to its lowest point; a capital has three quarters of it. Text
    that is too long gets smaller, down to `smallest` of that height; what is longer still is cut.
    """

    value: str
    width: Size
    height: Size
    lines: Annotated[int, Field(ge=1, le=20)] = 1
    smallest: Annotated[float, Field(gt=0, le=1)] = 0.5
    bold: bool = False
    inverse: bool = False
    align: Align = "left"

    @property
    def pitch(self) -> float:
        """From one line to the next."""
        return self.height * 1.15

    @property
    def extent(self) -> tuple[float, float]:
        return self.width, self.height + (self.lines - 1) * self.pitch


class Line(_Element):
    """A rule `length` long, `across` or `down` from its corner."""

    length: Size
    direction: Literal["across", "down"] = "across"
    thickness: Size = 0.3

    @property
    def extent(self) -> tuple[float, float]:
        across, down = self.length, self.thickness
        return (across, down) if self.direction == "across" else (down, across)


class Box(_Element):
    """A frame, or a black box for text with `inverse`."""

    width: Size
    height: Size
    thickness: Size = 0.3
    filled: bool = False

    @property
    def extent(self) -> tuple[float, float]:
        return self.width, self.height


class Barcode(_Element):
    """A symbol with its quiet zones in a field of that size, with modules of `module` mm where they fit.

    `code128` becomes a QR code and `gs1` (GS1-128) a GS1 DataMatrix where the field is too narrow for bars.
    """

    value: str
    symbol: Literal["code128", "gs1", "datamatrix", "qr"]
    width: Size
    height: Size
    module: Annotated[float, Field(ge=0.1, le=5)] = 0.375
    align: Align = "left"

    @property
    def extent(self) -> tuple[float, float]:
        return self.width, self.height


class Image(_Element):
    """A picture from a PNG `file` beside the layout, `width` mm wide and as high as its shape asks.

    What is darker than `threshold` (0 black, 1 white) is printed, the rest and what is transparent is paper.
    """

    file: Annotated[Png, PlainValidator(_png)]
    width: Size
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5

    @property
    def extent(self) -> tuple[float, float]:
        return self.width, self.width * self.file.height / self.file.width


Element = Text | Line | Box | Image | Barcode


class Layout(BaseModel):
    """A label of `width` by `height` mm. Boxes lie under images, those under lines, then texts and symbols.

    What stands beside it at the site comes with it: fonts for letters that ours lacks, in the order they are
    tried, and a label made in a designer, which goes before it on a printer of that language.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    width: Annotated[float, Field(ge=10, le=300)]
    height: Annotated[float, Field(ge=10, le=600)]
    box: Annotated[tuple[Box, ...], Field(strict=False, max_length=50)] = ()
    line: Annotated[tuple[Line, ...], Field(strict=False, max_length=50)] = ()
    text: Annotated[tuple[Text, ...], Field(strict=False, max_length=50)] = ()
    barcode: Annotated[tuple[Barcode, ...], Field(strict=False, max_length=10)] = ()
    image: Annotated[tuple[Image, ...], Field(strict=False, max_length=10)] = ()
    _file: Path = PrivateAttr(default=Path())
    _fonts: tuple[Path, ...] = PrivateAttr(default=())
    _zpl: ZplTemplate | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path:
        """Where it was read, for sentences."""
        return self._file

    @property
    def fonts(self) -> tuple[Path, ...]:
        return self._fonts

    @property
    def zpl(self) -> ZplTemplate | None:
        return self._zpl

    def at(self, file: Path, *, fonts: Sequence[Path] = (), zpl: ZplTemplate | None = None) -> "Layout":
        """Return the same layout with its file and what the site has beside it."""
        layout = self.model_copy()
        layout._file, layout._fonts, layout._zpl = file, tuple(fonts), zpl
        return layout

    @property
    def elements(self) -> Iterator[tuple[str, Element]]:
        """Every element with its name for people ("text 3"), in the order of drawing."""
        groups: Mapping[str, Sequence[Element]] = {
            "box": self.box,
            "image": self.image,
            "line": self.line,
            "text": self.text,
            "barcode": self.barcode,
        }
        for kind, group in groups.items():
            yield from ((f"{kind} {number}", element) for number, element in enumerate(group, 1))

    @model_validator(mode="after")
    def _check_edges(self) -> Self:
        for name, element in self.elements:
            width, height = element.extent
            for key, end, edge in (
                ("x", element.x + width, self.width),
                ("y", element.y + height, self.height),
            ):
                if end > edge + 0.001:
                    raise ValueError(
                        f"{name}: {key}: it reaches {end:g} mm, the label ends at {edge:g} mm; "
                        "move it or make it smaller."
                    )
        return self
