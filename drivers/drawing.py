"""Places what a label says on its paper: marks in dots, the same for every printer and picture.

All that depends on the data is decided here: which elements are drawn, where lines break, which symbol fits.
What draws marks only turns them into commands or pixels.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.layouts import (
    COPY_FIELD,
    HOLD_FIELD,
    Barcode,
    Box,
    Element,
    Image,
    Layout,
    Line,
    Text,
    filled,
    named_in,
)
from config.png import Png
from drivers.right_to_left import as_seen
from drivers.symbols import Columns, Symbol, choose, columns_drawn
from edge.domain.labels import LabelContent

COPY = "COPY"
"""The mark of a label that may be a second one (contract section 5)."""

HOLD = "ON HOLD"
"""The mark of a label whose order is on hold when it is printed: nobody is to pick it."""

MAX_CHARACTERS = 400
"""Of one text; more than any label has room for. The rest of a longer one is not looked at."""

STEP = 0.9
"""Text that is too long becomes smaller by so much at a time."""

ELLIPSIS = "..."

Measure = Callable[[str, bool], float]
"""How wide a text is in bold or not, as a multiple of its height."""


@dataclass(frozen=True, slots=True)
class TextMark:
    """One line of text as it is seen; `x` is its left edge, `y` the top of its capitals. It may be empty."""

    x: int
    y: int
    height: int
    text: str
    bold: bool
    inverse: bool


@dataclass(frozen=True, slots=True)
class BoxMark:
    """A frame of `thickness` dots, black all through where that is half of it or more."""

    x: int
    y: int
    width: int
    height: int
    thickness: int


@dataclass(frozen=True, slots=True)
class SymbolMark:
    """A symbol; `x` and `y` are the corner of its first module, without the quiet zone."""

    x: int
    y: int
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class ImageMark:
    """A picture in so many dots, black where it is darker than `threshold`."""

    x: int
    y: int
    width: int
    height: int
    png: Png
    threshold: float


Mark = TextMark | BoxMark | ImageMark | SymbolMark


def values_of(content: LabelContent, *, copy: bool, hold: bool = False) -> Mapping[str, str]:
    """Return what a layout's fields and the marks stand for."""
    return {**content.fields, COPY_FIELD: COPY if copy else "", HOLD_FIELD: HOLD if hold else ""}


def place(
    layout: Layout,
    values: Mapping[str, str],
    *,
    measure: Measure,
    columns: Columns = columns_drawn,
    dots_per_mm: float,
) -> list[Mark]:
    """Lay out a label, with the printer's own widths of texts and symbols. Raises DrawingError for a symbol.

    A text has as many marks as its layout has lines, so that the commands for a printer hang on that alone.
    """
    marks: list[Mark] = []
    for _, element in layout.elements:
        if not _is_drawn(element, values):
            continue
        match element:
            case Box():
                marks.append(_box(element, dots_per_mm))
            case Line():
                across, down = element.extent
                thickness = dots(element.thickness, dots_per_mm)
                width, height = dots(across, dots_per_mm), dots(down, dots_per_mm)
                marks.append(BoxMark(*_corner(element, dots_per_mm), width, height, thickness))
            case Image():
                across, down = element.extent
                width, height = dots(across, dots_per_mm), dots(down, dots_per_mm)
                corner = _corner(element, dots_per_mm)
                marks.append(ImageMark(*corner, width, height, element.file, element.threshold))
            case Text():
                marks += _lines(element, filled(element.value, values), measure, dots_per_mm)
            case Barcode():
                marks.append(_symbol(element, filled(element.value, values), columns, dots_per_mm))
    return marks


