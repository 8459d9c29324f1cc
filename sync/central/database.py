"""One database of central: opened, in transactions, its errors as sentences. SQLite here, PostgreSQL next door.

Statements are written once, with named parameters (`:node`); each database writes them its own way.
"""

import fcntl
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from edge.errors import EdgeError, UsageError
from sync.central.tables import TABLES, VERSION

BUSY_TIMEOUT_S = 10.0
POSTGRES = ("postgresql://", "postgres://")

Row = tuple[Any, ...]
Values = Mapping[str, Any]


class StoreError(EdgeError):
    """Central's database cannot be opened, read or written."""


class Database(Protocol):
    """A connection. Its errors are StoreErrors, transient where another try may do."""

    name: str
    words: Mapping[str, str]
    """What the braces of a table's statement stand for."""

    def rows(self, sql: str, values: Values | None = None) -> list[Row]:
        """Execute one statement and return what it found."""
        ...

    def many(self, sql: str, values: Sequence[Values]) -> None:
        """Execute one statement for each of the values."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All of what is done within, or nothing; on disk once it is left."""
        ...

    def has_tables(self) -> bool: ...

    def claim(self) -> None:
        """Be the one central that runs on this database. Raises StoreError if another does."""
        ...

    def close(self) -> None: ...


def open_database(where: str, *, to_read: bool = False) -> Database:
    """Open a file of SQLite or, by `postgresql://…`, a PostgreSQL database.

    The tables are made if they lack, but for one that is only `to_read`. Raises StoreError, and UsageError where
    there is nothing to read or psycopg is missing.
    """
    database: Database
    if where.startswith(POSTGRES):
        from sync.central.postgres import PostgresDatabase  # noqa: PLC0415 - an optional extra

        database = PostgresDatabase(where)
    else:
        database = SqliteDatabase(Path(where), to_read=to_read)
    try:
        _make_tables(database, to_read=to_read)
    except BaseException:
        database.close()
        raise
    return database


def _make_tables(database: Database, *, to_read: bool) -> None:
    if not database.has_tables():
        if to_read:
            raise UsageError(
                f"{database.name} holds no books of a central.",
                hint="Name with --database the one that crossdock central runs on.",
            )
        with database.transaction():
            # Looked at again: two may come to make them at once.
            if not database.has_tables():
                for statement in TABLES:
                    database.rows(statement.format(**database.words))
                database.rows("INSERT INTO meta VALUES ('version', :version)", {"version": str(VERSION)})
    version = database.rows("SELECT value FROM meta WHERE name = 'version'")[0][0]
    if version != str(VERSION):
        raise StoreError(
            f"The tables in {database.name} are of version {version}, and this crossdock knows version {VERSION}.",
            hint="Use the crossdock that made them, or a newer one.",
        )


class SqliteDatabase:
    """A file of SQLite, with a write-ahead log and every commit flushed to the disk.

    Two connections that write or checkpoint at the same moment can damage a file with SQLite before 3.51.3, so
    whoever writes holds the lock of a file beside it meanwhile.
    """

    words: Mapping[str, str] = {
        "strict": "STRICT",
        "serial": "INTEGER PRIMARY KEY",
        "integer": "INTEGER",
        "bytes": "BLOB",
    }

    def __init__(self, path: Path, *, to_read: bool) -> None:
        self.name = str(path)
        self._path = path
        self._lock: IO[bytes] | None = None
        self._claim: IO[bytes] | None = None
        if to_read and not path.exists():
            raise UsageError(
                f"There is no database {path}.",
                hint="Name with --database the one that crossdock central runs on.",
            )
        try:
            if not to_read:
                self._lock = _beside(path, "-lock").open("ab")
            uri = f"{path.absolute().as_uri()}?mode={'ro' if to_read else 'rwc'}"
            self._db = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
            with self._alone():
                if not to_read:
                    self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("PRAGMA foreign_keys = ON")
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"The database {path} cannot be opened: {error}.",
                hint="Expected a file of SQLite in a folder that may be written.",
            ) from error

    def rows(self, sql: str, values: Values | None = None) -> list[Row]:
        with self._told():
            return self._db.execute(sql, values or {}).fetchall()

    def many(self, sql: str, values: Sequence[Values]) -> None:
        with self._told():
            self._db.executemany(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._told(), self._alone():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # A commit that failed may have ended the transaction.
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def has_tables(self) -> bool:
        return bool(self.rows("SELECT 1 FROM sqlite_schema WHERE name = 'meta'"))

    def claim(self) -> None:
        self._claim = _beside(self._path, "-running").open("ab")
        try:
            fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(
                f"Another crossdock central runs on {self.name}.", hint="Stop it first, or name another file."
            ) from None

    def close(self) -> None:
        # The last one to leave checkpoints, which counts as writing.
        with suppress(sqlite3.Error, OSError), self._alone():
            self._db.close()
        for file in (self._lock, self._claim):
            if file is not None:
                file.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self._lock is None:  # a reader neither writes nor checkpoints
            yield
            return
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"The database {self.name} failed: {error}.",
                hint="Look at the disk: is it full or broken?",
                transient=True,
            ) from error


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
