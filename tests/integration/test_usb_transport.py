"""A printer at a USB socket: real pyusb on a bus of software, and what is told when the printer is not to be had."""

import errno
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from usb.backend import libusb1

from drivers import transport
from drivers.transport import LostLineError, open_transport
from drivers.usb_transport import UsbTransport
from edge.errors import DeviceError
from tests.labels import ROOT
from tests.usb_bus import IN, OUT, Setting, UsbBus, UsbPrinter

NAME = "Printer epson-1"
URL = "usb://04b8:0e15"


def opened(*printers: UsbPrinter, url: str = URL, stop: threading.Event | None = None) -> UsbTransport:
    return UsbTransport(url, name=NAME, stop=stop or threading.Event(), backend=UsbBus(*printers))


@pytest.fixture
def printer() -> UsbPrinter:
    return UsbPrinter()


@pytest.fixture
def line(printer: UsbPrinter) -> Iterator[UsbTransport]:
    with closing(opened(printer)) as line:
        yield line


def test_what_is_written_arrives_and_what_is_answered_is_read(
    line: UsbTransport, printer: UsbPrinter
) -> None:
    label = bytes(range(256)) * 300

    line.write(label)
    line.settle()
    printer.say(b"\x12")

    assert bytes(printer.taken) == label
    assert line.read(5) == b"\x12"
    assert line.read(0) == b""


def test_a_printer_that_takes_a_little_at_a_time_gets_each_byte_once(
    line: UsbTransport, printer: UsbPrinter
) -> None:
    label = bytes(range(256)) * 20
    printer.room = 100
    written = threading.Thread(target=line.write, args=(label,), daemon=True)
    written.start()
    deadline = time.monotonic() + 20

    while len(printer.taken) < len(label) and time.monotonic() < deadline:
        with printer.changed:
            printer.changed.wait_for(lambda: not printer.room, 0.01)
            printer.room = 700
            printer.changed.notify_all()
    written.join(5)

    assert bytes(printer.taken) == label


