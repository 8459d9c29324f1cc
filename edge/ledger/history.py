"""Events long told, read once more for an export: in steps, each a short read of its own, since events never change.

An open read would keep the log of the writer from being folded back for as long as the export takes.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.ledger.store import Store

STEP = 500
"""Numbers of events looked at in one read: some milliseconds."""

_READ = """
SELECT events.fact, payload FROM {events} JOIN facts ON facts.seq = events.fact
WHERE {of_epoch} AND events.seq > :after AND events.seq <= :upto
    AND (:since IS NULL OR facts.at >= :since) AND (:until IS NULL OR facts.at < :until)
ORDER BY events.seq
"""

# The events of one fact stand together.
_OF_BOOKING = """
SELECT payload FROM events WHERE seq >= :booking AND seq < (
    SELECT seq FROM events WHERE seq > :booking AND fact > (SELECT fact FROM events WHERE seq = :booking)
    ORDER BY seq LIMIT 1)
ORDER BY seq
"""

_OF_PAST_BOOKING = """
SELECT payload FROM past_events WHERE fact = (
    SELECT undone.fact FROM entries AS undoing JOIN entries AS undone ON undone.entry = undoing.undoes
    WHERE undoing.undoes IS NOT NULL AND undoing.fact = :fact)
ORDER BY epoch, seq
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it was told, and the number of the fact that it came of."""

    fact: int
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """The events of the present epoch that are here. `archived_at`: all facts to that time (ms) were archived."""

    first_seq: int
    last_seq: int
    archived_at: int | None


class History:
    """The events, on a connection that reads; whoever opened it closes it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._meta = dict(connection.execute("SELECT key, value FROM meta ORDER BY key").fetchall())
        self.gtin_of = Store(connection).gtin_of

    def span(self) -> Span:
        cursors = dict(self._db.execute("SELECT name, value FROM cursors ORDER BY name").fetchall())
        is_cut = self._meta.get("archived_epoch") == self._meta["epoch"]
        first = cursors.get("archived_seq", 0) + 1 if is_cut else 1
        return Span(first, self._last(self._meta["epoch"]), cursors.get("archived_at"))

    def numbered(self, first: int, last: int) -> Iterator[Recorded]:
        """The events of the present epoch from one number to another, both included."""
        return self._read(self._meta["epoch"], after=first - 1, upto=last)

    def between(self, since: int | None, until: int | None) -> Iterator[Recorded]:
        """The events of a time, ms UTC, its end left out; those of ledgers that this one was restored from, too."""
        for epoch in (*json.loads(self._meta.get("ancestors", "[]")), self._meta["epoch"]):
            yield from self._read(epoch, after=0, upto=self._last(epoch), since=since, until=until)

    def undone_by(self, undo: Recorded) -> list[dict[str, Any]]:
        """The events of what an `undo` takes back; one of another booking of the same fact may be among them."""
        if booking := undo.event["data"]["undoes"]:
            rows = self._db.execute(_OF_BOOKING, {"booking": booking}).fetchall()
        else:
            # A restore takes the number from what was booked before: it was one of the old epoch's.
            rows = self._db.execute(_OF_PAST_BOOKING, {"fact": undo.fact}).fetchall()
        return [json.loads(payload) for (payload,) in rows]

    def _read(
        self, epoch: str, *, after: int, upto: int, since: int | None = None, until: int | None = None
    ) -> Iterator[Recorded]:
        events, of_epoch = self._source(epoch)
        statement = _READ.format(events=events, of_epoch=of_epoch)
        asked: dict[str, Any] = {"epoch": epoch, "since": since, "until": until}
        for start in range(after, upto, STEP):
            window = {"after": start, "upto": min(start + STEP, upto)}
            # All of it at once, so that the read is over before anything is written.
            for fact, payload in self._db.execute(statement, {**asked, **window}).fetchall():
                yield Recorded(fact, json.loads(payload))

    def _last(self, epoch: str) -> int:
        events, of_epoch = self._source(epoch)
        (last,) = self._db.execute(
            f"SELECT ifnull(max(events.seq), 0) FROM {events} WHERE {of_epoch}", {"epoch": epoch}
        ).fetchone()
        return int(last)

    def _source(self, epoch: str) -> tuple[str, str]:
        """The table that has the events of an epoch, and which of them they are."""
        if epoch == self._meta["epoch"]:
            return "events", "1"
        return "past_events AS events", "events.epoch = :epoch"
