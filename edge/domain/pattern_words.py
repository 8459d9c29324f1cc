"""Codes that two patterns both take: found by walking both at once, a character at a time.

A pattern becomes a graph (Thompson's construction), and a pair of places in two graphs is seen once only, so the work
is bounded by the product of their sizes, however the patterns are nested. Of the libraries that answer the same, one
reads no anchors and the other no look-aheads, and needs minutes for a pattern such as `[A-Z]{1,64}-.{1,64}`.
"""

from dataclasses import dataclass, field

from edge.domain.pattern_trees import (
    LONGEST,
    Chars,
    Either,
    One,
    Repeated,
    Row,
    Tree,
)

MAX_PLACES = 20_000
"""Places in the graph of one pattern."""

MAX_PAIRS = 100_000
"""Pairs that are looked at for all patterns of a site: 1 s (measured, CPython 3.11)."""

LEAST_PAIRS = 1_000
"""Pairs that each comparison has for itself, whatever was spent before: most differ at their first character."""

_LIKED = "A1" + "".join(map(chr, range(0x20, 0x7F)))
"""What an example is made of, the most telling first."""


class TooIntricateError(ValueError):
    """A pattern, or all of them together, that cannot be looked through within the bounds."""


@dataclass(slots=True)
class Graph:
    """A pattern's places, from 0: where a character leads, and where one comes without any."""

    steps: list[list[tuple[Chars, int]]] = field(default_factory=lambda: [[]])
    jumps: list[list[int]] = field(default_factory=lambda: [[]])
    end: int = 0

    def place(self) -> int:
        if len(self.steps) >= MAX_PLACES:
            raise TooIntricateError("The pattern is too long once its repeats are written out.")
        self.steps.append([])
        self.jumps.append([])
        return len(self.steps) - 1


def graph(pattern: Tree) -> Graph:
    """Draw a pattern's graph. Raises TooIntricateError if it is too large."""
    drawn = Graph()
    drawn.end = _draw(drawn, pattern, 0)
    return drawn


def gtins() -> Graph:
    """The graph of all GTINs: 8, 12, 13 or 14 digits of which the last is the check digit."""
    drawn = Graph()
    drawn.end = drawn.place()
    for length in (8, 12, 13, 14):
        # By the sum of the digits so far, each times 3 or 1 (General Specifications 7.9.1): in the end it is 0.
        sums = {0: 0}
        for at in range(length):
            weight = 3 if (length - at) % 2 == 0 else 1
            behind: dict[int, int] = {}
            for total, place in sums.items():
                for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0):  # so that examples look like numbers
                    new = (total + weight * digit) % 10
                    if new not in behind:
                        behind[new] = drawn.place()
                    drawn.steps[place].append((1 << ord(str(digit)), behind[new]))
            sums = behind
        drawn.jumps[sums[0]].append(drawn.end)
    return drawn


def _draw(drawn: Graph, pattern: Tree, place: int) -> int:
    """Draw a part from a place on; returns the place behind it."""
    match pattern:
        case One():
            behind = drawn.place()
            drawn.steps[place].append((pattern.chars, behind))
            return behind
        case Row():
            for part in pattern.parts:
                place = _draw(drawn, part, place)
            return place
        case Either():
            behind = drawn.place()
            for part in pattern.parts:
                beginning = drawn.place()
                drawn.jumps[place].append(beginning)
                drawn.jumps[_draw(drawn, part, beginning)].append(behind)
            return behind
        case Repeated():
            return _draw_repeated(drawn, pattern, place)
        case _:  # a look ahead or back is taken to let everything pass
            return place


def _draw_repeated(drawn: Graph, pattern: Repeated, place: int) -> int:
    for _ in range(min(pattern.least, LONGEST + 1)):
        place = _draw(drawn, pattern.part, place)
    behind = drawn.place()
    drawn.jumps[place].append(behind)
    if pattern.most > LONGEST:
        beginning = drawn.place()
        drawn.jumps[place].append(beginning)
        again = _draw(drawn, pattern.part, beginning)
        drawn.jumps[again] += [beginning, behind]
        return behind
    for _ in range(pattern.least, pattern.most):
        place = _draw(drawn, pattern.part, place)
        drawn.jumps[place].append(behind)
    return behind


@dataclass(slots=True)
class Search:
    """Looks for codes that two graphs take; all searches of one object share `MAX_PAIRS`, each has `LEAST_PAIRS`."""

    left: int = MAX_PAIRS

    def shared(self, one: Graph, other: Graph) -> str | None:
        """Find the shortest code that both take. Raises TooIntricateError when the bound is reached."""
        self.left = max(self.left, LEAST_PAIRS)
        here = {(0, 0): ""}
        seen: set[tuple[int, int]] = set()
        for _ in range(LONGEST + 1):
            reached = self._jumped(one, other, here, seen)
            if (code := reached.get((one.end, other.end))) is not None:
                return code
            here = {}
            for (place, across), code in reached.items():
                for chars, behind in one.steps[place]:
                    for others, beyond in other.steps[across]:
                        pair = behind, beyond
                        if chars & others and pair not in seen and pair not in here:
                            here[pair] = code + _example(chars & others)
        return None

    def _jumped(
        self, one: Graph, other: Graph, here: dict[tuple[int, int], str], seen: set[tuple[int, int]]
    ) -> dict[tuple[int, int], str]:
        """Add where one comes without a character; all of it is seen from now on."""
        reached = dict(here)
        waiting = list(here)
        seen.update(here)
        while waiting:
            place, across = waiting.pop()
            self.left -= 1
            if self.left < 0:
                raise TooIntricateError("The patterns are too intricate to be compared.")
            code = reached[place, across]
            nexts = [(behind, across) for behind in one.jumps[place]]
            for pair in nexts + [(place, beyond) for beyond in other.jumps[across]]:
                if pair not in seen:
                    seen.add(pair)
                    reached[pair] = code
                    waiting.append(pair)
        return reached


def _example(chars: Chars) -> str:
    return next(char for char in _LIKED if chars >> ord(char) & 1)
