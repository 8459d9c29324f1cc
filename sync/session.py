"""What is done over one connection: publish, take commands and acks, say where the node stands, leave.

Which broker it is connected to and what happens after a loss is `link`'s; what is published when, `publisher`'s.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable

from edge.errors import DeviceError
from edge.facts import EventsConfirmed
from edge.outbox import Head, SyncOutbox
from sync.client import Connection
from sync.connecting import TICK_S
from sync.dialects import COMMANDS_UNACKED
from sync.publisher import Publisher
from sync.subscriber import Subscriber
from sync.topics import Topics
from sync.trouble import PublishRefusedError

CONTRACT = 1
DEVICES_TIMEOUT_S = 3.0
"""So long after connecting the state waits for every device to be tried."""
STATE_EVERY_S = 10.0
DRAIN_S = 1.0
"""For what is waiting and the last state, when the connection is given up."""


class Session:
    """The work over a connection that is open. `version` is told in the state."""

    def __init__(
        self,
        connection: Connection,
        outbox: SyncOutbox,
        topics: Topics,
        publisher: Publisher,
        subscriber: Subscriber,
        *,
        version: str,
    ) -> None:
        self._connection, self._outbox, self._topics = connection, outbox, topics
        self._publisher, self._subscriber = publisher, subscriber
        self._version = version
        self._epoch = outbox.head().epoch

    def work(
        self, stop: threading.Event, *, everything_tried: Callable[[], bool], is_over: Callable[[], bool]
    ) -> None:
        """Serve until told to stop or it is over, and leave in peace; raises DeviceError when the broker is lost."""
        connection, publisher, subscriber = self._connection, self._publisher, self._subscriber
        state = _State(DEVICES_TIMEOUT_S)
        while not stop.is_set() and not is_over():
            # First what came already: there is no room for more than that leaves.
            while connection.messages:
                subscriber.take(connection.messages.popleft())
            self._turn(TICK_S, room=subscriber.room)
            self._acknowledge()
            if state.is_due(tried=everything_tried()):
                payload = online(self._outbox.head(), self._version)
                if state.changes_to(payload):
                    publisher.say(self._topics.state(), payload)
        with contextlib.suppress(DeviceError):
            self._acknowledge()
        self._leave(is_last=stop.is_set())

    def _acknowledge(self) -> None:
        for mid, fact in self._subscriber.safe():
            if isinstance(fact, EventsConfirmed) and fact.epoch == self._epoch:
                self._publisher.confirmed(fact.seq)
            if mid != 0:
                self._connection.ack(mid)

    def _leave(self, *, is_last: bool) -> None:
        """Send what waits for a moment, say goodbye and close; what could not go stays in the outbox.

        Where another connection follows nobody is told of an end.
        """
        publisher = self._publisher
        deadline = time.monotonic() + DRAIN_S
        publisher.call()
        while not publisher.is_idle and time.monotonic() < deadline - DRAIN_S / 2:
            self._drain()
        publisher.stop()
        is_said = not is_last
        while time.monotonic() < deadline and not (is_said and publisher.is_settled):
            if not is_said and publisher.free > 0:
                publisher.say(self._topics.state(), offline(self._outbox.head(), self._version))
                is_said = True
            self._drain()
        # Where our last state could not go, we leave without a word, so that the broker tells our will.
        if is_said:
            self._connection.close()

    def _drain(self) -> None:
        """Hear what the broker took; the messages that come between are left with it for the next connection."""
        self._turn(0.02, room=COMMANDS_UNACKED)
        self._connection.messages.clear()

    def _turn(self, timeout_s: float, *, room: int) -> None:
        """Give the connection a turn in which messages come as far as there is `room`, then the publisher."""
        publisher = self._publisher
        try:
            self._connection.pump(min(timeout_s, publisher.wait_s()), room=room)
        except DeviceError as error:
            # What the broker said before it went counts, and may say why it went.
            self._settle()
            raise PublishRefusedError(publisher.refusal) if publisher.refusal else error from error
        self._settle()
        if self._connection.was_woken:
            publisher.call()
        publisher.turn()

    def _settle(self) -> None:
        while self._connection.acks:
            self._publisher.settle(*self._connection.acks.popleft())


def online(head: Head, version: str) -> bytes:
    """The state of a node that works."""
    return _json(
        {
            "status": "online",
            "contract": CONTRACT,
            "session": head.session,
            "epoch": head.epoch,
            "version": version,
            "first_seq": head.first_seq,
            "last_seq": head.last_seq,
            "confirmed_seq": head.confirmed_seq,
            "hash": head.hash,
            **({"previous": head.previous} if head.previous else {}),
        }
    )


def offline(head: Head, version: str) -> bytes:
    """The state of a node that ended, by itself or as its last will."""
    return _json(
        {
            "status": "offline",
            "contract": CONTRACT,
            "session": head.session,
            "epoch": head.epoch,
            "version": version,
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
