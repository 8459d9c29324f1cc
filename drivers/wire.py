"""The way to one scanner: bytes in, bytes out. What the bytes mean is `conversation`'s, opening again the supervisor's.

Each kind of device has a module of its own: `serial_wire`, `tcp_wire`, `hid_wire`, `stdin_wire`. A wire is read by
one thread; another one may write at the same time.
"""

import os
import select
import time
from typing import Protocol

READ_TIMEOUT_S = 0.25
"""A read returns at least so often, for a look at `stop`."""

WRITE_TIMEOUT_S = 1.0
"""What a scanner may take to make room for its answer."""


class Wire(Protocol):
    """An open way to one scanner. Every method raises DeviceError when the scanner is lost."""

    def read(self, timeout_s: float) -> bytes:
        """Return what has come, waiting so long for a first byte; empty if none came."""
        ...

    def is_waiting(self) -> bool:
        """Tell whether bytes have come that were not read."""
        ...

    def write(self, data: bytes) -> bool:
        """Hand bytes over; False if the scanner did not take them in time, and then they are dropped."""
        ...

    def close(self) -> None: ...


def is_readable(descriptor: int, timeout_s: float = 0.0) -> bool:
    """Wait for something to read, be it the end. Not by select(), which knows no descriptor above 1,023."""
    return _is(select.POLLIN, descriptor, timeout_s)


def is_writable(descriptor: int, timeout_s: float) -> bool:
    """Wait until something can be written, or until writing says why it cannot."""
    return _is(select.POLLOUT, descriptor, timeout_s)


def _is(event: int, descriptor: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(timeout_s * 1000))


def write_in_time(descriptor: int, data: bytes) -> bytes:
    """Write to a descriptor that does not block; return what was not taken in time. Raises OSError."""
    deadline = time.monotonic() + WRITE_TIMEOUT_S
    while data and is_writable(descriptor, max(0.0, deadline - time.monotonic())):
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            continue
    return data


def begin(name: str) -> str:
    """Write a name as a sentence begins.

    >>> begin("scanner gun-1")
    'Scanner gun-1'
    """
    return name[:1].upper() + name[1:]


def reason(error: BaseException) -> str:
    """Say what an error of the system means, in its own words."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error).rstrip(".") or type(error).__name__
