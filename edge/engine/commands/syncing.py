"""What central asks to be told beside events: those of before once more, and what stands in the ledger now."""

from edge.domain.requests import ReplayEvents, TakeSnapshot
from edge.engine.booking import Booking
from edge.engine.refusals import CommandError

OPEN_MOST = 16
"""Replays and snapshots that may wait at once; each can be the whole ledger on the wire."""


def replay(booking: Booking, id: str, request: ReplayEvents) -> None:
    """Have events published again, as they were. Raises CommandError."""
    first, last = booking.books.central.first_seq, booking.books.records.seq
    if request.from_seq > request.to_seq:
        text = f"from_seq must not be above to_seq, got {request.from_seq} and {request.to_seq}"
        raise CommandError("out_of_range", text, "from_seq")
    if request.to_seq > last:
        text = f"to_seq must be an event of this ledger, whose last one is {last}, got {request.to_seq}"
        raise CommandError("out_of_range", text, "to_seq")
    if request.from_seq < first:
        text = f"from_seq must be an event that is still here, the first of which is {first}, got {request.from_seq}"
        raise CommandError("out_of_range", text, "from_seq")
    _refuse_too_many(booking)
    booking.books.central.ask_replay(id, request.from_seq, request.to_seq)


def snapshot(booking: Booking, id: str, request: TakeSnapshot) -> None:
    """Have what stands in the ledger published under the command's id. Raises CommandError."""
    _refuse_too_many(booking)
    booking.books.central.ask_snapshot(id, request.scopes)


def _refuse_too_many(booking: Booking) -> None:
    if booking.books.central.asked >= OPEN_MOST:
        text = f"{OPEN_MOST} replays and snapshots wait already: ask again, by a new id, once some have come"
        raise CommandError("out_of_range", text)
