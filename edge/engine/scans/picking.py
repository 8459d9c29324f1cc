"""PICK: goods are taken off their place for an order. SHORT: what else the ledger has there is gone (contract 3).

A pick is evidence: what a person took was there, whoever it was promised to and whatever the ledger says.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

from edge.domain import journal
from edge.domain.allocation import Stock, WaitingLine
from edge.domain.codes import Code
from edge.domain.journal import Goods, Move
from edge.domain.picking import pair, upto
from edge.engine import evidence, handover
from edge.engine.booking import Booking
from edge.engine.handover import Part, hand_over
from edge.engine.refusals import RefusedError
from edge.engine.scans import searching
from edge.engine.scans.items import Scanned, read_item
from edge.engine.scans.scenes import order_named, refuse_unless_open
from edge.engine.scans.wanted import Wanted
from edge.engine.scene import Scan
from edge.ledger.labels import LabelRow
from edge.ledger.orders import OrderRow


def pick(scan: Scan, code: Code) -> str:
    """Take an item for the order in hand, or the one on a backorder label. Raises RefusedError."""
    item = read_item(scan.books, code, scan.dialogue)
    label = item.label if item.order else None
    order = _order_of(scan, item)
    place = scan.place() if label is None else _place_of(scan, label)
    lacks, of_others = _refuse_unless_wanted(scan, order, item)
    goods, qty = item.goods, item.qty
    scan.dialogue = replace(scan.dialogue, picked=(order.id, place, goods.sku, goods.lot))
    if not qty:
        return f"No {goods.sku} at {place} for {order.id}? CMD:SHORT says that it is not there."
    booking = scan.begin("picked")
    parts = _take(booking, order.id, item, place)
    handover.tell(booking, "stock.picked", order.id, parts, {**scan.who(), **item.told})
    if label is not None:
        _spend(booking, label, qty)
    booking.serve([goods.sku])
    return f"{qty} {goods.sku} picked at {place} for {order.id}. {_still(order.id, goods.sku, lacks - qty, of_others)}"


def short(scan: Scan, code: Code) -> str:  # noqa: ARG001
    """No more of the item picked last is at its place: the rest goes missing. Raises RefusedError."""
    if not scan.dialogue.picked:
        raise RefusedError(
            "needs_item", "Short of what? Scan the item first; QTY:0 before it if none is here."
        )
    order, place, sku, lot = scan.dialogue.picked
    stock = scan.books.store.goods_at(journal.location(place), sku, lot or None)
    item = Wanted(Goods(sku, lot), stock, scanned=0, is_stated=False)
    if not stock:
        scan.attention = True
        return f"The ledger has no more {item.name} at {place} either: nothing is missing."
    return searching.go_missing(scan, scan.begin("missing"), item, place, order=order)


# -- what may be picked --------------------------------------------------------------------------------------


def _order_of(scan: Scan, item: Scanned) -> OrderRow:
    """The order in hand, or that of the label; open for picking. Raises RefusedError."""
    name = scan.dialogue.order or item.order
    if not name:
        raise RefusedError("needs_order", "For which order? Scan the order first, or a backorder label.")
    if item.label is not None and item.order not in ("", name):
        text = f"Label {item.label.label} is for {item.order}, and {name} is being picked: scan {item.order} for it."
        raise RefusedError("not_wanted", text)
    order = order_named(scan, name)
    # It may have been open when it was scanned.
    refuse_unless_open(order, "picked")
    return order


def _place_of(scan: Scan, label: LabelRow) -> str:
    """Where a backorder label's goods are: the place printed on it, unless its promise has moved on."""
    places = scan.books.orders.places_promised(label.order, label.sku, label.lot)
    printed = str(json.loads(label.content)["fields"]["place"])
    return printed if printed in places else places[0]


