"""What follows from a booking: expected dates, orders that are ready or short, items that run low (contract 6).

In the order of their events: `backorder.eta`, then orders by rank, then `stock.low`; exceptions come last.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from edge.clock import date_time
from edge.engine import expecting
from edge.engine.changes import ALLOCATED, EXPECTED, ON_HAND, WAITING, LineChange
from edge.engine.telling import LINES_TOLD, Event, by_rank, ready, with_ext
from edge.engine.words import pieces
from edge.ledger.records import encode

if TYPE_CHECKING:
    from edge.engine.booking import Booking


def draw(booking: "Booking") -> None:
    """Find out what follows, and leave it with the booking to be told."""
    changed = [sku for sku, level in booking.levels.items() if level[WAITING] or level[EXPECTED]]
    booking.consequences += expecting.tell(booking, dict.fromkeys([*changed, *booking.requeued]))
    booking.consequences += booking.orders_told
    booking.consequences += _by_rank(booking)
    booking.consequences += _low_stock(booking)


def _by_rank(booking: "Booking") -> Iterable[Event]:
    """Orders that became ready, or wait for more than before."""
    worse: dict[str, list[LineChange]] = {}
    now = {id_: order.waiting for id_, order in booking.orders.items()}
    for touched in by_rank(booking):
        now[touched.line.order] += touched.more
        if touched.more > 0:
            worse.setdefault(touched.line.order, []).append(touched)
    for id_, order in sorted(booking.orders.items(), key=lambda item: item[1].row.rank):
        if now[id_] == 0 and (order.waiting > 0 or order.is_new) and not order.is_over:
            if order.row.is_unfulfillable:
                booking.clear_exception("unfulfillable", id_, "it is ready")
            yield "order.ready", id_, ready(booking, id_)
        elif id_ in worse:
            yield from _unfulfillable(booking, id_, worse[id_])


def _unfulfillable(booking: "Booking", order: str, worse: list[LineChange]) -> Iterable[Event]:
    lost = [each for each in worse if each.reason != "out_of_stock"]
    if lost:
        what = pieces((each.line.sku, each.more) for each in lost)
        booking.raise_exception("unfulfillable", order, f"Order {order} lost {what} that it was promised.")
    for n in range(0, len(worse), LINES_TOLD):
        data = {"order": order, "lines": [_unmet(booking, each) for each in worse[n : n + LINES_TOLD]]}
        yield "order.unfulfillable", order, with_ext(booking, order, data)


def _unmet(booking: "Booking", touched: LineChange) -> dict[str, Any]:
    books, line = booking.books, touched.line
    expected_at = books.orders.expected_at(line.id)
    told = expecting.named(line)
    return {
        **{"line": told["line"], "sku": line.sku, "qty": touched.left, "reason": touched.reason},
        "expected_at": date_time(expected_at),
        "alternatives": list(books.store.item(line.sku).alternatives),
    }


def _low_stock(booking: "Booking") -> Iterable[Event]:
    """Tell an item that fell below its threshold, once; clear that when it rose again."""
    for sku, level in booking.levels.items():
        change = level[ON_HAND] - level[ALLOCATED]
        if not change or (known := booking.books.records.low_stock(sku)) is None:
            continue
        threshold, before = known
        after = max(0, before + change)
        if max(0, before) >= threshold > after:
            text = f"{sku} runs low: {after} available, its threshold is {threshold}."
            booking.raise_exception("low_stock", sku, text)
            yield "stock.low", sku, encode({"sku": sku, "available": after, "threshold": threshold})
        elif after >= threshold:
            booking.clear_exception("low_stock", sku, "it rose again")
