"""From input events to characters: what is text, what ends a line, and what makes a code be refused."""

import json
import struct
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.keyboard import INPUT_EVENT, Keyboard
from drivers.keyboard_layouts import LAYOUTS
from tests.typing_scanner import (
    ALT,
    ALTGR,
    CAPS,
    CTRL,
    ENTER,
    EV_SYN,
    F8,
    KEYPAD,
    RIGHTBRACE,
    SHIFT,
    alt_number,
    event,
    key,
    keystrokes,
    report,
    stroke,
)

A, C, D, J, K, M, SPACE, KEY_9, MINUS, SEMICOLON = 30, 46, 32, 36, 37, 50, 57, 10, 12, 39
DELETE, POWER, META, NUMLOCK, KPENTER, F7, BACKSPACE, TAB = 111, 116, 125, 69, 96, 65, 14, 15
SYN_DROPPED = 3
HOSTILE = Path(__file__).parents[2] / "cases" / "hostile.jsonl"

LAYOUT = st.sampled_from(sorted(LAYOUTS))
# Events that mean something, many of them: random bytes alone would hardly ever press a key.
PRESSES = st.builds(
    event,
    st.sampled_from([0, 1, 1, 1, 4]),
    st.one_of(
        st.integers(0, 128), st.sampled_from([3, ENTER, SHIFT, CTRL, ALT, ALTGR, CAPS, *KEYPAD.values()])
    ),
    st.sampled_from([0, 1, 1, 2, -5]),
)


def read(events: bytes, layout: str = "us") -> bytes:
    return Keyboard(layout).feed(events)


def test_an_event_is_as_the_kernel_lays_it_out() -> None:
    assert INPUT_EVENT.size == 2 * struct.calcsize("l") + 8


def test_enter_and_the_keypad_s_enter_end_a_line() -> None:
    assert read(keystrokes("A") + stroke(ENTER) + keystrokes("B") + stroke(KPENTER)) == b"A\rB\r"


def test_a_tab_is_a_tab() -> None:
    assert read(keystrokes("A") + stroke(TAB)) == b"A\t"


def test_either_shift_will_do() -> None:
    assert read(stroke(A, SHIFT) + stroke(A, 54) + key(SHIFT, 1) + stroke(A, 54) + stroke(A)) == b"AAAA"


def test_a_key_that_repeats_was_pressed_once() -> None:
    assert read(key(A, 1) + key(A, 2) * 20 + key(A, 0) + stroke(ENTER)) == b"a\r"


def test_a_key_that_comes_twice_is_two() -> None:
    assert read(keystrokes("11")) == b"11"


def test_a_key_pressed_before_the_last_is_released_counts() -> None:
    assert read(key(A, 1) + key(C, 1) + key(A, 0) + key(C, 0)) == b"ac"


def test_num_lock_changes_nothing() -> None:
    digits = b"".join(stroke(code) for code in KEYPAD.values())

    assert read(digits + stroke(NUMLOCK) + digits) == b"01234567890123456789"


@pytest.mark.parametrize("modifier", [SHIFT, CTRL, ALT, ALTGR, META, NUMLOCK, 70])
def test_a_modifier_alone_is_nothing(modifier: int) -> None:
    assert read(keystrokes("A") + stroke(modifier) + keystrokes("B\r")) == b"AB\r"


@pytest.mark.parametrize(
    ("layout", "typed"),
    [
        ("us", stroke(RIGHTBRACE, CTRL)),
        ("us", stroke(RIGHTBRACE, 97)),
        ("de", stroke(RIGHTBRACE, CTRL)),
        ("fr", stroke(RIGHTBRACE, CTRL)),
        # The key that gives ] there.
        ("de", stroke(KEY_9, CTRL, ALTGR)),
        ("fr", stroke(MINUS, CTRL, ALTGR)),
        *((layout, stroke(F8)) for layout in LAYOUTS),
        *((layout, alt_number(number)) for layout in LAYOUTS for number in ("029", "0029")),
        ("us", alt_number("029", alt=ALTGR)),
    ],
)
def test_gs_is_ctrl_bracket_or_f8_or_its_number_on_the_keypad(layout: str, typed: bytes) -> None:
    assert read(typed, layout) == b"\x1d"


