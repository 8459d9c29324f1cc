"""The lane of what central asks for beside events: replays and snapshots, one after the other.

After a new connection the one that was under way begins anew.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from edge.domain.requests import ReplayEvents
from edge.errors import EdgeError
from edge.outbox import AskedRow, EventRow, SyncOutbox
from sync.lanes import Lane, Road
from sync.row_lanes import BATCH
from sync.snapshot import Snapshot
from sync.telling import Ear, Told
from sync.topics import Topics


class Job(Protocol):
    """One thing that central asked for, on its way."""

    @property
    def is_over(self) -> bool:
        """Every message of it was given."""
        ...

    @property
    def is_busy(self) -> bool:
        """It has something to do before its next message, though nobody calls."""
        ...

    def next(self) -> tuple[int, str, bytes] | None:
        """Give the next message as its place, topic and payload; None while there is none.

        Raises OSError or EdgeError when it cannot go on now.
        """
        ...

    def rewind(self, place: int, /) -> None:
        """The message at this place was refused: it and those behind it go again."""
        ...

    def close(self) -> None: ...


class Replay:
    """Events published again as they were.

    None of them for the first time: what the broker has not got yet comes in its turn, later than this was asked for.
    """

    def __init__(self, outbox: SyncOutbox, topics: Topics, wanted: ReplayEvents, *, published: int) -> None:
        self._outbox, self._topics = outbox, topics
        self._next, self._last = wanted.from_seq, min(wanted.to_seq, published)
        self._rows: deque[EventRow] = deque()

    @property
    def is_over(self) -> bool:
        return self._next > self._last

    @property
    def is_busy(self) -> bool:
        return False

    def next(self) -> tuple[int, str, bytes] | None:
        if self.is_over:
            return None
        if not self._rows:
            count = min(BATCH, self._last - self._next + 1)
            self._rows.extend(self._outbox.events(after=self._next - 1, limit=count))
        row = self._rows.popleft()
        self._next = row.seq + 1
        return row.seq, self._topics.event(row.type), row.payload

    def rewind(self, place: int, /) -> None:
        self._next = place
        self._rows.clear()

    def close(self) -> None:
        pass


class SnapshotJob:
    """A snapshot, told once the events that are in it were, so that central can compare at once.

    It is drawn before: with a large backlog it waits on the disk until that has gone.
    """

    def __init__(self, snapshot: Snapshot, topic: str, published: Callable[[], int]) -> None:
        self._snapshot, self._topic, self._published = snapshot, topic, published
        self._place = 0
        self._is_over = False

    @property
    def is_over(self) -> bool:
        return self._is_over

    @property
    def is_busy(self) -> bool:
        return not self._snapshot.is_drawn

    def next(self) -> tuple[int, str, bytes] | None:
        if not self._snapshot.is_drawn:
            self._snapshot.draw()
        if not self._snapshot.is_drawn or self._published() < self._snapshot.as_of_seq:
            return None
        payload = self._snapshot.next()
        if payload is None:
            self._is_over = True
            return None
        self._place += 1
        return self._place, self._topic, payload

    def rewind(self, _place: int, /) -> None:
        # From `begin` on, so that central does not count a chunk twice.
        self._snapshot.rewind()
        self._is_over = False

    def close(self) -> None:
        self._snapshot.close()


class Asked(Lane):
    """Replays and snapshots within a quarter of the window, so that events go on beside them.

    `published` says up to which event the broker has them.
    """

    what = "What central asked for"
    hole = "What central gets is not whole: let the broker take messages of 100 KiB, then have it ask again."

    def __init__(
        self, road: Road, outbox: SyncOutbox, ear: Ear, *, delivered: int, published: Callable[[], int]
    ) -> None:
        super().__init__(road, share=road.window.size // 4)
        self._outbox, self._published = outbox, published
        self._delivered = delivered
        self._told = Told("asked", ear, delivered)
        self._row: AskedRow | None = None
        self._job: Job | None = None
        self._is_stale = True

    @property
    def is_idle(self) -> bool:
        return self._row is None and not self._is_stale

    def look(self) -> None:
        self._is_stale = True

    def wakes_at(self) -> float:
        is_due = self._job is not None and self._job.is_busy and self.room > 0
        return min(super().wakes_at(), self._told.wakes_at(self._delivered), 0.0 if is_due else float("inf"))

    def tell(self) -> None:
        self._told.tell(self._delivered, self.road.now)

    def send(self) -> None:
        while self.room > 0:
            try:
                found = self._next()
            except (OSError, EdgeError) as error:
                self._put_off(error)
                return
            if found is None:
                return
            place, topic, payload = found
            self.road.window.send(self.add(place), topic, payload)

    def _next(self) -> tuple[int, str, bytes] | None:
        if self._row is None and self._is_stale:
            rows = self._outbox.asked(after=self._delivered, limit=1)
            self._row = rows[0] if rows else None
            self._is_stale = bool(rows)
        if self._row is None:
            return None
        if self._job is None:
            self._job = self._begun(self._row)
        found = self._job.next()
        if found is None:
            self._end_if_done()
        return found

    def _begun(self, row: AskedRow) -> Job:
        if isinstance(row.request, ReplayEvents):
            return Replay(self._outbox, self.road.topics, row.request, published=self._published())
        snapshot = Snapshot(self._outbox, row.request.scopes, epoch=self._outbox.head().epoch)
        return SnapshotJob(snapshot, self.road.topics.snapshot(row.id), self._published)

    def _end_if_done(self) -> None:
        if self._row is None or self._job is None or not self._job.is_over or self.in_flight:
            return
        self._delivered = self._row.number
        self.close()
        self._row = None
        self.road.complaints.take_back("Snapshots")

    def _put_off(self, error: OSError | EdgeError) -> None:
        self.close()
        self.pace.pause(self.road.now)
        self.road.complaints.raise_(
            "Snapshots",
            f"A snapshot that central asked for cannot be taken now: {error}. Everything else goes on, and it is "
            "tried again: see that the disk has room.",
        )

    def close(self) -> None:
        """Let go of what is under way."""
        if self._job is not None:
            self._job.close()
            self._job = None

    def reached(self, _number: int, /) -> None:
        self._end_if_done()

    def rewind(self, number: int, /) -> None:
        if self._job is not None:
            self._job.rewind(number)
