"""Printers that die within a label, after a given byte and in one of several ways, and live on to the next death.

What came out of one is kept as it lay on the paper. One at a TCP port serves one connection at a time.
"""

import os
import select
import socket
import struct
import termios
import threading
import time
import tty
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
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

Speech = Literal["zpl", "escpos"]

OUT_S = (0.02, 0.2, 0.5)
"""How long paper is gone, in turns: before the spool has given the label up, about then, and after."""

POLL_S = 0.01
PATIENCE_S = 30.0
RECEIVE_BYTES = 4096
"""Small, so that a receipt of 60 KB is still being written when its printer dies."""


class Way(StrEnum):
    """How a printer dies; the value says so in a sentence."""

    CLOSED = "the connection is closed in order"
    RESET = "the connection is reset"
    SILENT = "it falls silent for good, and has forgotten all once it is called again"
    DEAF = "it prints what comes, and answers nothing more"
    POWER = "the power is cut: the daemon dies with it (SIGKILL), the printer forgets all"
    PAPER = "it is out of paper, says so when asked, and prints what it has once there is paper"
    CABLE = "its cable is pulled: bytes are lost, and it remembers what it had begun"


@dataclass(frozen=True, slots=True)
class Death:
    """`after` so many bytes of a label; of a shorter one all are taken, and lost before it is out.

    None: once the label is out, before that is told.
    """

    way: Way
    after: int | None


class MortalPrinter:
    """A printer that answers as printers of its language do, and dies of `deaths` one by one."""

    url: str

    def __init__(self, language: Speech, deaths: Sequence[Death]) -> None:
        self.language: Speech = language
        self.paper: list[bytes] = []
        self.is_down = threading.Event()
        """Set while its power is cut, until `power_on`."""
        self._back = threading.Event()
        self._deaths = list(deaths)
        self._died = 0
        self._is_spared = self._spares_next = False
        self._begins = b"^XA" if language == "zpl" else b"\x1b@"
        self._new_listener: Callable[[], Listener] = ZplListener if language == "zpl" else EscposListener
        self._paper_at = 0.0
        self._closing = threading.Event()
        self._forget()
        self._thread = threading.Thread(target=self._run, name=f"mortal-{id(self):x}", daemon=True)

    @property
    def left(self) -> int:
        """Deaths that it has not died."""
        return len(self._deaths)

    def power_on(self) -> None:
        self.is_down.clear()
        self._back.set()

    def close(self) -> None:
        self._closing.set()
        self._back.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self) -> None:
        raise NotImplementedError

    # -- a life ----------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._listener = self._new_listener()
        self._stream = bytearray()
        self._held: list[Job | EndQuestion] = []
        self._is_deaf = False

    def _serve(self, line: int) -> Way | None:
        """Take labels until the line ends (None) or this dies in a way that ends it."""
        while not self._closing.is_set():
            if self._held and not self._is_out():
                self._print(line)
            if not select.select([line], [], [], POLL_S)[0]:
                continue
            data = os.read(line, RECEIVE_BYTES)
            if not data:
                return None
            if (way := self._take(line, data)) is not None:
                return way
        return None

    def _take(self, line: int, data: bytes) -> Way | None:
        self._stream += data
        death = self._deaths[0] if self._deaths and not self._is_spared else None
        begun = self._stream.find(self._begins)
        beyond = -1
        if death is not None and death.after is not None and begun >= 0:
            beyond = len(self._stream) - begun - death.after
        taken = len(data) - max(0, beyond)
        is_whole = False
        for heard in self._listener.feed(data[:taken]):
            is_whole |= isinstance(heard, Job)
            if death is None or not isinstance(heard, Job):
                self._heed(line, heard)
                continue
            if death.after is None or death.way in _LOSE_NOTHING:
                self._held.append(heard)
            if death.way is not Way.PAPER:
                self._print(line)
            if (way := self._die(death)) is not None:
                return way
            death = None
        if death is not None and beyond >= 0 and (way := self._die(death)) is not None:
            return way
        for heard in self._listener.feed(data[taken:]):
            is_whole |= isinstance(heard, Job)
            self._heed(line, heard)
        if is_whole:
            self._stream.clear()
            self._is_spared, self._spares_next = self._spares_next, False
        return None

    def _heed(self, line: int, heard: Heard) -> None:
        if isinstance(heard, StatusQuestion):
            self._answer(line, self._status(heard.n))
            return
        if isinstance(heard, ErrorsQuestion):
            return  # an older printer, that does not know it
        self._held.append(heard)
        if not self._is_out():
            self._print(line)

    def _print(self, line: int) -> None:
        held, self._held = self._held, []
        for each in held:
            if isinstance(each, Job):
                self.paper.append(each.data)
            else:
                self._answer(line, b"\x37\x22" + each.process + b"\x00")

    def _answer(self, line: int, data: bytes) -> None:
        if not self._is_deaf:
            os.write(line, data)

    def _die(self, death: Death) -> Way | None:
        """Be as good as dead; tells the way if its line ends with it."""
        self._died += 1
        # The next label is the same once more, for all that a printer knows: the one behind it is to die again.
        self._is_spared = self._spares_next = True
        match death.way:
            case Way.PAPER:
                self._paper_at = time.monotonic() + OUT_S[self._died % len(OUT_S)]
            case Way.DEAF:
                self._is_deaf = True
            case way:
                self._spares_next = False
                return way
        self._deaths.pop(0)
        return None

    def _is_out(self) -> bool:
        return time.monotonic() < self._paper_at

    def _status(self, n: int) -> bytes:
        is_out = self._is_out()
        if self.language == "escpos":
            # DLE EOT: bits 1 and 4 are set in every answer; 1 has bit 3 for offline, 2 and 4 tell of paper.
            return bytes([0x12 | {1: 0x08, 2: 0x20, 4: 0x6C}.get(n, 0) * is_out])
        waiting = sum(isinstance(one, Job) for one in self._held)
        texts = (
            f"030,{is_out:d},0,0480,{waiting:03},0,0,0,000,0,0,0",
            "000,0,0,0,0,2,4,0,00000000,1,000",
            "1234,0",
        )
        return b"".join(b"\x02" + text.encode() + b"\x03\r\n" for text in texts)

    def _wait_for_power(self) -> None:
        self.is_down.set()
        assert self._back.wait(PATIENCE_S), "Nobody gave a printer its power back."
        self._back.clear()


