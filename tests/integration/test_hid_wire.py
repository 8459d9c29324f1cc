"""Scanners that type, at real FIFOs of input events."""

import os
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.framing import Framer
from drivers.hid_wire import MAX_WAITING_BYTES, HidWire, parse_hid_url
from drivers.keyboard_layouts import LAYOUTS
from edge.errors import DeviceError, UsageError
from tests.typing_scanner import ALT, SHIFT, TypingScanner, key, keystrokes, stroke

TIMEOUT_S = 10.0
BUSY_MACHINE_S = 0.3


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[TypingScanner]:
    with TypingScanner(tmp_path / "gun") as gun:
        yield gun


def wire_to(gun: TypingScanner) -> HidWire:
    path, layout = parse_hid_url(gun.url)
    return HidWire(path, layout=layout, name="scanner gun-1")


@pytest.fixture
def wire(gun: TypingScanner) -> Iterator[HidWire]:
    wire = wire_to(gun)
    yield wire
    wire.close()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("gs", ["ctrl", "f8", "alt"])
def test_a_scan_is_read_in_the_scanner_s_layout(tmp_path: Path, layout: str, gs: str) -> None:
    with TypingScanner(tmp_path / "gun", layout=layout, gs=gs) as gun:
        wire = wire_to(gun)
        gun.scan("]C110B7/a-z@\x1d3712")

        assert Framer().feed(wire.read(TIMEOUT_S)) == ["]C110B7/a-z@\x1d3712"]
        wire.close()


def test_a_read_waits_for_a_character_and_not_for_an_event(gun: TypingScanner, wire: HidWire) -> None:
    gun.send(key(SHIFT, 1))
    started = time.monotonic()

    assert wire.read(0.2) == b""
    assert 0.2 <= time.monotonic() - started < 0.2 + BUSY_MACHINE_S

    gun.send(stroke(30) + key(SHIFT, 0))
    assert wire.read(TIMEOUT_S) == b"A"


def test_a_read_ends_as_soon_as_a_character_comes(gun: TypingScanner, wire: HidWire) -> None:
    typist = threading.Timer(0.1, gun.scan, ["LOC:A-01"])
    started = time.monotonic()
    typist.start()

    assert wire.read(TIMEOUT_S) == b"LOC:A-01\r"
    assert time.monotonic() - started < TIMEOUT_S / 2
    typist.join()


def test_events_that_mean_nothing_do_not_hold_a_read_up(gun: TypingScanner, wire: HidWire) -> None:
    ending = threading.Event()

    def chatter() -> None:
        while not ending.is_set():
            try:
                gun.send(stroke(SHIFT))
            except BlockingIOError:
                time.sleep(0.001)

    thread = threading.Thread(target=chatter, daemon=True)
    thread.start()
    started = time.monotonic()

    assert wire.read(0.2) == b""
    assert time.monotonic() - started < 0.2 + BUSY_MACHINE_S
    assert not wire.is_waiting()
    ending.set()
    thread.join(TIMEOUT_S)


def test_only_what_typed_a_character_is_waiting(gun: TypingScanner, wire: HidWire) -> None:
    assert not wire.is_waiting()

    gun.send(stroke(SHIFT))
    assert not wire.is_waiting()

    gun.send(keystrokes("A"))
    assert wire.is_waiting()
    assert wire.is_waiting()
    assert wire.read(0) == b"A"
    assert not wire.is_waiting()


def test_what_is_waiting_is_taken_out_of_the_kernel_s_hands(gun: TypingScanner, wire: HidWire) -> None:
    gun.scan("LOC:A-01")
    assert wire.is_waiting()

    assert not select.select([wire._descriptor], [], [], 0)[0]
    assert wire.read(0) == b"LOC:A-01\r"


def test_what_nobody_reads_is_bounded(gun: TypingScanner, wire: HidWire) -> None:
    is_full = False
    for _ in range(100_000):
        try:
            gun.send(keystrokes("A" * 20))
        except BlockingIOError:
            is_full = True
            break
        wire.is_waiting()

    assert is_full
    assert MAX_WAITING_BYTES <= len(wire.read(0)) < 2 * MAX_WAITING_BYTES


def test_nothing_can_be_written_to_a_keyboard(wire: HidWire) -> None:
    assert wire.write(b"")
    assert not wire.write(b"\x06")


