"""The node's link to central as a device: connects, says where the node stands, publishes and takes commands.

One thread, the supervisor's, runs all of it and owns the connection; it is woken after commits.
"""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable

from config.settings import Settings
from edge.errors import DeviceError
from edge.facts import DeviceKind
from edge.inbox import Post
from edge.outbox import Head, SyncOutbox
from sync.client import Connection, Waker
from sync.complaints import Complaints
from sync.event_lanes import SILENCE_S
from sync.publisher import Publisher
from sync.subscriber import Subscriber
from sync.topics import Topics

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
        self._waker = Waker()

    def wake(self) -> None:
        """Say, from any thread, that a commit left something to be told, or that it is time to stop."""
        self._waker.wake()

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Stay connected until told to stop; raises DeviceError when the broker is not there or is lost."""
        outbox = self._outbox_factory()
        try:
            head = outbox.head()
            connection = Connection(self._mqtt, self._topics, will=self._offline(head), waker=self._waker)
            if not self._connect(connection, stop):
                return
            try:
                log.info("broker %s connected window=%s", connection.name, connection.window)
                ready()
                self._serve(connection, outbox, stop)
            finally:
                connection.hang_up()
        except DeviceError as error:
            if not stop.is_set():
                raise
            log.info("stopping without the broker: %s", error)
        finally:
            outbox.close()

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

    def _serve(self, connection: Connection, outbox: SyncOutbox, stop: threading.Event) -> None:
        publisher = Publisher(
            *(connection, outbox, self._topics),
            mqtt=self._mqtt,
            complaints=Complaints(self._post),
            post=self._post,
            wake=self.wake,
            silence_s=self._silence_s,
        )
        with contextlib.closing(publisher):
            self._work(connection, publisher, outbox, stop)

    def _work(
        self, connection: Connection, publisher: Publisher, outbox: SyncOutbox, stop: threading.Event
    ) -> None:
        subscriber = Subscriber(post=self._post, wake=self.wake)
        state = _State(DEVICES_TIMEOUT_S)
        while not stop.is_set():
            self._turn(connection, publisher, TICK_S)
            while connection.messages:
                subscriber.take(connection.messages.popleft())
            for mid in subscriber.safe():
                connection.ack(mid)
            if publisher.free > 0 and state.is_due(tried=self._everything_tried()):
                payload = self._online(outbox.head())
                if state.changes_to(payload):
                    publisher.say(self._topics.state(), payload)
        # Commands that still come are left with the broker for the next start.
        with contextlib.suppress(DeviceError):
            for mid in subscriber.safe():
                connection.ack(mid)
        self._leave(connection, publisher, outbox)

    def _leave(self, connection: Connection, publisher: Publisher, outbox: SyncOutbox) -> None:
        """Send what waits for a moment, say goodbye and close; what could not go stays in the outbox."""
        deadline = time.monotonic() + DRAIN_S
        publisher.call()
        while not publisher.is_idle and time.monotonic() < deadline - DRAIN_S / 2:
            self._turn(connection, publisher, 0.02)
        publisher.stop()
        is_said = False
        while time.monotonic() < deadline and not (is_said and publisher.is_settled):
            if not is_said and publisher.free > 0:
                publisher.say(self._topics.state(), self._offline(outbox.head()))
                is_said = True
            self._turn(connection, publisher, 0.02)
        # Where our last state could not go, we leave without a word, so that the broker tells our will.
        if is_said:
            connection.close()

    def _turn(self, connection: Connection, publisher: Publisher, timeout_s: float) -> None:
        try:
            connection.pump(min(timeout_s, publisher.wait_s()))
        except DeviceError as error:
            # What the broker said before it went counts, and may say why it went.
            self._settle(connection, publisher)
            raise DeviceError(publisher.refusal) if publisher.refusal else error from error
        self._settle(connection, publisher)
        if connection.was_woken:
            publisher.call()
        publisher.turn()

    def _settle(self, connection: Connection, publisher: Publisher) -> None:
        while connection.acks:
            publisher.settle(*connection.acks.popleft())

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
