"""The ways in which a printer hangs at a box, each with a printer of software at its end: it keeps the bytes it gets.

It takes them all, or dies after so many, and comes back when it is told to; it never answers.
"""

import os
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from drivers import usb_transport
from tests.scripted_cups import ScriptedCups
from tests.spooling import reset
from tests.usb_bus import UsbBus, UsbPrinter

NEVER = 1 << 30
LOOK_S = 0.05
JOIN_S = 10.0


class Port(Protocol):
    """A printer at its port; switched off at first."""

    url: str

    @property
    def paper(self) -> bytes:
        """Every byte that it took, over all its lives."""
        ...

    def on(self, *, dies_after: int = NEVER) -> None:
        """Switch it on, anew if it died; it dies once it took so many bytes more."""
        ...


class _Read:
    """A printer whose bytes a thread reads from a descriptor."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paper = b""
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def paper(self) -> bytes:
        with self._lock:
            return self._paper

    def on(self, *, dies_after: int = NEVER) -> None:
        for thread in self._threads:  # the life before is over, all of it
            thread.join(JOIN_S)
        self._threads = [threading.Thread(target=self._switched_on(), args=(dies_after,), daemon=True)]
        self._threads[0].start()

    def _switched_on(self) -> Callable[[int], None]:
        """Be there for who opens the port; what then takes the bytes is the thread's."""
        raise NotImplementedError

    def _take(self, descriptor: int, most: int) -> int:
        """Take what comes until the other end hangs up, most bytes are there, or the test ends; return how many."""
        taken = 0
        while taken < most and not self._is_over.is_set():
            if not select.select([descriptor], [], [], LOOK_S)[0]:
                continue
            try:
                data = os.read(descriptor, min(4096, most - taken))
            except OSError:  # a pty that nobody has open
                data = b""
            if not data:
                break
            taken += len(data)
            with self._lock:
                self._paper += data
        return taken

    def close(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(JOIN_S)
            assert not thread.is_alive()


class _Network(_Read):
    """Port 9100: power gone is a reset, and nobody listens."""

    def __init__(self) -> None:
        super().__init__()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"tcp://127.0.0.1:{self._port}"

    def _switched_on(self) -> Callable[[int], None]:
        listener = socket.create_server(("127.0.0.1", self._port))
        listener.settimeout(LOOK_S)
        # Small, so that what a printer has not read when it dies was not acknowledged either.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        return partial(self._serve, listener)

    def _serve(self, listener: socket.socket, dies_after: int) -> None:
        with listener:
            while dies_after > 0 and not self._is_over.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    dies_after -= self._take(connection.fileno(), dies_after)
                    if not dies_after:
                        listener.close()  # before the end of the connection is noticed: nobody comes back to it
                    reset(connection)


class _Wire(_Read):
    """A pty in the place of a serial port or of /dev/usb/lp0, at one path in all its lives."""

    def __init__(self, folder: Path, form: str) -> None:
        super().__init__()
        self._path = folder / "port"
        self.url = form.format(self._path)

    def _switched_on(self) -> Callable[[int], None]:
        controller, device = os.openpty()
        tty.setraw(device)
        self._path.unlink(missing_ok=True)
        self._path.symlink_to(os.ttyname(device))
        return partial(self._serve, controller, device)

    def _serve(self, controller: int, device: int, dies_after: int) -> None:
        # The device stays open here, so that a printer without a reader is no printer hung up.
        self._take(controller, dies_after)
        os.close(controller)
        os.close(device)


class _Fifo(_Read):
    """A device file of one direction: without a printer it cannot be opened."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "lp0"
        os.mkfifo(self._path)
        self.url = f"file://{self._path}"

    def _switched_on(self) -> Callable[[int], None]:
        reader = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        # No end between two that write: it is the printer that goes, not the box.
        writer = os.open(self._path, os.O_WRONLY)
        return partial(self._serve, reader, writer)

    def _serve(self, reader: int, writer: int, dies_after: int) -> None:
        self._take(reader, dies_after)
        os.close(reader)
        os.close(writer)


class _Usb:
    """A USB socket: a printer that is off is not on the bus."""

    url = "usb://04b8:0e15"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._lives: list[UsbPrinter] = []
        monkeypatch.setattr(usb_transport, "_libusb", lambda name: UsbBus(*self._lives))

    @property
    def paper(self) -> bytes:
        return b"".join(bytes(life.taken) for life in self._lives)

    def on(self, *, dies_after: int = NEVER) -> None:
        self._lives.append(UsbPrinter(dies_after=dies_after))

    def close(self) -> None:
        """Nothing runs."""


class _Cups:
    """A raw queue, stopped while the printer is off."""

    def __init__(self, cups: ScriptedCups) -> None:
        self._queue = cups.queue("zebra")
        self._queue.do("cupsdisable")
        self.url = self._queue.url

    @property
    def paper(self) -> bytes:
        return self._queue.paper

    def on(self, *, dies_after: int = NEVER) -> None:
        with self._queue.lock:
            self._queue.dies_after = len(self._queue.paper) + dies_after
            self._queue.do("cupsenable")

    def close(self) -> None:
        """The server is closed by who made it."""


WAYS = ("tcp", "serial", "file", "fifo", "usb", "cups")


@contextmanager
def port_of(way: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    with ExitStack() as stack:
        port: _Network | _Wire | _Fifo | _Usb | _Cups
        match way:
            case "tcp":
                port = _Network()
            case "serial":
                port = _Wire(folder, "serial://{}?baud=115200")
            case "file":
                port = _Wire(folder, "file://{}")
            case "fifo":
                port = _Fifo(folder)
            case "usb":
                port = _Usb(monkeypatch)
            case _:
                cups = stack.enter_context(ScriptedCups())
                monkeypatch.setenv("CUPS_SERVER", str(cups.socket))
                port = _Cups(cups)
        stack.callback(port.close)
        yield port
