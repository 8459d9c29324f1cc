"""A site's patterns judged before they are used: does one take codes of another, or hold up the node, or hide items?

Works on names and texts, each already found to be a regular expression; what they are for is `site_codes`'.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from edge.domain.pattern_trees import MAX_WAYS, tree, ways
from edge.domain.pattern_words import Graph, Search, TooIntricateError, graph, gtins


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: by a pattern's name the faults for which it cannot be used, and notes for the technician."""

    faults: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Found:
    """The same, while it is looked for; all of one check share one search."""

    search: Search = field(default_factory=Search)
    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check(patterns: Mapping[str, str], defaults: Mapping[str, str]) -> Checked:
    """Judge patterns in the order they are tried; what all have by default was judged by us."""
    found = _Found()
    own: list[str] = []
    graphs: dict[str, Graph | None] = {}
    for name, pattern in patterns.items():
        is_own = pattern != defaults[name]
        try:
            parts = tree(pattern)
            if is_own and ways(parts) > MAX_WAYS:
                found.faults.append((name, _TOO_MANY_WAYS))
                continue
            graphs[name] = graph(parts)
        except RecursionError:
            found.faults.append((name, _TOO_DEEP))
            continue
        except TooIntricateError:
            graphs[name] = None
        if is_own:
            own.append(name)
    for one, other in combinations(graphs, 2):
        if one in own or other in own:
            _compare(found, (one, patterns[one], graphs[one]), (other, patterns[other], graphs[other]))
    for name in own:
        _look_for_gtins(found, name, patterns[name], graphs[name])
    return Checked(tuple(found.faults), tuple(found.notes))


_TOO_MANY_WAYS = (
    "one scan could keep the node busy for hours, as the pattern can read it in too many ways; let no part that repeats"
    " hold or touch another that takes the same characters: [A-Z]+(-[0-9]+)* instead of ([A-Z0-9-]+)+."
)

_TOO_DEEP = "the parts of the pattern are nested too deep to be judged; write it with fewer brackets."

_Named = tuple[str, str, Graph | None]


def _compare(found: _Found, one: _Named, other: _Named) -> None:
    """Find a code that both take; where that cannot be known, try a few that one of them is likely to."""
    names = f"codes.{one[0]} and codes.{other[0]}"
    patterns = [re.compile(pattern) for _, pattern, _ in (one, other)]
    is_known, shared = _shared(found.search, one[2], other[2])
    for code in [shared or "", *_samples(patterns[0].pattern), *_samples(patterns[1].pattern)]:
        if code and all(pattern.fullmatch(code) for pattern in patterns):
            found.faults.append((other[0], f"{names} both match '{code}': give each its own prefix."))
            return
    if not is_known or shared is not None:
        found.notes.append(
            f"{names} are too intricate to be compared whole: see to it yourself that no code fits both."
        )


def _look_for_gtins(found: _Found, name: str, pattern: str, drawn: Graph | None) -> None:
    _, shared = _shared(found.search, drawn, gtins())
    if shared is not None and re.fullmatch(pattern, shared):
        found.notes.append(
            f"codes.{name} takes plain GTINs such as {shared}: items with such codes are hidden behind it."
        )


def _shared(search: Search, one: Graph | None, other: Graph | None) -> tuple[bool, str | None]:
    """Whether it is known, and the code that both take, if there is one."""
    if one is None or other is None:
        return False, None
    try:
        return True, search.shared(one, other)
    except TooIntricateError:
        return False, None


def _samples(pattern: str) -> list[str]:
    """Make a few codes that a pattern may take: its literal beginning, and what such codes go on with."""
    head = _LITERAL_HEAD.match(pattern)
    prefix = re.sub(r"\\(.)", r"\1", head[1]) if head else ""
    return [prefix + tail for tail in _TAILS]


_LITERAL_HEAD = re.compile(r"\^((?:[^\\.\[({*+?|$^]|\\[^A-Za-z0-9])*)(?![*+?{])")
_TAILS = ("1", "12", "C", "A", "A1", "A-01", "A-01-02", "SO-1001", "alice", "B7", "2027-03-01", "RECEIVE")
