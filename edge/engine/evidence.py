"""A scan is evidence: goods seen beyond the ledger come out of what is missing there, then out of nowhere."""

import json
from typing import Any

from edge.domain import journal
from edge.domain.journal import Goods, Move
from edge.domain.picking import upto
from edge.engine.booking import Booking


def beyond(booking: Booking, goods: Goods, qty: int, place: str, target: str) -> list[Move]:
    """Book goods that the ledger does not have at a place to an account all the same; returns the moves.

    They come out of the place's `missing` first, of any lot where none was scanned; the rest out of `adjustment`,
    with an exception.
    """
    if qty <= 0:
        return []
    missing = journal.missing(place)
    known = booking.books.store.goods_at(missing, goods.sku, goods.lot or None, goods.expiry or None)
    free = [(stock, stock.free) for stock in known if goods.pallet in ("", stock.pallet)]
    moves = [Move(stock.goods, part, missing, target, stock.since) for stock, part in upto(qty, free)]
    if qty := qty - sum(move.qty for move in moves):
        moves.append(Move(goods, qty, journal.ADJUSTMENT, target, booking.at_ms))
        text = f"{qty} {goods.sku} seen at {place} that the ledger does not have there: count it."
        booking.raise_exception("contradiction", f"{place} {goods.sku}", text)
        ask_for_data(booking, goods.sku)
    for move in moves:
        booking.move(move)
    settle_missing(booking, place, goods.sku)
    return moves


def settle_missing(booking: Booking, place: str, sku: str) -> None:
    """Nothing of an item is missing at a place any more: it need not be counted for that."""
    if not booking.books.store.goods_at(journal.missing(place), sku):
        booking.clear_exception("count_needed", f"{place} {sku}", "nothing of it is missing there any more")


def ask_for_data(booking: Booking, sku: str) -> None:
    """Goods of an item that the catalogue lacks are taken in; an exception asks for its master data."""
    if not booking.books.store.by_sku(sku):
        text = f"{sku} is not in the catalogue: send its data."
        booking.raise_exception("unknown_item", sku, text)


def line_id(line: str) -> Any:
    """Central's own number or text of a line."""
    return json.loads(line)
