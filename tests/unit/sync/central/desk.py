"""Central's side of one node without a broker, for tests: each call is a batch of its own, in a transaction."""

import json
from collections.abc import Callable, Iterable

from edge.clock import SystemClock
from sync.central import shown
from sync.central.database import Database
from sync.central.intake import Intake
from sync.central.snapshots import Snapshots
from sync.central.store import Store
from tests.nodes import NODE, Told


class Desk:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.store = Store(database, SystemClock())
        with database.transaction():
            self.intake = Intake(self.store, NODE)
            self.snapshots = Snapshots(self.store, self.intake)

    def state(self, told: Told, **other: object) -> None:
        self.do(lambda: self.intake.take_state(told.state(**other)))

    def events(self, *payloads: bytes) -> None:
        def take() -> None:
            for payload in payloads:
                self.intake.take_event(payload)

        self.do(take)

    def snapshot(self, name: str, messages: Iterable[bytes]) -> None:
        def take() -> None:
            for message in messages:
                self.snapshots.take(name, message)

        self.do(take)

    def do(self, work: Callable[[], None]) -> None:
        with self.database.transaction():
            work()
            self.intake.flush()
            self.snapshots.settle()

    def wanted(self, now: float) -> tuple[int, int] | None:
        with self.database.transaction():
            return self.intake.wanted(now)

    def ack(self) -> object:
        ack = self.intake.ack()
        return None if ack is None else json.loads(ack)

    def at(self, sku: str = "PEN", account: str = "location:DOCK-1") -> int:
        found = shown.positions(self.database, None, sku)
        return sum(one["qty"] for one in found if one["account"] == account)

    def findings(self) -> list[tuple[str, str, int]]:
        return sorted(
            (one["kind"], one["about"], one["times"]) for one in shown.findings(self.database, None, 100)
        )
