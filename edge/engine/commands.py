"""Commands of central: applied once, answered always, the answer kept to be given again (contract section 6)."""

import json
from collections.abc import Sequence
from typing import Any, assert_never

from edge.domain import allocation
from edge.domain.codes import gtin14
from edge.domain.requests import (
    AnnounceAsn,
    CancelOrder,
    CatalogueItem,
    CountStock,
    HoldOrder,
    PlaceOrder,
    RefusedEntry,
    Request,
    ResumeOrder,
    UpsertCatalogue,
)
from edge.engine import counting
from edge.engine.booking import EXPECTED, Booking
from edge.engine.books import Books
from edge.engine.identifying import identify
from edge.engine.refusals import CommandError
from edge.facts import Answer, CommandReceived, CommandRefused, ReplyTo, Verdict
from edge.ledger.records import encode

Extra = dict[str, Any]
"""What an answer says besides ok and its events."""


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
            return _place(booking, request)
        case CancelOrder():
            return _cancel(booking, request)
        case HoldOrder():
            return _hold(booking, request)
        case ResumeOrder():
            return _resume(booking, request)
        case UpsertCatalogue():
            return _upsert(booking, request)
        case AnnounceAsn():
            return _announce(booking, request)
        case CountStock():
            refused = counting.count(booking, request)
            return {"refused": [_told(entry) for entry in refused]} if refused else {}
        case _:
            assert_never(request)


def _place(booking: Booking, request: PlaceOrder) -> Extra:
    books = booking.books
    known = books.store.order(request.order)
    if known is not None:
        if known.content != request.content:
            raise CommandError("exists", f"Order {request.order} is here with other content.", "order")
        return {}
    unknown = [line for line in request.lines if not books.store.by_sku(line.sku)]
    if unknown and books.settings.items.unknown == "reject":
        at = f"lines[{request.lines.index(unknown[0])}].sku"
        raise CommandError("unknown_item", f"{unknown[0].sku} is not in the catalogue.", at)
    placed_at = booking.at_ms if request.placed_at_ms is None else request.placed_at_ms
    rank = allocation.rank(
        books.settings.allocation.order_by,
        request.order,
        {
            **{"express": int(request.express), "tier": request.tier},
            **{"promised_at": request.promised_at_ms, "placed_at": placed_at},
        },
    )
    lines = [(encode(x.line), x.sku, x.qty, allocation.line_rank(rank, x.line)) for x in request.lines]
    books.records.write_order(request, placed_at, rank, lines)
    booking.new_order(request.order)
    for line in unknown:
        text = f"Order {request.order} wants {line.sku}, which is not in the catalogue: send its data."
        booking.raise_exception("unknown_item", line.sku, text)
    booking.serve(dict.fromkeys(line.sku for line in request.lines))
    return {}


def _cancel(booking: Booking, request: CancelOrder) -> Extra:
    store = booking.books.store
    order = store.order(request.order)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {request.order}.", "order")
    booking.touch_order(order.id)
    lines = {line.line: (line, has) for line, has in store.all_lines(order.id)}
    wanted = list(lines) if request.lines is None else [encode(line) for line in request.lines]
    for n, name in enumerate(wanted):
        if name not in lines:
            raise CommandError("bad_value", f"Order {order.id} has no line {name}.", f"lines[{n}]")
    if all(lines[name][1]["shipped"] == lines[name][1]["ordered"] for name in wanted):
        raise CommandError("shipped", f"Order {order.id} is shipped: nothing is left to cancel.", "order")
    picked, freed = [], []
    for name in wanted:
        line, has = lines[name]
        for promise in store.promises_to(line.id):
            booking.release(promise, promise.qty, "cancelled")
        if waits := line.waiting + has["allocated"]:
            booking.cancel(line, waits)
        if has["allocated"]:
            freed.append(line.sku)
        if has["picked"]:
            picked.append({"line": json.loads(name), "sku": line.sku, "qty": has["picked"]})
            booking.raise_exception("restock", order.id, f"{has['picked']} {line.sku} picked for it go back.")
    is_over = all(
        has["cancelled"] + has["shipped"] + has["picked"] == has["ordered"]
        for _, has in store.all_lines(order.id)
    )
    if order.status != "cancelled":
        told = [json.loads(name) for name in wanted]
        booking.tell_order("order.cancelled", order.id, {"complete": is_over, "lines": told})
    if is_over:
        store.set_order(order.id, status="cancelled")
        for kind in ("unfulfillable", "on_hold"):
            booking.clear_exception(kind, order.id, "the order is cancelled")
    # The rest of an order that is served complete may be what is here, now that less is wanted.
    rest = [line.sku for line in store.lines_of(order.id)]
    booking.serve(dict.fromkeys([*freed, *rest]))
    return {"picked": picked} if picked else {}


def _hold(booking: Booking, request: HoldOrder) -> Extra:
    order = booking.books.store.order(request.order)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {request.order}.", "order")
    if order.status == "cancelled":
        raise CommandError("bad_value", f"Order {order.id} is cancelled: it cannot be held.", "order")
    if order.status == "open":
        booking.touch_order(order.id)
        booking.books.store.set_order(order.id, status="held", reason=request.reason)
        booking.tell_order("order.held", order.id, {"reason": request.reason})
        because = f": {request.reason}" if request.reason else ""
        booking.raise_exception("on_hold", order.id, f"Order {order.id} is on hold{because}.")
    return {}


def _resume(booking: Booking, request: ResumeOrder) -> Extra:
    store = booking.books.store
    order = store.order(request.order)
    if order is None:
        raise CommandError("unknown_order", f"There is no order {request.order}.", "order")
    if order.status == "held":
        booking.touch_order(order.id)
        store.set_order(order.id, status="open")
        booking.tell_order("order.resumed", order.id, {})
        booking.clear_exception("on_hold", order.id, "the order is resumed")
        booking.serve(dict.fromkeys(line.sku for line in store.lines_of(order.id)))
    return {}


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
        first = refused[0]
        raise CommandError(first.code, first.text, first.at, refused)
    for item in good:
        booking.clear_exception("unknown_item", item.sku, "the catalogue has it now")
    raised = [sku for item in good for sku in identify(booking, item)]
    booking.serve(dict.fromkeys(raised))
    return {"refused": [_told(entry) for entry in refused]} if refused else {}


def _code_taken(books: Books, item: CatalogueItem) -> RefusedEntry | None:
    for n, code in enumerate(item.codes):
        holder = books.records.code_holder(code.code, gtin14(code.code) or "")
        if holder is not None and holder != item.sku:
            text = f"{code.code} is a code of {holder} already."
            return RefusedEntry(f"{item.at}.codes[{n}].code", "code_taken", text)
    return None


def _write_item(booking: Booking, item: CatalogueItem) -> None:
    records = booking.books.records
    records.write_item(item)
    if "codes" in item.given:
        codes: Sequence[tuple[str, int, str]] = [
            (code.code, code.pack, gtin14(code.code) or "") for code in item.codes
        ]
        records.write_codes(item.sku, list({code[0]: code for code in codes}.values()))


def _announce(booking: Booking, request: AnnounceAsn) -> Extra:
    for sku, change in booking.books.records.write_asn(request).items():
        if change:
            booking.change_level(sku, EXPECTED, change)
    return {}
