"""Commands of central: applied once, answered always, the answer kept to be given again (contract section 6)."""

import json
from collections.abc import Sequence
from typing import assert_never

from edge.domain.requests import (
    AdjustStock,
    AmendOrder,
    AnnounceAsn,
    CancelAsn,
    CancelOrder,
    ClearException,
    CountStock,
    HoldOrder,
    PlaceOrder,
    PrioritiseOrder,
    RefusedEntry,
    ReplayEvents,
    ReprintLabel,
    ResumeOrder,
    ShipOrder,
    TakeSnapshot,
    UpsertCatalogue,
)
from edge.engine import exceptions, label_wishes
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.commands import (
    adjusting,
    amending,
    announcing,
    cancelling,
    cataloguing,
    counting,
    holding,
    ordering,
    syncing,
)
from edge.engine.commands.ordering import Extra
from edge.engine.refusals import CommandError
from edge.facts import Answer, CommandReceived, CommandRefused, Verdict
from edge.ledger.central import Refused
from edge.ledger.records import encode


def apply(books: Books, fact: CommandReceived, number: int, at_ms: int) -> Answer:
    """Apply a command, or find that it was or is not yet to be; its answer is in the outbox."""
    if (answered := _unapplied(books, fact, at_ms)) is not None:
        return answered
    db = books.store.db
    booking = Booking(
        books, number, at_ms, f"command/{fact.id}", fact.source, f"{fact.type} {fact.id}", kind=fact.type
    )
    db.execute("SAVEPOINT command")
    try:
        extra = _do(booking, fact)
        first, last = booking.close("ok", "")
        said: Extra = {"ok": True, **extra}
        if last >= first:
            said |= {"first_seq": first, "last_seq": last}
    except CommandError as error:
        db.execute("ROLLBACK TO command")
        books.records.load_tail()
        books.records.write_fact(
            number, at_ms, booking.cause, booking.source, booking.body, "refused", error.text
        )
        said = _refusal(error)
        if error.refused:
            said["refused"] = [_told(entry) for entry in error.refused]
    db.execute("RELEASE command")
    return _answer(books, fact, at_ms, said)


def refuse(books: Books, fact: CommandRefused, number: int, at_ms: int) -> Answer:
    """Keep what could not be read, with its reason, and answer it if it is a command and has an id."""
    error = CommandError(fact.code, fact.text, fact.at)
    if fact.is_retained:
        return _refuse_retained(books, fact, at_ms, error)
    if fact.topic == "cmd" and (answered := _unapplied(books, fact, at_ms)) is not None:
        return answered
    if not _can_be_answered(fact):
        # No row among the facts: they are for ever, and whoever cannot even name a command may send without end.
        _count(books, fact)
        return _say(books, fact, at_ms, _refusal(error))
    books.records.write_fact(
        number, at_ms, f"command/{fact.id}", fact.source, fact.head, "refused", fact.text
    )
    return _answer(books, fact, at_ms, _refusal(error))


def give_up(books: Books, fact: CommandReceived, number: int, at_ms: int, text: str) -> Answer:
    """Answer a command that a mistake of ours keeps from being applied; nothing of it was booked."""
    head = f"{fact.type} {fact.id}"
    books.records.write_fact(number, at_ms, f"command/{fact.id}", fact.source, head, "refused", text)
    return _answer(books, fact, at_ms, _refusal(CommandError("bad_value", text)))


def _unapplied(books: Books, fact: CommandReceived | CommandRefused, at_ms: int) -> Answer | None:
    """Answer a command that was answered before, or in front of which others of its source are missing."""
    known = books.central.command(fact.source, fact.id)
    if known is not None:
        stored, answer = known
        said: Extra = json.loads(answer)
        if stored != fact.digest:
            text = f"Command {fact.id} was sent before with other content: give it a new id."
            said = _named(fact, _refusal(CommandError("conflict", text)))
        _count(books, fact)
        return _say(books, fact, at_ms, said)
    expected = books.central.expected(fact.source)
    if fact.cmdseq in (None, expected):
        return None
    text = f"cmdseq must be {expected}, got {fact.cmdseq}: send the commands of this source again from there"
    said = _named(fact, _refusal(CommandError("gap", text, "cmdseq")))
    said["error"]["expected"] = expected
    # Not kept as the command's own answer: when what is missing has come, it comes again and is applied.
    return _say(books, fact, at_ms, said)


