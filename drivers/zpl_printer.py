"""ZPL II: a label as commands. What a printer tells of itself is `zpl_status`'.

Widths are those of font 0 at 203 dpi. All data passes through `field`, and nothing else writes any, but for text
that font 0 need not have: that is drawn here and sent as dots.
(Zebra, ZPL II Programming Guide: ^A, ^BC, ^BQ, ^BX, ^CI, ^FH, ^GF, ~JX.)
"""

import re
from collections.abc import Mapping

from config.layouts import Layout
from drivers.drawing import BoxMark, ImageMark, Mark, SymbolMark, TextMark, place, values_of
from drivers.letters import Letters, letters_with, line_raster
from drivers.print_settings import AS_SET_UP, MAX_BAR_DOTS, PrintSettings, zpl_head, zpl_tail
from drivers.printing import Report
from drivers.raster import graphic_field, image_raster
from drivers.symbols import GS, GS1_BAR_MM, QR_LEVEL, Columns, DrawingError, Kind, Symbol, columns_drawn
from drivers.transport import Transport
from drivers.zpl_status import ZplStatus, is_status
from drivers.zpl_template import filled_template
from edge.outbox import LabelJob

# Font 0: advance of the characters 0x20 to 0x7E in thousandths of the height.
_ADVANCES = (
    250, 333, 333, 500, 500, 833, 667, 250, 333, 333, 500, 500, 333, 800, 333, 278,
    500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 278, 278, 500, 500, 500, 500,
    833, 556, 556, 556, 611, 500, 500, 611, 611, 278, 444, 556, 500, 778, 611, 611,
    556, 611, 611, 556, 500, 611, 556, 833, 556, 556, 500, 333, 500, 333, 500, 500,
    333, 500, 500, 444, 500, 500, 278, 500, 500, 278, 278, 444, 278, 778, 500, 500,
    500, 500, 333, 444, 278, 500, 444, 667, 444, 444, 389, 274, 250, 274, 500,
)  # fmt: skip
_WIDTHS = {chr(0x20 + n): advance / 1000 for n, advance in enumerate(_ADVANCES)}
_LATIN_END, _LATIN = "\u017f", 0.6
"""Font 0 has Latin and Eastern European letters (Zebra, KR403 Software Integrator Guide P1026208-001, page 120):
Latin-1 and Latin Extended-A. Whether a printer's has more, Greek or Cyrillic say, nobody knows before it printed."""

_ESCAPED = [
    bytes((byte,)) if 0x20 <= byte <= 0x7D and byte not in b"^_\\" else b"_%02X" % byte for byte in range(256)
]

_LEADING_PAIRS = re.compile("(?:[0-9]{2})+")
_CODEWORDS_B = {GS: ">8", ">": ">0"}

_NOWHERE = 1_000_000

_ESCAPES = "|!#$%&*+/:;=?@"


class Zpl:
    """The language of label printers."""

    def __init__(self, layouts: Mapping[str, Layout], settings: PrintSettings = AS_SET_UP) -> None:
        self._layouts = layouts
        self._settings = settings
        self._status = ZplStatus()

    @property
    def dots_per_mm(self) -> float:
        return self._settings.dots_per_mm

    def prepare(self) -> None:
        """Nothing to load."""

    def draw(self, job: LabelJob) -> bytes:
        return draw_zpl(job, self._layouts[job.content.kind], self._settings)

    def ask(self, line: Transport, *, within_s: float) -> Report:
        return self._status.ask(line, within_s=within_s)

    def end_question(self) -> bytes:
        return b""

    def end_of_half(self) -> bytes:
        return b"~JX"  # cancels the format that came in part

    def is_answer(self, data: bytes) -> bool:
        return is_status(data)


def draw_zpl(job: LabelJob, layout: Layout, settings: PrintSettings = AS_SET_UP) -> bytes:
    """Draw a label. Raises DrawingError."""
    values, letters = values_of(job.content, copy=job.copy, hold=job.hold), letters_with(layout.fonts)
    head, tail = zpl_head(settings, layout), zpl_tail(settings)
    if layout.zpl is not None:
        return head + filled_template(layout.zpl, values) + tail

    def measure(text: str, bold: bool) -> float:
        return _width(text, bold) if _has_letters(text) else letters.width(text, bold)

    dots_per_mm = settings.dots_per_mm
    columns = _columns_at(dots_per_mm)
    marks = place(layout, values, measure=measure, columns=columns, dots_per_mm=dots_per_mm)
    return head + b"".join(_commands(mark, letters) for mark in marks) + tail


def field(data: str) -> bytes:
    """Write field data: whatever a printer could take for a command or an escape goes in hexadecimal.

    >>> field("2 ^XZ ~HS_é")
    b'^FH_^FD2 _5EXZ _7EHS_5F_C3_A9^FS\\n'
    """
    return b"^FH_^FD" + b"".join([_ESCAPED[byte] for byte in data.encode("utf-8")]) + b"^FS\n"


