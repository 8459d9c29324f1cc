"""The audit of the books: the journal balances, everything kept beside it follows from it, the events are whole.

Reads row by row in one transaction, so it may run beside the daemon. It needs memory only for the positions that
are not yet balanced, not for the length of the journal.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable
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


class _Audit:
    """One run: the ledger, and what one check leaves to the next."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self.moved: dict[str, int] = {}
        """Sums of the events' moves by position, filled while the chain is walked: each event is read once."""

        self.moves = _Book()
        """What was found about them on the way."""


def verify(connection: sqlite3.Connection) -> Findings:
    """Audit a ledger as it stood at one moment. A damaged file is a breach, too, and not an error."""
    connection.execute("BEGIN")
    try:
        audit = _Audit(connection)
        return Findings(tuple(_checked(name, check, audit) for name, check in CHECKS))
    finally:
        # A database too damaged to be read has ended the transaction by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _checked(name: str, check: "Check", audit: _Audit) -> Finding:
    book = _Book()
    try:
        check(audit, book)
    except sqlite3.DatabaseError as error:
        book.breach(f"the ledger's file cannot be read here: {error}")
    return Finding(name, book.looked_at, book.breaches, tuple(book.named))


Check = Callable[[_Audit, _Book], None]


def _file(audit: _Audit, book: _Book) -> None:
    for (text,) in audit.db.execute("PRAGMA quick_check(20)"):
        book.looked_at += 1
        if text != "ok":
            book.breach(f"the file is damaged: {text}")
    for table, row, parent, _ in audit.db.execute("PRAGMA foreign_key_check"):
        book.breach(f"{table} row {row} names something that {parent} does not have")


def _entries(audit: _Audit, book: _Book) -> None:
    """Every entry's postings sum to zero for each item, lot, expiry and pallet."""
    current, sums = 0, dict[str, int]()

    def close() -> None:
        for goods, qty in sums.items():
            if qty:
                book.breach(f"entry {current}: its postings of {_goods(goods)} sum to {qty:+}, not to 0")
        sums.clear()

    for entry, goods, qty in audit.db.execute(sql.POSTINGS_BY_ENTRY):
        if entry != current:
            close()
            current = entry
            book.looked_at += 1
        sums[goods] = sums.get(goods, 0) + qty
    close()
    _list(audit, book, sql.ENTRIES_WITHOUT_POSTINGS, "entry {}: it has no postings")


def _positions(audit: _Audit, book: _Book) -> None:
    """Positions are the sums of the journal: none differs, none is missing, none is too much."""
    open_sums: dict[str, int] = {}
    for key, qty in audit.db.execute(sql.POSTINGS_BY_KEY):
        _add(open_sums, key, qty)
    book.looked_at = _against_positions(audit, book, open_sums, "the journal sums to")


def _moves(audit: _Audit, book: _Book) -> None:
    """Who adds up `moves` of the events and nothing else has the node's positions (contract section 6)."""
    book.looked_at = audit.moves.looked_at
    book.breaches, book.named = audit.moves.breaches, audit.moves.named
    _against_positions(audit, book, audit.moved, "the moves of the events sum to")


def _against_positions(audit: _Audit, book: _Book, sums: dict[str, int], words: str) -> int:
    """Take each position from the sums; what is left over, either way, is a breach. Empties `sums`."""
    rows = 0
    for key, qty in audit.db.execute(sql.POSITIONS_BY_KEY):
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


def _allocations(audit: _Audit, book: _Book) -> None:
    """Promises stand on goods that are there, and positions and lines know of exactly these."""
    book.looked_at = _count(audit, "SELECT COUNT(*) FROM allocations WHERE qty > 0")
    _list(
        audit,
        book,
        sql.POSITIONS_ALLOCATED,
        "position {} {} lot {!r} at {}: {} are marked as promised, its allocations sum to {}",
    )
    _list(
        audit,
        book,
        sql.POSITIONS_OVERDRAWN,
        "position {} {} lot {!r} at {}: {} are promised of {} there",
    )
    _list(
        audit,
        book,
        sql.LINES_ALLOCATED,
        "order {} line {}: {} count as allocated, its allocations sum to {}",
    )
    _list(audit, book, sql.ALLOCATIONS_OF_OTHER_ITEMS, "allocation {}: {} is promised to a line of {}")
    _list(audit, book, sql.ALLOCATIONS_WITHOUT_POSITION, "allocation {}: its position {} is not there")


