"""`stock.adjust`: central corrects what is at a place by a difference (contract 4 and 6)."""

from typing import Any

from edge.domain import journal
from edge.domain.journal import Goods, Move
from edge.domain.requests import AdjustLine, AdjustStock, RefusedEntry
from edge.engine import evidence
from edge.engine.booking import Booking
from edge.engine.goods import by_lot, held
from edge.engine.refusals import CommandError


def adjust(booking: Booking, request: AdjustStock) -> list[RefusedEntry]:
    """Book each difference; returns the entries that were refused. Raises CommandError if none was good."""
    refused = list(request.refused)
    booking.kind = "adjusted"
    skus: dict[str, None] = {}
    for line in request.lines:
        # One after the other: a line may take what the one before it brought.
        if (problem := _problem(booking, request.location, line)) is None:
            _more(booking, request.location, line) if line.qty > 0 else _less(booking, request.location, line)
            skus[line.sku] = None
        else:
            refused.append(problem)
    if not skus:
        raise CommandError.of_all(refused)
    booking.serve(skus)
    return refused


def _problem(booking: Booking, place: str, line: AdjustLine) -> RefusedEntry | None:
    store = booking.books.store
    if booking.books.refuses(line.sku):
        return RefusedEntry(f"{line.at}.sku", "unknown_item", f"{line.sku} is not in the catalogue.")
    if line.qty > 0:
        return None
    here = held(store.goods_at(journal.location(place), line.sku, line.lot, line.expiry))
    if here < -line.qty:
        what = f"{line.sku} of lot {line.lot}" if line.lot else line.sku
        text = f"{place} has {here} {what}: {-line.qty} cannot be taken away."
        return RefusedEntry(f"{line.at}.qty", "out_of_range", text)
    return None


def _more(booking: Booking, place: str, line: AdjustLine) -> None:
    goods = Goods(line.sku, line.lot or "", line.expiry or "")
    move = Move(goods, line.qty, journal.ADJUSTMENT, journal.location(place), booking.at_ms)
    booking.move(move)
    _tell(booking, place, line, [move], line.qty)
    evidence.ask_for_data(booking, line.sku)


def _less(booking: Booking, place: str, line: AdjustLine) -> None:
    goods = booking.books.store.goods_at(journal.location(place), line.sku, line.lot, line.expiry)
    for group in by_lot(booking.take_away(goods, -line.qty, "adjusted")):
        moves = booking.move_all(group, journal.ADJUSTMENT)
        _tell(booking, place, line, moves, -sum(move.qty for move in moves))


def _tell(booking: Booking, place: str, line: AdjustLine, moves: list[Move], qty: int) -> None:
    goods = moves[0].goods
    data: dict[str, Any] = {
        **{"sku": goods.sku, "qty": qty, "lot": goods.lot or None, "expiry": goods.expiry or None},
        **{"location": place, "reason": "command", "note": line.reason},
        "moves": [move.told() for move in moves],
    }
    booking.tell_stock("stock.adjusted", goods.sku, data)
