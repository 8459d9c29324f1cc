"""A label printer behind TCP that is none: keeps what it is sent, and answers as ZPL and ESC/POS printers do.

Its troubles are to order: no paper, an open head, a pause, no power. For the demo and the tests.
"""

import socket
import threading
from collections import deque
from contextlib import suppress
from typing import Literal, Self

from drivers.simulated_languages import (
    EndQuestion,
    ErrorsQuestion,
    EscposListener,
    Heard,
    Job,
    Listener,
    StatusQuestion,
    ZplListener,
)

JOIN_TIMEOUT_S = 2.0

KEPT_BYTES = 4 * 1024 * 1024
KEPT_LABELS = 10_000
"""A printer keeps the newest of what it got: a demo may be left on for days."""


class _Trouble:
    """Something that keeps a printer from printing. Once the last is over, what waits comes out."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    def __get__(self, printer: "LabelPrinter", owner: type) -> bool:
        return bool(getattr(printer, self._name, False))

    def __set__(self, printer: "LabelPrinter", value: bool) -> None:
        printer._change(self._name, value)


class LabelPrinter:
    """A label printer behind TCP, on from the start. It prints at once; if it cannot, labels wait in it.

    `answers_status=False` is one that takes bytes and tells nothing; with `silent_when_out` it tells nothing
    while its paper is out or its head is open, as ZPL printers do, save what is asked by `~HQES` if it `tells_errors`.
    """

    paper_out = _Trouble()
    head_open = _Trouble()
    paused = _Trouble()
    cutter_stuck = _Trouble()

    def __init__(
        self,
        *,
        language: Literal["zpl", "escpos"] = "zpl",
        port: int = 0,
        answers_status: bool = True,
        silent_when_out: bool = False,
        tells_errors: bool = False,
    ) -> None:
        self._language = language
        self._answers_status = answers_status
        self._silent_when_out = silent_when_out
        self._tells_errors = tells_errors
        self._changed = threading.Condition()
        self._received = bytearray()
        self._labels: deque[bytes] = deque(maxlen=KEPT_LABELS)
        self._printed = 0
        self._waiting: deque[tuple[socket.socket, Job | EndQuestion]] = deque()
        self._listener: socket.socket | None = None
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._acceptor: threading.Thread | None = None
        self.port = port
        self.on()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def received(self) -> bytes:
        """The bytes as they came, questions too; of very many the newest."""
        with self._changed:
            return bytes(self._received)

    @property
    def labels(self) -> list[bytes]:
        """The labels that came out, oldest first: ZPL from ^XA to ^XZ, ESC/POS up to the cut."""
        with self._changed:
            return list(self._labels)

    def wait_for(self, n_labels: int, timeout_s: float) -> bool:
        """Wait until so many labels came out since it was made, and return whether they did in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._printed >= n_labels, timeout_s)

    def on(self) -> None:
        """Take connections, at the same port as before. Raises OSError if that is taken meanwhile."""
        with self._changed:
            if self._listener:
                return
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self.port = self._listener.getsockname()[1]
            self._acceptor = threading.Thread(
                target=self._accept, args=(self._listener,), name=f"printer-{self.port}", daemon=True
            )
            self._acceptor.start()

    def off(self) -> None:
        """Cut the power: connections end, new ones are refused, labels that wait in it are gone."""
        with self._changed:
            listener, self._listener = self._listener, None
            threads = [thread for thread in (self._acceptor, *self._connections.values()) if thread]
            # Shut down, not only closed: a socket lives on while a thread waits in its accept or recv.
            for ending in [*self._connections, *([listener] if listener else [])]:
                with suppress(OSError):
                    ending.shutdown(socket.SHUT_RDWR)
            self._connections.clear()
            self._waiting.clear()
        for thread in threads:
            thread.join(JOIN_TIMEOUT_S)

    def close(self) -> None:
        self.off()

    def _accept(self, listener: socket.socket) -> None:
        with listener, suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with self._changed:
                    if self._listener is not listener:
                        connection.close()
                        return
                    thread = threading.Thread(
                        target=self._serve, args=(connection,), name=f"printer-{self.port}-in", daemon=True
                    )
                    self._connections[connection] = thread
                    thread.start()

    def _serve(self, connection: socket.socket) -> None:
        listener: Listener = ZplListener() if self._language == "zpl" else EscposListener()
        with connection, suppress(OSError):
            while data := connection.recv(65536):
                with self._changed:
                    if connection not in self._connections:
                        break
                    self._keep(data)
                    for heard in listener.feed(data):
                        self._hear(connection, heard)
        with self._changed:
            self._connections.pop(connection, None)

    def _keep(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > 2 * KEPT_BYTES:
            del self._received[:-KEPT_BYTES]

    def _hear(self, connection: socket.socket, heard: Heard) -> None:
        if isinstance(heard, ErrorsQuestion):
            if self._tells_errors:
                _tell(connection, self._errors())
        elif not isinstance(heard, StatusQuestion):
            self._waiting.append((connection, heard))
            self._print()
        elif self._answers_status and not (self._silent_when_out and (self.paper_out or self.head_open)):
            _tell(connection, self._host_status() if self._language == "zpl" else self._status(heard.n))

    def _print(self) -> None:
        """Print what waits, in order, if nothing is in the way."""
        while self._waiting and not (self.paper_out or self.head_open or self.paused or self.cutter_stuck):
            connection, heard = self._waiting.popleft()
            if isinstance(heard, Job):
                self._labels.append(heard.data)
                self._printed += 1
            elif self._answers_status:
                # ESC/POS, GS ( H function 48: header, identifier, the process id as it came, NUL.
                _tell(connection, b"\x37\x22" + heard.process + b"\x00")
        self._changed.notify_all()

    def _change(self, name: str, value: bool) -> None:
        with self._changed:
            setattr(self, name, value)
            self._print()

    def _host_status(self) -> bytes:
        """The three strings of `~HS`, ZPL II Programming Guide, Host Status Return."""
        waiting = sum(isinstance(heard, Job) for _, heard in self._waiting)
        strings = (
            # Interface, paper out, pause, label length in dots, formats waiting, buffer full, diagnostic,
            # partial format, unused, RAM corrupt, too cold, too hot.
            f"030,{self.paper_out:d},{self.paused:d},0406,{waiting:03},0,0,0,000,0,0,0",
            # Functions, unused, head open, ribbon out, thermal transfer, print mode, print width, label to be
            # taken, labels left of the batch, always 1, graphics stored.
            f"000,0,{self.head_open:d},0,0,2,4,0,{waiting:08},1,000",
            # Password, static RAM.
            "1234,0",
        )
        return b"".join(b"\x02" + text.encode("ascii") + b"\x03\r\n" for text in strings)

    def _errors(self) -> bytes:
        """The answer to `~HQES`, ZPL II Programming Guide, Host Query."""
        flags = 0x1 * self.paper_out | 0x4 * self.head_open | 0x8 * self.cutter_stuck | 0x10000 * self.paused
        return (
            b"\x02\r\nPRINTER STATUS\r\nERRORS: %d 00000000 %08X\r\nWARNINGS: 0 00000000 00000000\r\n\x03"
            % (
                bool(flags),
                flags,
            )
        )

    def _status(self, n: int) -> bytes:
        """The byte of `DLE EOT n`. Bits 1 and 4 are always set: by them it is known as one."""
        is_offline = self.paper_out or self.head_open or self.paused or self.cutter_stuck
        bits = {
            1: 0x08 * is_offline,
            2: 0x04 * self.head_open | 0x20 * self.paper_out | 0x40 * self.cutter_stuck,
            3: 0x08 * self.cutter_stuck,
            4: 0x6C * self.paper_out,
        }
        return bytes([0x12 | bits.get(n, 0)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _tell(connection: socket.socket, answer: bytes) -> None:
    # Whoever asks and hangs up, or never reads, gets no answer and holds nothing up.
    with suppress(OSError):
        connection.send(answer, socket.MSG_DONTWAIT)
