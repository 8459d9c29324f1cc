"""Time goes by though nobody scans: a thread that tells the engine when something is due.

The engine does what is due before each fact; this thread sees to it that there is one. It looks at the clock rather
than sleeping until the hour: a clock that is put right, or a timer set meanwhile, is seen at the next look.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from edge.clock import Clock
from edge.facts import Answer, ClockTicked
from edge.inbox import Post

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""How late what is due may be done on a box where nothing happens."""
AFTER_FAILURE_S = 10.0
"""Until the next try when the engine could not book: a full disk is not asked every second."""
STOP_S = 2.0


class Ticking:
    """Posts `ClockTicked` when `clock` has reached `due_at` (ms UTC of the next thing to be done)."""

    def __init__(
        self,
        post: Post,
        clock: Clock,
        due_at: Callable[[], int],
        *,
        look_every_s: float = LOOK_EVERY_S,
        after_failure_s: float = AFTER_FAILURE_S,
    ) -> None:
        self._post = post
        self._clock = clock
        self._due_at = due_at
        self._look_every_s = look_every_s
        self._after_failure_s = after_failure_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tick, name="ticking", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what was posted is booked all the same."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_S)

    def _tick(self) -> None:
        underway: Future[Answer] | None = None
        wait_s = self._look_every_s
        while not self._over.wait(wait_s):
            wait_s = self._look_every_s
            if underway is not None and not underway.done():
                # One tick at most is on its way: an engine that is behind gets no heap of them.
                continue
            if underway is not None and (error := underway.exception()) is not None:
                log.debug("the clock's tick was not booked: %s", error)
                wait_s, underway = self._after_failure_s, None
            elif self._clock.now_ms() >= self._due_at():
                underway = self._post(ClockTicked())
