"""What comes from a broker's socket reaches paho in whole packets, bounded, and only while there is room."""

import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from edge.right_of_way import RightOfWay
from sync.wire import CHUNK_BYTES, CHUNKS, MAX_BODY_BYTES, PLACE_BYTES, Wire, places
from tests.scripted_broker import length, publish

TIMEOUT_S = 20.0
PINGRESP = b"\xd0\x00"


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    ours, brokers = socket.socketpair()
    wire = Wire(ours)
    wire.room = 10
    wire.setblocking(False)
    brokers.settimeout(TIMEOUT_S)
    with ours, brokers:
        yield wire, brokers


def read(wire: Wire) -> bytes:
    """All that can be read now, in the small steps in which paho reads."""
    got = b""
    while True:
        try:
            piece = wire.recv(7)
        except BlockingIOError:
            return got
        if not piece:
            return got
        got += piece


def test_packets_come_as_they_were_sent_however_they_are_cut(ends: tuple[Wire, socket.socket]) -> None:
    wire, broker = ends
    sent = publish("t", b"x" * 300, 1) + PINGRESP + publish("t", b"", 2)

    got = b""
    for byte in sent:
        broker.sendall(bytes([byte]))
        got += read(wire)

    assert got == sent


def test_a_message_waits_until_there_is_room_and_what_is_behind_it_too(
    ends: tuple[Wire, socket.socket],
) -> None:
    wire, broker = ends
    first, second = publish("t", b"1", 1), publish("t", b"2", 2)
    wire.room = 1
    broker.sendall(first + second + PINGRESP)

    assert read(wire) == first
    assert (wire.is_held, wire.has_more) == (True, False)
    wire.room = 1
    assert wire.has_more
    assert read(wire) == second + PINGRESP
    assert not wire.is_held


def test_long_messages_take_more_room_so_that_few_of_them_are_held(
    ends: tuple[Wire, socket.socket],
) -> None:
    wire, broker = ends
    long, short = publish("t", b"x" * (5 * PLACE_BYTES), 1), publish("t", b"", 2)
    wire.room = 8
    sender = threading.Thread(target=broker.sendall, args=(long + short + long + short,))
    sender.start()

    got, deadline = b"", time.monotonic() + TIMEOUT_S
    while wire.room > 0 and time.monotonic() < deadline:
        got += read(wire)
    sender.join(TIMEOUT_S)

    assert (got, wire.room, wire.is_held) == (long + short + long, -5, True)


@pytest.mark.parametrize("way", ["in", "out"])
def test_at_each_packet_it_gives_way_to_scans(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.right_of_way.GIVES_MOST_S", TIMEOUT_S)
    scans = RightOfWay()
    ours, brokers = socket.socketpair()
    with ours, brokers:
        wire = Wire(ours, scans)
        wire.room = 1
        brokers.sendall(PINGRESP)
        scans.claim()
        has_gone_on = threading.Event()

        def work() -> None:
            wire.recv(2) if way == "in" else wire.send(PINGRESP)
            has_gone_on.set()

        threading.Thread(target=work, daemon=True).start()

        assert not has_gone_on.wait(0.05)
        scans.release()
        assert has_gone_on.wait(TIMEOUT_S)


def test_of_a_message_that_is_too_long_the_beginning_comes_and_then_the_next(
    ends: tuple[Wire, socket.socket],
) -> None:
    wire, broker = ends
    huge = 64 * 1024 * 1024
    topic = b"\x00\x01t\x00\x05\x00"
    wire.room = places(huge)

    def send() -> None:
        broker.sendall(b"\x32" + length(len(topic) + huge) + topic)
        for _ in range(huge // CHUNK_BYTES):
            broker.sendall(bytes(CHUNK_BYTES))
        broker.sendall(publish("t", b"next", 6))

    sender = threading.Thread(target=send, daemon=True)
    tracemalloc.start()
    sender.start()
    got = bytearray()
    deadline = time.monotonic() + TIMEOUT_S
    cut = 0
    while not got.endswith(b"next"):
        assert time.monotonic() < deadline
        try:
            got += wire.recv(MAX_BODY_BYTES)
        except BlockingIOError:
            continue
        cut = max(cut, wire.left_out)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    sender.join(TIMEOUT_S)

    head = b"\x32" + length(MAX_BODY_BYTES)
    assert len(got) == len(head) + MAX_BODY_BYTES + len(publish("t", b"next", 6))
    assert got.startswith(head + topic)
    assert cut == len(topic) + huge - MAX_BODY_BYTES
    assert wire.left_out == 0
    assert peak < 12 * 1024 * 1024


class Flood(socket.socket):
    """A broker that sends a message of 200 MB faster than it can be read."""

    reads = 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        self.reads += 1
        head = b"\x32" + length(200 * 1024 * 1024) if self.reads == 1 else b""
        return head + bytes(size - len(head))


def test_a_flood_leaves_time_for_other_things() -> None:
    with Flood() as flood:
        wire = Wire(flood)
        wire.room = 1

        with pytest.raises(BlockingIOError):
            wire.recv(1)

        assert flood.reads == CHUNKS


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (b"\x90" + length(MAX_BODY_BYTES + 1), "it sent a packet of 1179649 bytes that is no message"),
        (b"\xff\xff\xff\xff\xff\xff", "it sent a packet without a length"),
    ],
)
def test_what_no_broker_sends_ends_the_connection(
    ends: tuple[Wire, socket.socket], sent: bytes, words: str
) -> None:
    wire, broker = ends
    broker.sendall(sent)

    with pytest.raises(ConnectionError, match=words):
        wire.recv(1)

    assert str(wire.error) == words


def test_an_idle_broker_is_asked_for_a_sign_of_life(ends: tuple[Wire, socket.socket]) -> None:
    wire, broker = ends

    wire.keep_alive(10.0)
    wire.heard_at = wire.spoke_at = wire.pinged_at = time.monotonic() - 11
    wire.keep_alive(10.0)
    wire.keep_alive(10.0)

    broker.setblocking(False)
    assert broker.recv(100) == b"\xc0\x00"


def test_a_silent_broker_is_lost(ends: tuple[Wire, socket.socket]) -> None:
    wire, _ = ends
    wire.heard_at = time.monotonic() - 21

    with pytest.raises(ConnectionError, match="it was silent for 20 s"):
        wire.keep_alive(10.0)


def test_a_broker_that_is_not_read_is_told_that_we_live_and_not_taken_for_dead(
    ends: tuple[Wire, socket.socket],
) -> None:
    wire, broker = ends
    wire.room = 0
    broker.sendall(publish("t", b"1", 1))
    assert read(wire) == b""
    wire.heard_at = wire.spoke_at = wire.pinged_at = time.monotonic() - 100

    wire.keep_alive(10.0)

    assert broker.recv(100) == b"\xc0\x00"
