"""MISSING and FOUND: goods that are not at their place leave it, their orders are served again or wait (contract 3)."""

from collections.abc import Iterable
from itertools import groupby

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.codes import Code
from edge.domain.journal import Move
from edge.engine import printing
from edge.engine.booking import Booking
from edge.engine.items import RefusedError, Scanned, read_item
from edge.engine.scene import Scan


def miss(scan: Scan, code: Code) -> str:
    """Book what is not found at the place; tells it in words. Raises RefusedError."""
    item, place = read_item(scan.books, code, scan.dialogue), scan.place()
    sku, account = item.goods.sku, journal.location(place)
    goods = _goods_at(scan, account, item)
    if not goods:
        elsewhere = ", ".join(scan.books.store.places_of(sku)[:3])
        hint = f" The ledger has it at {elsewhere}." if elsewhere else ""
        raise RefusedError("not_here", f"{place} has no {_named(item)}: scan the place.{hint}")
    everything = sum(_held(scan, stock) for stock in goods)
    wanted = item.qty if item.stated else everything
    booking = scan.begin("missing")
    taken = booking.take_away(goods, min(wanted, everything), "not_found")
    released = booking.released()
    _leave(scan, booking, taken, place)
    booking.serve([sku])
    gone = sum(qty for _, qty in taken)
    booking.raise_exception("count_needed", f"{place} {sku}", f"{gone} {sku} not found at {place}: count it.")
    printing.missing(scan, booking, sku, gone, place)
    if wanted > everything:
        return f"The ledger had only {everything} {sku} at {place}, not {wanted}: all of it is missing now."
    hit = sorted({line.order for line, _, _ in released})
    return f"{gone} {sku} missing at {place}. Orders hit: {', '.join(hit[:5]) or 'none'}. Count the place."


def _goods_at(scan: Scan, account: str, item: Scanned) -> list[Stock]:
    goods = item.goods
    return scan.books.store.goods_at(account, goods.sku, goods.lot or None, goods.expiry or None)


def _held(scan: Scan, stock: Stock) -> int:
    promises = scan.books.store.promises_on([stock.position])
    return stock.free + sum(promise.qty for promise in promises)


def _named(item: Scanned) -> str:
    return f"{item.goods.sku} of lot {item.goods.lot}" if item.goods.lot else item.goods.sku


def _leave(scan: Scan, booking: Booking, taken: list[tuple[Stock, int]], place: str) -> None:
    """Move goods to the place's missing account: an event for each lot and expiry."""
    for (lot, expiry), group in _by_lot(taken):
        moves = [
            Move(stock.goods, qty, stock.account, journal.missing(place), stock.since) for stock, qty in group
        ]
        for move in moves:
            booking.move(move)
        total = sum(move.qty for move in moves)
        data = {
            **scan.told(moves[0], place),
            **{"qty": total, "order": scan.dialogue.order or None, "moves": [move.told() for move in moves]},
            "released": booking.hits(lot, expiry),
        }
        booking.tell_stock("stock.missing", moves[0].goods.sku, data)


def find(scan: Scan, code: Code) -> str:
    """Book what was missing and is here again; tells it in words. Raises RefusedError."""
    item, place = read_item(scan.books, code, scan.dialogue), scan.place()
    sku = item.goods.sku
    goods = _goods_at(scan, journal.missing(place), item)
    there = sum(stock.free for stock in goods)
    if not there and not item.stated:
        raise RefusedError(
            "needs_quantity", f"No {_named(item)} is missing at {place}: scan QTY first, then it."
        )
    wanted = item.qty if item.stated else there
    booking = scan.begin("found")
    _come_back(scan, booking, goods, min(wanted, there), place)
    if (extra := wanted - there) > 0:
        move = Move(item.goods, extra, journal.ADJUSTMENT, journal.location(place), scan.at_ms)
        booking.move(move)
        booking.tell_stock("stock.found", sku, scan.told(move, place))
        text = f"{extra} {sku} found at {place} that were never missing: count it."
        booking.raise_exception("contradiction", f"{place} {sku}", text)
    if not scan.books.store.goods_at(journal.missing(place), sku):
        booking.clear_exception("count_needed", f"{place} {sku}", "all of it was found")
    given = booking.serve([sku])
    printing.backorders(scan, booking, given)
    served = f", {sum(each.qty for each in given)} of it for waiting orders" if given else ""
    return f"{wanted} {sku} found at {place}{served}."


def _come_back(scan: Scan, booking: Booking, goods: list[Stock], qty: int, place: str) -> None:
    taken = []
    for stock in goods:
        if part := min(stock.free, qty):
            taken.append((stock, part))
            qty -= part
    for _, group in _by_lot(taken):
        moves = [
            Move(stock.goods, part, stock.account, journal.location(place), stock.since)
            for stock, part in group
        ]
        for move in moves:
            booking.move(move)
        data = {
            **scan.told(moves[0], place),
            **{"qty": sum(move.qty for move in moves), "moves": [move.told() for move in moves]},
        }
        booking.tell_stock("stock.found", moves[0].goods.sku, data)


def _by_lot(
    taken: Iterable[tuple[Stock, int]],
) -> Iterable[tuple[tuple[str, str], list[tuple[Stock, int]]]]:
    """Group goods by lot and expiry, as events tell them."""

    def lot(pair: tuple[Stock, int]) -> tuple[str, str]:
        return pair[0].lot, pair[0].expiry

    for key, group in groupby(sorted(taken, key=lot), key=lot):
        yield key, list(group)
