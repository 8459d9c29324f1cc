"""What a scanner sends around its codes, and what is no code of its: noise, halves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.framing import MAX_LINE_BYTES, Framer
from edge.facts import MAX_CODE_LENGTH
from tests.unit.drivers.test_framing import lines_of

LOST = "\x1a"


def stx_etx() -> Framer:
    return Framer(prefix="\x02", suffix="\x03")


@pytest.mark.parametrize("noise", [b"\x00", b"\xff", b"\x00\x00\xff\x00"])
def test_noise_in_front_of_the_first_code_is_taken_off(noise: bytes) -> None:
    assert lines_of([noise, noise + b"LOC:A-01\r"]) == ["LOC:A-01"]


def test_noise_anywhere_else_stays_and_is_refused() -> None:
    assert lines_of([b"LOC:A-01\r\x00LOC:A-02\rLOC\x00:A-03\r"]) == [
        "LOC:A-01",
        "\x00LOC:A-02",
        "LOC\x00:A-03",
    ]


def test_noise_alone_is_a_line_so_that_somebody_hears_of_it() -> None:
    assert lines_of([b"\x00\xff\r\x00LOC:A-01\r"]) == ["\x00\xff", "\x00LOC:A-01"]


def test_other_bytes_in_front_of_the_first_code_are_not_noise() -> None:
    assert lines_of([b"\xef\xbb\xbf4006381333931\r"]) == ["ï»¿4006381333931"]


def test_a_suffix_ends_a_code_with_or_without_a_line_end_behind_it() -> None:
    assert lines_of([b"\x02A\x03\x02B\x03\r\n\x02C\x03\r"], stx_etx()) == ["A", "B", "C"]


def test_a_suffix_of_several_bytes_may_come_split() -> None:
    framer = Framer(suffix="#~#")

    assert lines_of([b"A#", b"~", b"#B#~#C#", b"~D", b"#~#"], framer) == ["A", "B", "C#~D"]


def test_marks_with_nothing_between_are_no_line() -> None:
    assert lines_of([b"\x02\x03\x02A\x03"], stx_etx()) == ["A"]


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        (b":12\x03", LOST + ":12"),
        (b"\x02QTY\r", "QTY" + LOST),
        (b":12\r", LOST + ":12" + LOST),
    ],
)
def test_half_a_code_says_so_and_no_code_may(sent: bytes, line: str) -> None:
    assert lines_of([b"\x02LOC:A-01\x03", sent, b"\x02LOC:A-02\x03"], stx_etx()) == [
        "LOC:A-01",
        line,
        "LOC:A-02",
    ]


def test_a_code_that_lost_its_end_does_not_become_part_of_the_next() -> None:
    assert lines_of([b"\x0240063", b"\x024006381333931\x03"], stx_etx()) == ["4006381333931"]


def test_noise_between_codes_is_in_front_of_a_prefix() -> None:
    assert lines_of([b"\xff\x02A\x03\xff\xfe\x02B\x03"], stx_etx()) == ["A", "B"]


def test_a_prefix_of_letters_is_taken_off_once_and_only_in_front() -> None:
    framer = Framer(prefix="A")

    assert lines_of([b"\x00ABA1\r", b"AA-01\r", b"B-01A2\r"], framer) == ["BA1", "A-01", LOST + "B-01A2"]


def test_gs_as_prefix_is_not_searched_for_within_a_code() -> None:
    assert lines_of([b"\x1d10B7\x1d3712\r"], Framer(prefix="\x1d")) == ["10B7\x1d3712"]


def test_a_line_that_never_gets_its_suffix_is_told_once() -> None:
    framer = stx_etx()

    assert framer.feed(b"\x02" + b"A" * MAX_LINE_BYTES) == ["\x02" + "A" * MAX_CODE_LENGTH]
    assert framer.feed(b"A" * 100_000 + b"\x03\x02B\x03") == ["B"]


def test_what_is_unfinished_is_counted() -> None:
    framer = Framer()
    framer.feed(b"LOC:A-01\rLOC:")

    assert framer.unfinished == 4


@given(
    st.lists(
        st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20), max_size=6
    ),
    st.lists(st.integers(0, 200), max_size=8),
    st.sampled_from([("\x02", "\x03"), ("\x02", None), (None, "\x03\x04"), ("\x01\x02", "\x03\x04")]),
)
def test_however_a_stream_is_cut_its_codes_are_the_same(
    codes: list[str], cuts: list[int], marks: tuple[str | None, str | None]
) -> None:
    prefix, suffix = marks
    stream = b"".join(f"{prefix or ''}{code}{suffix or ''}\r".encode() for code in codes)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]

    chunks = [stream[a:b] for a, b in pairwise(edges)]

    assert lines_of(chunks, Framer(prefix=prefix, suffix=suffix)) == codes
