"""The node's link to central as a device: connects, says where the node stands, publishes and takes commands.

One thread, the supervisor's, runs all of it and owns the connection; it is woken after commits. How long to wait
between two tries is the supervisor's, which broker is tried is decided here.
"""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable

from config.settings import Settings
from edge.errors import DeviceError
from edge.facts import DeviceKind, DeviceReady
from edge.inbox import Post
from edge.outbox import Head, SyncOutbox
from sync.client import Connection, Waker
from sync.credentials import Credentials, readable_by_others
from sync.dialects import COMMANDS_UNACKED, SESSION_EXPIRY_S
from sync.publisher import Publisher
from sync.subscriber import Subscriber
from sync.topics import Topics
from sync.trouble import MAYBE_ANOTHER_NODE

log = logging.getLogger(__name__)

CONTRACT = 1
TICK_S = 0.25
"""So often the thread looks up by itself: for `stop`, and to keep the connection alive."""
DIAL_TIMEOUT_S = 30.0
HANDSHAKE_TIMEOUT_S = 10.0
DEVICES_TIMEOUT_S = 3.0
"""So long after connecting the state waits for every device to be tried."""
STATE_EVERY_S = 10.0
DRAIN_S = 1.0
"""For what is waiting and the last state, when the daemon stops."""
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
    ) -> None:
        assert settings.mqtt is not None, "a link without [mqtt]"
        self._mqtt = settings.mqtt
        self._topics = Topics(settings.mqtt.prefix, settings.site, settings.node)
        self._outbox_factory, self._post = outbox_factory, post
        self._version, self._everything_tried = version, everything_tried
        self._credentials = Credentials(settings.mqtt)
        self._waker = Waker()
        self._brokers = _Brokers(settings.mqtt.addresses)
        self._short_ones = 0
        self._is_standby_told = False
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
                self._tell_standby(connection.name)
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
                address,
                self._mqtt,
                self._topics,
                self._credentials,
                will=self._offline(outbox.head()),
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

    def _tell_standby(self, name: str) -> None:
        """Tell people that the node is at a broker other than the first, or that it is not any more."""
        text = (
            ""
            if self._brokers.is_first
            else f"This node is at its standby broker {name}: see to the first one."
        )
        if text or self._is_standby_told:
            self._post(DeviceReady(self.kind, self.id, text))
        self._is_standby_told = bool(text)

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
            if self._short_ones >= SHORT_ONES and not error.hint:
                raise DeviceError(error.text, hint=MAYBE_ANOTHER_NODE) from error
            raise
        finally:
            connection.hang_up()

    def _serve(self, connection: Connection, outbox: SyncOutbox, stop: threading.Event) -> None:
        publisher = Publisher(connection, outbox, self._topics, post=self._post, wake=self.wake)
        subscriber = Subscriber(self._topics, post=self._post, wake=self.wake)
        state = _State(DEVICES_TIMEOUT_S)
        while not stop.is_set():
            self._turn(connection, publisher, TICK_S, room=subscriber.room)
            while connection.messages:
                subscriber.take(connection.messages.popleft())
            self._acknowledge(connection, subscriber)
            if publisher.free > 0 and state.is_due(tried=self._everything_tried()):
                payload = self._online(outbox.head())
                if state.changes_to(payload):
                    publisher.say(self._topics.state(), payload)
            if self._were_renewed(connection):
                self._brokers.keep()
                break
        with contextlib.suppress(DeviceError):
            self._acknowledge(connection, subscriber)
        self._leave(connection, publisher, outbox, is_last=stop.is_set())

    def _acknowledge(self, connection: Connection, subscriber: Subscriber) -> None:
        for mid, _fact in subscriber.safe():
            if mid != 0:
                connection.ack(mid)

    def _were_renewed(self, connection: Connection) -> bool:
        try:
            is_renewed = self._credentials.were_renewed()
        except DeviceError as error:
            log.warning(
                "broker %s: the connection goes on with the credentials it has: %s", connection.name, error
            )
            return False
        if is_renewed:
            log.info("broker %s: the credentials were renewed, connecting anew", connection.name)
        return is_renewed

    def _leave(
        self, connection: Connection, publisher: Publisher, outbox: SyncOutbox, *, is_last: bool
    ) -> None:
        """Send what waits for a moment, say goodbye and close; what could not go stays in the outbox.

        Where it is not the last connection nobody is told of an end.
        """
        deadline = time.monotonic() + DRAIN_S
        publisher.call()
        while not publisher.is_idle and time.monotonic() < deadline - DRAIN_S / 2:
            self._drain(connection, publisher)
        publisher.stop()
        is_said = not is_last
        while time.monotonic() < deadline and not (is_said and publisher.is_settled):
            if not is_said and publisher.free > 0:
                publisher.say(self._topics.state(), self._offline(outbox.head()))
                is_said = True
            self._drain(connection, publisher)
        # Where our last state could not go, we leave without a word, so that the broker tells our will.
        if is_said:
            connection.close()

    def _drain(self, connection: Connection, publisher: Publisher) -> None:
        """Hear what the broker took; the messages that come between are left with it for the next connection."""
        self._turn(connection, publisher, 0.02)
        connection.messages.clear()

    def _turn(
        self, connection: Connection, publisher: Publisher, timeout_s: float, *, room: int = COMMANDS_UNACKED
    ) -> None:
        """Give the connection a turn in which at most `room` messages come, then the publisher."""
        try:
            connection.pump(min(timeout_s, publisher.wait_s()), room=room)
        finally:
            # What the broker said before it went counts, and may say why it went.
            while connection.acks:
                publisher.settle(*connection.acks.popleft())
        if connection.was_woken:
            publisher.call()
        publisher.turn()

    def _online(self, head: Head) -> bytes:
        return _json(
            {
                "status": "online",
                "contract": CONTRACT,
                "session": head.session,
                "epoch": head.epoch,
                "version": self._version,
                "first_seq": head.first_seq,
                "last_seq": head.last_seq,
                "confirmed_seq": head.confirmed_seq,
                "hash": head.hash,
                **({"previous": head.previous} if head.previous else {}),
            }
        )

    def _offline(self, head: Head) -> bytes:
        return _json(
            {
                "status": "offline",
                "contract": CONTRACT,
                "session": head.session,
                "epoch": head.epoch,
                "version": self._version,
            }
        )


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


class _State:
    """When the state is told: at first once every device was tried, then when it changed, not too often."""

    def __init__(self, patience_s: float) -> None:
        self._last = b""
        self._at = time.monotonic() + patience_s

    def is_due(self, *, tried: bool) -> bool:
        return (tried and not self._last) or time.monotonic() >= self._at

    def changes_to(self, payload: bytes) -> bool:
        """Note what stands now; whether that is news."""
        self._at = time.monotonic() + STATE_EVERY_S
        is_news = payload != self._last
        self._last = payload
        return is_news


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
