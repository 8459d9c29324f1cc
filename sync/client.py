"""A thin client over paho: one connection to the broker, from dialling to its end.

One thread owns a connection and gives it turns (`pump`): no thread, queue or reconnecting of paho's is used,
and each connection is a new paho client, so that nothing of an old one is sent again. What arrived is left in
plain queues for the owner to take; callbacks do nothing else.
"""

import contextlib
import logging
import select
import socket
import ssl
import struct
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, NoReturn, cast

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from config.settings import Mqtt
from edge.errors import DeviceError
from edge.facts import ReplyTo
from edge.right_of_way import RightOfWay
from sync import dialects
from sync.caller import Caller
from sync.credentials import Credentials, identify
from sync.trouble import (
    OTHER_PROTOCOL,
    no_acknowledging,
    not_let_in,
    refused_certificate,
    taken_over,
    unreachable,
)
from sync.wire import Wire, places

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
"""For TCP, and again for TLS."""
PAHO_ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error)
"""What paho raises when a broker sends nonsense."""


@dataclass(frozen=True, slots=True)
class Message:
    """What came on a topic we asked for; `mid` acknowledges it, 0 for one of QoS 0, which is not to be acknowledged.

    `payload` is the beginning of one that is too long, `size` is how long it is.
    """

    topic: str
    payload: bytes
    size: int
    mid: int
    is_retained: bool
    reply_to: ReplyTo | None


class Waker:
    """Ends a wait in `select` from another thread; as many calls as there may be are one wake-up."""

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._woken = False

    def wake(self) -> None:
        if not self._woken:
            self._woken = True
            with contextlib.suppress(BlockingIOError):  # full: it is awake
                self._write.send(b"\0")

    def fileno(self) -> int:
        return self._read.fileno()

    def clear(self) -> None:
        """Take note. Whoever wakes from here on is heard again, so look for work only after this."""
        with contextlib.suppress(BlockingIOError):
            self._read.recv(4096)
        self._woken = False

    def wait(self, timeout_s: float) -> None:
        if select.select([self._read], [], [], timeout_s)[0]:
            self.clear()


class _WiredClient(Client):
    """Reads and writes through our wire. paho has no place to hand a socket in, but takes any that acts like one."""

    scans: RightOfWay | None = None

    def _create_socket(self) -> Any:
        return Wire(super()._create_socket(), self.scans)  # type: ignore[arg-type]


