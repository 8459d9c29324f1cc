"""A ledger with a long past: the engine books some receipts, and what it wrote is repeated as often as is needed.

Every event has its place in the sequence and in the chain of hashes. The repeated receipts are whole (facts,
entries, postings, positions, levels follow), so that the audit finds such a ledger sound; events beyond them are
rows of `events` alone.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from edge.ledger.schema import open_writer
from tests.bench.warehouse import Warehouse, scan

ITEMS = 1_000
STEP = 20_000
"""Receipts that the engine books itself, at most."""


def make(folder: Path, events: int) -> None:
    """Make a ledger of so many receipts, an event each."""
    booked = min(STEP, events)
    warehouse = Warehouse(folder)
    # Nothing here has to outlive a power cut, and a disk flush for each step would take minutes.
    warehouse.engine.books.store.db.execute("PRAGMA synchronous = OFF")
    items = min(ITEMS, booked)
    warehouse.stock([f"ITEM-{n:05}" for n in range(items)], pack=1)
    for start in range(0, booked, 500):
        warehouse.book([scan(f"CASE-ITEM-{n % items:05}") for n in range(start, min(start + 500, booked))])
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
    receipts = db.execute(
        "SELECT f.seq, f.at, f.source, f.body, f.answer, f.text, e.payload, n.entry FROM entries n"
        " JOIN facts f ON f.seq = n.fact JOIN events e ON e.seq = n.booking ORDER BY n.entry"
    ).fetchall()
    fact, entry = receipts[-1][0], receipts[-1][7]
    seq, head = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    head = bytes(head)
    postings = {
        row[0]: row[1:]
        for row in db.execute(
            "SELECT a.entry, a.sku, a.account, a.qty, b.account, b.qty FROM postings a JOIN postings b"
            " ON b.entry = a.entry AND b.n = 1 WHERE a.n = 0"
        )
    }
    for _ in range(times):
        rows: list[tuple[tuple[object, ...], ...]] = []
        for old, at, source, body, answer, text, payload, of in receipts:
            fact, entry, seq = fact + 1, entry + 1, seq + 1
            told = _renumbered(payload, seq).replace(b'"scan/%d"' % old, b'"scan/%d"' % fact, 1)
            head = hashlib.sha256(head + told).digest()
            sku, left, less, gained, more = postings[of]
            rows.append(
                (
                    (fact, at, f"scan/{fact}", source, body, answer, text),
                    (entry, fact, "received", seq),
                    (entry, 0, sku, left, less),
                    (entry, 1, sku, gained, more),
                    (seq, "stock.received", fact, told, head),
                )
            )
        _write(db, rows)
    for table, column in (("positions", "qty"), ("levels", "on_hand")):
        db.execute(f"UPDATE {table} SET {column} = {column} * ?", (times + 1,))
    db.execute("UPDATE levels SET seq = ?", (seq,))


def _write(db: sqlite3.Connection, rows: list[tuple[tuple[object, ...], ...]]) -> None:
    facts, entries, out, in_, events = (list(column) for column in zip(*rows, strict=True))
    db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", facts)
    db.executemany("INSERT INTO entries (entry, fact, kind, booking) VALUES (?, ?, ?, ?)", entries)
    db.executemany(
        "INSERT INTO postings (entry, n, sku, lot, expiry, pallet, account, qty)"
        " VALUES (?, ?, ?, '', '', '', ?, ?)",
        [*out, *in_],
    )
    db.executemany("INSERT INTO events (seq, type, fact, payload, hash) VALUES (?, ?, ?, ?, ?)", events)


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
