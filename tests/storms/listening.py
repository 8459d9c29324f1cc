"""Reads along what a node publishes, in order: each event for the first time without a hole, a repeat to the byte."""

import json
import threading
from collections.abc import Callable, Iterator

CONNECT, PUBLISH = 1, 3
MQTT5 = 5


class Listener:
    """Hears all connections of one node. `fouls` are sentences; `repeats` events that were published again."""

    def __init__(self) -> None:
        self.fouls: list[str] = []
        self.repeats = 0
        self._payloads: dict[str, list[bytes]] = {}
        self._lock = threading.Lock()

    def connection(self) -> Callable[[bytes], None]:
        """Begin to hear a connection; what is returned takes its bytes as they come."""
        reader = _Reader()

        def hear(data: bytes) -> None:
            with self._lock:
                for topic, payload in reader.published(data):
                    if "/evt/" in topic:
                        self._event(payload)

        return hear

    def _event(self, payload: bytes) -> None:
        event = json.loads(payload)
        known = self._payloads.setdefault(event["epoch"], [])
        seq = event["seq"]
        if seq == len(known) + 1:
            known.append(payload)
        elif seq > len(known) + 1:
            self.fouls.append(f"event {seq} was published first when {len(known) + 1} was due")
        else:
            self.repeats += 1
            if known[seq - 1] != payload:
                self.fouls.append(f"event {seq} was published again with other bytes")


class _Reader:
    """Cuts one connection's bytes into packets (MQTT 5 section 2.1, MQTT 3.1.1 section 2.2)."""

    def __init__(self) -> None:
        self._bytes = b""
        self._version = 0

    def published(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield topic and payload of each message that is whole by now."""
        self._bytes += data
        while (packet := self._next()) is not None:
            kind, flags, body = packet
            if kind == CONNECT:
                # The protocol's name, then its version.
                self._version = body[2 + int.from_bytes(body[:2], "big")]
            elif kind == PUBLISH:
                yield self._message(body, qos=(flags >> 1) & 3)

    def _message(self, body: bytes, *, qos: int) -> tuple[str, bytes]:
        end = 2 + int.from_bytes(body[:2], "big")
        topic = body[2:end].decode()
        end += 2 if qos else 0
        if self._version == MQTT5:
            length, begin = _number(body, end) or (0, end)
            end = begin + length
        return topic, body[end:]

    def _next(self) -> tuple[int, int, bytes] | None:
        found = _number(self._bytes, 1)
        if found is None or len(self._bytes) < found[1] + found[0]:
            return None
        length, begin = found
        head, body = self._bytes[0], self._bytes[begin : begin + length]
        self._bytes = self._bytes[begin + length :]
        return head >> 4, head & 15, body


def _number(data: bytes, at: int) -> tuple[int, int] | None:
    """A variable byte integer and where it ends; None while it is not whole (MQTT 5 section 1.5.5)."""
    value = 0
    for place, byte in enumerate(data[at : at + 4]):
        value |= (byte & 127) << (7 * place)
        if byte < 128:
            return value, at + place + 1
    return None
