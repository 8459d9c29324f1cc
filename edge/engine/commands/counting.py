"""`stock.count`: what central counted at a place becomes what is there, of the items it lists (contract 4 and 6)."""

from collections.abc import Sequence

from edge.domain import journal
from edge.domain.journal import Goods
from edge.domain.requests import CountLine, CountStock, RefusedEntry
from edge.engine.booking import Booking
from edge.engine.refusals import CommandError
from edge.engine.settling import Counted, Settlement
from edge.ledger.store import Booked


def count(booking: Booking, request: CountStock) -> list[RefusedEntry]:
    """Settle each item; returns the entries that were refused. Raises CommandError if none was good."""
    refused = list(request.refused)
    good: list[CountLine] = []
    _check_as_of(booking, request)
    for line in request.lines:
        if (problem := _problem(booking, request, line)) is None:
            good.append(line)
        else:
            refused.append(problem)
    if not good:
        raise CommandError.of_all(refused)
    booking.kind = "counted"
    since = _booked_since(booking, request)
    lines: dict[str, list[CountLine]] = {}
    for line in good:
        lines.setdefault(line.sku, []).append(line)
    settlement = Settlement(booking, request.location)
    for sku, of_it in lines.items():
        settlement.settle(sku, [_counted(line, since.get(sku, ())) for line in of_it])
    booking.serve(lines)
    return refused


def _check_as_of(booking: Booking, request: CountStock) -> None:
    records, as_of = booking.books.records, request.as_of
    if as_of is None:
        return
    if as_of.epoch != records.epoch:
        text = f"as_of is of epoch {as_of.epoch}; this ledger's is {records.epoch}."
        raise CommandError("stale", text, "as_of.epoch")
    if as_of.seq > records.seq:
        text = f"as_of.seq is {as_of.seq}, the last event {records.seq}."
        raise CommandError("out_of_range", text, "as_of.seq")
    is_cut = records.meta("archived_epoch") == records.epoch
    if is_cut and as_of.seq < (first := booking.books.desk.cursor("archived_seq")):
        text = f"as_of.seq is {as_of.seq}; what was booked before event {first + 1} is archived: count again."
        raise CommandError("stale", text, "as_of.seq")


def _problem(booking: Booking, request: CountStock, line: CountLine) -> RefusedEntry | None:
    store = booking.books.store
    if booking.books.refuses(line.sku):
        return RefusedEntry(f"{line.at}.sku", "unknown_item", f"{line.sku} is not in the catalogue.")
    accounts = (journal.location(request.location), journal.missing(request.location))
    if request.as_of is None and not request.force and store.was_booked_at(line.sku, accounts):
        text = f"{line.sku} was booked at {request.location} since: send as_of, or force."
        return RefusedEntry(line.at, "stale", text)
    return None


def _booked_since(booking: Booking, request: CountStock) -> dict[str, list[Booked]]:
    """What was booked there after the items were counted, by item."""
    if request.as_of is None:
        return {}
    store = booking.books.store
    since: dict[str, list[Booked]] = {}
    entry = store.entry_before(request.as_of.seq)
    for booked in store.booked_since(journal.location(request.location), entry):
        since.setdefault(booked.sku, []).append(booked)
    return since


def _counted(line: CountLine, since: Sequence[Booked]) -> Counted:
    more = sum(
        booked.qty
        for booked in since
        if line.lot in (None, booked.lot) and line.expiry in (None, booked.expiry)
    )
    unknown = Goods(line.sku, line.lot or "", line.expiry or "")
    return Counted(max(0, line.qty + more), unknown, line.lot, line.expiry)
