"""Lines out of bytes: what ends one, what is too long for one."""

import time
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.framing import MAX_LINE_BYTES, Framer
from edge.facts import MAX_CODE_LENGTH


def lines_of(chunks: Iterable[bytes], framer: Framer | None = None) -> list[str]:
    framer = framer or Framer()
    return [line for chunk in chunks for line in framer.feed(chunk)]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_line_ends_with_cr_lf_or_both(end: bytes) -> None:
    assert lines_of([b"LOC:A-01" + end + b"QTY:12" + end]) == ["LOC:A-01", "QTY:12"]


def test_a_line_comes_in_pieces_and_is_one_line() -> None:
    assert lines_of([b"L", b"OC:", b"A-01", b"\r"]) == ["LOC:A-01"]


def test_a_crlf_split_over_two_reads_makes_no_empty_line() -> None:
    assert lines_of([b"LOC:A-01\r", b"\n", b"QTY:1\r", b"\nQTY:2\r\n"]) == ["LOC:A-01", "QTY:1", "QTY:2"]


def test_empty_lines_are_no_lines() -> None:
    assert lines_of([b"\r\r\n\n", b"\n", b"A\r\n\r\nB\n"]) == ["A", "B"]


def test_what_has_no_end_yet_is_no_line_yet() -> None:
    assert lines_of([b"LOC:A-01"]) == []


def test_every_byte_is_one_character() -> None:
    noise = bytes(value for value in range(256) if value not in b"\r\n")

    assert lines_of([b"A\r", noise + b"\r"]) == ["A", noise.decode("latin-1")]


def test_the_longest_code_is_whole() -> None:
    assert lines_of([b"A" * MAX_CODE_LENGTH + b"\r"]) == ["A" * MAX_CODE_LENGTH]


def test_a_line_that_is_too_long_is_cut_so_that_it_shows_and_told_once_at_its_end() -> None:
    framer = Framer()

    assert framer.feed(b"A" * 1000) == []
    assert framer.feed(b"A" * 1000 + b"\rLOC:A-01\r") == ["A" * (MAX_CODE_LENGTH + 1), "LOC:A-01"]


def test_a_line_that_never_ends_is_cut_and_told_once_and_the_next_line_is_whole() -> None:
    framer = Framer()

    assert framer.feed(b"A" * MAX_LINE_BYTES) == []
    assert framer.feed(b"A") == ["A" * (MAX_CODE_LENGTH + 1)]
    assert framer.feed(b"A" * 1_000_000) == []
    assert framer.feed(b"A\r") == []
    assert framer.feed(b"LOC:A-01\r") == ["LOC:A-01"]


def test_a_line_that_never_ends_takes_no_memory() -> None:
    framer = Framer()

    for _ in range(100):
        framer.feed(b"A" * 65536)

    assert len(framer._partial) <= MAX_LINE_BYTES + 1


def test_a_million_line_ends_cost_little() -> None:
    started = time.process_time()

    assert lines_of([b"\n" * 1_000_000, b"\r\n" * 500_000, b"A\r"]) == ["A"]

    assert time.process_time() - started < 1.0


def test_what_a_scanner_sends_for_gs_becomes_gs() -> None:
    framer = Framer(gs="<GS>")

    assert lines_of([b"10B7<G", b"S>37", b"12\r", b"10B7\x1d3712\r"], framer) == ["10B7\x1d3712"] * 2


def test_the_longest_code_is_whole_when_each_gs_is_sent_as_eight_bytes() -> None:
    assert lines_of([b"{FNC--1}" * 256 + b"\r"], Framer(gs="{FNC--1}")) == ["\x1d" * 256]


@st.composite
def chunked(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A stream with short and endless lines and all line ends, and the same cut anywhere."""
    piece = st.one_of(
        st.sampled_from([b"\r", b"\n", b"\r\n", b"<GS>", b"<G", b"A" * 256, b"B" * 257, b"C" * 4096]),
        st.binary(max_size=8),
    )
    stream = b"".join(draw(st.lists(piece, max_size=20)))
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    edges = [0, *cuts, len(stream)]
    return stream, [stream[a:b] for a, b in pairwise(edges)]


@given(chunked())
def test_however_a_stream_is_cut_its_lines_are_the_same(case: tuple[bytes, list[bytes]]) -> None:
    stream, chunks = case

    assert lines_of(chunks, Framer(gs="<GS>")) == lines_of([stream], Framer(gs="<GS>"))
    assert lines_of([bytes([byte]) for byte in stream]) == lines_of([stream])


@given(st.lists(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), min_size=1, max_size=256)))
def test_lines_come_out_as_they_went_in(codes: list[str]) -> None:
    sent = ["LOC:A-01", *codes]

    assert lines_of([code.encode("latin-1") + b"\r\n" for code in sent]) == sent
