"""What each layout types: facts pinned by hand, key by key, and all of ASCII by a typist who only knows the tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.keyboard import Keyboard
from drivers.keyboard_layouts import LAYOUTS
from tests.typing_scanner import ALTGR, CAPS, GS_TYPED, SHIFT, key, keystrokes, stroke

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))

# Names of linux/input-event-codes.h, for those keys that the facts below name.
KEYS = {
    **{f"KEY_{digit}": 2 + n for n, digit in enumerate("1234567890")},
    **{f"KEY_{letter}": 16 + n for n, letter in enumerate("QWERTYUIOP")},
    **{f"KEY_{letter}": 30 + n for n, letter in enumerate("ASDFGHJKL")},
    **{f"KEY_{letter}": 44 + n for n, letter in enumerate("ZXCVBNM")},
    **{"KEY_MINUS": 12, "KEY_EQUAL": 13, "KEY_LEFTBRACE": 26, "KEY_RIGHTBRACE": 27, "KEY_SEMICOLON": 39},
    **{"KEY_APOSTROPHE": 40, "KEY_GRAVE": 41, "KEY_BACKSLASH": 43, "KEY_COMMA": 51, "KEY_DOT": 52},
    **{
        "KEY_SLASH": 53,
        "KEY_KPASTERISK": 55,
        "KEY_SPACE": 57,
        "KEY_KP7": 71,
        "KEY_KPMINUS": 74,
        "KEY_KPPLUS": 78,
    },
    **{"KEY_KP0": 82, "KEY_KPDOT": 83, "KEY_102ND": 86, "KEY_KPSLASH": 98, "KEY_TAB": 15},
}

# "+" before a key is Shift, "^" is AltGr. What stands behind is what is printed on that key of such a keyboard.
FACTS = {
    "us": """
        KEY_A a   +KEY_A A   KEY_Z z   KEY_Y y   KEY_Q q   KEY_M m   KEY_1 1   +KEY_1 !   +KEY_2 @   +KEY_3 #
        +KEY_4 $   +KEY_5 %   +KEY_6 ^   +KEY_7 &   +KEY_8 *   +KEY_9 (   +KEY_0 )   KEY_MINUS -   +KEY_MINUS _
        KEY_EQUAL =   +KEY_EQUAL +   KEY_LEFTBRACE [   +KEY_LEFTBRACE {   KEY_RIGHTBRACE ]   +KEY_RIGHTBRACE }
        KEY_BACKSLASH \\   +KEY_BACKSLASH |   KEY_SEMICOLON ;   +KEY_SEMICOLON :   KEY_APOSTROPHE '
        +KEY_APOSTROPHE "   KEY_GRAVE `   +KEY_GRAVE ~   KEY_COMMA ,   +KEY_COMMA <   KEY_DOT .   +KEY_DOT >
        KEY_SLASH /   +KEY_SLASH ?   KEY_KP7 7   KEY_KPDOT .   KEY_KPSLASH /   +KEY_KPPLUS +   KEY_102ND \x1a
        ^KEY_Q \x1a   +KEY_KP7 \x1a
    """,
    "uk": """
        KEY_A a   KEY_Y y   KEY_Z z   KEY_2 2   +KEY_2 "   +KEY_3 £   +KEY_4 $   +KEY_6 ^   +KEY_7 &   +KEY_8 *
        +KEY_9 (   +KEY_0 )   KEY_APOSTROPHE '   +KEY_APOSTROPHE @   KEY_BACKSLASH #   +KEY_BACKSLASH ~
        KEY_102ND \\   +KEY_102ND |   KEY_GRAVE `   +KEY_GRAVE ¬   KEY_LEFTBRACE [   KEY_RIGHTBRACE ]
        +KEY_RIGHTBRACE }   KEY_SEMICOLON ;   +KEY_SEMICOLON :   KEY_SLASH /   +KEY_SLASH ?   KEY_MINUS -
        +KEY_MINUS _   KEY_EQUAL =   +KEY_EQUAL +   +KEY_COMMA <   +KEY_DOT >   KEY_KPDOT .   ^KEY_4 \x1a
        ^KEY_GRAVE \x1a   ^KEY_7 \x1a
    """,
    "de": """
        KEY_A a   KEY_Z y   KEY_Y z   +KEY_Z Y   KEY_Q q   ^KEY_Q @   KEY_1 1   +KEY_1 !   +KEY_2 "   +KEY_3 §
        +KEY_4 $   +KEY_5 %   +KEY_6 &   +KEY_7 /   +KEY_8 (   +KEY_9 )   +KEY_0 =   ^KEY_7 {   ^KEY_8 [   ^KEY_9 ]
        ^KEY_0 }   KEY_MINUS ß   +KEY_MINUS ?   ^KEY_MINUS \\   KEY_RIGHTBRACE +   +KEY_RIGHTBRACE *
        ^KEY_RIGHTBRACE ~   KEY_BACKSLASH #   +KEY_BACKSLASH '   KEY_102ND <   +KEY_102ND >   ^KEY_102ND |
        KEY_COMMA ,   +KEY_COMMA ;   KEY_DOT .   +KEY_DOT :   KEY_SLASH -   +KEY_SLASH _   KEY_LEFTBRACE ü
        KEY_SEMICOLON ö   +KEY_APOSTROPHE Ä   KEY_KPDOT ,   ^KEY_E \x1a   ^KEY_M µ   +KEY_GRAVE °
    """,
    "fr": """
        KEY_Q a   KEY_A q   KEY_W z   KEY_Z w   KEY_SEMICOLON m   +KEY_Q A   KEY_1 &   +KEY_1 1   KEY_2 é   +KEY_2 2
        KEY_3 "   KEY_4 '   KEY_5 (   KEY_6 -   +KEY_6 6   KEY_7 è   KEY_8 _   KEY_9 ç   KEY_0 à   +KEY_0 0
        KEY_MINUS )   +KEY_MINUS °   ^KEY_MINUS ]   KEY_EQUAL =   +KEY_EQUAL +   ^KEY_EQUAL }   ^KEY_3 #
        ^KEY_4 {   ^KEY_5 [   ^KEY_6 |   ^KEY_8 \\   ^KEY_9 ^   ^KEY_0 @   KEY_RIGHTBRACE $   KEY_BACKSLASH *
        KEY_APOSTROPHE ù   +KEY_APOSTROPHE %   KEY_M ,   +KEY_M ?   KEY_COMMA ;   +KEY_COMMA .   KEY_DOT :
        +KEY_DOT /   KEY_SLASH !   +KEY_SLASH §   KEY_102ND <   +KEY_102ND >   KEY_KPDOT .   +KEY_GRAVE \x1a
    """,
}


def struck(fact: str) -> bytes:
    held = {"+": (SHIFT,), "^": (ALTGR,)}.get(fact[0], ())
    return stroke(KEYS[fact.lstrip("+^")], *held)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_key_types_what_is_printed_on_it(layout: str) -> None:
    facts = FACTS[layout].split(" ")
    pairs = [part.strip() for part in facts if part.strip(" \n")]
    expected = dict(zip(pairs[::2], pairs[1::2], strict=True))

    typed = {fact: Keyboard(layout).feed(struck(fact)).decode("latin-1") for fact in expected}

    assert len(expected) >= 25
    assert typed == expected


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("gs", GS_TYPED)
def test_all_printable_ascii_and_gs_can_be_typed(layout: str, gs: str) -> None:
    text = PRINTABLE + "\x1d" + PRINTABLE + "\r"

    assert Keyboard(layout).feed(keystrokes(text, layout, gs=gs)) == text.encode()


@given(
    layout=st.sampled_from(sorted(LAYOUTS)),
    text=st.text(PRINTABLE + "\x1d\r"),
    gs=st.sampled_from(sorted(GS_TYPED)),
)
def test_what_is_typed_is_read_back(layout: str, text: str, gs: str) -> None:
    assert Keyboard(layout).feed(keystrokes(text, layout, gs=gs)) == text.encode()


@pytest.mark.parametrize(
    ("layout", "keys", "typed"),
    [
        # With the space bar a dead key is its own sign, with a letter an accented one.
        ("de", ["KEY_GRAVE", "KEY_SPACE"], "^"),
        ("de", ["+KEY_EQUAL", "KEY_SPACE"], "`"),
        ("de", ["KEY_EQUAL", "KEY_SPACE"], "´"),
        ("de", ["KEY_GRAVE", "KEY_E"], "ê"),
        ("de", ["+KEY_EQUAL", "+KEY_A"], "À"),
        ("de", ["KEY_GRAVE", "KEY_SPACE", "KEY_SPACE", "KEY_A"], "^ a"),
        ("fr", ["KEY_LEFTBRACE", "KEY_SPACE"], "^"),
        ("fr", ["+KEY_LEFTBRACE", "KEY_U"], "ü"),
        ("fr", ["^KEY_2", "KEY_SPACE"], "~"),
        ("fr", ["^KEY_2", "KEY_N"], "ñ"),
        ("fr", ["^KEY_7", "KEY_SPACE"], "`"),
        # Before all else both are typed, as on Windows.
        ("de", ["KEY_GRAVE", "KEY_1"], "^1"),
        ("de", ["KEY_GRAVE", "KEY_X"], "^x"),
        ("de", ["KEY_GRAVE", "KEY_GRAVE", "KEY_A"], "^^a"),
        ("de", ["KEY_GRAVE", "+KEY_EQUAL", "KEY_A"], "^`a"),
        ("fr", ["^KEY_2", "KEY_Y"], "~y"),
        ("fr", ["+KEY_LEFTBRACE", "+KEY_Y"], "¨Y"),
    ],
)
def test_a_dead_key_waits_for_what_comes_next(layout: str, keys: list[str], typed: str) -> None:
    assert Keyboard(layout).feed(b"".join(map(struck, keys))).decode("latin-1") == typed


