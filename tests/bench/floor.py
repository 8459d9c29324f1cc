"""The floor: a plain `sqlite3` loop on the same disk, one durable transaction after the other."""

import sqlite3
import time
from pathlib import Path

TEXT = "x" * 100
"""About as much as a row of the ledger holds."""


class Floor:
    """WAL and synchronous FULL, as the ledger has it; it decides nothing and answers nobody."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")

    def commit(self, writes: int) -> float:
        """Write so many small rows in one durable transaction, and return the seconds it took."""
        execute = self._connection.execute
        began = time.perf_counter()
        execute("BEGIN IMMEDIATE")
        for _ in range(writes):
            execute("INSERT INTO floor (text) VALUES (:text)", {"text": TEXT})
        execute("COMMIT")
        return time.perf_counter() - began

    def commits(self, count: int, *, writes: int) -> float:
        """Make so many such transactions, and return the seconds of all."""
        began = time.perf_counter()
        for _ in range(count):
            self.commit(writes)
        return time.perf_counter() - began

    def close(self) -> None:
        self._connection.close()
