"""A node's link and its central for tests against a real mosquitto, or a socket that plays one."""

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from config.settings import Mqtt, Settings
from edge.errors import DeviceError, EdgeError
from edge.facts import DeviceReady
from edge.outbox import EventRow
from sync.link import CentralLink
from tests import commands
from tests.fakes import FakeEngine, FakeOutbox

TIMEOUT_S = 20.0
ROOT = "crossdock/par1/dock-a"
BOTH_PROTOCOLS = pytest.mark.parametrize("protocol", ["5", "3.1.1"], indirect=True)
"""For a test that takes the node of the fixture."""


def wait_until(condition: Callable[[], object], what: str = "") -> None:
    """Look again and again, for a bounded time."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what or condition}"
        time.sleep(0.005)


class Central:
    """Whatever subscribes upstream: keeps what it got, in order."""

    def __init__(self, port: int, *, topic: str = f"{ROOT}/#") -> None:
        self.got: list[tuple[str, bytes, bool]] = []
        self.replies: list[tuple[str, bytes, bytes]] = []
        subscribed = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._on_message
        self.client.on_connect = lambda client, *_: client.subscribe([(topic, 1), ("replies/#", 1)])
        self.client.on_subscribe = lambda *_: subscribed.set()
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert subscribed.wait(TIMEOUT_S)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.topic.startswith("replies/"):
            correlation = getattr(message.properties, "CorrelationData", b"")
            self.replies.append((message.topic, bytes(message.payload), correlation))
        else:
            self.got.append((message.topic.removeprefix(ROOT + "/"), bytes(message.payload), message.retain))

    def events(self) -> list[bytes]:
        return [payload for topic, payload, _ in list(self.got) if topic.startswith("evt/")]

    def states(self) -> list[dict[str, object]]:
        return [json.loads(payload) for topic, payload, _ in list(self.got) if topic == "state"]

    def command(self, payload: bytes, *, qos: int = 1, retain: bool = False, reply: str = "") -> None:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if reply:
            properties.ResponseTopic, properties.CorrelationData = reply, b"\x00\xff"
        info = self.client.publish(f"{ROOT}/cmd", payload, qos=qos, retain=retain, properties=properties)
        info.wait_for_publish(TIMEOUT_S)

    def say(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish under the node's topics."""
        self.client.publish(f"{ROOT}/{topic}", payload, qos=1, retain=retain).wait_for_publish(TIMEOUT_S)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Node:
    """A link, its outbox and its engine, with the part of the supervisor: run again after a loss."""

    def __init__(self, port: int, *, mqtt: Mqtt | None = None, protocol: Literal["5", "3.1.1"] = "5") -> None:
        mqtt = mqtt or Mqtt(host="127.0.0.1", port=port, protocol=protocol)
        settings = Settings(site="par1", node="dock-a", data_dir=Path("unused"), mqtt=mqtt)
        self.outbox = FakeOutbox()
        self.engine = FakeEngine(self.outbox, confirm=mqtt.confirm)
        self.all_tried = True
        self.ready = threading.Event()
        self.errors: list[EdgeError] = []
        self.may_retry = threading.Event()
        self.may_retry.set()
        self.link = CentralLink(
            settings,
            lambda: self.outbox,
            self.engine.post,
            version="0.1.0",
            everything_tried=lambda: self.all_tried,
        )
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, *, wait: bool = True) -> None:
        self._stop = threading.Event()
        self.ready.clear()
        self._thread = threading.Thread(target=self._supervise, args=(self._stop,), daemon=True)
        self._thread.start()
        assert not wait or self.ready.wait(TIMEOUT_S), self.errors

    def _supervise(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self.link.run(stop=stop, ready=self.ready.set)
            except DeviceError as error:
                self.errors.append(error)
                self.ready.clear()
                stop.wait(0.05)
                self.may_retry.wait(TIMEOUT_S)

    def stop(self) -> float:
        """Stop it and return how long that took, in seconds."""
        began = time.monotonic()
        self._stop.set()
        self.link.wake()
        if self._thread is not None:
            self._thread.join(TIMEOUT_S)
            assert not self._thread.is_alive()
        return time.monotonic() - began

    def book(self, count: int, *, type: str = "stock.received", size: int = 0) -> None:
        book(self.outbox, count, type=type, size=size)
        self.link.wake()

    def payloads(self) -> list[bytes]:
        return [row.payload for row in self.outbox.rows]

    def complaints(self) -> list[str]:
        """What was told of a broker that works, in order; "" takes it back."""
        return [fact.text for fact in self.engine.facts if isinstance(fact, DeviceReady)]


def book(outbox: FakeOutbox, count: int, *, type: str = "stock.received", size: int = 0) -> None:
    """Leave so many events more to be told."""
    for _ in range(count):
        seq = len(outbox.rows) + 1
        payload = b'{"seq":%d,"text":"\xc3\xa9%s"}' % (seq, b"x" * size)
        outbox.rows.append(EventRow(seq, type, payload))


def packet(peer: socket.socket) -> tuple[int, bytes]:
    """Read one MQTT packet: its first byte and its body."""
    head = peer.recv(1)
    length = shift = 0
    while True:
        byte = peer.recv(1)[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    body = b""
    while len(body) < length:
        body += peer.recv(length - len(body))
    return head[0], body


def mid_of(publish: bytes) -> bytes:
    """The packet id of a PUBLISH with QoS 1."""
    after = 2 + int.from_bytes(publish[:2], "big")
    return publish[after : after + 2]


def command(id: str, type: str = "order.resume", data: object = None) -> bytes:
    return commands.command(type, data or {"order": "SO-1"}, id=id)
