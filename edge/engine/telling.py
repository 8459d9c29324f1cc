"""What central is told of a booking: its events in the contract's order, as the bytes that go on the wire."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from edge.clock import rfc3339
from edge.domain.allocation import SEPARATOR, WaitingLine
from edge.domain.journal import place_of
from edge.engine.changes import LineChange
from edge.ledger.records import encode

if TYPE_CHECKING:
    from edge.engine.booking import Booking

Event = tuple[str, str, str]
"""Type without the prefix, subject, data as JSON."""

LINES_TOLD = 250
"""Lines or moves in one event: with the longest names they stay below the 100 KiB of a message (contract section 6)."""


def payloads(booking: "Booking", first: int) -> list[tuple[str, bytes]]:
    """The events of a booking, each with its type and bytes; `first` is the number of the first of them."""
    events: list[Event] = [*booking.stock_told, *_releases(booking), *_allocations(booking), *_waits(booking)]
    events += [*booking.consequences, *booking.exceptions]
    head, tail = _envelope(booking, first)
    epoch = booking.books.records.epoch
    return [
        (
            type_,
            f'{head}{seq}","source":{tail[0]}{type_}","subject":{encode(subject)},{tail[1]}{type_}/1",'
            f'"epoch":"{epoch}","seq":{seq},{tail[2]}{data}}}'.encode(),
        )
        for seq, (type_, subject, data) in enumerate(events, first)
    ]


def _envelope(booking: "Booking", first: int) -> tuple[str, tuple[str, str, str]]:
    settings = booking.books.settings
    name = f"{settings.site}/{settings.node}"
    return (
        f'{{"specversion":"1.0","id":"{name}/{booking.books.records.epoch}/',
        (
            f'"/crossdock/{name}","type":"crossdock.',
            f'"time":"{rfc3339(booking.at_ms)}","datacontenttype":"application/json",'
            f'"dataschema":"urn:crossdock:schema/',
            f'"booking":{first},"cause":{encode(booking.cause)},"data":',
        ),
    )


def with_ext(booking: "Booking", order: str, data: dict[str, Any]) -> str:
    """The data of an order's event, with what central keeps with the order."""
    return _with_ext(booking, order, encode(data))


def _with_ext(booking: "Booking", order: str, data: str) -> str:
    ext = booking.orders[order].row.ext
    return data if ext is None else f'{data[:-1]},"ext":{ext}}}'


def ready(booking: "Booking", order: str) -> str:
    """The data of `order.ready`; written out, as that of an allocation is: a receipt tells many of both."""
    return _with_ext(booking, order, f'{{"order":{encode(order)}}}')


def named(line: WaitingLine) -> dict[str, Any]:
    """A line in the words of an event."""
    return {"order": line.order, "line": json.loads(line.line), "sku": line.sku}


def by_rank(booking: "Booking") -> list[LineChange]:
    """The lines that this booking touched, in the order of service."""
    return sorted(booking.lines.values(), key=lambda touched: touched.line.rank)


def _releases(booking: "Booking") -> Iterable[Event]:
    for (_, account, lot, _, reason), (line, qty) in booking.released.items():
        data = {**named(line), "qty": qty, "location": place_of(account), "lot": lot or None}
        yield "backorder.released", line.order, with_ext(booking, line.order, {**data, "reason": reason})


def _allocations(booking: "Booking") -> Iterable[Event]:
    merged: dict[tuple[int, str, str, str], list[Any]] = {}
    for each in booking.given:
        key = (each.line.id, each.stock.account, each.stock.lot, each.stock.expiry)
        merged.setdefault(key, [each.line, 0])[1] += each.qty
    for (id_, account, lot, expiry), (line, qty) in sorted(merged.items(), key=lambda item: item[1][0].rank):
        data = (
            f'{{"order":{encode(line.order)},"line":{line.line},"sku":{encode(line.sku)},"qty":{qty},'
            f'"lot":{encode(lot) if lot else "null"},"expiry":{encode(expiry) if expiry else "null"},'
            f'"location":{encode(place_of(account))},"waiting":{booking.lines[id_].left},'
            f'"rank":{encode(line.rank.replace(SEPARATOR, " "))}}}'
        )
        yield "backorder.allocated", line.order, _with_ext(booking, line.order, data)


def _waits(booking: "Booking") -> Iterable[Event]:
    for touched in by_rank(booking):
        if touched.more > 0:
            line = touched.line
            data = {**named(line), "qty": touched.left, "reason": touched.reason}
            yield "backorder.waiting", line.order, with_ext(booking, line.order, data)
