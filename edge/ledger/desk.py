"""What stands open on the desk: exceptions, dialogues, what is begun and due, devices, cursors.

The engine's statements too, on the same connection as `store`. What is open with central is `central`'s.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from edge.ledger.records import encode

_NEVER = 1 << 62

IS_ABOUT_PLACE = "about >= ? AND about < ?"
"""An exception about goods at a place, between the `bounds_of` it: its about is place and SKU."""


def bounds_of(place: str) -> tuple[str, str]:
    """Between what the names of all goods at a place stand; `!` follows the space in ASCII."""
    return f"{place} ", f"{place}!"


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    id: str
    kind: str
    about: str
    text: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Begun:
    """An item of a move or count that is begun; `entry` is the journal's last when it was scanned."""

    n: int
    sku: str
    lot: str
    expiry: str
    pallet: str
    label: str
    qty: int
    entry: int


class BegunRow(NamedTuple):
    """Which item somebody has in hand or counted, and how many: of this dialogue, move or count, its number there."""

    dialogue: str
    what: str
    n: int
    sku: str
    qty: int


class Desk:
    """The open matters of the ledger, as the engine uses them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute
        self.soonest = 0
        """No timer is due before this time."""
        self.find_soonest()

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._run(sql, values).fetchone()
        return row[0] if row else None

    # -- exceptions ------------------------------------------------------------------------------------------

    def open_exception(self, kind: str, about: str) -> str | None:
        id_ = self._one(
            "SELECT id FROM exceptions WHERE kind = ? AND about = ? AND cleared_at IS NULL", kind, about
        )
        return None if id_ is None else str(id_)

    def open_text(self, kind: str, about: str) -> str | None:
        """What an open exception says."""
        text = self._one(
            "SELECT text FROM exceptions WHERE kind = ? AND about = ? AND cleared_at IS NULL", kind, about
        )
        return None if text is None else str(text)

    def open_at(self, place: str) -> set[tuple[str, str]]:
        """The open exceptions about items at a place: kind and what about."""
        rows = self._run(
            "SELECT kind, about FROM exceptions WHERE cleared_at IS NULL"
            f" AND kind IN ('contradiction', 'count_again', 'count_needed') AND {IS_ABOUT_PLACE}",
            bounds_of(place),
        )
        return set(rows.fetchall())

    def exception(self, id: str) -> ExceptionRow | None:
        """An exception by its id, open or cleared."""
        row = self._run(
            "SELECT id, kind, about, text, cleared_at IS NULL FROM exceptions WHERE id = ?", (id,)
        ).fetchone()
        return ExceptionRow(*row) if row else None

    def raise_exception(self, id: str, kind: str, about: str, text: str, at: int) -> None:
        self._run("INSERT INTO exceptions VALUES (?, ?, ?, ?, ?, NULL, NULL)", (id, kind, about, text, at))

    def clear_exception(self, id: str, reason: str, at: int) -> None:
        self._run("UPDATE exceptions SET cleared_at = ?, reason = ? WHERE id = ?", (at, reason, id))

    # -- dialogues and stations ------------------------------------------------------------------------------

    def dialogue(self, id: str) -> dict[str, Any] | None:
        state = self._one("SELECT state FROM dialogues WHERE id = ?", id)
        return None if state is None else json.loads(state)

    def write_dialogue(self, id: str, state: dict[str, Any]) -> None:
        self._run("INSERT OR REPLACE INTO dialogues VALUES (?, ?)", (id, encode(state)))

    def station(self, id: str) -> dict[str, Any]:
        state = self._one("SELECT state FROM stations WHERE id = ?", id)
        return {} if state is None else json.loads(state)

    def write_station(self, id: str, state: dict[str, Any]) -> None:
        self._run("INSERT OR REPLACE INTO stations VALUES (?, ?)", (id, encode(state)))

    # -- what is begun, what is due --------------------------------------------------------------------------

    def begun(self, dialogue: str, what: str) -> list[Begun]:
        """The items of a "move" or "count" that a dialogue has begun, in the order of their scans."""
        rows = self._run(
            "SELECT n, sku, lot, expiry, pallet, label, qty, entry FROM begun"
            " WHERE dialogue = ? AND what = ? ORDER BY n",
            (dialogue, what),
        )
        return [Begun(*row) for row in rows]

    def begin_item(self, dialogue: str, what: str, item: Begun) -> None:
        self._run(
            "INSERT INTO begun (dialogue, what, n, sku, lot, expiry, pallet, label, qty, entry)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(dialogue, what, item.n, item.sku, item.lot, item.expiry, item.pallet, item.label),
                *(item.qty, item.entry),
            ),
        )

    def begun_of(self, sku: str) -> list[BegunRow]:
        """What is in anybody's hands or counted of an item."""
        rows = self._run(
            "SELECT dialogue, what, n, sku, qty FROM begun WHERE sku = ? ORDER BY dialogue, what, n", (sku,)
        )
        return [BegunRow(*row) for row in rows]

    def still_begun(self, rows: Iterable[Sequence[Any]], entry: int) -> list[tuple[BegunRow, BegunRow]]:
        """Those of some rows that are in hand still since before an entry: as they were, and as they are."""
        found = []
        for was in (BegunRow(*row) for row in rows):
            row = self._run(
                "SELECT dialogue, what, n, sku, qty FROM begun"
                " WHERE dialogue = ? AND what = ? AND n = ? AND entry < ?",
                (*was[:3], entry),
            ).fetchone()
            if row:
                found.append((was, BegunRow(*row)))
        return found

    def change_begun(self, row: BegunRow) -> None:
        """What is in somebody's hands or counted is so many of this item."""
        self._run(
            "UPDATE begun SET sku = ?, qty = ? WHERE dialogue = ? AND what = ? AND n = ?",
            (row.sku, row.qty, *row[:3]),
        )

    def end_begun(self, dialogue: str, what: str) -> None:
        self._run("DELETE FROM begun WHERE dialogue = ? AND what = ?", (dialogue, what))

    def set_timer(self, kind: str, about: str, due_at: int) -> None:
        """Have something done at a time; a later call for the same replaces the time."""
        self._run(
            "INSERT OR REPLACE INTO timers (kind, about, due_at) VALUES (?, ?, ?)", (kind, about, due_at)
        )
        self.soonest = min(self.soonest, due_at)

    def timer(self, kind: str, about: str) -> int | None:
        """When a timer is due, ms UTC; None where there is none."""
        due_at = self._one("SELECT due_at FROM timers WHERE kind = ? AND about = ?", kind, about)
        return None if due_at is None else int(due_at)

    def end_timer(self, kind: str, about: str) -> None:
        self._run("DELETE FROM timers WHERE kind = ? AND about = ?", (kind, about))

    def due(self, at_ms: int) -> list[tuple[str, str]]:
        """What is due by now, the earliest first: kind and what about."""
        return self._run(
            "SELECT kind, about FROM timers WHERE due_at <= ? ORDER BY due_at, kind, about", (at_ms,)
        ).fetchall()

    def find_soonest(self) -> None:
        """Look up when the next timer is due."""
        due = self._one("SELECT min(due_at) FROM timers")
        self.soonest = _NEVER if due is None else int(due)

    # -- devices and cursors ---------------------------------------------------------------------------------

    def write_device(self, kind: str, id: str, state: str, text: str, at: int) -> None:
        self._run(
            "INSERT OR REPLACE INTO devices (id, kind, state, text, since) VALUES (?, ?, ?, ?, ?)",
            (id, kind, state, text, at),
        )

    def device_state(self, kind: str, id: str) -> str | None:
        """A device is "ready" or "lost"; None where nothing was told of it since the start."""
        state = self._one("SELECT state FROM devices WHERE kind = ? AND id = ?", kind, id)
        return None if state is None else str(state)

    def lost_devices(self, kind: str) -> list[tuple[str, str]]:
        """The devices of a kind that are lost, each with why."""
        return self._run(
            "SELECT id, text FROM devices WHERE kind = ? AND state = 'lost' ORDER BY id", (kind,)
        ).fetchall()

    def forget_devices(self) -> None:
        """At start nothing is known of any device."""
        self._run("DELETE FROM devices")

    def cursor(self, name: str) -> int:
        return int(self._one("SELECT value FROM cursors WHERE name = ?", name) or 0)

    def move_cursor(self, name: str, value: int) -> None:
        self._run(
            "INSERT INTO cursors VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = max(value, ?2)",
            (name, value),
        )
