"""ESC/POS: a label as one picture on receipt paper, and what a printer answers to `DLE EOT` and `GS ( H`.

A picture and not text: no code page lacks a letter, no byte of data can be a command, the symbols are those
that are tested, and the label looks as in its preview. It costs some 60 KB a label, a fraction of a second
over USB or a network; a slow serial line takes as long as it takes. python-escpos writes the commands around
it and nothing else (`escpos_profile`).
(Epson, ESC/POS Command Reference: DLE EOT, GS ( H, GS v 0, GS V.)
"""

import logging
import re
import struct
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from config.layouts import Layout
from drivers.escpos_profile import Paper, commands_for, load, paper_of
from drivers.label_picture import label_picture
from drivers.print_settings import AS_SET_UP, PrintSettings, escpos_head
from drivers.printing import Report, Trouble, drained
from drivers.raster import raster_of
from drivers.symbols import DrawingError
from drivers.transport import READ_BYTES, Transport
from edge.outbox import LabelJob

if TYPE_CHECKING:
    from PIL.Image import Image

PARTS_S = 0.25
"""What the second and third answer may take once the first is there."""

MAX_ANSWER_BYTES = 32
"""Of three status bytes, the end of a label and what a printer may tell unasked; what says more answers nonsense."""

END_WITHIN_S = 2.0
"""A printer that has not told the end of its first label by then does not know the question."""

HEAD_BYTES = 16
"""More than stands in front of a picture or belongs to any other command of ours."""

BAND_ROWS = 64
"""A picture goes in commands of so many rows: the rest of one that came in part is soon filled up (`end_of_half`)."""

# Every answer to DLE EOT has bits 1 and 4 set, 0 and 7 clear.
_FIXED_BITS, _FIXED = 0b1001_0011, 0b0001_0010
_OFFLINE, _COVER_OPEN, _PAPER_END_STOP, _ERROR, _PAPER_END = 0x08, 0x04, 0x20, 0x40, 0x60
_CUTTER, _RECOVERS = 0x08, 0x40

_PROCESS_ANSWER = re.compile(rb"\x37\x22([ -~]{4})\x00")

# DLE EOT, DLE ENQ and DLE DC4 are obeyed wherever they stand, in a picture too; the last opens a cash drawer.
_REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")

log = logging.getLogger(__name__)


class Escpos:
    """The language of receipt printers. Remembers whether the printer tells when a label is out."""

    def __init__(self, layouts: Mapping[str, Layout], settings: PrintSettings = AS_SET_UP) -> None:
        self._layouts = layouts
        self._settings = settings
        self._paper = paper_of(settings)
        self._tells_end: bool | None = None
        self._number = 0
        self._awaited = b""
        self._awaited_since = 0.0
        self._tail = b""

    @property
    def width_mm(self) -> float:
        """What can be printed on across."""
        return self._paper.width_mm

    @property
    def dots_per_mm(self) -> float:
        return self._paper.dots_per_mm

    def prepare(self) -> None:
        load()

    def draw(self, job: LabelJob) -> bytes:
        return draw_escpos(job, self._layouts[job.content.kind], self._settings, paper=self._paper)

    def ask(self, line: Transport, *, within_s: float) -> Report:
        self._note_ends(drained(line))
        heard = b""
        answers: dict[int, int] = {}
        for n in (1, 2, 4):
            line.write(b"\x10\x04%c" % n)
            status, said = self._answer(line, within_s if not answers else PARTS_S)
            heard += said
            if status is None:
                break
            answers[n] = status
        if answers.get(2, 0) & _ERROR:
            line.write(b"\x10\x04\x03")
            status, said = self._answer(line, PARTS_S)
            heard += said
            answers[3] = status or 0
        # Of one that tells the end of a label and nothing else, nothing was heard.
        heard = _PROCESS_ANSWER.sub(b"", heard)
        # Among bytes without end there is always one that looks like "out of paper".
        if not answers or len(heard) > MAX_ANSWER_BYTES:
            return Report(heard=bool(heard))
        return Report(heard=True, told=True, trouble=_trouble(answers), waiting=self._waiting())

    def end_question(self) -> bytes:
        if self._tells_end is False:
            return b""
        # Process ids of letters A to P: none looks like an answer to DLE EOT.
        self._number = (self._number + 1) % 0x10000
        self._awaited = bytes(0x41 + (self._number >> shift & 0xF) for shift in (12, 8, 4, 0))
        self._awaited_since = time.monotonic()
        return b"\x1d(H\x06\x00\x30\x30" + self._awaited

    def end_of_half(self) -> bytes:
        # Enough for the rest of the largest picture that we send at once, white; beyond it NUL is no command. Then some
        # empty paper (ESC d), as the next label's code must not touch what there is of this one.
        across = (self._paper.dots + 7) // 8
        return bytes(across * BAND_ROWS + HEAD_BYTES) + b"\x1b@\x1bd\x02"

    def is_answer(self, data: bytes) -> bool:
        return bool(data) and all(byte & _FIXED_BITS == _FIXED for byte in data)

    def _answer(self, line: Transport, within_s: float) -> tuple[int | None, bytes]:
        """Wait for one status byte; also return all that was heard. What is no answer is dropped."""
        said = b""
        deadline = time.monotonic() + within_s
        while (left_s := deadline - time.monotonic()) > 0 and len(said) < READ_BYTES:
            data = line.read(left_s)
            self._note_ends(data)
            said += data
            for byte in data:
                if byte & _FIXED_BITS == _FIXED:
                    return byte, said
        return None, said

    def _note_ends(self, data: bytes) -> None:
        """Look for the end of a label in what was heard; an answer may come in two parts."""
        heard = self._tail + data
        for process in _PROCESS_ANSWER.findall(heard):
            self._tells_end = True
            if process == self._awaited:
                self._awaited = b""
        self._tail = heard[-6:]

    def _waiting(self) -> int:
        is_late = time.monotonic() - self._awaited_since > END_WITHIN_S
        if self._awaited and self._tells_end is None and is_late:
            log.info("The printer does not tell when a label is out (GS ( H): its status has to do.")
            self._tells_end = False
        if self._tells_end is False:
            self._awaited = b""
        return 1 if self._awaited else 0


