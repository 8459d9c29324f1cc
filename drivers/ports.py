"""Printers at a serial port, and at a device file such as /dev/usb/lp0, as byte channels."""

import errno
import os
import select
import stat
import threading
import time
from urllib.parse import urlsplit

import serial

from drivers.serial_port import LOSS, UNUSABLE, open_port
from drivers.serial_url import parse_serial_url
from drivers.sockets import SLICE_S
from drivers.transport import READ_BYTES, WRITE_TIMEOUT_S, LostLineError
from edge.errors import DeviceError

PIECE_BYTES = 256
"""Written at once to a serial port: a quarter of a second at 9600 baud, then a look at `stop`."""


class _Port:
    """What serial ports and device files have in common: a name, a path, a file descriptor, an end."""

    def __init__(self, path: str, *, name: str, stop: threading.Event) -> None:
        self._path = path
        self._name = name
        self._stop = stop

    def _wait(self, descriptor: int, events: int, deadline: float) -> bool:
        poll = select.poll()
        poll.register(descriptor, events)
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

    def _not_opened(self, error: BaseException) -> DeviceError:
        return DeviceError(
            f"{self._name} cannot be opened at {self._path}: {_reason(error)}.",
            hint="Plug it in and switch it on; if it is, see that the daemon's user may use the port.",
        )

    def _lost(self, error: BaseException) -> LostLineError:
        return LostLineError(
            f"{self._name} at {self._path} went away: {_reason(error)}.",
            hint="Plug it in again; its labels wait and go on by themselves.",
        )

    def _stuck(self) -> DeviceError:
        return DeviceError(
            f"{self._name} at {self._path} took no byte for {WRITE_TIMEOUT_S:.0f} s.",
            hint="See whether it is on, has paper and is not paused.",
        )


class SerialTransport(_Port):
    """A serial port over pyserial. A cable tells nothing of the other end: bytes gone out are bytes taken."""

    def __init__(self, url: str, *, name: str, stop: threading.Event) -> None:
        port = parse_serial_url(url)
        super().__init__(port.path, name=name, stop=stop)
        try:
            self._port = open_port(port, timeout_s=0, write_timeout_s=WRITE_TIMEOUT_S)
        except UNUSABLE as error:
            raise self._not_opened(error) from error

    def write(self, data: bytes) -> None:
        try:
            for start in range(0, len(data), PIECE_BYTES):
                self._wait(self._port.fileno(), select.POLLOUT, time.monotonic() + WRITE_TIMEOUT_S)
                self._port.write(data[start : start + PIECE_BYTES])
                self._check_stop()
        except serial.SerialTimeoutException as error:
            raise self._stuck() from error
        except LOSS as error:
            raise self._lost(error) from error

    def read(self, timeout_s: float) -> bytes:
        try:
            if not self._wait(self._port.fileno(), select.POLLIN, time.monotonic() + timeout_s):
                return b""
            return bytes(self._port.read(self._port.in_waiting or 1))
        except LOSS as error:
            raise self._lost(error) from error

    def settle(self) -> None:
        deadline = time.monotonic() + WRITE_TIMEOUT_S
        try:
            while self._port.out_waiting:
                if time.monotonic() >= deadline:
                    raise self._stuck()
                self._stop.wait(0.005)
                self._check_stop()
        except LOSS as error:
            raise self._lost(error) from error

    def close(self) -> None:
        self._port.close()


class FileTransport(_Port):
    """A printer's device file, which must be there: else a printer unplugged would become a file on the disk.

    What the device answers is read where it can be; a plain file takes labels one behind the other.
    """

    def __init__(self, url: str, *, name: str, stop: threading.Event) -> None:
        super().__init__(urlsplit(url).path, name=name, stop=stop)
        try:
            self._answers = stat.S_ISCHR(os.stat(self._path).st_mode)
            way = os.O_RDWR if self._answers else os.O_WRONLY | os.O_APPEND
            self._file = os.open(self._path, way | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            raise self._not_opened(error) from error

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            if not self._wait(self._file, select.POLLOUT, time.monotonic() + WRITE_TIMEOUT_S):
                raise self._stuck()
            try:
                rest = rest[os.write(self._file, rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._lost(error) from error

    def read(self, timeout_s: float) -> bytes:
        if self._answers and not self._wait(self._file, select.POLLIN, time.monotonic() + timeout_s):
            return b""
        data = self._read()
        if not data:
            # Nothing will come, and at once: without a pause who waits for an answer would spin.
            self._stop.wait(min(timeout_s, SLICE_S))
            self._check_stop()
        return data

    def _read(self) -> bytes:
        try:
            return os.read(self._file, READ_BYTES) if self._answers else b""
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno == errno.EINVAL:  # a printer of one direction only
                self._answers = False
                return b""
            raise self._lost(error) from error

    def settle(self) -> None:
        """The kernel hands on what it took; it tells no more."""

    def close(self) -> None:
        os.close(self._file)


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
