"""The spool over real TCP: at least once whatever fails, never twice unmarked, in the order of the jobs."""

import socket
import time
from concurrent.futures import Future
from typing import Literal

import pytest

from config.settings import Printer
from drivers.simulated_printer import LabelPrinter
from drivers.spool import SpooledPrinter
from edge.errors import EdgeError, UsageError
from edge.facts import (
    Answer,
    DeviceLost,
    DeviceReady,
    Fact,
    LabelFailed,
    LabelPrinted,
    LabelSending,
    LabelUnsettled,
)
from tests.labels import Queue
from tests.spooling import TIMEOUT_S, copies, orders, read_until, reset, sink, spooling

pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a label is soon unknown where its printer is in trouble, and soon asked about where it stays."""
    monkeypatch.setattr("drivers.spool.TROUBLE_S", 0.5)
    monkeypatch.setattr("drivers.zpl_status.STAYS_S", 0.2)


@pytest.mark.parametrize("answers_status", [True, False])
@pytest.mark.parametrize("language", ["zpl", "escpos"])
def test_labels_are_printed_once_and_told_in_order(
    language: Literal["zpl", "escpos"], answers_status: bool
) -> None:
    queue = Queue(3)
    with (
        LabelPrinter(language=language, answers_status=answers_status) as printer,
        spooling(queue, printer.url, language=language),
    ):
        queue.wait_for(LabelPrinted, 3)

        assert printer.wait_for(3, TIMEOUT_S)
        assert len(printer.labels) == 3
        assert [fact for fact in queue.facts if not isinstance(fact, DeviceReady)] == [
            fact for job in (1, 2, 3) for fact in (LabelSending(job), LabelPrinted(job))
        ]


def test_labels_wait_for_a_printer_that_is_off_and_then_come_in_order() -> None:
    queue = Queue(3)
    with LabelPrinter() as printer:
        printer.off()
        with spooling(queue, printer.url):
            queue.wait_for(DeviceLost)
            printer.on()
            queue.wait_for(LabelPrinted, 3)

        assert orders(printer.labels) == ["L-000001", "L-000002", "L-000003"]
        assert copies(printer.labels) == [False] * 3
        lost = queue.told(DeviceLost)
        assert len(lost) == 1
        assert f"Printer zebra-1 cannot be reached at {printer.url}: Connection refused." in str(lost[0])


def test_a_printer_without_paper_gets_no_byte_and_its_label_no_mark() -> None:
    queue = Queue(0)
    with LabelPrinter(silent_when_out=False) as printer, spooling(queue, printer.url):
        queue.wait_for(DeviceReady)
        printer.paper_out = True
        queue.add(2)
        queue.wait_for(DeviceLost)
        assert queue.told(LabelSending) == []

        printer.paper_out = False
        queue.wait_for(LabelPrinted, 2)

        assert copies(printer.labels) == [False, False]
        (lost,) = queue.told(DeviceLost)
        assert isinstance(lost, DeviceLost)
        assert lost.text == "Printer zebra-1 is out of paper: put in a roll; labels go on by themselves."


def test_silence_of_a_printer_that_has_answered_is_no_paper() -> None:
    queue = Queue(1)
    with LabelPrinter(silent_when_out=True) as printer, spooling(queue, printer.url):
        queue.wait_for(LabelPrinted)
        printer.head_open = True
        queue.add()
        queue.wait_for(DeviceLost)
        assert len(queue.told(LabelSending)) == 1

        printer.head_open = False
        queue.wait_for(LabelPrinted, 2)

        assert copies(printer.labels) == [False, False]
        assert "does not answer: see that it has paper" in str(queue.told(DeviceLost)[0])


@pytest.mark.parametrize(
    ("trouble", "what"), [("paper_out", "is out of paper"), ("head_open", "has its head open")]
)
def test_a_printer_silent_for_its_trouble_that_tells_its_errors_names_it_and_loses_no_label(
    trouble: str, what: str
) -> None:
    queue = Queue(0)
    with LabelPrinter(silent_when_out=True, tells_errors=True) as printer:
        # From the start: nobody has heard of it yet, and its label must not be taken for printed.
        setattr(printer, trouble, True)
        queue.add()
        with spooling(queue, printer.url):
            queue.wait_for(DeviceLost)
            assert queue.told(LabelSending) == []

            setattr(printer, trouble, False)
            queue.wait_for(LabelPrinted)

    assert copies(printer.labels) == [False]
    assert f"Printer zebra-1 {what}: " in str(queue.told(DeviceLost)[0])


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("language", ["zpl", "escpos"])
def test_a_cutter_that_is_stuck_within_a_label_is_told_and_costs_one_copy(
    language: Literal["zpl", "escpos"],
) -> None:
    queue = Queue(1)

    def stick(fact: Fact) -> None:
        if fact == LabelSending(2) and not queue.told(LabelUnsettled):
            printer.cutter_stuck = True

    queue.before = stick
    with (
        LabelPrinter(language=language, tells_errors=True) as printer,
        spooling(queue, printer.url, language=language),
    ):
        queue.wait_for(LabelPrinted)
        queue.add(2)
        # Also once the label's end is unknown: until it is mended nothing more goes into it.
        queue.wait_for(DeviceLost, 1, timeout_s=20)
        printer.cutter_stuck = False
        queue.wait_for(LabelPrinted, 3, timeout_s=20)

        # It kept the one that it had: twice, but marked.
        assert printer.wait_for(4, TIMEOUT_S)
        assert len(queue.told(LabelUnsettled)) == 1
        assert "Printer zebra-1 has a cutter that is stuck: clear it" in str(queue.told(DeviceLost)[0])


@pytest.mark.parametrize("trouble", ["paper_out", "head_open"])
def test_a_receipt_printer_names_its_trouble(trouble: str) -> None:
    queue = Queue(0)
    with (
        LabelPrinter(language="escpos", silent_when_out=False) as printer,
        spooling(queue, printer.url, language="escpos"),
    ):
        queue.wait_for(DeviceReady)
        setattr(printer, trouble, True)
        queue.add()
        queue.wait_for(DeviceLost)
        setattr(printer, trouble, False)
        queue.wait_for(LabelPrinted)

        what = {"paper_out": "is out of paper", "head_open": "has its cover open"}[trouble]
        assert f"Printer zebra-1 {what}: " in str(queue.told(DeviceLost)[0])


def test_a_printer_that_dies_within_a_label_gets_it_again_as_a_copy() -> None:
    queue = Queue(2)
    got: list[bytes] = []

    def dies(connection: socket.socket) -> None:
        read_until(connection, b"^XA")
        reset(connection)

    def lives(connection: socket.socket) -> None:
        read_until(connection, b"~HS")
        while data := read_until(connection, b"^XZ"):
            got.append(data)

    with sink(dies, lives) as peer, spooling(queue, peer.url):
        queue.wait_for(LabelPrinted, 2)

        assert [type(fact) for fact in queue.facts if not isinstance(fact, DeviceReady | DeviceLost)] == [
            LabelSending,
            LabelUnsettled,
            LabelSending,
            LabelPrinted,
            LabelSending,
            LabelPrinted,
        ]
        assert orders(got) == ["L-000001", "L-000002"]
        assert copies(got) == [True, False]


@pytest.mark.usefixtures("impatient")
def test_a_printer_in_trouble_over_a_label_gets_it_again_as_a_copy() -> None:
    queue = Queue(1)

    def pause(fact: Fact) -> None:
        if fact == LabelSending(2) and not queue.told(LabelUnsettled):
            printer.paused = True

    queue.before = pause
    with LabelPrinter() as printer, spooling(queue, printer.url):
        queue.wait_for(LabelPrinted)
        queue.add()
        queue.wait_for(LabelUnsettled, timeout_s=20)
        printer.paused = False
        queue.wait_for(LabelPrinted, 2)

        # It kept the one that it had: twice, but marked.
        assert orders(printer.labels) == ["L-000001", "L-000002", "L-000002"]
        assert copies(printer.labels) == [False, False, True]
        assert "Printer zebra-1 is paused: press its pause key" in str(queue.told(LabelUnsettled)[0])


def test_a_print_server_that_hangs_up_behind_each_label_is_understood_after_one_copy() -> None:
    queue = Queue(3)
    got: list[bytes] = []

    def one_label(connection: socket.socket) -> None:
        read_until(connection, b"~HS")
        # The spool connects again behind the last label, and hangs up without one when the test ends.
        if label := read_until(connection, b"^XZ\n"):
            got.append(label)

    with sink(one_label) as peer, spooling(queue, peer.url):
        queue.wait_for(LabelPrinted, 3, timeout_s=20)

    assert orders(got) == ["L-000001", "L-000001", "L-000002", "L-000003"]
    assert copies(got) == [False, True, False, False]


def test_a_printer_is_not_asked_where_the_site_says_so() -> None:
    queue = Queue(1)
    with LabelPrinter() as printer, spooling(queue, printer.url, status="off"):
        queue.wait_for(LabelPrinted)

        assert b"~HS" not in printer.received


def test_a_dumb_printer_is_asked_once_and_waited_for_once() -> None:
    queue = Queue(0)
    with LabelPrinter(answers_status=False) as printer, spooling(queue, printer.url):
        queue.wait_for(DeviceReady)
        started_at = time.monotonic()
        queue.add(4)
        queue.wait_for(LabelPrinted, 4)

        assert time.monotonic() - started_at < 4 * 0.5
        assert printer.received.count(b"~HS") == 1


def test_an_idle_printer_gets_the_first_byte_quickly() -> None:
    queue = Queue(0)
    with LabelPrinter() as printer, spooling(queue, printer.url):
        queue.wait_for(DeviceReady)
        taken_s = []
        for count in range(1, 6):
            started_at = time.monotonic()
            queue.add()
            assert printer.wait_for(count, TIMEOUT_S)
            taken_s.append(time.monotonic() - started_at)
            queue.wait_for(LabelPrinted, count)

        assert min(taken_s) < 0.03


def test_a_printer_switched_off_while_idle_is_told() -> None:
    queue = Queue(0)
    with LabelPrinter() as printer, spooling(queue, printer.url):
        queue.wait_for(DeviceReady)
        printer.off()
        queue.wait_for(DeviceLost)
        printer.on()
        queue.wait_for(DeviceReady, 2)
        queue.add()
        queue.wait_for(LabelPrinted)

        assert copies(printer.labels) == [False]


def test_a_label_that_cannot_be_drawn_is_given_up_and_holds_nothing_up() -> None:
    queue = Queue(0)
    queue.add(1, order="SO-\x1b")
    queue.add(1)
    with LabelPrinter() as printer, spooling(queue, printer.url):
        queue.wait_for(LabelPrinted)

        (failed,) = queue.told(LabelFailed)
        assert isinstance(failed, LabelFailed)
        assert failed.job == 1
        assert "printable ASCII" in failed.text
        assert len(printer.labels) == 1


def test_a_job_that_was_being_sent_when_the_process_died_is_a_copy() -> None:
    queue = Queue(1)
    queue.post(LabelSending(1))
    with LabelPrinter() as printer, spooling(queue, printer.url):
        queue.wait_for(LabelPrinted)

        assert copies(printer.labels) == [True]


def test_no_byte_leaves_before_it_is_on_disk_that_it_will() -> None:
    queue = Queue(1)
    received: list[bytes] = []

    def look(fact: Fact) -> None:
        if isinstance(fact, LabelSending):
            received.append(printer.received)

    queue.before = look
    with LabelPrinter() as printer, spooling(queue, printer.url):
        queue.wait_for(LabelPrinted)

    assert [b"^XA" in data for data in received] == [False]


def test_a_fact_that_cannot_be_booked_sends_no_byte() -> None:
    queue = Queue(1)
    refused: Future[Answer] = Future()
    refused.set_exception(EdgeError("The disk is full.", transient=True))
    post = queue.post

    def full(fact: Fact) -> "Future[Answer]":
        return refused if isinstance(fact, LabelSending) else post(fact)

    with LabelPrinter() as printer, spooling(queue, printer.url, post=full):
        queue.wait_for(DeviceLost)

        assert b"^XA" not in printer.received


def test_a_device_that_cannot_be_is_refused() -> None:
    settings = Printer.model_construct(id="p", language="zpl", device="usb://04b8", status="auto")
    queue = Queue()

    with pytest.raises(UsageError, match='expected the form "usb://04b8:0e15"'):
        SpooledPrinter(settings, {}, lambda: queue, queue.post, queue.wake)
