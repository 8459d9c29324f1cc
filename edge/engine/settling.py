"""What was counted of an item at a place becomes what is there: the one rule of COUNT and `stock.count` (contract 4).

Who may count when, and what was booked meanwhile, is `counting`'s and `counting_scans`'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.journal import Goods, Move
from edge.domain.picking import upto
from edge.engine import evidence
from edge.engine.booking import Booking
from edge.engine.goods import held


@dataclass(frozen=True, slots=True)
class Counted:
    """So many eaches of an item: of one lot, or of all its lots together where `lot` is None.

    `expiry` narrows it to one expiry, where that was said. `unknown` is what more goods than the ledger has of it
    are, where it has none to go by. Pallets in `seen` were scanned: what is not there is not theirs first.
    """

    qty: int
    unknown: Goods
    lot: str | None = None
    expiry: str | None = None
    seen: frozenset[str] = frozenset()


class Settlement:
    """One count of a place, being settled item by item. The caller serves who waits.

    `by` says who counted, for a count by scans: goods beyond the ledger that somebody saw are a contradiction.
    """

    def __init__(self, booking: Booking, place: str, by: Mapping[str, Any] | None = None) -> None:
        self._booking = booking
        self._place = place
        self._by = by
        # Of hundreds of items few are missing or have an exception: found at once, not item by item.
        self._missing = set(booking.books.store.skus_at(journal.missing(place)))
        self._open = booking.books.desk.open_at(place)

    def settle(self, sku: str, counted: Sequence[Counted]) -> bool:
        """Settle an item; each part of `counted` is another lot. Tells whether the ledger had it otherwise."""
        booking, place, before = self._booking, self._place, len(self._booking.moves)
        beyond = sum(_settle(booking, place, sku, each, self._by or {}) for each in counted)
        if sku in self._missing:
            _write_off(booking, place, sku)
        if any(each.qty for each in counted):
            evidence.ask_for_data(booking, sku)
        self._clear("count_needed", sku, "it was counted")
        self._clear("count_again", sku, "it was counted again")
        if beyond and self._by is not None:
            text = f"{beyond} {sku} counted at {place} that the ledger did not have there."
            booking.raise_exception("contradiction", f"{place} {sku}", text)
        else:
            self._clear("contradiction", sku, "it was counted")
        self._note(sku)
        return len(booking.moves) > before

    def _clear(self, kind: str, sku: str, reason: str) -> None:
        about = f"{self._place} {sku}"
        if (kind, about) in self._open:
            self._booking.clear_exception(kind, about, reason)

    def _note(self, sku: str) -> None:
        """What was booked there before is settled: it cannot be taken back any more."""
        booking, store, account = self._booking, self._booking.books.store, journal.location(self._place)
        booking.undo.counts.append((sku, account, store.last_count(sku, account)))
        store.write_count(sku, account, booking.number)


def _settle(booking: Booking, place: str, sku: str, counted: Counted, by: Mapping[str, Any]) -> int:
    """Settle one lot, or all of them together; tells how many came out of nowhere."""
    goods = booking.books.store.goods_at(journal.location(place), sku, counted.lot, counted.expiry)
    expected = held(goods)
    if counted.qty < expected:
        moves = _less(booking, goods, expected - counted.qty, counted.seen)
    else:
        moves = _more(booking, place, counted, goods, counted.qty - expected)
    for move in moves:
        booking.move(move)
    data = {
        **{"location": place, "sku": sku, "lot": counted.lot, "expected": expected, "counted": counted.qty},
        **{**by, "moves": [move.told() for move in moves]},
    }
    booking.tell_stock("stock.counted", sku, data)
    return sum(move.qty for move in moves if move.source == journal.ADJUSTMENT)


def _less(booking: Booking, goods: list[Stock], qty: int, seen: frozenset[str]) -> list[Move]:
    if seen:
        goods = sorted(goods, key=lambda stock: stock.pallet in seen)
    taken = booking.take_away(goods, qty, "count")
    return [Move(stock.goods, part, stock.account, journal.ADJUSTMENT, stock.since) for stock, part in taken]


def _more(booking: Booking, place: str, counted: Counted, goods: list[Stock], qty: int) -> list[Move]:
    """More is here than the ledger says: out of what is missing here first, then the rest to the last lot."""
    account, missing = journal.location(place), journal.missing(place)
    moves: list[Move] = []
    known = booking.books.store.goods_at(missing, counted.unknown.sku, counted.lot, counted.expiry)
    for stock, part in upto(qty, [(stock, stock.free) for stock in known]):
        moves.append(Move(stock.goods, part, missing, account, stock.since))
    qty -= sum(move.qty for move in moves)
    if qty:
        # What nobody knew of was on no pallet that anybody knows.
        last = replace((goods or known)[-1].goods, pallet="") if goods or known else counted.unknown
        moves.append(Move(last, qty, journal.ADJUSTMENT, account, booking.at_ms))
    return moves


def _write_off(booking: Booking, place: str, sku: str) -> None:
    """A count closes what is missing of the item here."""
    for stock in booking.books.store.goods_at(journal.missing(place), sku):
        move = Move(stock.goods, stock.free, stock.account, journal.ADJUSTMENT, stock.since)
        booking.move(move)
        data = {
            **{"sku": sku, "qty": -stock.free, "lot": stock.lot or None, "location": place},
            **{"reason": "written_off", "moves": [move.told()]},
        }
        booking.tell_stock("stock.adjusted", sku, data)
