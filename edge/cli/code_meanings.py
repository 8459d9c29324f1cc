"""What a code stands for at this node: its elements, its item, pallet, order or label, and what it does in each mode.

The code is read by the daemon's own reader, and its item by the engine's; what is told besides is looked up here.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from config.settings import Settings
from edge.cli.code_steps import because, passed, symbology
from edge.domain import stations
from edge.domain.codes import (
    Code,
    CodeReader,
    Gs1Code,
    ItemCode,
    NoCatalogue,
    Refused,
    SiteCode,
    SiteKind,
    eaches,
    visible,
)
from edge.domain.dialogue import Dialogue
from edge.domain.gs1 import iso_date, title
from edge.engine.books import Books
from edge.engine.refusals import RefusedError
from edge.engine.scans.items import own_label, read_item
from edge.ledger.questions import Questions


class _Asked(NamedTuple):
    """A code and where to look for what it names; `books` is None where there is no ledger."""

    code: Code
    settings: Settings
    books: Books | None
    today: str


def meaning(
    text: str, reader: CodeReader, settings: Settings, books: Books | None, *, today: str
) -> dict[str, Any]:
    """Tell all that is known of a scan, as facts for a script and as sentences for a person (`says`)."""
    reading = reader.explain(text, books.store if books else NoCatalogue(), today=today)
    asked = _Asked(reading.code, settings, books, today)
    try:
        item, refused = _item(asked), None
    except RefusedError as error:
        item, refused = None, {"why": error.why, "reason": error.reason}
    return {
        "code": visible(text),
        "symbol": reading.symbol,
        "symbology": symbology(reading.symbol) if reading.symbol else None,
        "step": reading.step.value,
        "because": because(reading, settings),
        "passed": passed(reading, has_catalogue=books is not None),
        "kind": _kind(reading.code),
        "value": reading.code.value if isinstance(reading.code, SiteCode) else None,
        "elements": list(_elements(asked)),
        "item": item,
        "refused": refused,
        "note": reading.code.note if isinstance(reading.code, Gs1Code) else "",
        "says": [f"Refused: {refused['reason']}"] if refused else list(_says(asked, item)),
        "modes": [] if refused else _modes(reading.code, item),
    }


def _kind(code: Code) -> str:
    match code:
        case Gs1Code():
            return "gs1"
        case ItemCode():
            return "item"
        case SiteCode():
            return code.kind.value
        case Refused():
            return "refused"


# -- the item --------------------------------------------------------------------------------------------------


def _item(asked: _Asked) -> dict[str, Any] | None:
    """What an item scan of it would stand for; None for a code of another kind. Raises RefusedError as a scan would."""
    code, books = asked.code, asked.books
    if isinstance(code, Refused):
        raise RefusedError(code.why, code.reason)
    if isinstance(code, SiteCode) and code.kind not in (SiteKind.SKU, SiteKind.LABEL):
        _refuse_everywhere(asked, code)
        return None
    elements = code.elements if isinstance(code, Gs1Code) else None
    if elements is not None and elements.sscc is not None and not (elements.gtin or elements.content):
        return None
    if books is None:
        return _item_by_itself(code)
    scanned = read_item(books, code, Dialogue(stations.RECEIVE))
    label = own_label(books, code)
    return {
        "sku": scanned.goods.sku,
        "name": books.store.item(scanned.goods.sku).name,
        "in_catalogue": books.store.by_sku(scanned.goods.sku),
        "pack": scanned.pack,
        "pieces": scanned.qty,
        "lot": scanned.goods.lot or None,
        "expiry": scanned.goods.expiry or None,
        "label": label.label if label else None,
        "order": scanned.order or None,
    }


def _item_by_itself(code: Code) -> dict[str, Any] | None:
    """The item as far as the code alone tells it: whose it is, and the pack, only the catalogue knows."""
    if isinstance(code, SiteCode):
        return None
    elements = code.elements if isinstance(code, Gs1Code) else None
    number = (elements.gtin or elements.content) if elements else None
    number = code.gtin or code.code if isinstance(code, ItemCode) else number
    if number is None and elements is not None and elements.label is not None:
        return None
    if number is None:
        raise RefusedError("needs_item", "The code names no item: scan the item's own code.")
    pieces = eaches(1, elements)
    if isinstance(pieces, Refused):
        raise RefusedError(pieces.why, pieces.reason)
    return {
        **{"sku": number, "name": "", "in_catalogue": None, "pack": None, "pieces": None},
        "lot": elements.lot if elements else None,
        "expiry": elements.expiry if elements else None,
        **{"label": None, "order": None},
    }


def _refuse_everywhere(asked: _Asked, code: SiteCode) -> None:
    """Refuse what no mode takes: a command there is not, an order nobody placed."""
    rules = [stations.rule_for(Dialogue(mode), code) for mode in stations.MODES]
    if all(isinstance(rule, Refused) for rule in rules) and isinstance(rules[0], Refused):
        raise RefusedError(rules[0].why, rules[0].reason)
    if (
        code.kind is SiteKind.ORDER
        and asked.books is not None
        and asked.books.orders.order(code.value) is None
    ):
        raise RefusedError("unknown_order", f"There is no order {code.value} here.")


# -- the elements ----------------------------------------------------------------------------------------------


def _elements(asked: _Asked) -> Iterator[dict[str, str]]:
    if isinstance(asked.code, Gs1Code):
        for ai, value in asked.code.elements.others:
            yield {
                "ai": ai,
                "title": title(ai),
                "value": value,
                "means": _means(asked, asked.code, ai, value),
            }


def _means(asked: _Asked, code: Gs1Code, ai: str, value: str) -> str:
    elements = code.elements
    if ai == "17" or (ai == "15" and not any(own == "17" for own, _ in elements.others)):
        return f"good to the end of {elements.expiry}"
    if ai in ("11", "13", "15"):
        return f"{iso_date(value, int(asked.today[:4]))}, kept with the scan"
    if ai in ("30", "37"):
        is_counted = (elements.content if ai == "37" else elements.gtin or elements.content) is not None
        return f"count {int(value)}" if is_counted else "kept with the scan"
    if ai == "91":
        is_ours = asked.books is not None and own_label(asked.books, code) is not None
        return "a label of this node" if is_ours else "no label of this node, kept with the scan"
    if ai[:2] in _MEASURES and len(ai) == 4:
        return "a measure, kept and never counted"
    return _USED.get(ai, "kept with the scan")


_MEASURES = ("31", "32", "33", "34", "35", "36")
_USED = {
    "00": "the pallet",
    "01": "the item",
    "02": "the item on the pallet",
    "10": "the lot",
    "21": "the serial: received once",
    "400": "the purchase order",
}


# -- in words --------------------------------------------------------------------------------------------------


def _says(asked: _Asked, item: dict[str, Any] | None) -> Iterator[str]:
    code, books = asked.code, asked.books
    if isinstance(code, SiteCode):
        yield _of_the_site(asked, code)
    if isinstance(code, Gs1Code) and code.elements.sscc is not None:
        yield _pallet(books, code.elements.sscc)
    if item is not None:
        yield from _of_the_item(item, asked.today)
    if books is None:
        yield "The catalogue is not known: there is no ledger yet, it is made when the daemon starts."
    if isinstance(code, Gs1Code) and code.note:
        yield f"Attention: {code.note}"


def _of_the_item(item: dict[str, Any], today: str) -> Iterator[str]:
    if item["label"] is not None:
        yield f"Label {item['label']} of this node" + (f", for {item['order']}." if item["order"] else ".")
    name = f", {item['name']}" if item["name"] else ""
    is_lacking = item["in_catalogue"] is False
    lacking = (
        ", which the catalogue lacks: taken under this number, and an exception asks for its master data"
    )
    yield f"Item {item['sku']}{name}{lacking if is_lacking else ''}."
    if item["pieces"] is not None:
        packed = f", in packs of {item['pack']}" if item["pack"] != 1 else ""
        yield f"{item['pieces']} piece{'' if item['pieces'] == 1 else 's'} a scan{packed}."
    if item["lot"]:
        yield f"Lot {item['lot']}."
    if item["expiry"]:
        is_over = item["expiry"] < today
        yield f"Good to the end of {item['expiry']}" + (": it is expired." if is_over else ".")


def _pallet(books: Books | None, sscc: str) -> str:
    if books is None:
        return f"Pallet {sscc}."
    ask = Questions(books.store.db)
    if held := ask.on_pallet(sscc):
        return f"Pallet {sscc}: {', '.join(f'{one.qty} {one.sku} at {one.account}' for one in held)}."
    if announced := ask.announced_on(sscc):
        goods = ", ".join(f"{one.qty} {one.sku}" for one in announced)
        return f"Pallet {sscc} is announced by {announced[0].asn}: {goods}."
    return f"Pallet {sscc} is not here, and nobody announced it."


def _of_the_site(asked: _Asked, code: SiteCode) -> str:
    told = f"{_NAMES[code.kind]} {code.value}"
    if code.kind is SiteKind.ORDER and asked.books is not None:
        order = asked.books.orders.order(code.value)
        assert order is not None, "it would have been refused"
        whose = f" of {order.customer}" if order.customer else ""
        return f"{told}{whose} is {order.status}, and {order.waiting or 'nothing'} of it waits."
    return f"{told}."


_NAMES = {
    SiteKind.LOCATION: "The place",
    SiteKind.ORDER: "The order",
    SiteKind.PURCHASE_ORDER: "The purchase order",
    SiteKind.SKU: "The item's own number",
    SiteKind.LABEL: "The label",
    SiteKind.OPERATOR: "The person",
    SiteKind.QUANTITY: "The quantity",
    SiteKind.DIGIT: "The digit",
    SiteKind.LOT: "The lot",
    SiteKind.EXPIRY: "The expiry",
    SiteKind.COMMAND: "The command",
}


def _modes(code: Code, item: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What it does in each mode, those that do the same together."""
    does: dict[str, list[str]] = {}
    for mode in stations.MODES:
        rule = stations.rule_for(Dialogue(mode), code)
        told = f"refused: {rule.reason}" if isinstance(rule, Refused) else rule.told
        if mode == stations.RECEIVE and item is not None and item["label"] is not None:
            told = "refused: the label is our own, and its goods are in the ledger already"
        does.setdefault(told, []).append(mode)
    return [{"modes": modes, "does": told} for told, modes in does.items()]
