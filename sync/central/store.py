"""What central keeps of what its nodes tell, as SQL; commands are `command_rows`', and `shown` reads it for people.

Works within the transaction of whoever calls. What is a rule is `books`', `intake`'s and `snapshots`'.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from edge.clock import Clock, rfc3339
from sync.central.books import Books, Event, Line
from sync.central.database import Database

FINDINGS_KEPT = 10_000
"""Of all nodes together; older ones make room."""
COMPARISONS_KEPT = 100
_BOOKING_EVENTS_MAX = 10_000
"""Events of one booking that are looked at when it is undone."""


@dataclass(slots=True)
class Epoch:
    """A ledger of a node and how far its events are here; see `tables` for what the fields say.

    `held` are the numbers of events that are here beyond `seq`.
    """

    id: int
    name: str
    seq: int = 0
    hash: bytes | None = None
    base: int | None = None
    standing: str = "unknown"
    held: set[int] = field(default_factory=set)


class Store:
    """Central's tables. Nodes, epochs and snapshots go by the numbers they have here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock
        self._events: list[dict[str, Any]] = []

    # -- nodes and their epochs ----------------------------------------------------------------------------

    def nodes(self) -> dict[str, int]:
        return dict(self._db.rows("SELECT name, id FROM nodes ORDER BY id"))

    def add_node(self, name: str) -> int:
        """The number of a node, which is new unless somebody wrote to it before."""
        self._db.rows("INSERT INTO nodes (name) VALUES (:name) ON CONFLICT (name) DO NOTHING", {"name": name})
        return int(self._db.rows("SELECT id FROM nodes WHERE name = :name", {"name": name})[0][0])

    def keep_state(self, node: int, state: str) -> None:
        values = {"node": node, "state": state, "now": self.now()}
        self._db.rows("UPDATE nodes SET state = :state, seen_at = :now WHERE id = :node", values)

    def epochs(self, node: int) -> list[Epoch]:
        found = self._db.rows(
            "SELECT id, name, seq, hash, base, standing FROM epochs WHERE node = :node ORDER BY id",
            {"node": node},
        )
        epochs = [Epoch(*row) for row in found]
        for epoch in epochs:
            held = self._db.rows(
                "SELECT seq FROM events WHERE epoch = :epoch AND seq > :seq ORDER BY seq",
                {"epoch": epoch.id, "seq": epoch.seq},
            )
            epoch.held = {seq for (seq,) in held}
        return epochs

    def add_epoch(self, node: int, name: str) -> Epoch:
        found = self._db.rows(
            "INSERT INTO epochs (node, name, seq, standing) VALUES (:node, :name, 0, 'unknown') RETURNING id",
            {"node": node, "name": name},
        )
        return Epoch(found[0][0], name)

    def keep_epoch(self, epoch: Epoch) -> None:
        self._db.rows(
            "UPDATE epochs SET seq = :seq, hash = :hash, base = :base, standing = :standing WHERE id = :id",
            {
                "id": epoch.id,
                "seq": epoch.seq,
                "hash": epoch.hash,
                "base": epoch.base,
                "standing": epoch.standing,
            },
        )

    # -- events --------------------------------------------------------------------------------------------

    def keep_event(self, epoch: int, seq: int, payload: bytes) -> None:
        """Keep an event; written with others, before anything is read or committed."""
        self._events.append({"epoch": epoch, "seq": seq, "payload": payload})

    def write_events(self) -> None:
        if self._events:
            self._db.many("INSERT INTO events VALUES (:epoch, :seq, :payload)", self._events)
            self._events.clear()

    def event(self, epoch: int, seq: int) -> bytes | None:
        self.write_events()
        found = self._db.rows(
            "SELECT payload FROM events WHERE epoch = :epoch AND seq = :seq", {"epoch": epoch, "seq": seq}
        )
        return found[0][0] if found else None

    def events(self, epoch: int, after: int, upto: int) -> Iterable[bytes]:
        """Events in their order, read a thousand at a time."""
        self.write_events()
        while after < upto:
            found = self._db.rows(
                "SELECT seq, payload FROM events WHERE epoch = :epoch AND seq > :after AND seq <= :upto"
                " ORDER BY seq LIMIT 1000",
                {"epoch": epoch, "after": after, "upto": upto},
            )
            if not found:
                return
            yield from (payload for _, payload in found)
            after = found[-1][0]

    def booking(self, epoch: int, number: int) -> Iterable[Event]:
        """The events of a booking, which stand one behind the other."""
        for payload in self.events(epoch, number - 1, number + _BOOKING_EVENTS_MAX):
            event = json.loads(payload)
            if event.get("booking") != number:
                return
            yield event

    # -- books ---------------------------------------------------------------------------------------------

    def books(self, node: int, epoch: Callable[[], int]) -> Books:
        """Empty books of a node, which find lines and bookings here; `epoch` is whose events they take in."""
        return Books(
            line_of=lambda order, line: self._line(node, order, line),
            lines_of=lambda order: self._lines(node, order),
            booking_of=lambda number: self.booking(epoch(), number),
        )

    def _line(self, node: int, order: str, line: str) -> Line | None:
        found = self._db.rows(
            "SELECT sku, ordered, allocated, picked, shipped, cancelled, waiting FROM lines"
            " WHERE node = :node AND order_name = :order AND line = :line",
            {"node": node, "order": order, "line": line},
        )
        return Line(*found[0]) if found else None

    def _lines(self, node: int, order: str) -> list[tuple[str, Line]]:
        found = self._db.rows(
            "SELECT line, sku, ordered, allocated, picked, shipped, cancelled, waiting FROM lines"
            " WHERE node = :node AND order_name = :order ORDER BY line",
            {"node": node, "order": order},
        )
        return [(line, Line(*rest)) for line, *rest in found]

    def write_books(self, node: int, books: Books) -> None:
        """Write what changed, and empty the books."""
        self.write_events()
        if books.moved:
            self._write_moved(node, books)
        if books.lines:
            self._write_lines(node, books)
        if books.statuses:
            self._db.many(
                # An order of which only lines were told is open, and stays what it was.
                "INSERT INTO orders VALUES (:node, :name, :new) ON CONFLICT (node, name)"
                " DO UPDATE SET status = CASE WHEN :status = '' THEN orders.status ELSE :status END",
                [
                    {"node": node, "name": each, "status": status, "new": status or "open"}
                    for each, status in books.statuses.items()
                ],
            )
        for each, told in books.exceptions.items():
            self._write_exception(node, each, told)
        books.clear()

    def _write_moved(self, node: int, books: Books) -> None:
        self._db.many(
            "INSERT INTO positions VALUES (:node, :sku, :lot, :expiry, :pallet, :account, :qty)"
            " ON CONFLICT (node, sku, lot, expiry, pallet, account) DO UPDATE SET qty = positions.qty + excluded.qty",
            [
                {
                    "node": node,
                    "sku": sku,
                    "lot": lot,
                    "expiry": expiry,
                    "pallet": pallet,
                    "account": account,
                    "qty": qty,
                }
                for (sku, lot, expiry, pallet, account), qty in books.moved.items()
                if qty
            ],
        )
        self._db.rows("DELETE FROM positions WHERE node = :node AND qty = 0", {"node": node})

    def _write_lines(self, node: int, books: Books) -> None:
        self._db.many(
            "INSERT INTO lines VALUES (:node, :order, :line, :sku, :ordered, :allocated, :picked, :shipped,"
            " :cancelled, :waiting) ON CONFLICT (node, order_name, line) DO UPDATE SET sku = excluded.sku,"
            " ordered = excluded.ordered, allocated = excluded.allocated, picked = excluded.picked,"
            " shipped = excluded.shipped, cancelled = excluded.cancelled, waiting = excluded.waiting",
            [
                {
                    "node": node,
                    "order": order,
                    "line": number,
                    "sku": line.sku,
                    "ordered": line.ordered,
                    "allocated": line.allocated,
                    "picked": line.picked,
                    "shipped": line.shipped,
                    "cancelled": line.cancelled,
                    "waiting": line.waiting,
                }
                for (order, number), line in books.lines.items()
            ],
        )

    def _write_exception(self, node: int, name: str, told: str | None) -> None:
        if told is None:
            self._db.rows(
                "DELETE FROM exceptions WHERE node = :node AND name = :name", {"node": node, "name": name}
            )
        else:
            self._db.rows(
                "INSERT INTO exceptions VALUES (:node, :name, :told)"
                " ON CONFLICT (node, name) DO UPDATE SET told = excluded.told",
                {"node": node, "name": name, "told": told},
            )

    def positions(self, node: int) -> dict[tuple[str, str, str, str, str], int]:
        found = self._db.rows(
            "SELECT sku, lot, expiry, pallet, account, qty FROM positions WHERE node = :node"
            " ORDER BY sku, lot, expiry, pallet, account",
            {"node": node},
        )
        return {(sku, lot, expiry, pallet, account): qty for sku, lot, expiry, pallet, account, qty in found}

    def empty(self, node: int, *tables: str) -> None:
        """Forget what the node's books say of positions, lines, orders, levels or exceptions."""
        for table in tables:
            self._db.rows(f"DELETE FROM {table} WHERE node = :node", {"node": node})  # noqa: S608 - names of ours

    def keep_levels(self, node: int, levels: dict[str, str | None]) -> None:
        """Keep the last level of each SKU; None where the item is gone."""
        gone = [{"node": node, "sku": sku} for sku, told in levels.items() if told is None]
        if gone:
            self._db.many("DELETE FROM levels WHERE node = :node AND sku = :sku", gone)
        kept = [{"node": node, "sku": sku, "told": told} for sku, told in levels.items() if told is not None]
        if kept:
            self._db.many(
                "INSERT INTO levels VALUES (:node, :sku, :told)"
                " ON CONFLICT (node, sku) DO UPDATE SET told = excluded.told",
                kept,
            )

    def levels(self, node: int) -> dict[str, dict[str, Any]]:
        found = self._db.rows("SELECT sku, told FROM levels WHERE node = :node ORDER BY sku", {"node": node})
        return {sku: json.loads(told) for sku, told in found}

    # -- snapshots -----------------------------------------------------------------------------------------

    def begin_snapshot(self, node: int, name: str, begun: str) -> None:
        """Make room for a snapshot's chunks; one of the same name that came before is forgotten."""
        for (old,) in self._db.rows(
            "SELECT id FROM snapshots WHERE node = :node AND name = :name", {"node": node, "name": name}
        ):
            self.drop_snapshot(old)
        self._db.rows(
            "INSERT INTO snapshots (node, name, begun, is_whole) VALUES (:node, :name, :begun, 0)",
            {"node": node, "name": name, "begun": begun},
        )

    def snapshots(self, node: int) -> list[tuple[int, str, str, bool]]:
        """Those on their way, the oldest first: number, name, first message, whether all of it is here."""
        found = self._db.rows(
            "SELECT id, name, begun, is_whole FROM snapshots WHERE node = :node ORDER BY id", {"node": node}
        )
        return [(id_, name, begun, bool(is_whole)) for id_, name, begun, is_whole in found]

    def keep_chunk(self, snapshot: int, number: int, payload: bytes) -> None:
        self._db.rows(
            "INSERT INTO chunks VALUES (:snapshot, :number, :payload)",
            {"snapshot": snapshot, "number": number, "payload": payload},
        )

    def chunks(self, snapshot: int, *, first: int = 0) -> Iterable[bytes]:
        """The chunks in the order they came, one at a time."""
        for number in range(first, self.chunk_count(snapshot)):
            values = {"snapshot": snapshot, "number": number}
            sql = "SELECT payload FROM chunks WHERE snapshot = :snapshot AND number = :number"
            yield self._db.rows(sql, values)[0][0]

    def chunk_count(self, snapshot: int) -> int:
        sql = "SELECT COUNT(*) FROM chunks WHERE snapshot = :snapshot"
        return int(self._db.rows(sql, {"snapshot": snapshot})[0][0])

    def snapshot_is_whole(self, snapshot: int) -> None:
        self._db.rows("UPDATE snapshots SET is_whole = 1 WHERE id = :id", {"id": snapshot})

    def drop_snapshot(self, snapshot: int) -> None:
        self._db.rows("DELETE FROM chunks WHERE snapshot = :id", {"id": snapshot})
        self._db.rows("DELETE FROM snapshots WHERE id = :id", {"id": snapshot})

    def keep_comparison(self, node: int, name: str, told: str) -> None:
        found = self._db.rows(
            "INSERT INTO comparisons (node, name, told) VALUES (:node, :name, :told) RETURNING id",
            {"node": node, "name": name, "told": told},
        )
        self._db.rows("DELETE FROM comparisons WHERE id <= :id", {"id": found[0][0] - COMPARISONS_KEPT})

    # -- findings ------------------------------------------------------------------------------------------

    def find(self, node: int, kind: str, about: str, text: str) -> bool:
        """Keep what is not as it should be, once for each thing it is about; whether it is new."""
        values = {"node": node, "kind": kind, "about": about, "text": text, "now": self.now()}
        found = self._db.rows(
            "INSERT INTO findings (node, kind, about, text, at, times) VALUES (:node, :kind, :about, :text, :now, 1)"
            " ON CONFLICT (node, kind, about) DO UPDATE SET times = findings.times + 1, at = excluded.at,"
            " text = excluded.text RETURNING id, times",
            values,
        )
        self._db.rows("DELETE FROM findings WHERE id <= :id", {"id": found[0][0] - FINDINGS_KEPT})
        return bool(found[0][1] == 1)

    def now(self) -> str:
        return rfc3339(self._clock.now_ms())
