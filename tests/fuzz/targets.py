"""What is fuzzed. A target takes any bytes and returns the call that is then timed; either may raise.

ValueError and its like are crashes too: what a target expects it catches itself.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from config.settings import Codes
from drivers.framing import MAX_LINE_BYTES, Framer
from edge.domain.codes import CodeReader
from edge.facts import MAX_CODE_LENGTH
from tests import gs1_second_opinion
from tests.fuzz import invariants
from tests.gs1_messages import message

Call = Callable[[], object]
Target = Callable[[bytes], Call]

FRAMINGS: tuple[dict[str, Any], ...] = (
    # What a scanner can be set up as; every keyword of the framer belongs into one of these.
    {},
    {"gs": "<GS>"},
    {"gs": "{FNC--1}"},
    {"gs": "\x1e"},
    {"prefix": "\x02", "suffix": "\x03"},
    {"prefix": "A", "suffix": "#~#"},
)


def framing(data: bytes) -> Call:
    """Any bytes in any pieces: the same lines however they are cut, none too long, nothing kept beyond a line.

    The first byte chooses the framing, the next eight where the stream is cut.
    """
    options = FRAMINGS[(data[0] if data else 0) % len(FRAMINGS)]
    cuts, stream = data[1:9], data[9:]
    edges = sorted({0, len(stream), *(cut * len(stream) // 256 for cut in cuts)})

    def call() -> None:
        whole = Framer(**options)
        lines = whole.feed(stream)
        pieces = Framer(**options)
        cut = [line for a, b in pairwise(edges) for line in pieces.feed(stream[a:b])]
        assert cut == lines, f"Cut at {edges} these are other lines: {cut}, not {lines}."
        for line in lines:
            assert line, "An empty line was told."
            assert len(line) <= MAX_CODE_LENGTH + 1, f"A line of {len(line)} characters."
            assert "\r" not in line, f"A line's end within one: {line!r}."
            assert "\n" not in line, f"A line's end within one: {line!r}."
        # Half a code has a sign in the place of each mark that it lost.
        assert sum(map(len, lines)) <= len(stream) + 2 * len(lines), "More came out than went in."
        for framer in (whole, pieces):
            kept = sum(len(value) for value in vars(framer).values() if isinstance(value, bytes | bytearray))
            assert kept <= MAX_LINE_BYTES + 16, f"{kept} bytes are kept."

    return call


def codes(data: bytes) -> Call:
    """Any text is read as a code of which everything holds that must, or refused with a reason."""
    text = data.decode("latin-1")
    return lambda: invariants.read(_READER, text)


def links(data: bytes) -> Call:
    """The same of web addresses."""
    text = "https://a/" + data.decode("latin-1")
    return lambda: invariants.read(_READER, text)


def site(data: bytes) -> Call:
    """Any pattern is refused at start with a sentence or can be read with.

    The first byte says whether the pattern is put together from pieces or is what comes, up to a NUL.
    """
    head, _, text = data[1:].partition(b"\0")
    is_pieced = not data or data[0] < 128
    pattern = _pieced(head) if is_pieced else head.decode("latin-1")
    try:
        reader = CodeReader(Codes(location=pattern))
    except ValueError:
        return lambda: None
    if not is_pieced:
        # Anybody can write a pattern that takes for ever; that it is accepted or refused at once is enough.
        return lambda: None
    scan = text.decode("latin-1")
    return lambda: invariants.read(reader, scan)


def differential(data: bytes) -> Call:
    """A message as ours and as two other parsers read it. The first byte: made up, made up and damaged, or raw."""
    kind, rest = (data[0] if data else 0), data[1:]
    made = message(_Chance(rest).below)
    if kind < 128:
        payload = made.payload
        found = gs1_second_opinion.symbol_difference(made.elements)
        assert found is None, found
    elif kind < 192:
        at = kind * 7 % len(made.payload)
        payload = made.payload[:at] + rest[:1].decode("latin-1") + made.payload[at + kind % 3 :]
    else:
        payload = rest.decode("latin-1")[:250]
    # What no scan may hold is refused before it comes to GS1.
    payload = _OUTSIDE.sub("", payload)
    found = gs1_second_opinion.difference(payload)
    assert found is None, found
    return lambda: invariants.read(_READER, "]C1" + payload)


TARGETS: dict[str, Target] = {
    target.__name__: target for target in (framing, codes, links, site, differential)
}

_READER = CodeReader(Codes())
_OUTSIDE = re.compile(r"[^\x1d\x20-\x7e]")
_PIECES = (
    *("A", "%L", r"\.", "[A-Z]", "[0-9]", "(?:X|Y)", "-?", "B|", r"\d", "."),
    *("{1,8}", "+", "(", ")", "^", "$"),
)


def _pieced(data: bytes) -> str:
    """Put a pattern together, with not more than two repetitions: what a technician might write."""
    pieces = [_PIECES[byte % len(_PIECES)] for byte in data[:8]]
    while sum(piece in ("+", "{1,8}") for piece in pieces) > 1:
        pieces.remove("+" if "+" in pieces else "{1,8}")
    return f"^{''.join(pieces)}(?P<value>.+)$"


class _Chance:
    """A fuzzer's bytes as chance; when they are used up, always the first."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def below(self, limit: int) -> int:
        value = 0
        for _ in range((limit - 1).bit_length() // 8 + 1):
            value = value << 8 | next(self._data, 0)
        return value % limit