def test_a_dead_key_before_enter_is_its_sign() -> None:
    assert Keyboard("de").feed(struck("KEY_GRAVE") + keystrokes("\rLOC:A-01\r", "de")) == b"^\rLOC:A-01\r"


@pytest.mark.parametrize(
    ("layout", "keys", "typed"),
    [
        ("us", "KEY_A +KEY_A KEY_1 +KEY_1 KEY_MINUS KEY_SEMICOLON KEY_KP7", "Aa1!-;7"),
        ("uk", "KEY_Z +KEY_Z KEY_3 KEY_APOSTROPHE KEY_BACKSLASH", "Zz3'#"),
        # On German and French keyboards of Windows it is a shift lock, for all keys but a few.
        (
            "de",
            "KEY_A +KEY_A KEY_1 +KEY_1 KEY_7 KEY_BACKSLASH KEY_COMMA KEY_SLASH KEY_102ND ^KEY_9",
            "Aa!1/';-<]",
        ),
        ("fr", "KEY_Q +KEY_Q KEY_1 +KEY_1 KEY_9 KEY_COMMA KEY_DOT KEY_102ND ^KEY_MINUS", "Aa1&9./<]"),
    ],
)
def test_caps_lock_shifts_what_it_shifts_on_windows(layout: str, keys: str, typed: str) -> None:
    locked = stroke(CAPS) + b"".join(map(struck, keys.split()))

    assert Keyboard(layout).feed(locked + stroke(CAPS) + struck("KEY_B")).decode("latin-1") == typed + "b"


def test_caps_lock_is_pressed_and_not_held() -> None:
    assert Keyboard("us").feed(key(CAPS, 1) + struck("KEY_A") + key(CAPS, 0) + struck("KEY_A")) == b"AA"
