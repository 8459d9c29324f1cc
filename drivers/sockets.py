"""TCP connections as scanners and printers need them: made within a bound, and missed when the other end is gone."""

import errno
import os
import select
import socket
import time
from collections.abc import Callable

CONNECT_TIMEOUT_S = 2.0

SLICE_S = 0.25
"""How often a look at `stop` is taken."""

KEEPALIVE_IDLE_S, KEEPALIVE_INTERVAL_S, KEEPALIVE_PROBES = 10, 5, 3
"""A device whose power is gone says nothing: it is missed after 25 s."""

UNACKNOWLEDGED_MS = 15_000


def connect(host: str, port: int, *, check_stop: Callable[[], None]) -> socket.socket:
    """Connect to the first address of a host that answers; the socket does not block.

    Raises OSError, whose `strerror` says why not, and whatever `check_stop` raises, which is called often.
    """
    failed = OSError(None, "no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        try:
            watch(connection)
            _connect(connection, address, check_stop)
        except OSError as error:
            connection.close()
            failed = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failed


def watch(connection: socket.socket) -> None:
    """Set what sends small things at once and notices a dead peer. Raises OSError."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_PROBES)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)


def _connect(connection: socket.socket, address: tuple[object, ...], check_stop: Callable[[], None]) -> None:
    connection.setblocking(False)
    number = connection.connect_ex(address)
    if number not in (0, errno.EINPROGRESS):
        # Without a route it fails at once, and then the socket itself has no error to tell.
        raise OSError(number, os.strerror(number))
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while not poll.poll(SLICE_S * 1000):
        check_stop()
        if time.monotonic() >= deadline:
            raise TimeoutError(None, f"no answer within {CONNECT_TIMEOUT_S:.0f} s")
    if number := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
        raise OSError(number, os.strerror(number))
