"""A printer behind a raw queue of CUPS: a label comes out, or is taken out of the queue again.

By a CUPS of the test's own that answers as cupsd does, and by real cupsd where there is one.
"""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tests.labels
from drivers import cups_transport, ipp
from drivers.transport import Transport, open_transport
from edge.errors import DeviceError
from edge.facts import LabelPrinted
from tests.cups import CUPSD, Cups, Queue
from tests.scripted_cups import ScriptedCups, ScriptedQueue
from tests.spooling import orders, spooling

NAME = "Printer zebra-1"


@pytest.fixture(scope="module", params=["scripted", "real"])
def cups(request: pytest.FixtureRequest) -> Iterator[Cups | ScriptedCups]:
    if request.param == "real" and CUPSD is None:
        pytest.skip("cupsd is not on this machine: the scripted one has to do")
    with Cups() if request.param == "real" else ScriptedCups() as cups:
        yield cups


@pytest.fixture
def queue(cups: Cups | ScriptedCups, monkeypatch: pytest.MonkeyPatch) -> Queue | ScriptedQueue:
    monkeypatch.setenv("CUPS_SERVER", str(cups.socket))
    return cups.queue(f"q{time.monotonic_ns()}")


def opened(queue: Queue | ScriptedQueue, stop: threading.Event | None = None) -> Transport:
    return open_transport(queue.url, name=NAME, stop=stop or threading.Event())


def printed(line: Transport, data: bytes) -> None:
    line.write(data)
    line.settle()


def test_labels_come_out_byte_for_byte_and_in_order(queue: Queue | ScriptedQueue) -> None:
    labels = [bytes(range(256)) * 500, b"^XA second ^XZ"]

    with closing(opened(queue)) as line:
        for label in labels:
            printed(line, label)
            assert queue.paper.endswith(label)

    assert queue.paper == b"".join(labels)


def test_a_label_in_pieces_is_one_job(queue: Queue | ScriptedQueue) -> None:
    with closing(opened(queue)) as line:
        line.write(b"^XA")
        printed(line, b"^XZ")

    assert queue.paper == b"^XA^XZ"


def test_a_question_is_answered_by_nothing_and_is_no_part_of_the_label(queue: Queue | ScriptedQueue) -> None:
    with closing(opened(queue)) as line:
        line.write(b"~HS")
        assert line.read(0.01) == b""
        printed(line, b"^XA^XZ")

    assert queue.paper == b"^XA^XZ"


def test_a_queue_that_is_not_there_is_a_sentence_with_a_remedy(queue: Queue | ScriptedQueue) -> None:
    with pytest.raises(DeviceError) as refused:
        open_transport("cups://gone", name=NAME, stop=threading.Event())

    assert str(refused.value) == (
        "Printer zebra-1 cannot be used: CUPS has no queue gone. Make it with lpadmin -p gone -E -v URI -m raw, or "
        "correct the device."
    )


def test_a_stopped_queue_is_told_and_goes_on_when_it_is_mended(queue: Queue | ScriptedQueue) -> None:
    queue.do("cupsdisable", "-r", "Paper jam.")

    with pytest.raises(DeviceError) as refused:
        opened(queue)
    queue.do("cupsenable")
    with closing(opened(queue)) as line:
        printed(line, b"label")

    assert str(refused.value) == (
        f"Printer zebra-1 stands still: its CUPS queue {queue.name} is stopped (Paper jam). Mend that, then "
        f"cupsenable {queue.name}; its labels wait and go on by themselves."
    )
    assert queue.paper == b"label"


def test_a_queue_that_takes_no_jobs_is_told_before_a_label_and_behind_it(
    queue: Queue | ScriptedQueue,
) -> None:
    with closing(opened(queue)) as line:
        queue.do("cupsreject")

        with pytest.raises(DeviceError) as refused:
            printed(line, b"label")
        with pytest.raises(DeviceError) as again:
            opened(queue)

    assert str(refused.value) == str(again.value)
    assert str(refused.value) == (
        f"Printer zebra-1 stands still: its CUPS queue {queue.name} takes no jobs. cupsaccept {queue.name} lets it; "
        "its labels wait and go on by themselves."
    )


def test_a_queue_that_stops_while_nothing_is_printed_is_noticed_by_listening(
    queue: Queue | ScriptedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cups_transport, "LOOK_S", 0)
    with closing(opened(queue)) as line:
        assert line.read(0) == b""
        queue.do("cupsdisable")

        with pytest.raises(DeviceError, match="is stopped"):
            line.read(0)


def test_a_queue_that_stops_over_a_label_gives_it_back(queue: Queue | ScriptedQueue) -> None:
    queue.turn("broken", on=True)

    with (
        closing(opened(queue)) as line,
        pytest.raises(DeviceError, match=f"its CUPS queue {queue.name} is stopped"),
    ):
        printed(line, b"label")

    assert queue.waiting == ""
    queue.turn("broken", on=False)
    queue.do("cupsenable")
    with closing(opened(queue)) as line:
        printed(line, b"COPY")
    assert queue.paper == b"COPY"


def test_a_label_that_does_not_come_out_in_time_is_taken_out_of_the_queue(
    queue: Queue | ScriptedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cups_transport, "OUT_WITHIN_S", 1.0)
    queue.turn("off", on=True)

    with closing(opened(queue)) as line, pytest.raises(DeviceError) as stuck:
        printed(line, b"label")

    assert str(stuck.value) == (
        "Printer zebra-1 has not printed its label within 1 s: it was taken out of the CUPS queue "
        f"{queue.name} again (The printer is not responding). See whether the printer is on and has paper; lpstat -p "
        f"{queue.name} -l tells more."
    )
    assert queue.waiting == ""
    queue.turn("off", on=False)
    monkeypatch.setattr(cups_transport, "OUT_WITHIN_S", 20.0)
    with closing(opened(queue)) as line:
        printed(line, b"COPY")
    assert queue.paper == b"COPY"


