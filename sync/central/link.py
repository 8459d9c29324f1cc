"""Central's side of the wire: calls brokers one after the other, takes what comes in batches, counts what goes."""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from config.settings import Mqtt
from edge.errors import DeviceError
from sync import caller
from sync.client import Connection, Message, Waker
from sync.connecting import STEADY_S, Address, Brokers, connect_to_any
from sync.credentials import Credentials, readable_by_others
from sync.wire import places

log = logging.getLogger(__name__)

BATCH_MAX = 500
"""Messages that are taken before they are worked on, fewer where they are long: one transaction, one flush."""


class Calls:
    """Calls a broker, as often as it takes. `stands_since` is when one last let us in."""

    def __init__(self, mqtt: Mqtt, client_id: str, stop: threading.Event) -> None:
        self.prefix = mqtt.prefix
        self.stands_since: float | None = None
        self.refused: set[str] = set()
        """Topics of which people were told that they are not taken: it comes again with each ack and command."""
        self._mqtt, self._stop = mqtt, stop
        self._caller = caller.central(mqtt, client_id, receive_max=BATCH_MAX)
        self._brokers, self._waker = Brokers(mqtt.addresses), Waker()
        self._credentials = Credentials(mqtt)
        for text in readable_by_others(mqtt):
            log.warning("%s", text)

    @contextmanager
    def connection(self) -> Iterator[Connection | None]:
        """A connection to the first broker that serves us, until the block ends; None when told to stop meanwhile."""
        connection = connect_to_any(self._brokers, self._new, self._waker, self._stop)
        if connection is None:
            yield None
            return
        since = self.stands_since = time.monotonic()
        try:
            yield connection
            connection.close()
            self._brokers.keep()
        except DeviceError:
            self._brokers.lost(was_good=time.monotonic() - since >= STEADY_S)
            raise
        finally:
            connection.hang_up()

    def is_over(self) -> bool:
        """It is time to stop, or to connect anew with certificates or a password that were renewed."""
        if self._stop.is_set():
            return True
        try:
            is_renewed = self._credentials.were_renewed()
        except DeviceError as error:
            log.error("%s The connection goes on with those it has.", error)
            return False
        if is_renewed:
            log.info("the credentials for the broker were renewed: connecting anew")
        return is_renewed

    def _new(self, address: Address) -> Connection:
        return Connection(address, self._mqtt, self._caller, self._credentials, self._waker)


class Link:
    """One connection of central's. `messages` are for the owner to take after each turn, and to acknowledge.

    `refused` has the topics of which people were told already that the broker does not take them.
    """

    def __init__(self, connection: Connection, prefix: str, refused: set[str]) -> None:
        self._connection, self._prefix, self._refused = connection, prefix, refused
        self._in_flight: dict[int, str] = {}
        self._refusal = ""

    @property
    def messages(self) -> deque[Message]:
        return self._connection.messages

    @property
    def free(self) -> int:
        """So many messages may be published now."""
        return self._connection.window - len(self._in_flight)

    def pump(self, timeout_s: float) -> None:
        """Give the connection turns: wait so long for the broker, then take what is there, at most a batch.

        Raises DeviceError when it is lost.
        """
        connection, before = self._connection, -1
        try:
            while before != len(connection.messages) and _room(connection.messages) > 0:
                before = len(connection.messages)
                connection.pump(0.0 if before else timeout_s)
        except DeviceError as error:
            # What the broker said before it went may say why it went.
            self._settle()
            raise DeviceError(self._refusal) if self._refusal else error from error
        self._settle()

    def publish(self, node: str, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send with QoS 1, under a node's topics."""
        whole = f"{self._prefix}/{node}/{topic}"
        mid = self._connection.publish(whole, payload, retain=retain)
        if mid is not None:
            self._in_flight[mid] = whole

    def ack(self, mid: int) -> None:
        """Tell the broker that a message is safe here."""
        self._connection.ack(mid)

    def _settle(self) -> None:
        while self._connection.acks:
            mid, reason = self._connection.acks.popleft()
            topic = self._in_flight.pop(mid, "")
            if not reason.is_failure:
                self._refused.discard(topic)
                continue
            self._refusal = (
                f"The broker {self._connection.name} refused a message of central's on {topic}: {reason}. "
                "Let it publish there in the broker's access rules."
            )
            if topic not in self._refused:
                self._refused.add(topic)
                log.error("%s", self._refusal)


def _room(messages: deque[Message]) -> int:
    return BATCH_MAX - sum(places(len(message.payload)) for message in messages)