@pytest.mark.parametrize(("layout", "m"), [("us", M), ("fr", SEMICOLON)])
def test_a_line_end_may_be_typed_as_ctrl_m_or_ctrl_j(layout: str, m: int) -> None:
    assert read(stroke(m, CTRL) + stroke(J, CTRL) + stroke(m, CTRL, SHIFT), layout) == b"\r\n\r"


@pytest.mark.parametrize(
    "chord",
    [
        stroke(C, CTRL),
        stroke(A, ALT),
        stroke(A, META),
        stroke(RIGHTBRACE, CTRL, SHIFT),
        stroke(RIGHTBRACE, CTRL, META),
        stroke(RIGHTBRACE, CTRL, ALT),
        stroke(M, CTRL, ALT),
        stroke(F8, SHIFT),
        stroke(F8, CTRL),
        stroke(F7),
        stroke(BACKSPACE),
        stroke(DELETE),
        stroke(POWER),
        stroke(0x110),  # BTN_LEFT
        stroke(0x2FF),  # KEY_MAX
        stroke(A, ALTGR),
        stroke(KEYPAD["1"], SHIFT),
        stroke(KEYPAD["1"], CTRL),
    ],
)
def test_what_is_no_character_makes_the_code_be_refused(chord: bytes) -> None:
    assert read(keystrokes("01") + chord + keystrokes("02\r")) == b"01\x1a02\r"


@pytest.mark.parametrize(
    "number", ["0", "065", "0065", "29", "0290", "00029", "0" * 500 + "29", "013", "010"]
)
def test_no_other_number_on_the_keypad_is_composed(number: str) -> None:
    assert read(keystrokes("01") + alt_number(number) + keystrokes("02\r")) == b"01\x1a02\r"


def test_a_number_on_the_keypad_with_something_between_is_refused() -> None:
    typed = (
        key(ALT, 1)
        + stroke(KEYPAD["0"])
        + stroke(A)
        + stroke(KEYPAD["2"])
        + stroke(KEYPAD["9"])
        + key(ALT, 0)
    )

    assert b"\x1a" in read(typed)


@pytest.mark.parametrize("held", [SHIFT, CTRL, ALT, META, ALTGR])
def test_a_code_that_ends_with_a_key_held_is_refused_and_the_next_one_is_read(held: int) -> None:
    assert read(keystrokes("01") + key(held, 1) + keystrokes("\rok\r")) == b"01\x1a\rok\r"


def test_events_that_the_kernel_lost_make_the_code_be_refused() -> None:
    lost = event(EV_SYN, SYN_DROPPED, 0)
    half = key(A, 1) + event(EV_SYN, SYN_DROPPED, 0)  # what follows, up to the report, is not whole

    assert (
        read(keystrokes("01") + lost + keystrokes("9")[:24] + report() + keystrokes("02\rok\r"))
        == b"01\x1a02\rok\r"
    )
    assert read(keystrokes("\r") + lost + report() + keystrokes("02\rok\r")) == b"\r\x1a02\rok\r"
    assert read(half + event(1, C, 1) + event(1, ENTER, 1) + report() + keystrokes("d\r")) == b"a\x1ad\r"


def test_what_was_held_when_events_were_lost_is_held_no_more() -> None:
    lost = event(EV_SYN, SYN_DROPPED, 0) + report()

    assert read(key(SHIFT, 1) + lost + keystrokes("a\rb\r")) == b"\x1aa\rb\r"
    assert read(key(ALT, 1) + stroke(KEYPAD["0"]) + lost + key(ALT, 0) + keystrokes("a\r")) == b"\x1aa\r"