class Connection:
    """One connection of a caller to a broker, with a session that outlives it; every error is a DeviceError.

    `acks` (message id, reason) and `messages` are for the owner to take from after each turn.
    """

    def __init__(
        self,
        address: tuple[str, int],
        mqtt: Mqtt,
        caller: Caller,
        credentials: Credentials,
        waker: Waker,
        scans: RightOfWay | None = None,
    ) -> None:
        self.name = f"{address[0]}:{address[1]}"
        self.caller = caller
        self.acks: deque[tuple[int, ReasonCode]] = deque()
        self.messages: deque[Message] = deque()
        self.limits = dialects.Limits()
        self.was_woken = False
        self.is_open = False
        self._address, self._protocol, self._waker = address, mqtt.protocol, waker
        self._is_let_in = False
        self._connack: tuple[ReasonCode, Properties | None] | None = None
        self._suback: list[ReasonCode] | None = None
        self._end: tuple[ReasonCode, bool] | None = None
        self._client = self._new_client(mqtt, *credentials.load())
        self._client.scans = scans

    @property
    def is_lost(self) -> bool:
        """It ended without a word of the broker's."""
        return self._end is None or not self._end[1]

    @property
    def window(self) -> int:
        """Messages that may be in flight to the broker."""
        return self.limits.window

    @property
    def room(self) -> int:
        """Places that `messages` leave of the most that the caller takes at once."""
        return self.caller.receive_max - sum(places(len(message.payload)) for message in self.messages)

    def dial(self) -> "Future[None]":
        """Look the name up, connect and shake hands, in a thread of its own, since all three can hang.

        The connection is that thread's until the future is done; cancelled, it is closed when it comes about.
        """
        dialled: Future[None] = Future()

        def run() -> None:
            error: DeviceError | None = None
            try:
                dialects.connect(
                    self._client, self._protocol, *self._address, receive_max=self.caller.receive_max
                )
                self._wire().hear_refusal()
            except (OSError, ValueError) as cause:  # a certificate or a host name can be a ValueError
                error = unreachable(self.name, self.caller, cause)
            if not dialled.set_running_or_notify_cancel():
                self.hang_up()
            elif error is not None:
                dialled.set_exception(error)
            else:
                dialled.set_result(None)

        threading.Thread(target=run, name="broker-dial", daemon=True).start()
        return dialled

    def pump(self, timeout_s: float, *, room: int | None = None) -> int:
        """Give the connection a turn: wait so long for the broker or a wake-up, read, write, keep alive.

        Returns the room that is left.

        `room` is in `places` of messages that may come now; left out, what those in `messages` leave of the most that
        the caller takes. Is there none, the broker is left to wait, and is told that we live.
        """
        try:
            wire = self._wire()
            wire.room = self.room if room is None else room
            self._flush()
            self._turn(wire, timeout_s)
        except PAHO_ERRORS as error:
            raise DeviceError(f"The connection to the broker {self.name} broke: {error}.") from error
        if self._connack is not None:
            self._connected(*self._connack)
        if self._suback is not None:
            self._subscribed(self._suback)
        if self._is_let_in and wire.is_held:
            # What waited for us at the broker may come before it answers our subscription, and be more than we hold.
            self.is_open = True
        if self._end is not None:
            self._ended()
        return wire.room

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes | None = None
    ) -> int | None:
        """Send with QoS 1 and return the message's id; None, and an error in the log, if it can never go."""
        size = len(payload) + len(topic.encode()) + len(correlation or b"") + 32
        most = self.limits.max_packet
        if most is not None and size > most:
            log.error("%s: left out, %s bytes are more than the broker takes (%s)", topic, size, most)
            return None
        properties = None
        if correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = correlation
        try:
            return self._client.publish(topic, payload, qos=1, retain=retain, properties=properties).mid
        except ValueError as error:
            log.error("%r: left out, the topic cannot be published to: %s", topic, error)
            return None

    def ack(self, mid: int) -> None:
        """Tell the broker that a message is safe here."""
        self._client.ack(mid, 1)

    def close(self) -> None:
        """Take leave, so that the broker does not tell our will. What was published before has gone out."""
        with contextlib.suppress(*PAHO_ERRORS):
            self._client.disconnect()
            self._flush()

    def hang_up(self) -> None:
        """Close the socket without a word, if it is open; the broker tells our will."""
        found = self._client.socket()
        if found is not None:
            found.close()

    def _new_client(self, mqtt: Mqtt, password: str | None, tls: ssl.SSLContext | None) -> _WiredClient:
        client = dialects.new_client(_WiredClient, mqtt.protocol, self.caller.client_id)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # the window is the publisher's
        if self.caller.will is not None:
            topic, will = self.caller.will
            client.will_set(topic, will, qos=1, retain=True)
        identify(client, mqtt, password, tls)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        # With this set paho queues what it sends, and we write it in our turn.
        client.on_socket_register_write = lambda _client, _userdata, _sock: None
        return client

    def _wire(self) -> Wire:
        found = self._client.socket()
        if found is None:
            self._ended()
        return cast(Wire, found)

    def _flush(self) -> None:
        if self._client.want_write():
            self._check(self._client.loop_write())
        # None once the last packet was written: then it went with the close.
        wire = cast(Wire | None, self._client.socket())
        if wire is not None:
            wire.flush()

    def _turn(self, wire: Wire, timeout_s: float) -> None:
        poll = select.poll()
        poll.register(self._waker, select.POLLIN)
        events = (0 if wire.is_held else select.POLLIN) | (select.POLLOUT if wire.has_unsent else 0)
        if events:
            poll.register(wire, events)
        number, has_more = wire.fileno(), wire.has_more
        ready = dict(poll.poll(0 if has_more else max(0, timeout_s) * 1000))
        self.was_woken = self._waker.fileno() in ready
        if self.was_woken:
            self._waker.clear()
        if has_more or ready.get(number, 0) & ~select.POLLOUT:
            self._read(wire)
        self._flush()
        wire.keep_alive(self.limits.keepalive_s)

    def _read(self, wire: Wire) -> None:
        while True:
            code = self._client.loop_read()
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS and wire.error is not None and self._connack is None:
                raise refused_certificate(self.name, self.caller, wire.error) or wire.error
            self._check(code)
            # paho takes some packets at a time, one where nothing of ours is in flight.
            if self._client.socket() is None or not wire.has_more:
                return

    def _check(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and self._connack is None and self._end is None:
            raise ConnectionError(code.name)

    def _connected(self, reason: ReasonCode, properties: Properties | None) -> None:
        self._connack = None
        if reason.is_failure:
            raise not_let_in(self.name, self.caller, reason.getName())
        self.limits = dialects.limits(properties, self.name)
        self._is_let_in = True
        # With each connection: a broker that lost its disk has forgotten us.
        dialects.subscribe(self._client, self._protocol, self.caller.subscriptions)

    def _subscribed(self, reasons: list[ReasonCode]) -> None:
        self._suback = None
        for asked, reason in zip(self.caller.subscriptions, reasons, strict=False):
            refused = f"The broker {self.name} does not let {self.caller.name} read {asked.topic}: {reason}."
            if reason.is_failure and asked.is_needed:
                raise DeviceError(refused, hint="Allow it in the broker's access rules.")
            if reason.is_failure:
                log.info("%s", refused)
        if reasons and reasons[0].value == 0:
            raise no_acknowledging(self.name)
        self.is_open = True

    def _ended(self) -> NoReturn:
        reason, is_said = self._end or (None, False)
        if not is_said and not self._is_let_in:
            raise DeviceError(f"The broker {self.name} hung up before it let us in.", hint=OTHER_PROTOCOL)
        if not is_said:
            raise DeviceError(f"The connection to the broker {self.name} was lost.")
        is_taken_over = reason is not None and reason.getName() == "Session taken over"
        hint = taken_over(self.caller) if is_taken_over else ""
        raise DeviceError(f"The broker {self.name} ended the connection: {reason}.", hint=hint)

    def _on_connect(
        self, _c: Client, _u: Any, _f: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        self._connack = (reason, properties)

    def _on_disconnect(
        self, _c: Client, _u: Any, flags: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._end = (reason, flags.is_disconnect_packet_from_server)

    def _on_subscribe(
        self, _c: Client, _u: Any, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        self._suback = reasons

    def _on_publish(self, _c: Client, _u: Any, mid: int, reason: ReasonCode, _p: Properties) -> None:
        self.acks.append((mid, reason))

    def _on_message(self, client: Client, _u: Any, message: MQTTMessage) -> None:
        reply_to = None
        topic = getattr(message.properties, "ResponseTopic", None)
        if topic is not None:
            reply_to = ReplyTo(topic, getattr(message.properties, "CorrelationData", None))
        payload = bytes(message.payload)
        size = len(payload) + cast(Wire, client.socket()).left_out
        self.messages.append(Message(message.topic, payload, size, message.mid, message.retain, reply_to))
