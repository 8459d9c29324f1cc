"""Orders that have not left by their time: `ship_by`, else `promised_at`. A person is told when it has come."""

from edge.clock import date_time
from edge.engine.booking import Booking
from edge.ledger.orders import OrderRow

LATE = "late"
"""The timer of an order that is to leave by a time."""


def watch(booking: Booking, order: OrderRow, *, before: int | None) -> None:
    """Set the timer of an order whose time was `before`, if it is another now; one that has passed is due at once."""
    due_at = order.due_at
    # Central may give another time, and none it takes back.
    if due_at is None or due_at == before:
        return
    booking.books.desk.set_timer(LATE, order.id, due_at)
    if due_at > booking.at_ms:
        booking.clear_exception("late", order.id, "it has another time")


def late(booking: Booking, id: str) -> None:
    """The time by which an order was to leave has come: tell it, unless all of it has left."""
    order = booking.books.orders.order(id)
    if order is None or order.due_at is None or booking.books.orders.is_over(id):
        return
    due_at = date_time(order.due_at)
    booking.tell_order("order.late", id, {"due_at": due_at})
    booking.raise_exception("late", id, f"Order {id} was to leave by {due_at}, and some of it is still here.")
