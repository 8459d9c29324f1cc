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
    if (label := own_label(books, code)) is not None:
        return _labelled(books, label, dialogue)
    if isinstance(code, SiteCode) and code.kind is SiteKind.LABEL:
        raise RefusedError("unknown_label", f"Label {code.value} is none of this node's.")
    if isinstance(code, SiteCode):
        return _counted(books, code.value, 1, dialogue, _PLAIN, is_unknown=not books.store.by_sku(code.value))
    if isinstance(code, ItemCode):
        if code.listed is not None:
            return _counted(books, code.listed.sku, code.listed.pack, dialogue, _PLAIN)
        return _counted(books, code.gtin or code.code, 1, dialogue, _PLAIN, is_unknown=True)
    assert isinstance(code, Gs1Code)
    elements = code.elements
    gtin = elements.gtin or elements.content
    if gtin is None:
        raise RefusedError("needs_item", "The code names no item: scan the item's own code.")
    listed = books.store.by_gtin(gtin)
    if listed is None:
        return _counted(books, gtin, 1, dialogue, elements, is_unknown=True)
    return _counted(books, listed.sku, listed.pack, dialogue, elements)


def own_label(books: Books, code: Code) -> str | None:
    """The label of this node that a code names, as `LBL:` or in AI 91; None if it names none."""
    named = code.value if isinstance(code, SiteCode) and code.kind is SiteKind.LABEL else None
    if isinstance(code, Gs1Code):
        named = code.elements.label
    return named if named is not None and books.desk.label_named(named) is not None else None


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
    assert found is not None
    sku, lot, expiry, qty, order = found
    if order and books.store.promised(order, sku, lot) < qty:
        where = ", ".join(books.store.places_of(sku)[:3]) or "nowhere here"
        raise RefusedError(
            "void_label", f"Label {label} is void: {order} has no claim to it now. {sku} is at {where}."
        )
    qty = qty if dialogue.quantity is None else dialogue.quantity
    return Scanned(
        Goods(sku, lot, expiry), qty, stated=True, pack=1, is_unknown=False, elements=_PLAIN, label=label
    )
