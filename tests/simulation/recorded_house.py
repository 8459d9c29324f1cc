"""A house that keeps every fact with its time, and another that plays them again: a day is what came in, and when."""

import functools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from config.settings import Settings
from edge.facts import Answer, Fact
from edge.ledger.schema import open_writer
from tests.house import House

_BOOKS = {
    "events": "SELECT seq, type, fact, payload, hash FROM events",
    "facts": "SELECT * FROM facts",
    "positions": "SELECT * FROM positions",
    "postings": "SELECT * FROM postings",
    "orders": "SELECT * FROM orders",
    "lines": "SELECT * FROM lines",
    "allocations": "SELECT * FROM allocations",
    "levels": "SELECT * FROM levels",
    "labels": "SELECT * FROM labels",
    "exceptions": "SELECT * FROM exceptions",
    "answers": "SELECT * FROM answers",
    "dialogues": "SELECT * FROM dialogues",
}
"""All that a replay must bring back."""


@functools.cache
def _new_ledger() -> bytes:
    """A ledger in which nothing happened, of an epoch that replays share; made once, since migrations take a while."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        db = open_writer(path)
        db.execute("UPDATE meta SET value = '0123456789abcdef' WHERE key = 'epoch'")
        db.close()
        return path.read_bytes()


class RecordedHouse(House):
    """A house that keeps every fact with its time."""

    def __init__(self, settings: Settings) -> None:
        (settings.data_dir / "ledger.db").write_bytes(_new_ledger())
        self.facts: list[tuple[Fact, int]] = []
        super().__init__(settings)

    def _start(self) -> None:
        super()._start()
        # Nobody pulls the plug here; a flush for each scan would take most of the time.
        self.engine.books.store.db.execute("PRAGMA synchronous = OFF")

    def post(self, fact: Fact) -> Answer:
        self.facts.append((fact, self.clock.at_ms))
        return super().post(fact)

    def play(self, facts: Sequence[tuple[Fact, int]]) -> None:
        """Book facts of another house, several in one commit."""
        for n in range(0, len(facts), 5):
            for fact, at_ms in facts[n : n + 5]:
                self.clock.at_ms = at_ms
                self.inbox.post(fact)
            batch = self.inbox.take(5)
            assert batch is not None
            self.engine.handle(batch)
            assert all(stamped.answer.exception() is None for stamped in batch)

    def books(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: sorted(self.rows(sql), key=repr) for table, sql in _BOOKS.items()}
