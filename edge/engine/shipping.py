"""What is picked or allocated for an order leaves: by a scan, or because central says that it left (`order.ship`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain import journal
from edge.domain.allocation import Stock, WaitingLine
from edge.domain.journal import place_of
from edge.domain.picking import pair
from edge.domain.requests import LineId
from edge.engine import handover
from edge.engine.booking import Booking
from edge.engine.evidence import line_id
from edge.engine.handover import Part, hand_over
from edge.engine.telling import LINES_TOLD
from edge.ledger.orders import Line
from edge.ledger.records import encode


@dataclass(frozen=True, slots=True)
class Shipped:
    """What left: how many eaches, whether nothing of the order is left behind, and what of it still waits by SKU."""

    qty: int
    is_complete: bool
    waits: Mapping[str, int]


def ship_order(
    booking: Booking, order: str, lines: Sequence[LineId] | None, told: Mapping[str, Any]
) -> Shipped:
    """Ship all that is picked or allocated for an order, or for some of its lines; tells `order.shipped`.

    The caller has seen to it that the order may leave and has these lines. `told` is who did it. Where there is
    nothing to ship, nothing is booked, and `qty` is 0.
    """
    orders = booking.books.orders
    names = None if lines is None else {encode(line) for line in lines}
    chosen = [each for each in orders.all_lines(order) if names is None or each[0].line in names]
    parts = [*_ship_picked(booking, order, chosen), *_ship_allocated(booking, order, chosen)]
    after = orders.all_lines(order)
    is_complete = not any(has["waiting"] or has["allocated"] or has["picked"] for _, has in after)
    waits: dict[str, int] = {}
    for line, has in after:
        if has["waiting"]:
            waits[line.sku] = waits.get(line.sku, 0) + has["waiting"]
    if parts:
        handover.tell(booking, "stock.shipped", order, parts, told)
        _tell_order(booking, order, parts, is_complete=is_complete)
        handover.settle_restock(booking, order)
        handover.settle_over(booking, order)
    return Shipped(sum(part.move.qty for part in parts), is_complete, waits)


def _ship_picked(booking: Booking, order: str, chosen: Sequence[Line]) -> list[Part]:
    """Goods in `picked` are the order's; which line each is for is in the lines alone."""
    parts, by_sku = [], dict.fromkeys(line.sku for line, _ in chosen)
    for sku in by_sku:
        wants = [(line, has["picked"]) for line, has in chosen if line.sku == sku]
        for line, stock, qty in pair(wants, _picked(booking, order, sku)):
            booking.change_line(line, picked=-qty, shipped=qty)
            parts.append(hand_over(booking, stock, qty, journal.customer(order), line=line, place=None))
    return parts


def _picked(booking: Booking, order: str, sku: str) -> list[tuple[Stock, int]]:
    return [(stock, stock.here) for stock in booking.books.store.goods_at(journal.picked(order), sku)]


def _ship_allocated(booking: Booking, order: str, chosen: Sequence[Line]) -> list[Part]:
    parts = []
    for line, _ in chosen:
        for promise in booking.books.orders.promises_to(line.id):
            stock = booking.books.store.position(promise.position)
            booking.keep(promise, promise.qty, shipped=promise.qty)
            place = place_of(stock.account)
            parts.append(
                hand_over(booking, stock, promise.qty, journal.customer(order), line=line, place=place)
            )
    return parts


def _tell_order(booking: Booking, order: str, parts: Sequence[Part], *, is_complete: bool) -> None:
    left: dict[int, tuple[WaitingLine, int]] = {}
    for part in parts:
        assert part.line is not None
        _, before = left.get(part.line.id, (part.line, 0))
        left[part.line.id] = (part.line, before + part.move.qty)
    lines = [
        {"line": line_id(line.line), "sku": line.sku, "qty": qty}
        for line, qty in sorted(left.values(), key=lambda pair: pair[0].rank)
    ]
    for n in range(0, len(lines), LINES_TOLD):
        # The order is complete with the last of its lines, not before.
        is_last = n + LINES_TOLD >= len(lines)
        data = {"complete": is_complete and is_last, "lines": lines[n : n + LINES_TOLD]}
        booking.tell_order("order.shipped", order, data)
