"""Which goods are for which line: quantities of both are matched in their order (contract section 4).

Pure: what is wanted and what there is come in the order in which they are to be used up.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

Want = TypeVar("Want")
Thing = TypeVar("Thing")


def pair(
    wants: Iterable[tuple[Want, int]], things: Iterable[tuple[Thing, int]]
) -> Iterator[tuple[Want, Thing, int]]:
    """Give each want its things, first to first, until either is used up.

    >>> list(pair([("line 1", 2), ("line 2", 3)], [("lot A", 4), ("lot B", 4)]))
    [('line 1', 'lot A', 2), ('line 2', 'lot A', 2), ('line 2', 'lot B', 1)]
    """
    supply = ((thing, qty) for thing, qty in things if qty)
    at_hand = next(supply, None)
    for want, wanted in wants:
        lacks = wanted
        while lacks and at_hand is not None:
            thing, left = at_hand
            part = min(lacks, left)
            yield want, thing, part
            lacks -= part
            at_hand = (thing, left - part) if left > part else next(supply, None)


def upto(qty: int, things: Iterable[tuple[Thing, int]]) -> Iterator[tuple[Thing, int]]:
    """Take so many of some things, first things first, or all there are.

    >>> list(upto(5, [("lot A", 4), ("lot B", 4)]))
    [('lot A', 4), ('lot B', 1)]
    """
    return ((thing, part) for _, thing, part in pair([(None, qty)], things))
