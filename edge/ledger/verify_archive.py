"""The audit of a ledger together with its archives: each is sound, and where one ends the next begins."""

import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from edge.errors import LedgerError
from edge.ledger import verify_sql as sql
from edge.ledger.audit import Book, Check, Finding, Findings, add, goods, run
from edge.ledger.schema import VERSION, open_any
from edge.ledger.verify import CHECKS, check_file
from edge.ledger.verify_history import check_entries, check_events, check_facts
from edge.ledger.verify_told import check_told

HISTORY: tuple[tuple[str, Check], ...] = (
    ("the file", check_file),
    ("facts without gaps", check_facts),
    ("entries balance", check_entries),
    ("events without gaps, chain of hashes", check_events),
    ("events tell what the books say", check_told),
)
"""What an archive can be asked: it has no positions, orders and levels."""

Sums = dict[str, int]
End = tuple[int, int, str, int, str]
"""Where history ends or begins: fact, entry, and the last event's epoch, seq and hash."""


class Part:
    """One piece of the history: an archive or the ledger itself, audited."""

    def __init__(self, name: str, db: sqlite3.Connection, checks: tuple[tuple[str, Check], ...]) -> None:
        self.name, self.db = name, db
        self.findings, self.moved = run(db, checks)

    @property
    def begin(self) -> End:
        """What was archived before it."""
        return begin_of(self.db)

    @property
    def end(self) -> End:
        return end_of(self.db)

    def opening(self, book: str) -> Sums:
        return dict(self.db.execute(sql.OPENING, (book,)).fetchall())

    def closing(self, book: str) -> Sums:
        """What it opened with and all that it holds."""
        if book == "journal":
            return dict(self.db.execute(sql.CLOSING).fetchall())
        sums = self.opening(book)
        for key, qty in self.moved.items():
            add(sums, key, qty)
        return sums


def verify_with_archives(connection: sqlite3.Connection, archives: Sequence[Path]) -> Findings:
    """Audit a ledger and these archives of it. Raises LedgerError for a file that cannot be opened."""
    opened = [(path, open_archive(path)) for path in archives]
    try:
        parts = [Part(path.name, db, HISTORY) for path, db in opened]
        parts.sort(key=lambda part: part.begin)
        ledger = Part("the ledger", connection, CHECKS)
        findings = list(ledger.findings.checks)
        for part in parts:
            findings += [
                Finding(f"{part.name}: {one.check}", one.looked_at, one.breaches, one.named)
                for one in part.findings.checks
            ]
        findings.append(_joined([*parts, ledger]))
        return Findings(tuple(findings))
    finally:
        for _, db in opened:
            db.close()


def open_archive(path: Path) -> sqlite3.Connection:
    """Open an archive for reading, as it is if an older version made it. Raises LedgerError for what is none."""
    db = open_any(path)
    try:
        schema = db.execute("PRAGMA user_version").fetchone()[0]
        is_archive = db.execute("SELECT 1 FROM meta WHERE key = 'archive'").fetchone() is not None
    except sqlite3.DatabaseError:
        is_archive = False
    if is_archive and schema <= VERSION:
        return db
    db.close()
    raise LedgerError(
        f"{path} is of schema {schema}; this version knows {VERSION}."
        if is_archive
        else f"{path} is no archive.",
        hint="Name a file that crossdock archive made.",
    )


def _joined(parts: list[Part]) -> Finding:
    """Each part begins where the one before it ends, with what that one closed with."""
    book = Book()
    for before, after in pairwise(parts):
        book.looked_at += 1
        names = ("fact", "entry", "epoch", "event", "hash")
        for what, ends, begins in zip(names, before.end, after.begin, strict=True):
            if ends != begins:
                book.breach(
                    f"{before.name} ends with {what} {ends}, {after.name} begins after {what} {begins}"
                )
        for which in ("journal", "events"):
            closing, opening = before.closing(which), after.opening(which)
            for key in sorted(closing.keys() | opening.keys()):
                if closing.get(key, 0) != opening.get(key, 0):
                    book.breach(
                        f"{before.name} closes with {closing.get(key, 0)} of {goods(key)} by its {which},"
                        f" {after.name} opens with {opening.get(key, 0)}"
                    )
    return Finding("archives join", book.looked_at, book.breaches, tuple(book.named))


def begin_of(db: sqlite3.Connection) -> End:
    """What was archived before the history that a ledger or an archive has."""
    cursors = dict(db.execute("SELECT name, value FROM cursors ORDER BY name").fetchall())
    meta = dict(db.execute("SELECT key, value FROM meta ORDER BY key").fetchall())
    numbers = [int(cursors.get(f"archived_{what}", 0)) for what in ("fact", "entry", "seq")]
    return numbers[0], numbers[1], meta.get("archived_epoch", ""), numbers[2], meta.get("archived_hash", "")


def end_of(db: sqlite3.Connection) -> End:
    """The last of the history that an archive has; where it has none of a kind, where that begins."""
    fact, entry, epoch, seq, head = begin_of(db)
    fact = db.execute("SELECT ifnull(max(seq), ?) FROM facts", (fact,)).fetchone()[0]
    entry = db.execute("SELECT ifnull(max(entry), ?) FROM entries", (entry,)).fetchone()[0]
    # Facts order the events of one epoch behind those of another.
    row = db.execute(sql.LAST_EVENT).fetchone()
    if row is not None:
        epoch, seq, head = row[0], row[1], row[2].hex()
    return fact, entry, epoch, seq, head
