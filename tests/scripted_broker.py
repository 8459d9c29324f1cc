"""A broker that answers as a test says: a socket that speaks the MQTT a node needs, or what a test writes to it."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType

from tests.mqtt import ROOT, TIMEOUT_S, packet


@dataclass(frozen=True, slots=True)
class Published:
    """A message as it came, its topic without the node's own."""

    topic: str
    payload: bytes
    mid: bytes
    is_retained: bool


class ScriptedBroker:
    """Takes one connection after the other; `got` is what was published over all of them, in order.

    `answer` gives the reason code for a message, or None to leave it open for `release`. `properties` are those
    of its CONNACK.
    """

    def __init__(self, *, properties: bytes = b"") -> None:
        self.got: list[Published] = []
        self.answer: Callable[[Published], int | None] = lambda _message: 0
        self.open: list[Published] = []
        self._properties = properties
        self._server = socket.create_server(("127.0.0.1", 0))
        self._peer: socket.socket | None = None
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "ScriptedBroker":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closed alone it would go on waiting for a call.
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.hang_up()
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()

    def hang_up(self) -> None:
        if self._peer is not None:
            with contextlib.suppress(OSError):
                self._peer.shutdown(socket.SHUT_RDWR)

    def release(self, reason: int = 0) -> None:
        """Answer what was left open."""
        while self.open:
            self._puback(self.open.pop(0), reason)

    def events(self) -> list[bytes]:
        return [message.payload for message in list(self.got) if message.topic.startswith("evt/")]

    def topics(self) -> list[str]:
        return [message.topic for message in list(self.got)]

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._peer, _ = self._server.accept()
                # A connection that ends is the node's or the test's doing.
                with self._peer, contextlib.suppress(OSError, IndexError):
                    self.open.clear()
                    while True:
                        self._take(*packet(self._peer))

    def _take(self, head: int, body: bytes) -> None:
        assert self._peer is not None
        match head >> 4:
            case 1:  # CONNECT
                length = len(self._properties)
                self._peer.sendall(
                    b"\x20" + bytes([3 + length]) + b"\x00\x00" + bytes([length]) + self._properties
                )
            case 8:  # SUBSCRIBE
                count = body.count(ROOT.encode())
                self._peer.sendall(b"\x90" + bytes([3 + count]) + body[:2] + b"\x00" + b"\x01" * count)
            case 3:  # PUBLISH
                self._publish(head, body)
            case _:
                pass

    def _publish(self, head: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2], "big")
        topic, mid, length = body[2:end].decode(), body[end : end + 2], body[end + 2]
        message = Published(
            topic.removeprefix(ROOT + "/"), body[end + 3 + length :], mid, is_retained=bool(head & 1)
        )
        self.got.append(message)
        reason = self.answer(message)
        if reason is None:
            self.open.append(message)
        else:
            self._puback(message, reason)

    def _puback(self, message: Published, reason: int) -> None:
        assert self._peer is not None
        self._peer.sendall(b"\x40\x04" + message.mid + bytes([reason, 0]))


@contextmanager
def scripted_broker() -> Iterator[socket.socket]:
    """A listening socket, for a test that says itself what a broker says."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        yield server


@contextmanager
def let_in(
    server: socket.socket,
    *,
    connack: bytes = b"\x20\x03\x00\x00\x00",
    suback: bytes = b"\x01\x01",
    v5: bool = True,
) -> Iterator[socket.socket]:
    """Take the next call, let the node in and answer its subscription; the socket on which the broker is played."""
    peer, _ = server.accept()
    with peer:
        peer.settimeout(TIMEOUT_S)
        assert packet(peer)[0] >> 4 == 1
        peer.sendall(connack)
        kind, body = packet(peer)
        assert kind >> 4 == 8
        reasons = body[:2] + (b"\x00" if v5 else b"") + suback
        peer.sendall(b"\x90" + bytes([len(reasons)]) + reasons)
        yield peer


def publish(topic: str, payload: bytes, mid: int, *, v5: bool = True) -> bytes:
    """A message of QoS 1 as a broker sends it."""
    name = topic.encode()
    body = len(name).to_bytes(2, "big") + name + mid.to_bytes(2, "big") + (b"\x00" if v5 else b"") + payload
    return b"\x32" + length(len(body)) + body


def length(value: int) -> bytes:
    """A length as MQTT writes it (MQTT 5 section 1.5.5)."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
