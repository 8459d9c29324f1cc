"""Goods that came before their master data become the item's once the catalogue knows their code (contract 4)."""

from edge.domain import journal
from edge.domain.codes import gtin14
from edge.domain.journal import Goods, Move
from edge.domain.requests import CatalogueItem
from edge.engine.booking import Booking


def identify(booking: Booking, item: CatalogueItem) -> list[str]:
    """Turn stock that stands under the digits of one of the item's codes into the item's, times pack.

    Returns the SKUs of which there is more now.
    """
    store = booking.books.store
    for code in item.codes:
        old = gtin14(code.code) or code.code
        if old == item.sku or store.by_sku(old):
            continue
        places = [journal.location(place) for place in store.places_of(old)]
        stock = [each for place in places for each in store.goods_at(place, old)]
        for each, qty in booking.take_away(stock, sum(each.free for each in stock), "adjusted"):
            lot = (each.lot, each.expiry, each.pallet)
            moves = [
                Move(Goods(old, *lot), qty, each.account, journal.IDENTIFIED, each.since),
                Move(Goods(item.sku, *lot), qty * code.pack, journal.IDENTIFIED, each.account, each.since),
            ]
            for move in moves:
                booking.move(move)
            data = {"code": code.code, "sku": item.sku, "qty": qty * code.pack}
            booking.tell_stock("stock.identified", item.sku, {**data, "moves": [m.told() for m in moves]})
        booking.clear_exception("unknown_item", old, f"it is {item.sku}")
    return [item.sku] if booking.moves else []
