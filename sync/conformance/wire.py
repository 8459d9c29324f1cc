"""A connection to the broker for the conformance kit: what comes is left to be taken, one message at a time.

Each is a new paho client with a session of its own, so that nothing of one before it is sent again by paho.
"""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.settings import Mqtt
from edge.errors import DeviceError
from sync.client import CONNECT_TIMEOUT_S
from sync.credentials import Credentials, identify
from sync.dialects import KEEPALIVE_S, WINDOW

PROTOCOLS = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}
HANDSHAKE_TIMEOUT_S = 10.0
TAKEN_TIMEOUT_S = 30.0
"""So long the broker may take to acknowledge what was published."""
# One hint for a message that is refused and for a connection that ends: mosquitto 2.0.11 closes the connection
# right behind a refusal, which may then not be read.
_MAY_PUBLISH = (
    "Check that the broker lets the played node publish under its topics and takes messages of 100 KiB, "
    "and that no other client has its name."
)


@dataclass(frozen=True, slots=True)
class Came:
    """A message as it came. `is_retained`: it lay at the broker, or is being left there as far as one can tell."""

    topic: str
    payload: bytes
    is_retained: bool


class Wire:
    """One connection. Whatever breaks it is a DeviceError in the next call.

    On the topic `as_published` a message that is being retained is seen to be, too, where the protocol can tell.
    """

    def __init__(
        self,
        mqtt: Mqtt,
        *,
        client_id: str,
        topics: Sequence[str],
        as_published: str = "",
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self._mqtt, self._topics, self._as_published = mqtt, topics, as_published
        self._name = f"{mqtt.host}:{mqtt.port}"
        self._changed = threading.Condition()
        self._came: deque[Came] = deque()
        self._window, self._in_flight = WINDOW, 0
        self._is_subscribed = self._is_leaving = False
        self._broken: DeviceError | None = None
        self._client = self._new_client(client_id, will)

    def connect(self) -> None:
        """Connect and subscribe; raises DeviceError, also where the broker does not let us read."""
        try:
            self._client.connect(self._mqtt.host, self._mqtt.port, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise DeviceError(
                f"The broker {self._name} cannot be reached: {error}.",
                hint="Check host, port and certificates, the network, and that the broker runs.",
            ) from error
        self._client.loop_start()
        if not self._wait(lambda: self._is_subscribed, HANDSHAKE_TIMEOUT_S):
            raise DeviceError(
                f"{self._name} took the call but was silent for {HANDSHAKE_TIMEOUT_S:.0f} s.",
                hint="Check that the port is the broker's, and whether it wants TLS.",
            )

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send with QoS 1, as soon as the broker has acknowledged enough of what went before."""
        self._wait_taken(self._window - 1)
        with self._changed:
            self._in_flight += 1
        # Without the lock: paho's thread takes it in a callback while it holds one of its own.
        self._client.publish(topic, payload, qos=1, retain=retain)

    def take(self, timeout_s: float) -> Came | None:
        """The next message; None if none comes in time."""
        self._wait(lambda: bool(self._came), timeout_s)
        with self._changed:
            return self._came.popleft() if self._came else None

    def settle(self) -> None:
        """Wait until the broker has everything that was published."""
        self._wait_taken(0)

    def close(self) -> None:
        """Leave once the broker has everything, so that it does not tell our will."""
        try:
            self.settle()
        finally:
            self._is_leaving = True
            self._client.disconnect()
            self._client.loop_stop()

    def cut(self) -> None:
        """Break off without a word: the broker tells our will."""
        self._is_leaving = True
        found: Any = self._client.socket()
        if found is not None:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def _wait(self, done: Callable[[], bool], timeout_s: float) -> bool:
        with self._changed:
            is_done = self._changed.wait_for(lambda: done() or self._broken is not None, timeout_s)
            if self._broken is not None:
                raise self._broken
            return is_done

    def _wait_taken(self, left: int) -> None:
        if not self._wait(lambda: self._in_flight <= left, TAKEN_TIMEOUT_S):
            raise DeviceError(f"The broker {self._name} acknowledged nothing for {TAKEN_TIMEOUT_S:.0f} s.")

    def _new_client(self, client_id: str, will: tuple[str, bytes] | None) -> Client:
        mqtt = self._mqtt
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=PROTOCOLS[mqtt.protocol],
            clean_session=None if mqtt.protocol == "5" else True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # the window is ours
        if will is not None:
            client.will_set(*will, qos=1, retain=True)
        identify(client, mqtt, *Credentials(mqtt).load())
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        return client

    # -- paho's thread: an exception here would end it without a word ---------------------------------------

    def _on_connect(
        self, client: Client, _d: object, _f: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self._break(
                f"The broker {self._name} refused the played node: {reason}.",
                "Check user name, password and certificates against the broker's users.",
            )
            return
        found: Any = client.socket()
        if found is not None:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        if self._mqtt.protocol == "5":
            client.subscribe(
                [
                    (topic, SubscribeOptions(qos=1, retainAsPublished=topic == self._as_published))
                    for topic in self._topics
                ]
            )
        else:
            client.subscribe([(topic, 1) for topic in self._topics])

    def _on_subscribe(
        self, _c: Client, _d: object, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        refused = [topic for topic, why in zip(self._topics, reasons, strict=False) if why.is_failure]
        if refused:
            self._break(
                f"The broker {self._name} does not let the played node read {refused[0]}.",
                "Allow it in the broker's access rules, or name with --as a node that may.",
            )
        with self._changed:
            self._is_subscribed = True
            self._changed.notify_all()

    def _on_message(self, _c: Client, _d: object, message: MQTTMessage) -> None:
        with self._changed:
            self._came.append(Came(message.topic, bytes(message.payload), message.retain))
            self._changed.notify_all()

    def _on_publish(self, _c: Client, _d: object, _mid: int, reason: ReasonCode, _p: Properties) -> None:
        if reason.is_failure:
            self._break(
                f"The broker {self._name} refused a message of the played node: {reason}.",
                _MAY_PUBLISH,
            )
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()

    def _on_disconnect(
        self, _c: Client, _d: object, _f: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if not self._is_leaving:
            self._break(
                f"The connection to the broker {self._name} was lost: {reason}.",
                _MAY_PUBLISH,
            )

    def _break(self, text: str, hint: str) -> None:
        with self._changed:
            self._broken = self._broken or DeviceError(text, hint=hint)
            self._changed.notify_all()
