"""What an item scan stands for: which item, how many, of which lot; found in the code, the catalogue and the scene."""

from dataclasses import dataclass

from edge.domain.codes import Code, Gs1Code, ItemCode, Refused, SiteCode, SiteKind, eaches
from edge.domain.gs1 import Elements
from edge.domain.journal import Goods
from edge.domain.stations import Dialogue
from edge.engine.books import Books


class RefusedError(Exception):
    """A scan is refused: nothing was booked. `why` is from the closed list."""

    def __init__(self, why: str, reason: str) -> None:
        super().__init__(reason)
        self.why = why
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Scanned:
    """Goods in hand. `stated` says that the quantity was scanned or stands on a label, not just one carton."""

    goods: Goods
    qty: int
    stated: bool
    pack: int
    is_unknown: bool
    elements: Elements
    label: str = ""


_PLAIN = Elements()


def read_item(books: Books, code: Code, dialogue: Dialogue) -> Scanned:
    """Find out what was scanned. Raises RefusedError."""
    if isinstance(code, SiteCode) and code.kind is SiteKind.LABEL:
        return _labelled(books, code.value, dialogue)
    if isinstance(code, SiteCode):
        return _counted(books, code.value, 1, dialogue, _PLAIN, is_unknown=not books.store.by_sku(code.value))
    if isinstance(code, ItemCode):
        if code.listed is not None:
            return _counted(books, code.listed.sku, code.listed.pack, dialogue, _PLAIN)
        return _counted(books, code.gtin or code.code, 1, dialogue, _PLAIN, is_unknown=True)
    assert isinstance(code, Gs1Code)
    elements = code.elements
    if elements.label is not None and books.desk.label_named(elements.label) is not None:
        return _labelled(books, elements.label, dialogue)
    gtin = elements.gtin or elements.content
    if gtin is None:
        raise RefusedError("needs_item", "The code names no item: scan the item's own code.")
    listed = books.store.by_gtin(gtin)
    if listed is None:
        return _counted(books, gtin, 1, dialogue, elements, is_unknown=True)
    return _counted(books, listed.sku, listed.pack, dialogue, elements)


def _counted(
    books: Books, sku: str, pack: int, dialogue: Dialogue, elements: Elements, *, is_unknown: bool = False
) -> Scanned:
    if is_unknown and books.settings.items.unknown == "reject":
        raise RefusedError("unknown_item", f"{sku} is not in the catalogue.")
    if dialogue.quantity == 0:
        raise RefusedError("needs_quantity", "QTY 0 means nothing here: scan QTY from 1 to 999999.")
    qty = eaches(pack, elements, quantity=1 if dialogue.quantity is None else dialogue.quantity)
    if isinstance(qty, Refused):
        raise RefusedError(qty.why, qty.reason)
    goods = Goods(sku, elements.lot or dialogue.lot, elements.expiry or dialogue.expiry)
    counted = elements.count is not None or elements.variable_count is not None
    return Scanned(goods, qty, dialogue.quantity is not None or counted, pack, is_unknown, elements)


def _labelled(books: Books, label: str, dialogue: Dialogue) -> Scanned:
    found = books.desk.label_named(label)
    if found is None:
        raise RefusedError("unknown_label", f"Label {label} is none of this node's.")
    sku, lot, expiry, qty, _ = found
    qty = qty if dialogue.quantity is None else dialogue.quantity
    return Scanned(
        Goods(sku, lot, expiry), qty, stated=True, pack=1, is_unknown=False, elements=_PLAIN, label=label
    )
