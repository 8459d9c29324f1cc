"""Scanners in the network: one that we call, or one that has called us (`listening`)."""

import contextlib
import select
import socket
from collections.abc import Callable

from drivers.sockets import connect, watch
from drivers.wire import begin, is_readable, reason, write_in_time
from edge.errors import DeviceError

READ_BYTES = 4096


class TcpWire:
    """A connection to a scanner. Raises DeviceError, as every wire does, once the scanner is lost."""

    def __init__(self, connection: socket.socket, *, name: str, at: str) -> None:
        connection.setblocking(False)
        watch(connection)
        self._socket = connection
        self._name = name
        self._at = at

    @classmethod
    def call(cls, host: str, port: int, *, name: str, check_stop: Callable[[], None]) -> "TcpWire":
        """Connect to a scanner that waits for a call. Raises DeviceError."""
        at = f"{host}:{port}"
        try:
            return cls(connect(host, port, check_stop=check_stop), name=name, at=at)
        except OSError as error:
            raise DeviceError(
                f"{begin(name)} cannot be reached at {at}: {error.strerror or reason(error)}.",
                hint="Switch it on, check its network and its address; it is found by itself.",
            ) from error

    def read(self, timeout_s: float) -> bytes:
        try:
            if not is_readable(self._socket.fileno(), timeout_s):
                return b""
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._went_away(reason(error)) from error
        if not data:
            raise self._went_away("it closed the connection")
        return data

    def is_waiting(self) -> bool:
        return is_readable(self._socket.fileno())

    def is_over(self) -> bool:
        """Tell whether the scanner has hung up, be there bytes of it that were not read or not."""
        poll = select.poll()
        poll.register(self._socket, select.POLLRDHUP)
        return bool(poll.poll(0))

    def write(self, data: bytes) -> bool:
        try:
            return not write_in_time(self._socket.fileno(), data)
        except OSError as error:
            raise self._went_away(reason(error)) from error

    def close(self) -> None:
        # Whoever reads it on another thread is woken.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _went_away(self, why: str) -> DeviceError:
        return DeviceError(
            f"{begin(self._name)} at {self._at} went away: {why}.",
            hint="See whether it is on and in reach of the network; it is found again by itself.",
        )
