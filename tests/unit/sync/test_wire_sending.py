"""What paho writes goes to the broker's socket together, and all of it that the kernel takes."""

import socket
from collections.abc import Iterator

import pytest

from sync.wire import Wire

TIMEOUT_S = 20.0


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    ours, brokers = socket.socketpair()
    wire = Wire(ours)
    wire.setblocking(False)
    brokers.settimeout(TIMEOUT_S)
    with ours, brokers:
        yield wire, brokers


def test_the_packets_of_a_turn_go_together(ends: tuple[Wire, socket.socket]) -> None:
    wire, broker = ends
    wire.send(b"one")
    wire.send(b"two")
    broker.setblocking(False)
    with pytest.raises(BlockingIOError):
        broker.recv(100)

    wire.flush()

    assert broker.recv(100) == b"onetwo"
    assert not wire.has_unsent


def test_what_the_kernel_does_not_take_waits_for_the_next_turn(ends: tuple[Wire, socket.socket]) -> None:
    wire, broker = ends
    data = bytes(range(256)) * 8192
    wire.send(data)
    wire.flush()
    assert wire.has_unsent

    got = b""
    while len(got) < len(data):
        got += broker.recv(65536)
        wire.flush()

    assert got == data
    assert not wire.has_unsent


def test_what_was_written_last_goes_before_the_socket_is_closed(ends: tuple[Wire, socket.socket]) -> None:
    wire, broker = ends
    wire.send(b"\xe0\x00")

    wire.close()

    assert (broker.recv(100), broker.recv(100)) == (b"\xe0\x00", b"")


def test_what_the_broker_said_before_it_went_is_read_though_nothing_can_be_sent(
    ends: tuple[Wire, socket.socket],
) -> None:
    wire, broker = ends
    broker.sendall(b"\xe0\x01\x8e")
    broker.close()

    for _ in range(2):
        wire.send(b"more")
        wire.flush()

    assert wire.recv(100) == b"\xe0\x01\x8e"
    assert not wire.has_unsent
