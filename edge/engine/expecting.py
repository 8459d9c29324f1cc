"""When waiting goods are expected: what is announced goes, on paper, to those who wait, in the order of service.

A line is told the time of the announcement that brings the last of what it waits for, and again when that changes.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from edge.clock import date_time
from edge.domain.allocation import WaitingLine
from edge.engine.telling import Event, named, with_ext

if TYPE_CHECKING:
    from edge.engine.booking import Booking

__all__ = ["named", "tell"]


def tell(booking: "Booking", skus: Collection[str]) -> Iterable[Event]:
    """Work out anew when each line of these items can expect its goods; tell those for whom that changed."""
    told = [change for sku in booking.books.orders.awaited(skus) for change in _changes(booking, sku)]
    for line, expected_at, asn, was in sorted(told, key=lambda change: change[0].rank):
        booking.touch_order(line.order)
        data = {
            **named(line),
            "qty": line.waiting,
            "expected_at": date_time(expected_at),
            "was": date_time(was),
            "asn": asn,
        }
        yield "backorder.eta", line.order, with_ext(booking, line.order, data)


def _changes(
    booking: "Booking", sku: str
) -> Iterable[tuple[WaitingLine, int | None, str | None, int | None]]:
    orders, records = booking.books.orders, booking.books.records
    # Most items are announced nowhere, and nobody was told anything: two looks into an index.
    known = orders.lines_expecting(sku)
    supply = records.announced_of(sku, booking.good_until)
    if not known and not supply:
        return
    total = sum(qty for _, _, qty in supply)
    expected: dict[int, tuple[int, str]] = {}
    for line in orders.waiting_lines(sku, total) if total else ():
        covered = _next(supply, line.waiting, whole=line.fill != "partial")
        if covered is not None:
            expected[line.id] = covered
            if known.get(line.id, (line, None, None))[1:] != covered:
                yield line, *covered, known[line.id][1] if line.id in known else None
                orders.expect(line.id, *covered)
        if not supply:
            break
    for id_, (line, was, _) in known.items():
        if id_ not in expected:
            orders.expect(id_, None, None)
            # Who waits no more has the goods; who waits on is told that they do not come.
            if line.waiting > 0:
                yield line, None, None, was


def _next(supply: list[tuple[int, str, int]], qty: int, *, whole: bool) -> tuple[int, str] | None:
    """Take `qty` off the announced goods, or what there is; the time and name of the last of it."""
    if whole and sum(left for _, _, left in supply) < qty:
        return None
    last: tuple[int, str] | None = None
    while supply and qty:
        at, asn, left = supply.pop(0)
        last = (at, asn)
        if left > qty:
            supply.insert(0, (at, asn, left - qty))
        qty -= min(qty, left)
    return last
