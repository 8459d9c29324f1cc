"""What holds wherever a printer hangs: the same labels in the same order, one cut off comes again as a copy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.layouts import Layout, load_layouts
from config.settings import Printer
from drivers.escpos_printer import Escpos, draw_escpos
from drivers.print_settings import print_settings
from drivers.spool import SpooledPrinter
from drivers.supervisor import Supervisor
from edge.domain.labels import BACKORDER, FIELDS
from edge.facts import DeviceLost, DeviceReady, Fact, LabelPrinted, LabelSending, LabelUnsettled
from tests.labels import Queue, job_of
from tests.printer_ports import WAYS, Port, port_of
from tests.spooling import TIMEOUT_S

pytestmark = pytest.mark.usefixtures("short_pauses")

# Longer than what a port holds (a pipe and a pty 64 KiB): that a printer dies is noticed over the label.
LONG: Layout = load_layouts(FIELDS, paper="receipt")[BACKORDER].model_copy(update={"height": 300})


@pytest.fixture(params=WAYS)
def port(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    with port_of(request.param, tmp_path, monkeypatch) as port:
        yield port


def printer_at(port: Port) -> Printer:
    """With settings, which go along on every way."""
    return Printer.model_validate(
        {
            **{"id": "receipt-1", "language": "escpos", "device": port.url, "status": "off"},
            **{"darkness": 2, "speed": 5, "prologue": "\x1b\x12", "epilogue": "\x07"},
        }
    )


@contextmanager
def served(port: Port) -> Iterator[Queue]:
    """Serve a printer at the port as the daemon does; its queue has three labels."""
    queue = Queue(3)
    printer = SpooledPrinter(
        printer_at(port), {BACKORDER: LONG}, lambda: queue, queue.post, threading.Event()
    )
    supervisor = Supervisor(printer, queue.post)
    supervisor.start()
    try:
        yield queue
    finally:
        supervisor.stop()
        assert supervisor.join(TIMEOUT_S)


def label(port: Port, number: int, *, copy: bool = False) -> bytes:
    """The bytes of a label of the queue's."""
    job = job_of(BACKORDER, {"label": f"L-{number:06}"}, job=number, copy=copy)
    return draw_escpos(job, LONG, print_settings(printer_at(port)))


END_OF_HALF = Escpos({}).end_of_half()
"""In front of what comes after a label that was cut off: a printer which stayed on may want the rest of its picture."""


def became(queue: Queue) -> list[Fact]:
    """What was told of labels, in order."""
    return [fact for fact in queue.facts if not isinstance(fact, DeviceReady | DeviceLost)]


def test_labels_wait_for_a_printer_that_is_off_and_come_out_byte_for_byte_in_order(port: Port) -> None:
    with served(port) as queue:
        queue.wait_for(DeviceLost)
        assert port.paper == b""

        port.on()
        queue.wait_for(LabelPrinted, 3, timeout_s=30)
        _wait_for_paper(port, b"".join(label(port, number) for number in (1, 2, 3)))

    assert became(queue) == [fact for job in (1, 2, 3) for fact in (LabelSending(job), LabelPrinted(job))]


@pytest.mark.parametrize("share", [0.01, 0.5], ids=["at its beginning", "in its middle"])
def test_a_printer_that_dies_within_a_label_gets_it_again_as_a_copy_and_goes_on(
    port: Port, share: float
) -> None:
    first, second = label(port, 1), label(port, 2)
    cut_off = first + second[: int(share * len(second))]
    port.on(dies_after=len(cut_off))

    with served(port) as queue:
        queue.wait_for(DeviceLost, timeout_s=30)
        port.on()
        queue.wait_for(LabelPrinted, 3, timeout_s=30)
        # A queue takes whole jobs: nothing is left of one that was cut off.
        between = b"" if port.url.startswith("cups:") else END_OF_HALF
        _wait_for_paper(port, cut_off + between + label(port, 2, copy=True) + label(port, 3))

    assert [(type(fact), getattr(fact, "job", None)) for fact in became(queue)] == [
        (LabelSending, 1),
        (LabelPrinted, 1),
        (LabelSending, 2),
        (LabelUnsettled, 2),
        (LabelSending, 2),
        (LabelPrinted, 2),
        (LabelSending, 3),
        (LabelPrinted, 3),
    ]


def _wait_for_paper(port: Port, expected: bytes) -> None:
    """What a port has taken may still be on its way to the printer."""
    waited = threading.Event()
    for _ in range(500):
        if len(port.paper) >= len(expected):
            break
        waited.wait(0.02)
    assert port.paper == expected
