"""From bytes as they come to the lines that scanners mean. Pure: no device, no clock.

What a line says, and whether it may say that, is for the engine to judge; here it is only cut out of the
stream. Each opening of a device gets a framer of its own, so that no line is made of two halves.
"""

import re

from edge.domain.printable import SUB
from edge.facts import MAX_CODE_LENGTH

MAX_LINE_BYTES = 4096
"""Bytes kept of one line: room for 256 characters, each a GS sent as 8. More is a line that never ends."""

GS = "\x1d"

NOISE = "\x00\xff"
"""What a serial line makes of a plug that is pushed in: a break reads as NUL, a glitch as a lone start bit. In front
of the first line it is taken off."""
_NOISE = NOISE.encode("latin-1")


class Framer:
    """Cuts one device's bytes into lines; `gs` is what this device sends where FNC1 or GS is meant.

    A line ends with CR, LF or CRLF, or with the device's own `suffix`, and an empty one is none, so that it does not
    matter where a read ends:

    >>> framer = Framer()
    >>> framer.feed(b"LOC:A-01\\r"), framer.feed(b"\\nQTY:1"), framer.feed(b"2\\n")
    (['LOC:A-01'], [], ['QTY:12'])

    Of a device that sends a `prefix`, a line without it has lost its beginning, and with a `suffix` one that CR or LF
    ends has lost its end. Neither is whole: each comes out with what was there and a SUB (0x1A) where something is
    gone, which no code may have:

    >>> framer = Framer(prefix="\\x02", suffix="\\x03")
    >>> framer.feed(b"\\x02QTY:12\\x03\\r\\n"), framer.feed(b":12\\x03"), framer.feed(b"\\x02QTY\\r")
    (['QTY:12'], ['\\x1a:12'], ['QTY\\x1a'])
    """

    def __init__(self, *, gs: str = GS, prefix: str | None = None, suffix: str | None = None) -> None:
        self._gs = gs
        self._prefix = (prefix or "").encode("latin-1")
        self._suffix = (suffix or "").encode("latin-1")
        # A control character stands in no code, but for GS.
        self._is_mark = self._prefix[:1] < b" " and self._prefix != GS.encode()
        own = re.escape(self._suffix) + rb"|" if suffix else b""
        self._end = re.compile(rb"(" + own + rb"[\r\n]+)")
        self._partial = bytearray()
        self._is_told = False
        self._is_first = True

    @property
    def unfinished(self) -> int:
        """Bytes of a line whose end has not come."""
        return len(self._partial)

    def feed(self, data: bytes) -> list[str]:
        """Take bytes and return the lines that they end, each byte one character (Latin-1).

        A line of more than `MAX_CODE_LENGTH` characters is cut to one more than that, so that it is seen to
        be too long; one of more than `MAX_LINE_BYTES` is returned before its end, and the rest of it dropped.
        """
        if len(self._suffix) > 1:
            data = self._take_back(len(self._suffix) - 1) + data
        lines: list[str] = []
        # A run of line ends is split off at once: a million of them cost no more than a single one.
        *ended, rest = self._end.split(data)
        for part, end in zip(ended[::2], ended[1::2], strict=True):
            self._grow(part, lines)
            if self._partial and (line := self._take(end)):
                lines.append(line)
            self._is_told = False
        self._grow(rest, lines)
        return lines

    def _take_back(self, size: int) -> bytes:
        """Give out again the end of what was gathered, which may be the beginning of a suffix."""
        held = bytes(self._partial[-size:])
        del self._partial[-size:]
        return held

    def _grow(self, part: bytes, lines: list[str]) -> None:
        if self._is_told:
            return
        self._partial += part[: MAX_LINE_BYTES + 1 - len(self._partial)]
        if len(self._partial) > MAX_LINE_BYTES:
            lines.append(self._take())
            self._is_told = True

    def _take(self, end: bytes | None = None) -> str:
        """Take what was gathered as a line; without `end` it is one that never ends, and is left as it is."""
        gathered = bytes(self._partial)
        self._partial.clear()
        whole = gathered if end is None else self._whole(gathered, end)
        line = whole.decode("latin-1").replace(self._gs, GS)
        if self._is_first:
            # Of noise alone nothing is left to be refused: it stays, and is seen to be none of ours.
            line = line.lstrip(NOISE) or line
            self._is_first = False
        return line[: MAX_CODE_LENGTH + 1]

    def _whole(self, line: bytes, end: bytes) -> bytes:
        """Take off the prefix, and mark what is lost."""
        if self._prefix:
            # In front of a control character is what came before it: noise, or a code that lost its end.
            code = (
                line.rpartition(self._prefix)
                if self._is_mark
                else line.lstrip(_NOISE).partition(self._prefix)
            )
            line = code[2] if code[1] and (self._is_mark or not code[0]) else _LOST + line
        return line + _LOST if self._suffix and end != self._suffix else line


_LOST = SUB.encode()
