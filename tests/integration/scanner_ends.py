"""The far end of each kind of scanner that the drivers know: plugged in, unplugged, scanned with, listened to.

All alike, so that one set of tests holds for all drivers. What a daemon finds at the near end is the real thing:
pseudo-terminals, sockets, and pyserial's own server side of RFC 2217.
"""

import contextlib
import os
import select
import socket
import threading
import time
from pathlib import Path
from typing import Protocol

import pytest
import serial
from serial import rfc2217

from drivers.simulated import PtyScanner
from tests.typing_scanner import TypingScanner, keystrokes, stroke

TIMEOUT_S = 10.0
KEY_J, KEY_LEFTCTRL = 36, 29


class End(Protocol):
    """`device` is the URL that stays the same over every plug; `dialogue` is how its talk is known."""

    @property
    def device(self) -> str: ...

    @property
    def dialogue(self) -> str: ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...

    def send(self, data: bytes) -> None: ...

    def read(self, timeout_s: float) -> bytes:
        """What came back within the time; empty if nothing did."""
        ...


class PtyEnd:
    """At a serial port."""

    dialogue = "gun-1"

    def __init__(self, folder: Path) -> None:
        self._gun = PtyScanner(folder / "gun")
        self._gun.unplug()
        self.device = self._gun.url

    def plug(self) -> None:
        self._gun.plug()

    def unplug(self) -> None:
        self._gun.unplug()

    def send(self, data: bytes) -> None:
        self._gun.send(data)

    def read(self, timeout_s: float) -> bytes:
        return self._gun._read(timeout_s)


class _SocketEnd:
    """Whatever talks over a connection; how that comes about is each one's own."""

    def __init__(self) -> None:
        self._connection: socket.socket | None = None
        self._is_connected = threading.Event()

    def send(self, data: bytes) -> None:
        self._peer().sendall(data)

    def read(self, timeout_s: float) -> bytes:
        peer = self._peer()
        return peer.recv(4096) if select.select([peer], [], [], timeout_s)[0] else b""

    def _peer(self) -> socket.socket:
        assert self._is_connected.wait(TIMEOUT_S)
        assert self._connection is not None
        return self._connection

    def _take(self, connection: socket.socket) -> None:
        self._connection = connection
        self._is_connected.set()

    def _hang_up(self) -> None:
        self._is_connected.clear()
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()
            self._connection = None


class WaitingEnd(_SocketEnd):
    """In the network, waiting for our call; `scheme` is how its device URL begins."""

    dialogue = "gun-1"

    def __init__(self, scheme: str) -> None:
        super().__init__()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.device = f"{scheme}://127.0.0.1:{self._port}"
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def plug(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._thread = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        if self._thread is not None:
            self._thread.join(TIMEOUT_S)
        self._hang_up()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            self._take(connection)


class TerminalServerEnd(WaitingEnd):
    """At a port of a terminal server: pyserial's server side speaks RFC 2217, the port behind it is a loop."""

    def __init__(self) -> None:
        super().__init__("rfc2217")
        self._port_behind = serial.serial_for_url("loop://")
        self._inbox = b""

    def _take(self, connection: socket.socket) -> None:
        self._manager = rfc2217.PortManager(self._port_behind, _Writer(connection))  # type: ignore[arg-type]
        # The client asks and is answered; only then is the port open to it.
        threading.Thread(target=self._talk, args=(connection,), daemon=True).start()
        super()._take(connection)

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := connection.recv(4096):
                self._inbox += b"".join(self._manager.filter(data))

    def send(self, data: bytes) -> None:
        self._peer().sendall(b"".join(self._manager.escape(data)))

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while not self._inbox and time.monotonic() < deadline:
            select.select([], [], [], 0.01)
        data, self._inbox = self._inbox, b""
        return data


class _Writer:
    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def write(self, data: bytes) -> None:
        self._connection.sendall(data)


class CallingEnd(_SocketEnd):
    """In the network, calling us."""

    dialogue = "gun-1@127.0.0.1"

    def __init__(self) -> None:
        super().__init__()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.device = f"tcp-listen://127.0.0.1:{self._port}"

    def plug(self) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                self._take(socket.create_connection(("127.0.0.1", self._port), TIMEOUT_S))
                return
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "nobody listens"
                select.select([], [], [], 0.01)

    def unplug(self) -> None:
        self._hang_up()


class TerminalEnd:
    """The keyboard of the daemon's own terminal: a pseudo-terminal in the place of standard input and output."""

    dialogue = "gun-1"
    device = "stdin:"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._keys = self._screen = -1
        # A terminal that is gone reads as its end, at once.
        self._put(os.open(os.devnull, os.O_RDONLY), os.open(os.devnull, os.O_WRONLY))

    def _put(self, source: int, target: int) -> None:
        self._monkeypatch.setattr("sys.__stdin__", os.fdopen(source, "rb", buffering=0))
        self._monkeypatch.setattr("sys.__stdout__", os.fdopen(target, "wb", buffering=0))

    def plug(self) -> None:
        source, self._keys = os.pipe()
        self._screen, target = os.pipe()
        self._put(source, target)

    def unplug(self) -> None:
        if self._keys >= 0:
            os.close(self._keys)
            os.close(self._screen)
            self._keys = self._screen = -1

    def send(self, data: bytes) -> None:
        os.write(self._keys, data)

    def read(self, timeout_s: float) -> bytes:
        return os.read(self._screen, 4096) if select.select([self._screen], [], [], timeout_s)[0] else b""


class TypingEnd:
    """A scanner that types like a keyboard: a FIFO of input events. It hears no answer."""

    dialogue = "gun-1"

    def __init__(self, folder: Path) -> None:
        self._gun = TypingScanner(folder / "keys", layout="de")
        self.device = self._gun.url

    def plug(self) -> None:
        self._gun.plug()

    def unplug(self) -> None:
        self._gun.unplug()

    def send(self, data: bytes) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        for byte in data:
            # An LF is Ctrl-J on a keyboard.
            events = stroke(KEY_J, KEY_LEFTCTRL) if byte == 0x0A else keystrokes(chr(byte), "de")
            while True:
                try:
                    self._gun.send(events)
                    break
                except BlockingIOError:
                    # The pipe is full: whoever reads makes room, event by event.
                    assert time.monotonic() < deadline, "nobody reads"
                    select.select([], [], [], 0.001)

    def read(self, timeout_s: float) -> bytes:
        raise AssertionError("a keyboard hears no answer")
