"""Announced goods as they come in, or do not: what is over, short, late or was not expected at all (contract 3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edge.domain.picking import upto
from edge.engine.booking import Booking
from edge.engine.changes import EXPECTED
from edge.engine.evidence import line_id
from edge.engine.words import pieces

ONCE_FOR_MS = 365 * 86_400_000
"""Twelve months: for so long a serial or pallet is received once, and announced in vain again."""
OVERDUE = "asn"
"""The timer of an announcement that is not all here at its time."""


@dataclass(frozen=True, slots=True)
class Against:
    """What goods are received against: the purchase order, what events say of it, and words for the person."""

    po: str
    told: dict[str, Any] = field(default_factory=dict)
    asns: tuple[str, ...] = ()
    words: str = ""


def overdue(booking: Booking, asn: str) -> None:
    """The time of an announcement has come: a person is told if it is not all here."""
    if open_lines := booking.books.records.open_of(asn):
        text = f"{asn} should be here by now: {pieces(open_lines)} are not."
        booking.raise_exception("asn_overdue", asn, text)


def receive(booking: Booking, line: int, sku: str, qty: int) -> None:
    """So much of an announced line is here."""
    booking.books.records.receive_announced(line, qty)
    booking.undo.asn.append((line, qty))
    booking.change_level(sku, EXPECTED, -qty)


def against(booking: Booking, po: str, sku: str, qty: int) -> Against:
    """Receive goods against a purchase order or announcement without pallets; tells what of them was not expected."""
    records = booking.books.records
    announced = records.announced_by(po) if po else []
    if not announced:
        return Against(po)
    name = announced[0].po or po
    own = [line for line in announced if line.sku == sku]
    left, asns = qty, []
    for line, part in upto(qty, [(line, line.open) for line in own]):
        receive(booking, line.id, sku, part)
        asns.append(line.asn)
        left -= part
    told: dict[str, Any] = {}
    if own:
        first = next((line for line in own if line.asn in asns), own[0])
        told = {"asn": first.asn, "po_line": None if first.line is None else line_id(first.line)}
    if not left:
        return Against(name, told, tuple(dict.fromkeys(asns)))
    kind = "over" if own else "unexpected"
    words = f"{left} {sku} more than {name} has announced." if own else f"{name} has announced no {sku}."
    booking.raise_exception(kind, f"{name} {sku}", words)
    return Against(name, {**told, kind: left}, tuple(dict.fromkeys(asns)), f" {words}")


def settle(booking: Booking, asns: Iterable[str]) -> None:
    """An announcement that is all here is neither overdue nor short."""
    for asn in dict.fromkeys(asns):
        # Its timer goes on: what came in may be undone before it is due.
        if not booking.books.records.open_of(asn):
            booking.clear_exception("asn_overdue", asn, "all of it is here")
        settle_short(booking, asn, "all of it is here")


def settle_short(booking: Booking, asn: str, reason: str) -> None:
    """Nothing of its purchase order, or of itself, is still to come, if that is so."""
    po = booking.books.records.po_of(asn)
    for name in dict.fromkeys((po, asn)):
        if not booking.books.records.still_open(name):
            booking.clear_exception("short", name, reason)
