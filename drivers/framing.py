"""From bytes as they come to the lines that scanners mean. Pure: no device, no clock.

What a line says, and whether it may say that, is for the engine to judge; here it is only cut out of the
stream. Each opening of a device gets a framer of its own, so that no line is made of two halves.
"""

import re

from edge.facts import MAX_CODE_LENGTH

MAX_LINE_BYTES = 4096
"""Bytes kept of one line: room for 256 characters, each a GS sent as 8. More is a line that never ends."""

GS = "\x1d"

_ENDS = re.compile(rb"[\r\n]+")


class Framer:
    """Cuts one device's bytes into lines; `gs` is what this device sends where FNC1 or GS is meant.

    A line ends with CR, LF or CRLF, and an empty one is none, so that it does not matter where a read ends:

    >>> framer = Framer()
    >>> framer.feed(b"LOC:A-01\\r"), framer.feed(b"\\nQTY:1"), framer.feed(b"2\\n")
    (['LOC:A-01'], [], ['QTY:12'])
    """

    def __init__(self, *, gs: str = GS) -> None:
        self._gs = gs
        self._partial = bytearray()
        self._is_told = False

    def feed(self, data: bytes) -> list[str]:
        """Take bytes and return the lines that they end, each byte one character (Latin-1).

        A line of more than `MAX_CODE_LENGTH` characters is cut to one more than that, so that it is seen to
        be too long; one of more than `MAX_LINE_BYTES` is returned before its end, and the rest of it dropped.
        """
        lines: list[str] = []
        # A run of line ends is split off at once: a million of them cost no more than a single one.
        *ended, rest = _ENDS.split(data)
        for part in ended:
            self._grow(part, lines)
            if self._partial:
                lines.append(self._cut())
            self._is_told = False
        self._grow(rest, lines)
        return lines

    def _grow(self, part: bytes, lines: list[str]) -> None:
        if self._is_told:
            return
        self._partial += part[: MAX_LINE_BYTES + 1 - len(self._partial)]
        if len(self._partial) > MAX_LINE_BYTES:
            lines.append(self._cut())
            self._is_told = True

    def _cut(self) -> str:
        """Take what was gathered as a line."""
        line = self._partial.decode("latin-1").replace(self._gs, GS)
        self._partial.clear()
        return line[: MAX_CODE_LENGTH + 1]
