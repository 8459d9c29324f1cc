"""What is in flight on one connection, and what an answer of the broker means for a message.

What goes next, and what becomes of what was refused, is the lanes' matter (`sync.lanes`).
"""

from enum import Enum, auto
from typing import Protocol

from paho.mqtt.reasoncodes import ReasonCode

from sync.client import Connection


class Refusal(Enum):
    """What the broker's no is about (MQTT 5 section 3.4.2.1). MQTT 3.1.1 knows no reasons, and no refusals.

    Too large is none of them: a broker says before what it takes (`Connection.publish` heeds that), or hangs up.
    """

    MESSAGE = auto()
    """This message will never be taken: its topic, its size or its form."""
    QUOTA = auto()
    """Too much at once."""
    KIND = auto()
    """Whatever else: no right to publish there, no room, an error inside. It may pass, or a person has to act."""


_MESSAGE = frozenset({0x90, 0x99})
"""Topic name invalid, payload format invalid."""
_QUOTA_EXCEEDED = 0x97


def refusal(reason: ReasonCode) -> Refusal:
    """Tell what a reason that is a failure is about."""
    if reason.value in _MESSAGE:
        return Refusal.MESSAGE
    return Refusal.QUOTA if reason.value == _QUOTA_EXCEEDED else Refusal.KIND


class Sent:
    """Something in flight: the broker has it when no message of it is open.

    `number` is its place in its lane; `lane` is None once the lane has gone back behind it and it only takes room.
    """

    __slots__ = ("lane", "number", "open")

    def __init__(self, lane: "Settling", number: int, messages: int = 1) -> None:
        self.lane: Settling | None = lane
        self.number = number
        self.open = messages


class Settling(Protocol):
    """Whose message it was (`sync.lanes.Lane`)."""

    def settled(self) -> None:
        """The broker took something of what is in flight."""
        ...

    def left_out(self, sent: Sent, topic: str, why: str) -> None:
        """A message can never be sent, or will never be taken; it counts as settled."""
        ...

    def refused(self, sent: Sent, topic: str, reason: ReasonCode) -> None:
        """A message was not taken now."""
        ...


class Window:
    """The messages that the broker has not answered yet, at most as many as it takes at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._by_mid: dict[int, tuple[Sent, str]] = {}
        self.size = connection.window

    @property
    def free(self) -> int:
        """Messages that it still takes."""
        return self.size - len(self._by_mid)

    @property
    def is_empty(self) -> bool:
        return not self._by_mid

    def send(
        self,
        sent: Sent,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes | None = None,
    ) -> None:
        """Send one message of it."""
        mid = self._connection.publish(topic, payload, retain=retain, correlation=correlation)
        if mid is not None:
            self._by_mid[mid] = (sent, topic)
            return
        sent.open -= 1
        if sent.lane is not None:
            sent.lane.left_out(sent, topic, f"{len(payload)} bytes on that topic cannot be sent to it")

    def settle(self, mid: int, reason: ReasonCode) -> None:
        """Take the broker's answer to a message; one that nobody waits for is passed over."""
        found = self._by_mid.pop(mid, None)
        if found is None:
            return
        sent, topic = found
        lane = sent.lane
        if lane is None:
            return
        if not reason.is_failure:
            sent.open -= 1
            lane.settled()
        elif refusal(reason) is Refusal.MESSAGE:
            sent.open -= 1
            lane.left_out(sent, topic, f"it refused it: {reason}")
        else:
            lane.refused(sent, topic, reason)
