"""The audit of the books: the journal balances, everything kept beside it follows from it, the events are whole.

Reads row by row in one transaction, so it may run beside the daemon. It needs memory only for the positions that
are not yet balanced, not for the length of the journal.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from edge.ledger import verify_sql as sql

SHOWN = 20
"""Breaches of one check that are named; the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: how many rows it looked at, how many breaches there are, the first of them by name."""

    check: str
    looked_at: int
    breaches: int
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that the audit found, check by check."""

    checks: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        return not any(finding.breaches for finding in self.checks)


class _Book:
    """Collects what one check sees."""

    def __init__(self) -> None:
        self.looked_at = 0
        self.breaches = 0
        self.named: list[str] = []

    def breach(self, text: str) -> None:
        self.breaches += 1
        if len(self.named) < SHOWN:
            self.named.append(text)


def verify(connection: sqlite3.Connection) -> Findings:
    """Audit a ledger as it stood at one moment. A damaged file is a breach, too, and not an error."""
    connection.execute("BEGIN")
    try:
        return Findings(tuple(_checked(name, check, connection) for name, check in CHECKS))
    finally:
        # A database too damaged to be read has ended the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _checked(name: str, check: "Check", connection: sqlite3.Connection) -> Finding:
    book = _Book()
    try:
        check(connection, book)
    except sqlite3.DatabaseError as error:
        book.breach(f"the ledger's file cannot be read here: {error}")
    return Finding(name, book.looked_at, book.breaches, tuple(book.named))


Check = Callable[[sqlite3.Connection, _Book], None]


def _file(connection: sqlite3.Connection, book: _Book) -> None:
    for (text,) in connection.execute("PRAGMA quick_check(20)"):
        book.looked_at += 1
        if text != "ok":
            book.breach(f"the file is damaged: {text}")
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        book.breach(f"{table} row {row} names something that {parent} does not have")


def _entries(connection: sqlite3.Connection, book: _Book) -> None:
    """Every entry's postings sum to zero for each item, lot, expiry and pallet."""
    current, sums = 0, dict[str, int]()

    def close() -> None:
        for goods, qty in sums.items():
            if qty:
                book.breach(f"entry {current}: its postings of {_goods(goods)} sum to {qty:+}, not to 0")
        sums.clear()

    for entry, goods, qty in connection.execute(sql.POSTINGS_BY_ENTRY):
        if entry != current:
            close()
            current = entry
            book.looked_at += 1
        sums[goods] = sums.get(goods, 0) + qty
    close()
    _list(connection, book, sql.ENTRIES_WITHOUT_POSTINGS, "entry {}: it has no postings")


def _positions(connection: sqlite3.Connection, book: _Book) -> None:
    """Positions are the sums of the journal: none differs, none is missing, none is too much."""
    open_sums: dict[str, int] = {}
    for key, qty in connection.execute(sql.POSTINGS_BY_KEY):
        _add(open_sums, key, qty)
    book.looked_at = _against_positions(connection, book, open_sums, "the journal sums to")


def _moves(connection: sqlite3.Connection, book: _Book) -> None:
    """Who adds up `moves` of the events and nothing else has the node's positions (contract section 6)."""
    open_sums: dict[str, int] = {}
    for seq, kind, payload in connection.execute(sql.MOVING_EVENTS):
        book.looked_at += 1
        try:
            moves = json.loads(payload)["data"]["moves"]
            for move in moves:
                goods = "\x1f".join(move[name] or "" for name in ("sku", "lot", "expiry", "pallet"))
                _add(open_sums, f"{goods}\x1f{move['from']}", -move["qty"])
                _add(open_sums, f"{goods}\x1f{move['to']}", move["qty"])
        except (ValueError, TypeError, KeyError) as error:
            book.breach(f"event {seq} ({kind}): its moves cannot be read: {type(error).__name__} {error}")
    _against_positions(connection, book, open_sums, "the moves of the events sum to")


def _against_positions(connection: sqlite3.Connection, book: _Book, sums: dict[str, int], words: str) -> int:
    """Take each position from the sums; what is left over, either way, is a breach. Empties `sums`."""
    rows = 0
    for key, qty in connection.execute(sql.POSITIONS_BY_KEY):
        rows += 1
        expected = sums.pop(key, 0)
        if expected != qty:
            book.breach(f"position {_goods(key)}: it holds {qty}, {words} {expected}")
    for key, expected in sorted(sums.items()):
        book.breach(f"position {_goods(key)}: there is none, {words} {expected}")
    sums.clear()
    return rows


def _add(sums: dict[str, int], key: str, qty: int) -> None:
    # What is balanced is forgotten: goods that came and left must not add up to memory.
    total = sums.get(key, 0) + qty
    if total:
        sums[key] = total
    else:
        sums.pop(key, None)


