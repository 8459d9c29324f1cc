"""RECEIVE: what arrives is booked in at the place, given to whom it is due, and labelled (contract section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from edge.domain import journal
from edge.domain.allocation import Allocation
from edge.domain.codes import Code, Gs1Code
from edge.domain.journal import Goods, Move
from edge.engine import announced, evidence, expiring, printing
from edge.engine.booking import Booking
from edge.engine.refusals import RefusedError
from edge.engine.scans.items import Scanned, own_label, read_item
from edge.engine.scans.scenes import close_pallet
from edge.engine.scene import Scan


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Goods to be booked in, and what is told of them."""

    goods: Goods
    qty: int
    po: str
    told: Mapping[str, Any]


def receive(scan: Scan, code: Code) -> str:
    """Book what an item or pallet scan brings; tells it in words. Raises RefusedError."""
    elements = code.elements if isinstance(code, Gs1Code) else None
    if elements is not None and elements.sscc is not None:
        if scan.books.records.announced(elements.sscc):
            return _announced_pallet(scan, elements.sscc)
        return _other_pallet(scan, code, elements.sscc)
    if (label := own_label(scan.books, code)) is not None:
        raise RefusedError(
            "own_label", f"Label {label.label} is our own: its goods are in the ledger already."
        )
    item = read_item(scan.books, code, scan.dialogue)
    return _item(scan, item, pallet=scan.dialogue.pallet)


def _announced_pallet(scan: Scan, sscc: str) -> str:
    records, place = scan.books.records, scan.place()
    _once(scan, f"sscc:{sscc}", f"Pallet {sscc}")
    booking = scan.begin("received")
    arrivals, asns = [], []
    for line, asn, po, sku, lot, expiry, qty in records.announced(sscc):
        evidence.ask_for_data(booking, sku)
        announced.receive(booking, line, sku, qty)
        asns.append(asn)
        told = {"asn": asn, "sscc": sscc, "pack": 1, "count": qty}
        arrivals.append(_Arrival(Goods(sku, lot, expiry, sscc), qty, po or scan.dialogue.po, told))
    _note(booking, f"sscc:{sscc}")
    scan.books.desk.write_station(
        scan.station.id, {"pallet": sscc, "skus": sorted({each.goods.sku for each in arrivals})}
    )
    scan.dialogue = replace(scan.dialogue, pallet="")
    given = _book(scan, booking, arrivals, place)
    announced.settle(booking, asns)
    total = sum(each.qty for each in arrivals)
    return f"Pallet {sscc}: {total} pieces of {len(arrivals)} lines at {place}{_to_whom(given)}."


def _other_pallet(scan: Scan, code: Code, sscc: str) -> str:
    records, dialogue = scan.books.records, scan.dialogue
    asn = records.announcer_of(sscc)
    if asn is not None:
        _once(scan, f"sscc:{sscc}", f"Pallet {sscc}")
    assert isinstance(code, Gs1Code)
    if code.elements.content is not None or code.elements.gtin is not None:
        key = f"sscc-item:{sscc}"
        _once(scan, key, f"Pallet {sscc}")
        said = _item(scan, read_item(scan.books, code, dialogue), pallet=sscc, key=key)
        close_pallet(scan, replace(dialogue, pallet=""))
        return said
    close_pallet(scan, replace(dialogue, pallet=sscc))
    known = f"sscc-open:{sscc}"
    if records.was_received(known):
        scan.attention = True
        return f"Pallet {sscc} goes on: scan what is on it."
    records.write_received(known, scan.at_ms, scan.number)
    return f"Nobody announced pallet {sscc}: scan what is on it, then CMD:DONE."


def _item(scan: Scan, item: Scanned, *, pallet: str, key: str = "") -> str:
    books, place = scan.books, scan.place()
    standing = books.desk.station(scan.station.id)
    if item.goods.sku in standing.get("skus", ()) and not pallet:
        raise RefusedError(
            "came_with_pallet",
            f"{item.goods.sku} came with pallet {standing['pallet']}: it is booked. "
            "For other goods scan CMD:DONE or the place first.",
        )
    serial, elements = item.elements.serial, item.elements
    keys = [key] if key else []
    if pallet and not _was_received(scan, f"sscc:{pallet}"):
        # Announced only now, it must not bring once more what was on it.
        keys.append(f"sscc:{pallet}")
    if serial is not None:
        keys.append(f"serial:{elements.gtin or item.goods.sku}:{serial}")
        _once(scan, keys[-1], f"Serial {serial} of {item.goods.sku}")
    booking = scan.begin("received")
    for each in keys:
        _note(booking, each)
    told = {"sscc": pallet or None, **item.told}
    goods = replace(item.goods, pallet=pallet) if pallet else item.goods
    if item.is_unknown:
        evidence.ask_for_data(booking, goods.sku)
    against = announced.against(booking, elements.purchase_order or scan.dialogue.po, goods.sku, item.qty)
    given = _book(scan, booking, [_Arrival(goods, item.qty, against.po, {**told, **against.told})], place)
    announced.settle(booking, against.asns)
    return f"{item.qty} {goods.sku} at {place}{_to_whom(given)}.{against.words}"


def _note(booking: Booking, key: str) -> None:
    """Remember a serial or pallet as received, until the booking is undone."""
    booking.books.records.write_received(key, booking.at_ms, booking.number)
    booking.undo.keys.append(key)


def _once(scan: Scan, key: str, what: str) -> None:
    if _was_received(scan, key):
        raise RefusedError("duplicate", f"{what} was received already.")


def _was_received(scan: Scan, key: str) -> bool:
    return scan.books.records.was_received(key, since=scan.at_ms - announced.ONCE_FOR_MS)


def _book(scan: Scan, booking: Booking, arrivals: list[_Arrival], place: str) -> list[Allocation]:
    """Stock in, backorders served, then labels."""
    arrived: dict[Goods, int] = {}
    for each in arrivals:
        is_expired = bool(each.goods.expiry) and each.goods.expiry < booking.today
        account = journal.quarantine(place) if is_expired else journal.location(place)
        move = Move(each.goods, each.qty, journal.supplier(each.po), account, scan.at_ms)
        booking.move(move)
        data = {**scan.told([move], place), "po": each.po or None, **each.told}
        booking.tell_stock("stock.received", each.goods.sku, data)
        if is_expired:
            expiring.tell(booking, each.goods, each.qty, place)
            printing.quarantine(scan, booking, each.goods, each.qty, place, text="expired on arrival")
        else:
            arrived[each.goods] = arrived.get(each.goods, 0) + each.qty
    given = booking.serve(dict.fromkeys(each.goods.sku for each in arrivals))
    printing.arrived(scan, booking, given, arrived, place)
    return given


def _to_whom(given: list[Allocation]) -> str:
    if not given:
        return ""
    orders: dict[str, int] = {}
    for each in given:
        orders[each.line.order] = orders.get(each.line.order, 0) + each.qty
    shown = [f"{qty} to {order}" for order, qty in list(orders.items())[:3]]
    more = f" and {len(orders) - 3} more orders" if len(orders) > 3 else ""
    return f": {', '.join(shown)}{more}"
