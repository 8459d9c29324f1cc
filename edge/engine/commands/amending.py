"""Orders that central changes: amended, and put before others (contract sections 4 and 6).

A promise once made is not taken away for a rank that changes; it keeps the rank by which it was made.
"""

from typing import Any

from edge.domain import allocation
from edge.domain.allocation import WaitingLine
from edge.domain.picking import upto
from edge.domain.requests import AmendedLine, AmendOrder, PrioritiseOrder
from edge.engine.booking import Booking
from edge.engine.commands import lateness
from edge.engine.commands.cancelling import cancel_line
from edge.engine.commands.ordering import Extra, ask_for_data, live_order, rank_anew, unknown_items
from edge.engine.handover import settle_over, settle_restock
from edge.engine.refusals import CommandError
from edge.ledger.orders import Line, OrderRow
from edge.ledger.records import encode

RANKED = frozenset({"express", "tier", "promised_at", "placed_at"})
"""Fields that an order's place in the order of service is made of."""

_TIMES = frozenset({"placed_at", "promised_at", "not_before", "ship_by"})


def amend(booking: Booking, request: AmendOrder) -> Extra:
    """Give lines other quantities, add lines, change what the order says of itself. Raises CommandError."""
    orders = booking.books.orders
    order = live_order(booking.books, request.order, "amended")
    newest = -1 if order.revision is None else order.revision
    if request.revision is not None and request.revision <= newest:
        text = f"revision must be above {newest}, got {request.revision}: order {order.id} is newer here."
        raise CommandError("stale", text, "revision")
    known = {line.line: (line, has) for line, has in orders.all_lines(order.id)}
    _check(order, request, known)
    was_over = orders.is_over(order.id)
    if was_over and any(has["shipped"] for _, has in known.values()) and not _adds(request, known):
        raise CommandError("shipped", f"Order {order.id} is shipped: nothing is left to amend.", "order")
    new = [(n, x.sku) for n, x in enumerate(request.lines) if encode(x.line) not in known and x.sku]
    unknown = unknown_items(booking.books, new)

    values = _values(request)
    if request.revision is not None:
        values["revision"] = request.revision
    _change(booking, order, values)
    # From here on lines are read as they are now: with their new rank and fill.
    now = {line.line: (line, has) for line, has in orders.all_lines(order.id)}
    touched = booking.touch_order(order.id)
    # Ready now, it was not so before: all of it had left, or was cancelled.
    touched.is_new = was_over
    for wanted in request.lines:
        _amend_line(booking, touched.row, wanted, now.get(encode(wanted.line)))
    ask_for_data(booking, order.id, unknown)
    settle_over(booking, order.id)
    if any(has["is_cancelled"] and has["picked"] for _, has in known.values()):
        settle_restock(booking, order.id)
    booking.serve(dict.fromkeys(line.sku for line, _ in orders.all_lines(order.id)))
    return {}


def prioritise(booking: Booking, request: PrioritiseOrder) -> Extra:
    """Put an order in another place in the order of service. Raises CommandError."""
    order = live_order(booking.books, request.order, "put before others")
    _change(booking, order, _values(request))
    booking.touch_order(order.id)
    booking.serve(dict.fromkeys(line.sku for line in booking.books.orders.lines_of(order.id)))
    return {}


def _values(request: AmendOrder | PrioritiseOrder) -> dict[str, Any]:
    """The columns that a request sets."""
    values = {
        name: getattr(request, f"{name}_ms" if name in _TIMES else name) for name in sorted(request.given)
    }
    if "ext" in values:
        values["ext"] = encode(values["ext"])
    return values


def _change(booking: Booking, before: OrderRow, values: dict[str, Any]) -> None:
    """Set what an order says of itself, with what follows for its rank, its lines and its time."""
    orders = booking.books.orders
    if not values:
        return
    orders.change_order(before.id, values)
    order = orders.order(before.id)
    assert order is not None
    if values.keys() & RANKED:
        rank_anew(booking.books, order.id, order.wishes)
    if values.keys() & (RANKED | {"fill"}):
        booking.requeue(line.sku for line in orders.lines_of(order.id))
    lateness.watch(booking, order, before=before.due_at)


# -- lines ---------------------------------------------------------------------------------------------------


def _check(order: OrderRow, request: AmendOrder, known: dict[str, Line]) -> None:
    """Find what cannot be done before anything is done. Raises CommandError."""
    for n, wanted in enumerate(request.lines):
        name = encode(wanted.line)
        if name not in known:
            if not wanted.qty:
                text = f"Order {order.id} has no line {name}: there is nothing to cancel."
                raise CommandError("bad_value", text, f"lines[{n}].line")
            if wanted.sku is None:
                text = f"sku is missing: line {name} is new to order {order.id}, and needs one."
                raise CommandError("missing_field", text, f"lines[{n}].sku")
            continue
        line, has = known[name]
        if wanted.sku not in (None, line.sku):
            text = f"sku must be {line.sku}, which line {name} is of, or left out; got {wanted.sku}."
            raise CommandError("bad_value", text, f"lines[{n}].sku")
        taken = has["picked"] + has["shipped"]
        if wanted.qty < taken and not _stays_cancelled(wanted, has):
            text = f"qty must be {taken} or more, so many of line {name} are picked or shipped; got {wanted.qty}."
            raise CommandError("already_picked", text, f"lines[{n}].qty")


def _stays_cancelled(wanted: AmendedLine, has: dict[str, int]) -> bool:
    return wanted.qty == 0 and bool(has["is_cancelled"])


def _adds(request: AmendOrder, known: dict[str, Line]) -> bool:
    """Tell whether more of an order is to be shipped than before."""
    for wanted in request.lines:
        has = known[encode(wanted.line)][1] if encode(wanted.line) in known else None
        if has is None or wanted.qty > has["ordered"] - has["cancelled"]:
            return True
    return False


def _amend_line(booking: Booking, order: OrderRow, wanted: AmendedLine, known: Line | None) -> None:
    if known is None:
        assert wanted.sku is not None
        rank = allocation.line_rank(order.rank, wanted.line)
        line = booking.books.orders.write_line(order, encode(wanted.line), wanted.sku, wanted.qty, rank)
        booking.new_line(line)
        return
    line, has = known
    if wanted.qty:
        _set_quantity(booking, line, has, wanted.qty)
    elif not has["is_cancelled"]:
        cancel_line(booking, line, has, "amended")


def _set_quantity(booking: Booking, line: WaitingLine, has: dict[str, int], qty: int) -> None:
    """Want so many of a line: what waits goes first, then promises, the last made first. A cancelled one lives."""
    orders = booking.books.orders
    lost = max(0, has["allocated"] + has["picked"] + has["shipped"] - qty)
    promises = [(promise, promise.qty) for promise in reversed(orders.promises_to(line.id))] if lost else []
    for promise, part in upto(lost, promises):
        booking.release(promise, part, "amended")
    more = qty - has["ordered"] + has["cancelled"]
    if has["is_cancelled"]:
        orders.mark_cancelled(line.id, False)
    if more or has["cancelled"]:
        reason = "out_of_stock" if more > 0 else None
        booking.change_line(line, ordered=qty - has["ordered"], cancelled=-has["cancelled"], reason=reason)
