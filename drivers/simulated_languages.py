"""What a printer makes of the bytes it is sent, as far as a stand-in needs it.

That is where a label ends and what is asked. Pure, one listener for each connection. Nothing is drawn: what a
label says is for tests and viewers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

MAX_JOB_BYTES = 4 * 1024 * 1024
"""Bytes kept of a label that does not end; a full-page graphic in hexadecimal is about a third of it."""

_NEEDS_MORE = -1


@dataclass(frozen=True, slots=True)
class Job:
    """A whole label: its bytes from the first to the one that ends it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """Asks how the printer is, at once and whatever it is doing: `~HS`, or `n` of `DLE EOT n`."""

    n: int = 0


@dataclass(frozen=True, slots=True)
class ErrorsQuestion:
    """Asks for the errors that keep the printer from printing, at once: `~HQES`."""


@dataclass(frozen=True, slots=True)
class EndQuestion:
    """Asks to be told, with this process id, once all before it is printed: `GS ( H`, function 48."""

    process: bytes


Heard = Job | StatusQuestion | ErrorsQuestion | EndQuestion


class Listener(Protocol):
    def feed(self, data: bytes) -> list[Heard]:
        """Take bytes and return what they complete, in order."""
        ...


class ZplListener:
    """ZPL II: a label goes from ^XA to ^XZ; ~HS and ~HQES are no part of it, wherever they come.

    >>> ZplListener().feed(b"~HS^XA^FDx^FS^XZ")
    [StatusQuestion(n=0), Job(data=b'^XA^FDx^FS^XZ')]
    """

    _MARKS = re.compile(rb"~HS|~HQES|\^XZ")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[Heard]:
        heard: list[Heard] = []
        self._buffer += data
        while mark := self._MARKS.search(self._buffer, self._searched):
            start, end = mark.span()
            if self._buffer[start : start + 1] == b"~":
                del self._buffer[start:end]
                self._searched = start
                heard.append(StatusQuestion() if end - start == len(b"~HS") else ErrorsQuestion())
                continue
            # The last ^XA: one before it began a label that was broken off.
            begin = self._buffer.rfind(b"^XA", 0, start)
            if begin >= 0:
                heard.append(Job(bytes(self._buffer[begin:end])))
            del self._buffer[:end]
            self._searched = 0
        if len(self._buffer) > MAX_JOB_BYTES:
            self._buffer.clear()
        self._searched = max(0, len(self._buffer) - len(b"~HQES") + 1)
        return heard


class EscposListener:
    r"""ESC/POS: a label ends with a cut. Commands are stepped over whole: no picture can look like one.

    >>> EscposListener().feed(b"\x10\x04\x04\x1b@SO-1\n\x1dV\x00")
    [StatusQuestion(n=4), Job(data=b'\x1b@SO-1\n\x1dV\x00')]
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0

    def feed(self, data: bytes) -> list[Heard]:
        heard: list[Heard] = []
        self._buffer += data
        while self._at < len(self._buffer):
            length = _length(self._buffer, self._at)
            if length == _NEEDS_MORE or self._at + length > len(self._buffer):
                break
            command = bytes(self._buffer[self._at : self._at + length])
            if question := _question(command):
                del self._buffer[self._at : self._at + length]
                heard.append(question)
                continue
            self._at += length
            if command[:2] in (b"\x1dV", b"\x1bi", b"\x1bm"):
                heard.append(Job(bytes(self._buffer[: self._at])))
                del self._buffer[: self._at]
                self._at = 0
        if len(self._buffer) > MAX_JOB_BYTES:
            self._buffer.clear()
            self._at = 0
        return heard


def _question(command: bytes) -> Heard | None:
    if command[:2] == b"\x10\x04":
        return StatusQuestion(command[2])
    if command[:3] == b"\x1d(H" and command[5:7] == b"\x30\x30":
        return EndQuestion(command[7:11])
    return None


# Bytes of a command without data, by its first two. Others that begin with DLE, ESC, FS or GS have one
# parameter.
_LENGTHS: dict[bytes, int] = {
    **dict.fromkeys((b"\x1b@", b"\x1b2", b"\x1bi", b"\x1bm", b"\x1bL", b"\x1bS", b"\x1b\x0c", b"\x1d:"), 2),
    **dict.fromkeys((b"\x1c.", b"\x1c&"), 2),
    **dict.fromkeys((b"\x1b$", b"\x1b\\", b"\x1bc", b"\x1dL", b"\x1dW", b"\x1d$", b"\x1d\\", b"\x1dP"), 4),
    **dict.fromkeys((b"\x1cp", b"\x1cS"), 4),
    **dict.fromkeys((b"\x1bp", b"\x1d^", b"\x10\x14"), 5),
    b"\x1bW": 10,
}


def _length(buffer: bytearray, at: int) -> int:
    """Return how long the command at `at` is with its data; _NEEDS_MORE where the bytes do not tell yet."""
    if buffer[at] not in b"\x10\x1b\x1c\x1d":
        return 1
    head = bytes(buffer[at : at + 8])
    if len(head) < 3:
        # Two bytes are a whole command at times: waiting for a third would miss a cut.
        return 2 if _LENGTHS.get(head) == 2 else _NEEDS_MORE
    name = head[:2]
    if name == b"\x1bD" or (name == b"\x1dk" and head[2] <= 6):
        # Tab stops and the older form of a barcode end with NUL; in the latter the kind, 0 to 6, comes first.
        end = buffer.find(b"\x00", at + 2 if name == b"\x1bD" else at + 3)
        return end + 1 - at if end >= 0 else _NEEDS_MORE
    if name == b"\x1dV":
        return 3 if head[2] in b"\x00\x01\x30\x31" else 4
    layout = _DATA.get(name)
    if layout is None:
        return _LENGTHS.get(name, 3)
    fixed, counted = layout
    return fixed + counted(head) if len(head) >= fixed else _NEEDS_MORE


def _u16(head: bytes, at: int) -> int:
    return int.from_bytes(head[at : at + 2], "little")


# Commands that carry data: the bytes before it, and how many they say will follow.
_DATA: dict[bytes, tuple[int, Callable[[bytes], int]]] = {
    b"\x1b*": (5, lambda head: _u16(head, 3) * (3 if head[2] in (32, 33) else 1)),
    b"\x1d(": (5, lambda head: _u16(head, 3)),
    b"\x1c(": (5, lambda head: _u16(head, 3)),
    b"\x1d*": (4, lambda head: head[2] * head[3] * 8),
    b"\x1d8": (7, lambda head: int.from_bytes(head[3:7], "little")),
    b"\x1dk": (4, lambda head: head[3]),
    b"\x1dv": (8, lambda head: _u16(head, 4) * _u16(head, 6)),
}
