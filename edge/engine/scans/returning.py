"""RETURN: what an order had comes back, first what is picked, then what was shipped (contract section 3)."""

from collections.abc import Sequence

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.codes import Code
from edge.domain.journal import Goods
from edge.domain.picking import pair, upto
from edge.engine import expiring, handover, printing
from edge.engine.booking import Booking
from edge.engine.goods import held
from edge.engine.handover import Part, hand_over
from edge.engine.refusals import RefusedError
from edge.engine.scans.items import Scanned, read_item
from edge.engine.scans.scenes import order_named
from edge.engine.scene import Scan
from edge.ledger.orders import Line, OrderRow


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
    printing.arrived(scan, booking, given, arrived, place)
    handover.settle_restock(booking, order.id)
    served = f", {sum(each.qty for each in given)} {sku} for waiting orders" if given else ""
    aside = "" if arrived else " in quarantine"
    return f"{qty} {sku} of {order.id} back at {place}{aside}{served}."


def _filter(item: Scanned) -> tuple[str, str | None, str | None]:
    return item.goods.sku, item.goods.lot or None, item.goods.expiry or None


def _refuse_unless_theirs(order: OrderRow, item: Scanned, picked: int, shipped: int) -> None:
    name = f"{item.goods.sku} of lot {item.goods.lot}" if item.goods.lot else item.goods.sku
    if item.label is not None and item.order not in ("", order.id):
        text = f"Label {item.label.label} is for {item.order}, and {order.id} is being returned."
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
