"""Scans go first: what can wait holds still while one is booked, so that it has Python's one lock to itself.

A thread with much to do asks for that lock again each time it is made to let it go, and each of a scan's two dozen
statements would wait for it.
"""

import threading
import time

GIVES_MOST_S = 0.02
"""So long a thread that gives way waits: scans without end do not stop it for good."""
THEN_WORKS_S = 0.005
"""So long it then gives no way."""


class RightOfWay:
    """Whose turn it is between scans, which claim it, and one thread that gives way to them."""

    def __init__(self) -> None:
        self._is_free = threading.Event()
        self._is_free.set()
        self._works_until = 0.0

    def claim(self) -> None:
        """Somebody waits for the answer to a scan."""
        self._is_free.clear()

    def release(self) -> None:
        """Nobody does any more."""
        self._is_free.set()

    def give(self) -> None:
        """Wait, for a bounded time, while somebody else has it. For one thread alone, where it can stop."""
        if self._is_free.is_set() or time.monotonic() < self._works_until:
            return
        if not self._is_free.wait(GIVES_MOST_S):
            self._works_until = time.monotonic() + THEN_WORKS_S
