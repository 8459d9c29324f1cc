"""A warehouse in one process: the real engine on a real ledger, a clock that stands until it is moved, no devices."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import Allocation, Items, Settings, Station
from edge.clock import from_rfc3339
from edge.engine.core import Engine
from edge.facts import Answer, ClockTicked, CodeScanned, Fact, Verdict
from edge.inbox import Inbox
from edge.ledger.schema import open_reader
from edge.ledger.verify import verify
from sync.events import read_event
from sync.reading import read_command
from tests.commands import command as command_bytes

MORNING_MS = from_rfc3339("2026-11-21T09:00:00Z")
PEN_GTIN = "07612345001012"
STATION = Station(id="dock-1", location="DOCK-1", printer="zebra-1")


@dataclass(slots=True)
class StandingClock:
    at_ms: int = MORNING_MS

    def now_ms(self) -> int:
        return self.at_ms


@dataclass(frozen=True, slots=True)
class Told:
    """An event as central sees it: it was read by what reads events."""

    type: str
    data: dict[str, Any]


def settings(
    folder: Path,
    *,
    order_by: Sequence[Any] = ("express", "tier", "promised_at", "placed_at"),
    unknown: Any = "accept",
    min_shelf_life_days: int = 0,
    stations: tuple[Station, ...] = (STATION,),
) -> Settings:
    return Settings(
        site="par1",
        node="dock-a",
        data_dir=folder,
        stations=stations,
        allocation=Allocation(order_by=tuple(order_by), min_shelf_life_days=min_shelf_life_days),
        items=Items(unknown=unknown),
    )


class House:
    """Scans and commands go in one by one; what was said, told and written can be asked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = StandingClock()
        self._commands = 0
        self._seen = 0
        self._start()

    def _start(self) -> None:
        self.inbox = Inbox(self.clock)
        self.engine = Engine(self.settings, self.inbox)

    def restart(self, settings: Settings | None = None) -> None:
        self.engine.close()
        self.settings = settings or self.settings
        self._start()

    def wait(self, seconds: float) -> None:
        self.clock.at_ms += round(seconds * 1000)

    def tick(self) -> None:
        """Let the clock do what is due."""
        self.post(ClockTicked())

    # -- what goes in ----------------------------------------------------------------------------------------

    def post(self, fact: Fact) -> Answer:
        """Have a fact booked; raises what its future failed with."""
        answer = self.inbox.post(fact)
        batch = self.inbox.take(1)
        assert batch is not None
        self.engine.handle(batch)
        return answer.result(timeout=0)

    def scan(self, code: str, *, scanner: str = "gun-1", debounce_ms: int = 0) -> Answer:
        self.wait(1)
        return self.scan_now(code, scanner=scanner, debounce_ms=debounce_ms)

    def scan_now(
        self, code: str, *, scanner: str = "gun-1", debounce_ms: int = 0, is_early: bool = False
    ) -> Answer:
        """Scan without that time goes by."""
        return self.post(CodeScanned(scanner, "dock-1", scanner, code, debounce_ms, is_early))

    def scans(self, *codes: str) -> Answer:
        """Scan one after the other, none of which is refused; tells the last answer."""
        for code in codes:
            answer = self.scan(code)
            assert answer.verdict is not Verdict.REJECT, (code, answer)
        return answer

    def command(self, type: str, data: Any, **attributes: Any) -> dict[str, Any]:
        """Send a command and read its answer from the outbox."""
        self.wait(1)
        self._commands += 1
        payload = command_bytes(type, data, **{"id": f"c-{self._commands}", **attributes})
        self.post(read_command(payload))
        ((said,),) = self.rows("SELECT payload FROM answers ORDER BY number DESC LIMIT 1")
        answer: dict[str, Any] = json.loads(said)
        return answer

    def done(self, type: str, data: Any) -> dict[str, Any]:
        """Send a command that must not be refused."""
        answer = self.command(type, data)
        assert answer["ok"], answer
        return answer

    def order(self, order: str, *lines: tuple[str, int], **fields: Any) -> None:
        listed = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, 1)]
        self.done("order.place", {"order": order, "lines": listed, **fields})

    def receive(self, sku: str, qty: int, *, at: str = "DOCK-1", lot: str = "") -> Answer:
        scene = ["CMD:RECEIVE", f"LOC:{at}", *([f"LOT:{lot}"] if lot else [])]
        return self.scans(*scene, f"QTY:{qty}", f"SKU:{sku}")

    # -- what can be asked -----------------------------------------------------------------------------------

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.engine.books.store.db.execute(sql, values).fetchall()

    def told(self) -> list[Told]:
        """The events since this was asked last."""
        rows = self.rows("SELECT seq, payload FROM events WHERE seq > ? ORDER BY seq", self._seen)
        for seq, payload in rows:
            assert read_event(payload).seq == seq
            self._seen = seq
        events = [json.loads(payload) for _, payload in rows]
        return [Told(event["type"].removeprefix("crossdock."), event["data"]) for event in events]

    def types(self) -> list[str]:
        return [told.type for told in self.told()]

    def level(self, sku: str) -> dict[str, int]:
        names = ("on_hand", "allocated", "waiting", "missing", "quarantine", "expected")
        rows = self.rows(f"SELECT {', '.join(names)} FROM levels WHERE sku = ?", sku)
        return dict(zip(names, rows[0], strict=True)) if rows else dict.fromkeys(names, 0)

    def stock(self, sku: str) -> dict[tuple[str, str], int]:
        """What is of an item inside the walls, by account and lot."""
        rows = self.rows(
            "SELECT account, lot, sum(qty) FROM positions WHERE sku = ? AND qty > 0"
            " AND account NOT IN ('adjustment', 'identified') GROUP BY account, lot ORDER BY account, lot",
            sku,
        )
        return {(account, lot): qty for account, lot, qty in rows}

    def promises(self, order: str) -> dict[tuple[str, str], int]:
        """What an order is promised, by account and lot."""
        rows = self.rows(
            "SELECT account, lot, sum(a.qty) FROM allocations a JOIN lines ON lines.id = line_id"
            " JOIN positions p ON p.id = position_id WHERE order_id = ? AND a.qty > 0 GROUP BY account, lot"
            " ORDER BY account, lot",
            order,
        )
        return {(account, lot): qty for account, lot, qty in rows}

    def lines(self, order: str = "SO-1") -> list[tuple[int, ...]]:
        """Each line of an order: ordered, allocated, picked, shipped, cancelled, waiting."""
        return self.rows(
            "SELECT ordered, allocated, picked, shipped, cancelled, waiting FROM lines WHERE order_id = ?"
            " ORDER BY rank",
            order,
        )

    def exceptions(self) -> list[tuple[str, str]]:
        """The open ones: kind and what about."""
        return [
            (kind, about)
            for kind, about in self.rows(
                "SELECT kind, about FROM exceptions WHERE cleared_at IS NULL ORDER BY kind, about"
            )
        ]

    def audit(self) -> None:
        """Every event can be read, and the books are sound."""
        self._seen = 0
        self.told()
        reader = open_reader(self.settings.data_dir / "ledger.db")
        try:
            findings = verify(reader)
        finally:
            reader.close()
        assert findings.is_sound, [finding for finding in findings.checks if finding.breaches]

    def close(self) -> None:
        self.engine.close()