def _orders(audit: _Audit, book: _Book) -> None:
    """What waits is what was ordered and neither given nor cancelled, line by line and order by order."""
    book.looked_at = _count(audit, "SELECT COUNT(*) FROM lines")
    _list(audit, book, sql.LINES_WAITING, "order {} line {}: {} wait, by its other figures it is {}")
    _list(audit, book, sql.ORDERS_WAITING, "order {}: {} wait, its lines sum to {}")


def _levels(audit: _Audit, book: _Book) -> None:
    """An item's level is what its positions, lines and announcements say."""
    book.looked_at = _count(audit, "SELECT COUNT(*) FROM levels")
    for name, statement in sql.LEVELS.items():
        _list(audit, book, statement, f"level of {{}}: {name} says {{}}, derived it is {{}}")


def _events(audit: _Audit, book: _Book) -> None:
    """Events count from 1 without a gap, say so themselves, and their chain of hashes is whole."""
    epoch = _text(audit, "SELECT value FROM meta WHERE key = 'epoch'")
    expected, head = 1, bytes(32)
    for seq, kind, payload, stored in audit.db.execute(sql.EVENTS):
        book.looked_at += 1
        if seq != expected:
            gap = f"event {expected} is" if seq == expected + 1 else f"events {expected} to {seq - 1} are"
            book.breach(f"{gap} not there" if seq > expected else f"event {seq}: events count from 1")
        if hashlib.sha256(head + payload).digest() != stored:
            book.breach(f"event {seq}: its hash is not that of the hash before it and its bytes")
        # Go on from what is stored, so that one break is told once.
        expected, head = seq + 1, stored
        try:
            told = json.loads(payload.decode())
            _compare(told, book, seq=seq, kind=kind, epoch=epoch)
        except (ValueError, TypeError, KeyError) as error:
            book.breach(f"event {seq}: its bytes are no event: {type(error).__name__} {error}")
            continue
        if (kind.startswith("stock.") and kind != "stock.low") or kind == "undo":
            _add_moves(told, audit, seq=seq, kind=kind)
    delivered = _count(audit, "SELECT COALESCE(MAX(value), 0) FROM cursors WHERE name = 'events'")
    if delivered >= expected:
        book.breach(f"events count as delivered up to {delivered}, the last one is {expected - 1}")


def _compare(told: Any, book: _Book, *, seq: int, kind: str, epoch: str) -> None:
    """Name what an event says of itself that its row does not. Raises KeyError or TypeError if it says nothing."""
    for name, value in (("seq", seq), ("epoch", epoch), ("type", f"crossdock.{kind}")):
        if told[name] != value:
            book.breach(f"event {seq}: its bytes say {name} {told[name]!r}, the ledger {value!r}")
    if not str(told["id"]).endswith(f"/{epoch}/{seq}"):
        book.breach(f"event {seq}: its id {told['id']!r} does not end in /{epoch}/{seq}")


def _add_moves(told: Any, audit: _Audit, *, seq: int, kind: str) -> None:
    audit.moves.looked_at += 1
    try:
        for move in told["data"]["moves"]:
            goods = "\x1f".join([move[name] or "" for name in ("sku", "lot", "expiry", "pallet")])
            _add(audit.moved, f"{goods}\x1f{move['from']}", -move["qty"])
            _add(audit.moved, f"{goods}\x1f{move['to']}", move["qty"])
    except (TypeError, KeyError) as error:
        audit.moves.breach(f"event {seq} ({kind}): its moves cannot be read: {type(error).__name__} {error}")


def _references(audit: _Audit, book: _Book) -> None:
    """Labels, events and promises name the fact they come from, and it is there."""
    book.looked_at = _count(audit, "SELECT COUNT(*) FROM labels")
    for table, statement in sql.WITHOUT_FACT.items():
        _list(audit, book, statement, f"{table} {{}}: its fact {{}} is not there")
    _list(audit, book, sql.LABELS_WITHOUT_ORDER, "label job {}: its order {} is not there")


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


def _list(audit: _Audit, book: _Book, statement: str, sentence: str) -> None:
    """Name a breach for each row of a query that finds only breaches."""
    for row in audit.db.execute(statement):
        book.breach(sentence.format(*row))


def _count(audit: _Audit, statement: str) -> int:
    return int(audit.db.execute(statement).fetchone()[0])


def _text(audit: _Audit, statement: str) -> str:
    row = audit.db.execute(statement).fetchone()
    return "" if row is None else str(row[0])


def _goods(key: str) -> str:
    """Name the goods and, where it is part of the key, the account."""
    sku, lot, expiry, pallet, *account = key.split("\x1f")
    words = [sku]
    words += [
        f"{name} {value}" for name, value in (("lot", lot), ("expiry", expiry), ("pallet", pallet)) if value
    ]
    return " ".join(words + [f"at {name}" for name in account])
