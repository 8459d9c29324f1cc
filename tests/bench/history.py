"""A ledger with a long past: the engine books receipts and their labels, and what it wrote is repeated often enough.

Every event has its place in the sequence and in the chain of hashes, and every second one is a receipt, the other
its label. What is repeated is whole (facts, entries, postings, positions, levels follow), so that the audit finds
such a ledger sound; events beyond that are rows of `events` alone.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from edge.facts import LabelPrinted
from edge.ledger.schema import open_writer
from tests.bench.warehouse import Warehouse, scan

ITEMS = 1_000
STEP = 20_000
"""Events that the engine books itself, at most."""


def make(folder: Path, events: int) -> None:
    """Make a ledger of so many events."""
    booked = min(STEP, events)
    warehouse = Warehouse(folder)
    # Nothing here has to outlive a power cut, and a disk flush for each step would take minutes.
    warehouse.engine.books.store.db.execute("PRAGMA synchronous = OFF")
    items = min(ITEMS, booked)
    warehouse.stock([f"ITEM-{n:05}" for n in range(items)], pack=1)
    for n in range(booked // 2):
        # The label's job has the receipt's number: no order waits, so each receipt prints one.
        warehouse.book([scan(f"CASE-ITEM-{n % items:05}"), LabelPrinted(n + 1)])
    warehouse.close()
    with _quick(folder) as db:
        times = events // booked - 1
        _repeat(db, times)
        db.execute("UPDATE cursors SET value = (SELECT max(seq) FROM events) WHERE name = 'events'")


def lengthen(folder: Path, events: int) -> None:
    """Let the events, and nothing else, go on until there are so many; central has them all."""
    with _quick(folder) as db:
        rows = db.execute("SELECT type, payload FROM events ORDER BY seq DESC LIMIT 1000").fetchall()
        fact = db.execute("SELECT max(seq) FROM facts").fetchone()[0]
        seq, head = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()

        def more() -> Iterator[tuple[int, str, int, bytes, bytes]]:
            hashed = bytes(head)
            for number in range(seq + 1, events + 1):
                type_, known = rows[number % len(rows)]
                payload = _renumbered(known, number)
                hashed = hashlib.sha256(hashed + payload).digest()
                yield number, type_, fact, payload, hashed

        db.executemany("INSERT INTO events (seq, type, fact, payload, hash) VALUES (?, ?, ?, ?, ?)", more())
        db.execute("INSERT OR REPLACE INTO cursors (name, value) VALUES ('events', ?)", (events,))


def leave_untold(folder: Path, events: int) -> None:
    """Let the last so many events, and no more, be still to be told."""
    with _quick(folder) as db:
        db.execute(
            "INSERT OR REPLACE INTO cursors (name, value) SELECT 'events', max(seq) - ? FROM events",
            (events,),
        )


class _quick:  # noqa: N801 - read as a word: with _quick(folder)
    """The ledger's file in one transaction that no disk flush holds up."""

    def __init__(self, folder: Path) -> None:
        self._db = open_writer(folder / "ledger.db")
        self._db.execute("PRAGMA synchronous = OFF")

    def __enter__(self) -> sqlite3.Connection:
        self._db.execute("BEGIN IMMEDIATE")
        return self._db

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        self._db.close()


def _repeat(db: sqlite3.Connection, times: int) -> None:
    """Go on as the engine did: the same receipts and labels, under the next numbers."""
    booked = db.execute(
        "SELECT f.seq, f.at, f.cause, f.source, f.body, f.answer, f.text, e.type, e.payload, n.entry FROM events e"
        " JOIN facts f ON f.seq = e.fact LEFT JOIN entries n ON n.fact = f.seq ORDER BY e.seq"
    ).fetchall()
    postings = {
        row[0]: row[1:]
        for row in db.execute(
            "SELECT a.entry, a.sku, a.account, a.qty, b.account, b.qty FROM postings a JOIN postings b"
            " ON b.entry = a.entry AND b.n = 1 WHERE a.n = 0"
        )
    }
    fact, entry = (db.execute(f"SELECT max({key}) FROM {table}").fetchone()[0] for table, key in _NUMBERED)
    seq, head = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    for _ in range(times):
        rows: dict[str, list[tuple[object, ...]]] = {statement: [] for statement in _STATEMENTS}
        facts, entries, of_entry, events = rows.values()
        for old, at, cause, source, body, answer, text, type_, payload, of in booked:
            fact, seq = fact + 1, seq + 1
            told = _renumbered(payload, seq)
            if of is not None:
                entry += 1
                told = told.replace(b'"scan/%d"' % old, b'"scan/%d"' % fact, 1)
                sku, left, less, gained, more = postings[of]
                entries.append((entry, fact, "received", seq))
                of_entry += ((entry, 0, sku, left, less), (entry, 1, sku, gained, more))
            facts.append((fact, at, cause if of is None else f"scan/{fact}", source, body, answer, text))
            head = hashlib.sha256(bytes(head) + told).digest()
            events.append((seq, type_, fact, told, head))
        for statement, values in rows.items():
            db.executemany(statement, values)
    for table, column in (("positions", "qty"), ("levels", "on_hand")):
        db.execute(f"UPDATE {table} SET {column} = {column} * ?", (times + 1,))
    db.execute("UPDATE levels SET seq = ?", (seq,))


_NUMBERED = (("facts", "seq"), ("entries", "entry"))
_STATEMENTS = (
    "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO entries (entry, fact, kind, booking) VALUES (?, ?, ?, ?)",
    "INSERT INTO postings (entry, n, sku, lot, expiry, pallet, account, qty) VALUES (?, ?, ?, '', '', '', ?, ?)",
    "INSERT INTO events (seq, type, fact, payload, hash) VALUES (?, ?, ?, ?, ?)",
)


def _renumbered(payload: bytes, seq: int) -> bytes:
    """An event that is a booking of its own, under another number."""
    was = payload.partition(b'"seq":')[2].partition(b",")[0]
    for before, after in (
        (b'/%s",' % was, b'/%d",' % seq),
        (b'"seq":%s,"booking":%s,' % (was, was), b'"seq":%d,"booking":%d,' % (seq, seq)),
    ):
        assert before in payload, (before, payload)
        payload = payload.replace(before, after, 1)
    return payload
