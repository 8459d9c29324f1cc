"""Orders as they are placed, and what every command about an order needs (contract sections 4 and 6)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from edge.domain import allocation
from edge.domain.requests import LineId, PlaceOrder, ShipOrder
from edge.engine import shipping
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.commands import lateness
from edge.engine.refusals import CommandError
from edge.engine.words import on_hold
from edge.ledger.orders import Line, OrderRow
from edge.ledger.records import encode

Extra = dict[str, Any]
"""What an answer says besides ok and its events."""


def place(booking: Booking, request: PlaceOrder) -> Extra:
    """Write an order down and try the stock at hand; the same again changes nothing. Raises CommandError."""
    books = booking.books
    known = books.orders.order(request.order)
    if known is not None:
        if known.content != request.content:
            raise CommandError("exists", f"Order {request.order} is here with other content.", "order")
        return {}
    unknown = unknown_items(books, ((n, line.sku) for n, line in enumerate(request.lines)))
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
    lateness.watch(booking, booking.orders[request.order].row, before=None)
    ask_for_data(booking, request.order, unknown)
    booking.serve(dict.fromkeys(line.sku for line in request.lines))
    return {}


def ship(booking: Booking, request: ShipOrder) -> Extra:
    """An order, or some of its lines, left without a scan. Raises CommandError."""
    order = live_order(booking.books, request.order, "shipped")
    if order.status == "held":
        raise CommandError("bad_value", f"{on_hold(order)} It is not shipped.", "order")
    lines = lines_named(booking.books, order.id, request.lines)
    booking.kind = "shipped"
    if not shipping.ship_order(booking, order.id, request.lines, {}).qty:
        if all(has["shipped"] == has["ordered"] for _, has in lines):
            raise CommandError("shipped", f"Order {order.id} is shipped: nothing of it is left.", "order")
        text = f"Order {order.id} has nothing picked or allocated that could leave."
        raise CommandError("bad_value", text, "order" if request.lines is None else "lines")
    return {}


def known_order(books: Books, id: str) -> OrderRow:
    """The order that a command is about. Raises CommandError."""
    order = books.orders.order(id)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {id} here.", "order")
    return order


def live_order(books: Books, id: str, verb: str) -> OrderRow:
    """The order that a command is about, not cancelled; `verb` is what cannot be done to it. Raises CommandError."""
    order = known_order(books, id)
    if order.status == "cancelled":
        raise CommandError("bad_value", f"Order {id} is cancelled: it cannot be {verb}.", "order")
    return order


def lines_named(books: Books, order: str, names: Sequence[LineId] | None) -> list[Line]:
    """The lines of an order that a command names, or all of them. Raises CommandError."""
    lines = books.orders.all_lines(order)
    if names is None:
        return lines
    by_name = {line.line: (line, has) for line, has in lines}
    for n, name in enumerate(names):
        if encode(name) not in by_name:
            raise CommandError("bad_value", f"Order {order} has no line {encode(name)}.", f"lines[{n}]")
    return [by_name[encode(name)] for name in names]


def unknown_items(books: Books, ordered: Iterable[tuple[int, str]]) -> list[str]:
    """The items that the catalogue lacks among those of some lines, each with its place in the command.

    Raises CommandError where the site refuses them.
    """
    unknown = [(n, sku) for n, sku in ordered if not books.store.by_sku(sku)]
    if unknown and books.settings.items.unknown == "reject":
        n, sku = unknown[0]
        raise CommandError("unknown_item", f"{sku} is not in the catalogue.", f"lines[{n}].sku")
    return [sku for _, sku in unknown]


def ask_for_data(booking: Booking, order: str, unknown: Iterable[str]) -> None:
    """An order for an unknown item waits, and somebody is asked for the item's data."""
    for sku in unknown:
        text = f"Order {order} wants {sku}, which is not in the catalogue: send its data."
        booking.raise_exception("unknown_item", sku, text)


def rank_anew(books: Books, order: str, wishes: Mapping[str, int | None]) -> None:
    """Give an order and its lines their place in the order of service; promises keep the rank they were made by."""
    rank = allocation.rank(books.settings.allocation.order_by, order, wishes)
    names = books.orders.line_names(order)
    lines = [(id_, allocation.line_rank(rank, json.loads(name))) for id_, name in names]
    books.orders.write_rank(order, rank, lines)
