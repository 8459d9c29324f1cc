"""INFO tells a person in words what the books say and changes nothing; REPRINT has the last label printed again."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from edge.domain import journal
from edge.domain.allocation import WaitingLine
from edge.domain.codes import Code, SiteCode, SiteKind
from edge.domain.journal import kind_of, place_of
from edge.engine import printing
from edge.engine.own_labels import voided
from edge.engine.refusals import RefusedError
from edge.engine.scans.items import named, own_label
from edge.engine.scans.scenes import order_named
from edge.engine.scans.wanted import pallet_of
from edge.engine.scene import Scan
from edge.ledger.labels import LabelRow
from edge.ledger.orders import Line, OrderRow
from edge.ledger.questions import Held, Questions

SHOWN = 5
"""Items, places or lines that are named; a person reads them off a small screen."""
ORDERS_SHOWN = 3
_ANY_QTY = 1 << 53
"""Free goods that no line could use up: every line that waits is meant."""


def tell(scan: Scan, code: Code) -> str:
    """Say what is known of an item, a place, an order, a label or a pallet. Raises RefusedError."""
    ask = Questions(scan.books.store.db)
    if isinstance(code, SiteCode) and code.kind is SiteKind.LOCATION:
        return _place(ask, code.value)
    if isinstance(code, SiteCode) and code.kind is SiteKind.ORDER:
        return _order(scan, ask, order_named(scan, code.value))
    if (label := own_label(scan.books, code)) is not None:
        return _label(scan, ask, label)
    if (sscc := pallet_of(code)) is not None:
        return _pallet(scan, ask, sscc)
    return _item(scan, ask, named(scan.books, code).sku)


def _item(scan: Scan, ask: Questions, sku: str) -> str:
    level, item = ask.level(sku), scan.books.store.item(sku)
    if level is None:
        if not scan.books.store.by_sku(sku):
            raise RefusedError("unknown_item", f"Neither catalogue nor stock knows {sku}.")
        return f"{sku} {item.name}: there was never any of it here.".replace(" :", ":")
    free = max(0, level.on_hand - level.allocated)
    said = [f"{sku} {item.name}".strip() + f": {level.on_hand} on hand, {free} available."]
    said += _where(ask.where(sku))
    if level.waiting:
        lines = scan.books.orders.waiting_lines(sku, _ANY_QTY)
        said.append(f"{level.waiting} wait{_first_waiting(lines)}.")
    if level.expected:
        said.append(f"{level.expected} announced.")
    return " ".join(said)


def _first_waiting(lines: Iterable[WaitingLine]) -> str:
    """Who is served first of those that may be served; who is on hold is not named."""
    told = ", ".join(f"{line.order} for {line.waiting}" for line in islice(lines, ORDERS_SHOWN))
    return f", first {told}" if told else ""


_AT = {"location": "At", "missing": "Missing at", "quarantine": "In quarantine at", "picked": "Picked for"}
"""How a person is told where goods are; where else they went is no place to look."""


def _where(held: Iterable[Held]) -> Iterator[str]:
    by_kind: dict[str, list[Held]] = {}
    for each in held:
        by_kind.setdefault(kind_of(each.account), []).append(each)
    for kind, words in _AT.items():
        if there := by_kind.get(kind):
            yield f"{words} {_listed(f'{place_of(each.account)} {each.qty}' for each in there)}."


def _listed(what: Iterable[str]) -> str:
    named = list(what)
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return ", ".join(named[:SHOWN]) + more


def _goods(held: Iterable[Held]) -> str:
    return _listed(f"{each.qty} {each.sku}" for each in held)


def _place(ask: Questions, place: str) -> str:
    here = ask.held_by(journal.location(place))
    said = [f"{place}: {_goods(here)}." if here else f"{place} is empty."]
    if missing := ask.held_by(journal.missing(place)):
        said.append(f"Missing there: {_goods(missing)}.")
    if aside := ask.held_by(journal.quarantine(place)):
        said.append(f"In quarantine there: {_goods(aside)}.")
    return " ".join(said)


def _order(scan: Scan, ask: Questions, order: OrderRow) -> str:
    lines = scan.books.orders.all_lines(order.id)
    promised = ask.promised_to(order.id)
    told = [
        f"line {json.loads(line.line)}: {_line(scan, line, has, promised.get(line.id, []))}"
        for line, has in lines
    ]
    to = f" for {order.customer or order.lane}" if order.customer or order.lane else ""
    more = f"; and {len(told) - SHOWN} lines more" if len(told) > SHOWN else ""
    return f"{order.id}{to} {_status(order, lines)}: {'; '.join(told[:SHOWN])}{more}."


def _status(order: OrderRow, lines: Iterable[Line]) -> str:
    if order.status == "cancelled":
        return "is cancelled"
    if order.status == "held":
        return f"is on hold ({order.hold_reason})" if order.hold_reason else "is on hold"
    if all(has["shipped"] + has["cancelled"] == has["ordered"] for _, has in lines):
        return "is shipped"
    return "waits" if order.waiting else "is ready"


def _line(scan: Scan, line: WaitingLine, has: dict[str, int], promised: list[Held]) -> str:
    said = [f"{has['ordered']} {line.sku}"]
    if promised:
        said.append(f"allocated {_listed(f'{each.qty} at {place_of(each.account)}' for each in promised)}")
    said += [f"{has[what]} {what}" for what in ("picked", "shipped", "cancelled") if has[what]]
    if has["waiting"]:
        at_ms = scan.books.orders.expected_at(line.id)
        when = f" (expected {scan.books.calendar.moment(at_ms)})" if at_ms is not None else ""
        said.append(f"{has['waiting']} waiting{when}")
    return ", ".join(said)


def _label(scan: Scan, ask: Questions, label: LabelRow) -> str:
    what = f"{label.qty} {label.sku}" + (f" of lot {label.lot}" if label.lot else "")
    whose = f" for {label.order}" if label.order else ""
    made = scan.books.calendar.moment(ask.label_made_at(label.job))
    status = _PRINTED[label.status]
    said = [f"Label {label.label}, {label.kind}{whose}: {what}; of {made}, {status}."]
    refused = voided(scan.books, label)
    if refused is not None:
        said.append(refused.reason)
    own = ask.promised_to(label.order) if label.order and refused is None else {}
    promised = [each for held in own.values() for each in held if each.sku == label.sku]
    said += _where(promised or ask.where(label.sku, label.lot or None))
    return " ".join(said)


_PRINTED = {
    "queued": "waiting to be printed",
    "sending": "being printed",
    "unknown": "to be printed again",
    "printed": "printed",
    "failed": "not printed",
    "shadow": "in shadow, not printed",
    "held": "held: too old to be printed by itself",
}


def _pallet(scan: Scan, ask: Questions, sscc: str) -> str:
    if held := ask.on_pallet(sscc):
        accounts = dict.fromkeys(each.account for each in held)
        told = [
            f"{_GONE_TO.get(kind_of(account), account)} {place_of(account)}".strip()
            + f": {_goods(each for each in held if each.account == account)}"
            for account in accounts
        ]
        return f"Pallet {sscc}. {'. '.join(told)}."
    if announced := ask.announced_on(sscc):
        first = announced[0]
        when = f", expected {scan.books.calendar.moment(first.eta)}" if first.eta is not None else ""
        goods = _listed(f"{each.qty} {each.sku}" for each in announced)
        return f"Pallet {sscc} is announced by {first.asn}{when}: {goods}."
    raise RefusedError("not_here", f"Pallet {sscc} is not here, and nobody announced it.")


_GONE_TO = {**_AT, "customer": "Shipped for", "scrap": "Scrapped", "adjustment": "Adjusted away"}
"""Where what is on a pallet is, or went."""


def reprint(scan: Scan, code: Code) -> str:  # noqa: ARG001
    """Have the last label of this scanner printed again, marked. Raises RefusedError."""
    labels = scan.books.labels
    job = labels.job(scan.dialogue.job)
    label = labels.named(job.label) if job is not None else None
    if label is None:
        raise RefusedError(
            "unknown_label", "This scanner has had no label printed that could be printed again."
        )
    if (refused := voided(scan.books, label)) is not None:
        raise refused
    comes, text = printing.reprint_job(scan.begin(""), label)
    scan.attention = not comes
    return text
