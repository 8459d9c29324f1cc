"""How a person is told of many goods: the first few items, and how many more there are."""

from collections.abc import Iterable

SHOWN = 5
"""Items that are named; who reads them has a small screen."""


def pieces(of: Iterable[tuple[str, int]]) -> str:
    """So many of each item, summed up, in the order in which they come.

    >>> pieces([("PEN", 2), ("INK", 1), ("PEN", 1)])
    '3 PEN, 1 INK'
    >>> pieces((f"ITEM-{n}", 1) for n in range(7))
    '1 ITEM-0, 1 ITEM-1, 1 ITEM-2, 1 ITEM-3, 1 ITEM-4 and 2 items more'
    """
    total: dict[str, int] = {}
    for sku, qty in of:
        total[sku] = total.get(sku, 0) + qty
    told = ", ".join(f"{qty} {sku}" for sku, qty in list(total.items())[:SHOWN])
    return f"{told} and {len(total) - SHOWN} items more" if len(total) > SHOWN else told
