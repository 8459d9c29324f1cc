"""SHIP: what an order has leaves the ledger. RETURN: what it had comes back (contract section 3).

`order.ship` ships by the same rules, without a scan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain import journal
from edge.domain.allocation import Stock, WaitingLine
from edge.domain.codes import Code, SiteCode
from edge.domain.journal import Goods, place_of
from edge.domain.picking import pair, upto
from edge.domain.requests import LineId
from edge.engine import expiring, handover, printing
from edge.engine.booking import Booking
from edge.engine.evidence import line_id
from edge.engine.handover import Part, hand_over
from edge.engine.scans.items import RefusedError, Scanned, read_item
from edge.engine.scans.scene import Scan
from edge.engine.scans.scenes import order_named, refuse_unless_open
from edge.engine.scans.wanted import held
from edge.engine.telling import LINES_TOLD
from edge.engine.words import pieces
from edge.ledger.orders import OrderRow
from edge.ledger.records import encode

Line = tuple[WaitingLine, dict[str, int]]
"""A line and its quantities."""


def ship(scan: Scan, code: Code) -> str:
    """Let an order leave with all that it has. Raises RefusedError."""
    assert isinstance(code, SiteCode)
    order = order_named(scan, code.value)
    refuse_unless_open(order, "shipped")
    if not any(has["picked"] or has["allocated"] for _, has in scan.books.orders.all_lines(order.id)):
        waits = f": {order.waiting} pieces of it wait" if order.waiting else ", and nothing of it waits"
        raise RefusedError("nothing_to_ship", f"Order {order.id} has nothing picked or allocated{waits}.")
    shipped = ship_order(scan.begin("shipped"), order.id, None, scan.who())
    if shipped.is_complete:
        return f"{shipped.qty} pieces of {order.id} leave: it is complete."
    scan.attention = True
    waits = pieces(shipped.waits.items())
    return f"{shipped.qty} pieces of {order.id} leave. Still waiting for it: {waits}."


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


# -- RETURN --------------------------------------------------------------------------------------------------


def take_back(scan: Scan, code: Code) -> str:
    """Take goods of an order back: first what is picked, then what was shipped. Raises RefusedError."""
    if not scan.dialogue.order:
        raise RefusedError("needs_order", "Of which order? Scan the order first.")
    order = order_named(scan, scan.dialogue.order)
    item = read_item(scan.books, code, scan.dialogue)
    place = scan.place()
    picked = scan.books.store.goods_at(journal.picked(order.id), *_filter(item))
    shipped = scan.books.store.goods_at(journal.customer(order.id), *_filter(item))
    _refuse_unless_theirs(order, item, held(picked), held(shipped))
    sku, qty = item.goods.sku, item.qty
    booking = scan.begin("returned")
    lines = [each for each in scan.books.orders.all_lines(order.id) if each[0].sku == sku]
    parts = _unpick(booking, lines, picked, qty, place)
    parts += _unship(booking, lines, shipped, qty - sum(part.move.qty for part in parts), place)
    handover.tell(booking, "stock.returned", order.id, parts, {**scan.who(), **item.told})
    _set_aside(scan, booking, parts, place)
    given = booking.serve([sku])
    arrived = _by_goods(parts, journal.location(place))
    at_hand = {
        scan.books.store.stock(goods, journal.location(place)).position: (goods, part)
        for goods, part in arrived.items()
    }
    printing.arrived(scan, booking, given, at_hand, place)
    handover.settle_restock(booking, order.id)
    served = f", {sum(each.qty for each in given)} {sku} for waiting orders" if given else ""
    aside = "" if arrived else " in quarantine"
    return f"{qty} {sku} of {order.id} back at {place}{aside}{served}."


def _filter(item: Scanned) -> tuple[str, str | None, str | None]:
    return item.goods.sku, item.goods.lot or None, item.goods.expiry or None


def _refuse_unless_theirs(order: OrderRow, item: Scanned, picked: int, shipped: int) -> None:
    name = f"{item.goods.sku} of lot {item.goods.lot}" if item.goods.lot else item.goods.sku
    if item.order and item.order != order.id:
        text = f"Label {item.label} is for {item.order}, and {order.id} is being returned."
        raise RefusedError("not_wanted", text)
    if not picked + shipped:
        raise RefusedError("not_wanted", f"Order {order.id} has no {name} picked or shipped.")
    if item.qty > picked + shipped:
        text = f"Order {order.id} has {picked} {name} picked and {shipped} shipped, not {item.qty}."
        raise RefusedError("not_wanted", text)


def _unpick(
    booking: Booking, lines: Sequence[Line], stock: Sequence[Stock], qty: int, place: str
) -> list[Part]:
    """Goods that never left: a live line waits for them again, a cancelled one is rid of them."""
    # What nobody wants any more first; then the last line gives back first.
    wants = [
        *((each, each[1]["picked"]) for each in lines if each[1]["is_cancelled"]),
        *((each, each[1]["picked"]) for each in reversed(lines) if not each[1]["is_cancelled"]),
    ]
    parts = []
    for (line, has), each, part in pair(wants, upto(qty, [(each, each.here) for each in stock])):
        if has["is_cancelled"]:
            booking.change_line(line, picked=-part, cancelled=part)
        else:
            booking.change_line(line, picked=-part, reason="out_of_stock")
        target = _account(booking, each, place)
        parts.append(hand_over(booking, each, part, target, line=line, place=place))
    return parts


def _unship(
    booking: Booking, lines: Sequence[Line], stock: Sequence[Stock], qty: int, place: str
) -> list[Part]:
    """Goods that had left come back; that they were shipped stays true, and reopens no line."""
    # Of which line they were is known where there is only one.
    line = lines[0][0] if len(lines) == 1 else None
    return [
        hand_over(booking, each, part, _account(booking, each, place), line=line, place=place)
        for each, part in upto(qty, [(each, each.here) for each in stock])
    ]


def _account(booking: Booking, stock: Stock, place: str) -> str:
    """Where goods that came back go: what the site says, but nothing expired onto a shelf."""
    is_expired = bool(stock.expiry) and stock.expiry < booking.today
    to_quarantine = booking.books.settings.returns.to == "quarantine" or is_expired
    return journal.quarantine(place) if to_quarantine else journal.location(place)


def _set_aside(scan: Scan, booking: Booking, parts: Sequence[Part], place: str) -> None:
    """A label for goods that went into quarantine; an exception for those whose day is over."""
    for goods, qty in _by_goods(parts, journal.quarantine(place)).items():
        is_expired = bool(goods.expiry) and goods.expiry < booking.today
        if is_expired:
            expiring.tell(booking, goods, qty, place)
        text = "returned, expired" if is_expired else "returned"
        printing.quarantine(scan, booking, goods, qty, place, text=text)


def _by_goods(parts: Sequence[Part], account: str) -> dict[Goods, int]:
    """How much of which goods went to an account."""
    sums: dict[Goods, int] = {}
    for part in parts:
        if part.move.target == account:
            sums[part.move.goods] = sums.get(part.move.goods, 0) + part.move.qty
    return sums
