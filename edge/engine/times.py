"""What the clock brings: each timer that is due is a booking of its own, before the next fact (contract 3 and 4)."""

import logging
import sqlite3
from collections.abc import Callable, Mapping

from edge.engine import announced, expiring, fallback, leaving
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.commands import holding, lateness

log = logging.getLogger(__name__)

Due = Callable[[Booking, str], None]
"""What a timer does; it is told what the timer is about."""

_KINDS: Mapping[str, Due] = {
    leaving.MOVED: lambda booking, about: leaving.time_is_up(booking, leaving.MOVED, about),
    leaving.COUNTED: lambda booking, about: leaving.time_is_up(booking, leaving.COUNTED, about),
    announced.OVERDUE: announced.overdue,
    holding.HELD_UNTIL: holding.hold_is_over,
    lateness.LATE: lateness.late,
    expiring.DAY: expiring.turn_of_the_day,
    fallback.LOST: fallback.time_is_up,
}


AGAIN_MS = 3_600_000
"""When something that is due and could not be done is tried again."""


def catch_up(books: Books, at_ms: int) -> None:
    """Book all that is due by now, the earliest first. Runs in the open transaction.

    A mistake of ours in one of them must stop neither the others nor the scan that comes next.
    """
    for kind, about in books.desk.due(at_ms):
        try:
            with books.store.attempt():
                _book(books, kind, about, at_ms)
        except sqlite3.OperationalError:
            raise
        except Exception:
            log.exception("what was due could not be booked: %s %s", kind, about)
            books.records.load_tail()
            books.desk.set_timer(kind, about, at_ms + AGAIN_MS)
    books.desk.find_soonest()


def _book(books: Books, kind: str, about: str, at_ms: int) -> None:
    books.desk.end_timer(kind, about)
    number, day = books.records.fact + 1, books.calendar.day(at_ms)
    body = f"{kind} {about}".strip()
    booking = Booking(books, number, at_ms, f"clock/{day}", source="clock", body=body, kind=kind)
    _KINDS[kind](booking, about)
    if not booking.is_empty:
        booking.close("ok", "")
        log.info("seq=%d clock %s", number, body)


def begin(books: Books) -> None:
    """At start: the turn of the day comes, and in a new ledger it is due with the first fact."""
    if books.desk.timer(expiring.DAY, "") is None:
        books.desk.set_timer(expiring.DAY, "", 0)
