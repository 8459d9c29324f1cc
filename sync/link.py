"""The node's link to central as a device: finds a broker that serves it, and keeps at it until it is lost.

One thread, the supervisor's, runs all of it and owns the connection; it is woken after commits. How long to wait
between two tries is the supervisor's, which broker is tried is decided here, what is done there is `session`'s.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from config.settings import Settings
from edge.errors import DeviceError
from edge.facts import DeviceKind
from edge.inbox import Post
from edge.outbox import SyncOutbox
from sync.client import Connection, Waker
from sync.complaints import Complaints
from sync.credentials import Credentials, readable_by_others
from sync.dialects import SESSION_EXPIRY_S
from sync.event_lanes import SILENCE_S
from sync.publisher import Publisher
from sync.session import TICK_S, Session, offline
from sync.subscriber import Subscriber
from sync.topics import Topics
from sync.trouble import MAYBE_ANOTHER_NODE

log = logging.getLogger(__name__)

DIAL_TIMEOUT_S = 30.0
HANDSHAKE_TIMEOUT_S = 10.0
STEADY_S = 30.0
"""A connection that lasted so long was a good one."""
SHORT_ONES = 3
"""So many in a row that were no good ones look like two nodes that push each other out."""


class CentralLink:
    """The device "broker". Made once; run again after each loss.

    `outbox_factory` is called in the thread that runs it. `everything_tried` says whether every device was
    tried once since the start.
    """

    kind = DeviceKind.BROKER
    id = "broker"

    def __init__(
        self,
        settings: Settings,
        outbox_factory: Callable[[], SyncOutbox],
        post: Post,
        *,
        version: str,
        everything_tried: Callable[[], bool],
        silence_s: float = SILENCE_S,
    ) -> None:
        assert settings.mqtt is not None, "a link without [mqtt]"
        self._mqtt = settings.mqtt
        self._topics = Topics(settings.mqtt.prefix, settings.site, settings.node)
        self._outbox_factory, self._post = outbox_factory, post
        self._version, self._everything_tried = version, everything_tried
        self._silence_s = silence_s
        self._credentials = Credentials(settings.mqtt)
        self._waker = Waker()
        self._brokers = _Brokers(settings.mqtt.addresses)
        self._short_ones = 0
        for text in readable_by_others(settings.mqtt):
            log.warning("%s", text)

    def wake(self) -> None:
        """Say, from any thread, that a commit left something to be told, or that it is time to stop."""
        self._waker.wake()

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Stay connected until told to stop; raises DeviceError when no broker is there or the one in use is lost.

        Certificates or a password that were renewed are taken into use by a new connection, and nobody is told of a
        loss.
        """
        outbox = self._outbox_factory()
        try:
            while not stop.is_set():
                connection = self._connect_to_any(outbox, stop)
                if connection is None:
                    return
                ready()
                self._serve_while_it_lasts(connection, outbox, stop)
        except DeviceError as error:
            if not stop.is_set():
                raise
            log.info("stopping without the broker: %s", error)
        finally:
            outbox.close()

    def _connect_to_any(self, outbox: SyncOutbox, stop: threading.Event) -> Connection | None:
        """Try each broker in turn; None when told to stop meanwhile."""
        errors = []
        for address in self._brokers.in_turn():
            connection = Connection(
                *(address, self._mqtt, self._topics, self._credentials),
                will=offline(outbox.head(), self._version),
                waker=self._waker,
            )
            try:
                if not self._connect(connection, stop):
                    return None
            except DeviceError as error:
                log.info("broker %s: %s", connection.name, error)
                errors.append(error)
                continue
            self._brokers.in_use = address
            self._log_connected(connection)
            return connection
        if len(errors) == 1:
            raise errors[0]
        raise DeviceError(f"None of the {len(errors)} brokers serves this node. {' '.join(map(str, errors))}")

    def _log_connected(self, connection: Connection) -> None:
        name, limits = connection.name, connection.limits
        log.info("broker %s connected protocol=%s window=%s", name, self._mqtt.protocol, limits.window)
        if limits.session_s < SESSION_EXPIRY_S:
            log.warning("broker %s keeps commands only %s s while this node is away", name, limits.session_s)

    def _connect(self, connection: Connection, stop: threading.Event) -> bool:
        """Dial, be let in and subscribe; False when told to stop meanwhile."""
        dialled = connection.dial()
        dialled.add_done_callback(lambda _future: self.wake())
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
            self._waker.wait(TICK_S)
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

    def _serve_while_it_lasts(
        self, connection: Connection, outbox: SyncOutbox, stop: threading.Event
    ) -> None:
        """Serve until told to stop or the credentials were renewed; remember whether it was a good connection."""
        since = time.monotonic()
        try:
            self._serve(connection, outbox, stop)
        except DeviceError as error:
            is_good = time.monotonic() - since >= STEADY_S
            self._brokers.lost(was_good=is_good)
            self._short_ones = 0 if is_good else self._short_ones + 1
            if self._short_ones >= SHORT_ONES and connection.is_lost:
                raise DeviceError(error.text, hint=MAYBE_ANOTHER_NODE) from error
            raise
        finally:
            connection.hang_up()
        self._brokers.keep()

    def _serve(self, connection: Connection, outbox: SyncOutbox, stop: threading.Event) -> None:
        complaints = Complaints(self._post)
        if not self._brokers.is_first:
            complaints.raise_(
                "standby", f"This node is at its standby broker {connection.name}: see to the first."
            )
        publisher = Publisher(
            *(connection, outbox, self._topics),
            mqtt=self._mqtt,
            complaints=complaints,
            post=self._post,
            wake=self.wake,
            silence_s=self._silence_s,
        )
        subscriber = Subscriber(self._topics, post=self._post, wake=self.wake)
        session = Session(*(connection, outbox, self._topics, publisher, subscriber), version=self._version)
        with contextlib.closing(publisher):
            session.work(
                stop,
                everything_tried=self._everything_tried,
                is_over=lambda: self._were_renewed(complaints),
            )

    def _were_renewed(self, complaints: Complaints) -> bool:
        try:
            is_renewed = self._credentials.were_renewed()
        except DeviceError as error:
            complaints.raise_("credentials", f"{error} The connection goes on with those it has.")
            return False
        if is_renewed:
            log.info("the credentials for the broker were renewed: connecting anew")
        return is_renewed


class _Brokers:
    """Which broker is tried first: the site's first one, unless a connection has just shown that it is no good.

    While a connection stands it is kept, whichever broker it is at: each has its own sessions and commands, and to
    go back and forth would strand them.
    """

    def __init__(self, addresses: tuple[tuple[str, int], ...]) -> None:
        self._addresses = addresses
        self._first = 0
        self.in_use = addresses[0]

    @property
    def is_first(self) -> bool:
        return self.in_use == self._addresses[0]

    def in_turn(self) -> list[tuple[str, int]]:
        """All of them, each once."""
        return [*self._addresses[self._first :], *self._addresses[: self._first]]

    def keep(self) -> None:
        """Stay with the one in use for the next connection too."""
        self._first = self._addresses.index(self.in_use)

    def lost(self, *, was_good: bool) -> None:
        """Note how the connection was that is lost: after one that did not last, the next broker is tried first."""
        place = self._addresses.index(self.in_use)
        self._first = 0 if was_good else (place + 1) % len(self._addresses)
