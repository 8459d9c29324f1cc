"""The byte channel to a printer: opened, written, read, and watched until the other end has taken it all.

Over TCP here, at ports and files in `ports`, at USB sockets in `usb_transport`, through CUPS in `cups_transport`.
A channel belongs to one thread; every wait looks at `stop`. What the bytes mean is the printer languages'.
"""

import fcntl
import select
import socket
import struct
import termios
import threading
import time
from typing import Protocol
from urllib.parse import urlsplit

from config import devices
from drivers.sockets import SLICE_S, connect
from edge.errors import DeviceError, UsageError

WRITE_TIMEOUT_S = 10.0
"""Without a byte taken. A printer with a full buffer takes bytes again as it prints."""

READ_BYTES = 4096

GRACE_S = 0.1
"""A connection that breaks within so long of the last byte broke over it."""


class LostLineError(DeviceError):
    """The other end closed the channel; `in_order` if it had taken all that it was sent."""

    def __init__(self, text: str, *, hint: str = "", in_order: bool = False) -> None:
        super().__init__(text, hint=hint)
        self.in_order = in_order


class Transport(Protocol):
    """Every method raises DeviceError when the channel is lost (LostLineError), or when `stop` is set."""

    def write(self, data: bytes) -> None:
        """Hand over all bytes, each within WRITE_TIMEOUT_S of the one before."""
        ...

    def read(self, timeout_s: float) -> bytes:
        """Return what has come, waiting so long for a first byte; empty if none came."""
        ...

    def settle(self) -> None:
        """Return once the other end has taken all bytes and has not hung up over them."""
        ...

    def close(self) -> None: ...


def check_printer_url(url: str) -> None:
    """Raise UsageError unless this version can open a printer at `url`."""
    try:
        devices.printer(url)
    except ValueError as error:
        raise UsageError(f"The printer device: {error}") from error


def open_transport(url: str, *, name: str, stop: threading.Event) -> Transport:
    """Open the channel. `name` is the printer's in error sentences. Raises UsageError or DeviceError."""
    check_printer_url(url)
    scheme = url.partition(":")[0]
    if scheme == "tcp":
        return TcpTransport(url, name=name, stop=stop)
    # Imported when wanted: most printers stand in the network, and pyserial and pyusb are only for ports.
    if scheme == "usb":
        from drivers.usb_transport import UsbTransport  # noqa: PLC0415

        return UsbTransport(url, name=name, stop=stop)
    if scheme == "cups":
        from drivers.cups_transport import CupsTransport  # noqa: PLC0415

        return CupsTransport(url, name=name, stop=stop)
    from drivers.ports import FileTransport, SerialTransport  # noqa: PLC0415

    if scheme == "serial":
        return SerialTransport(url, name=name, stop=stop)
    return FileTransport(url, name=name, stop=stop)


class TcpTransport:
    """A connection to port 9100, or whatever `tcp://host:port` says."""

    def __init__(self, url: str, *, name: str, stop: threading.Event) -> None:
        self._url = url
        self._name = name
        self._stop = stop
        self._socket = self._connect()

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        deadline = time.monotonic() + WRITE_TIMEOUT_S
        while rest:
            if self._wait(select.POLLOUT, deadline):
                try:
                    rest = rest[self._socket.send(rest) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise self._broken(error) from error
                deadline = time.monotonic() + WRITE_TIMEOUT_S
            elif time.monotonic() >= deadline:
                raise DeviceError(
                    f"{self._name} at {self._url} took no byte for {WRITE_TIMEOUT_S:.0f} s.",
                    hint="See whether it has paper and is not paused.",
                )

    def read(self, timeout_s: float) -> bytes:
        if not self._wait(select.POLLIN, time.monotonic() + timeout_s):
            return b""
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._broken(error) from error
        if not data:
            # With bytes of ours unread it would have been a reset.
            raise self._hung_up(in_order=self._unsent() == 0)
        return data

    def settle(self) -> None:
        deadline = time.monotonic() + WRITE_TIMEOUT_S
        while self._unsent():
            # An event here is the end of the connection or an answer; neither takes bytes.
            if self._wait(0, min(deadline, time.monotonic() + 0.005)):
                self._raise_if_broken()
            if time.monotonic() >= deadline:
                raise DeviceError(
                    f"{self._name} at {self._url} has not taken its label within {WRITE_TIMEOUT_S:.0f} s.",
                    hint="See whether it has paper and is not paused.",
                )
        end = time.monotonic() + GRACE_S
        while time.monotonic() < end:
            if self._wait(select.POLLIN, end):
                self._raise_if_broken()
                return

    def close(self) -> None:
        self._socket.close()

    def _connect(self) -> socket.socket:
        parts = urlsplit(self._url)
        assert parts.hostname is not None
        assert parts.port is not None
        try:
            return connect(parts.hostname, parts.port, check_stop=self._check_stop)
        except OSError as error:
            raise self._unreachable(error.strerror or str(error)) from error

    def _wait(self, events: int, deadline: float) -> bool:
        """Wait for an event on the socket; tell whether one came in time."""
        poll = select.poll()
        poll.register(self._socket, events)
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            if poll.poll(min(left_s, SLICE_S) * 1000):
                return True
            self._check_stop()
            if left_s <= SLICE_S:
                return False

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise DeviceError(f"{self._name} was left: the daemon is stopping.")

    def _unsent(self) -> int:
        """Bytes that the other end's system has not acknowledged (SIOCOUTQ)."""
        left = fcntl.ioctl(self._socket, termios.TIOCOUTQ, b"\0" * 4)
        return int(struct.unpack("i", left)[0])

    def _raise_if_broken(self) -> None:
        try:
            data = self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError as error:
            raise self._broken(error) from error
        if not data:
            raise self._hung_up(in_order=self._unsent() == 0)

    def _unreachable(self, reason: str) -> DeviceError:
        return DeviceError(
            f"{self._name} cannot be reached at {self._url}: {reason}.",
            hint="Switch it on, check its cable and its address; its labels wait and go on by themselves.",
        )

    def _hung_up(self, *, in_order: bool) -> LostLineError:
        return LostLineError(
            f"{self._name} at {self._url} closed the connection.",
            hint="See whether it is on; its labels wait and go on by themselves.",
            in_order=in_order,
        )

    def _broken(self, error: OSError) -> LostLineError:
        return LostLineError(
            f"The connection to {self._name} at {self._url} broke: {error.strerror or error}.",
            hint="See whether it is on; its labels wait and go on by themselves.",
        )
