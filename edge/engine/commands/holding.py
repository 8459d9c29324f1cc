"""Orders on hold: skipped until they are resumed or their time has come; they keep what they have (contract 4)."""

from edge.clock import date_time, rfc3339
from edge.domain.requests import HoldOrder, ResumeOrder
from edge.engine.booking import Booking
from edge.engine.commands.ordering import Extra, known_order, live_order
from edge.engine.refusals import CommandError

HELD_UNTIL = "hold"
"""The timer of a hold that ends by itself."""


def hold(booking: Booking, request: HoldOrder) -> Extra:
    """Hold an order, or change why and until when it is held. Raises CommandError."""
    orders, desk = booking.books.orders, booking.books.desk
    order = live_order(booking.books, request.order, "held")
    until = date_time(request.until_ms)
    if orders.is_over(order.id):
        raise CommandError("shipped", f"Order {order.id} is shipped: nothing is left to hold.", "order")
    if request.until_ms is not None and request.until_ms <= booking.at_ms:
        text = f"until must be a time to come, got {until}; it is {rfc3339(booking.at_ms)} here."
        raise CommandError("bad_value", text, "until")
    known = (order.status, order.hold_reason, desk.timer(HELD_UNTIL, order.id))
    if known == ("held", request.reason, request.until_ms):
        return {}
    orders.set_order(order.id, status="held", reason=request.reason)
    if request.until_ms is None:
        desk.end_timer(HELD_UNTIL, order.id)
    else:
        desk.set_timer(HELD_UNTIL, order.id, request.until_ms)
    booking.tell_order("order.held", order.id, {"reason": request.reason, "until": until})
    words = f"Order {order.id} is on hold" + (f" until {until}" if until else "")
    booking.raise_anew("on_hold", order.id, f"{words}: {request.reason}." if request.reason else f"{words}.")
    # Others come before it now in what is announced.
    booking.requeue(line.sku for line in orders.lines_of(order.id))
    return {}


def resume(booking: Booking, request: ResumeOrder) -> Extra:
    """End a hold; the order is served at its old rank. Raises CommandError."""
    orders = booking.books.orders
    order = known_order(booking.books, request.order)
    if order.status != "held":
        return {}
    orders.set_order(order.id, status="open")
    booking.books.desk.end_timer(HELD_UNTIL, order.id)
    booking.tell_order("order.resumed", order.id, {})
    booking.clear_exception("on_hold", order.id, "the order is resumed")
    skus = dict.fromkeys(line.sku for line in orders.lines_of(order.id))
    booking.requeue(skus)
    booking.serve(skus)
    return {}


def hold_is_over(booking: Booking, order: str) -> None:
    """The time until which an order was held has come."""
    resume(booking, ResumeOrder(order))