def _allocations(connection: sqlite3.Connection, book: _Book) -> None:
    """Promises stand on goods that are there, and positions and lines know of exactly these."""
    book.looked_at = _count(connection, "SELECT COUNT(*) FROM allocations WHERE qty > 0")
    _list(
        connection,
        book,
        sql.POSITIONS_ALLOCATED,
        "position {} {} lot {!r} at {}: {} are marked as promised, its allocations sum to {}",
    )
    _list(
        connection,
        book,
        sql.POSITIONS_OVERDRAWN,
        "position {} {} lot {!r} at {}: {} are promised of {} there",
    )
    _list(
        connection,
        book,
        sql.LINES_ALLOCATED,
        "order {} line {}: {} count as allocated, its allocations sum to {}",
    )
    _list(connection, book, sql.ALLOCATIONS_OF_OTHER_ITEMS, "allocation {}: {} is promised to a line of {}")
    _list(connection, book, sql.ALLOCATIONS_WITHOUT_POSITION, "allocation {}: its position {} is not there")


def _orders(connection: sqlite3.Connection, book: _Book) -> None:
    """What waits is what was ordered and neither given nor cancelled, line by line and order by order."""
    book.looked_at = _count(connection, "SELECT COUNT(*) FROM lines")
    _list(connection, book, sql.LINES_WAITING, "order {} line {}: {} wait, by its other figures it is {}")
    _list(connection, book, sql.ORDERS_WAITING, "order {}: {} wait, its lines sum to {}")


def _levels(connection: sqlite3.Connection, book: _Book) -> None:
    """An item's level is what its positions, lines and announcements say."""
    book.looked_at = _count(connection, "SELECT COUNT(*) FROM levels")
    for name, statement in sql.LEVELS.items():
        _list(connection, book, statement, f"level of {{}}: {name} says {{}}, derived it is {{}}")


def _events(connection: sqlite3.Connection, book: _Book) -> None:
    """Events count from 1 without a gap, say so themselves, and their chain of hashes is whole."""
    epoch = _text(connection, "SELECT value FROM meta WHERE key = 'epoch'")
    expected, head = 1, bytes(32)
    for seq, kind, payload, stored in connection.execute(sql.EVENTS):
        book.looked_at += 1
        if seq != expected:
            gap = f"event {expected} is" if seq == expected + 1 else f"events {expected} to {seq - 1} are"
            book.breach(f"{gap} not there" if seq > expected else f"event {seq}: events count from 1")
        if hashlib.sha256(head + payload).digest() != stored:
            book.breach(f"event {seq}: its hash is not that of the hash before it and its bytes")
        for fault in _faults_of_payload(payload, seq=seq, kind=kind, epoch=epoch):
            book.breach(f"event {seq}: {fault}")
        # Go on from what is stored, so that one break is told once.
        expected, head = seq + 1, stored
    delivered = _count(connection, "SELECT COALESCE(MAX(value), 0) FROM cursors WHERE name = 'events'")
    if delivered >= expected:
        book.breach(f"events count as delivered up to {delivered}, the last one is {expected - 1}")


def _faults_of_payload(payload: bytes, *, seq: int, kind: str, epoch: str) -> Iterator[str]:
    try:
        told: Any = json.loads(payload)
        says = {name: told[name] for name in ("seq", "epoch", "type", "id")}
    except (ValueError, TypeError, KeyError) as error:
        yield f"its bytes are no event: {type(error).__name__} {error}"
        return
    wanted = {"seq": seq, "epoch": epoch, "type": f"crossdock.{kind}"}
    for name, value in wanted.items():
        if says[name] != value:
            yield f"its bytes say {name} {says[name]!r}, the ledger {value!r}"
    if not str(says["id"]).endswith(f"/{epoch}/{seq}"):
        yield f"its id {says['id']!r} does not end in /{epoch}/{seq}"


def _references(connection: sqlite3.Connection, book: _Book) -> None:
    """Labels, events and promises name the fact they come from, and it is there."""
    book.looked_at = _count(connection, "SELECT COUNT(*) FROM labels")
    for table, statement in sql.WITHOUT_FACT.items():
        _list(connection, book, statement, f"{table} {{}}: its fact {{}} is not there")
    _list(connection, book, sql.LABELS_WITHOUT_ORDER, "label job {}: its order {} is not there")


CHECKS: tuple[tuple[str, Check], ...] = (
    ("the file", _file),
    ("entries balance", _entries),
    ("positions follow from the journal", _positions),
    ("allocations lie within stock", _allocations),
    ("orders add up", _orders),
    ("levels follow from the books", _levels),
    ("events without gaps, chain of hashes", _events),
    ("moves of the events make the positions", _moves),
    ("labels and events name their facts", _references),
)


def _list(connection: sqlite3.Connection, book: _Book, statement: str, sentence: str) -> None:
    """Name a breach for each row of a query that finds only breaches."""
    for row in connection.execute(statement):
        book.breach(sentence.format(*row))


def _count(connection: sqlite3.Connection, statement: str) -> int:
    return int(connection.execute(statement).fetchone()[0])


def _text(connection: sqlite3.Connection, statement: str) -> str:
    row = connection.execute(statement).fetchone()
    return "" if row is None else str(row[0])


def _goods(key: str) -> str:
    """Name the goods and, where it is part of the key, the account."""
    sku, lot, expiry, pallet, *account = key.split("\x1f")
    words = [sku]
    words += [
        f"{name} {value}" for name, value in (("lot", lot), ("expiry", expiry), ("pallet", pallet)) if value
    ]
    return " ".join(words + [f"at {name}" for name in account])
