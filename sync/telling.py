"""Tells the engine how far an outbox was delivered: one fact at a time, not one for each message."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from edge.facts import Answer, Delivered
from edge.inbox import Post

TELL_EVERY_S = 0.05
TELL_AGAIN_S = 1.0
"""After the engine could not book that a row was delivered."""

Outbox = Literal["events", "levels", "answers", "asked"]


@dataclass(frozen=True, slots=True)
class Ear:
    """Who is told, and how the thread is woken once it is on disk."""

    post: Post
    wake: Callable[[], None]


class Told:
    """How far the engine knows one outbox to be delivered."""

    def __init__(self, outbox: Outbox, ear: Ear, upto: int) -> None:
        self._outbox: Outbox = outbox
        self._ear = ear
        self._upto = upto
        self._telling: tuple[Future[Answer], int] | None = None
        self._at = 0.0

    def wakes_at(self, delivered: int) -> float:
        """When there is something to be told."""
        return self._at if delivered > self._upto and self._telling is None else float("inf")

    def tell(self, delivered: int, now: float) -> None:
        """Let the engine book it, unless it has, is about to, or was told a moment ago."""
        if self._telling is not None:
            future, upto = self._telling
            if not future.done():
                return
            self._telling = None
            if future.exception() is None:
                self._upto = upto
            else:
                self._at = now + TELL_AGAIN_S
        if delivered > self._upto and now >= self._at:
            future = self._ear.post(Delivered(self._outbox, delivered))
            self._telling = (future, delivered)
            self._at = now + TELL_EVERY_S
            future.add_done_callback(lambda _future: self._ear.wake())
