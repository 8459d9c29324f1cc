"""What the clock brings: each timer that is due is a booking of its own, before the next fact (contract 3 and 4)."""

import logging
from collections.abc import Callable, Mapping

from edge.engine import announcing, expiring, holding, lateness, leaving
from edge.engine.booking import Booking
from edge.engine.books import Books

log = logging.getLogger(__name__)

Due = Callable[[Booking, str], None]
"""What a timer does; it is told what the timer is about."""

_KINDS: Mapping[str, Due] = {
    leaving.MOVED: lambda booking, about: leaving.time_is_up(booking, leaving.MOVED, about),
    leaving.COUNTED: lambda booking, about: leaving.time_is_up(booking, leaving.COUNTED, about),
    announcing.OVERDUE: announcing.overdue,
    holding.HELD_UNTIL: holding.hold_is_over,
    lateness.LATE: lateness.late,
    expiring.DAY: expiring.turn_of_the_day,
}


def catch_up(books: Books, at_ms: int) -> None:
    """Book all that is due by now, the earliest first. Runs in the open transaction."""
    for kind, about in books.desk.due(at_ms):
        books.desk.end_timer(kind, about)
        number = books.records.fact + 1
        booking = Booking(
            books,
            number,
            at_ms,
            f"clock/{books.calendar.day(at_ms)}",
            "clock",
            f"{kind} {about}".strip(),
            kind,
        )
        _KINDS[kind](booking, about)
        if booking.is_empty:
            continue
        booking.close("ok", "")
        log.info("seq=%d clock %s %s", number, kind, about)
    books.desk.find_soonest()


def begin(books: Books, at_ms: int) -> None:
    """At start: the turn of the day comes, and came if the box was off."""
    if not books.desk.has_timer(expiring.DAY, ""):
        books.desk.set_timer(expiring.DAY, "", at_ms)