def _refuse_unless_wanted(scan: Scan, order: OrderRow, item: Scanned) -> tuple[int, int]:
    """How many of the item the order still lacks, and of all others together. Raises RefusedError."""
    sku, lacks, of_others, is_known = item.goods.sku, 0, 0, False
    for line, has in scan.books.orders.all_lines(order.id):
        left = has["waiting"] + has["allocated"]
        if line.sku == sku:
            is_known, lacks = True, lacks + left
        else:
            of_others += left
    if not is_known:
        raise RefusedError("not_wanted", f"Order {order.id} has no line for {sku}: put it back.")
    if item.qty > lacks:
        much = f"lacks {lacks} {sku}, not {item.qty}" if lacks else f"lacks no more {sku}"
        raise RefusedError("not_wanted", f"Order {order.id} {much}: put the rest back.")
    return lacks, of_others


def _still(order: str, sku: str, lacks: int, of_others: int) -> str:
    if lacks:
        return f"It still lacks {lacks} {sku}."
    return "The next item." if of_others else f"{order} lacks nothing more."


# -- what is taken -------------------------------------------------------------------------------------------


def _take(booking: Booking, order: str, item: Scanned, place: str) -> list[Part]:
    """Take goods at a place: those promised to the order, nobody's, others', and what the ledger does not have."""
    goods, target = item.goods, journal.picked(order)
    stock = booking.books.store.goods_at(
        journal.location(place), goods.sku, goods.lot or None, goods.expiry or None
    )
    parts = _take_own(booking, order, stock, item, place)
    left = item.qty - sum(part.move.qty for part in parts)
    first = len(booking.moves)
    for each, qty in booking.take_away(stock, left, "taken"):
        booking.move(Move(each.goods, qty, each.account, target, each.since))
        left -= qty
    evidence.beyond(booking, goods, left, place, target)
    more = [((n, move), move.qty) for n, move in enumerate(booking.moves[first:], first)]
    wants = _claim(booking, order, goods.sku, sum(qty for _, qty in more))
    for line, (n, move), qty in pair(wants, more):
        booking.undo.lines.append((line.id, n, qty))
        parts.append(Part(line, replace(move, qty=qty), place))
    return parts


def _take_own(booking: Booking, order: str, stock: Sequence[Stock], item: Scanned, place: str) -> list[Part]:
    """Take what the order is promised here: the lot on its label first, the lower line first."""
    by_position = {each.position: each for each in stock}
    own = [promise for promise in booking.promises_on(stock) if promise.line.order == order]
    if item.order:
        own.sort(key=lambda promise: by_position[promise.position].lot != item.goods.lot)
    parts = []
    for promise, qty in upto(item.qty, [(promise, promise.qty) for promise in own]):
        booking.keep(promise, qty, picked=qty)
        each = by_position[promise.position]
        parts.append(hand_over(booking, each, qty, journal.picked(order), line=promise.line, place=place))
    return parts


def _claim(booking: Booking, order: str, sku: str, qty: int) -> list[tuple[WaitingLine, int]]:
    """Find the lines that goods nobody promised to the order are for: what waits first, lower lines first.

    Then lines that are promised goods elsewhere: they have theirs now, so those are free for others.
    """
    orders = booking.books.orders
    lines = [(line, has["waiting"]) for line, has in orders.all_lines(order) if line.sku == sku]
    claims = list(upto(qty, lines))
    for line, part in claims:
        booking.change_line(line, picked=part)
    qty -= sum(part for _, part in claims)
    elsewhere = [
        (promise, promise.qty) for line, _ in lines for promise in reversed(orders.promises_to(line.id))
    ]
    for promise, part in upto(qty, elsewhere):
        booking.release(promise, part, "taken")
        booking.change_line(promise.line, picked=part)
        claims.append((promise.line, part))
    return claims


def _spend(booking: Booking, label: LabelRow, qty: int) -> None:
    """So much of a label is picked; more than it says is not its own."""
    part = min(qty, label.qty - label.spent)
    booking.books.labels.spend(label.job, part)
    booking.undo.spent.append((label.job, part))
