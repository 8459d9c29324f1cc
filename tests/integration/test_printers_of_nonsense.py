"""A printer whose answers are no status: its labels come out, people are told, and it is asked again at times."""

import socket

import pytest

from drivers import asking
from drivers.simulated_printer import LabelPrinter
from edge.facts import DeviceKind, DeviceLost, DeviceReady, LabelPrinted, LabelUnsettled
from tests.labels import Queue
from tests.spooling import TIMEOUT_S, read_until, sink, spooling

pytestmark = pytest.mark.usefixtures("short_pauses")

NONSENSE = b"HTTP/1.1 400 Bad Request\r\n\r\n\x02,,,\x03"
COMPLAINT = (
    "Printer zebra-1 prints, but answers what is no status: nobody is told when it is out of paper. See that its "
    'language and its device are right; if it cannot tell, set its status = "off".'
)
READY = DeviceReady(DeviceKind.PRINTER, "zebra-1")
COMPLAINED = DeviceReady(DeviceKind.PRINTER, "zebra-1", COMPLAINT)


def good_status() -> bytes:
    """Ask a printer how it is, as it answers when all is well."""
    with LabelPrinter() as printer:
        host, port = printer.url.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
            connection.sendall(b"~HS")
            return read_until(connection, b"1234,0\x03\r\n")


def babbles(connection: socket.socket) -> None:
    while connection.recv(4096):
        connection.sendall(5 * NONSENSE)


def test_nonsense_for_an_answer_holds_nothing_up_and_is_told_once() -> None:
    queue = Queue(3)

    with sink(babbles) as peer, spooling(queue, peer.url):
        queue.wait_for(LabelPrinted, 3)

        assert queue.told(DeviceLost) == []
        assert queue.told(DeviceReady) == [READY, COMPLAINED]


def test_a_printer_that_begins_to_babble_is_believed_no_more_and_goes_on() -> None:
    queue = Queue(1)
    answer = good_status()

    def turns(connection: socket.socket) -> None:
        asked = 0
        while data := connection.recv(4096):
            asked += data.count(b"~HS")
            if b"~HS" in data:
                connection.sendall(answer if asked <= 3 else b"\x00\xff?")

    with sink(turns) as peer, spooling(queue, peer.url):
        queue.wait_for(LabelPrinted)
        queue.add(2)
        queue.wait_for(LabelPrinted, 3)

        assert queue.told(LabelUnsettled) == []
        assert queue.told(DeviceReady) == [READY, COMPLAINED]


def test_one_that_makes_sense_again_is_believed_again_though_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "ASK_AGAIN_FIRST_S", 0.0)
    queue = Queue(0)
    answers = iter([NONSENSE, NONSENSE])
    well = good_status()

    def comes_to_its_senses(connection: socket.socket) -> None:
        while connection.recv(4096):
            connection.sendall(next(answers, well))

    with sink(comes_to_its_senses) as peer, spooling(queue, peer.url):
        queue.wait_for(DeviceReady, 3)

        assert queue.told(DeviceReady) == [READY, COMPLAINED, READY]


def test_one_that_makes_sense_in_turns_is_not_told_of_with_each_label() -> None:
    queue = Queue(0)
    well, asked = good_status(), 0

    def in_turns(connection: socket.socket) -> None:
        nonlocal asked
        while data := connection.recv(4096):
            if b"~HS" in data:
                asked += 1
                connection.sendall(well if asked % 2 else NONSENSE)
            elif b"^XZ" in data:
                # What nobody asked for does not count any more.
                connection.sendall(well)

    with sink(in_turns) as peer, spooling(queue, peer.url):
        for count in range(1, 5):
            queue.add()
            queue.wait_for(LabelPrinted, count)

        assert queue.told(DeviceReady) == [READY, COMPLAINED]
        assert asked == 2


def test_a_loss_and_a_new_start_say_it_anew() -> None:
    queue = Queue(0)

    def hangs_up(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(NONSENSE)
        queue.wait_for(DeviceReady, 2)

    with sink(hangs_up, babbles) as peer, spooling(queue, peer.url):
        queue.wait_for(DeviceReady, 4)

        assert queue.told(DeviceReady) == [READY, COMPLAINED, READY, COMPLAINED]
