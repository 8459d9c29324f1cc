"""What an item scan stands for: which item, how many, of which lot; found in the code, the catalogue and the scene."""

from dataclasses import dataclass
from typing import Any

from edge.domain.codes import Code, Gs1Code, ItemCode, Listed, Refused, SiteCode, SiteKind, eaches
from edge.domain.dialogue import Dialogue
from edge.domain.gs1 import Elements
from edge.domain.journal import Goods
from edge.domain.stations import COUNT, PICK
from edge.engine.books import Books
from edge.engine.own_labels import voided
from edge.engine.refusals import RefusedError
from edge.ledger.labels import LabelRow


@dataclass(frozen=True, slots=True)
class Scanned:
    """Goods in hand. `stated` says that the quantity was scanned or stands on a label, not just one carton.

    `label` is the label of ours that was scanned, if it was one.
    """

    goods: Goods
    qty: int
    stated: bool
    pack: int
    is_unknown: bool
    elements: Elements
    label: LabelRow | None = None

    @property
    def order(self) -> str:
        """The order that the label stands for, or empty."""
        return self.label.order if self.label is not None else ""

    @property
    def told(self) -> dict[str, Any]:
        """What an event says of how it was scanned: its serial, and pack and count."""
        count = self.qty // self.pack if self.qty % self.pack == 0 else self.qty
        return {"serial": self.elements.serial, "pack": self.pack, "count": count}


_PLAIN = Elements()


@dataclass(frozen=True, slots=True)
class Named:
    """The item that a code names, and how many are in it; `is_unknown` where the catalogue lacks it."""

    sku: str
    pack: int
    elements: Elements
    is_unknown: bool


def read_item(books: Books, code: Code, dialogue: Dialogue) -> Scanned:
    """Find out what was scanned. Raises RefusedError."""
    if dialogue.mode not in (COUNT, PICK):
        refuse_none(dialogue)
    if (label := own_label(books, code)) is not None:
        return _labelled(books, label, dialogue)
    item = named(books, code)
    return _counted(books, item.sku, item.pack, dialogue, item.elements, is_unknown=item.is_unknown)


def refuse_none(dialogue: Dialogue) -> None:
    """None of an item means nothing in most modes. Raises RefusedError."""
    if dialogue.quantity == 0:
        raise RefusedError("needs_quantity", "QTY 0 means nothing here: scan QTY from 1 to 999999.")


def named(books: Books, code: Code) -> Named:
    """Find the item of a code that is no label of ours. Raises RefusedError."""
    if isinstance(code, SiteCode) and code.kind is SiteKind.LABEL:
        raise RefusedError("unknown_label", f"Label {code.value} is none of this node's.")
    if isinstance(code, SiteCode):
        return Named(code.value, 1, _PLAIN, is_unknown=not books.store.by_sku(code.value))
    if isinstance(code, ItemCode):
        if code.listed is not None:
            return Named(code.listed.sku, code.listed.pack, _PLAIN, is_unknown=False)
        return Named(code.gtin or code.code, 1, _PLAIN, is_unknown=True)
    assert isinstance(code, Gs1Code)
    elements, gtin = code.elements, gtin_in(code)
    listed = books.store.by_gtin(gtin)
    if listed is None:
        return Named(gtin, 1, elements, is_unknown=True)
    return Named(listed.sku, listed.pack, elements, is_unknown=False)


def gtin_in(code: Gs1Code) -> str:
    """The GTIN of the item that a GS1 code names, 14 digits. Raises RefusedError."""
    gtin = code.elements.gtin or code.elements.content
    if gtin is None:
        text = f"The code names no item: scan the item's own code. {code.note}".rstrip()
        raise RefusedError("needs_item", text)
    return gtin


def own_label(books: Books, code: Code) -> LabelRow | None:
    """The label of this node that a code names, as `LBL:` or in AI 91; None if it names none."""
    named = code.value if isinstance(code, SiteCode) and code.kind is SiteKind.LABEL else None
    if isinstance(code, Gs1Code):
        named = code.elements.label
    return None if named is None else books.labels.named(named)


def _counted(
    books: Books, sku: str, pack: int, dialogue: Dialogue, elements: Elements, *, is_unknown: bool
) -> Scanned:
    if is_unknown and books.settings.items.unknown == "reject":
        raise RefusedError("unknown_item", f"{sku} is not in the catalogue.")
    goods = Goods(sku, elements.lot or dialogue.lot, elements.expiry or dialogue.expiry)
    if dialogue.quantity == 0:
        # None of it is here: that, too, is a finding.
        return Scanned(goods, 0, stated=True, pack=pack, is_unknown=is_unknown, elements=elements)
    qty = eaches(pack, elements, quantity=1 if dialogue.quantity is None else dialogue.quantity)
    if isinstance(qty, Refused):
        raise RefusedError(qty.why, qty.reason)
    counted = elements.count is not None or elements.variable_count is not None
    return Scanned(goods, qty, dialogue.quantity is not None or counted, pack, is_unknown, elements)


def _labelled(books: Books, found: LabelRow, dialogue: Dialogue) -> Scanned:
    if (refused := voided(books, found)) is not None:
        raise refused
    item, left = item_of(books, found), found.qty - found.spent
    return Scanned(
        Goods(item.sku, found.lot, found.expiry),
        left * item.pack if dialogue.quantity is None else dialogue.quantity,
        *(True, 1, False, _PLAIN),
        label=found,
    )


def item_of(books: Books, found: LabelRow) -> Listed:
    """The item of a label's goods: they may have been identified since it was printed."""
    listed = None
    if not books.store.by_sku(found.sku):
        listed = books.store.by_code(found.sku) or books.store.by_gtin(found.sku)
    return listed or Listed(found.sku, 1)
