"""Label layouts as data: where each text, line, box and symbol of a label stands, in millimetres.

One TOML file for each kind of label and paper in `labels/`; a site's folder may hold others, which go before
ours. What the fields say is `edge.domain.labels`', drawing is the drivers'.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from config.words import either, nearest, shown

Paper = Literal["label", "receipt"]
"""A label on a roll of its own size, or 80 mm receipt paper, of which 72 mm can be printed."""

OUR_FOLDER = Path(__file__).parent / "labels"

COPY_FIELD = "copy"
"""Known to every layout beside the fields of its kind: COPY on a label that may be a second one, or empty."""

MAX_BYTES = 64 * 1024
"""A layout file is at most so long; ours have about 2 KB."""

_FIELD = re.compile(r"\{([a-z_]+)\}")

Mm = Annotated[float, Field(ge=0, le=1000)]
Size = Annotated[float, Field(gt=0, le=1000)]
Align = Literal["left", "center", "right"]


class LayoutError(ValueError):
    """A layout that cannot be used: the sentence names file, element and key."""


class _Element(BaseModel):
    """`x` and `y` are its upper left corner. With `when` it is drawn only if that field is not empty."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    x: Mm
    y: Mm
    when: str | None = None


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


class Layout(BaseModel):
    """A label of `width` by `height` mm. Boxes lie under lines, those under texts and symbols."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    width: Annotated[float, Field(ge=10, le=300)]
    height: Annotated[float, Field(ge=10, le=600)]
    box: Annotated[tuple[Box, ...], Field(strict=False, max_length=50)] = ()
    line: Annotated[tuple[Line, ...], Field(strict=False, max_length=50)] = ()
    text: Annotated[tuple[Text, ...], Field(strict=False, max_length=50)] = ()
    barcode: Annotated[tuple[Barcode, ...], Field(strict=False, max_length=10)] = ()

    @property
    def elements(self) -> Iterator[tuple[str, Text | Line | Box | Barcode]]:
        """Every element with its name for people ("text 3"), in the order of drawing."""
        groups: Mapping[str, Sequence[Text | Line | Box | Barcode]] = {
            "box": self.box,
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


def load_layouts(
    fields: Mapping[str, Sequence[str]], override_dir: Path | None = None, *, paper: Paper = "label"
) -> Mapping[str, Layout]:
    """Read the layout of each kind for one sort of paper; raises LayoutError.

    `fields` has the field names of each kind. A file of the same name in `override_dir` goes before ours:
    `backorder.toml` for labels, `backorder-receipt.toml` for receipt paper.
    """
    theirs = _files_of_site(override_dir, fields) if override_dir is not None else {}
    names = {kind: _file_name(kind, paper) for kind in fields}
    return {
        kind: read_layout(theirs.get(name, OUR_FOLDER / name), fields[kind]) for kind, name in names.items()
    }


def read_layout(file: Path, fields: Sequence[str]) -> Layout:
    """Read one file whose layout may name these fields and `copy`; raises LayoutError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise LayoutError(f"{file}: expected a layout of at most {MAX_BYTES // 1024} KiB.")
        layout = Layout.model_validate(tomllib.loads(data.decode("utf-8")))
    except OSError as error:
        raise LayoutError(f"{file}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LayoutError(f"{file}: expected UTF-8 text; save it with that encoding.") from error
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"{file}: expected TOML: {error}.") from error
    except ValidationError as error:
        raise LayoutError(f"{file}: {_sentence(error.errors(include_url=False)[0])}") from error
    for name, element in layout.elements:
        _check_names(f"{file}: {name}", element, (*fields, COPY_FIELD))
    return layout


def named_in(template: str) -> list[str]:
    """List the fields that a value names.

    >>> named_in("Lot {lot} of {sku}")
    ['lot', 'sku']
    """
    return _FIELD.findall(template)


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put the fields in. What a field says is text and never looked at again.

    >>> filled("Lot {lot}", {"lot": "{sku}", "sku": "INK"})
    'Lot {sku}'
    """
    return _FIELD.sub(lambda match: values[match[1]], template)


def _file_name(kind: str, paper: Paper) -> str:
    return f"{kind}.toml" if paper == "label" else f"{kind}-{paper}.toml"


def _files_of_site(folder: Path, kinds: Mapping[str, Sequence[str]]) -> Mapping[str, Path]:
    papers: tuple[Paper, ...] = ("label", "receipt")
    known = [_file_name(kind, paper) for kind in kinds for paper in papers]
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise LayoutError(f"{folder}: cannot be read as a folder of layouts: {error.strerror}.") from error
    for file in files:
        # A layout under a wrong name would never be used, and nobody would know why.
        if file.suffix == ".toml" and file.name not in known:
            near = nearest(file.name, known)
            remedy = f'did you mean "{near}"?' if near else f"expected {either(known)}."
            raise LayoutError(f"{file}: no label has this name; {remedy}")
    return {file.name: file for file in files}


def _check_names(place: str, element: Text | Line | Box | Barcode, known: Sequence[str]) -> None:
    if element.when is not None and element.when not in known:
        raise LayoutError(f"{place}: when: {_unknown(element.when, known)}")
    if isinstance(element, Text | Barcode):
        for name in named_in(element.value):
            if name not in known:
                raise LayoutError(f"{place}: value: {_unknown(name, known)}")
        if set("{}") & set(_FIELD.sub("", element.value)):
            raise LayoutError(
                f"{place}: value: expected fields such as {{{known[0]}}}, got {shown(element.value)}."
            )


def _unknown(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return f"there is no field {shown(name)}; " + (
        f'did you mean "{near}"?' if near else f"expected one of {', '.join(known)}."
    )


def _sentence(error: ErrorDetails) -> str:
    """Say which element and key is wrong, and what would be right."""
    path = [part + 1 if isinstance(part, int) else part for part in error["loc"]]
    words = " ".join(str(part) for part in path[:-1])
    place = ": ".join(part for part in (words, str(path[-1])) if part) + ": " if path else ""
    match error["type"]:
        case "value_error":
            return place + str(error["ctx"]["error"])
        case "extra_forbidden":
            known = _keys_at(path[:-1])
            near = nearest(str(path[-1]), known)
            remedy = f'did you mean "{near}"?' if near else f"expected one of {', '.join(known)}."
            return f"{place}unknown key; {remedy}"
        case "missing":
            return f"{place}missing; add it."
    expected = error["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    return f"{place}expected {expected}, got {shown(error['input'])}."


def _keys_at(path: Sequence[Any]) -> list[str]:
    models: Mapping[str, type[BaseModel]] = {"box": Box, "line": Line, "text": Text, "barcode": Barcode}
    return list((models[path[0]] if path else Layout).model_fields)
