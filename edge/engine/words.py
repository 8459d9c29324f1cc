"""Words for people that several parts of the engine say."""

from collections.abc import Iterable

from edge.ledger.orders import OrderRow

SHOWN = 5
"""Items that are named; who reads them has a small screen."""
CODE_SHOWN = 40
"""Characters of a code that are shown there."""


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


def short(code: str) -> str:
    """A code as it fits into a sentence; one may have 256 characters.

    >>> short("X-4711-B"), short("https://example.org/products/4711/batches/B7")
    ('X-4711-B', 'https://example.org/products/4711/bat...')
    """
    return code if len(code) <= CODE_SHOWN else f"{code[: CODE_SHOWN - 3]}..."


def on_hold(order: OrderRow) -> str:
    """That an order is on hold, and why if somebody said so."""
    because = f": {order.hold_reason}" if order.hold_reason else ""
    return f"Order {order.id} is on hold{because}."
