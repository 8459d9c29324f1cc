"""Commands of central: applied once, answered always, the answer kept to be given again (contract section 6)."""

from collections.abc import Sequence
from typing import assert_never

from edge.domain.codes import gtin14
from edge.domain.requests import (
    AdjustStock,
    AmendOrder,
    AnnounceAsn,
    CancelAsn,
    CancelOrder,
    CatalogueItem,
    ClearException,
    CountStock,
    HoldOrder,
    PlaceOrder,
    PrioritiseOrder,
    RefusedEntry,
    ReprintLabel,
    Request,
    ResumeOrder,
    ShipOrder,
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
    counting,
    holding,
    ordering,
)
from edge.engine.commands.ordering import Extra
from edge.engine.identifying import identify
from edge.engine.refusals import CommandError
from edge.facts import Answer, CommandReceived, CommandRefused, ReplyTo, Verdict
from edge.ledger.records import encode


def apply(books: Books, fact: CommandReceived, number: int, at_ms: int) -> Answer:
    """Apply a command, or find that it was; its answer is in the outbox."""
    known = books.desk.command(fact.source, fact.id)
    if known is not None:
        return _again(books, fact.source, fact.id, fact.digest, known, fact.reply_to)
    db = books.store.db
    booking = Booking(
        books, number, at_ms, f"command/{fact.id}", fact.source, f"{fact.type} {fact.id}", kind=fact.type
    )
    db.execute("SAVEPOINT command")
    try:
        extra = _do(booking, fact.request)
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
        said = {"ok": False, "error": error.told()}
        if error.refused:
            said["refused"] = [_told(entry) for entry in error.refused]
    db.execute("RELEASE command")
    return _answer(books, fact, at_ms, said)


def refuse(books: Books, fact: CommandRefused, number: int, at_ms: int) -> Answer:
    """Keep a command that could not be read, with its reason, and answer it if it has an id."""
    if fact.id:
        known = books.desk.command(fact.source, fact.id)
        if known is not None:
            return _again(books, fact.source, fact.id, fact.digest, known, fact.reply_to)
    cause = f"command/{fact.id or '-'}"
    books.records.write_fact(number, at_ms, cause, fact.source, fact.head, "refused", fact.text)
    if not fact.id:
        return Answer(Verdict.REJECT, fact.text, fact.code)
    return _answer(
        books, fact, at_ms, {"ok": False, "error": CommandError(fact.code, fact.text, fact.at).told()}
    )


def give_up(books: Books, fact: CommandReceived, number: int, at_ms: int, text: str) -> Answer:
    """Answer a command that a mistake of ours keeps from being applied; nothing of it was booked."""
    head = f"{fact.type} {fact.id}"
    books.records.write_fact(number, at_ms, f"command/{fact.id}", fact.source, head, "refused", text)
    return _answer(books, fact, at_ms, {"ok": False, "error": CommandError("bad_value", text).told()})


def _again(
    books: Books, source: str, id_: str, digest: str, known: tuple[str, str], reply_to: ReplyTo | None
) -> Answer:
    stored, said = known
    if stored != digest:
        text = f"Command {id_} was sent before with other content: give it a new id."
        error = {"ok": False, "error": {"code": "conflict", "text": text}}
        said = encode({"id": id_, "source": source, **error})
    _post(books, said, reply_to)
    return Answer(Verdict.ACCEPT)


def _answer(books: Books, fact: CommandReceived | CommandRefused, at_ms: int, said: Extra) -> Answer:
    text = encode({"id": fact.id, "source": fact.source, **said})
    books.desk.write_command(fact.source, fact.id, fact.digest, at_ms, text)
    _post(books, text, fact.reply_to)
    error = said.get("error", {})
    return Answer(Verdict.ACCEPT if said["ok"] else Verdict.REJECT, error.get("text", ""), error.get("code"))


def _post(books: Books, said: str, reply_to: ReplyTo | None) -> None:
    topic, correlation = (reply_to.topic, reply_to.correlation) if reply_to else (None, None)
    books.desk.write_answer(said, topic, correlation)


def _told(entry: RefusedEntry) -> dict[str, str]:
    return {"at": entry.at, "code": entry.code, "text": entry.text}


def _do(booking: Booking, request: Request) -> Extra:
    match request:
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
            return _upsert(booking, request)
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
        case _:
            assert_never(request)
    return {}


def _some(refused: Sequence[RefusedEntry]) -> Extra:
    """The answer to a list of which these entries were refused and the others applied."""
    return {"refused": [_told(entry) for entry in refused]} if refused else {}


def _upsert(booking: Booking, request: UpsertCatalogue) -> Extra:
    refused = list(request.refused)
    good: list[CatalogueItem] = []
    for item in request.items:
        if (problem := _code_taken(booking.books, item)) is None:
            _write_item(booking, item)
            good.append(item)
        else:
            refused.append(problem)
    if not good:
        raise CommandError.of_all(refused)
    for item in good:
        booking.clear_exception("unknown_item", item.sku, "the catalogue has it now")
    booking.serve([item.sku for item in good if identify(booking, item.sku, item.codes)])
    return _some(refused)


def _code_taken(books: Books, item: CatalogueItem) -> RefusedEntry | None:
    for n, code in enumerate(item.codes):
        known = books.records.code_listed(code.code, gtin14(code.code) or "")
        if known is not None and known.sku != item.sku:
            text = f"{code.code} is a code of {known.sku} already."
            return RefusedEntry(f"{item.at}.codes[{n}].code", "code_taken", text)
    return None


def _write_item(booking: Booking, item: CatalogueItem) -> None:
    records = booking.books.records
    records.write_item(item)
    if "low_stock" in item.given:
        threshold, available = records.low_stock(item.sku) or (0, 0)
        if max(0, available) >= threshold:
            booking.clear_exception("low_stock", item.sku, "its threshold is another one")
    if "codes" in item.given:
        codes: Sequence[tuple[str, int, str]] = [
            (code.code, code.pack, gtin14(code.code) or "") for code in item.codes
        ]
        records.write_codes(item.sku, list({code[0]: code for code in codes}.values()))
