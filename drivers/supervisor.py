"""Keeps one device served: a thread of its own, a new try after each loss, ready and lost told to the engine.

How a device is opened and served is its own matter (`drivers.device`). Nothing that goes wrong in one device
reaches another.
"""

import logging
import random
import threading
import time
from dataclasses import dataclass

from drivers.device import Device
from edge.errors import EdgeError
from edge.facts import DeviceLost, DeviceReady
from edge.inbox import Post

RETRY_FIRST_S = 0.2
RETRY_MAX_S = 1.6
"""Between two tries. Short enough that a device plugged in again is found within two seconds."""

STEADY_S = 5.0
"""A device that was ready for so long is tried again quickly; one with a loose contact is not."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a lost device is tried again: at most `most_s` apart, quickly if it was ready for `steady_s`.

    `spread` is how much of a pause is left to chance, so that many who lost one thing do not come back in step.
    """

    most_s: float
    steady_s: float
    spread: float = 0.0


SHARED = Patience(most_s=10.0, steady_s=30.0, spread=0.5)
"""For the broker, which restarts for all nodes of a site at once. Nobody waits for it: what is to be told is on disk.

It counts as steady only after longer than the longest pause, since two nodes of one name push each other out once in
each pause.
"""

MAX_CAUSES = 8
"""Different causes told of one loss, so that a text that changes with each try cannot flood the ledger."""

log = logging.getLogger(__name__)


class Supervisor:
    """Serves one device on a daemon thread from `start` to `stop`.

    `tried` is set once the device was ready or lost for the first time.
    """

    def __init__(self, device: Device, post: Post, patience: Patience | None = None) -> None:
        self.device = device
        self.tried = threading.Event()
        self._post = post
        self._patience = patience or Patience(RETRY_MAX_S, STEADY_S)
        self._stop = threading.Event()
        self._ready_since: float | None = None
        self._told: set[str] = set()
        self._thread = threading.Thread(
            target=self._serve, name=f"{device.kind.value}-{device.id}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the device to end; returns at once. May be called before `start`: then nothing is opened."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end, and return whether it came in time. A supervisor never started has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        pause_s = RETRY_FIRST_S
        try:
            while not self._stop.is_set():
                self._try_once()
                if self._was_steady():
                    pause_s = RETRY_FIRST_S
                # What is left to chance only shortens a pause. No secret depends on it.
                self._stop.wait(pause_s * (1 - self._patience.spread * random.random()))  # noqa: S311
                pause_s = min(2 * pause_s, self._patience.most_s)
        finally:
            self.tried.set()

    def _try_once(self) -> None:
        """Serve the device until it is lost or told to stop; whatever is raised stays here."""
        self._ready_since = None
        try:
            self.device.run(stop=self._stop, ready=self._ready)
        except EdgeError as error:
            self._lost(str(error))
        except Exception as error:  # noqa: BLE001 - the project's one broad catch: one device must not take the others down
            text = (
                f"{self._name()} stopped on an error of this program: {type(error).__name__}: {error}. "
                "It is tried again; if it stays so, report the log of this moment."
            )
            self._lost(text, error)
        else:
            self._lost(f"{self._name()} ended by itself. It is tried again.")

    def _ready(self) -> None:
        if self._ready_since is not None:
            return
        self._ready_since = time.monotonic()
        self._told.clear()
        log.info("%s is ready", self._name())
        self._post(DeviceReady(self.device.kind, self.device.id))
        self.tried.set()

    def _lost(self, text: str, error: Exception | None = None) -> None:
        """Tell and log a loss once for each cause. The answer is not waited for: it changes nothing here."""
        # What is lost because everything ends is nobody's trouble; our own errors are logged all the same.
        is_news = text not in self._told and len(self._told) < MAX_CAUSES and not self._stop.is_set()
        if is_news or (error is not None and self._stop.is_set()):
            # A device that is lost is the world's; an error of our own is for whoever mends this program.
            level = logging.WARNING if error is None else logging.ERROR
            log.log(level, "%s is lost: %s", self._name(), text, exc_info=error)
        if is_news:
            self._told.add(text)
            self._post(DeviceLost(self.device.kind, self.device.id, text))
        self.tried.set()

    def _was_steady(self) -> bool:
        return (
            self._ready_since is not None and time.monotonic() - self._ready_since >= self._patience.steady_s
        )

    def _name(self) -> str:
        return f"{self.device.kind.value.capitalize()} {self.device.id}"