def _commands(mark: Mark, letters: Letters) -> bytes:
    match mark:
        case TextMark() if not _has_letters(mark.text):
            reverse = b"^FR" if mark.inverse else b""
            raster, right, down = line_raster(letters, mark.text, mark.height, mark.bold)
            corner = (max(0, mark.x + right), max(0, mark.y + down))
            return b"^FO%d,%d" % corner + reverse + graphic_field(raster) + b"^FS\n"
        case TextMark():
            reverse = b"^FR" if mark.inverse else b""
            line = b"^A0N,%d,%d%s" % (mark.height, mark.height, reverse) + field(mark.text)
            # Font 0 has one weight: a second strike, a dot to the right, makes it bolder. In reverse it would
            # undo the first.
            strikes = (0, 1) if mark.bold and not mark.inverse else (0,)
            return b"".join(b"^FO%d,%d" % (mark.x + strike, mark.y) + line for strike in strikes)
        case BoxMark():
            size = (mark.x, mark.y, mark.width, mark.height, mark.thickness)
            return b"^FO%d,%d^GB%d,%d,%d^FS\n" % size
        case ImageMark():
            raster = image_raster(mark.png, mark.width, mark.height, mark.threshold)
            return b"^FO%d,%d" % (mark.x, mark.y) + graphic_field(raster) + b"^FS\n"
        case SymbolMark():
            return b"^FO%d,%d" % (mark.x, mark.y) + _symbol(mark.symbol)


def _symbol(symbol: Symbol) -> bytes:
    match symbol.kind:
        case "code128":
            return _bars(symbol) + field(_set_b(symbol.data))
        case "gs1-128":
            return _bars(symbol) + field("".join(gs1_codewords(symbol.data)))
        case "gs1-datamatrix":
            # `|` is the escape character, |1 is FNC1; it is no GS1 character and so never in the data.
            return b"^BXN,%d,200,0,0,1,|" % symbol.module + field("|1" + symbol.data.replace(GS, "|1"))
        case "datamatrix":
            return b"^BXN,%d,200,0,0,1,%c" % (symbol.module, _unused(symbol.data)) + field(symbol.data)
        case "qr":
            return b"^BQN,2,%d" % min(symbol.module, MAX_BAR_DOTS) + field(f"{QR_LEVEL}A,{symbol.data}")


def _unused(data: str) -> int:
    """Choose an escape character that the data has not: printers differ in how one of its own is written."""
    for escape in _ESCAPES:
        if escape not in data:
            return ord(escape)
    raise DrawingError(f"Expected a DataMatrix without one of {_ESCAPES}, got {data[:60]!r}.")


def _bars(symbol: Symbol) -> bytes:
    return b"^BY%d^BCN,%d,N,N,N,N" % (min(symbol.module, MAX_BAR_DOTS), symbol.height)


def _set_b(data: str) -> str:
    """Code 128 in set B all through: a little wider than with changes, but what is sent reads as it is."""
    return ">:" + data.replace(">", ">0")


def gs1_codewords(message: str) -> list[str]:
    r"""Encode a GS1 message as ^BC names the codewords of Code 128, from the start code on.

    Pairs of digits at the beginning (GTIN and dates stand there) go in set C, all behind them in set B: `>;`
    and `>:` start in C and B, `>6` changes to B, `>8` is FNC1, which begins the message and ends an element
    (ISO/IEC 15417). `>5`, back to C, is left out: not all that read ZPL know it.

    >>> "".join(gs1_codewords("0109506000134352" + "10B7\x1d" + "9142"))
    '>;>8010950600013435210>6B7>89142'
    """
    pairs = _LEADING_PAIRS.match(message)
    digits = pairs[0] if pairs else ""
    codewords = [">;" if digits else ">:", ">8"]
    codewords += [digits[at : at + 2] for at in range(0, len(digits), 2)]
    rest = message[len(digits) :]
    if digits and rest:
        codewords.append(">6")
    return codewords + [_CODEWORDS_B.get(character, character) for character in rest]


def _columns_at(dots_per_mm: float) -> Columns:
    """Count columns; bars whose least module is wider than a printer of so many dots draws fit nowhere."""
    if GS1_BAR_MM * dots_per_mm <= MAX_BAR_DOTS:
        return _columns
    return lambda kind, data: _NOWHERE if kind == "gs1-128" else _columns(kind, data)


def _columns(kind: Kind, data: str) -> int:
    """Modules across: 11 for each codeword and the check, 13 for stop, where the bars are ours."""
    match kind:
        case "code128":
            return 11 * (len(data) + 2) + 13
        case "gs1-128":
            return 11 * (len(gs1_codewords(data)) + 1) + 13
    return columns_drawn(kind, data)


def _has_letters(text: str) -> bool:
    """Tell whether font 0 surely has all of a text."""
    return text.isascii() or max(text) <= _LATIN_END


def _width(text: str, bold: bool) -> float:
    # Letters beyond ASCII are as wide as an average capital.
    return sum([_WIDTHS.get(letter, _LATIN) for letter in text]) + (0.02 if bold else 0)
