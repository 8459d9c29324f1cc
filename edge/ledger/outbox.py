"""What printers and central work off, read from the ledger: each reader has a connection of its own, read-only."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from edge.domain.labels import LabelContent
from edge.domain.requests import ReplayEvents, Scope, TakeSnapshot
from edge.ledger.records import encode
from edge.ledger.schema import open_reader
from edge.ledger.snapshots import Snapshot
from edge.ledger.tables import LABEL_IS_OPEN
from edge.outbox import AnswerRow, AskedRow, EventRow, Head, LabelJob, LevelRow


class LabelRows:
    """The label jobs of one printer (`edge.outbox.LabelQueue`)."""

    def __init__(self, ledger: Path, printer: str) -> None:
        self._db = open_reader(ledger)
        self._printer = printer

    def next(self) -> LabelJob | None:
        row = self._db.execute(
            "SELECT job, label, content, copy,"
            " EXISTS (SELECT 1 FROM orders WHERE orders.id = labels.order_id AND orders.status = 'held')"
            f" FROM labels WHERE printer = ? AND {LABEL_IS_OPEN} ORDER BY job LIMIT 1",
            (self._printer,),
        ).fetchone()
        if row is None:
            return None
        said = json.loads(row[2])
        return LabelJob(
            row[0], row[1], LabelContent(said["kind"], said["fields"]), bool(row[3]), bool(row[4])
        )

    def close(self) -> None:
        self._db.close()


class SyncRows:
    """What central is still to be told (`edge.outbox.SyncOutbox`)."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._db = open_reader(ledger)
        meta = _meta(self._db)
        self._epoch, self._session = meta["epoch"], int(meta["session"])
        # Set while no daemon works, so that neither changes while this is open.
        is_cut = meta.get("archived_epoch") == self._epoch
        self._first_seq = self._cursors().get("archived_seq", 0) + 1 if is_cut else 1
        self._previous = meta.get("previous")

    def head(self) -> Head:
        row = self._db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone() or (
            0,
            bytes(32),
        )
        cursors = self._cursors()
        return Head(
            self._epoch,
            self._session,
            row[0],
            row[1].hex(),
            cursors.get("events", 0),
            cursors.get("levels", 0),
            cursors.get("answers", 0),
            cursors.get("asked", 0),
            self._first_seq,
            self._previous,
        )

    def _cursors(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, value FROM cursors ORDER BY name").fetchall())

    def events(self, *, after: int, limit: int) -> list[EventRow]:
        rows = self._db.execute(
            "SELECT seq, type, payload FROM events WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
        )
        return [EventRow(*row) for row in rows]

    def levels(self, *, after: int, upto: int, limit: int) -> list[LevelRow]:
        rows = self._db.execute(
            "SELECT n, seq, sku, on_hand, allocated, waiting, missing, quarantine, expected,"
            " strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') FROM levels"
            " WHERE n > ? AND seq <= ? ORDER BY n LIMIT ?",
            (after, upto, limit),
        )
        return [LevelRow(row[0], row[1], row[2], self._level(row[1:])) for row in rows]

    def _level(self, row: tuple[int, str, int, int, int, int, int, int, str]) -> bytes:
        seq, sku, on_hand, allocated, waiting, missing, quarantine, expected, time = row
        level = {
            **{
                "sku": sku,
                "on_hand": on_hand,
                "allocated": allocated,
                "available": max(0, on_hand - allocated),
            },
            **{"waiting": waiting, "missing": missing, "quarantine": quarantine, "expected": expected},
            **{"epoch": self._epoch, "seq": seq, "time": time},
        }
        return encode(level).encode()

    def answers(self, *, after: int, limit: int) -> list[AnswerRow]:
        rows = self._db.execute(
            "SELECT number, payload, reply_topic, correlation FROM answers WHERE number > ? ORDER BY number LIMIT ?",
            (after, limit),
        )
        return [AnswerRow(*row) for row in rows]

    def asked(self, *, after: int, limit: int) -> list[AskedRow]:
        rows = self._db.execute(
            "SELECT number, id, from_seq, to_seq, scopes FROM asked WHERE number > ? ORDER BY number LIMIT ?",
            (after, limit),
        )
        return [
            AskedRow(
                number,
                id_,
                ReplayEvents(from_seq, to_seq) if scopes is None else TakeSnapshot(tuple(json.loads(scopes))),
            )
            for number, id_, from_seq, to_seq, scopes in rows
        ]

    def snapshot(self, scopes: Sequence[Scope]) -> Snapshot:
        return Snapshot(self._ledger, scopes)

    def scratch(self) -> BinaryIO:
        return TemporaryFile(dir=self._ledger.parent)

    def close(self) -> None:
        self._db.close()


def _meta(db: sqlite3.Connection) -> dict[str, str]:
    return dict(db.execute("SELECT key, value FROM meta ORDER BY key").fetchall())
