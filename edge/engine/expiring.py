"""The turn of the day: what has expired on the shelf goes into quarantine, its orders are served again or wait."""

from edge.domain import journal
from edge.domain.journal import Goods, Move, place_of
from edge.engine.booking import Booking

DAY = "day"
"""The timer of the next midnight in the site's time zone."""


def turn_of_the_day(booking: Booking, _about: str) -> None:
    """Set aside what was good to the end of a day that is over."""
    books = booking.books
    books.desk.set_timer(DAY, "", books.calendar.next_day(booking.at_ms))
    booking.kind = "damaged"
    expired = books.store.expired(booking.today)
    for stock in expired:
        place = place_of(stock.account)
        for promise in booking.promises_on([stock]):
            booking.release(promise, promise.qty, "expired")
        move = Move(stock.goods, stock.here, stock.account, journal.quarantine(place), stock.since)
        booking.move(move)
        data = {
            **{"sku": stock.sku, "qty": stock.here, "lot": stock.lot or None, "expiry": stock.expiry},
            **{"location": place, "reason": "expired", "moves": [move.told()]},
        }
        booking.tell_stock("stock.damaged", stock.sku, data)
        tell(booking, stock.goods, stock.here, place)
    booking.serve(dict.fromkeys(stock.sku for stock in expired))


def tell(booking: Booking, goods: Goods, qty: int, place: str) -> None:
    """Somebody is told of goods whose day is over, wherever they came from: they are in quarantine at the place."""
    text = f"{qty} {goods.sku} at {place} expired on {goods.expiry}: they are in quarantine."
    booking.raise_exception("expired", _about(goods, place), text)


def settle(booking: Booking, goods: Goods, place: str) -> None:
    """Goods left quarantine: once none of that item and lot is there, nobody needs to see to what expired."""
    if not booking.books.store.goods_at(journal.quarantine(place), goods.sku, goods.lot):
        booking.clear_exception(
            "expired", _about(goods, place), "nothing of it is in quarantine there any more"
        )


def _about(goods: Goods, place: str) -> str:
    return " ".join(word for word in (goods.sku, goods.lot, place) if word)
