"""Whether a label of ours still stands for goods, and where those go if it does not (contract 3, "Once")."""

import json

from edge.domain import journal
from edge.engine.books import Books
from edge.engine.refusals import RefusedError
from edge.ledger.labels import LabelRow


def voided(books: Books, found: LabelRow) -> RefusedError | None:
    """Why a label of ours stands for nothing any more: void, or spent; None where it does."""
    match found.standing:
        case "stands":
            return None
        case "spent":
            text = f"Label {found.label} was picked already: its goods are {found.order}'s."
            return RefusedError("duplicate", text)
    if found.is_void:
        return RefusedError("void_label", f"Label {found.label} is void: what it was printed for was undone.")
    text = f"Label {found.label} is void: {found.order} has no claim to it now. {_where_to(books, found)}"
    return RefusedError("void_label", text)


def _where_to(books: Books, found: LabelRow) -> str:
    """Where the goods of a void label go: to the order that has them now, else to where the item belongs."""
    sku, place = found.sku, str(json.loads(found.content)["fields"]["place"])
    here = books.store.goods_at(journal.location(place), sku, found.lot or None)
    promises = books.orders.promises_on(each.position for each in here)
    if promises:
        first = min(promises, key=lambda promise: promise.line.rank)
        return f"{sku} at {place} goes to {first.line.order} now."
    if here and (home := books.store.item(sku).home) is not None:
        return f"Put it away at {home}."
    return f"{sku} is at {', '.join(books.store.places_of(sku)[:3]) or 'no place here'}."
