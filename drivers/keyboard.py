"""What a scanner typed: from a keyboard's input events to the characters that it meant. Pure: no device, no clock.

A keyboard-wedge scanner presses keys and means characters; which, its layout says (`drivers.keyboard_layouts`).
What is no character does not vanish out of a code: it becomes SUB, which no code may hold, so that the code is
refused. Lines are cut elsewhere (`drivers.framing`).
"""

import struct
import unicodedata
from typing import Final

from drivers.keyboard_layouts import DEAD, KEYPAD_DIGITS, LAYOUTS
from edge.domain.printable import SUB

INPUT_EVENT: Final = struct.Struct("llHHi")
"""`struct input_event` of linux/input.h: a time of two longs, type, code, value. 24 bytes on 64 bits."""

GS: Final = "\x1d"

# Numbers of linux/input-event-codes.h.
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
EVENTS_LOST: Final = b"".join(INPUT_EVENT.pack(0, 0, EV_SYN, code, 0) for code in (SYN_DROPPED, SYN_REPORT))
"""What the kernel sends where it had to drop events: the line in hand is not whole."""
KEY_ENTER, KEY_KPENTER, KEY_RIGHTBRACE, KEY_F8, KEY_CAPSLOCK = 28, 96, 27, 66, 58
SHIFT: Final = frozenset({42, 54})
CTRL: Final = frozenset({29, 97})
META: Final = frozenset({125, 126})
KEY_LEFTALT, KEY_RIGHTALT = 56, 100
MODIFIERS: Final = SHIFT | CTRL | META | {KEY_LEFTALT, KEY_RIGHTALT}
_OTHER_LOCKS = frozenset({69, 70})  # Num Lock, Scroll Lock: they change no character here

# A scanner that may not type function keys types a control character as Ctrl and a letter ("Characters from 00 to
# 0x1F are sent as control character Ctrl+Keys": Datalogic QuickScan QD2400 reference, Scancode Tables). Of those a
# code needs GS, and CR or LF to end.
_CONTROLS = {"]": GS, "m": "\r", "j": "\n"}

# Alt held, the number of GS on the keypad, Alt released: three digits ("3-digit ASCII code": Worth Data WDP manual
# 4-2) or four (Zebra's Emulate Keypad with Leading Zero). Other numbers could compose any byte; they are no text.
_ALT_GS = frozenset({"029", "0029"})
_ALT_DIGITS = 5  # kept of a number: longer than any that means something


