"""Finds a broker that lets us in: dials each in turn, waits with a bound, and remembers which was no good."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from config.settings import Mqtt
from edge.errors import DeviceError
from edge.right_of_way import RightOfWay
from sync.caller import Caller
from sync.client import Connection, Waker
from sync.credentials import Credentials, readable_by_others
from sync.trouble import PublishRefusedError, maybe_taken_over, unreachable

log = logging.getLogger(__name__)

TICK_S = 0.25
"""So often a thread that owns a connection looks up by itself: for `stop`, and to keep the connection alive."""
DIAL_TIMEOUT_S = 30.0
HANDSHAKE_TIMEOUT_S = 10.0
STEADY_S = 30.0
"""A connection that lasted so long was a good one."""
SHORT_ONES = 3
"""So many in a row that were no good ones look like two of one id that push each other out."""

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


class Calls:
    """Calls a site's brokers, as often as it takes, with the certificates and the password as they are then.

    `stands_since` is when a broker last let us in (monotonic, seconds), None before.
    """

    def __init__(self, mqtt: Mqtt, scans: RightOfWay | None = None) -> None:
        self.brokers = Brokers(mqtt.addresses)
        self.stands_since: float | None = None
        self._mqtt, self._scans = mqtt, scans
        self._credentials, self._waker = Credentials(mqtt), Waker()
        self._short_ones = 0
        for text in readable_by_others(mqtt):
            log.warning("%s", text)

    def wake(self) -> None:
        """End a wait for the broker, from any thread."""
        self._waker.wake()

    @contextmanager
    def connection(self, caller: Caller, stop: threading.Event) -> Iterator[Connection | None]:
        """A connection to the first broker that serves us, until the block ends; None when told to stop meanwhile.

        Raises DeviceError, with the reasons of each, when none does.
        """
        connection = self._connect_to_any(caller, stop)
        if connection is None:
            yield None
            return
        since = self.stands_since = time.monotonic()
        try:
            yield connection
        except DeviceError as error:
            is_good = time.monotonic() - since >= STEADY_S
            self.brokers.lost(was_good=is_good)
            self._short_ones = 0 if is_good else self._short_ones + 1
            is_told_why = isinstance(error, PublishRefusedError) or not connection.is_lost
            if self._short_ones >= SHORT_ONES and not is_told_why:
                raise DeviceError(error.text, hint=maybe_taken_over(caller)) from error
            raise
        finally:
            connection.hang_up()
        self.brokers.keep()

    def were_renewed(self, complain: Callable[[str], None]) -> bool:
        """It is time to connect anew, with other certificates or another password; what cannot be used is told."""
        try:
            is_renewed = self._credentials.were_renewed()
        except DeviceError as error:
            complain(f"{error} The connection goes on with those it has.")
            return False
        if is_renewed:
            log.info("the credentials for the broker were renewed: connecting anew")
        return is_renewed

    def _connect_to_any(self, caller: Caller, stop: threading.Event) -> Connection | None:
        errors, addresses = [], self.brokers.in_turn()
        for address in addresses:
            connection = Connection(address, self._mqtt, caller, self._credentials, self._waker, self._scans)
            try:
                if not _connect(connection, self._waker, stop):
                    return None
            except DeviceError as error:
                if len(addresses) > 1:
                    log.info("broker %s: %s", connection.name, error)
                errors.append(error)
                continue
            self.brokers.in_use = address
            return connection
        if len(errors) == 1:
            raise errors[0]
        raise DeviceError(
            f"None of the {len(errors)} brokers serves {caller.name}. {' '.join(map(str, errors))}"
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
            late = TimeoutError(f"it did not answer within {DIAL_TIMEOUT_S:.0f} s")
            raise unreachable(connection.name, connection.caller, late)
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
