"""What stands open on the desk: label jobs, commands and answers, exceptions, dialogues, devices, cursors.

The engine's statements too, on the same connection as `store`.
"""

import json
import sqlite3
from typing import Any

from edge.ledger.records import encode


class Desk:
    """The open matters of the ledger, as the engine uses them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._run = connection.execute

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._run(sql, values).fetchone()
        return row[0] if row else None

    # -- labels ----------------------------------------------------------------------------------------------

    def write_labels(self, rows: list[tuple[Any, ...]]) -> None:
        """Queue jobs: job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order."""
        self.db.executemany(
            "INSERT INTO labels (job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def label(self, job: int) -> tuple[str, str, str, bool, str] | None:
        """A job's label, kind, printer, mark and status."""
        row = self._run(
            "SELECT label, kind, printer, copy, status FROM labels WHERE job = ?", (job,)
        ).fetchone()
        return (row[0], row[1], row[2], bool(row[3]), row[4]) if row else None

    def label_named(self, label: str) -> tuple[str, str, str, int, str] | None:
        """What a label of ours stands for: SKU, lot, expiry, quantity, order."""
        # A label's id ends in its job's number: so it needs no index of its own.
        number = label.rpartition("-")[2]
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):
            return None
        row = self._run(
            "SELECT sku, lot, expiry, qty, order_id FROM labels WHERE job = ? AND label = ?",
            (int(number), label),
        ).fetchone()
        return (row[0], row[1], row[2], row[3], row[4]) if row else None

    def set_label(self, job: int, status: str, *, copy: bool = False, error: str | None = None) -> None:
        self._run(
            "UPDATE labels SET status = ?, copy = max(copy, ?), error = ? WHERE job = ?",
            (status, copy, error, job),
        )

    def unsettle_labels(self) -> int:
        """At start: what was being sent when the daemon ended may be on paper; it goes again, marked."""
        return self._run("UPDATE labels SET status = 'unknown', copy = 1 WHERE status = 'sending'").rowcount

    # -- commands --------------------------------------------------------------------------------------------

    def command(self, source: str, id: str) -> tuple[str, str] | None:
        """A command that was answered: its digest and the answer."""
        row = self._run(
            "SELECT digest, answer FROM commands WHERE source = ? AND id = ?", (source, id)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def write_command(self, source: str, id: str, digest: str, at: int, answer: str) -> None:
        self._run("INSERT INTO commands VALUES (?, ?, ?, ?, ?)", (source, id, digest, at, answer))

    def write_answer(self, answer: str, topic: str | None, correlation: bytes | None) -> None:
        self._run(
            "INSERT INTO answers (payload, reply_topic, correlation) VALUES (?, ?, ?)",
            (answer.encode(), topic, correlation),
        )

    # -- exceptions ------------------------------------------------------------------------------------------

    def open_exception(self, kind: str, about: str) -> str | None:
        id_ = self._one(
            "SELECT id FROM exceptions WHERE kind = ? AND about = ? AND cleared_at IS NULL", kind, about
        )
        return None if id_ is None else str(id_)

    def raise_exception(self, id: str, kind: str, about: str, text: str, at: int) -> None:
        self._run("INSERT INTO exceptions VALUES (?, ?, ?, ?, ?, NULL, NULL)", (id, kind, about, text, at))

    def clear_exception(self, id: str, reason: str, at: int) -> None:
        self._run("UPDATE exceptions SET cleared_at = ?, reason = ? WHERE id = ?", (at, reason, id))

    # -- dialogues, stations, devices, cursors ---------------------------------------------------------------

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

    def write_device(self, kind: str, id: str, state: str, text: str, at: int) -> None:
        self._run(
            "INSERT OR REPLACE INTO devices (id, kind, state, text, since) VALUES (?, ?, ?, ?, ?)",
            (id, kind, state, text, at),
        )

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

    def forget_answers(self, upto: int) -> None:
        """Answers that central has; each is in its command's row and can be given again."""
        self._run("DELETE FROM answers WHERE number <= ?", (upto,))
