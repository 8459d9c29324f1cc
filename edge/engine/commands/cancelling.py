"""Orders and lines cancelled: what was promised is freed, what is picked waits to be put back (contract section 6)."""

import json
from collections.abc import Sequence
from typing import Any

from edge.domain import journal
from edge.domain.allocation import WaitingLine
from edge.domain.picking import upto
from edge.domain.requests import CancelOrder
from edge.engine import handover, printing
from edge.engine.booking import Booking
from edge.engine.commands import lateness
from edge.engine.commands.holding import HELD_UNTIL
from edge.engine.commands.ordering import Extra, known_order, lines_named
from edge.engine.refusals import CommandError
from edge.engine.telling import LINES_TOLD
from edge.ledger.orders import Line, OrderRow


def cancel(booking: Booking, request: CancelOrder) -> Extra:
    """Cancel an order or some of its lines; again, it changes nothing. Raises CommandError."""
    orders = booking.books.orders
    order = known_order(booking.books, request.order)
    named = lines_named(booking.books, order.id, request.lines)
    live = [(line, has) for line, has in named if not has["is_cancelled"]]
    if live and all(has["shipped"] == has["ordered"] for _, has in live):
        raise CommandError("shipped", f"Order {order.id} is shipped: nothing is left to cancel.", "order")
    booking.touch_order(order.id)
    for line, has in live:
        cancel_line(booking, line, has, "cancelled")
    is_whole = request.lines is None or all(has["is_cancelled"] for _, has in orders.all_lines(order.id))
    if live or (is_whole and order.status != "cancelled"):
        _tell(booking, order.id, [] if request.lines is None else live, is_whole=is_whole)
    if is_whole:
        _end(booking, order)
    handover.settle_over(booking, order.id)
    _put_back(booking, order.id, live)
    # The rest of an order that is served complete may be what is here, now that less is wanted.
    booking.serve(dict.fromkeys(line.sku for line, _ in (*live, *orders.all_lines(order.id))))
    picked = [
        {"line": json.loads(line.line), "sku": line.sku, "qty": has["picked"]}
        for line, has in named
        if has["picked"]
    ]
    return {"picked": picked} if picked else {}


def cancel_line(booking: Booking, line: WaitingLine, has: dict[str, int], reason: str) -> None:
    """End a line: its promises are released, and nothing of it waits any more."""
    for promise in booking.books.orders.promises_to(line.id):
        booking.release(promise, promise.qty, reason)
    if waits := has["waiting"] + has["allocated"]:
        booking.change_line(line, cancelled=waits)
    booking.books.orders.mark_cancelled(line.id, True)


def _tell(booking: Booking, order: str, lines: Sequence[Line], *, is_whole: bool) -> None:
    """Tell what was cancelled; `lines` are named where not all of the order was."""
    told = [json.loads(line.line) for line, _ in lines]
    for n in range(0, max(len(told), 1), LINES_TOLD):
        data: dict[str, Any] = {"complete": is_whole}
        if told:
            data["lines"] = told[n : n + LINES_TOLD]
        booking.tell_order("order.cancelled", order, data)


def _end(booking: Booking, order: OrderRow) -> None:
    """No hold of a cancelled order has to end, and no time of it to be kept."""
    booking.books.orders.set_order(order.id, status="cancelled")
    for timer in (HELD_UNTIL, lateness.LATE):
        booking.books.desk.end_timer(timer, order.id)
    booking.clear_exception("on_hold", order.id, "the order is cancelled")


def _put_back(booking: Booking, order: str, cancelled: Sequence[Line]) -> None:
    """Ask for what is picked for these lines to be put back, with a label for each lot of it."""
    wanted: dict[str, int] = {}
    for line, has in cancelled:
        wanted[line.sku] = wanted.get(line.sku, 0) + has["picked"]
    if any(wanted.values()):
        booking.raise_anew("restock", order, handover.to_restock(booking, order))
    for sku, picked in wanted.items():
        # Of an item that other lines have picked too, any is as good: it comes from one place, the order's.
        goods = booking.books.store.goods_at(journal.picked(order), sku)
        for stock, qty in upto(picked, [(stock, stock.here) for stock in goods]):
            printing.restock(booking, order, stock.goods, qty)
