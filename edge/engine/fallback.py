"""Which printer prints for a station: its own, and the other of its two while one of them is lost for long.

A printer that is lost gets a timer; once that is over it is given over: what waits for it, and what is printed new,
goes to the station's other printer if that is ready. What is new goes to the own printer as soon as it is back; what
was left to the other comes out there. A job that may be on paper keeps its mark, and one whose bytes are on the way
stays: nothing is printed twice unmarked, and each printer has its jobs in the order booked.
"""

import logging

from edge.engine.booking import Booking
from edge.engine.books import Books

LOST = "printer_lost"
"""The timer of a printer that is lost and not yet given over."""

log = logging.getLogger(__name__)


def printer_at(books: Books, station: str = "") -> str | None:
    """The printer for what is printed now at a station, or ("") at none; None where there is none."""
    own, _ = _printers(books, station)
    return None if own is None else now(books, own, station)


def now(books: Books, printer: str, station: str) -> str:
    """Who prints what a printer should print for a station: itself, unless it is given over."""
    to = _other(books, printer, station)
    return to if to is not None and _is_given_over(books, printer) and _is_ready(books, to) else printer


def lost(books: Books, printer: str, at_ms: int) -> None:
    """A printer is lost, and was not before: from now on others may have to print for it."""
    if any(_other(books, printer, station) for station in _stations(books)):
        books.desk.set_timer(LOST, printer, at_ms + books.settings.labels.fallback_after_s * 1000)


def back(booking: Booking, printer: str) -> None:
    """A printer is ready: it prints for itself again, and for those that are given over."""
    books = booking.books
    books.desk.end_timer(LOST, printer)
    for other, _ in books.desk.lost_devices("printer"):
        if books.desk.timer(LOST, other) is None:
            _give_over(booking, other)


def time_is_up(booking: Booking, printer: str) -> None:
    """A printer was lost for as long as its labels wait for it."""
    if booking.books.desk.device_state("printer", printer) == "lost":
        _give_over(booking, printer)


def _give_over(booking: Booking, printer: str) -> None:
    books = booking.books
    others: dict[str, int] = {}
    for station in _stations(books):
        to = _other(books, printer, station)
        if to is not None and _is_ready(books, to):
            moved = books.labels.hand_over(printer, to, station)
            others[to] = others.get(to, 0) + moved
    if not others:
        return
    for to, moved in others.items():
        log.info("seq=%d printer=%s is lost: %d labels go to %s", booking.number, printer, moved, to)
    why = dict(books.desk.lost_devices("printer"))[printer]
    text = f"{why} Until it is back its labels come out of {' and '.join(sorted(others))}."
    if books.desk.open_text("printer", printer) != text:
        booking.raise_anew("printer", printer, text)


def _stations(books: Books) -> list[str]:
    """Every station, and at last none."""
    return [*(station.id for station in books.settings.stations), ""]


def _other(books: Books, printer: str, station: str) -> str | None:
    """The other of a station's two printers, if it has two and this is one of them."""
    own, second = _printers(books, station)
    return {own: second, second: own}.get(printer) if own and second else None


def _printers(books: Books, station: str) -> tuple[str | None, str | None]:
    """A station's own printer and its fallback; of what no station asked for the site's."""
    settings = books.settings
    if station:
        of = settings.station(station)
        return settings.printer_of(of), settings.fallback_of(of)
    # The site's own, else the one that serves all stations.
    serving = {settings.printer_of(each) for each in settings.stations}
    own = settings.labels.printer or (serving.pop() if len(serving) == 1 else None)
    second = settings.labels.fallback
    return own, None if second == own else second


def _is_given_over(books: Books, printer: str) -> bool:
    desk = books.desk
    return desk.device_state("printer", printer) == "lost" and desk.timer(LOST, printer) is None


def _is_ready(books: Books, printer: str) -> bool:
    return books.desk.device_state("printer", printer) == "ready"
