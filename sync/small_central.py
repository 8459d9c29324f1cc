"""A central of a screenful, for the demo: sends commands to one node and collects what the node tells.

It keeps its session at the broker, so what is published while it is away waits there. Events are read strictly,
against the contract's own models, and must come without a hole: whatever does not is a fault.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import DeviceError, EdgeError
from sync.events import EventMessage, read_event
from sync.topics import Topics

SOURCE = "/demo/central"
KEEPALIVE_S = 5
SESSION_EXPIRY_S = 3600
"""Longer than any demo: a broker that comes back still knows this central."""
TURN_S = 0.1
"""How often a wait looks whether whoever it waits for has died."""


class SmallCentral:
    """What is upstream of one node. Its waits end with an EdgeError that says what did not come.

    `events` holds each event once, in order: the one with seq n stands at n - 1, and its bytes, as they came, in
    `payloads`. `alive` is called while waiting and raises when waiting has become useless.
    """

    def __init__(
        self, host: str, port: int, topics: Topics, *, alive: Callable[[], None] = lambda: None
    ) -> None:
        self.events: list[EventMessage] = []
        self.payloads: list[bytes] = []
        self.faults: list[str] = []
        self.repeats = 0
        self._host, self._port, self._topics, self._alive = host, port, topics, alive
        self._changed = threading.Condition()
        self._answers: dict[str, dict[str, Any]] = {}
        self._state: dict[str, Any] = {}
        self._levels: dict[str, dict[str, Any]] = {}
        self._sent = 0
        self._subscribed = 0
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id="demo-central", protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def connect(self, timeout_s: float) -> None:
        """Connect and subscribe; from here on nothing that the node publishes is missed."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        try:
            self._client.connect(
                self._host, self._port, keepalive=KEEPALIVE_S, clean_start=False, properties=properties
            )
        except OSError as error:
            raise DeviceError(
                f"Central cannot reach the broker at {self._host}:{self._port}: {error}."
            ) from error
        self._client.loop_start()
        self._wait(lambda: self._subscribed > 0, "the broker to confirm central's subscription", timeout_s)

    def close(self) -> None:
        """Leave; its thread has ended when this returns. Harmless if it never connected."""
        self._client.disconnect()
        self._client.loop_stop()

    def wait_back(self, timeout_s: float) -> None:
        """Wait until the connection stands again after the broker was away."""
        self._wait(self._client.is_connected, "central to be connected again", timeout_s)

    def wait_status(self, status: str, timeout_s: float) -> dict[str, Any]:
        """Wait until the node's `state` says so: "online" or "offline"."""
        self._wait(
            lambda: self._state.get("status") == status,
            lambda: f"the node's state to be {status!r}, which is {self._state or 'not there'}",
            timeout_s,
        )
        return self._state

    def wait_events(self, upto: int, timeout_s: float) -> None:
        """Wait until the event with this seq and all before it are here."""
        self._wait(
            lambda: len(self.events) >= upto,
            lambda: f"event {upto} at central, which has {len(self.events)}",
            timeout_s,
        )

    def level(self, sku: str) -> Mapping[str, Any]:
        """The item's last level that came, empty if none did."""
        with self._changed:
            return self._levels.get(sku, {})

    def command(self, type: str, data: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        """Send a command and wait for its answer on `res`."""
        with self._changed:
            self._sent += 1
            id = f"demo-{self._sent}"
        envelope = {
            "specversion": "1.0",
            "id": id,
            "source": SOURCE,
            "type": f"crossdock.{type}",
            "datacontenttype": "application/json",
            "data": data,
        }
        # What is asked while the broker is away goes out when it is back: paho keeps it.
        self._client.publish(self._topics.cmd(), json.dumps(envelope), qos=1)
        self._wait(lambda: id in self._answers, f"the answer to {type}", timeout_s)
        return self._answers[id]

    def _wait(self, done: Callable[[], bool], what: str | Callable[[], str], timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            self._alive()
            with self._changed:
                if self.faults:
                    raise EdgeError(f"What central got is not what the contract says: {self.faults[0]}")
                if self._changed.wait_for(done, TURN_S):
                    return
            if time.monotonic() > deadline:
                sentence = what if isinstance(what, str) else what()
                raise EdgeError(f"Waited {timeout_s:g} s for {sentence}.")

    # -- paho's thread: an exception here would end it without a word ---------------------------------------

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _: Properties | None
    ) -> None:
        if code.is_failure:
            self._note(f"the broker refused central: {code}")
            return
        topics = self._topics
        # Asked for again at each connect: a broker that lost its disk has forgotten us.
        wanted = (f"{topics.root}/evt/#", topics.state(), topics.level("+").replace("%2B", "+"), topics.res())
        client.subscribe([(topic, 1) for topic in wanted])

    def _on_subscribe(self, *_: object) -> None:
        with self._changed:
            self._subscribed += 1
            self._changed.notify_all()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        try:
            with self._changed:
                self._take(message.topic.removeprefix(f"{self._topics.root}/"), bytes(message.payload))
                self._changed.notify_all()
        except (ValueError, LookupError, TypeError) as error:
            self._note(f"{message.topic}: {error}")

    def _take(self, topic: str, payload: bytes) -> None:
        if topic.startswith("evt/"):
            self._take_event(read_event(payload), payload)
        elif topic == "res":
            answer = json.loads(payload)
            if answer["source"] == SOURCE:
                self._answers[answer["id"]] = answer
        elif topic == "state":
            self._state = json.loads(payload)
        elif payload:
            level = json.loads(payload)
            self._levels[level["sku"]] = level

    def _take_event(self, event: EventMessage, payload: bytes) -> None:
        due = len(self.events) + 1
        if event.seq == due:
            self.payloads.append(payload)
            self.events.append(event)
        elif event.seq < due:
            self.repeats += 1
        else:
            raise ValueError(f"event {event.seq} came when {due} was due: a hole")

    def _note(self, fault: str) -> None:
        with self._changed:
            self.faults.append(fault)
            self._changed.notify_all()
