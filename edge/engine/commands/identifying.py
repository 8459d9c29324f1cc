"""Goods that came before their master data become the item's once the catalogue knows their code (contract 4).

Wherever they stand: at places, in quarantine, or missing there. Who was promised them under the code's digits waits
again, since only central may say that the order meant the item; what was picked for it stays as it was picked.
"""

from edge.domain import journal
from edge.domain.allocation import Stock
from edge.domain.codes import gtin14
from edge.domain.journal import Goods, Move, kind_of, place_of
from edge.domain.requests import CatalogueItem, ItemCode
from edge.engine.booking import Booking

_TROUBLE = ("count_needed", "count_again", "contradiction", "damaged")
"""Kinds of exceptions about goods of an item at a place."""


def identify(booking: Booking, item: CatalogueItem) -> list[str]:
    """Turn stock that stands under the digits of one of the item's codes into the item's, times pack.

    Returns the SKUs of which there is more now.
    """
    store, before = booking.books.store, len(booking.moves)
    for code in item.codes:
        old = gtin14(code.code) or code.code
        if old == item.sku or store.by_sku(old):
            continue
        stock = store.goods_within(old)
        # All of it goes, and with it every promise on it.
        for each, qty in booking.take_away(stock, sum(each.here for each in stock), "adjusted"):
            _rename(booking, each, qty, item.sku, code)
        for place in dict.fromkeys(place_of(each.account) for each in stock):
            _hand_on(booking, place, old, item.sku)
        booking.books.desk.rename_begun(old, item.sku, code.pack)
        # Who ordered it under that number still waits for an item that nobody knows.
        if not booking.waiting_for(old):
            booking.clear_exception("unknown_item", old, f"it is {item.sku}")
    came = (move for move in booking.moves[before:] if kind_of(move.target) == "location")
    return list(dict.fromkeys(move.goods.sku for move in came))


def _rename(booking: Booking, stock: Stock, qty: int, sku: str, code: ItemCode) -> None:
    goods = Goods(sku, stock.lot, stock.expiry, stock.pallet)
    moves = [
        Move(stock.goods, qty, stock.account, journal.IDENTIFIED, stock.since),
        Move(goods, qty * code.pack, journal.IDENTIFIED, stock.account, stock.since),
    ]
    for move in moves:
        booking.move(move)
    data = {"code": code.code, "sku": sku, "qty": qty * code.pack, "moves": [move.told() for move in moves]}
    booking.tell_stock("stock.identified", sku, data)


def _hand_on(booking: Booking, place: str, old: str, sku: str) -> None:
    """What somebody has to see to at a place is about the item from now on."""
    for kind in _TROUBLE:
        about = f"{place} {old}"
        if booking.books.desk.open_exception(kind, about) is not None:
            booking.clear_exception(kind, about, f"it is {sku}")
            text = f"{sku} at {place}, known as {old} until now: see to it, and count it."
            booking.raise_exception(kind, f"{place} {sku}", text)
