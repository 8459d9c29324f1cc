"""The look at a ledger before it is served from: its end, where a power cut or a bad disk would show first.

Costs the same however long the history is; the whole of it is `verify`'s.
"""

import hashlib
import json
import sqlite3
from itertools import pairwise

from edge.ledger import tail_sql as sql
from edge.ledger.schema import broken, is_damage

EVENTS = 1000
"""So many of the last events have their chain walked: 3 ms."""

ENTRIES = 100
"""So many of the last entries are added up."""


def check_tail(connection: sqlite3.Connection) -> None:
    """Look at the end of the books; raises LedgerError that says what is wrong and how to go on."""
    if wrong := tail_breach(connection):
        raise broken(connection.execute("PRAGMA database_list").fetchone()[2], wrong)


def tail_breach(connection: sqlite3.Connection) -> str:
    """Name what is wrong at the end of the books, in words; empty if nothing is."""
    try:
        return _meta(connection) or _events(connection) or _cursors(connection) or _entries(connection)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        return str(error)


def _meta(db: sqlite3.Connection) -> str:
    if not db.execute("PRAGMA foreign_keys").fetchone()[0]:
        return "it was opened without its foreign keys"
    meta = dict(db.execute(sql.META).fetchall())
    if not meta.get("epoch"):
        return "it has no epoch"
    session = meta.get("session", "0")
    if not (session.isascii() and session.isdecimal()):
        return f"its session is {session!r}, expected a number"
    return ""


def _events(db: sqlite3.Connection) -> str:
    """The last events count without a gap, are hashed onto each other, and the last one is of this ledger."""
    rows = db.execute(sql.LAST_EVENTS, (EVENTS + 1,)).fetchall()
    rows.reverse()
    if len(rows) <= EVENTS:
        # All there are: they go on from where the archive ends, or from nothing.
        rows.insert(0, _begin(db))
    for (before, head, _), (seq, stored, payload) in pairwise(rows):
        if seq != before + 1:
            return f"after event {before} comes event {seq}"
        if hashlib.sha256(head + payload).digest() != stored:
            return f"the hash of event {seq} is not that of the hash before it and its bytes"
    seq, _, payload = rows[-1]
    if payload:
        epoch = str(db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0])
        try:
            told = json.loads(payload.decode())
            if (told["epoch"], told["seq"]) != (epoch, seq):
                return f"its last event says {told['epoch']}/{told['seq']}, expected {epoch}/{seq}"
        except (ValueError, TypeError, KeyError):
            return f"the bytes of event {seq} are no event"
    return ""


def _begin(db: sqlite3.Connection) -> tuple[int, bytes, bytes]:
    epoch, archived_epoch, seq, head = db.execute(sql.ARCHIVED).fetchone()
    if seq and archived_epoch == epoch:
        return int(seq), bytes.fromhex(head), b""
    return 0, bytes(32), b""


def _cursors(db: sqlite3.Connection) -> str:
    for name, value, end in db.execute(sql.CURSORS):
        if not 0 <= value <= end:
            return f"{name} count as delivered up to {value}, there are {end}"
    fact, last = db.execute(sql.FACTS).fetchone()
    if fact > last:
        return f"its last event or entry is of fact {fact}, the last fact is {last}"
    return ""


def _entries(db: sqlite3.Connection) -> str:
    """The last entries balance, and the goods they moved have their positions."""
    last = db.execute("SELECT ifnull(max(entry), 0) FROM entries").fetchone()[0]
    since = {"since": last - ENTRIES}
    row = db.execute(sql.UNBALANCED, since).fetchone()
    if row is not None:
        return "the postings of {} in entry {} sum to {:+}, not to 0".format(*row)
    row = db.execute(sql.EMPTY, since).fetchone()
    if row is not None:
        return "entry {} has no postings".format(*row)
    # A position stays when it is empty.
    row = db.execute(sql.WITHOUT_POSITION, since).fetchone()
    if row is not None:
        return "entry {} moved {} of {}, which has no position there".format(*row)
    return ""
