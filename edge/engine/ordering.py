"""Commands about orders: placed, cancelled, held, resumed (contract section 6)."""

import json
from typing import Any

from edge.domain import allocation
from edge.domain.requests import CancelOrder, HoldOrder, PlaceOrder, ResumeOrder
from edge.engine.booking import Booking
from edge.engine.refusals import CommandError
from edge.ledger.records import encode

HELD_UNTIL, LATE = "hold", "late"
"""Timers of orders: a hold that ends by itself, a promise that is not kept."""

Extra = dict[str, Any]
"""What an answer says besides ok and its events."""


def place(booking: Booking, request: PlaceOrder) -> Extra:
    books = booking.books
    known = books.orders.order(request.order)
    if known is not None:
        if known.content != request.content:
            raise CommandError("exists", f"Order {request.order} is here with other content.", "order")
        return {}
    unknown = [line for line in request.lines if not books.store.by_sku(line.sku)]
    if unknown and books.settings.items.unknown == "reject":
        at = f"lines[{request.lines.index(unknown[0])}].sku"
        raise CommandError("unknown_item", f"{unknown[0].sku} is not in the catalogue.", at)
    placed_at = booking.at_ms if request.placed_at_ms is None else request.placed_at_ms
    rank = allocation.rank(
        books.settings.allocation.order_by,
        request.order,
        {
            **{"express": int(request.express), "tier": request.tier},
            **{"promised_at": request.promised_at_ms, "placed_at": placed_at},
        },
    )
    lines = [(encode(x.line), x.sku, x.qty, allocation.line_rank(rank, x.line)) for x in request.lines]
    books.orders.write_order(request, placed_at, rank, lines)
    booking.new_order(request.order)
    for line in unknown:
        text = f"Order {request.order} wants {line.sku}, which is not in the catalogue: send its data."
        booking.raise_exception("unknown_item", line.sku, text)
    booking.serve(dict.fromkeys(line.sku for line in request.lines))
    return {}


def cancel(booking: Booking, request: CancelOrder) -> Extra:
    orders = booking.books.orders
    order = orders.order(request.order)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {request.order}.", "order")
    booking.touch_order(order.id)
    lines = {line.line: (line, has) for line, has in orders.all_lines(order.id)}
    wanted = list(lines) if request.lines is None else [encode(line) for line in request.lines]
    for n, name in enumerate(wanted):
        if name not in lines:
            raise CommandError("bad_value", f"Order {order.id} has no line {name}.", f"lines[{n}]")
    if all(lines[name][1]["shipped"] == lines[name][1]["ordered"] for name in wanted):
        raise CommandError("shipped", f"Order {order.id} is shipped: nothing is left to cancel.", "order")
    picked, freed = [], []
    for name in wanted:
        line, has = lines[name]
        for promise in orders.promises_to(line.id):
            booking.release(promise, promise.qty, "cancelled")
        if waits := line.waiting + has["allocated"]:
            booking.change_line(line, cancelled=waits)
        if has["allocated"]:
            freed.append(line.sku)
        if has["picked"]:
            picked.append({"line": json.loads(name), "sku": line.sku, "qty": has["picked"]})
            booking.raise_exception("restock", order.id, f"{has['picked']} {line.sku} picked for it go back.")
    is_over = all(
        has["cancelled"] + has["shipped"] + has["picked"] == has["ordered"]
        for _, has in orders.all_lines(order.id)
    )
    if order.status != "cancelled":
        told = [json.loads(name) for name in wanted]
        booking.tell_order("order.cancelled", order.id, {"complete": is_over, "lines": told})
    if is_over:
        orders.set_order(order.id, status="cancelled")
        for kind in ("unfulfillable", "on_hold"):
            booking.clear_exception(kind, order.id, "the order is cancelled")
    # The rest of an order that is served complete may be what is here, now that less is wanted.
    rest = [line.sku for line in orders.lines_of(order.id)]
    booking.serve(dict.fromkeys([*freed, *rest]))
    return {"picked": picked} if picked else {}


def hold(booking: Booking, request: HoldOrder) -> Extra:
    orders = booking.books.orders
    order = orders.order(request.order)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {request.order}.", "order")
    if order.status == "cancelled":
        raise CommandError("bad_value", f"Order {order.id} is cancelled: it cannot be held.", "order")
    if order.status == "open":
        booking.touch_order(order.id)
        orders.set_order(order.id, status="held", reason=request.reason)
        booking.tell_order("order.held", order.id, {"reason": request.reason})
        because = f": {request.reason}" if request.reason else ""
        booking.raise_exception("on_hold", order.id, f"Order {order.id} is on hold{because}.")
    return {}


def resume(booking: Booking, request: ResumeOrder) -> Extra:
    orders = booking.books.orders
    order = orders.order(request.order)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {request.order}.", "order")
    if order.status == "held":
        booking.touch_order(order.id)
        orders.set_order(order.id, status="open")
        booking.tell_order("order.resumed", order.id, {})
        booking.clear_exception("on_hold", order.id, "the order is resumed")
        booking.serve(dict.fromkeys(line.sku for line in orders.lines_of(order.id)))
    return {}


def hold_is_over(booking: Booking, order: str) -> None:
    """The time until which an order was held has come."""
    resume(booking, ResumeOrder(order))


def late(booking: Booking, order: str) -> None:
    """The time by which an order was to leave has come: a person is told if it has not."""
    raise NotImplementedError(booking, order)
