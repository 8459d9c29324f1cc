"""Central's one connection to its broker: a session that outlives it, every message acknowledged by hand.

One thread owns it and gives it turns (`pump`), as `sync.client` does for a node: no thread, queue or reconnecting of
paho's is used, and each connection is a new paho client, so that nothing of an old one is sent again.
"""

import contextlib
import select
import socket
import ssl
import time
from collections import deque
from typing import Any, NamedTuple, NoReturn

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.settings import Mqtt
from edge.errors import DeviceError
from sync import dialects
from sync.client import CONNECT_TIMEOUT_S, PAHO_ERRORS
from sync.credentials import Credentials, identify
from sync.dialects import WINDOW

HANDSHAKE_TIMEOUT_S = 10.0
BATCH_MAX = 500
"""Messages that are taken before they are worked on: one transaction, one flush of the disk."""
_TOPICS = ("state", "ack", "evt/#", "stock/+", "res", "snap/+")
"""Where a node stands before what it tells; `ack` is our own, which shows if our books are an older copy."""
_NEW_ONLY = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB


class Message(NamedTuple):
    """What came, and the number that acknowledges it; 0 for one of QoS 0, which is not acknowledged."""

    topic: str
    payload: bytes
    mid: int


class Link:
    """One connection; every error is a DeviceError. `messages` are for the owner to take after each turn."""

    def __init__(self, mqtt: Mqtt, client_id: str) -> None:
        self.name = f"{mqtt.host}:{mqtt.port}"
        self.messages: deque[Message] = deque()
        self._mqtt, self._client_id = mqtt, client_id
        self._outstanding: set[int] = set()
        self._came = 0
        self._connack: tuple[ReasonCode, Properties | None] | None = None
        self._suback: list[ReasonCode] | None = None
        self._end: tuple[ReasonCode, bool] | None = None
        self._client = self._new_client()

    @property
    def free(self) -> int:
        """So many messages may be published now."""
        return WINDOW - len(self._outstanding)

    def open(self) -> None:
        """Connect, be let in and subscribe to all nodes."""
        mqtt = self._mqtt
        try:
            dialects.connect(self._client, mqtt.protocol, mqtt.host, mqtt.port, receive_max=BATCH_MAX)
        except (OSError, ValueError) as error:  # a certificate or a host name can be a ValueError
            raise DeviceError(
                f"The broker {self.name} cannot be reached: {error}.",
                hint="Check its host, port and TLS, the network, and that it runs.",
            ) from error
        self._socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline = time.monotonic() + HANDSHAKE_TIMEOUT_S
        while self._suback is None:
            if time.monotonic() > deadline:
                raise DeviceError(
                    f"{self.name} took the call but was silent for {HANDSHAKE_TIMEOUT_S:.0f} s.",
                    hint="Check that the port is the broker's, and whether it wants TLS.",
                )
            self.pump(0.25)
        for topic, reason in zip(_TOPICS, self._suback, strict=True):
            if reason.is_failure:
                raise DeviceError(
                    f"The broker {self.name} does not let central read {self._filter(topic)}: {reason}.",
                    hint="Allow it in the broker's access rules.",
                )

    def pump(self, timeout_s: float) -> None:
        """Give the connection a turn: wait so long for the broker, read what is there, write, keep alive."""
        try:
            self._flush()
            self._read(timeout_s)
            self._flush()
            self._check(self._client.loop_misc())
        except PAHO_ERRORS as error:
            raise DeviceError(f"The connection to the broker {self.name} broke: {error}.") from error
        if self._connack is not None:
            self._connected(*self._connack)
        if self._end is not None:
            self._ended()

    def publish(self, node: str, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send with QoS 1, under a node's topics."""
        info = self._client.publish(f"{self._mqtt.prefix}/{node}/{topic}", payload, qos=1, retain=retain)
        self._outstanding.add(info.mid)

    def ack(self, mid: int) -> None:
        """Tell the broker that a message is safe here."""
        self._client.ack(mid, 1)

    def close(self) -> None:
        """Take leave; what was published before has gone out."""
        with contextlib.suppress(*PAHO_ERRORS):
            self._client.disconnect()
            self._flush()
        if (found := self._client.socket()) is not None:
            found.close()

    def _new_client(self) -> Client:
        client = dialects.new_client(Client, self._mqtt.protocol, self._client_id)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # the window is ours
        identify(client, self._mqtt, *Credentials(self._mqtt).load())
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        # With this set paho queues what it sends, and we write it in our turn.
        client.on_socket_register_write = lambda _client, _userdata, _sock: None
        return client

    def _filter(self, topic: str) -> str:
        return f"{self._mqtt.prefix}/+/+/{topic}"

    def _connected(self, reason: ReasonCode, _properties: Properties | None) -> None:
        self._connack = None
        if reason.is_failure:
            raise DeviceError(
                f"The broker {self.name} refused central: {reason}.",
                hint="Check the user, the password and the certificates against the broker's users.",
            )
        # Asked for with each connection: a broker that lost its disk has forgotten us.
        if self._mqtt.protocol == "5":
            # All levels come anew with each subscription, of which those that are known need none.
            self._client.subscribe(
                [
                    (
                        self._filter(t),
                        SubscribeOptions(qos=1, retainHandling=_NEW_ONLY if "stock" in t else 0),
                    )
                    for t in _TOPICS
                ]
            )
        else:
            self._client.subscribe([(self._filter(topic), 1) for topic in _TOPICS])

    def _socket(self) -> Any:
        found = self._client.socket()
        if found is None:
            self._ended()
        return found

    def _flush(self) -> None:
        if self._client.want_write():
            self._check(self._client.loop_write())

    def _read(self, timeout_s: float) -> None:
        sock = self._socket()
        # TLS may hold bytes that it has read and that the kernel no longer shows.
        if not (isinstance(sock, ssl.SSLSocket) and sock.pending()):
            poll = select.poll()
            poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
            if not any(event & ~select.POLLOUT for _, event in poll.poll(timeout_s * 1000)):
                return
        # paho reads one packet at a time and does not say whether there was one. What a session kept comes before the
        # answer to our subscription: however much is waiting for the owner, some more is read.
        before, full = -1, len(self.messages) + BATCH_MAX
        while before != self._came and len(self.messages) < full:
            before = self._came
            self._check(self._client.loop_read())

    def _check(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and self._connack is None and self._end is None:
            raise ConnectionError(code.name)

    def _ended(self) -> NoReturn:
        reason, is_said = self._end or (None, False)
        if not is_said:
            raise DeviceError(f"The connection to the broker {self.name} was lost.")
        hint = ""
        if reason is not None and reason.getName() == "Session taken over":
            hint = f"Another {self._client_id!r} is connected: give each its own --client-id."
        raise DeviceError(f"The broker {self.name} ended the connection: {reason}.", hint=hint)

    def _on_connect(
        self, _c: Client, _u: object, _f: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._connack = (reason, properties)

    def _on_disconnect(
        self, _c: Client, _u: object, flags: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._end = (reason, flags.is_disconnect_packet_from_server)

    def _on_subscribe(
        self, _c: Client, _u: object, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        self._suback = reasons

    def _on_publish(self, _c: Client, _u: object, mid: int, _reason: ReasonCode, _p: Properties) -> None:
        self._came += 1
        self._outstanding.discard(mid)

    def _on_message(self, _c: Client, _u: object, message: MQTTMessage) -> None:
        self._came += 1
        self.messages.append(
            Message(message.topic, bytes(message.payload), message.mid if message.qos else 0)
        )
