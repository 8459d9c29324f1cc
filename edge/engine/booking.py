"""One booking: what one fact does to stock, promises and orders, gathered and then written in the contract's order.

Goods and promises move in the ledger as soon as they are told here, since what follows depends on them; events,
labels and levels are written at the end, by `close`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from edge.clock import rfc3339
from edge.domain import allocation
from edge.domain.allocation import SEPARATOR, Allocation, Pool, Promise, Stock, WaitingLine
from edge.domain.journal import Move, place_of
from edge.domain.labels import LabelContent
from edge.engine.books import Books
from edge.ledger.records import encode
from edge.ledger.store import OrderRow

ON_HAND, ALLOCATED, WAITING, MISSING, QUARANTINE, EXPECTED = range(6)
_LEVEL_OF = {"location": ON_HAND, "missing": MISSING, "quarantine": QUARANTINE}


@dataclass(slots=True)
class _Order:
    """An order that this booking touched, and how much of it waited before."""

    row: OrderRow
    waiting: int
    is_new: bool = False


@dataclass(slots=True)
class _Line:
    line: WaitingLine
    more: int = 0
    reason: str = "out_of_stock"
    left: int = 0


@dataclass(slots=True)
class Booking:
    """Everything one fact does. `attention` says that someone should look; `number` is the fact's."""

    books: Books
    number: int
    at_ms: int
    cause: str
    source: str = ""
    body: str = ""
    attention: bool = False
    moves: list[Move] = field(default_factory=list)
    kind: str = ""
    _stock: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    _released: dict[tuple[int, str, str, str, str], list[Any]] = field(default_factory=dict)
    given: list[Allocation] = field(default_factory=list)
    _lines: dict[int, _Line] = field(default_factory=dict)
    _orders: dict[str, _Order] = field(default_factory=dict)
    _told: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    _exceptions: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    _levels: dict[str, list[int]] = field(default_factory=dict)
    _labels: list[tuple[Any, ...]] = field(default_factory=list)

    # -- stock -----------------------------------------------------------------------------------------------

    def move(self, move: Move) -> int:
        """Move goods; returns the position they went to."""
        store = self.books.store
        store.take_position(move.goods, move.source, move.qty, move.since)
        position = store.change_position(move.goods, move.target, move.qty, move.since)
        self.moves.append(move)
        for account, qty in ((move.source, -move.qty), (move.target, move.qty)):
            column = _LEVEL_OF.get(account.partition(":")[0])
            if column is not None:
                self.change_level(move.goods.sku, column, qty)
        return position

    def tell_stock(self, type_: str, sku: str, data: dict[str, Any]) -> None:
        """An event of what happened to the stock; `data` has its moves."""
        self._stock.append((type_, sku, data))

    def change_level(self, sku: str, column: int, qty: int) -> None:
        self._levels.setdefault(sku, [0] * 6)[column] += qty

    # -- promises --------------------------------------------------------------------------------------------

    @property
    def good_until(self) -> str:
        """The day to the end of which stock must be good to be promised today."""
        today = date.fromisoformat(self.today)
        return (today + timedelta(days=self.books.settings.allocation.min_shelf_life_days)).isoformat()

    @property
    def today(self) -> str:
        return self.books.calendar.day(self.at_ms)

    def serve(self, skus: Iterable[str]) -> list[Allocation]:
        """Give the free stock of these items to whom it is due."""
        store = self.books.store
        good_until = self.good_until
        pool = Pool(lambda sku: store.free_stock(sku, good_until))
        queues = [(sku, store.waiting_lines(sku, free)) for sku in skus if (free := pool.free(sku)) > 0]
        given = allocation.serve(queues, pool, store.lines_of)
        for each in given:
            self._touch(each.line).left -= each.qty
            self._lines[each.line.id].more -= each.qty
            self.change_level(each.line.sku, ALLOCATED, each.qty)
            self.change_level(each.line.sku, WAITING, -each.qty)
        if given:
            store.write_allocations(self.number, given)
            self.given += given
        return given

    def release(self, promise: Promise, qty: int, reason: str) -> None:
        """End a promise, or part of it: its line waits again."""
        stock = self.books.store.position(promise.position)
        line = self._touch(promise.line)
        self.books.store.end_promise(promise, qty, reason)
        line.more += qty
        line.left += qty
        line.reason = reason
        key = (promise.line.id, stock.account, stock.lot, stock.expiry, reason)
        self._released.setdefault(key, [promise.line, 0])[1] += qty
        self.change_level(promise.line.sku, ALLOCATED, -qty)
        self.change_level(promise.line.sku, WAITING, qty)

    def cancel(self, line: WaitingLine, qty: int) -> None:
        """Cancel what waits of a line."""
        touched = self._touch(line)
        self.books.store.cancel_line(line, qty)
        touched.more -= qty
        touched.left -= qty
        self.change_level(line.sku, WAITING, -qty)

    def take_away(self, goods: list[Stock], qty: int, reason: str) -> list[tuple[Stock, int]]:
        """Decide which goods go and end the promises on them; the goods themselves are the caller's to move."""
        promises = self.books.store.promises_on(stock.position for stock in goods)
        promises.sort(key=lambda promise: (promise.line.rank, promise.id))
        taken, ended = allocation.give_back(goods, promises, qty)
        for promise, part in ended:
            self.release(promise, part, reason)
        return [(stock, taken[stock.position]) for stock in goods if stock.position in taken]

    def released(self) -> list[tuple[WaitingLine, int, str]]:
        """What was released so far: line, quantity, place."""
        return [(line, qty, place_of(key[1])) for key, (line, qty) in self._released.items()]

    def hits(self, lot: str, expiry: str) -> list[dict[str, Any]]:
        """The lines from which goods of a lot were taken, as `stock.missing` tells them."""
        merged: dict[tuple[str, str], int] = {}
        for (_, _, its_lot, its_expiry, _), (line, qty) in self._released.items():
            if (its_lot, its_expiry) == (lot, expiry):
                merged[line.order, line.line] = merged.get((line.order, line.line), 0) + qty
        return [
            {"order": order, "line": json.loads(line), "qty": qty} for (order, line), qty in merged.items()
        ]

    # -- orders ----------------------------------------------------------------------------------------------

    def new_order(self, order: str) -> None:
        """An order was placed in this booking: all it waits for is new."""
        self._orders[order] = _Order(self._row(order), waiting=0, is_new=True)
        for line in self.books.store.lines_of(order):
            self._lines[line.id] = _Line(line, more=line.waiting, left=line.waiting)
            self.change_level(line.sku, WAITING, line.waiting)

    def _touch(self, line: WaitingLine) -> _Line:
        self.touch_order(line.order)
        if line.id not in self._lines:
            self._lines[line.id] = _Line(line, left=line.waiting)
        return self._lines[line.id]

    def touch_order(self, id: str) -> None:
        """Remember an order as it was before this booking changed it."""
        if id not in self._orders:
            row = self._row(id)
            self._orders[id] = _Order(row, waiting=row.waiting)

    def order_of(self, line: WaitingLine) -> OrderRow:
        """The order of a line that this booking touched, as it was before."""
        return self._orders[line.order].row

    def _row(self, id: str) -> OrderRow:
        row = self.books.store.order(id)
        assert row is not None
        return row

    def tell_order(self, type_: str, order: str, data: dict[str, Any]) -> None:
        self._told.append((type_, order, {"order": order, **data}))

    # -- exceptions ------------------------------------------------------------------------------------------

    def raise_exception(self, kind: str, about: str, text: str) -> None:
        """Raise an exception, unless the same one is open; either way someone should look."""
        self.attention = True
        desk, records = self.books.desk, self.books.records
        if desk.open_exception(kind, about) is None:
            records.exceptions += 1
            id_ = f"{records.epoch[:4]}-x{records.exceptions}"
            desk.raise_exception(id_, kind, about, text, self.at_ms)
            data = {"exception": id_, "kind": kind, "about": about, "text": text}
            self._exceptions.append(("exception.raised", about, data))

    def clear_exception(self, kind: str, about: str, reason: str) -> None:
        """Clear an exception whose cause is gone, if there is one."""
        desk = self.books.desk
        if (id_ := desk.open_exception(kind, about)) is not None:
            desk.clear_exception(id_, reason, self.at_ms)
            data = {"exception": id_, "kind": kind, "about": about, "reason": reason}
            self._exceptions.append(("exception.cleared", about, data))

    # -- labels ----------------------------------------------------------------------------------------------

    def next_label(self) -> str:
        """The id of the next label. The epoch's digits keep those of a restored ledger apart."""
        self.books.records.job += 1
        return f"{self.books.records.epoch[:4]}-{self.books.records.job}"

    def print(
        self, printer: str, content: LabelContent, *, stock: tuple[str, str, str, int], order: str = ""
    ) -> None:
        """Queue a label whose id was made last; `stock` is the SKU, lot, expiry and quantity it stands for."""
        records = self.books.records
        said = encode({"kind": content.kind, "fields": dict(content.fields)})
        self._labels.append(
            (
                *(records.job, content.fields["label"], self.number, self.at_ms, content.kind, printer, said),
                *(*stock, order),
            )
        )

    def will_ask(self) -> bool:
        """Tell whether closing will raise an exception: an order that lost what it was promised."""
        return any(
            touched.more > 0 and not self._orders[touched.line.order].is_new
            for touched in self._lines.values()
        )

    # -- the end ---------------------------------------------------------------------------------------------

    def close(self, answer: str, text: str) -> tuple[int, int]:
        """Write what is left to write; tells the first and last event's seq (first > last: there were none)."""
        books = self.books
        records = books.records
        events = [*self._stock, *self._releases(), *self._allocations(), *self._waits(), *self._orders_told()]
        events += self._exceptions
        first = records.seq + 1
        records.write_fact(self.number, self.at_ms, self.cause, self.source, self.body, answer, text)
        if self.moves:
            books.store.write_entry(self.number, self.kind, first, self.moves)
        head, tail = self._envelope(first)
        payloads = [
            (
                type_,
                f'{head}{seq}","source":{tail[0]}{type_}","subject":{encode(subject)},{tail[1]}{type_}/1",'
                f'"epoch":"{records.epoch}","seq":{seq},{tail[2]}{encode(data)}}}'.encode(),
            )
            for seq, (type_, subject, data) in enumerate(events, first)
        ]
        if payloads:
            records.write_events(self.number, payloads)
        if self._levels:
            # A level that no event told is told with the next one.
            records.change_levels(
                self._levels, max(records.seq, 1) if events else records.seq + 1, self.at_ms
            )
        if self._labels:
            books.desk.write_labels(self._labels)
        return first, records.seq

    def _envelope(self, booking: int) -> tuple[str, tuple[str, str, str]]:
        settings, records = self.books.settings, self.books.records
        name = f"{settings.site}/{settings.node}"
        return (
            f'{{"specversion":"1.0","id":"{name}/{records.epoch}/',
            (
                f'"/crossdock/{name}","type":"crossdock.',
                f'"time":"{rfc3339(self.at_ms)}","datacontenttype":"application/json",'
                f'"dataschema":"urn:crossdock:schema/',
                f'"booking":{booking},"cause":{encode(self.cause)},"data":',
            ),
        )

    def _with_ext(self, order: str, data: dict[str, Any]) -> dict[str, Any]:
        if (ext := self._orders[order].row.ext) is not None:
            data["ext"] = ext
        return data

    def _releases(self) -> Iterable[tuple[str, str, dict[str, Any]]]:
        for (_, account, lot, _, reason), (line, qty) in self._released.items():
            data = {
                **_named(line),
                "qty": qty,
                "location": place_of(account),
                "lot": lot or None,
                "reason": reason,
            }
            yield "backorder.released", line.order, self._with_ext(line.order, data)

    def _allocations(self) -> Iterable[tuple[str, str, dict[str, Any]]]:
        merged: dict[tuple[int, str, str, str], list[Any]] = {}
        for each in self.given:
            key = (each.line.id, each.stock.account, each.stock.lot, each.stock.expiry)
            merged.setdefault(key, [each.line, 0])[1] += each.qty
        for (id_, account, lot, expiry), (line, qty) in sorted(
            merged.items(), key=lambda item: item[1][0].rank
        ):
            data = {
                **_named(line),
                **{"qty": qty, "lot": lot or None, "expiry": expiry or None, "location": place_of(account)},
                **{"waiting": self._lines[id_].left, "rank": line.rank.replace(SEPARATOR, " ")},
            }
            yield "backorder.allocated", line.order, self._with_ext(line.order, data)

    def _waits(self) -> Iterable[tuple[str, str, dict[str, Any]]]:
        for touched in sorted(self._lines.values(), key=lambda touched: touched.line.rank):
            if touched.more > 0:
                line = touched.line
                data = {**_named(line), "qty": touched.left, "reason": touched.reason}
                yield "backorder.waiting", line.order, self._with_ext(line.order, data)

    def _orders_told(self) -> Iterable[tuple[str, str, dict[str, Any]]]:
        """Orders cancelled, held, resumed; then by rank those that became ready, or wait for more than before."""
        for type_, name, told in self._told:
            yield type_, name, self._with_ext(name, told)
        worse: dict[str, list[_Line]] = {}
        now = {id_: order.waiting for id_, order in self._orders.items()}
        for touched in sorted(self._lines.values(), key=lambda touched: touched.line.rank):
            now[touched.line.order] += touched.more
            if touched.more > 0:
                worse.setdefault(touched.line.order, []).append(touched)
        cancelled = {
            order for type_, order, data in self._told if type_ == "order.cancelled" and data["complete"]
        }
        for id_, order in sorted(self._orders.items(), key=lambda item: item[1].row.rank):
            if now[id_] == 0 and (order.waiting > 0 or order.is_new) and id_ not in cancelled:
                self.clear_exception("unfulfillable", id_, "it is ready")
                yield "order.ready", id_, self._with_ext(id_, {"order": id_})
            elif id_ in worse:
                if not order.is_new:
                    lost = ", ".join(f"{each.more} {each.line.sku}" for each in worse[id_])
                    self.raise_exception(
                        "unfulfillable", id_, f"Order {id_} lost {lost} that it was promised."
                    )
                data = {"order": id_, "lines": [self._unmet(each) for each in worse[id_]]}
                yield "order.unfulfillable", id_, self._with_ext(id_, data)

    def _unmet(self, touched: _Line) -> dict[str, Any]:
        item = self.books.store.item(touched.line.sku)
        return {
            **{"line": json.loads(touched.line.line), "sku": touched.line.sku, "qty": touched.left},
            **{"reason": touched.reason, "expected_at": None, "alternatives": list(item.alternatives)},
        }


def _named(line: WaitingLine) -> dict[str, Any]:
    return {"order": line.order, "line": json.loads(line.line), "sku": line.sku}
