"""How the demo tells: lines on a terminal, with colour where that is wanted and plain where it is piped."""

import os
import shutil
import textwrap
import time
from collections.abc import Sequence
from typing import TextIO

PAUSE_S = 0.45
"""Between two lines, so that they can be read."""
PIPED_WIDTH = 100
MAX_WIDTH = 120
MIN_WIDTH = 60

_BOLD, _DIM, _GREEN, _YELLOW, _RED, _CYAN = "1", "2", "32", "33", "31", "36"
_ANSWERS = {"accept": _GREEN, "ok": _GREEN, "attention": _YELLOW, "reject": _RED}
_INDENT = " " * 19
"""Under the text: the time and who."""
_HELD = "\xa0"
"""A space at which no line is broken."""


class Teller:
    """Writes to `out` line by line. `fast` leaves out the pauses that are meant for reading."""

    def __init__(self, out: TextIO, *, fast: bool) -> None:
        self._out, self._fast = out, fast
        self._told_at = time.monotonic()
        is_terminal = out.isatty()
        # https://no-color.org: set and not empty means no colour, whatever it is set to.
        self._colour = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        columns = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if is_terminal else PIPED_WIDTH
        self._width = max(MIN_WIDTH, min(MAX_WIDTH, columns))

    def heading(self, text: str) -> None:
        """Begin a part of the story."""
        self._write("")
        self._write(self._paint(_BOLD, text))

    def line(self, who: str, what: str, *, answer: str = "", words: str = "") -> None:
        """Say who does what and, if there is one, the answer with its words. Waits for the reader first."""
        self.pause()
        text = what
        if answer:
            text += f" ->{_HELD}{answer}" + (f' "{words}"' if words else "")
        self._tell(f"{time.strftime('%H:%M:%S')}  {who:<8} ", who, text, answer)

    def under(self, who: str, what: str) -> None:
        """Say what came of the line above."""
        self._tell(f"{'':10}{who:<8} ", who, what, "")

    def plain(self, text: str = "") -> None:
        self._write(text)

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Numbers stand to the right, everything else to the left."""
        cells = [[str(cell) for cell in row] for row in rows]
        widths = [max(len(row[n]) for row in [list(header), *cells]) for n in range(len(header))]
        to_right = [bool(rows) and all(isinstance(row[n], int) for row in rows) for n in range(len(header))]

        def laid_out(row: Sequence[str]) -> str:
            columns = zip(row, widths, to_right, strict=True)
            texts = [cell.rjust(width) if right else cell.ljust(width) for cell, width, right in columns]
            return "  " + "  ".join(texts).rstrip()

        self.heading(title)
        self._write(self._paint(_DIM, laid_out(header)))
        for row in cells:
            self._write(laid_out(row))

    def pause(self) -> None:
        """Wait until what was told last could be read; what the daemon took meanwhile counts."""
        if not self._fast:
            time.sleep(max(0.0, self._told_at + PAUSE_S - time.monotonic()))

    def _tell(self, head: str, who: str, text: str, answer: str) -> None:
        lines = textwrap.wrap(
            head + text,
            self._width,
            subsequent_indent=_INDENT,
            drop_whitespace=True,
            break_on_hyphens=False,
            break_long_words=False,
        )
        painted = lines[0].replace(who, self._paint(_CYAN, who), 1)
        for line in (painted, *lines[1:]):
            arrow = f"->{_HELD}{answer}"
            shown = line.replace(arrow, f"-> {self._paint(_ANSWERS.get(answer, _BOLD), answer)}", 1)
            self._write(shown.replace(_HELD, " "))

    def _paint(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colour else text

    def _write(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()
        self._told_at = time.monotonic()
