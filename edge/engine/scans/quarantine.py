"""DAMAGE, RELEASE, SCRAP: goods are set aside at their place, come back into stock, or leave for good (contract 3)."""

from collections.abc import Callable, Iterable, Mapping

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.codes import Code
from edge.domain.journal import Goods
from edge.domain.picking import upto
from edge.engine import expiring, printing
from edge.engine.booking import Booking
from edge.engine.goods import by_lot, held
from edge.engine.refusals import RefusedError
from edge.engine.scans.searching import refuse_unless_here
from edge.engine.scans.wanted import Wanted, wanted
from edge.engine.scene import Scan

Taken = list[tuple[Stock, int]]
"""Goods of positions, and how many of each."""


def damage(scan: Scan, code: Code) -> str:
    """Set goods aside; who was promised them is served from elsewhere. Raises RefusedError."""
    place = scan.place()
    items = wanted(scan, code, journal.location(place))
    for item in items:
        refuse_unless_here(scan, item, place)
    booking = scan.begin("damaged")
    said = " ".join(_damage(scan, booking, item, place) for item in items)
    booking.serve(dict.fromkeys(item.goods.sku for item in items))
    return said


def _damage(scan: Scan, booking: Booking, item: Wanted, place: str) -> str:
    sku = item.goods.sku
    taken = booking.take_away(item.stock, min(item.scanned, item.here), "damaged")
    for goods, qty in _leave(scan, booking, item, taken, place, "damaged").items():
        printing.quarantine(scan, booking, goods, qty, place, text="damaged")
    gone = sum(qty for _, qty in taken)
    text = f"{gone} {sku} damaged at {place}: CMD:RELEASE or CMD:SCRAP takes them out of quarantine."
    booking.raise_exception("damaged", f"{place} {sku}", text)
    if item.scanned > gone:
        return (
            f"The ledger had only {gone} {item.name} at {place}, not {item.scanned}: all of it is set aside."
        )
    return f"{gone} {item.name} set aside at {place}."


def release(scan: Scan, code: Code) -> str:
    """Put goods back from quarantine into stock; who waits is served. Raises RefusedError."""
    place = scan.place()
    taken = [(item, _sound(scan, item, place)) for item in wanted(scan, code, journal.quarantine(place))]
    if not any(sound for _, sound in taken):
        raise RefusedError("not_wanted", "All of it has expired: CMD:SCRAP takes it out.")
    booking = scan.begin("released")
    arrived: dict[Goods, int] = {}
    for item, sound in taken:
        arrived |= _leave(scan, booking, item, sound, place, "released")
        _settle(booking, item, place)
    given = booking.serve(dict.fromkeys(item.goods.sku for item, _ in taken))
    printing.arrived(scan, booking, given, arrived, place)
    back = sum(arrived.values())
    said = f"{back} {', '.join(item.name for item, _ in taken[:3])} back in stock at {place}."
    if (left := sum(item.here for item, _ in taken) - back) and taken[0][0].goods.pallet:
        # Only a pallet is taken with all that is on it, so only of a pallet is it news what stays.
        scan.attention = True
        return f"{said} {left} have expired: CMD:SCRAP takes them out."
    return said


def _sound(scan: Scan, item: Wanted, place: str) -> Taken:
    """Which goods are released: what has expired stays. Raises RefusedError."""
    _refuse_more_than_there_is(item, place)
    today = scan.books.calendar.day(scan.at_ms)
    sound = [stock for stock in item.stock if not stock.expiry or stock.expiry >= today]
    if item.goods.pallet or held(sound) >= item.scanned:
        return _first(sound, item.scanned)
    expired = next(stock for stock in item.stock if stock.expiry and stock.expiry < today)
    most = f"only {held(sound)} of {item.name} can be released" if sound else "it cannot be released"
    raise RefusedError(
        "not_wanted", f"{item.name} expired on {expired.expiry}, {most}: CMD:SCRAP takes it out."
    )


def scrap(scan: Scan, code: Code) -> str:
    """Take goods out of quarantine and out of the ledger. Raises RefusedError."""
    place = scan.place()
    items = wanted(scan, code, journal.quarantine(place))
    for item in items:
        _refuse_more_than_there_is(item, place)
    booking = scan.begin("scrapped")
    for item in items:
        _leave(scan, booking, item, _first(item.stock, item.scanned), place, "scrapped")
        _settle(booking, item, place)
    total = sum(item.scanned for item in items)
    return f"{total} {', '.join(item.name for item in items[:3])} of {place} scrapped."


def _refuse_more_than_there_is(item: Wanted, place: str) -> None:
    if not item.here:
        raise RefusedError("not_here", f"No {item.name} is in quarantine at {place}: scan the place.")
    if item.scanned > item.here:
        raise RefusedError(
            "not_here", f"Only {item.here} {item.name} are in quarantine at {place}, not {item.scanned}."
        )


def _first(stock: Iterable[Stock], qty: int) -> Taken:
    """Take so many, first expiry first: nobody is promised what is in quarantine."""
    return list(upto(qty, [(each, each.free) for each in stock]))


_TO: Mapping[str, Callable[[str], str]] = {
    "damaged": journal.quarantine,
    "released": journal.location,
    "scrapped": lambda _: journal.SCRAP,
}
"""Where goods of a place go, by what is told of them."""


def _leave(
    scan: Scan, booking: Booking, item: Wanted, taken: Taken, place: str, what: str
) -> dict[Goods, int]:
    """Move goods of one account and tell it, an event for each lot and expiry; returns them."""
    gone: dict[Goods, int] = {}
    for group in by_lot(taken):
        moves = booking.move_all(group, _TO[what](place))
        gone |= {move.goods: move.qty for move in moves}
        booking.tell_stock(f"stock.{what}", moves[0].goods.sku, {**scan.told(moves, place), **item.told})
    return gone


def _settle(booking: Booking, item: Wanted, place: str) -> None:
    """Goods left quarantine: what was to be seen to is done once nothing of it is left there."""
    sku = item.goods.sku
    if not booking.books.store.goods_at(journal.quarantine(place), sku):
        booking.clear_exception("damaged", f"{place} {sku}", "nothing of it is in quarantine there any more")
    for goods in dict.fromkeys(Goods(stock.sku, stock.lot) for stock in item.stock):
        expiring.settle(booking, goods, place)
