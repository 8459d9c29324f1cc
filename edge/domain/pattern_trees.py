"""Regular expressions as trees, to be judged before they are used: in how many ways may one read a code?

Python's `re` tries one way after the other and cannot be stopped meanwhile, so a pattern with too many of them could
hold up the node for hours with one scan. Read are only printable ASCII characters, at most `LONGEST` of them. What
looks around or back is taken for more than it lets pass; `words` in `pattern_words` has its finds confirmed.
"""

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, assert_never

LONGEST = 256
"""Characters of a code."""

MAX_WAYS = 8 * LONGEST**2
"""Two parts that share out a code between them take 1 ms at worst, three take 90 ms (measured, CPython 3.11)."""

Chars = int
"""A set of characters: the bit of each one's number."""

NO_CHARS: Chars = 0
ALL_CHARS: Chars = sum(1 << code for code in range(0x20, 0x7F))


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set."""

    chars: Chars


@dataclass(frozen=True, slots=True)
class Row:
    """One part behind the other; without parts, the empty text."""

    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Repeated:
    part: "Tree"
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Look:
    """A look ahead or back: it reads nothing itself."""

    part: "Tree"


Tree = One | Row | Either | Repeated | Look


def tree(pattern: str) -> Tree:
    """Take a well formed pattern apart. Anchors are left out: a pattern is matched as a whole."""
    parsed = _parser.parse(pattern)
    return _row(parsed, is_caseless=bool(int(parsed.state.flags) & re.IGNORECASE))


def ways(pattern: Tree) -> int:
    """Count in how many ways a code could be read at most, and not beyond `MAX_WAYS` + 1.

    Where the next character decides whether a part goes on or ends, there is one way; where it does not, each length
    of the part is one, times the ways of what follows.

    >>> ways(tree("[A-Z]+(-[0-9]+)*")), ways(tree(".+-[0-9]")), ways(tree("([A-Z]+)+")) > MAX_WAYS
    (1, 256, True)
    """
    return _ways(pattern, NO_CHARS, {})


def _ways(pattern: Tree, follow: Chars, firsts: dict[int, tuple[Chars, bool]]) -> int:
    """Count the ways of a part, behind which any of `follow` may stand."""
    match pattern:
        case One():
            return 1
        case Row():
            total = 1
            for part in reversed(pattern.parts):
                total *= _ways(part, follow, firsts)
                first, may_be_empty = _first(part, firsts)
                follow = first | (follow if may_be_empty else NO_CHARS)
            return min(total, MAX_WAYS + 1)
        case Either():
            counts = [_ways(part, follow, firsts) for part in pattern.parts]
            beginnings = [_first(part, firsts) for part in pattern.parts]
            sets = [first | (follow if may_be_empty else NO_CHARS) for first, may_be_empty in beginnings]
            is_clear = sum(sets) == _union(sets)
            return min(max(counts) if is_clear else sum(counts), MAX_WAYS + 1)
        case Repeated():
            first, _ = _first(pattern.part, firsts)
            most = min(pattern.most, LONGEST)
            inner = _ways(pattern.part, follow | (first if most > 1 else NO_CHARS), firsts)
            lengths = max(most - pattern.least, 0) + 1 if first & follow else 1
            # Two ways each time round are 2 ** 20 after 20 times: beyond the limit.
            rounds: int = inner ** min(most, 20)
            return min(lengths * rounds, MAX_WAYS + 1)
        case Look():
            return _ways(pattern.part, ALL_CHARS, firsts)
        case _:
            assert_never(pattern)


def _first(pattern: Tree, known: dict[int, tuple[Chars, bool]]) -> tuple[Chars, bool]:
    """The characters that a part may begin with, and whether it may be empty."""
    if (found := known.get(id(pattern))) is not None:
        return found
    match pattern:
        case One():
            first, may_be_empty = pattern.chars, False
        case Row():
            first, may_be_empty = NO_CHARS, True
            for part in pattern.parts:
                if may_be_empty:
                    begins, may_be_empty = _first(part, known)
                    first |= begins
        case Either():
            beginnings = [_first(part, known) for part in pattern.parts]
            first, may_be_empty = _union(one for one, _ in beginnings), any(empty for _, empty in beginnings)
        case Repeated():
            first, may_be_empty = _first(pattern.part, known)
            may_be_empty = may_be_empty or pattern.least == 0
        case Look():
            first, may_be_empty = NO_CHARS, True
        case _:
            assert_never(pattern)
    known[id(pattern)] = first, may_be_empty
    return first, may_be_empty


def _union(sets: Iterable[Chars]) -> Chars:
    whole = NO_CHARS
    for one in sets:
        whole |= one
    return whole


# -- out of what `re` makes of a pattern ---------------------------------------------------------------------

_parser: Any = importlib.import_module("re._parser")  # known by no stub, as it is `re`'s own
_IGNORECASE = int(re.IGNORECASE)


def _row(nodes: Iterable[tuple[Any, Any]], *, is_caseless: bool) -> Tree:
    parts = [_node(str(name), content, is_caseless=is_caseless) for name, content in nodes]
    return parts[0] if len(parts) == 1 else Row(tuple(parts))


def _node(name: str, content: Any, *, is_caseless: bool) -> Tree:
    match name:
        case "LITERAL":
            return One(_cased(_bit(content), is_caseless=is_caseless))
        case "NOT_LITERAL":
            return One(ALL_CHARS & ~_cased(_bit(content), is_caseless=is_caseless))
        case "ANY":
            return One(ALL_CHARS)
        case "IN":
            return One(_set(content, is_caseless=is_caseless))
        case "BRANCH":
            return Either(tuple(_row(part, is_caseless=is_caseless) for part in content[1]))
        case "SUBPATTERN":
            _, with_flags, without_flags, part = content
            is_caseless = bool((is_caseless * _IGNORECASE | with_flags) & ~without_flags & _IGNORECASE)
            return _row(part, is_caseless=is_caseless)
        case "ATOMIC_GROUP":
            return _row(content, is_caseless=is_caseless)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, part = content
            return Repeated(_row(part, is_caseless=is_caseless), int(least), int(most))
        case "ASSERT" | "ASSERT_NOT":
            return Look(_row(content[1], is_caseless=is_caseless))
        case "GROUPREF_EXISTS":
            _, present, absent = content
            return Either(tuple(_row(part or (), is_caseless=is_caseless) for part in (present, absent)))
        case "GROUPREF":
            return Repeated(One(ALL_CHARS), 0, LONGEST)
        case _:  # AT: an anchor; FAILURE: (?!), which `words` has to find out
            return Row(())


def _bit(code: int) -> Chars:
    return (1 << code) & ALL_CHARS


def _cased(chars: Chars, *, is_caseless: bool) -> Chars:
    return chars | _union(_bit(ord(char.swapcase())) for char in members(chars)) if is_caseless else chars


def members(chars: Chars) -> list[str]:
    """List the characters of a set.

    >>> members(_set([("RANGE", (65, 67))], is_caseless=False))
    ['A', 'B', 'C']
    """
    return [chr(code) for code in range(0x20, 0x7F) if chars >> code & 1]


def _set(items: Iterable[tuple[Any, Any]], *, is_caseless: bool) -> Chars:
    chars, is_negated = NO_CHARS, False
    for name, content in items:
        match str(name):
            case "NEGATE":
                is_negated = True
            case "LITERAL":
                chars |= _bit(content)
            case "RANGE":
                low, high = content
                chars |= _union(_bit(code) for code in range(low, min(high, 0x7F) + 1))
            case _:
                chars |= _CATEGORIES[str(content)]
    chars = _cased(chars, is_caseless=is_caseless)
    return ALL_CHARS & ~chars if is_negated else chars


def _category(pattern: str) -> Chars:
    return _union(_bit(code) for code in range(0x20, 0x7F) if re.fullmatch(pattern, chr(code)))


_CATEGORIES = {
    f"CATEGORY_{name}": _category(pattern)
    for name, pattern in (
        *(("DIGIT", r"\d"), ("NOT_DIGIT", r"\D"), ("SPACE", r"\s")),
        *(("NOT_SPACE", r"\S"), ("WORD", r"\w"), ("NOT_WORD", r"\W")),
    )
}
