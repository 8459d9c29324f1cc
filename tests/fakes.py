"""Stand-ins for what a test leaves out, each a few honest lines."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from edge.domain.requests import Scope
from edge.errors import EdgeError
from edge.facts import Answer, Delivered, Fact, Verdict
from edge.inbox import Post
from edge.local.door import LocalDoor
from edge.outbox import AnswerRow, AskedRow, EventRow, Head, LevelRow, SnapshotRows


class FakeOutbox:
    """An outbox in memory. `close` counts, since every reader must be closed by the thread that made it."""

    def __init__(self) -> None:
        self.rows: list[EventRow] = []
        self.level_rows: list[LevelRow] = []
        self.answer_rows: list[AnswerRow] = []
        self.asked_rows: list[AskedRow] = []
        self.confirmed = {"events": 0, "levels": 0, "answers": 0, "asked": 0}
        self.published = 0
        """Events that the broker has, with confirm = "central"."""
        self.snapshots: list[FakeSnapshot] = []
        self.scratched: list[BinaryIO] = []
        self.session = 1
        self.first_seq = 1
        self.previous: str | None = None
        self.closed = 0

    def head(self) -> Head:
        last = self.rows[-1].seq if self.rows else 0
        done = self.confirmed
        return Head(
            *("e1", self.session, last, "0" * 64, done["events"], done["levels"], done["answers"]),
            *(done["asked"], self.first_seq, self.previous),
        )

    def events(self, *, after: int, limit: int) -> list[EventRow]:
        return self.rows[after : after + limit]  # seq counts from 1 without a gap

    def levels(self, *, after: int, upto: int, limit: int) -> list[LevelRow]:
        wanted = [row for row in self.level_rows if row.number > after and row.seq <= upto]
        return sorted(wanted, key=lambda row: row.number)[:limit]

    def answers(self, *, after: int, limit: int) -> list[AnswerRow]:
        return [row for row in self.answer_rows if row.number > after][:limit]

    def asked(self, *, after: int, limit: int) -> list[AskedRow]:
        return [row for row in self.asked_rows if row.number > after][:limit]

    def snapshot(self, scopes: Sequence[Scope]) -> SnapshotRows:
        self.snapshots.append(FakeSnapshot(self.head().last_seq, scopes))
        return self.snapshots[-1]

    def scratch(self) -> BinaryIO:
        self.scratched.append(BytesIO())
        return self.scratched[-1]

    def close(self) -> None:
        self.closed += 1


class FakeSnapshot:
    """Three rows of each scope, in two pieces."""

    def __init__(self, as_of_seq: int, scopes: Sequence[Scope]) -> None:
        self.as_of_seq = as_of_seq
        self.counts: dict[Scope, int] = dict.fromkeys(scopes, 3)
        self.closed = 0

    def pieces(self) -> Iterator[tuple[Scope, bytes]]:
        for scope in self.counts:
            yield scope, b'[{"n":1},{"n":2}]'
            yield scope, b'[{"n":3}]'

    def close(self) -> None:
        self.closed += 1


class FakeEngine:
    """Takes facts at once: books deliveries in the outbox, keeps all others; `hold` leaves those open."""

    def __init__(self, outbox: FakeOutbox, *, confirm: str = "broker") -> None:
        self._outbox, self._confirm = outbox, confirm
        self.hold = False
        self.facts: list[Fact] = []
        self.open: list[Future[Answer]] = []
        self.deliveries: list[Delivered] = []

    def post(self, fact: Fact) -> "Future[Answer]":
        future: Future[Answer] = Future()
        if isinstance(fact, Delivered):
            self.deliveries.append(fact)
            if fact.outbox == "events" and self._confirm == "central":
                self._outbox.published = max(fact.upto, self._outbox.published)
            else:
                self._outbox.confirmed[fact.outbox] = max(fact.upto, self._outbox.confirmed[fact.outbox])
            future.set_result(Answer(Verdict.ACCEPT))
            return future
        self.facts.append(fact)
        self.open.append(future)
        if not self.hold:
            self.settle()
        return future

    def settle(self) -> None:
        """Put on disk what is open."""
        while self.open:
            self.open.pop(0).set_result(Answer(Verdict.ACCEPT))

    def fail(self) -> None:
        """Find that the disk took nothing of what is open."""
        while self.open:
            self.open.pop(0).set_exception(EdgeError("The disk is full.", transient=True))


def answered(outcome: Answer | EdgeError) -> "Future[Answer]":
    """The future of a fact that is booked, or failed, already."""
    answer: Future[Answer] = Future()
    if isinstance(outcome, EdgeError):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
    return answer


@contextmanager
def open_door(folder: Path, post: Post, *, session: int | None = None) -> Iterator[Path]:
    """The local door of a daemon at station dock-1 with its data in `folder`; the path of its socket."""
    door = LocalDoor(folder / "crossdock.sock", ["dock-1"], post, session=session)
    door.start()
    try:
        yield folder / "crossdock.sock"
    finally:
        door.stop()
