"""Ride along: where the bytes of a scanner also go, unchanged, to the terminal that was there before us.

Beside the scanner, never in its way: what that terminal does not take is dropped and told, and no scan of ours waits
for it. What comes back from it can be handed to the scanner.
"""

import logging
import queue
import threading
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from config.settings import Scanner
from drivers.pty_wire import PtyWire
from drivers.scanner import Open, opener
from drivers.wire import READ_TIMEOUT_S, Wire, begin
from edge.errors import DeviceError
from edge.facts import DeviceKind, DeviceLost, DeviceReady
from edge.inbox import Post

WAITING_MAX = 64
"""Reads of a scanner that wait for the other terminal to take them."""

log = logging.getLogger(__name__)


class Forward:
    """The other terminal of one scanner, a device of its own: `gun-1.forward`."""

    kind: Final = DeviceKind.SCANNER

    def __init__(self, scanner: Scanner, post: Post) -> None:
        assert scanner.forward is not None
        self.id = scanner.forward_id
        self._url = scanner.forward
        self._name = f"the other terminal of scanner {scanner.id}"
        self._open = _opener(scanner.forward, name=self._name)
        self._has_answers = scanner.forward_answers
        self._post = post
        self._waiting: queue.Queue[bytes | None] = queue.Queue(WAITING_MAX)
        self._is_open = threading.Event()
        self._is_refusing = False
        self.scanner: Callable[[], Iterable[Wire]] = tuple
        """The wires of the scanner as they are at the moment, for what comes back."""

    def send(self, data: bytes) -> None:
        """Take bytes of the scanner and never wait; while the other terminal is away they are dropped."""
        if not self._is_open.is_set():
            return
        try:
            self._waiting.put_nowait(data)
        except queue.Full:
            self._refused()

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Serve the other terminal, as `drivers.device.Device` says."""
        wire = self._open(stop)
        self._waiting = queue.Queue(WAITING_MAX)
        self._is_refusing = False
        writer = threading.Thread(target=self._write, args=(wire,), name=self.id, daemon=True)
        writer.start()
        self._is_open.set()
        try:
            ready()
            while not stop.is_set():
                answer = wire.read(READ_TIMEOUT_S)
                if answer and self._has_answers:
                    for scanner in self.scanner():
                        scanner.write(answer)
        finally:
            self._is_open.clear()
            wire.close()
            self._end(writer)

    def _write(self, wire: Wire) -> None:
        """Hand on what waits; whoever reads the wire tells of its loss."""
        waiting = self._waiting
        while (data := waiting.get()) is not None:
            try:
                is_taken = wire.write(data)
            except DeviceError as error:
                log.info("%s: %s", self.id, error)
                return
            if not is_taken:
                self._refused()
            elif self._is_refusing:
                self._is_refusing = False
                self._post(DeviceReady(self.kind, self.id))

    def _refused(self) -> None:
        if not self._is_refusing:
            self._is_refusing = True
            text = (
                f"{begin(self._name)} at {self._url} does not take its scans. Crossdock books them "
                "all the same; see whether its program runs and has the port open."
            )
            log.warning("%s is lost: %s", self.id, text)
            self._post(DeviceLost(self.kind, self.id, text))

    def _end(self, writer: threading.Thread) -> None:
        """Let the writer go: of a wire that is closed it takes nothing more."""
        while writer.is_alive():
            try:
                self._waiting.put_nowait(None)
                break
            except queue.Full:
                writer.join(READ_TIMEOUT_S)
        writer.join(READ_TIMEOUT_S)


def _opener(url: str, *, name: str) -> Open:
    parts = urlsplit(url)
    if parts.scheme == "pty":
        return lambda _stop: PtyWire(parts.path, name=name)
    return opener(url, name=name)
