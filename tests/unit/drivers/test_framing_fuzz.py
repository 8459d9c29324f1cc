"""Streams made up by the thousand: the lines that went in come out, whatever noise and cuts are between."""

import time
import tracemalloc
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drivers.framing import MAX_LINE_BYTES, Framer
from edge.facts import MAX_CODE_LENGTH
from tests.fuzz.targets import FRAMINGS, framing
from tests.gs1_messages import GS, Message, message

LIMIT_S = 0.05
MESSAGES = st.builds(message, st.randoms(use_true_random=False).map(lambda chance: chance.randrange))
ENDS = st.sampled_from([b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n\n"])


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(1, 60))
def test_no_bytes_break_the_framer_or_hold_it_up(data: bytes, times: int) -> None:
    call = framing(data * times)
    took_s = []
    for _ in range(3):  # the least of three, as a collection of garbage may fall into any one
        began_s = time.thread_time()
        call()
        took_s.append(time.thread_time() - began_s)

    assert min(took_s) < LIMIT_S


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(MESSAGES, ENDS), min_size=1, max_size=8),
    st.lists(st.integers(0, 4000), max_size=12),
    st.sampled_from(FRAMINGS),
)
def test_gs1_messages_come_through_as_they_were_sent(
    sent: list[tuple[Message, bytes]], places: list[int], options: dict[str, str]
) -> None:
    separator, prefix, suffix = options.get("gs", GS), options.get("prefix", ""), options.get("suffix", "")
    # Who has a scanner send text for GS, or to end a code, takes it that no code holds that text.
    taken = [text for text in (separator, suffix) if text not in ("", GS)]
    assume(not any(text in made.payload for made, _ in sent for text in taken))
    framer = Framer(**options)
    codes = [f"{prefix}]C1{made.payload}{suffix}".replace(GS, separator) for made, _ in sent]
    stream = b"".join(code.encode("latin-1") + end for code, (_, end) in zip(codes, sent, strict=True))

    lines = [line for piece in cut(stream, places) for line in framer.feed(piece)]

    assert lines == [f"]C1{made.payload}" for made, _ in sent]


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(MAX_LINE_BYTES + 1, 4 * MAX_LINE_BYTES), ENDS)
def test_a_line_that_never_ends_is_one_line_and_the_next_is_whole(
    noise: bytes, length: int, end: bytes
) -> None:
    endless = (noise.translate(None, b"\r\n") or b"A") * length
    framer = Framer()

    lines = framer.feed(endless[:length]) + framer.feed(end + b"LOC:A-01\r")

    assert len(lines[0]) == MAX_CODE_LENGTH + 1
    assert lines[1:] == ["LOC:A-01"]


def test_a_day_of_noise_takes_no_memory() -> None:
    framer = Framer()
    noise = bytes(value for value in range(256) if value not in b"\r\n") * 64
    framer.feed(noise)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for turn in range(1000):
            framer.feed(noise if turn % 3 else noise + b"\r")
        after, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # A line is kept, and a read of 16 KiB is held a few times over while it is cut.
    assert after - before < 2 * MAX_LINE_BYTES
    assert most - before < 10 * len(noise)
