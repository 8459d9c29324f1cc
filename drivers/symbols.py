"""Which barcode goes into a field of a label, how large, and its modules as a picture.

Bars (Code 128, GS1-128) where they fit, else a QR code or a GS1 DataMatrix, smaller and of the same content.
zxing-cpp draws them (ISO/IEC 15417, 16022 and 18004), and is imported once it is needed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from edge.errors import EdgeError

Kind = Literal["code128", "gs1-128", "gs1-datamatrix", "datamatrix", "qr"]

BARS: tuple[Kind, ...] = ("code128", "gs1-128")

Columns = Callable[[Kind, str], int]
"""How many modules a printer's symbol of that kind and content is wide."""

MIN_MODULE_MM = 0.25
"""Two dots of a 203 dpi head: what hand scanners read at arm's length."""

GS1_BAR_MM, GS1_MATRIX_MM = 0.495, 0.743
"""Least module of GS1-128 and GS1 DataMatrix in general distribution (GS1 General Specifications 5.12.3)."""

QUIET = {"code128": 10, "gs1-128": 10, "gs1-datamatrix": 2, "datamatrix": 2, "qr": 4}
"""Modules left white on each side; a DataMatrix needs one, the second is for the cutter."""

MAX_CHARACTERS = 512
"""Far beyond every code of ours, and still one small QR code."""

QR_LEVEL = "M"
"""Error correction: 15 % of the symbol may be lost."""

GS = "\x1d"

_PRINTABLE = re.compile(r"[ -~]+")
_GS1_MESSAGE = re.compile(rf"[!-~]+(?:{GS}[!-~]+)*")


class DrawingError(EdgeError):
    """A label that cannot be drawn, whatever the printer."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol `columns` modules wide and `height` dots high, each module `module` dots wide."""

    kind: Kind
    data: str
    module: int
    columns: int
    height: int

    @property
    def width(self) -> int:
        """Dots from the first dark module to the last."""
        return self.columns * self.module

    @property
    def quiet(self) -> int:
        """Dots to be left white on each side."""
        return QUIET[self.kind] * self.module


def choose(
    wanted: str,
    data: str,
    *,
    width: int,
    height: int,
    module_mm: float,
    columns: Columns,
    dots_per_mm: float,
) -> Symbol:
    """Choose what fits a field of `width` by `height` dots; raises DrawingError if nothing does.

    `wanted` is a layout's `symbol`. Where the modules wanted do not fit, smaller ones are taken; those of
    GS1-128 are never below what the General Specifications ask.
    """
    pattern = _GS1_MESSAGE if wanted == "gs1" else _PRINTABLE
    if len(data) > MAX_CHARACTERS or not pattern.fullmatch(data):
        raise DrawingError(
            f"Expected 1 to {MAX_CHARACTERS} printable ASCII characters for a {wanted} symbol, "
            f"got {len(data)}: {data[:60]!r}."
        )
    kinds: tuple[Kind, ...]
    match wanted:
        case "code128":
            kinds = "code128", "qr"
        case "gs1":
            kinds = "gs1-128", "gs1-datamatrix"
        case "datamatrix":
            kinds = ("datamatrix",)
        case _:
            kinds = ("qr",)
    for kind in kinds:
        across = columns(kind, data)
        module = _module(
            kind, across, width=width, height=height, module_mm=module_mm, dots_per_mm=dots_per_mm
        )
        if module is not None:
            return Symbol(kind, data, module, across, height if kind in BARS else across * module)
    raise DrawingError(
        f"Expected a {wanted} symbol to fit {width / dots_per_mm:g} x {height / dots_per_mm:g} mm; "
        f"its {len(data)} characters need more: {data[:60]!r}. Give it a larger field in the layout."
    )


def _module(
    kind: Kind, columns: int, *, width: int, height: int, module_mm: float, dots_per_mm: float
) -> int | None:
    """The module in dots, at most what is wanted; None where the least that can be read does not fit."""
    least_mm = GS1_BAR_MM if kind == "gs1-128" else MIN_MODULE_MM
    wanted_mm = max(module_mm, GS1_MATRIX_MM if kind == "gs1-datamatrix" else least_mm)
    room = width if kind in BARS else min(width, height)
    module = min(room // (columns + 2 * QUIET[kind]), _dots(wanted_mm, dots_per_mm))
    return module if module >= _dots(least_mm, dots_per_mm) else None


def _dots(size_mm: float, dots_per_mm: float) -> int:
    """The least whole number of dots that is not below the size."""
    return max(1, -int(-size_mm * dots_per_mm // 1))


def columns_drawn(kind: Kind, data: str) -> int:
    """Count the modules across a symbol as `matrix` draws it."""
    return len(matrix(kind, data)[0])


@lru_cache(maxsize=64)
def matrix(kind: Kind, data: str) -> tuple[bytes, ...]:
    """Draw a symbol, a byte for each module, 0 for a dark one; bars are one row. Raises DrawingError."""
    import zxingcpp  # noqa: PLC0415 - loaded with the first symbol

    formats = zxingcpp.BarcodeFormat
    try:
        match kind:
            case "code128":
                code = zxingcpp.create_barcode(data, formats.Code128)
            case "gs1-128":
                code = zxingcpp.create_barcode(_bracketed(data), formats.Code128, gs1=True)
            case "gs1-datamatrix":
                code = zxingcpp.create_barcode(
                    _bracketed(data), formats.DataMatrix, gs1=True, force_square=True
                )
            case "datamatrix":
                code = zxingcpp.create_barcode(data, formats.DataMatrix, force_square=True)
            case "qr":
                code = zxingcpp.create_barcode(data, formats.QRCode, ec_level=QR_LEVEL)
    except ValueError as error:
        raise DrawingError(f"Cannot draw {data[:60]!r} as a {kind} symbol: {error}.") from error
    picture: Any = code.to_image(scale=1, add_quiet_zones=False)
    height, width = picture.shape
    flat = bytes(memoryview(picture))
    rows = [flat[row * width : (row + 1) * width] for row in range(height)]
    return (rows[0],) if kind in BARS else tuple(rows)


# Digits of an application identifier, by its first two (GS1 General Specifications 3.2).
_AI_DIGITS = {
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
}
# Characters of an element with its identifier where the length is fixed (7.8.5, figure 7.8.5-2).
_FIXED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16,
    **dict.fromkeys(("11", "12", "13", "14", "15", "16", "17", "18", "19"), 8),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 10),
}  # fmt: skip


def _bracketed(message: str) -> str:
    """Write a message as zxing-cpp wants it. Brackets are no GS1 characters; parentheses may stand in a lot.

    >>> _bracketed("010950600013435210B(7)\\x1d9142")
    '[01]09506000134352[10]B(7)[91]42'
    """
    elements: list[str] = []
    rest = message
    while rest:
        length = _FIXED.get(rest[:2])
        element, rest = (rest[:length], rest[length:].removeprefix(GS)) if length else _split(rest)
        digits = _AI_DIGITS.get(element[:2], 2)
        elements.append(f"[{element[:digits]}]{element[digits:]}")
    return "".join(elements)


def _split(text: str) -> tuple[str, str]:
    element, _, rest = text.partition(GS)
    return element, rest