def test_caps_lock_left_on_refuses_the_next_code_and_is_off_after_it() -> None:
    on = stroke(CAPS)

    assert read(on + keystrokes("ab\rcd\ref\r")) == b"AB\r\x1a\x1a\ref\r"
    assert read(on + stroke(A) + stroke(M, CTRL) + stroke(C) + stroke(M, CTRL) + stroke(D)) == b"A\r\x1a\rd"


def test_caps_lock_around_a_code_and_its_enter_is_followed() -> None:
    wrapped = stroke(CAPS) + keystrokes("ab\r") + stroke(CAPS)

    assert read(wrapped * 3 + keystrokes("ok\r")) == b"AB\r" * 3 + b"ok\r"


def test_caps_lock_is_off_after_a_code_of_which_events_were_lost() -> None:
    # Its second press was lost.
    lost = event(EV_SYN, SYN_DROPPED, 0) + report()

    assert read(stroke(CAPS) + stroke(A) + lost + keystrokes("b\rok\r")) == b"A\x1aB\rok\r"


@pytest.mark.parametrize(
    ("case", "events"),
    [
        ("S-019", stroke(DELETE, CTRL, ALT)),
        ("S-021", stroke(POWER)),
        *(("S-023", alt_number(f"{value:03}")) for value in range(256) if value != 0x1D),
    ],
)
def test_hostile_keys_are_no_text_and_refuse_the_code(case: str, events: bytes) -> None:
    rows = [json.loads(line) for line in HOSTILE.read_text(encoding="utf-8").splitlines()]
    (row,) = (row for row in rows if row["id"] == case)

    assert row["input"].startswith("evdev:")
    assert row["expected"] == "rejected"
    for layout in LAYOUTS:
        assert read(events + stroke(ENTER), layout) == b"\x1a\r"


@given(LAYOUT, st.lists(PRESSES), st.lists(st.integers(1, 60)))
def test_it_does_not_matter_where_a_read_ends(layout: str, events: list[bytes], sizes: list[int]) -> None:
    stream = b"".join(events)
    keyboard, pieces, rest = Keyboard(layout), [], stream
    for size in sizes:
        pieces.append(keyboard.feed(rest[:size]))
        rest = rest[size:]
    pieces.append(keyboard.feed(rest))

    assert b"".join(pieces) == read(stream, layout)


@given(LAYOUT, st.lists(PRESSES), st.text("ABcd 19:/-"))
def test_how_a_code_ends_does_not_change_how_the_next_is_read(
    layout: str, events: list[bytes], text: str
) -> None:
    before = b"".join(events) + report() + stroke(ENTER)

    typed = read(before + keystrokes(text + "\r" + text + "\r", layout), layout)

    # Refused at most once, for a Caps Lock left on; never read as something else.
    *_, first, second, _ = typed.split(b"\r")
    assert second == text.encode()
    assert first == text.encode() or first == b"\x1a" * len(text)


@given(LAYOUT, st.binary(max_size=3000))
def test_no_bytes_are_too_much(layout: str, noise: bytes) -> None:
    started = time.thread_time()
    typed = read(noise, layout)

    assert time.thread_time() - started < 0.05
    # A key is at most a dead sign and itself.
    assert len(typed) <= 2 * (len(noise) // INPUT_EVENT.size) + 1


def test_an_endless_stream_takes_no_memory_and_little_time() -> None:
    chunk = (
        key(ALT, 1) + stroke(KEYPAD["0"]) + key(A, 1) + event(EV_SYN, SYN_DROPPED, 0) + report()
    ) * 20 + b"\0"
    keyboard = Keyboard("de")
    tracemalloc.start()
    try:
        keyboard.feed(chunk)
        before = tracemalloc.get_traced_memory()[0]
        slowest = 0.0
        for _ in range(1000):
            started = time.thread_time()
            keyboard.feed(chunk)
            slowest = max(slowest, time.thread_time() - started)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert grown < 4096
    assert slowest < 0.05