def draw_escpos(
    job: LabelJob,
    layout: Layout,
    settings: PrintSettings = AS_SET_UP,
    *,
    paper: Paper | None = None,
) -> bytes:
    """Draw a label for receipt paper, with the cut behind it. Raises DrawingError."""
    paper = paper or paper_of(settings)
    picture = label_picture(job.content, layout, copy=job.copy, hold=job.hold, dots_per_mm=paper.dots_per_mm)
    if picture.width > paper.dots:
        raise DrawingError(
            f"Expected a layout of at most {paper.width_mm:g} mm for receipt paper, got {layout.width:g} mm."
        )
    printer = commands_for(paper)
    printer.hw("INIT")
    printer._raw(escpos_head(settings, dots=paper.dots))
    for band in _bands(picture):
        printer._raw(band)
    printer.cut(mode="PART")
    commands: bytes = printer.output
    return commands + settings.epilogue


def _bands(picture: "Image") -> Iterator[bytes]:
    """Write a picture as raster commands (GS v 0), with a dot more wherever its bytes would be a command.

    python-escpos writes the same bytes, by way of five pictures more: two thirds of what a label took.
    """
    raster = raster_of(picture)
    across, dots = raster.row_bytes, _REAL_TIME.sub(b"\x18", raster.data)
    for top in range(0, picture.height, BAND_ROWS):
        band = dots[top * across : (top + BAND_ROWS) * across]
        yield b"\x1dv0\x00" + struct.pack("<HH", across, len(band) // across) + band


def _trouble(answers: Mapping[int, int]) -> Trouble | None:
    """Say what is wrong, by the answers to DLE EOT 1 (printer), 2 (cause of being offline), 3 (error), 4 (paper)."""
    printer, offline, error, paper = (answers.get(n, 0) for n in (1, 2, 3, 4))
    if offline & _COVER_OPEN:
        return Trouble("has its cover open", "close it")
    if offline & _PAPER_END_STOP or paper & _PAPER_END == _PAPER_END:
        return Trouble("is out of paper", "put in a roll")
    if error & _CUTTER:
        return Trouble("has a cutter that is stuck", "clear it, and switch the printer off and on")
    if error & _RECOVERS:
        return Trouble("is too hot", "let it stand")
    if offline & _ERROR:
        return Trouble("reports an error", "see its display or lamps, and switch it off and on")
    if printer & _OFFLINE:
        return Trouble("is offline", "press its feed or online key")
    return None
