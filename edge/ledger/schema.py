"""The tables of the ledger, and how an older ledger becomes one of today's.

Empty text stands for "none" in lots, expiries, pallets and places of keys, so that UNIQUE holds. Times (`*_at`) are
milliseconds UTC, expiries ISO dates, quantities whole eaches.
"""

import secrets
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import LedgerError

if TYPE_CHECKING:
    from sqlite_utils import Database

VERSION = 1
"""Schemas so far; stands in `PRAGMA user_version`, so that a ledger of today opens without looking further."""

_V1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE cursors (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- What came in: one row for each scan, command and whatever else was booked. `answer` is what was said to it.
CREATE TABLE facts (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, cause TEXT NOT NULL, source TEXT NOT NULL,
    body TEXT NOT NULL, answer TEXT NOT NULL, text TEXT NOT NULL) STRICT;

CREATE TABLE items (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', low_stock INTEGER, home TEXT,
    alternatives TEXT NOT NULL DEFAULT '[]', track TEXT, supplier TEXT, lead_days INTEGER,
    reorder_to INTEGER, discontinued INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE codes (
    code TEXT PRIMARY KEY, sku TEXT NOT NULL REFERENCES items (sku), pack INTEGER NOT NULL CHECK (pack > 0),
    gtin TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_gtin ON codes (gtin) WHERE gtin <> '';
CREATE INDEX codes_by_sku ON codes (sku);

-- The journal: the postings of an entry sum to zero for each item, lot, expiry and pallet.
CREATE TABLE entries (
    entry INTEGER PRIMARY KEY, fact INTEGER NOT NULL REFERENCES facts (seq), kind TEXT NOT NULL,
    booking INTEGER NOT NULL) STRICT;
CREATE TABLE postings (
    entry INTEGER NOT NULL REFERENCES entries (entry), n INTEGER NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, pallet TEXT NOT NULL, account TEXT NOT NULL, qty INTEGER NOT NULL CHECK (qty <> 0),
    PRIMARY KEY (entry, n)) STRICT, WITHOUT ROWID;
CREATE INDEX postings_by_place ON postings (sku, account, entry);

-- The sums of the journal. `allocated` is what is promised of a place's goods; `since` the oldest receipt in it.
CREATE TABLE positions (
    id INTEGER PRIMARY KEY, sku TEXT NOT NULL, lot TEXT NOT NULL, expiry TEXT NOT NULL, pallet TEXT NOT NULL,
    account TEXT NOT NULL, qty INTEGER NOT NULL, allocated INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL,
    UNIQUE (sku, account, lot, expiry, pallet),
    CHECK (allocated = 0 OR (allocated > 0 AND allocated <= qty AND account LIKE 'location:%')),
    CHECK (qty >= 0 OR account LIKE 'supplier:%' OR account IN ('adjustment', 'identified'))) STRICT;
CREATE INDEX positions_free ON positions (sku) WHERE qty > allocated AND account LIKE 'location:%';

CREATE TABLE orders (
    id TEXT PRIMARY KEY, status TEXT NOT NULL CHECK (status IN ('open', 'held', 'cancelled')),
    express INTEGER NOT NULL, tier INTEGER NOT NULL, promised_at INTEGER, placed_at INTEGER NOT NULL,
    not_before INTEGER, ship_by INTEGER, fill TEXT NOT NULL CHECK (fill IN ('partial', 'line', 'complete')),
    customer TEXT, lane TEXT, ext TEXT, content TEXT NOT NULL, hold_reason TEXT,
    rank TEXT NOT NULL, waiting INTEGER NOT NULL CHECK (waiting >= 0)) STRICT, WITHOUT ROWID;

-- `line` is central's own number or text as JSON. `rank` sorts by bytes into the order of service; `live` lines are
-- those that may be served: not on hold.
CREATE TABLE lines (
    id INTEGER PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders (id), line TEXT NOT NULL, sku TEXT NOT NULL,
    ordered INTEGER NOT NULL CHECK (ordered > 0), allocated INTEGER NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    picked INTEGER NOT NULL DEFAULT 0 CHECK (picked >= 0), shipped INTEGER NOT NULL DEFAULT 0 CHECK (shipped >= 0),
    cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0), waiting INTEGER NOT NULL CHECK (waiting >= 0),
    fill TEXT NOT NULL, rank TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 1,
    reason TEXT NOT NULL DEFAULT 'out_of_stock',
    UNIQUE (order_id, line),
    CHECK (waiting = ordered - allocated - picked - shipped - cancelled)) STRICT;
CREATE INDEX lines_waiting ON lines (sku, rank) WHERE waiting > 0 AND live = 1;

-- Promises. `qty` is what is left of one (0: ended), `made` what it was; `rank` is the line's when it was made.
CREATE TABLE allocations (
    id INTEGER PRIMARY KEY, line_id INTEGER NOT NULL REFERENCES lines (id),
    position_id INTEGER NOT NULL, qty INTEGER NOT NULL CHECK (qty >= 0 AND qty <= made), made INTEGER NOT NULL,
    rank TEXT NOT NULL, fact INTEGER NOT NULL) STRICT;
CREATE INDEX allocations_by_position ON allocations (position_id) WHERE qty > 0;
CREATE INDEX allocations_by_line ON allocations (line_id) WHERE qty > 0;

CREATE TABLE asns (
    id TEXT PRIMARY KEY, po TEXT NOT NULL, supplier TEXT, eta INTEGER) STRICT, WITHOUT ROWID;
-- `open` is what is still expected of the line; an SSCC is '' for goods announced without pallets.
CREATE TABLE asn_lines (
    id INTEGER PRIMARY KEY, asn TEXT NOT NULL REFERENCES asns (id), sscc TEXT NOT NULL, sku TEXT NOT NULL,
    lot TEXT NOT NULL, expiry TEXT NOT NULL, line TEXT, qty INTEGER NOT NULL, open INTEGER NOT NULL) STRICT;
CREATE INDEX asn_lines_by_sscc ON asn_lines (sscc) WHERE sscc <> '';
CREATE INDEX asn_lines_by_asn ON asn_lines (asn);
CREATE INDEX asn_lines_open ON asn_lines (sku) WHERE open > 0;

-- Serials and pallets that were received, for "once".
CREATE TABLE received (key TEXT PRIMARY KEY, at INTEGER NOT NULL, fact INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- An item's level, to be told once the events up to `seq` are delivered.
CREATE TABLE levels (
    sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL DEFAULT 0, allocated INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0, quarantine INTEGER NOT NULL DEFAULT 0,
    expected INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL,
    at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX levels_by_seq ON levels (seq);

CREATE TABLE labels (
    job INTEGER PRIMARY KEY, label TEXT NOT NULL, fact INTEGER NOT NULL, at INTEGER NOT NULL,
    kind TEXT NOT NULL, printer TEXT NOT NULL, content TEXT NOT NULL, sku TEXT NOT NULL, lot TEXT NOT NULL,
    expiry TEXT NOT NULL, qty INTEGER NOT NULL, order_id TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'sending', 'unknown', 'printed', 'failed')),
    copy INTEGER NOT NULL DEFAULT 0, error TEXT) STRICT;
CREATE INDEX labels_open ON labels (printer, job) WHERE status IN ('queued', 'sending', 'unknown');

-- What central is told. The bytes are the bytes on the wire; `hash` is SHA-256 over the hash before and them.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, type TEXT NOT NULL, fact INTEGER NOT NULL, payload BLOB NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)) STRICT;
CREATE TABLE commands (
    source TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (source, id)) STRICT, WITHOUT ROWID;
