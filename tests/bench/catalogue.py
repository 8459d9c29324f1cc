"""A whole catalogue and what lies where, loaded over MQTT in lists of 500, while people scan."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from edge.errors import EdgeError
from sync.local_broker import HOST
from tests.bench.node import Node
from tests.bench.table import Row, Scale, p50_p99

GOAL_S, GOAL_MB = 60.0, 80.0
ENTRIES = 500
"""Of a list command (contract section 6)."""
UNANSWERED = 100
"""Commands that central keeps open at most (contract section 6)."""
WITHIN_S = 600.0
PAUSE_S = 0.1
"""Between two scans: several people at work."""
ROOT = "crossdock/bench/node-1"

Command = tuple[str, dict[str, object]]


def measure(folder: Path, scale: Scale, say: Callable[[str], None]) -> Row:
    """Load a daemon by MQTT from the first command sent to the last one answered, and scan meanwhile."""
    items, positions = scale.catalogue, scale.catalogue // 2
    say(f"daemon: {items:,} items and {positions:,} positions over MQTT")
    with Node(folder) as node:
        node.start()
        with _Central(node.broker.port) as central:
            began = time.perf_counter()
            central.send(_commands(items, positions))
            scans = [_scan(node), _scan(node)]
            while not central.is_done(within_s=PAUSE_S):
                if time.perf_counter() - began > WITHIN_S:
                    raise EdgeError(f"{central.open} commands were not answered within {WITHIN_S:.0f} s.")
                scans.append(_scan(node))
            took = central.ended_at - began
        memory = node.memory_mb()["VmHWM"]
        node.stop()
    scan_50, scan_99 = p50_p99(scans)
    return Row(
        what=f"{items:,} items and {positions:,} positions over MQTT, {ENTRIES} a message",
        figure=f"{took:.1f} s, {memory:.0f} MB",
        floor="",
        ratio="",
        goal=f"<= {GOAL_S:.0f} s, {GOAL_MB:.0f} MB",
        is_reached=took <= GOAL_S and memory <= GOAL_MB,
        note=f"until the last answer; memory at its highest (VmHWM). Meanwhile {len(scans)} scans were accepted, p50 / "
        f"p99 {scan_50:.0f} / {scan_99:.0f} ms: each may wait for a list of {ENTRIES}.",
        limit="a list is checked, booked and told entry by entry in Python, on the engine's thread.",
    )


def _scan(node: Node) -> float:
    return 1000 * node.scan("SKU:ITEM-000000")


def _commands(items: int, positions: int) -> Iterator[Command]:
    """The catalogue, then a count of each place, which is new."""
    for first in range(0, items, ENTRIES):
        entries = [
            {"sku": f"ITEM-{n:06}", "name": f"Item {n}", "codes": [{"code": f"CASE-{n:06}", "pack": 12}]}
            for n in range(first, min(first + ENTRIES, items))
        ]
        yield "catalogue.upsert", {"items": entries}
    for first in range(0, positions, ENTRIES):
        lines = [
            {"sku": f"ITEM-{n:06}", "lot": f"LOT-{n % 7}", "qty": 24}
            for n in range(first, min(first + ENTRIES, positions))
        ]
        yield "stock.count", {"location": f"RACK-{first // ENTRIES:03}", "lines": lines}


class _Central:
    """Sends commands in order, at most a hundred unanswered, in a thread of its own."""

    def __init__(self, port: int) -> None:
        self.open = 0
        self.ended_at = 0.0
        self._changed = threading.Condition()
        self._faults: list[str] = []
        self._is_subscribed = self._is_sent = False
        self._port = port
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def __enter__(self) -> "_Central":
        self._client.connect(HOST, self._port)
        self._client.subscribe(f"{ROOT}/res", 1)
        self._client.loop_start()
        self._wait(lambda: self._is_subscribed, "to be subscribed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, commands: Iterator[Command]) -> None:
        threading.Thread(target=self._send, args=(commands,), daemon=True).start()

    def is_done(self, *, within_s: float) -> bool:
        """Wait so long for the last answer. Raises EdgeError for one that is not all good."""
        with self._changed:
            self._changed.wait_for(lambda: self._faults or (self._is_sent and not self.open), within_s)
            if self._faults:
                raise EdgeError(f"The node answered: {self._faults[0]:.300}")
            return self._is_sent and not self.open

    def _send(self, commands: Iterator[Command]) -> None:
        numbers = itertools.count(1)
        for type_, data in commands:
            self._wait(lambda: self.open < UNANSWERED, "an answer")
            with self._changed:
                self.open += 1
            number = next(numbers)
            message = {"specversion": "1.0", "id": f"c-{number}", "source": "/bench", "cmdseq": number}
            payload = json.dumps({**message, "type": f"crossdock.{type_}", "data": data})
            self._client.publish(f"{ROOT}/cmd", payload, qos=1)
        with self._changed:
            self._is_sent = True
            self._changed.notify_all()

    def _wait(self, is_so: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(is_so, WITHIN_S):
                raise EdgeError(f"Waited {WITHIN_S:.0f} s for {what}.")

    def _on_subscribe(self, *_: object) -> None:
        with self._changed:
            self._is_subscribed = True
            self._changed.notify_all()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        answer = json.loads(message.payload)
        with self._changed:
            self.open -= 1
            self.ended_at = time.perf_counter()
            if not answer["ok"] or answer.get("refused"):
                self._faults.append(message.payload.decode())
            self._changed.notify_all()