def test_a_label_that_somebody_cancels_is_not_out(queue: Queue | ScriptedQueue) -> None:
    queue.turn("off", on=True)
    cancelled = threading.Thread(target=_cancelled, args=(queue,), daemon=True)

    with closing(opened(queue)) as line:
        cancelled.start()
        with pytest.raises(DeviceError) as told:
            printed(line, b"label")
    cancelled.join(20)

    assert str(told.value) == (
        f"Printer zebra-1: its label was canceled in the CUPS queue {queue.name}. It comes again as a copy. See "
        "/var/log/cups/error_log if nobody did that."
    )
    assert queue.paper == b""


def _cancelled(queue: Queue | ScriptedQueue) -> None:
    deadline = time.monotonic() + 10
    while not queue.waiting and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    queue.do("cancel", "-a")


def test_whatever_waits_ends_when_the_daemon_does_and_leaves_nothing_in_the_queue(
    queue: Queue | ScriptedQueue,
) -> None:
    stop = threading.Event()
    queue.turn("off", on=True)
    with closing(opened(queue, stop)) as line:
        threading.Timer(0.2, stop.set).start()
        started_at = time.monotonic()

        with pytest.raises(DeviceError, match="Printer zebra-1 was left: the daemon is stopping"):
            printed(line, b"label")
        with pytest.raises(DeviceError, match="Printer zebra-1 was left: the daemon is stopping"):
            line.read(30)

    assert time.monotonic() - started_at < 5
    assert queue.waiting == ""


def test_the_spool_prints_each_label_once_and_without_the_question(queue: Queue | ScriptedQueue) -> None:
    labels = tests.labels.Queue(3)

    with spooling(labels, queue.url):
        labels.wait_for(LabelPrinted, 3)

    said = queue.paper
    assert (said.count(b"^XA"), said.count(b"COPY"), said.count(b"~HS")) == (3, 0, 0)
    assert orders(said.split(b"^XZ")[:3]) == ["L-000001", "L-000002", "L-000003"]


def test_without_cups_it_is_said_what_to_do(
    queue: Queue | ScriptedQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUPS_SERVER", "/nonexistent/sock")

    with pytest.raises(DeviceError) as refused:
        opened(queue)

    assert str(refused.value) == (
        "Printer zebra-1 cannot be reached: CUPS on this box does not answer: No such file or directory. See systemctl "
        "status cups; on Debian, apt-get install cups. Labels wait and go on by themselves."
    )


# What answers at the socket in the place of CUPS: a print server of another make, or one that is broken.


@contextmanager
def standing_in(folder: Path, *answers: bytes) -> Iterator[None]:
    """Give these answers, one to a connection."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "sock"))
        listener.listen()
        answering = threading.Thread(target=_give, args=(listener, answers), daemon=True)
        answering.start()
        yield
        answering.join(10)
        assert not answering.is_alive()


def _give(listener: socket.socket, answers: tuple[bytes, ...]) -> None:
    for answer in answers:
        connection, _ = listener.accept()
        with connection:
            asked = b""
            while b"\x03" not in asked.partition(b"\r\n\r\n")[2]:  # the end of the attributes
                asked += connection.recv(65_536)
            connection.sendall(answer)


def ipp_answer(**numbers: int) -> bytes:
    """A good answer with these attributes, over HTTP."""
    attributes = b"".join(
        b"\x23"
        + struct.pack(">H", len(name))
        + name.replace("_", "-").encode()
        + struct.pack(">Hi", 4, number)
        for name, number in numbers.items()
    )
    said = b"\x02\x00\x00\x00\x00\x00\x00\x01\x02" + attributes + b"\x03"
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said


READY = ipp_answer(printer_state=3, printer_is_accepting_jobs=1)


def test_a_label_that_came_out_before_it_could_be_cancelled_is_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cups_transport, "OUT_WITHIN_S", 0)
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "sock"))
    waiting, out = ipp_answer(job_state=5), ipp_answer(job_state=9)
    # Asked: the queue, hand over, job, queue, queue, cancel, job.
    with standing_in(tmp_path, READY, ipp_answer(job_id=7), waiting, READY, READY, ipp_answer(), out):
        line = open_transport("cups://zebra", name=NAME, stop=threading.Event())

        printed(line, b"label")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", "it answers 401 Unauthorized"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "it answers what is no IPP"),
        (b"~HS\r\n\r\n", "it answers what is no HTTP (BadStatusLine)"),
        (b"", "Remote end closed connection without response"),
    ],
)
def test_what_is_no_cups_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, why: str
) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "sock"))

    with standing_in(tmp_path, said), pytest.raises(DeviceError) as refused:
        open_transport("cups://zebra", name=NAME, stop=threading.Event())

    assert (
        refused.value.text == f"Printer zebra-1 cannot be reached: CUPS on this box does not answer: {why}."
    )


@given(st.binary(max_size=300))
def test_an_answer_of_garbage_is_an_answer_or_a_clear_error(data: bytes) -> None:
    with suppress(ipp.IppError):
        assert isinstance(ipp.answer(data).status, int)


def test_an_answer_that_breaks_off_is_a_clear_error() -> None:
    whole = ipp.request(ipp.Operation.GET_JOB, "zebra", user="crossdock", job=7)
    assert ipp.answer(whole).attributes["job-id"] == [7]
    assert ipp.answer(whole).texts("requesting-user-name") == ["crossdock"]

    for length in range(len(whole)):
        with pytest.raises(ipp.IppError, match="it answers what is no IPP"):
            ipp.answer(whole[:length])
