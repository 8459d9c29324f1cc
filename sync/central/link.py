"""Central's side of a connection: what came is taken in batches, what goes is counted until the broker has it."""

import logging
from collections import deque

from edge.errors import DeviceError
from sync.client import Connection, Message
from sync.trouble import PublishRefusedError

log = logging.getLogger(__name__)

BATCH_MAX = 500
"""Messages that are taken before they are worked on, fewer where they are long: one transaction, one flush."""


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
        connection = self._connection
        came, room = -1, connection.room
        try:
            while came != len(connection.messages) and room > 0:
                came = len(connection.messages)
                room = connection.pump(0.0 if came else timeout_s, room=room)
        except DeviceError as error:
            # What the broker said before it went may say why it went.
            self._settle()
            raise PublishRefusedError(self._refusal) if self._refusal else error from error
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