_LOSE_NOTHING = (Way.PAPER, Way.DEAF)


class TcpPrinter(MortalPrinter):
    """A printer at a TCP port of its own."""

    def __init__(self, language: Speech, deaths: Sequence[Death]) -> None:
        super().__init__(language, deaths)
        self._port = socket.socket()
        # Before it listens: connections inherit it.
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        self._port.bind(("127.0.0.1", 0))
        self._port.listen()
        self._silent: list[socket.socket] = []
        self.url = f"tcp://127.0.0.1:{self._port.getsockname()[1]}"

    def close(self) -> None:
        super().close()
        for each in (self._port, *self._silent):
            each.close()

    def _run(self) -> None:
        while not self._closing.is_set():
            if not select.select([self._port], [], [], POLL_S)[0]:
                continue
            connection, _ = self._port.accept()
            self._forget()
            way = None
            with suppress(OSError):
                way = self._serve(connection.fileno())
            with suppress(OSError):
                self._end(connection, way)
            if way is not None:
                self._deaths.pop(0)

    def _end(self, connection: socket.socket, way: Way | None) -> None:
        match way:
            case Way.SILENT:
                self._silent.append(connection)
                return
            case Way.CLOSED:
                connection.shutdown(socket.SHUT_WR)
                # Read to the end: with bytes unread it would be a reset.
                connection.settimeout(PATIENCE_S)
                with suppress(OSError):
                    while connection.recv(65536):
                        pass
            case Way.RESET | Way.POWER:
                if way is Way.POWER:
                    self._wait_for_power()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


class PtyPrinter(MortalPrinter):
    """A printer at a serial port: the line says nothing of who is at its other end, and `url` stays."""

    def __init__(self, language: Speech, deaths: Sequence[Death], *, path: Path) -> None:
        super().__init__(language, deaths)
        self._path = path
        self.url = f"serial://{path}?baud=115200"
        self._plug_in()

    def close(self) -> None:
        super().close()
        self._unplug()

    def _run(self) -> None:
        while not self._closing.is_set():
            match self._serve(self._master):
                case Way.POWER:
                    self._wait_for_power()
                    termios.tcflush(self._slave, termios.TCIOFLUSH)
                    while select.select([self._master], [], [], 0)[0]:
                        os.read(self._master, RECEIVE_BYTES)
                    self._forget()
                case Way.RESET:
                    self._unplug()
                    self._forget()
                    self._plug_in()
                case Way.CABLE:
                    self._unplug()
                    self._stream.clear()
                    self._plug_in()
                case None:
                    continue
                case way:
                    raise AssertionError(f"A printer at a serial port cannot die so: {way}.")
            self._deaths.pop(0)

    def _plug_in(self) -> None:
        self._master, self._slave = os.openpty()
        # Held open, so that the master reads nothing and no error while nobody has the port open.
        tty.setraw(self._slave)
        self._path.unlink(missing_ok=True)
        self._path.symlink_to(os.ttyname(self._slave))

    def _unplug(self) -> None:
        os.close(self._master)
        os.close(self._slave)