def printable(text: str) -> str:
    """Make a text one that draws as it reads: one form for each letter, nothing that steers, nothing unseen.

    >>> printable("A\\tB\\x1b[2J\\u202eC")
    'A B?[2JC'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_printable(character) for character in unicodedata.normalize("NFC", text))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else "?"


def _is_drawn(element: Element, values: Mapping[str, str]) -> bool:
    """An element is left out when its `when` is empty, its `unless` is not, or all the fields that it names are."""
    if element.when is not None and not values[element.when]:
        return False
    if element.unless is not None and values[element.unless]:
        return False
    named = named_in(element.value) if isinstance(element, Text | Barcode) else []
    return not named or any(values[name] for name in named)


def _box(box: Box, dots_per_mm: float) -> BoxMark:
    width, height = dots(box.width, dots_per_mm), dots(box.height, dots_per_mm)
    thickness = min(width, height) if box.filled else dots(box.thickness, dots_per_mm)
    return BoxMark(*_corner(box, dots_per_mm), width, height, thickness)


def _lines(text: Text, value: str, measure: Measure, dots_per_mm: float) -> list[Mark]:
    x, y = _corner(text, dots_per_mm)
    room, full = text.width * dots_per_mm, text.height * dots_per_mm
    lines, scale = _fitted(text, value, room=room / full, measure=lambda part: measure(part, text.bold))
    height = round(full * scale)
    # A single line that got smaller stays on the middle of its capitals; of several the first stays on top.
    drop = round((full - height) * 0.375) if text.lines == 1 else 0
    marks: list[Mark] = []
    for number in range(text.lines):
        part = as_seen(lines[number]) if number < len(lines) else ""
        left = room - measure(part, text.bold) * height
        indent = {"left": 0.0, "center": left / 2, "right": left}[text.align]
        down = round(number * text.pitch * dots_per_mm * scale)
        marks.append(
            TextMark(x + max(0, round(indent)), y + drop + down, height, part, text.bold, text.inverse)
        )
    return marks


def _fitted(
    text: Text, value: str, *, room: float, measure: Callable[[str], float]
) -> tuple[list[str], float]:
    """Break a text into lines no wider than `room` (in heights), as large as it goes; cut what is left."""
    paragraphs = value[:MAX_CHARACTERS].split("\n") if text.lines > 1 else [value[:MAX_CHARACTERS]]
    parts = [printable(paragraph) for paragraph in paragraphs]
    scale = 1.0
    while True:
        lines = [line for part in parts for line in _broken(part, room / scale, measure)]
        if len(lines) <= text.lines and len(value) <= MAX_CHARACTERS:
            return lines, scale
        if scale == text.smallest:
            break
        scale = max(scale * STEP, text.smallest)
    kept = lines[: text.lines]
    kept[-1] = _cut(kept[-1], room / scale, measure)
    return kept, scale


def _broken(text: str, room: float, measure: Callable[[str], float]) -> list[str]:
    """Break at spaces, and within a word that is wider than a line."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if measure(joined) <= room:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        rest = word
        while measure(rest) > room:
            head = _head(rest, room, measure)
            lines[-1] = rest[:head]
            lines.append("")
            rest = rest[head:]
        lines[-1] = rest
    return lines


def _cut(line: str, room: float, measure: Callable[[str], float]) -> str:
    """Shorten a line so that the dots which tell of it have room too."""
    space = max(room - measure(ELLIPSIS), 0)
    return (line if measure(line) <= space else line[: _head(line, space, measure)]) + ELLIPSIS


def _head(text: str, room: float, measure: Callable[[str], float]) -> int:
    """Count the characters, at least one, that fit the room."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= room else (low, middle - 1)
    return low


def _symbol(barcode: Barcode, value: str, columns: Columns, dots_per_mm: float) -> SymbolMark:
    x, y = _corner(barcode, dots_per_mm)
    width, height = dots(barcode.width, dots_per_mm), dots(barcode.height, dots_per_mm)
    symbol = choose(
        barcode.symbol,
        value,
        width=width,
        height=height,
        module_mm=barcode.module,
        columns=columns,
        dots_per_mm=dots_per_mm,
    )
    left = width - symbol.width - 2 * symbol.quiet
    indent = {"left": 0, "center": left // 2, "right": left}[barcode.align]
    return SymbolMark(x + symbol.quiet + indent, y + (height - symbol.height) // 2, symbol)


def _corner(element: Element, dots_per_mm: float) -> tuple[int, int]:
    return round(element.x * dots_per_mm), round(element.y * dots_per_mm)


def dots(size_mm: float, dots_per_mm: float) -> int:
    """How many dots a size is drawn with, at least one."""
    return max(1, round(size_mm * dots_per_mm))
