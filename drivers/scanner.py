"""A scanner that is opened: at a port, as a keyboard, in the network where we call it, at our own terminal.

Raises UsageError for a device URL that cannot be. Opening again after a loss is the supervisor's; scanners that call
us are `listening`'s.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from config.settings import Scanner
from drivers.conversation import Conversation, RideAlong, configured, in_words
from drivers.wire import Wire
from edge.errors import DeviceError
from edge.facts import DeviceKind
from edge.inbox import Post

log = logging.getLogger(__name__)

Open = Callable[[threading.Event], Wire]
"""Opens the wire; raises DeviceError, soon if `stop` is set."""


class OpenedScanner:
    """One scanner, one scan in flight: answers come in the order of the scans."""

    kind: Final = DeviceKind.SCANNER

    def __init__(self, scanner: Scanner, post: Post, *, forward: RideAlong | None = None) -> None:
        self.id = scanner.id
        self._device = scanner.device
        self._open = opener(scanner.device, name=f"scanner {scanner.id}")
        has_words = scanner.device.startswith("stdin:") and not (scanner.accept or scanner.reject)
        say = in_words if has_words else configured(scanner)
        self._conversation = Conversation(scanner, post, dialogue=scanner.id, say=say, forward=forward)
        self._wire: Wire | None = None

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Serve the scanner, as `drivers.device.Device` says; the scan in hand is finished before it ends."""
        wire = self._open(stop)
        log.info("scanner=%s opened %s", self.id, self._device)
        self._wire = wire
        try:
            # Not before: opening empties the input buffer, and what was scanned earlier is gone.
            ready()
            self._conversation.serve(wire, stop)
        finally:
            self._wire = None
            wire.close()
            log.info("scanner=%s closed %s", self.id, self._device)

    def wires(self) -> list[Wire]:
        """The wire, while it is open."""
        return [self._wire] if self._wire is not None else []


def opener(url: str, *, name: str) -> Open:
    """Find what opens a checked device URL. Its library is loaded by then, and only then."""
    parts = urlsplit(url)
    match parts.scheme:
        case "serial" | "rfc2217":
            from drivers.serial_url import parse_serial_url  # noqa: PLC0415
            from drivers.serial_wire import Rfc2217Wire, SerialWire  # noqa: PLC0415

            settings = parse_serial_url(url)
            kind = SerialWire if parts.scheme == "serial" else Rfc2217Wire
            return lambda _stop: kind(settings, name=name)
        case "tcp" | "socket":
            # pyserial calls a plain connection socket://; it is ours, which notices a peer that is gone.
            from drivers.tcp_wire import TcpWire  # noqa: PLC0415

            host, port = parts.hostname or "", parts.port or 0
            return lambda stop: TcpWire.call(host, port, name=name, check_stop=_leave(stop, name))
        case "hid":
            from drivers.hid_wire import HidWire, parse_hid_url  # noqa: PLC0415

            path, layout = parse_hid_url(url)
            return lambda _stop: HidWire(path, layout=layout, name=name)
        case _:
            from drivers.stdin_wire import StdinWire  # noqa: PLC0415

            return lambda _stop: StdinWire(name=name)


def _leave(stop: threading.Event, name: str) -> Callable[[], None]:
    def check() -> None:
        if stop.is_set():
            raise DeviceError(f"The call to {name} was given up: the daemon is stopping.")

    return check