def test_a_scanner_that_nobody_plugged_in_yet_is_silent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gun")
    wire = HidWire(str(tmp_path / "gun"), layout="us", name="scanner gun-1")

    assert wire.read(0.05) == b""
    assert not wire.is_waiting()

    end = os.open(tmp_path / "gun", os.O_WRONLY | os.O_NONBLOCK)
    os.write(end, keystrokes("A\r"))
    assert wire.read(TIMEOUT_S) == b"A\r"
    os.close(end)
    with pytest.raises(DeviceError, match="went away"):
        wire.read(TIMEOUT_S)
    wire.close()


def test_a_scanner_that_is_pulled_out_is_lost_after_what_it_typed(gun: TypingScanner, wire: HidWire) -> None:
    gun.send(keystrokes("01") + key(ALT, 1))
    assert wire.is_waiting()
    gun.unplug()

    assert wire.is_waiting()
    assert wire.read(TIMEOUT_S) == b"01"
    assert not wire.is_waiting()
    with pytest.raises(DeviceError) as lost:
        wire.read(TIMEOUT_S)
    assert str(lost.value) == (
        f"Scanner gun-1 at {gun.path} went away: nobody writes to it any more. Plug it in again; it is found by "
        "itself."
    )


def test_a_scanner_pulled_out_is_not_there_and_then_is_again(gun: TypingScanner) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for n in range(20):
        wire = wire_to(gun)
        gun.scan(f"QTY:{n}")
        # Half a code is left behind: it is no part of the next.
        gun.send(keystrokes("half") + key(SHIFT, 1))
        assert wire.is_waiting()
        gun.unplug()
        assert wire.read(TIMEOUT_S) == f"QTY:{n}\rhalf".encode()
        with pytest.raises(DeviceError, match="went away"):
            wire.read(TIMEOUT_S)
        wire.close()

        with pytest.raises(DeviceError) as absent:
            wire_to(gun)
        assert str(absent.value) == (
            f"There is no {gun.path} for scanner gun-1. Plug it in; it is found by itself. If it is plugged in, it has "
            "another name: look under /dev/input/by-id for one that ends in -event-kbd."
        )
        gun.plug()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_scanner_that_may_not_be_opened_is_told(gun: TypingScanner) -> None:
    gun.path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # nobody: root may open everything
    try:
        with pytest.raises(DeviceError) as refused:
            wire_to(gun)
    finally:
        os.seteuid(user)
    assert str(refused.value) == (
        f"The daemon may not open {gun.path} for scanner gun-1. Install systemd/crossdock.rules for the common makers' "
        "scanners and plug it in again, or put the daemon's user into the group input."
    )


@pytest.mark.parametrize(
    ("url", "parsed"),
    [
        ("hid:///dev/input/by-id/usb-X-event-kbd", ("/dev/input/by-id/usb-X-event-kbd", "us")),
        ("hid:///dev/input/event7?layout=fr", ("/dev/input/event7", "fr")),
    ],
)
def test_a_url_names_a_path_and_a_layout(url: str, parsed: tuple[str, str]) -> None:
    assert parse_hid_url(url) == parsed


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        *(
            (url, f"Expected a device such as hid:///dev/input/by-id/usb-…-event-kbd?layout=us, got {url!r}.")
            for url in (
                "serial:///dev/ttyUSB0",
                "hid:",
                "hid://",
                "hid:///dev/input/",
                "hid://event7?layout=us",
            )
        ),
        (
            "hid:///dev/x?baud=9600",
            "Expected layout or nothing behind the ? of 'hid:///dev/x?baud=9600', got 'baud'.",
        ),
        (
            "hid:///dev/x?layout=us&",
            "Expected layout or nothing behind the ? of 'hid:///dev/x?layout=us&', got ''.",
        ),
        (
            "hid:///dev/x?layout=us&layout=de",
            "Expected layout once in 'hid:///dev/x?layout=us&layout=de', got it twice.",
        ),
        (
            "hid:///dev/x?layout=gb",
            "Expected layout to be one of us, uk, de, fr in 'hid:///dev/x?layout=gb', got 'gb'.",
        ),
        (
            "hid:///dev/x?layout",
            "Expected layout to be one of us, uk, de, fr in 'hid:///dev/x?layout', got ''.",
        ),
    ],
)
def test_a_url_with_something_else_in_it_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_hid_url(url)
    assert str(refused.value) == sentence
