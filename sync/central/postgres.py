"""PostgreSQL for central, by psycopg 3: an optional extra, imported here alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from urllib.parse import urlsplit

from edge.errors import UsageError
from sync.central.database import Row, StoreError, Values

try:
    import psycopg
except ImportError as error:
    raise UsageError(
        "PostgreSQL needs psycopg, which is not installed.",
        hint="Install it: pip install 'crossdock[postgres]'.",
    ) from error

CONNECT_TIMEOUT_S = 10
CLAIM = 0x63726F7373
"""The advisory lock of the central that runs on a database."""
CLAIM_PATIENCE_MS = 1000
_PARAMETER = re.compile(r":(\w+)")


class PostgresDatabase:
    """One connection; `where` is a connection string, of which no error tells the password."""

    words: Mapping[str, str] = {
        "strict": "",
        "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "integer": "BIGINT",
        "bytes": "BYTEA",
    }

    def __init__(self, where: str) -> None:
        self.name = _without_password(where)
        try:
            self._db = psycopg.connect(
                where,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                application_name="crossdock-central",
            )
            # Whoever set it off for all would lose what was acknowledged at a power cut.
            self._db.execute("SET synchronous_commit = on")
        except psycopg.Error as error:
            raise StoreError(
                f"The database {self.name} cannot be opened: {_words(error)}.",
                hint="Check that the server runs, and the host, user, password and database of --database.",
                transient=True,
            ) from error

    def rows(self, sql: str, values: Values | None = None) -> list[Row]:
        with self._told():
            # Without values psycopg takes a statement as it is; of these none has a percent sign.
            cursor = self._db.execute(_own_way(sql), values or None)
            return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, values: Sequence[Values]) -> None:
        with self._told(), self._db.cursor() as cursor:
            cursor.executemany(_own_way(sql), values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._told(), self._db.transaction():
            yield

    def has_tables(self) -> bool:
        return self.rows("SELECT to_regclass('meta')") != [(None,)]

    def claim(self) -> None:
        try:
            # A moment of patience: the server may not have seen yet that the one before has gone.
            self._db.execute(f"SET lock_timeout = {CLAIM_PATIENCE_MS}".encode())
            self._db.execute(f"SELECT pg_advisory_lock({CLAIM})".encode())
            self._db.execute("SET lock_timeout = 0")
        except psycopg.errors.LockNotAvailable:
            raise StoreError(
                f"Another crossdock central runs on {self.name}.",
                hint="Stop it first, or name another database.",
            ) from None
        except psycopg.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._db.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: psycopg.Error) -> StoreError:
        return StoreError(
            f"The database {self.name} failed: {_words(error)}.", hint="Look at its server.", transient=True
        )


@cache
def _own_way(sql: str) -> bytes:
    return _PARAMETER.sub(r"%(\1)s", sql).encode()


def _words(error: psycopg.Error) -> str:
    """The server's words on one line, without the full stop of ours."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _without_password(where: str) -> str:
    parts = urlsplit(where)
    return parts._replace(netloc=re.sub(r":[^:@]*@", "@", parts.netloc), query="").geturl()
