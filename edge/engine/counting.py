"""`stock.count`: what central counted at a place becomes what is there, of the items it lists (contract 4 and 6)."""

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.journal import Goods, Move
from edge.domain.requests import CountLine, CountStock, RefusedEntry
from edge.engine.booking import Booking
from edge.engine.refusals import CommandError
from edge.engine.wanted import held


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
        first = refused[0]
        raise CommandError(first.code, first.text, first.at, refused)
    booking.kind = "counted"
    for line in good:
        _settle(booking, request, line)
    booking.serve(dict.fromkeys(line.sku for line in good))
    return refused


def _check_as_of(booking: Booking, request: CountStock) -> None:
    records, as_of = booking.books.records, request.as_of
    if as_of is not None and as_of.epoch != records.epoch:
        raise CommandError(
            "stale", f"as_of is of epoch {as_of.epoch}; this ledger's is {records.epoch}.", "as_of.epoch"
        )
    if as_of is not None and as_of.seq > records.seq:
        raise CommandError(
            "out_of_range", f"as_of.seq is {as_of.seq}, the last event {records.seq}.", "as_of.seq"
        )


def _problem(booking: Booking, request: CountStock, line: CountLine) -> RefusedEntry | None:
    store, settings = booking.books.store, booking.books.settings
    if settings.items.unknown == "reject" and not store.by_sku(line.sku):
        return RefusedEntry(f"{line.at}.sku", "unknown_item", f"{line.sku} is not in the catalogue.")
    accounts = (journal.location(request.location), journal.missing(request.location))
    if request.as_of is None and not request.force and store.was_booked_at(line.sku, accounts):
        text = f"{line.sku} was booked at {request.location} since: send as_of, or force."
        return RefusedEntry(line.at, "stale", text)
    return None


def _settle(booking: Booking, request: CountStock, line: CountLine) -> None:
    store, account = booking.books.store, journal.location(request.location)
    goods = store.goods_at(account, line.sku, line.lot, line.expiry)
    expected = held(goods)
    counted = line.qty
    if request.as_of is not None:
        since = store.entry_before(request.as_of.seq)
        counted = max(0, counted + store.booked_since(account, line.sku, line.lot, since))
    moves = _less(booking, goods, expected - counted) if counted < expected else []
    if counted > expected:
        moves = _more(booking, request.location, line, goods, counted - expected)
    for move in moves:
        booking.move(move)
    data = {
        **{"location": request.location, "sku": line.sku, "lot": line.lot, "expected": expected},
        **{"counted": counted, "moves": [move.told() for move in moves]},
    }
    booking.tell_stock("stock.counted", line.sku, data)
    _write_off(booking, request.location, line)
    booking.clear_exception("count_needed", f"{request.location} {line.sku}", "it was counted")


def _less(booking: Booking, goods: list[Stock], qty: int) -> list[Move]:
    taken = booking.take_away(goods, qty, "count")
    return [Move(stock.goods, part, stock.account, journal.ADJUSTMENT, stock.since) for stock, part in taken]


def _more(booking: Booking, place: str, line: CountLine, goods: list[Stock], qty: int) -> list[Move]:
    """More is here than the ledger says: out of what is missing here first, then the rest to the last lot."""
    account, moves = journal.location(place), []
    for stock in booking.books.store.goods_at(journal.missing(place), line.sku, line.lot, line.expiry):
        if part := min(stock.free, qty):
            moves.append(Move(stock.goods, part, stock.account, account, stock.since))
            qty -= part
    if qty:
        last = Goods(line.sku, line.lot or "", line.expiry or "")
        if line.lot is None and goods:
            last = goods[-1].goods
        moves.append(Move(last, qty, journal.ADJUSTMENT, account, booking.at_ms))
    return moves


def _write_off(booking: Booking, place: str, line: CountLine) -> None:
    """A count closes what is missing of the item here."""
    for stock in booking.books.store.goods_at(journal.missing(place), line.sku, line.lot, line.expiry):
        move = Move(stock.goods, stock.free, stock.account, journal.ADJUSTMENT, stock.since)
        booking.move(move)
        data = {
            **{"sku": line.sku, "qty": -stock.free, "lot": stock.lot or None, "location": place},
            **{"reason": "written_off", "moves": [move.told()]},
        }
        booking.tell_stock("stock.adjusted", line.sku, data)
