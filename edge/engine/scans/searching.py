"""MISSING and FOUND: goods that are not at their place leave it, their orders are served again or wait (contract 3)."""

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.codes import Code
from edge.domain.journal import Move
from edge.domain.picking import upto
from edge.engine import evidence, printing
from edge.engine.booking import Booking
from edge.engine.goods import by_lot
from edge.engine.refusals import RefusedError
from edge.engine.scans.wanted import Wanted, wanted
from edge.engine.scene import Scan


def miss(scan: Scan, code: Code) -> str:
    """Book what is not found at the place; tells it in words. Raises RefusedError."""
    place = scan.place()
    items = wanted(scan, code, journal.location(place))
    for item in items:
        refuse_unless_here(scan, item, place)
    booking = scan.begin("missing")
    return " ".join(go_missing(scan, booking, item, place, order=scan.dialogue.order) for item in items)


def refuse_unless_here(scan: Scan, item: Wanted, place: str) -> None:
    """What the ledger does not have at a place cannot leave it. Raises RefusedError."""
    if not item.here:
        elsewhere = ", ".join(scan.books.store.places_of(item.goods.sku)[:3])
        hint = f" The ledger has it at {elsewhere}." if elsewhere else ""
        raise RefusedError("not_here", f"{place} has no {item.name}: scan the place.{hint}")


def go_missing(scan: Scan, booking: Booking, item: Wanted, place: str, *, order: str) -> str:
    """Take goods off their place into its missing account and serve their orders again; tells it in words."""
    sku = item.goods.sku
    asked = item.scanned if item.is_stated else item.here
    taken = booking.take_away(item.stock, min(asked, item.here), "not_found")
    _leave(scan, booking, taken, place, order)
    booking.serve([sku])
    gone = sum(qty for _, qty in taken)
    booking.raise_exception("count_needed", f"{place} {sku}", f"{gone} {sku} not found at {place}: count it.")
    printing.missing(scan, booking, sku, gone, place)
    if asked > item.here:
        return f"The ledger had only {item.here} {sku} at {place}, not {asked}: all of it is missing now."
    hit = sorted({line.order for line, _ in booking.released.values() if line.sku == sku})
    return f"{gone} {sku} missing at {place}. Orders hit: {', '.join(hit[:5]) or 'none'}. Count the place."


def _leave(scan: Scan, booking: Booking, taken: list[tuple[Stock, int]], place: str, order: str) -> None:
    """Move goods to the place's missing account: an event for each lot and expiry."""
    for group in by_lot(taken):
        moves = booking.move_all(group, journal.missing(place))
        hits = booking.hits(group[0][0])
        data = {**scan.told(moves, place), "order": order or None, "released": hits}
        booking.tell_stock("stock.missing", moves[0].goods.sku, data)


def find(scan: Scan, code: Code) -> str:
    """Book what was missing and is here again; tells it in words. Raises RefusedError."""
    place = scan.place()
    items = wanted(scan, code, journal.missing(place))
    for item in items:
        if not item.here and not item.is_stated:
            text = f"No {item.name} is missing at {place}: scan QTY first, then it."
            raise RefusedError("needs_quantity", text)
    booking = scan.begin("found")
    total = sum(_find(scan, booking, item, place) for item in items)
    given = booking.serve(dict.fromkeys(item.goods.sku for item in items))
    printing.backorders(scan, booking, given)
    served = f", {sum(each.qty for each in given)} of it for waiting orders" if given else ""
    return f"{total} {', '.join(item.goods.sku for item in items[:3])} found at {place}{served}."


def _find(scan: Scan, booking: Booking, item: Wanted, place: str) -> int:
    sku, there = item.goods.sku, item.here
    asked = item.scanned if item.is_stated else there
    _come_back(scan, booking, item, min(asked, there), place)
    if (extra := asked - there) > 0:
        move = Move(item.goods, extra, journal.ADJUSTMENT, journal.location(place), scan.at_ms)
        booking.move(move)
        booking.tell_stock("stock.found", sku, {**scan.told([move], place), **item.told})
        text = f"{extra} {sku} found at {place} that were never missing: count it."
        booking.raise_exception("contradiction", f"{place} {sku}", text)
        evidence.ask_for_data(booking, sku)
    evidence.settle_missing(booking, place, sku)
    return asked


def _come_back(scan: Scan, booking: Booking, item: Wanted, qty: int, place: str) -> None:
    for group in by_lot(upto(qty, [(stock, stock.free) for stock in item.stock])):
        moves = booking.move_all(group, journal.location(place))
        booking.tell_stock("stock.found", moves[0].goods.sku, {**scan.told(moves, place), **item.told})
