"""Closed history in a second file: facts, entries and events of days long past leave the ledger, the audit stays whole.

What leaves is whole facts from the first on. The file is a ledger of history alone: the same tables, the same rules,
what was archived before it as its opening balances. Nothing is cut off before the file is on disk and audited.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edge.errors import LedgerError
from edge.ledger import archive_sql as sql
from edge.ledger.files import written_whole
from edge.ledger.schema import VERSION, open_writer
from edge.ledger.verify import verify
from edge.ledger.verify_archive import HISTORY, Part, end_of


@dataclass(frozen=True, slots=True)
class Archived:
    """What left the ledger: how many of each, and the last fact of them."""

    upto_fact: int
    facts: int
    entries: int
    events: int


def archive(ledger: Path, target: Path, *, before_ms: int, is_central: bool) -> Archived:
    """Move the history of the time before `before_ms` to `target`; no daemon may have the ledger.

    `is_central`: there is a central, and what it does not have yet stays. Raises LedgerError: nothing was to be
    archived, `target` is there, or either file would not be sound.
    """
    if not ledger.exists():
        raise LedgerError(f"There is no ledger at {ledger}.", hint="Nothing was archived.")
    db = open_writer(ledger)
    try:
        # A row's children are looked for by scanning: the audit below does so once for all.
        db.execute("PRAGMA foreign_keys = OFF")
        upto = _last_fact(db, before_ms, is_central=is_central)
        try:
            with written_whole(target) as draft:
                archived = _write(db, draft, upto)
                _cut(db, draft, upto)
            db.execute("COMMIT")
        finally:
            db.rollback()
        _shrink(db)
        return archived
    except sqlite3.Error as error:
        raise LedgerError(
            f"The history of {ledger} cannot be archived: {error}.",
            hint="Nothing was taken out of it. See that there is room for both files.",
        ) from error
    finally:
        db.close()


def _last_fact(db: sqlite3.Connection, before_ms: int, *, is_central: bool) -> int:
    """The last fact that may leave: old, told to central, undone by nothing that stays. Raises LedgerError."""
    asked = {"before": before_ms, "is_central": is_central}
    upto = int(db.execute(sql.LAST_OLD_FACT, asked).fetchone()[0])
    while (undone := db.execute(sql.UNDONE_LATER, {"upto": upto}).fetchone()[0]) is not None:
        upto = undone - 1
    since = db.execute("SELECT ifnull(max(value), 0) FROM cursors WHERE name = 'archived_fact'").fetchone()[0]
    if upto <= since:
        raise LedgerError(
            "There is nothing to archive: no whole fact is before that day and known to central with all its events.",
            hint="Name a later day, or let the daemon deliver first: see crossdock status.",
        )
    return upto


def _write(db: sqlite3.Connection, draft: Path, upto: int) -> Archived:
    """Copy the history up to a fact. The ledger's own statements make the tables, so they cannot differ."""
    db.execute("ATTACH DATABASE ? AS archive", (str(draft),))
    try:
        db.execute("BEGIN")
        for (statement,) in db.execute(sql.SCHEMA).fetchall():
            db.execute(_in_archive(statement))
        counted = [db.execute(copy, {"upto": upto}).rowcount for copy in sql.COPIES]
        db.execute(f"PRAGMA archive.user_version = {VERSION}")
        db.execute("COMMIT")
    finally:
        db.rollback()
        db.execute("DETACH DATABASE archive")
    facts, entries, _, events, past, *_ = counted
    return Archived(upto, facts, entries, events + past)


def _in_archive(statement: str) -> str:
    """The same statement for the attached file."""
    kinds = ("CREATE TABLE ", "CREATE TRIGGER ", "CREATE UNIQUE INDEX ", "CREATE INDEX ")
    kind = next(kind for kind in kinds if statement.startswith(kind))
    return f"{kind}archive.{statement.removeprefix(kind)}"


def _cut(db: sqlite3.Connection, draft: Path, upto: int) -> None:
    """Take out of the ledger what the archive has, and audit both; leaves the transaction open."""
    reader = sqlite3.connect(f"{draft.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    try:
        part = Part("the archive", reader, HISTORY)
        if breach := part.findings.first_breach:
            raise LedgerError(
                f"The history is broken, and nothing was archived: {breach}.", hint="See crossdock verify."
            )
        _, entry, epoch, seq, head = end_of(reader)
        closing = {book: part.closing(book) for book in ("journal", "events")}
    finally:
        reader.close()
    db.execute("BEGIN IMMEDIATE")
    at = db.execute("SELECT max(at) FROM facts WHERE seq <= ?", (upto,)).fetchone()[0]
    for name, value in (("fact", upto), ("entry", entry), ("seq", seq), ("at", at)):
        db.execute(sql.SET_CURSOR, (f"archived_{name}", value))
    for key, value in (("archived_epoch", epoch), ("archived_hash", head)):
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))
    db.execute("DELETE FROM opening")
    for book, sums in closing.items():
        rows = [(book, *key.split("\x1f"), qty) for key, qty in sorted(sums.items())]
        db.executemany("INSERT INTO opening VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    for statement in sql.DELETES:
        while db.execute(statement, {"upto": upto, "entry": entry}).rowcount:
            pass
    if breach := verify(db).first_breach:
        raise LedgerError(
            f"The ledger is broken, and nothing was archived: {breach}.", hint="See crossdock verify."
        )


def _shrink(db: sqlite3.Connection) -> None:
    """Give the room back to the disk, where the disk has room for that; else the ledger uses it again itself."""
    with suppress(sqlite3.OperationalError):
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
