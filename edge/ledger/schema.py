"""How a ledger is made, opened, and brought from an older schema to today's; what stands in `tables`."""

import secrets
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from edge.errors import LedgerError
from edge.ledger.tables import V1, V2, V3, V4, V5

if TYPE_CHECKING:
    from sqlite_utils import Database

VERSION = 5
"""Schemas so far; stands in `PRAGMA user_version`, so that a ledger of today opens without looking further."""

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
        # A savepoint copies every page that changes behind it: in memory, else past 64 KiB into a temporary file.
        connection.execute("PRAGMA temp_store = MEMORY")
    except sqlite3.Error as error:
        if is_damage(error):
            raise broken(path, f"{error}") from error
        raise LedgerError(
            f"The ledger {path} cannot be opened: {error}.",
            hint="See that its folder is there, belongs to crossdock's user and has room.",
        ) from error
    return connection


def new_epoch() -> str:
    """A name for a ledger that no other has."""
    return secrets.token_hex(8)


def broken(path: Path | str, what: str) -> LedgerError:
    """Say that a ledger cannot be trusted, and how to go on; for whoever must not serve from it."""
    return LedgerError(
        f"The ledger {path} is broken: {what}.",
        hint="Nothing was changed. See all that is wrong: crossdock verify. Then move the file (with -wal and -shm)"
        " aside and put a copy back: crossdock restore FILE.",
    )


def is_damage(error: sqlite3.Error) -> bool:
    """Tell a file that is no whole database from a disk, a folder or another process that is in the way."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a ledger of today's schema for reading only. Raises LedgerError where there is none."""
    connection = open_any(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        connection.close()
        raise LedgerError(
            f"The ledger {path} is of schema {version}; this version reads {VERSION}.",
            hint="Start the daemon, which brings an older one up to date; a newer one needs the newer crossdock.",
        )
    return connection


def open_any(path: Path) -> sqlite3.Connection:
    """Open a ledger of any schema for reading only. Raises LedgerError where there is none."""
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
        if is_damage(error):
            raise broken(path, f"{error}") from error
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
    migrations(name="2 every way stock moves")(_every_way_stock_moves)
    migrations(name="3 every scan")(_every_scan)
    migrations(name="4 labels that come out")(_labels_that_come_out)
    migrations(name="5 what central asks for")(_what_central_asks_for)
    migrations.apply(Database(connection))


def _first_ledger(db: "Database") -> None:
    _execute(db, V1)
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            db.conn.execute(
                f"CREATE TRIGGER {table}_keep_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            )
    db.conn.execute("INSERT INTO meta (key, value) VALUES ('epoch', ?)", (new_epoch(),))
    db.conn.execute("PRAGMA user_version = 1")


def _every_way_stock_moves(db: "Database") -> None:
    _execute(db, V2)
    db.conn.execute("PRAGMA user_version = 2")


def _every_scan(db: "Database") -> None:
    _execute(db, V3)
    db.conn.execute("PRAGMA user_version = 3")


def _labels_that_come_out(db: "Database") -> None:
    _execute(db, V4)
    db.conn.execute("PRAGMA user_version = 4")


def _what_central_asks_for(db: "Database") -> None:
    _execute(db, V5)
    db.conn.execute("PRAGMA user_version = 5")


def _execute(db: "Database", statements: str) -> None:
    """Not `executescript`, which would commit what the migration has begun."""
    for statement in statements.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)
