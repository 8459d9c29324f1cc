"""Central, as the contract sees it: collects what the node publishes, notes breaches, sends commands."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from tests.integration.blackbox.events import LEFT_OUT, Event, JsonObject, compare, escaped, holds
from tests.integration.blackbox.mosquitto import HOST
from tests.integration.blackbox.waits import PATIENCE_S

T = TypeVar("T")

SITE, NODE, PREFIX = "par1", "dock-a", "crossdock"
ROOT = f"{PREFIX}/{SITE}/{NODE}"


@dataclass(slots=True)
class Heard:
    """All that was heard so far. `faults` are breaches of the contract seen on arrival."""

    events: list[Event] = field(default_factory=list)
    repeats: int = 0
    levels: dict[str, JsonObject] = field(default_factory=dict)
    states: list[JsonObject] = field(default_factory=list)
    answers: dict[str, list[bytes]] = field(default_factory=dict)
    replies: list[MQTTMessage] = field(default_factory=list)
    snapshots: dict[str, list[bytes]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Central:
    """Subscribes to one node. Waits end with a TimeoutError that tells what was heard instead."""

    def __init__(self, port: int) -> None:
        self.heard = Heard()
        self._port = port
        self._changed = threading.Condition()
        self._ids = itertools.count(1)
        self._read = 0
        self._client: Client | None = None

    # -- the connection ------------------------------------------------------------------------------------

    def connect(self) -> None:
        """Connect and subscribe; back when the broker has confirmed the subscription."""
        subscribed = threading.Event()
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)

        def on_connect(
            client: Client, _data: Any, _flags: ConnectFlags, _code: ReasonCode, _p: Properties | None
        ) -> None:
            topics = ("evt/#", "state", "stock/#", "res", "snap/#", "reply/#")
            client.subscribe([(f"{ROOT}/{topic}", 1) for topic in topics])

        def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
            with self._changed:
                self._take(message)
                self._changed.notify_all()

        client.on_connect = on_connect
        client.on_subscribe = lambda *_: subscribed.set()
        client.on_message = on_message
        client.connect(HOST, self._port)
        client.loop_start()
        assert subscribed.wait(PATIENCE_S), "mosquitto did not confirm central's subscription"
        self._client = client

    def disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            client.loop_stop()

    # -- what is heard -------------------------------------------------------------------------------------

    def _take(self, message: MQTTMessage) -> None:
        topic, payload = message.topic.removeprefix(f"{ROOT}/"), bytes(message.payload)
        if topic.startswith("evt/"):
            self._take_event(topic, payload)
        elif topic.startswith("stock/"):
            self._take_level(topic, message)
        elif topic == "state":
            self.heard.states.append(json.loads(payload))
        elif topic == "res":
            self.heard.answers.setdefault(json.loads(payload)["id"], []).append(payload)
        elif topic.startswith("snap/"):
            self.heard.snapshots.setdefault(unquote(topic.removeprefix("snap/")), []).append(payload)
        else:
            self.heard.replies.append(message)

    def _take_event(self, topic: str, payload: bytes) -> None:
        envelope = json.loads(payload)
        seq, known = envelope["seq"], self.heard.events
        if seq == len(known) + 1:
            kind = envelope["type"].removeprefix("crossdock.")
            known.append(Event(seq, kind, envelope["data"], envelope, payload, topic))
        elif 1 <= seq <= len(known):
            self.heard.repeats += 1
            if known[seq - 1].payload != payload:
                self.heard.faults.append(f"event {seq} came again with other bytes: {payload!r}")
        else:
            self.heard.faults.append(f"event {seq} came, {len(known) + 1} was due: a hole")

    def _take_level(self, topic: str, message: MQTTMessage) -> None:
        if not message.payload:
            self.heard.levels.pop(unquote(topic.removeprefix("stock/")), None)
            return
        level = json.loads(message.payload)
        self.heard.levels[level["sku"]] = level
        if topic != "stock/" + escaped(level["sku"]):
            self.heard.faults.append(f"the level of {level['sku']!r} came on {topic}")
        if not message.retain and level["seq"] > len(self.heard.events):
            self.heard.faults.append(f"the level of {topic} came before event {level['seq']}, whose it is")

    def wait(self, look: Callable[[Heard], T | None], what: str, *, timeout_s: float = PATIENCE_S) -> T:
        """Wait until `look` finds something in what was heard."""
        end = time.monotonic() + timeout_s
        with self._changed:
            while True:
                found = look(self.heard)
                if found is not None and found is not False:
                    return found
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"Central waited {timeout_s:.0f} s for {what}; {self._last()}")
                self._changed.wait(left)

    def _last(self) -> str:
        heard = self.heard
        lines = [str(event) for event in heard.events[-12:]]
        return "\n  ".join([f"levels {heard.levels}, faults {heard.faults}, the last events:", *lines])

    def event(self, kind: str, /, *, after: int = 0, timeout_s: float = PATIENCE_S, **data: object) -> Event:
        """The first event of that type beyond seq `after` whose data holds these values."""

        def look(heard: Heard) -> Event | None:
            return next((e for e in heard.events[after:] if e.type == kind and holds(e.data, data)), None)

        return self.wait(look, f"{kind} with {data} after seq {after}", timeout_s=timeout_s)

    def events(self, *kinds: str) -> list[Event]:
        """The events of these types so far, in order; all without a type."""
        with self._changed:
            return [event for event in self.heard.events if not kinds or event.type in kinds]

    def expect(
        self,
        *expected: tuple[str, Mapping[str, object]],
        timeout_s: float = PATIENCE_S,
    ) -> list[Event]:
        """The next events, exactly these in this order, data compared as far as it is given.

        `label.*` and `exception.*` are passed over. Releases may come in any order, and so may
        allocations of one order. An event too many is found by the next `expect`.
        """

        def look(heard: Heard) -> list[Event] | None:
            told = [e for e in heard.events[self._read :] if not e.type.startswith(LEFT_OUT)]
            return told[: len(expected)] if len(told) >= len(expected) else None

        found = self.wait(look, f"{[kind for kind, _ in expected]}", timeout_s=timeout_s)
        self._read = found[-1].seq if found else self._read
        compare(found, expected)
        return found

    def level(self, sku: str, **values: int) -> JsonObject:
        """Wait until the item's level holds these values."""

        def look(heard: Heard) -> JsonObject | None:
            level = heard.levels.get(sku)
            return level if level is not None and holds(level, values) else None

        return self.wait(look, f"the level of {sku} with {values}")

    def state(self, status: str, *, session: int | None = None, timeout_s: float = PATIENCE_S) -> JsonObject:
        """Wait until the last state says so, of that session if given."""

        def look(heard: Heard) -> JsonObject | None:
            last = heard.states[-1] if heard.states else {}
            return last if last.get("status") == status and session in (None, last["session"]) else None

        return self.wait(look, f"state {status} of session {session}", timeout_s=timeout_s)

    # -- commands ------------------------------------------------------------------------------------------

    def send_raw(self, payload: bytes, properties: Properties | None = None) -> None:
        assert self._client is not None, "central is not connected"
        self._client.publish(f"{ROOT}/cmd", payload, qos=1, properties=properties).wait_for_publish(
            PATIENCE_S
        )

    def send(
        self,
        kind: str,
        data: JsonObject,
        *,
        id: str | None = None,
        reply_to: str | None = None,
        **fields: object,
    ) -> str:
        """Send a command without waiting for its answer; returns its id."""
        id = id or f"c-{next(self._ids)}"
        envelope = {
            "specversion": "1.0",
            "id": id,
            "source": "/erp",
            "type": f"crossdock.{kind}",
            "datacontenttype": "application/json",
            "data": data,
        }
        properties = None
        if reply_to is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.ResponseTopic = f"{ROOT}/{reply_to}"
            properties.CorrelationData = id.encode()
        self.send_raw(json.dumps({**envelope, **fields}).encode(), properties)
        return id

    def answer(self, id: str, *, nth: int = 1, timeout_s: float = PATIENCE_S) -> JsonObject:
        """Wait for the answer to a command, or for its nth repetition."""

        def look(heard: Heard) -> bytes | None:
            answers = heard.answers.get(id, [])
            return answers[nth - 1] if len(answers) >= nth else None

        answer: JsonObject = json.loads(self.wait(look, f"answer {nth} to {id}", timeout_s=timeout_s))
        return answer

    def command(self, kind: str, **data: object) -> JsonObject:
        """Send a command and wait for its answer."""
        return self.answer(self.send(kind, data))

    def do(self, kind: str, **data: object) -> JsonObject:
        """Send a command that must be accepted, and wait for the events that it made."""
        answer = self.command(kind, **data)
        assert answer["ok"] is True, f"{kind} {data} was answered {answer}"
        last = answer.get("last_seq") or 0
        self.wait(lambda heard: len(heard.events) >= last, f"event {last} of {kind}")
        return answer
