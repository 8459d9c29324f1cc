"""The spool as the daemon runs it, and peers that behave as printers do when they fail."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from config.layouts import load_layouts
from config.settings import Printer
from drivers.spool import PAPERS, SpooledPrinter
from drivers.supervisor import Supervisor
from edge.domain.labels import FIELDS
from edge.facts import Answer, Fact
from tests.labels import Queue

TIMEOUT_S = 10.0


@contextmanager
def spooling(
    queue: Queue,
    url: str,
    *,
    language: str = "zpl",
    status: str = "auto",
    post: Callable[[Fact], "Future[Answer]"] | None = None,
) -> Iterator[SpooledPrinter]:
    """Serve a printer as the daemon does, until the end of the block."""
    settings = Printer.model_validate(
        {"id": "zebra-1", "language": language, "device": url, "status": status}
    )
    layouts = load_layouts(FIELDS, paper=PAPERS[language])
    printer = SpooledPrinter(settings, layouts, lambda: queue, post or queue.post, queue.wake)
    supervisor = Supervisor(printer, queue.post)
    supervisor.start()
    try:
        yield printer
    finally:
        supervisor.stop()
        assert supervisor.join(TIMEOUT_S)
        assert queue.closed > 0


class Sink:
    """A peer of the test's own: each connection goes to the next of `scripts`, the rest to the last one."""

    def __init__(self, *scripts: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        self._scripts = list(scripts)
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
            threading.Thread(target=self._run, args=(script, connection), daemon=True).start()

    @staticmethod
    def _run(script: Callable[[socket.socket], None], connection: socket.socket) -> None:
        with connection:
            try:
                script(connection)
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()
        for connection in self._connections:
            connection.close()


@contextmanager
def sink(*scripts: Callable[[socket.socket], None]) -> Iterator[Sink]:
    made = Sink(*scripts)
    try:
        yield made
    finally:
        made.close()


def reset(connection: socket.socket) -> None:
    """Break the connection as a power cut does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def read_until(connection: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        more = connection.recv(4096)
        if not more:
            break
        data += more
    return data


def copies(labels: list[bytes]) -> list[bool]:
    return [b"COPY" in label for label in labels]


def orders(labels: list[bytes]) -> list[str]:
    return [label.split(b"LBL:")[1].split(b"^FS")[0].decode() for label in labels]