def _count(books: Books, fact: CommandReceived | CommandRefused) -> None:
    """A command that was answered counts, refused or not: else all behind it would be missing it for ever."""
    if fact.cmdseq is not None and fact.cmdseq == books.central.expected(fact.source):
        books.central.count(fact.source, fact.cmdseq)


def _refuse_retained(books: Books, fact: CommandRefused, at_ms: int, error: CommandError) -> Answer:
    """It comes at each connect, and is answered once. Not as the command of its id, which may still come rightly."""
    is_new = _keep(books, fact, at_ms, error)
    if is_new and fact.id and books.central.command(fact.source, fact.id) is None:
        _post(books, fact, _named(fact, _refusal(error)))
    return Answer(Verdict.REJECT, error.text, error.code)


def _answer(books: Books, fact: CommandReceived | CommandRefused, at_ms: int, said: Extra) -> Answer:
    """Answer a command once for all."""
    said = _named(fact, said)
    books.central.write_command(fact.source, fact.id, fact.digest, at_ms, encode(said))
    _count(books, fact)
    return _say(books, fact, at_ms, said)


def _say(books: Books, fact: CommandReceived | CommandRefused, at_ms: int, said: Extra) -> Answer:
    """Give an answer to whom it can be given; what is refused is kept to be looked at."""
    if _can_be_answered(fact):
        _post(books, fact, said)
    if said["ok"]:
        return Answer(Verdict.ACCEPT)
    error = CommandError(said["error"]["code"], said["error"]["text"], said["error"].get("at"))
    _keep(books, fact, at_ms, error)
    return Answer(Verdict.REJECT, error.text, error.code)


def _can_be_answered(fact: CommandReceived | CommandRefused) -> bool:
    return bool(fact.id) and (isinstance(fact, CommandReceived) or fact.topic == "cmd")


def _keep(books: Books, fact: CommandReceived | CommandRefused, at_ms: int, error: CommandError) -> bool:
    """Keep what was refused for people; whether it was new."""
    topic = "cmd" if isinstance(fact, CommandReceived) else fact.topic
    told = (error.code, error.text, error.at, fact.head, fact.size)
    return books.central.keep(Refused(topic, fact.source, fact.id, *told, at_ms))


def _post(books: Books, fact: CommandReceived | CommandRefused, said: Extra) -> None:
    reply = fact.reply_to
    topic, correlation = (reply.topic, reply.correlation) if reply else (None, None)
    books.central.write_answer(encode(said), topic, correlation)


def _named(fact: CommandReceived | CommandRefused, said: Extra) -> Extra:
    return {"id": fact.id, "source": fact.source, **said}


def _refusal(error: CommandError) -> Extra:
    return {"ok": False, "error": error.told()}


def _told(entry: RefusedEntry) -> dict[str, str]:
    return {"at": entry.at, "code": entry.code, "text": entry.text}


def _do(booking: Booking, fact: CommandReceived) -> Extra:
    match request := fact.request:
        case PlaceOrder():
            return ordering.place(booking, request)
        case AmendOrder():
            return amending.amend(booking, request)
        case PrioritiseOrder():
            return amending.prioritise(booking, request)
        case CancelOrder():
            return cancelling.cancel(booking, request)
        case HoldOrder():
            return holding.hold(booking, request)
        case ResumeOrder():
            return holding.resume(booking, request)
        case ShipOrder():
            return ordering.ship(booking, request)
        case UpsertCatalogue():
            return _some(cataloguing.upsert(booking, request))
        case AnnounceAsn():
            announcing.announce(booking, request)
        case CancelAsn():
            announcing.cancel(booking, request)
        case CountStock():
            return _some(counting.count(booking, request))
        case AdjustStock():
            return _some(adjusting.adjust(booking, request))
        case ClearException():
            exceptions.clear(booking, request.exception, request.reason)
        case ReprintLabel():
            label_wishes.reprint(booking, request.label)
        case ReplayEvents():
            syncing.replay(booking, fact.id, request)
        case TakeSnapshot():
            syncing.snapshot(booking, fact.id, request)
        case _:
            assert_never(request)
    return {}


def _some(refused: Sequence[RefusedEntry]) -> Extra:
    """The answer to a list of which these entries were refused and the others applied."""
    return {"refused": [_told(entry) for entry in refused]} if refused else {}
