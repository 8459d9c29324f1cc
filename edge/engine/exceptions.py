"""Exceptions that a person clears, through central (`exception.clear`) or at the command line: one rule for both."""

from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.refusals import CommandError
from edge.facts import Answer, ExceptionCleared, Verdict


def clear(booking: Booking, id: str, reason: str) -> str:
    """Clear an exception and say so; one that was cleared before stays as it is. Raises CommandError."""
    known = booking.books.desk.exception(id)
    if known is None:
        raise CommandError("unknown_exception", f"There is no exception {id}.", "exception")
    if not known.is_open:
        return f"{id} was cleared before."
    booking.clear_by_id(id, known.kind, known.about, reason)
    return f"{id} ({known.kind} {known.about}) is cleared."


def cleared(books: Books, fact: ExceptionCleared, number: int, at_ms: int) -> Answer:
    """Book what a person did at the command line. There is no answer to central: it hears the event."""
    body = f"exception.clear {fact.exception}"
    booking = Booking(books, number, at_ms, f"command/{fact.by}", "cli", body, kind="exception.clear")
    try:
        text = clear(booking, fact.exception, fact.reason)
    except CommandError as error:
        # Refused before anything was written: there is nothing to take back.
        return Answer(Verdict.REJECT, error.text, error.code)
    if not booking.is_empty:
        booking.close("ok", text)
    return Answer(Verdict.ACCEPT, text)
