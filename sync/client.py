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
from pathlib import Path
from typing import Any, NoReturn

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from config.settings import Mqtt, Tls
from edge.errors import DeviceError
from edge.facts import ReplyTo
from sync.topics import Topics

log = logging.getLogger(__name__)

KEEPALIVE_S = 20
CONNECT_TIMEOUT_S = 5.0
"""For TCP, and again for TLS."""
SESSION_EXPIRY_S = 30 * 24 * 3600
"""So long commands wait at the broker while the node is down."""
WINDOW = 100
"""Messages in flight to the broker at most (contract section 6); fewer if the broker asks for fewer."""
COMMANDS_UNACKED = 64
"""Commands the broker may send before we acknowledge: the inbox never fills by them."""
MAX_PACKET_BYTES = 1024 * 1024 + 128 * 1024
"""A command of 1 MiB, its topic and its properties."""
_NO_RETAINED = SubscribeOptions.RETAIN_DO_NOT_SEND
_PAHO_ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error)
"""What paho raises when a broker sends nonsense."""


@dataclass(frozen=True, slots=True)
class Message:
    """A command as it came; `mid` acknowledges it, 0 for one of QoS 0, which is not to be acknowledged."""

    payload: bytes
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


class Connection:
    """One connection to the broker with a session that outlives it; every error is a DeviceError.

    `acks` (message id, reason) and `messages` are for the owner to take from after each turn.
    """

    def __init__(self, mqtt: Mqtt, topics: Topics, *, will: bytes, waker: Waker) -> None:
        self.name = f"{mqtt.host}:{mqtt.port}"
        self.acks: deque[tuple[int, ReasonCode]] = deque()
        self.messages: deque[Message] = deque()
        self.window = WINDOW
        self.was_woken = False
        self.is_open = False
        self._mqtt, self._topics, self._waker = mqtt, topics, waker
        self._max_packet: int | None = None
        self._connack: tuple[ReasonCode, Properties | None] | None = None
        self._suback: list[ReasonCode] | None = None
        self._end: tuple[ReasonCode, bool] | None = None
        self._client = self._new_client(will)

    def dial(self) -> "Future[None]":
        """Look the name up, connect and shake hands, in a thread of its own, since all three can hang.

        The connection is that thread's until the future is done; cancelled, it is closed when it comes about.
        """
        dialled: Future[None] = Future()

        def run() -> None:
            error: DeviceError | None = None
            try:
                self._client.connect(
                    self._mqtt.host,
                    self._mqtt.port,
                    keepalive=KEEPALIVE_S,
                    clean_start=False,
                    properties=_connect_properties(),
                )
                self._socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except (OSError, ValueError) as cause:  # a certificate or a host name can be a ValueError
                error = self._unreachable(cause)
            if not dialled.set_running_or_notify_cancel():
                self.hang_up()
            elif error is not None:
                dialled.set_exception(error)
            else:
                dialled.set_result(None)

        threading.Thread(target=run, name="broker-dial", daemon=True).start()
        return dialled

    def pump(self, timeout_s: float) -> None:
        """Give the connection a turn: wait so long for the broker or a wake-up, read, write, keep alive."""
        try:
            self._flush()
            self._turn(timeout_s)
        except _PAHO_ERRORS as error:
            raise DeviceError(f"The connection to the broker {self.name} broke: {error}.") from error
        if self._connack is not None:
            self._connected(*self._connack)
        if self._suback is not None:
            self._subscribed(self._suback)
        if self._end is not None:
            self._ended()

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, correlation: bytes | None = None
    ) -> int | None:
        """Send with QoS 1 and return the message's id; None, and an error in the log, if it can never go."""
        size = len(payload) + len(topic.encode()) + len(correlation or b"") + 32
        if self._max_packet is not None and size > self._max_packet:
            log.error(
                "%s: left out, %s bytes are more than the broker takes (%s)", topic, size, self._max_packet
            )
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
        """Tell the broker that a command is safe here."""
        self._client.ack(mid, 1)

    def close(self) -> None:
        """Take leave, so that the broker does not tell our will. What was published before has gone out."""
        with contextlib.suppress(*_PAHO_ERRORS):
            self._client.disconnect()
            self._flush()

    def hang_up(self) -> None:
        """Close the socket without a word, if it is open; the broker tells our will."""
        found = self._client.socket()
        if found is not None:
            found.close()

    def _new_client(self, will: bytes) -> Client:
        # Dots stand in no site or node, so that no two nodes have one id.
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"crossdock.{self._topics.site}.{self._topics.node}",
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # the window is the publisher's
        client.will_set(self._topics.state(), will, qos=1, retain=True)
        if self._mqtt.username is not None or self._mqtt.password_file is not None:
            client.username_pw_set(self._mqtt.username or "", read_password(self._mqtt.password_file))
        if self._mqtt.tls is not None:
            client.tls_set_context(tls_context(self._mqtt.tls))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        # With this set paho queues what it sends, and we write it in our turn.
        client.on_socket_register_write = lambda _client, _userdata, _sock: None
        return client

    def _socket(self) -> Any:
        found = self._client.socket()
        if found is None:
            self._ended()
        return found

    def _flush(self) -> None:
        if self._client.want_write():
            self._check(self._client.loop_write())

    def _turn(self, timeout_s: float) -> None:
        sock = self._socket()
        # TLS may hold bytes that it has read and that the kernel no longer shows.
        pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        poll = select.poll()
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        poll.register(self._waker, select.POLLIN)
        ready = dict(poll.poll(0 if pending else max(0, timeout_s) * 1000))
        self.was_woken = self._waker.fileno() in ready
        if self.was_woken:
            self._waker.clear()
        if pending or ready.get(sock.fileno(), 0) & ~select.POLLOUT:
            self._check(self._client.loop_read())
        self._flush()
        self._check(self._client.loop_misc())

    def _check(self, code: MQTTErrorCode) -> None:
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS and self._connack is None and self._end is None:
            raise ConnectionError(code.name)

    def _connected(self, reason: ReasonCode, properties: Properties | None) -> None:
        self._connack = None
        if reason.is_failure:
            raise DeviceError(
                f"The broker {self.name} refused this node: {reason}.",
                hint="Check [mqtt] username, password_file and tls against the broker's users.",
            )
        self.window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        self._max_packet = getattr(properties, "MaximumPacketSize", None)
        # A command that was left retained is an old one: it is not sent to us again with each connection.
        self._client.subscribe(
            self._topics.cmd(), options=SubscribeOptions(qos=1, retainHandling=_NO_RETAINED)
        )

    def _subscribed(self, reasons: list[ReasonCode]) -> None:
        self._suback = None
        if any(reason.is_failure for reason in reasons):
            raise DeviceError(
                f"The broker {self.name} does not let this node read {self._topics.cmd()}: {reasons[0]}.",
                hint="Allow it in the broker's access rules.",
            )
        self.is_open = True

    def _ended(self) -> NoReturn:
        reason, is_said = self._end or (None, False)
        if not is_said:
            raise DeviceError(f"The connection to the broker {self.name} was lost.")
        hint = ""
        if reason is not None and reason.getName() == "Session taken over":
            hint = "Another node with the same site and node name is connected: give each its own."
        raise DeviceError(f"The broker {self.name} ended the connection: {reason}.", hint=hint)

    def _unreachable(self, error: Exception) -> DeviceError:
        return DeviceError(
            f"The broker {self.name} cannot be reached: {error}.",
            hint="Check [mqtt] host, port and tls, the network, and that the broker runs.",
        )

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

    def _on_message(self, _c: Client, _u: Any, message: MQTTMessage) -> None:
        reply_to = None
        topic = getattr(message.properties, "ResponseTopic", None)
        if topic is not None:
            reply_to = ReplyTo(topic, getattr(message.properties, "CorrelationData", None))
        self.messages.append(Message(bytes(message.payload), message.mid, message.retain, reply_to))


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_EXPIRY_S
    properties.ReceiveMaximum = COMMANDS_UNACKED
    properties.MaximumPacketSize = MAX_PACKET_BYTES
    return properties


def read_password(path: Path | None) -> str | None:
    """Read the broker's password from its file, if there is one; raises DeviceError."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DeviceError(
            f"The broker's password cannot be read from {path}: {error}.",
            hint="Correct [mqtt] password_file or the file's rights.",
        ) from error


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Make the TLS of a connection to the broker: 1.2 and newer; raises DeviceError."""
    try:
        context = ssl.create_default_context(cafile=tls.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if tls.cert is not None:
            context.load_cert_chain(tls.cert, tls.key)
    except (OSError, ValueError) as error:
        files = ", ".join(str(path) for path in (tls.ca, tls.cert, tls.key) if path is not None)
        raise DeviceError(
            f"The broker's certificates cannot be used ({files}): {error}.",
            hint="Expected PEM files under [mqtt] tls: ca, and cert with its key.",
        ) from error
    return context
