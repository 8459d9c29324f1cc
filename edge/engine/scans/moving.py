"""MOVE: goods in hand go from one place to another, and their promises with them (contract section 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from edge.domain import allocation, journal
from edge.domain.allocation import Promise, Stock
from edge.domain.codes import Code, SiteCode
from edge.domain.journal import Goods, Move
from edge.domain.picking import upto
from edge.engine import evidence, leaving
from edge.engine.booking import Booking
from edge.engine.refusals import RefusedError
from edge.engine.scans.wanted import wanted
from edge.engine.scene import Scan
from edge.ledger.desk import Begun


def carry(scan: Scan, code: Code) -> str:
    """Take goods in hand: nothing is booked before the second place. Raises RefusedError."""
    place = scan.dialogue.location
    if not place:
        raise RefusedError("needs_place", "From where? Scan the place the goods are taken from first.")
    desk, dialogue = scan.books.desk, scan.fact.dialogue
    begun, entry = scan.dialogue.begun, scan.books.store.last_entry
    items = wanted(scan, code, journal.location(place))
    for n, item in enumerate(items, begun):
        goods = item.goods
        in_hand = Begun(n, goods.sku, goods.lot, goods.expiry, goods.pallet, item.label, item.scanned, entry)
        desk.begin_item(dialogue, leaving.MOVED, in_hand)
    scan.dialogue = replace(scan.dialogue, begun=begun + len(items))
    what = ", ".join(f"{item.scanned} {item.name}" for item in items[:3])
    return f"In hand: {what}. Scan the place it goes to."


@dataclass(slots=True)
class _Carried:
    """What one booking moves of an item, for its events."""

    moves: list[Move] = field(default_factory=list)
    promised: dict[tuple[str, str], int] = field(default_factory=dict)


def put(scan: Scan, code: Code) -> str:
    """Book all that is in hand to the second place. Raises RefusedError."""
    assert isinstance(code, SiteCode)
    source, target = scan.dialogue.location, code.value
    if source == target:
        raise RefusedError("needs_place", f"{target} is where the goods come from: scan where they go.")
    desk, dialogue = scan.books.desk, scan.fact.dialogue
    booking = scan.begin("moved")
    told: dict[tuple[str, str, str], _Carried] = {}
    begun = desk.begun(dialogue, leaving.MOVED)
    for item in begun:
        _put(booking, item, source, target, told)
    for (sku, lot, expiry), carried in told.items():
        data: dict[str, Any] = {
            **{"sku": sku, "qty": sum(move.qty for move in carried.moves), "lot": lot or None},
            **{"expiry": expiry or None, "from": source, "to": target, **scan.who()},
            "moves": [move.told() for move in carried.moves],
        }
        if carried.promised:
            data["promised"] = [
                {"order": order, "line": evidence.line_id(line), "qty": qty}
                for (order, line), qty in carried.promised.items()
            ]
        booking.tell_stock("stock.moved", sku, data)
    booking.serve(dict.fromkeys(item.sku for item in begun))
    desk.end_begun(dialogue, leaving.MOVED)
    desk.end_timer(leaving.MOVED, dialogue)
    # The next place is a new first one.
    scan.dialogue = replace(scan.dialogue, location="", begun=0)
    total = sum(move.qty for move in booking.moves)
    # Others may have emptied a pallet that was in hand.
    scan.attention = scan.attention or total < sum(item.qty for item in begun)
    return f"{total} pieces moved from {source} to {target}."


def _put(
    booking: Booking, item: Begun, source: str, target: str, told: dict[tuple[str, str, str], _Carried]
) -> None:
    store, label = booking.books.store, booking.books.labels.named(item.label) if item.label else None
    stock = store.goods_at(journal.location(source), item.sku, item.lot or None, item.expiry or None)
    if item.pallet:
        stock = [each for each in stock if each.pallet == item.pallet]
    order = label.order if label is not None else ""
    left = item.qty
    for each, qty, promises in going(booking, stock, left, order=order):
        carried = told.setdefault((each.sku, each.lot, each.expiry), _Carried())
        carried.moves.append(carry_over(booking, each, qty, promises, journal.location(target)))
        for promise, part in promises:
            key = (promise.line.order, promise.line.line)
            carried.promised[key] = carried.promised.get(key, 0) + part
        left -= qty
    # A pallet is what is on it, were it less by now: nobody saw its goods one by one.
    goods, seen = Goods(item.sku, item.lot, item.expiry), 0 if item.pallet else left
    for move in evidence.beyond(booking, goods, seen, source, journal.location(target)):
        carried = told.setdefault((move.goods.sku, move.goods.lot, move.goods.expiry), _Carried())
        carried.moves.append(move)


def going(
    booking: Booking, stock: Sequence[Stock], qty: int, *, order: str = ""
) -> Iterable[tuple[Stock, int, list[tuple[Promise, int]]]]:
    """Decide which goods go, and whose promises with them: an order's own if its label was scanned, then what
    nobody was promised, then from the last in the order of service."""
    promises = booking.promises_on(stock)
    own = [promise for promise in promises if promise.line.order == order] if order else []
    with_them: dict[int, list[tuple[Promise, int]]] = {}
    taken: dict[int, int] = {}
    for promise, part in upto(qty, [(promise, promise.qty) for promise in own]):
        taken[promise.position] = taken.get(promise.position, 0) + part
        with_them.setdefault(promise.position, []).append((promise, part))
        qty -= part
    others = [promise for promise in promises if promise.line.order != order]
    more, going_along = allocation.give_back(stock, others, qty)
    for position, part in more.items():
        taken[position] = taken.get(position, 0) + part
    for promise, part in going_along:
        with_them.setdefault(promise.position, []).append((promise, part))
    for each in stock:
        if each.position in taken:
            yield each, taken[each.position], with_them.get(each.position, [])


def carry_over(
    booking: Booking, stock: Stock, qty: int, promises: Iterable[tuple[Promise, int]], target: str
) -> Move:
    """Move goods with the promises on them."""
    orders, promises = booking.books.orders, list(promises)
    for promise, part in promises:
        orders.change_promise(promise, -part)
    move = Move(stock.goods, qty, stock.account, target, stock.since)
    position = booking.move(move)
    for promise, part in promises:
        orders.follow(promise, position, part)
        booking.undo.lines.append((promise.line.id, len(booking.moves) - 1, part))
    return move
