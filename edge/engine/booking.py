"""One booking: what one fact does to stock, promises and orders, gathered here and written in the contract's order.

Goods and promises move in the ledger as soon as they are told here, since what follows depends on them. `settle`
draws the consequences (orders ready or not, expected dates, low stock), `close` writes events, labels and levels.
What the events say is `telling`'s.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edge.domain import allocation
from edge.domain.allocation import Allocation, Pool, Promise, Stock, WaitingLine
from edge.domain.journal import Move
from edge.domain.labels import LabelContent
from edge.engine import consequences, telling
from edge.engine.books import Books
from edge.engine.changes import ALLOCATED, LEVEL_OF, WAITING, LineChange, OrderChange, Undo
from edge.ledger.records import encode

ORDERS_AT_ONCE = 32
"""Orders read by one statement at most."""


@dataclass(slots=True)
class Booking:
    """Everything one fact does. `attention` says that someone should look; `number` is the fact's.

    `entry` is the journal's entry once it is closed, if goods moved or a code was learned; `undoes` the entry that it
    takes back. `scanner` is that of a scan, else empty.
    """

    books: Books
    number: int
    at_ms: int
    cause: str
    source: str = ""
    body: str = ""
    kind: str = ""
    attention: bool = False
    undoes: int | None = None
    scanner: str = ""
    entry: int = 0
    undo: Undo = field(default_factory=Undo)
    moves: list[Move] = field(default_factory=list)
    given: list[Allocation] = field(default_factory=list)
    stock_told: list[telling.Event] = field(default_factory=list)
    orders_told: list[telling.Event] = field(default_factory=list)
    consequences: list[telling.Event] = field(default_factory=list)
    exceptions: list[telling.Event] = field(default_factory=list)
    released: dict[tuple[int, str, str, str, str], tuple[WaitingLine, int]] = field(default_factory=dict)
    lines: dict[int, LineChange] = field(default_factory=dict)
    orders: dict[str, OrderChange] = field(default_factory=dict)
    levels: dict[str, list[int]] = field(default_factory=dict)
    requeued: dict[str, None] = field(default_factory=dict)
    _labels: list[tuple[Any, ...]] = field(default_factory=list)
    _is_settled: bool = False

    # -- stock -----------------------------------------------------------------------------------------------

    def move(self, move: Move) -> int:
        """Move goods that nobody is promised; returns the position they went to."""
        store = self.books.store
        store.take_position(move.goods, move.source, move.qty, move.since)
        position = store.change_position(move.goods, move.target, move.qty, move.since)
        self.moves.append(move)
        for account, qty in ((move.source, -move.qty), (move.target, move.qty)):
            column = LEVEL_OF.get(account.partition(":")[0])
            if column is not None:
                self.change_level(move.goods.sku, column, qty)
        return position

    def move_all(self, taken: Iterable[tuple[Stock, int]], target: str) -> list[Move]:
        """Move goods that nobody is promised any more from their positions to one account; returns the moves."""
        moves = [Move(stock.goods, qty, stock.account, target, stock.since) for stock, qty in taken]
        for move in moves:
            self.move(move)
        return moves

    def tell_stock(self, type_: str, subject: str, data: dict[str, Any]) -> None:
        """An event of what happened to the stock; `data` has its moves."""
        self.stock_told.append((type_, subject, encode(data)))

    def change_level(self, sku: str, column: int, qty: int) -> None:
        self.levels.setdefault(sku, [0] * 6)[column] += qty

    def waiting_for(self, sku: str) -> int:
        """How much of an item waits once this booking is closed, on hold or not."""
        change = self.levels[sku][WAITING] if sku in self.levels else 0
        return self.books.records.waiting(sku) + change

    @property
    def today(self) -> str:
        return self.books.calendar.day(self.at_ms)

    @property
    def good_until(self) -> str:
        """The day to the end of which stock must be good to be promised today."""
        return allocation.good_until(self.today, self.books.settings.allocation.min_shelf_life_days)

    # -- promises --------------------------------------------------------------------------------------------

    def serve(self, skus: Iterable[str]) -> list[Allocation]:
        """Give the free stock of these items to whom it is due, and to orders that want less than they did."""
        store, orders, good_until = self.books.store, self.books.orders, self.good_until
        # The rest of an order that is served complete may be what is here, whichever of its items it was that went.
        less = dict.fromkeys(
            touched.line.order
            for touched in self.lines.values()
            if touched.more < 0 and touched.line.fill == "complete"
        )
        skus = dict.fromkeys([*skus, *(line.sku for order in less for line in orders.lines_of(order))])
        pool = Pool(lambda sku: store.free_stock(sku, good_until))
        queues = [
            (sku, orders.waiting_lines(sku, free))
            for sku in orders.awaited(skus)
            if (free := pool.free(sku)) > 0
        ]
        given = allocation.serve(queues, pool, orders.lines_of)
        self._touch_orders(dict.fromkeys(each.line.order for each in given))
        for each in given:
            self._count(each)
        if given:
            orders.write_allocations(self.number, given, self.books.records.rule)
            self.given += given
        return given

    def promise(self, line: WaitingLine, stock: Stock, qty: int) -> None:
        """Give goods to one line, whoever else waits: what went back to its place is still that order's."""
        given = Allocation(line, stock, qty)
        self._count(given)
        self.books.orders.write_allocations(self.number, [given], self.books.records.rule)
        self.given.append(given)

    def _count(self, given: Allocation) -> None:
        touched = self.touch(given.line)
        touched.left -= given.qty
        touched.more -= given.qty
        self.change_level(given.line.sku, ALLOCATED, given.qty)
        self.change_level(given.line.sku, WAITING, -given.qty)

    def release(self, promise: Promise, qty: int, reason: str) -> None:
        """End a promise, or part of it: its line waits again."""
        stock = self.books.store.position(promise.position)
        self.books.orders.change_promise(promise, -qty)
        self.change_line(promise.line, allocated=-qty, reason=reason)
        key = (promise.line.id, stock.account, stock.lot, stock.expiry, reason)
        _, before = self.released.get(key, (promise.line, 0))
        self.released[key] = (promise.line, before + qty)

    def keep(self, promise: Promise, qty: int, *, picked: int = 0, shipped: int = 0) -> None:
        """A promise is kept: its goods are picked or shipped. The goods are the caller's to move."""
        self.books.orders.change_promise(promise, -qty)
        self.change_line(promise.line, allocated=-qty, picked=picked, shipped=shipped)

    def change_line(self, line: WaitingLine, *, reason: str | None = None, **changes: int) -> None:
        """Add to a line's quantities: ordered, allocated, picked, shipped, cancelled. What waits follows."""
        touched = self.touch(line)
        waits = self.books.orders.change_line(line, reason=reason, **changes)
        touched.more += waits
        touched.left += waits
        touched.reason = reason or touched.reason
        self.change_level(line.sku, ALLOCATED, changes.get("allocated", 0))
        self.change_level(line.sku, WAITING, waits)

    def take_away(self, goods: list[Stock], qty: int, reason: str) -> list[tuple[Stock, int]]:
        """Decide which goods go and end the promises on them; the goods themselves are the caller's to move."""
        promises = self.promises_on(stock for stock in goods if stock.promised)
        taken, ended = allocation.give_back(goods, promises, qty)
        for promise, part in ended:
            self.release(promise, part, reason)
            self.undo.lost.append((promise.line.id, promise.position, part))
        return [(stock, taken[stock.position]) for stock in goods if stock.position in taken]

    def hits(self, stock: Stock) -> list[dict[str, Any]]:
        """Whose promises on these goods were released so far, in the words of an event."""
        goods = (stock.sku, stock.account, stock.lot, stock.expiry)
        return [
            {"order": line.order, "line": json.loads(line.line), "qty": qty}
            for (_, *key, _), (line, qty) in self.released.items()
            if (line.sku, *key) == goods
        ]

    def promises_on(self, goods: Iterable[Stock]) -> list[Promise]:
        """All promises on these goods, in the order of service."""
        promises = self.books.orders.promises_on(stock.position for stock in goods)
        return sorted(promises, key=lambda promise: (promise.line.rank, promise.id))

    def touch(self, line: WaitingLine) -> LineChange:
        """Remember a line as it was before this booking changed it."""
        if line.id not in self.lines:
            self.touch_order(line.order)
            self.lines[line.id] = LineChange(line, left=line.waiting)
        return self.lines[line.id]

    def touch_order(self, id: str) -> OrderChange:
        """Remember an order as it was before this booking changed it."""
        self._touch_orders([id])
        return self.orders[id]

    def _touch_orders(self, ids: Iterable[str]) -> None:
        # In steps: SQLite takes a bounded number of values, and keeps a plan for each number.
        new = [id for id in ids if id not in self.orders]
        for start in range(0, len(new), ORDERS_AT_ONCE):
            for row in self.books.orders.orders(new[start : start + ORDERS_AT_ONCE]).values():
                self.orders[row.id] = OrderChange(row, waiting=row.waiting)

    def new_order(self, id: str) -> None:
        """An order was placed: all of it waits until it is served."""
        order = self.touch_order(id)
        order.waiting, order.is_new = 0, True
        for line in self.books.orders.lines_of(id):
            self.new_line(line)

    def new_line(self, line: WaitingLine) -> None:
        """A line was added: it waits, and did not before."""
        self.lines[line.id] = LineChange(line, more=line.waiting, left=line.waiting)
        self.change_level(line.sku, WAITING, line.waiting)

    def requeue(self, skus: Iterable[str]) -> None:
        """Who waits for these items stands in another order now: what each can expect is worked out anew."""
        self.requeued.update(dict.fromkeys(skus))

    def tell_order(self, type_: str, order: str, data: dict[str, Any]) -> None:
        touched = self.touch_order(order)
        touched.is_over = touched.is_over or (type_ == "order.cancelled" and data["complete"])
        self.orders_told.append((type_, order, telling.with_ext(self, order, {"order": order, **data})))

    # -- exceptions ------------------------------------------------------------------------------------------

    def raise_exception(self, kind: str, about: str, text: str) -> None:
        """Raise an exception, unless the same one is open; either way someone should look."""
        self.attention = True
        desk, records = self.books.desk, self.books.records
        if desk.open_exception(kind, about) is None:
            records.exceptions += 1
            id_ = f"{records.epoch[:4]}-x{records.exceptions}"
            desk.raise_exception(id_, kind, about, text, self.at_ms)
            self.undo.raised.append(id_)
            data = {"exception": id_, "kind": kind, "about": about, "text": text}
            self.exceptions.append(("exception.raised", about, encode(data)))

    def raise_anew(self, kind: str, about: str, text: str) -> None:
        """Raise an exception in the place of one that is open and says what was so before."""
        self.clear_exception(kind, about, "it is told anew")
        self.raise_exception(kind, about, text)

    def clear_exception(self, kind: str, about: str, reason: str) -> None:
        """Clear an exception whose cause is gone, if there is one."""
        if (id_ := self.books.desk.open_exception(kind, about)) is not None:
            self.clear_by_id(id_, kind, about, reason)

    def clear_by_id(self, id: str, kind: str, about: str, reason: str) -> None:
        self.books.desk.clear_exception(id, reason, self.at_ms)
        self.undo.cleared.append(id)
        data = {"exception": id, "kind": kind, "about": about, "reason": reason}
        self.exceptions.append(("exception.cleared", about, encode(data)))

    # -- labels ----------------------------------------------------------------------------------------------

    def next_label(self) -> str:
        """The id of the next label. The epoch's digits keep those of a restored ledger apart."""
        self.books.records.job += 1
        return f"{self.books.records.epoch[:4]}-{self.books.records.job}"

    def print(
        self,
        printer: str,
        content: LabelContent,
        *,
        stock: tuple[str, str, str, int],
        order: str = "",
        station: str = "",
    ) -> None:
        """Queue a label whose id was made last; `stock` is the SKU, lot, expiry and quantity it stands for."""
        job = self.books.records.job
        said = encode({"kind": content.kind, "fields": content.fields})
        label = (job, content.fields["label"], self.number, self.at_ms)
        self._labels.append((*label, content.kind, printer, said, *stock, order, self.label_status, station))
        self.undo.jobs = (self.undo.jobs[0] or job, job)

    @property
    def is_shadow(self) -> bool:
        """Nothing that this books comes out on paper: it is another system that labels these goods."""
        return self.books.settings.is_shadow(self.scanner)

    @property
    def label_status(self) -> str:
        """How a label of this booking begins."""
        return "shadow" if self.is_shadow else "queued"

    @property
    def last_job(self) -> int:
        """The last label that this booking prints, or 0."""
        return self.undo.jobs[1]

    @property
    def is_empty(self) -> bool:
        """Nothing was done so far that anybody needs to know."""
        return not (self.moves or self.levels or self.stock_told or self.orders_told or self.exceptions)

    # -- the end ---------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Draw the consequences, once: from here on it is known whether someone should look."""
        if not self._is_settled:
            self._is_settled = True
            consequences.draw(self)

    def close(self, answer: str, text: str) -> tuple[int, int]:
        """Write everything down; returns the first and last event (the last is less where there is none)."""
        self.settle()
        books, records = self.books, self.books.records
        first = records.seq + 1
        records.write_fact(self.number, self.at_ms, self.cause, self.source, self.body, answer, text)
        # What was learned may have moved nothing, and can be undone all the same.
        if self.moves or self.undo.codes or self.undoes is not None:
            self.entry = books.store.write_entry(
                self.number, self.kind, first, self.moves, undo=self.undo.told(), undoes=self.undoes
            )
        if payloads := telling.payloads(self, first):
            records.write_events(self.number, payloads)
        if self.levels:
            records.change_levels(self.levels, records.seq, self.at_ms)
        if self._labels:
            books.labels.write(self._labels)
        return first, records.seq
