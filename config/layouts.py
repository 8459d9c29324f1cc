"""Label layouts as files: which one a kind of label has, and what is wrong with one.

One TOML file for each kind of label and paper in `labels/`; a site's folder may hold others, which go before
ours, and a `.zpl` made in a designer, which goes before both on a ZPL printer. What may stand in a file is
`config.elements`' and `config.zpl_template`'s, what the fields say `edge.domain.labels`', drawing the drivers'.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.bounded import read_bounded
from config.elements import Barcode, Box, Element, Image, Layout, Line, Text
from config.words import either, nearest, shown
from config.zpl_template import TemplateError, ZplTemplate, read_template

__all__ = (
    "Barcode", "Box", "Element", "Image", "Layout", "LayoutError", "Line", "Paper", "Text", "ZplTemplate",
    "filled", "load_layouts", "named_in", "read_layout",
)  # fmt: skip

Paper = Literal["label", "receipt"]
"""A label on a roll of its own size, or 80 mm receipt paper, of which 72 mm can be printed."""

OUR_FOLDER = Path(__file__).parent / "labels"

COPY_FIELD, HOLD_FIELD = "copy", "hold"
MARKS = (COPY_FIELD, HOLD_FIELD)
"""Known to every layout beside the fields of its kind: COPY on a label that may be a second one, ON HOLD on one whose
order is, or empty."""

MAX_BYTES = 64 * 1024
"""A layout file is at most so long; ours have about 2 KB."""

_FIELD = re.compile(r"\{([a-z_]+)\}")


class LayoutError(ValueError):
    """A layout that cannot be used: the sentence names file, element and key."""


def load_layouts(
    fields: Mapping[str, Sequence[str]],
    override_dir: Path | None = None,
    *,
    paper: Paper = "label",
    fonts: Sequence[Path] = (),
) -> Mapping[str, Layout]:
    """Read the layout of each kind for one sort of paper; raises LayoutError.

    `fields` has the field names of each kind. A file of the same name in `override_dir` goes before ours:
    `backorder.toml` for labels, `backorder-receipt.toml` for receipt paper; beside the first, `backorder.zpl`.
    """
    theirs = _files_of_site(override_dir, fields) if override_dir is not None else {}
    layouts: dict[str, Layout] = {}
    for kind, known in fields.items():
        name = _file_name(kind, paper)
        layout = read_layout(theirs.get(name, OUR_FOLDER / name), known)
        raw = theirs.get(f"{kind}.zpl") if paper == "label" else None
        layouts[kind] = layout.at(layout.file, fonts=fonts, zpl=_template(raw, known) if raw else None)
    return layouts


def read_layout(file: Path, fields: Sequence[str]) -> Layout:
    """Read one file whose layout may name these fields and the marks; raises LayoutError."""
    try:
        data = read_bounded(file, MAX_BYTES)
        if data is None:
            raise LayoutError(f"{file}: expected a layout of at most {MAX_BYTES // 1024} KiB.")
        layout = Layout.model_validate(tomllib.loads(data.decode("utf-8")), context={"folder": file.parent})
    except OSError as error:
        raise LayoutError(f"{file}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise LayoutError(f"{file}: expected UTF-8 text; save it with that encoding.") from error
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"{file}: expected TOML: {error}.") from error
    except ValidationError as error:
        raise LayoutError(f"{file}: {_sentence(error.errors(include_url=False)[0])}") from error
    for name, element in layout.elements:
        _check_names(f"{file}: {name}", element, (*fields, *MARKS))
    if not any(COPY_FIELD in (text.when, *named_in(text.value)) for text in layout.text):
        raise LayoutError(
            f"{file}: the mark of a label that may be a second one is missing; add a text with "
            f'value = "{{{COPY_FIELD}}}".'
        )
    return layout.at(file)


def _template(file: Path, fields: Sequence[str]) -> ZplTemplate:
    known = (*fields, *MARKS)
    try:
        return read_template(file, check_name=lambda name: None if name in known else _unknown(name, known))
    except TemplateError as error:
        raise LayoutError(f"{file}: {error}") from error


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
    known += [f"{kind}.zpl" for kind in kinds]
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        raise LayoutError(f"{folder}: cannot be read as a folder of layouts: {error.strerror}.") from error
    for file in files:
        # A layout under a wrong name would never be used, and nobody would know why.
        if file.suffix in (".toml", ".zpl") and file.name not in known:
            near = nearest(file.name, known)
            remedy = f'did you mean "{near}"?' if near else f"expected {either(known)}."
            raise LayoutError(f"{file}: no label has this name; {remedy}")
    return {file.name: file for file in files}


def _check_names(place: str, element: Element, known: Sequence[str]) -> None:
    for key in ("when", "unless"):
        if (name := getattr(element, key)) is not None and name not in known:
            raise LayoutError(f"{place}: {key}: {_unknown(name, known)}")
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
    models: Mapping[str, type[BaseModel]] = {
        "box": Box,
        "image": Image,
        "line": Line,
        "text": Text,
        "barcode": Barcode,
    }
    return list((models[path[0]] if path else Layout).model_fields)
