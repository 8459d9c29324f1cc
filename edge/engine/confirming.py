"""What counts as delivered: rows that the broker took, events that central says it has (contract section 6).

An ack that cannot be moves nothing and is told to people, each different one once.
"""

import json

from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.facts import Answer, Delivered, EventsConfirmed, Verdict

KIND = "ack_mismatch"
OPEN_MOST = 20
"""Of such exceptions at once. Each is an event, which a central that is wrong acks wrongly again, without end."""

_DONE = Answer(Verdict.ACCEPT)


def delivered(books: Books, fact: Delivered) -> Answer:
    """The broker has rows of an outbox: they are not sent again, events where its word is enough."""
    is_central_asked = fact.outbox == "events" and books.is_confirmed_by_central
    books.desk.move_cursor("published" if is_central_asked else fact.outbox, fact.upto)
    if fact.outbox == "answers":
        books.central.forget_answers(fact.upto)
    elif fact.outbox == "asked":
        books.central.forget_asked(fact.upto)
    return _DONE


def confirm(books: Books, fact: EventsConfirmed, number: int, at_ms: int) -> Answer:
    """Central has events: they are not sent again. With confirm = "broker" its ack is only held against the books."""
    if fact.epoch != books.records.epoch and fact.epoch in _ancestors(books):
        return _DONE
    about = "/".join(str(part) for part in (fact.epoch, fact.seq, fact.hash) if part is not None)
    booking = Booking(books, number, at_ms, "device/central", "central", f"ack {about}")
    wrong = _wrong(books, fact)
    is_open = books.central.mismatches()
    if wrong:
        if len(is_open) < OPEN_MOST and not books.central.had_mismatch(about):
            booking.raise_exception(KIND, about, wrong)
            booking.close("ok", wrong)
        return Answer(Verdict.REJECT, wrong, KIND)
    for id_, told in is_open:
        booking.clear_by_id(id_, KIND, told, f"central confirmed event {fact.seq} rightly")
    if is_open:
        booking.close("ok", "")
    if books.is_confirmed_by_central:
        books.desk.move_cursor("events", fact.seq)
    return _DONE


def _wrong(books: Books, fact: EventsConfirmed) -> str:
    """Say what cannot be in an ack, or nothing. A hash that was archived cannot be compared."""
    records = books.records
    if fact.epoch != records.epoch:
        return (
            f"Central confirmed event {fact.seq} of epoch {fact.epoch}, which is not that of this ledger"
            f" ({records.epoch}) and none from which it descends: see that no other node has this one's name."
        )
    if fact.seq > records.seq:
        return (
            f"Central confirmed event {fact.seq}, the last one here is {records.seq}: see that no other node has"
            " this one's name, and that this ledger was put back by crossdock restore and not by hand."
        )
    ours = None if fact.hash is None else books.central.hash_at(fact.seq)
    if ours is not None and ours != fact.hash:
        return (
            f"Central has the hash {fact.hash} at event {fact.seq}, here it is {ours}: its events are not those of"
            " this ledger. See crossdock verify, then let central begin anew with a sync.snapshot."
        )
    return ""


def _ancestors(books: Books) -> list[str]:
    return list(json.loads(books.records.meta("ancestors") or "[]"))
