"""The floor of what goes to a broker: paho alone with messages that it has in memory, its window always full."""

import select
import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.errors import EdgeError
from sync.dialects import WINDOW
from sync.local_broker import HOST

WITHIN_S = 120.0


class BarePaho:
    """A connection that does nothing else, in one thread: paho's own thread beside ours is slower."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_connected, self._acked = False, 0
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.max_inflight_messages_set(0)
        self._client.on_connect, self._client.on_publish = self._on_connect, self._on_publish
        # Queued by paho and written in our turn, as the link does.
        self._client.on_socket_register_write = lambda *_: None

    def __enter__(self) -> "BarePaho":
        self._client.connect(HOST, self._port)
        deadline = time.monotonic() + WITHIN_S
        while not self._is_connected:
            self._turn(deadline)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()

    def publish(self, messages: Sequence[tuple[str, bytes]]) -> float:
        """Publish topics and payloads with QoS 1, and return the seconds to the last PUBACK."""
        waiting, deadline = deque(messages), time.monotonic() + WITHIN_S
        sent, self._acked = 0, 0
        began = time.perf_counter()
        while self._acked < len(messages):
            while waiting and sent - self._acked < WINDOW:
                self._client.publish(*waiting.popleft(), qos=1)
                sent += 1
            self._turn(deadline)
        return time.perf_counter() - began

    def _turn(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise EdgeError(f"Bare paho had {self._acked} messages taken within {WITHIN_S:.0f} s.")
        self._client.loop_write()
        sock = self._client.socket()
        assert sock is not None
        select.select([sock], [sock] if self._client.want_write() else [], [], 1.0)
        self._client.loop_write()
        self._client.loop_read()

    def _on_connect(self, *_arguments: object) -> None:
        self._is_connected = True

    def _on_publish(self, *_arguments: object) -> None:
        self._acked += 1
