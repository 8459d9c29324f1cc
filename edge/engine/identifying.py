"""Goods that came before their master data become the item's once the catalogue knows their code (contract 4).

Wherever they stand: at places, in quarantine, or missing there. Who was promised them under the code's digits waits
again, since only central may say that the order meant the item; what was picked for it stays as it was picked.
"""

from collections.abc import Iterable

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.codes import gtin14
from edge.domain.journal import Goods, Move, place_of
from edge.domain.requests import ItemCode
from edge.engine.booking import Booking
from edge.ledger.desk import BegunRow
from edge.ledger.store import Store

_TROUBLE = ("count_needed", "count_again", "contradiction", "damaged")
"""Kinds of exceptions about goods of an item at a place."""


def identify(booking: Booking, sku: str, codes: Iterable[ItemCode]) -> list[tuple[int, int]]:
    """Turn stock that stands under the digits of one of an item's codes into the item's, times pack.

    Returns the positions of the item that it came to, each with how many it was before.
    """
    desk, came = booking.books.desk, []
    for code in codes:
        old, stock = unknown_under(booking.books.store, sku, code.code)
        if not old:
            continue
        # All of it goes, and with it every promise on it.
        for each, qty in booking.take_away(stock, sum(each.here for each in stock), "adjusted"):
            came.append((_rename(booking, each, qty, sku, code), qty))
        for place in dict.fromkeys(place_of(each.account) for each in stock):
            _hand_on(booking, place, old, sku)
        for row in desk.begun_of(old):
            booking.undo.begun.append(row)
            desk.change_begun(BegunRow(*row[:3], sku, row.qty * code.pack))
        # Who ordered it under that number still waits for an item that nobody knows.
        if not booking.waiting_for(old):
            booking.clear_exception("unknown_item", old, f"it is {sku}")
    return came


def unknown_under(store: Store, sku: str, code: str) -> tuple[str, list[Stock]]:
    """The number under which goods with a code of this item stand while nobody knows it, and the goods.

    Empty where the number is an item that the catalogue has.
    """
    old = gtin14(code) or code
    return ("", []) if old == sku or store.by_sku(old) else (old, store.goods_within(old))


def _rename(booking: Booking, stock: Stock, qty: int, sku: str, code: ItemCode) -> int:
    goods = Goods(sku, stock.lot, stock.expiry, stock.pallet)
    moves = [
        Move(stock.goods, qty, stock.account, journal.IDENTIFIED, stock.since),
        Move(goods, qty * code.pack, journal.IDENTIFIED, stock.account, stock.since),
    ]
    position = [booking.move(move) for move in moves][-1]
    tell(booking, code, sku, qty * code.pack, moves)
    return position


def tell(booking: Booking, code: ItemCode, sku: str, qty: int, moves: Iterable[Move]) -> None:
    """Tell what goods with a code are: so many of the item by now, by these moves."""
    data = {"code": code.code, "sku": sku, "qty": qty, "moves": [move.told() for move in moves]}
    booking.tell_stock("stock.identified", sku, data)


def _hand_on(booking: Booking, place: str, old: str, sku: str) -> None:
    """What somebody has to see to at a place is about the item from now on."""
    for kind in _TROUBLE:
        about = f"{place} {old}"
        if booking.books.desk.open_exception(kind, about) is not None:
            booking.clear_exception(kind, about, f"it is {sku}")
            text = f"{sku} at {place}, known as {old} until now: see to it, and count it."
            booking.raise_exception(kind, f"{place} {sku}", text)