CREATE TABLE answers (
    number INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL, reply_topic TEXT, correlation BLOB) STRICT;

CREATE TABLE exceptions (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL, text TEXT NOT NULL,
    raised_at INTEGER NOT NULL, cleared_at INTEGER, reason TEXT) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX exceptions_open ON exceptions (kind, about) WHERE cleared_at IS NULL;

-- The conversation with each scanner, and what a station remembers, as JSON.
CREATE TABLE dialogues (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE stations (id TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE devices (
    id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('ready', 'lost')),
    text TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
"""

_APPEND_ONLY = ("entries", "postings", "events")


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the ledger for the engine, making or migrating it first. Raises LedgerError."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            connection.close()
            raise LedgerError(
                f"The ledger {path} is of schema {version}; this version knows {VERSION}.",
                hint="Install the newer crossdock again, or put a backup of the older one back.",
            )
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, not NORMAL: an accepted scan survives a power cut at that very moment.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        if version < VERSION:
            _migrate(connection)
        connection.execute("PRAGMA cache_size = -8000")
    except sqlite3.Error as error:
        raise LedgerError(
            f"The ledger {path} cannot be opened: {error}.",
            hint="See that its folder is there, belongs to crossdock's user and has room.",
        ) from error
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the ledger for reading only. Raises LedgerError where there is none."""
    if not path.exists():
        raise LedgerError(
            f"There is no ledger at {path}.", hint="It is made when the daemon starts: crossdock run."
        )
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise LedgerError(
            f"The ledger {path} cannot be read: {error}.", hint="Call crossdock as its own user, or as root."
        ) from error
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    # Loaded here alone: 15 MB that a ledger of today does not need.
    from sqlite_utils import Database  # noqa: PLC0415
    from sqlite_utils.migrations import Migrations  # noqa: PLC0415

    migrations = Migrations("crossdock")
    migrations(name="1 first ledger")(_first_ledger)
    migrations.apply(Database(connection))


def _first_ledger(db: "Database") -> None:
    for statement in _V1.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            db.conn.execute(
                f"CREATE TRIGGER {table}_keep_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            )
    db.conn.execute("INSERT INTO meta (key, value) VALUES ('epoch', ?)", (secrets.token_hex(8),))
    db.conn.execute(f"PRAGMA user_version = {VERSION}")
