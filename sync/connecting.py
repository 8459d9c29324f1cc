"""Finds a broker that lets us in: dials each in turn, waits with a bound, and remembers which was no good."""

import logging
import threading
import time
from collections.abc import Callable

from edge.errors import DeviceError
from sync.client import Connection, Waker

log = logging.getLogger(__name__)

TICK_S = 0.25
"""So often a thread that owns a connection looks up by itself: for `stop`, and to keep the connection alive."""
DIAL_TIMEOUT_S = 30.0
HANDSHAKE_TIMEOUT_S = 10.0
STEADY_S = 30.0
"""A connection that lasted so long was a good one."""

Address = tuple[str, int]


class Brokers:
    """Which broker is tried first: the site's first one, unless a connection has just shown that it is no good.

    While a connection stands it is kept, whichever broker it is at: each has its own sessions and commands, and to
    go back and forth would strand them.
    """

    def __init__(self, addresses: tuple[Address, ...]) -> None:
        self._addresses = addresses
        self._first = 0
        self.in_use = addresses[0]

    @property
    def is_first(self) -> bool:
        return self.in_use == self._addresses[0]

    def in_turn(self) -> list[Address]:
        """All of them, each once."""
        return [*self._addresses[self._first :], *self._addresses[: self._first]]

    def keep(self) -> None:
        """Stay with the one in use for the next connection too."""
        self._first = self._addresses.index(self.in_use)

    def lost(self, *, was_good: bool) -> None:
        """Note how the connection was that is lost: after one that did not last, the next broker is tried first."""
        place = self._addresses.index(self.in_use)
        self._first = 0 if was_good else (place + 1) % len(self._addresses)


def connect_to_any(
    brokers: Brokers, new: Callable[[Address], Connection], waker: Waker, stop: threading.Event
) -> Connection | None:
    """Return an open connection to the first that lets us in; None when told to stop meanwhile.

    Raises DeviceError, with the reasons of each, when none does.
    """
    errors, addresses = [], brokers.in_turn()
    for address in addresses:
        connection = new(address)
        try:
            if not _connect(connection, waker, stop):
                return None
        except DeviceError as error:
            if len(addresses) > 1:
                log.info("broker %s: %s", connection.name, error)
            errors.append(error)
            continue
        brokers.in_use = address
        return connection
    if len(errors) == 1:
        raise errors[0]
    raise DeviceError(
        f"None of the {len(errors)} brokers serves {connection.caller.name}. {' '.join(map(str, errors))}"
    )


def _connect(connection: Connection, waker: Waker, stop: threading.Event) -> bool:
    """Dial, be let in and subscribe; False when told to stop meanwhile."""
    dialled = connection.dial()
    dialled.add_done_callback(lambda _future: waker.wake())
    deadline = time.monotonic() + DIAL_TIMEOUT_S
    while not dialled.done():
        is_late = time.monotonic() > deadline
        # A dial that cannot be cancelled any more is about to be done.
        if (stop.is_set() or is_late) and dialled.cancel():
            if stop.is_set():
                return False
            raise DeviceError(
                f"The broker {connection.name} cannot be reached within {DIAL_TIMEOUT_S:.0f} s."
            )
        waker.wait(TICK_S)
    dialled.result()
    deadline = time.monotonic() + HANDSHAKE_TIMEOUT_S
    try:
        while not connection.is_open and not stop.is_set():
            if time.monotonic() > deadline:
                raise DeviceError(
                    f"{connection.name} took the call but was silent for {HANDSHAKE_TIMEOUT_S:.0f} s.",
                    hint="Check that [mqtt] port is the broker's, and whether it wants TLS.",
                )
            connection.pump(TICK_S)
    finally:
        if not connection.is_open:
            connection.hang_up()
    return connection.is_open
