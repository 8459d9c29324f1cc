"""The turn of the day: what has expired on the shelf goes into quarantine, its orders are served again or wait."""

from edge.domain import journal
from edge.domain.journal import Move, place_of
from edge.engine.booking import Booking

DAY = "day"
"""The timer of the next midnight in the site's time zone."""


def turn_of_the_day(booking: Booking, _about: str) -> None:
    """Set aside what was good to the end of a day that is over."""
    books = booking.books
    books.desk.set_timer(DAY, "", books.calendar.next_day(booking.at_ms))
    booking.kind = "expired"
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
        about = " ".join(word for word in (stock.sku, stock.lot, place) if word)
        text = f"{stock.here} {stock.sku} at {place} expired on {stock.expiry}: they are in quarantine."
        booking.raise_exception("expired", about, text)
    booking.serve(dict.fromkeys(stock.sku for stock in expired))
