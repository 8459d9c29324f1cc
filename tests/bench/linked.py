"""An engine and its link to central in this process."""

import threading
import time
from concurrent.futures import Future
from types import TracebackType

from config.settings import Settings
from edge.daemon import HEAD_START_S
from edge.errors import EdgeError
from edge.facts import Answer, Delivered, EventsConfirmed, Fact
from edge.ledger.outbox import SyncRows
from sync.link import CentralLink
from tests.bench.warehouse import Warehouse

WITHIN_S = 120.0


class LinkedNode:
    """A warehouse whose engine and link work, each on its thread, while this is entered; then it is closed.

    `ready_at`: when the link was connected (`time.perf_counter`).
    """

    def __init__(self, warehouse: Warehouse, node: Settings) -> None:
        self.ready_at = 0.0
        self._warehouse = warehouse
        self._heard = threading.Condition()
        self._last: dict[type[Fact], tuple[int, float]] = {}
        self._errors: list[EdgeError] = []
        self._stop = threading.Event()
        self._link = CentralLink(
            node,
            lambda: SyncRows(node.data_dir / "ledger.db"),
            self._post,
            version="bench",
            everything_tried=lambda: True,
            scans=warehouse.inbox.scans,
        )
        warehouse.after_commit = self._after_commit
        self._threads = [
            threading.Thread(target=self._serve, daemon=True),
            threading.Thread(target=warehouse.engine.run, daemon=True),
        ]

    def __enter__(self) -> "LinkedNode":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._link.wake()
        self._threads[0].join(WITHIN_S)
        self._warehouse.inbox.close()
        self._threads[1].join(WITHIN_S)
        self._warehouse.close()

    def until_broker_has(self, seq: int) -> float:
        """Wait until the link says that the broker has all events to this; return when (`time.perf_counter`)."""
        return self._until(Delivered, seq)

    def until_central_has(self, seq: int) -> float:
        """Wait until an ack for all events to this has come; return when (`time.perf_counter`)."""
        return self._until(EventsConfirmed, seq)

    def _after_commit(self) -> None:
        # As the daemon does (`edge.daemon`).
        if self._warehouse.inbox.is_empty:
            time.sleep(HEAD_START_S)
        self._link.wake()

    def _until(self, kind: type[Fact], seq: int) -> float:
        with self._heard:
            is_so = self._heard.wait_for(lambda: self._errors or self._upto(kind) >= seq, WITHIN_S)
            if not is_so or self._errors:
                raise EdgeError(
                    f"The link came to {self._upto(kind)} of {seq} events in {WITHIN_S:.0f} s: {self._errors}"
                )
            return self._last[kind][1]

    def _upto(self, kind: type[Fact]) -> int:
        return self._last.get(kind, (0, 0.0))[0]

    def _post(self, fact: Fact) -> "Future[Answer]":
        now = time.perf_counter()
        if isinstance(fact, Delivered) and fact.outbox == "events":
            self._note(Delivered, fact.upto, now)
        elif isinstance(fact, EventsConfirmed):
            self._note(EventsConfirmed, fact.seq, now)
        return self._warehouse.inbox.post(fact)

    def _note(self, kind: type[Fact], seq: int, now: float) -> None:
        with self._heard:
            self._last[kind] = (seq, now)
            self._heard.notify_all()

    def _serve(self) -> None:
        try:
            self._link.run(stop=self._stop, ready=self._ready)
        except EdgeError as error:
            with self._heard:
                self._errors.append(error)
                self._heard.notify_all()

    def _ready(self) -> None:
        self.ready_at = time.perf_counter()
