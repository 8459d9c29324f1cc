"""Order and time: facts from every thread get a time here and wait, in order, for the engine.

The inbox is bounded: who posts into a full one waits, and so does its scanner.
"""

import queue
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from edge.clock import Clock
from edge.errors import EdgeError
from edge.facts import Answer, CodeScanned, Fact
from edge.right_of_way import RightOfWay

CAPACITY = 1024
"""Facts waiting at most. At a millisecond each, the last one waits for about a second."""

Post = Callable[[Fact], "Future[Answer]"]
"""How a thread tells a fact. The future is done once the fact is on disk; it fails with an EdgeError if it is not."""


@dataclass(frozen=True, slots=True)
class Stamped:
    """A fact with the time it came (milliseconds UTC), and whom to answer."""

    fact: Fact
    at_ms: int
    answer: "Future[Answer]"


class Inbox:
    """The one door to the engine. `scans` is claimed from a scan's coming until nothing waits any more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: queue.Queue[Stamped | None] = queue.Queue(CAPACITY)
        self._open = True
        self.scans = RightOfWay()

    def post(self, fact: Fact) -> "Future[Answer]":
        """Stamp a fact and leave it for the engine; waits while the inbox is full."""
        answer: Future[Answer] = Future()
        if not self._open:
            answer.set_exception(
                EdgeError("The daemon is stopping: nothing is taken any more.", transient=True)
            )
            return answer
        if isinstance(fact, CodeScanned):
            self.scans.claim()
        self._queue.put(Stamped(fact, self._clock.now_ms(), answer))
        return answer

    def take(self, limit: int) -> list[Stamped] | None:
        """Wait for a fact and return all that are waiting, at most `limit`; None once closed and empty."""
        if self.is_empty:
            self.scans.release()
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < limit:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._queue.put(None)
                break
            batch.append(item)
        return batch

    @property
    def is_empty(self) -> bool:
        """Nothing waits just now."""
        return self._queue.empty()

    def close(self) -> None:
        """Take no more facts; those that wait are still handed out."""
        self._open = False
        self._queue.put(None)
