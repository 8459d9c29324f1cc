"""The label printer of the bench: at a TCP port, on and off, with the moment at which each label's first byte came.

It answers `~HS` at once and has no troubles: what is measured is the daemon. Its labels are kept by their id alone.
"""

import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from drivers.simulated_languages import Job, ZplListener

# What a label has that may be a second one, and the code by which each is known.
_COPY = b"^FDCOPY^FS"
_ID = re.compile(rb"LBL:([^^>]+)\^FS")

_IS_WELL = (
    b"\x02030,0,0,0480,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A label: its id, whether it is marked, and when its first byte came (`perf_counter`)."""

    label: str
    copy: bool
    at_s: float


class StampingPrinter:
    """A printer that tells when. Off from the start; its port stays the same."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self._port: int = taken.getsockname()[1]
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._heard: list[Heard] = []
        self._changed = threading.Condition()

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self._port)

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._port}"

    @property
    def heard(self) -> list[Heard]:
        """Every label that came, in its order."""
        with self._changed:
            return list(self._heard)

    def wait_for(self, count: int, timeout_s: float) -> bool:
        """Wait until so many labels came in all, and return whether they did in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._heard) >= count, timeout_s)

    def on(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def off(self) -> None:
        """Cut the power: connections end, new ones are refused."""
        with self._changed:
            listener, self._listener = self._listener, None
            ending = [*self._connections, *([listener] if listener else [])]
        for each in ending:
            # Shut down, not only closed: a socket lives on while a thread waits in its accept or recv.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with listener, suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with self._changed:
                    self._connections.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        listener, began_s = ZplListener(), 0.0
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, suppress(OSError):
            while data := connection.recv(65536):
                now_s = time.perf_counter()
                if data.startswith(b"^XA"):
                    # The daemon waits for each label's end: one never comes in the same read as another.
                    began_s = now_s
                for heard in listener.feed(data):
                    if isinstance(heard, Job):
                        self._keep(heard.data, began_s)
                    else:
                        connection.sendall(_IS_WELL)
        with self._changed:
            self._connections.discard(connection)

    def _keep(self, zpl: bytes, at_s: float) -> None:
        found = _ID.search(zpl)
        with self._changed:
            self._heard.append(Heard(found[1].decode("ascii") if found else "", _COPY in zpl, at_s))
            self._changed.notify_all()
