"""A copy of the ledger while the daemon works: of one moment, on disk, and looked at before it gets its name."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from edge.errors import LedgerError
from edge.ledger.files import written_whole
from edge.ledger.schema import VERSION, open_any
from edge.ledger.tail import tail_breach

STEP_PAGES = 1024
"""4 MiB between two looks at signals. The reader stays one: the writer's log is not folded back until the copy is
done, seconds for each GB, since a copy that lets go between steps begins anew with every commit."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is in a copy of a ledger."""

    epoch: str
    last_seq: int
    facts: int
    schema: int
    size_bytes: int


def back_up(ledger: Path, target: Path) -> Copy:
    """Copy the ledger to `target`, which must not be there. Raises LedgerError; nothing is left then."""
    source = open_any(ledger)
    try:
        with written_whole(target) as draft:
            copy_into(source, draft)
            return _looked_at(ledger, draft)
    except sqlite3.Error as error:
        raise LedgerError(
            f"The ledger {ledger} cannot be copied to {target}: {error}.",
            hint="See that there is room, and what crossdock verify says.",
        ) from error
    finally:
        source.close()


def copy_into(source: sqlite3.Connection, draft: Path) -> None:
    """Copy a whole database as it stands at this moment into an empty file. Raises sqlite3.Error."""
    target = sqlite3.connect(draft, isolation_level=None)
    try:
        # On disk once for all, at the end.
        target.execute("PRAGMA synchronous = OFF")
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(target, pages=STEP_PAGES)
        # A copy is one file: it can be read where nothing can be written beside it.
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()
        source.rollback()


def _looked_at(ledger: Path, draft: Path) -> Copy:
    db = sqlite3.connect(draft, isolation_level=None)
    try:
        db.execute("PRAGMA foreign_keys = ON")
        schema = db.execute("PRAGMA user_version").fetchone()[0]
        wrong = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
        if wrong == "ok":
            # An older version's ledger has other tables; it is audited when it is put back.
            wrong = tail_breach(db) if schema == VERSION else ""
        if wrong:
            raise LedgerError(
                f"The ledger {ledger} is broken, and no copy was made: {wrong}.",
                hint="See all that is wrong: crossdock verify.",
            )
        epoch = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        if epoch is None:
            raise LedgerError(f"{ledger} is no ledger: it has no epoch.")
        last_seq, facts = db.execute(
            "SELECT (SELECT ifnull(max(seq), 0) FROM events), (SELECT ifnull(max(seq), 0) FROM facts)"
        ).fetchone()
        return Copy(epoch[0], last_seq, facts, schema, draft.stat().st_size)
    finally:
        db.close()