def test_a_printer_that_takes_no_byte_is_given_up(
    line: UsbTransport, printer: UsbPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WRITE_TIMEOUT_S", 0.3)
    printer.room = 10

    with pytest.raises(DeviceError) as stuck:
        line.write(b"x" * 20)

    assert not isinstance(stuck.value, LostLineError)
    assert str(stuck.value) == (
        "Printer epson-1 at usb://04b8:0e15 took no byte for 0 s. See whether it is on, has paper and is not paused."
    )


@pytest.mark.parametrize("doing", ["writing", "reading"])
def test_whatever_waits_ends_when_the_daemon_does(printer: UsbPrinter, doing: str) -> None:
    stop = threading.Event()
    printer.room = 0
    with closing(opened(printer, stop=stop)) as line:
        threading.Timer(0.1, stop.set).start()
        started_at = time.monotonic()

        with pytest.raises(DeviceError, match="Printer epson-1 was left: the daemon is stopping"):
            line.write(b"label") if doing == "writing" else line.read(30)

    assert time.monotonic() - started_at < 1


@pytest.mark.parametrize("taken", [0, 1, 16_384, 20_000])
def test_unplugged_in_the_middle_of_a_label_is_a_lost_line(taken: int) -> None:
    printer = UsbPrinter(dies_after=taken)
    with closing(opened(printer)) as line, pytest.raises(LostLineError) as lost:
        line.write(b"x" * 30_000)

    assert str(lost.value) == (
        "Printer epson-1 at usb://04b8:0e15 went away: it was unplugged. Plug it in again; its labels wait and go on "
        "by themselves."
    )
    assert len(printer.taken) == taken
    assert not lost.value.in_order


@pytest.mark.parametrize("endpoints", [(OUT, IN), (OUT,)], ids=["with answers", "without"])
def test_unplugged_while_nothing_is_printed_is_noticed_by_listening(endpoints: tuple[int, ...]) -> None:
    printer = UsbPrinter(settings=(Setting(endpoints=endpoints),))
    with closing(opened(printer)) as line:
        assert line.read(0) == b""
        printer.unplug()

        with pytest.raises(LostLineError, match="it was unplugged"):
            line.read(0)


def test_unplugged_while_an_answer_is_awaited_is_noticed_at_once(
    line: UsbTransport, printer: UsbPrinter
) -> None:
    threading.Timer(0.1, printer.unplug).start()
    started_at = time.monotonic()

    with pytest.raises(LostLineError):
        line.read(30)

    assert time.monotonic() - started_at < 1


def test_a_printer_that_answers_at_once_with_nothing_is_waited_for_without_spinning(
    printer: UsbPrinter,
) -> None:
    printer.answers_nothing_at_once = True
    with closing(opened(printer)) as line:
        used_at, started_at = time.thread_time(), time.monotonic()

        assert line.read(0.3) == b""

        assert time.monotonic() - started_at >= 0.3
        assert time.thread_time() - used_at < 0.1


def test_an_endpoint_that_the_printer_halted_goes_on_for_who_opens_it_next(
    line: UsbTransport, printer: UsbPrinter
) -> None:
    printer.fails["write"] = errno.EPIPE

    with pytest.raises(LostLineError, match="went away: Pipe error"):
        line.write(b"label")

    assert printer.resumed == [OUT]


def test_the_system_s_driver_gets_the_printer_back(printer: UsbPrinter) -> None:
    with closing(opened(printer)):
        assert printer.driver == ""
        assert printer.claimed == {0}

    assert printer.driver == "usblp"
    assert (printer.claimed, printer.handles) == (set(), 0)


def test_a_driver_that_was_not_there_is_not_brought(printer: UsbPrinter) -> None:
    printer.driver = ""

    opened(printer).close()

    assert printer.driver == ""


def test_two_hundred_times_unplugged_leave_nothing_open() -> None:
    printer = UsbPrinter()
    bus = UsbBus(printer)
    before = threading.active_count()
    for _ in range(200):
        with closing(UsbTransport(URL, name=NAME, stop=threading.Event(), backend=bus)) as line:
            line.write(b"label")
            printer.unplug()
            with pytest.raises(LostLineError):
                line.write(b"label")
        printer.is_plugged, printer.driver = True, "usblp"

    assert (printer.handles, printer.claimed) == (0, set())
    assert threading.active_count() == before
    assert bytes(printer.taken) == b"label" * 200


@pytest.mark.parametrize(
    "call", ["get_configuration", "is_kernel_driver_active", "detach", "claim", "set_interface_altsetting"]
)
def test_whatever_fails_while_opening_leaves_nothing_open(call: str) -> None:
    printer = UsbPrinter(settings=(Setting(), Setting(alternate=1, protocol=4)), fails={call: errno.EIO})

    with pytest.raises(
        DeviceError, match=r"cannot be opened at usb://04b8:0e15: Input/output error\. Plug it in"
    ):
        opened(printer)

    assert (printer.handles, printer.claimed, printer.driver) == (0, set(), "usblp")


def test_the_setting_that_takes_bytes_as_they_are_is_chosen() -> None:
    ipp_over_usb = Setting(alternate=0, protocol=4)
    one_way = Setting(alternate=1, protocol=1, endpoints=(OUT,))
    two_ways = Setting(alternate=2, protocol=2)
    scanner = Setting(number=1, kind=(0xFF, 0), protocol=2)
    printer = UsbPrinter(settings=(ipp_over_usb, one_way, two_ways, scanner))

    with closing(opened(printer)) as line:
        line.write(b"label")

    assert printer.chosen == (0, 2)
    assert bytes(printer.taken) == b"label"


def test_of_two_alike_the_one_with_the_serial_number_is_opened() -> None:
    first, second = UsbPrinter(serial="J6T1"), UsbPrinter(serial="J6T2")

    with closing(opened(first, second, url=f"{URL}/J6T2")) as line:
        line.write(b"label")

    assert (bytes(first.taken), bytes(second.taken)) == (b"", b"label")
    assert (first.handles, second.handles) == (0, 0)


TWO = (UsbPrinter(serial="J6T2"), UsbPrinter(serial=""))


@pytest.mark.parametrize(
    ("printers", "url", "sentence"),
    [
        (
            [],
            URL,
            "Printer epson-1 is not at any USB socket: there is no device 04b8:0e15. Plug it in and switch it on; its "
            "labels wait and go on by themselves.",
        ),
        (
            [UsbPrinter()],
            f"{URL}/X9",
            "Printer epson-1 is not at any USB socket: of 04b8:0e15 there is J6T1, not X9. Plug it in and switch it "
            "on; its labels wait and go on by themselves.",
        ),
        (
            TWO,
            URL,
            "Printer epson-1 at usb://04b8:0e15 could be any of 2 devices: one without a serial number, J6T2. Write "
            "the serial number of the one that is meant behind it, such as usb://04b8:0e15/J6T2.",
        ),
        (
            [UsbPrinter(fails={"open": errno.EACCES})],
            URL,
            "Printer epson-1 cannot be opened at usb://04b8:0e15: the daemon's user may not use it. See that "
            "the user is in the group lp, as in systemd/crossdock.service, then start the daemon again.",
        ),
        (
            [UsbPrinter(fails={"claim": errno.EBUSY})],
            URL,
            "Printer epson-1 cannot be opened at usb://04b8:0e15: another program has it. End that program, or take "
            "its queue out of CUPS.",
        ),
        (
            [UsbPrinter(settings=(Setting(kind=(0xFF, 0)), Setting(number=1, protocol=4)))],
            URL,
            "Printer epson-1 at usb://04b8:0e15 has no interface of a USB printer (class 07/01). Set the USB class in "
            'its own menu or switches to "printer", not "vendor" or "serial".',
        ),
        (
            [UsbPrinter(settings=(Setting(endpoints=(IN,)),))],
            URL,
            "Printer epson-1 at usb://04b8:0e15 has no endpoint that takes bytes.",
        ),
    ],
)
def test_a_printer_that_is_not_to_be_had_is_a_sentence_with_a_remedy(
    printers: list[UsbPrinter], url: str, sentence: str
) -> None:
    with pytest.raises(DeviceError) as refused:
        opened(*printers, url=url)

    assert str(refused.value) == sentence
    assert [printer.handles for printer in printers] == [0] * len(printers)


def test_without_libusb_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libusb1, "_lib_object", None)
    monkeypatch.setattr("usb.libloader.locate_library", lambda *_, **__: None)

    with pytest.raises(DeviceError) as refused:
        open_transport(URL, name=NAME, stop=threading.Event())

    assert str(refused.value) == (
        "Printer epson-1 cannot be opened: libusb-1.0 is missing or does not work on this box. On Debian, as root: "
        "apt-get install libusb-1.0-0."
    )


def test_without_pyusb_it_is_said_what_to_install_or_to_name_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usb", None)

    with pytest.raises(DeviceError) as refused:
        open_transport(URL, name=NAME, stop=threading.Event())

    assert str(refused.value) == (
        "Printer epson-1 cannot be opened at usb://04b8:0e15: pyusb, the library that finds USB printers by their "
        "numbers, is not installed. As root: apt-get install libusb-1.0-0 && /opt/crossdock/bin/pip install "
        "'crossdock[usb]'. Or name the file that the system shows it as, such as file:///dev/usb/lp0, which needs "
        "neither."
    )


def test_without_such_a_printer_pyusb_is_not_loaded() -> None:
    program = """
import sys, threading
import drivers.spool
from drivers.transport import open_transport
open_transport("file:///dev/null", name="Printer", stop=threading.Event()).close()
assert "usb" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")