class Keyboard:
    """One device's decoder. It keeps what is held down, a dead key, and less than one event that came in part.

    Each code stands for itself: how one ends can have the next refused, and never read as something else.

    >>> press_a = INPUT_EVENT.pack(0, 0, EV_KEY, 30, 1)
    >>> keyboard = Keyboard("us")
    >>> keyboard.feed(press_a[:5]), keyboard.feed(press_a[5:])
    (b'', b'a')
    >>> Keyboard("fr").feed(press_a)
    b'q'
    """

    def __init__(self, layout: str) -> None:
        self._layout = LAYOUTS[layout]
        self._rest = b""
        self._typed: list[str] = []
        self._held: set[int] = set()
        self._dead: str | None = None
        self._alt_number = ""
        self._is_locked = False
        self._is_lock_of_this_line = False
        self._is_dropping = False
        self._is_doubtful = False

    def feed(self, data: bytes) -> bytes:
        """Take bytes of input events, split anywhere, and return what they typed in Latin-1: a CR for Enter.

        A sign that Latin-1 lacks, a chord and a key that is no character are a SUB; so is a place where the
        kernel lost events.
        """
        data = self._rest + data
        whole = len(data) - len(data) % INPUT_EVENT.size
        self._rest = data[whole:]
        for _, _, kind, code, value in INPUT_EVENT.iter_unpack(data[:whole]):
            if kind == EV_SYN:
                self._synchronise(code)
            elif kind == EV_KEY and not self._is_dropping:
                # 2 is the kernel's key repeat: a scanner presses a key as often as it means it.
                if value == 1:
                    self._press(code)
                elif value == 0:
                    self._release(code)
        typed = "".join(self._typed).encode("latin-1")
        self._typed.clear()
        return typed

    def _synchronise(self, code: int) -> None:
        if code == SYN_DROPPED and not self._is_dropping:
            # The kernel's buffer ran over. What is held is unknown, and up to the next report nothing is whole
            # (Documentation/input/event-codes.rst).
            self._is_dropping = self._is_doubtful = True
            self._held.clear()
            self._alt_number = ""
            self._put(SUB)
        elif code == SYN_REPORT:
            self._is_dropping = False

    def _press(self, code: int) -> None:
        if code in (KEY_ENTER, KEY_KPENTER):
            self._end()
        elif code in MODIFIERS:
            self._held.add(code)
        elif code == KEY_CAPSLOCK:
            self._is_locked = not self._is_locked
            self._is_lock_of_this_line = True
        elif code not in _OTHER_LOCKS:
            self._strike(code)

    def _release(self, code: int) -> None:
        self._held.discard(code)
        if self._alt_number and not self._is_alt():
            self._put(GS if self._alt_number in _ALT_GS else SUB)
            self._alt_number = ""

    def _strike(self, code: int) -> None:
        """Type the character of a key with what is held beside it."""
        if self._held & CTRL or self._held & META or self._is_alt():
            self._chord(code)
        elif code == KEY_F8 and not self._held:
            # GS where control characters are typed as function keys: F1 for SYN (0x16) to F10 for US (0x1F).
            self._put(GS)
        elif self._is_locked and not self._is_lock_of_this_line:
            # Caps Lock was left on by an earlier code. No scanner means that, so this code is refused, and its
            # end puts the lock off: else a single code could change the case of all that follow.
            self._is_doubtful = True
            self._put(SUB)
        else:
            self._put(self._character(code, with_lock=self._is_locked))

    def _chord(self, code: int) -> None:
        if self._held == {KEY_LEFTALT} or (self._held == {KEY_RIGHTALT} and self._is_alt()):
            if code in KEYPAD_DIGITS:
                self._alt_number = (self._alt_number + KEYPAD_DIGITS[code])[:_ALT_DIGITS]
                return
        elif self._held & CTRL and not self._held & META and not self._is_alt():
            # Ctrl-] is the key that gives ] here, and the one that gives it in the US: there Windows has GS in
            # every layout (kbdgr.c, kbdfr.c).
            is_us_key = code == KEY_RIGHTBRACE and self._held <= CTRL
            control = _CONTROLS.get(self._character(code, with_lock=False).lower(), GS if is_us_key else SUB)
            if control in "\r\n":
                self._end_with(control)
            else:
                self._put(control)
            return
        self._put(SUB)

    def _character(self, code: int, *, with_lock: bool) -> str:
        is_shifted = bool(self._held & SHIFT)
        if KEY_RIGHTALT in self._held and self._layout.altgr is not None:
            # What AltGr and Shift give together is ASCII in no layout.
            return SUB if is_shifted else self._layout.altgr.get(code, SUB)
        if with_lock and code in self._layout.shift_locked:
            is_shifted = not is_shifted
        return (self._layout.shift if is_shifted else self._layout.plain).get(code, SUB)

    def _put(self, char: str) -> None:
        """Type a character, joined to a dead key before it where there is one, as Windows does it.

        With the space bar a dead key is its own sign, with a letter an accented one, before all else both are
        typed, where Linux types neither. (Latin-1 has exactly the letters of Windows' own lists.)
        """
        if self._dead is not None:
            sign, joining = DEAD[self._dead]
            self._dead = None
            joined = unicodedata.normalize("NFC", char + joining)
            if char == " ":
                char = sign
            elif len(joined) == 1 and joined <= "\xff":
                char = joined
            else:
                char = sign + DEAD.get(char, (char,))[0]
        elif char in DEAD:
            self._dead = char
            return
        self._typed.append(char)

    def _end(self) -> None:
        """End the line at Enter. With a key still held beside it the code is refused: what it meant is not known."""
        if self._held or self._alt_number:
            self._put(SUB)
        self._held.clear()
        self._alt_number = ""
        self._end_with("\r")

    def _end_with(self, end: str) -> None:
        self._put(end)
        self._is_locked = self._is_locked and not self._is_doubtful
        self._is_doubtful = self._is_lock_of_this_line = False

    def _is_alt(self) -> bool:
        return KEY_LEFTALT in self._held or (KEY_RIGHTALT in self._held and self._layout.altgr is None)
