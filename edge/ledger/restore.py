"""A copy put back where no ledger is: audited, brought up to date, and a ledger of its own from then on.

Central may know events that the copy lacks. So the restored ledger begins a new epoch with event 1; the copy's own
events stay as history, `past_events`, and are not sent again.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from edge.domain.requests import Scope
from edge.errors import LedgerError
from edge.ledger.backup import copy_into
from edge.ledger.files import written_whole
from edge.ledger.records import encode
from edge.ledger.schema import VERSION, new_epoch, open_any, open_writer
from edge.ledger.verify import verify

_NO_COPY = "Name a file that crossdock backup made."


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: the new epoch, the one before it, and how far the copy went."""

    epoch: str
    previous: str
    last_seq: int
    schema: int


def restore(copy: Path, ledger: Path) -> Restored:
    """Make `ledger` from a copy; nobody else may be about to. Raises LedgerError; nothing is left then."""
    _refuse_to_replace(ledger)
    if not copy.is_file():
        raise LedgerError(f"There is no copy at {copy}.", hint=_NO_COPY)
    try:
        with written_whole(ledger) as draft:
            schema = _copied(copy, draft)
            db = open_writer(draft)
            try:
                if breach := verify(db).first_breach:
                    raise LedgerError(
                        f"The copy {copy} is broken: {breach}.",
                        hint="Nothing was put in place. Take another copy.",
                    )
                previous, last_seq = _head(db)
                epoch = _begin_epoch(db, previous)
                db.execute("PRAGMA journal_mode = DELETE")
            finally:
                db.close()
            return Restored(epoch, previous, last_seq, schema)
    except sqlite3.Error as error:
        raise LedgerError(
            f"The copy {copy} cannot be put back: {error}.",
            hint="Nothing was put in place. See that the disk has room, or take another copy.",
        ) from error


def _refuse_to_replace(ledger: Path) -> None:
    # What a moved ledger leaves behind would be taken for the new one's log, and spoil it.
    there = [path for end in ("", "-wal", "-shm") if (path := ledger.with_name(ledger.name + end)).exists()]
    if there:
        names = " ".join(path.name for path in there)
        raise LedgerError(
            f"There is a ledger in {ledger.parent}: {', '.join(path.name for path in there)}.",
            hint=f"Move it aside first: cd {ledger.parent} && mkdir aside && mv {names} aside/.",
        )


def _copied(copy: Path, draft: Path) -> int:
    """Copy the copy, and tell its schema. Raises LedgerError for what is no copy that this version can read."""
    try:
        source = open_any(copy)
    except LedgerError as error:
        cause = error.__cause__ or error
        raise LedgerError(f"{copy} is no copy of a ledger: {cause}.", hint=_NO_COPY) from error
    try:
        schema = int(source.execute("PRAGMA user_version").fetchone()[0])
        tables = {row[0] for row in source.execute("SELECT name FROM sqlite_master ORDER BY name")}
        # An archive has history, and no positions.
        if not schema or not {"meta", "positions", "events"} <= tables:
            raise LedgerError(f"{copy} is no copy of a ledger.", hint=_NO_COPY)
        if schema > VERSION:
            raise LedgerError(
                f"The copy {copy} is of schema {schema}; this version knows {VERSION}.",
                hint="Install the newer crossdock first.",
            )
        copy_into(source, draft)
    finally:
        source.close()
    return schema


def _head(db: sqlite3.Connection) -> tuple[str, int]:
    row = db.execute("SELECT value, (SELECT ifnull(max(seq), 0) FROM events) FROM meta WHERE key = 'epoch'")
    epoch, last_seq = row.fetchone()
    return str(epoch), int(last_seq)


def _begin_epoch(db: sqlite3.Connection, previous: str) -> str:
    """Make the ledger its own: a new epoch, no events yet, everything that central was told told again as it stands."""
    epoch = new_epoch()
    row = db.execute("SELECT value FROM meta WHERE key = 'ancestors'").fetchone()
    ancestors = [*(json.loads(row[0]) if row else ()), previous]
    db.execute("BEGIN IMMEDIATE")
    # The two rules that a restore, and nothing else, steps over; back in force in the same transaction.
    kept = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        " AND name IN ('events_keep_delete', 'entries_keep_update') ORDER BY name"
    ).fetchall()
    for name, _ in kept:
        db.execute(f"DROP TRIGGER {name}")
    db.execute(
        "INSERT INTO past_events (epoch, seq, type, fact, payload, hash)"
        " SELECT ?, seq, type, fact, payload, hash FROM events ORDER BY seq",
        (previous,),
    )
    db.execute("DELETE FROM events")
    # Its number was one of the old epoch's.
    db.execute("UPDATE entries SET booking = 0")
    for _, trigger in kept:
        db.execute(trigger)
    db.execute("DELETE FROM cursors WHERE name IN ('events', 'published', 'levels', 'answers', 'asked')")
    # What central asked of the copy it may ask again; what stands here now it cannot know.
    db.execute("DELETE FROM asked")
    scopes = encode(get_args(Scope))
    db.execute("INSERT INTO asked (id, scopes) VALUES (?, ?)", (f"restored-{epoch}", scopes))
    db.execute("UPDATE levels SET seq = 0")
    # What waited in the copy may have been printed since.
    db.execute("UPDATE labels SET status = 'unknown', copy = 1 WHERE status IN ('queued', 'sending')")
    db.execute("UPDATE labels SET copy = 1 WHERE status = 'held'")
    for key, value in (("epoch", epoch), ("previous", previous), ("ancestors", json.dumps(ancestors))):
        db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))
    db.execute("COMMIT")
    return epoch
