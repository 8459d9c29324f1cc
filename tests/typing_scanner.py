"""A keyboard-wedge scanner: the input events by which it types a text in a layout, and a FIFO in place of its device.

The events are those of a real one: a scan code, a key and a report for each press and each release, the modifiers
before and after.
"""

import functools
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from drivers.keyboard_layouts import DEAD, LAYOUTS, ROWS

EVENT = struct.Struct("llHHi")
EV_SYN, EV_KEY, EV_MSC, MSC_SCAN, SYN_REPORT = 0, 1, 4, 4, 0
SHIFT, CTRL, ALT, ALTGR, CAPS, ENTER, F8, RIGHTBRACE = 42, 29, 56, 100, 58, 28, 66, 27
KEYPAD = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}
_LETTER_KEYS = {code for row in ROWS for code in row}
SPELLED = {sign: dead for dead, (sign, _) in DEAD.items()}
"""The sign that a dead key and the space bar make, to the dead key as the tables write it."""


def event(kind: int, code: int, value: int) -> bytes:
    return EVENT.pack(1_795_000_000, 250_000, kind, code, value)


def report() -> bytes:
    return event(EV_SYN, SYN_REPORT, 0)


def key(code: int, value: int) -> bytes:
    """One change of a key (1 pressed, 0 released, 2 repeated), as the kernel reports it."""
    return event(EV_MSC, MSC_SCAN, 0x70000 + code) + event(EV_KEY, code, value) + report()


def stroke(code: int, *held: int) -> bytes:
    """Press and release a key while others are held."""
    down = b"".join(key(one, 1) for one in held)
    up = b"".join(key(one, 0) for one in reversed(held))
    return down + key(code, 1) + key(code, 0) + up


def alt_number(digits: str, alt: int = ALT) -> bytes:
    return key(alt, 1) + b"".join(stroke(KEYPAD[digit]) for digit in digits) + key(alt, 0)


GS_TYPED = {"ctrl": stroke(RIGHTBRACE, CTRL), "f8": stroke(F8), "alt": alt_number("029")}
"""The three ways in which scanners type a GS."""


def keystrokes(text: str, layout: str = "us", *, gs: str = "ctrl") -> bytes:
    """Type a text; GS as `gs` names it, CR with Enter. Raises KeyError for what the layout cannot type."""
    return b"".join(_typed(char, layout, gs) for char in text)


def _typed(char: str, layout: str, gs: str) -> bytes:
    if char == "\x1d":
        return GS_TYPED[gs]
    if char == "\r":
        return stroke(ENTER)
    ways = ways_to_type(layout)
    if char not in ways and char in SPELLED:
        return stroke(*ways[SPELLED[char]]) + stroke(*ways[" "])
    return stroke(*ways[char])


@functools.cache
def ways_to_type(layout: str) -> dict[str, tuple[int, ...]]:
    """Each character of a layout, with the keys to strike: the one that types it, then those that are held."""
    table = LAYOUTS[layout]
    planes: tuple[tuple[Mapping[int, str], tuple[int, ...]], ...] = (
        (table.plain, ()),
        (table.shift, (SHIFT,)),
        (table.altgr or {}, (ALTGR,)),
    )
    ways: dict[str, tuple[int, ...]] = {}
    # Keys of the keypad last: scanners type on the others unless they are told to.
    for is_wanted in (_LETTER_KEYS.__contains__, lambda _: True):
        for plane, held in planes:
            for code, char in plane.items():
                if is_wanted(code):
                    ways.setdefault(char, (code, *held))
    return ways


class TypingScanner:
    """A scanner at a FIFO, plugged in as long as the `with` lasts or until `unplug`."""

    def __init__(self, path: Path, *, layout: str = "us", gs: str = "ctrl") -> None:
        self.path = path
        self.url = f"hid://{path}?layout={layout}"
        self._layout = layout
        self._gs = gs
        self._end: int | None = None

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def plug(self) -> None:
        os.mkfifo(self.path)
        # For both ways, which waits for no reader.
        self._end = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)

    def unplug(self) -> None:
        if self._end is not None:
            self.path.unlink()
            os.close(self._end)
            self._end = None

    def scan(self, code: str) -> None:
        """Type a code and Enter."""
        self.send(keystrokes(code + "\r", self._layout, gs=self._gs))

    def send(self, events: bytes) -> None:
        """Hand over events. Raises BlockingIOError when nobody reads and the pipe is full."""
        assert self._end is not None, "it is not plugged in"
        while events:
            events = events[os.write(self._end, events) :]
