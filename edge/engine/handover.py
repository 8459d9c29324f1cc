"""Goods that change hands between the shelves and an order: which line each part is for, and how that is told.

Used by PICK, SHIP and RETURN; which goods go, and what becomes of their lines, is theirs. Here is also what follows
for an order: whether it is over, and what of it has to go back to the shelves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.allocation import Stock, WaitingLine
from edge.domain.journal import Move
from edge.engine.booking import Booking
from edge.engine.evidence import line_id
from edge.engine.telling import LINES_TOLD
from edge.engine.words import pieces


@dataclass(frozen=True, slots=True)
class Part:
    """Goods of one position that went to or from a line; which line is unknown for some that were shipped.

    `place` is where they lay or lie now; None where they were picked before.
    """

    line: WaitingLine | None
    move: Move
    place: str | None


def hand_over(
    booking: Booking, stock: Stock, qty: int, target: str, *, line: WaitingLine | None, place: str | None
) -> Part:
    """Move goods that nobody is promised any more, for a line; UNDO knows for which it was."""
    move = Move(stock.goods, qty, stock.account, target, stock.since)
    booking.move(move)
    if line is not None:
        booking.undo.lines.append((line.id, len(booking.moves) - 1, qty))
    return Part(line, move, place)


def tell(booking: Booking, type_: str, order: str, parts: Iterable[Part], said: Mapping[str, Any]) -> None:
    """An event for each line, lot, expiry and place, lines in the order of service; `said` is who did it."""
    groups: dict[tuple[object, ...], list[Part]] = {}
    for part in sorted(parts, key=lambda part: part.line.rank if part.line else ""):
        goods = part.move.goods
        line = part.line.id if part.line else None
        groups.setdefault((line, goods.sku, goods.lot, goods.expiry, part.place), []).append(part)
    for group in groups.values():
        # Goods on many pallets: as many moves to an event as there may be lines.
        for n in range(0, len(group), LINES_TOLD):
            _tell(booking, type_, order, group[n : n + LINES_TOLD], said)


def _tell(booking: Booking, type_: str, order: str, parts: list[Part], said: Mapping[str, Any]) -> None:
    line, goods, place = parts[0].line, parts[0].move.goods, parts[0].place
    data: dict[str, Any] = {
        **{"sku": goods.sku, "qty": sum(part.move.qty for part in parts)},
        **{"lot": goods.lot or None, "expiry": goods.expiry or None, "location": place, **said},
        **{"order": order, "line": line_id(line.line) if line else None},
        "moves": [part.move.told() for part in parts],
    }
    booking.tell_stock(type_, goods.sku, data)


def settle_over(booking: Booking, order: str) -> None:
    """Nothing of an order is still to come, if that is so: it is not told as ready, and nothing about it is urgent."""
    if booking.books.orders.is_over(order):
        booking.touch_order(order).is_over = True
        for kind in ("unfulfillable", "late"):
            booking.clear_exception(kind, order, "nothing of it is still to be shipped")


def settle_restock(booking: Booking, order: str) -> None:
    """Somebody is to put back what is picked for cancelled lines, until nothing of it is picked any more."""
    if text := to_restock(booking, order):
        booking.raise_exception("restock", order, text)
    else:
        booking.clear_exception("restock", order, "nothing of it is picked any more")


def to_restock(booking: Booking, order: str) -> str:
    """What is picked for cancelled lines, in words; empty where nothing is."""
    if not (back := booking.books.orders.to_put_back(order)):
        return ""
    return f"{pieces(back)} picked for {order} go back: they are cancelled."
