"""A publisher on a connection of its own, turned by the test: nothing happens but in its turns."""

import time
from collections.abc import Callable
from types import TracebackType

from config.settings import Mqtt
from edge.facts import DeviceReady
from sync.caller import node
from sync.client import Connection, Waker
from sync.complaints import Complaints
from sync.credentials import Credentials
from sync.event_lanes import SILENCE_S
from sync.publisher import Publisher
from sync.topics import Topics
from tests.fakes import FakeEngine, FakeOutbox
from tests.mqtt import TIMEOUT_S

TOPICS = Topics("crossdock", "par1", "dock-a")


class Sending:
    """What one connection of a node that has `confirm = "central"` publishes, until the block ends."""

    def __init__(self, port: int, outbox: FakeOutbox, *, silence_s: float = SILENCE_S) -> None:
        mqtt = Mqtt(host="127.0.0.1", port=port, confirm="central")
        self.outbox, self.engine = outbox, FakeEngine(outbox, confirm="central")
        waker = Waker()
        self._connection = Connection(
            (mqtt.host, port), mqtt, node(TOPICS, mqtt, will=b"", receive_max=64), Credentials(mqtt), waker
        )
        self._connection.dial().result(TIMEOUT_S)
        self._pump_until(lambda: self._connection.is_open)
        self.publisher = Publisher(
            *(self._connection, outbox, TOPICS),
            mqtt=mqtt,
            complaints=Complaints(self.engine.post),
            post=self.engine.post,
            wake=waker.wake,
            silence_s=silence_s,
        )

    def __enter__(self) -> "Sending":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.publisher.close()
        self._connection.hang_up()

    def confirm(self, seq: int) -> None:
        """Central says that it has all events to this one."""
        self.outbox.confirmed["events"] = seq
        self.publisher.confirmed(seq)

    def turn(self) -> None:
        self._connection.pump(min(0.02, self.publisher.wait_s()))
        while self._connection.acks:
            self.publisher.settle(*self._connection.acks.popleft())
        self.publisher.call()
        self.publisher.turn()

    def until(self, condition: Callable[[], object]) -> None:
        """Give it turns for a bounded time."""
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, f"in vain: {condition}"
            self.turn()

    def rest(self, seconds: float) -> None:
        """Give it turns for so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.turn()

    def complaints(self) -> list[str]:
        return [fact.text for fact in self.engine.facts if isinstance(fact, DeviceReady)]

    def _pump_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not condition():
            assert time.monotonic() < deadline, "the broker let nobody in"
            self._connection.pump(0.02)
