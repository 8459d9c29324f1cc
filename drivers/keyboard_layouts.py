"""Which character each key of a keyboard is, by layout: the tables behind `drivers.keyboard`. Data alone.

A character stands here only where Linux and Windows agree on it, since nobody can tell for which of the two a
scanner's maker wrote its firmware: XKB (xkeyboard-config 2.35, symbols/us, gb, de, fr, and latin that de and fr
build on) and Microsoft's layouts (Windows-driver-samples, input/layout: kbdus.c, kbdgr.c, kbdfr.c; of uk there is no
sample, it is what stands on the keys). Where they differ the place is empty, and a code with that key is refused
rather than guessed.

Two things are as Windows has them, which is what scanners are tried with: which keys Caps Lock shifts (the CAPLOK
attribute; in XKB it shifts letters alone), and the fr keys for ~ and ` (dead keys there, plain ones in XKB).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

NOTHING = "□"
"""In a plane below: here the key is no character, or none that everybody agrees on."""

DEAD: Mapping[str, tuple[str, str]] = {
    "ˆ": ("^", "\u0302"),
    "ˋ": ("`", "\u0300"),
    "ˊ": ("´", "\u0301"),
    "˜": ("~", "\u0303"),
    "¨": ("¨", "\u0308"),
}
"""How a dead key is written in a plane: the character that it and the space bar make, and what joins a letter."""

# Key codes of linux/input-event-codes.h, in the rows of the keyboard: the key left of 1 (KEY_GRAVE, 41), 1 to
# KEY_EQUAL; KEY_Q to KEY_RIGHTBRACE; KEY_A to KEY_APOSTROPHE and KEY_BACKSLASH (43, left of a tall Enter, where US
# keyboards have it one row higher); the key right of a short Shift (KEY_102ND, 86), KEY_Z to KEY_SLASH.
ROWS: tuple[tuple[int, ...], ...] = (
    (41, *range(2, 14)),
    tuple(range(16, 28)),
    (*range(30, 41), 43),
    (86, *range(44, 54)),
)

# The keypad, whether Num Lock is on or not: a scanner that uses it means what is printed on it.
_KEYPAD: Mapping[int, str] = {
    **dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True)),
    **{55: "*", 74: "-", 78: "+", 98: "/"},
}
KEYPAD_DIGITS: Mapping[int, str] = {code: text for code, text in _KEYPAD.items() if text.isdigit()}
_KEY_KPDOT = 83


@dataclass(frozen=True, slots=True)
class Layout:
    """What each key code is in each plane; a key without a character there is not in it.

    `altgr` is None where the right Alt key is an Alt like the left. `shift_locked` are the keys that Caps Lock
    shifts.
    """

    plain: Mapping[int, str]
    shift: Mapping[int, str]
    altgr: Mapping[int, str] | None
    shift_locked: frozenset[int]


def _plane(*rows: str) -> dict[int, str]:
    pairs = chain.from_iterable(zip(keys, row, strict=True) for keys, row in zip(ROWS, rows, strict=True))
    return {code: char for code, char in pairs if char != NOTHING}


def _layout(
    *,
    plain: tuple[str, ...],
    shift: tuple[str, ...],
    altgr: tuple[str, ...] | None,
    keypad_dot: str,
    not_locked: str | None,
) -> Layout:
    """Build a layout. `not_locked` are the plain characters that Caps Lock leaves alone; None: all but letters."""
    keys = _plane(*plain)
    locked = (
        code
        for code, char in keys.items()
        if (char.isalpha() if not_locked is None else char not in not_locked)
    )
    return Layout(
        plain={**keys, **_KEYPAD, _KEY_KPDOT: keypad_dot, 57: " ", 15: "\t"},
        # Shift turns keypad digits into arrows, so they have none; its signs and the space bar stay as they are.
        shift={
            **_plane(*shift),
            **{code: text for code, text in _KEYPAD.items() if code not in KEYPAD_DIGITS},
            57: " ",
        },
        altgr=None if altgr is None else _plane(*altgr),
        shift_locked=frozenset(locked),
    )


LAYOUTS: Mapping[str, Layout] = {
    # XKB gives the key right of a short Shift (86) to < and >, Windows to \ and |.
    "us": _layout(
        plain=("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "□zxcvbnm,./"),
        shift=("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', "□ZXCVBNM<>?"),
        altgr=None,
        keypad_dot=".",
        not_locked=None,
    ),
    # AltGr gives nothing in ASCII that both agree on: with ` it is | in XKB and ¦ on Windows.
    "uk": _layout(
        plain=("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"),
        shift=('¬!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"),
        altgr=("□" * 13, "□" * 12, "□" * 12, "□" * 11),
        keypad_dot=".",
        not_locked=None,
    ),
    "de": _layout(
        plain=("ˆ1234567890ßˊ", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
        shift=('°!"§$%&/()=?ˋ', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
        altgr=("□□²³□□□{[]}\\□", "@□□□□□□□□□□~", "□" * 12, "|□□□□□□µ□□□"),
        keypad_dot=",",
        not_locked="ˆˊ<-",
    ),
    # XKB has ~ on shift and ² too, Windows has nothing there.
    "fr": _layout(
        plain=("²&é\"'(-è_çà)=", "azertyuiopˆ$", "qsdfghjklmù*", "<wxcvbn,;:!"),
        shift=("□1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
        altgr=("□□˜#{[|ˋ\\^@]}", "□" * 11 + "¤", "□" * 12, "□" * 11),
        keypad_dot=".",
        not_locked="²<",
    ),
}
"""Every layout that a device URL may name."""
