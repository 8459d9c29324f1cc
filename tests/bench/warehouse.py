"""The engine in this process, with a site to measure: items, orders that wait, scans that bring goods."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path

from config.settings import Printer, Settings, Station
from edge.clock import SystemClock
from edge.domain.requests import (
    CatalogueItem,
    ItemCode,
    OrderLine,
    PlaceOrder,
    Request,
    UpsertCatalogue,
)
from edge.engine.core import Engine
from edge.facts import Answer, CodeScanned, CommandReceived, Fact, Verdict
from edge.inbox import Inbox, Stamped

BATCH = 500
"""Commands booked in one commit while a site is set up, and entries of one catalogue command."""


class Warehouse:
    """One node without devices; a printer is configured, so that label jobs are written.

    `after_commit` is called in the thread that books, once answers were given.
    """

    def __init__(self, folder: Path, node: Settings | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = SystemClock()
        self.inbox = Inbox(self.clock)
        self.after_commit: Callable[[], None] = lambda: None
        self.engine = Engine(node or settings(folder), self.inbox, after_commit=self._after_commit)
        self._ids = itertools.count(1)

    def stock(self, items: Iterable[str], *, pack: int) -> None:
        """Put items into the catalogue; `CASE-` before the SKU is the code of a case with `pack` eaches."""
        entries = [
            CatalogueItem(
                at=f"items[{n}]",
                sku=sku,
                given=frozenset({"name", "codes"}),
                name=f"Item {sku}",
                codes=(ItemCode(f"CASE-{sku}", pack),),
            )
            for n, sku in enumerate(items)
        ]
        for start in range(0, len(entries), BATCH):
            self.command([("catalogue.upsert", UpsertCatalogue(tuple(entries[start : start + BATCH])))])

    def place(self, orders: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Place orders (id, SKU of each line), one each of every line; earlier ones are served first."""
        for start in range(0, len(orders), BATCH):
            self.command(
                [("order.place", _order(order, skus)) for order, skus in orders[start : start + BATCH]]
            )

    def command(self, requests: Sequence[tuple[str, Request]]) -> None:
        facts: list[Fact] = []
        for type_, request in requests:
            id_ = f"c-{next(self._ids)}"
            facts.append(CommandReceived("/bench", id_, type_, id_, request))
        self.book(facts)

    def book(self, facts: Sequence[Fact]) -> None:
        """Book facts in one commit; every one must be good."""
        batch = [Stamped(fact, self.clock.now_ms(), Future()) for fact in facts]
        self.engine.handle(batch)
        for stamped in batch:
            expect(stamped.answer)

    def receive(self, sku: str) -> None:
        """Scan a case of it: one receipt, one durable transaction."""
        self.book([scan(f"CASE-{sku}")])

    def _after_commit(self) -> None:
        self.after_commit()

    def writes(self) -> int:
        """Rows written so far by the engine's own connection."""
        return self.engine.books.store.db.total_changes

    def close(self) -> None:
        self.engine.close()


def settings(folder: Path) -> Settings:
    return Settings(
        site="bench",
        node="node-1",
        data_dir=folder,
        printers=(Printer(id="zebra-1", language="zpl", device="tcp://127.0.0.1:9100"),),
        stations=(Station(id="dock-1", mode="receive", location="DOCK-1", printer="zebra-1"),),
    )


def scan(code: str, scanner: str = "gun-1") -> CodeScanned:
    return CodeScanned(scanner=scanner, station="dock-1", dialogue=scanner, code=code)


def expect(future: "Future[Answer]") -> None:
    """Wait for an answer and see that it was booked: what is refused quickly would be a fine figure."""
    answer = future.result(timeout=30)
    assert answer.verdict is not Verdict.REJECT, answer


def _order(order: str, skus: Sequence[str]) -> PlaceOrder:
    lines = tuple(OrderLine(n, sku, 1) for n, sku in enumerate(skus, start=1))
    # The content is only compared with that of the same order placed again.
    return PlaceOrder(order=order, lines=lines, content=order)
