"""What opens an input device: evdev, which may not be installed, and what it says of a device."""

import contextlib
import errno
import importlib.util
import os
import sys
import tty
from collections.abc import Iterator
from types import SimpleNamespace
from typing import ClassVar

import pytest

from drivers.hid_wire import HidWire
from edge.errors import DeviceError
from tests.typing_scanner import keystrokes

TIMEOUT_S = 10.0


def test_without_evdev_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("evdev") is not None:
        monkeypatch.setitem(sys.modules, "evdev", None)

    with pytest.raises(DeviceError) as missing:
        HidWire("/dev/null", layout="us", name="scanner gun-1")
    assert str(missing.value) == (
        "Scanner gun-1 at /dev/null types like a keyboard, and evdev, the library that reads keyboards, is not "
        "installed. As root: apt-get install gcc python3-dev && /opt/crossdock/bin/pip install 'crossdock[hid]'. Or "
        "set the scanner to USB serial (COM), which needs neither."
    )


@pytest.mark.skipif(
    importlib.util.find_spec("evdev") is None, reason="evdev is not installed: it has to be compiled"
)
@pytest.mark.parametrize("path", ["/dev/null", __file__])
def test_what_is_no_input_device_is_told(path: str) -> None:
    before = len(os.listdir("/proc/self/fd"))

    with pytest.raises(DeviceError) as wrong:
        HidWire(path, layout="us", name="scanner gun-1")
    assert str(wrong.value) == (
        f"{path} of scanner gun-1 is no input device. Take the name that ends in -event-kbd under /dev/input/by-id."
    )
    del wrong
    assert len(os.listdir("/proc/self/fd")) == before


class StandInDevice:
    """What evdev gives for an input device, at a pseudo-terminal: here is no keyboard to be grabbed."""

    keys: ClassVar[list[int]] = [2, 28, 30]
    is_grabbed_by_another = False
    typing = b""  # right now, while it is opened
    opened: ClassVar[list["StandInDevice"]] = []

    def __init__(self, path: str) -> None:
        self.name = "Bar Code Scanner"
        self.path = path
        self.done: list[str] = []
        self.fd, self.scanner = os.openpty()
        tty.setraw(self.scanner)
        self.opened.append(self)

    def capabilities(self) -> dict[int, list[int]]:
        return {1: self.keys, 17: [0, 1, 2]}

    def grab(self) -> None:
        if self.is_grabbed_by_another:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.done.append("grabbed")
        os.write(self.scanner, self.typing)

    def set_led(self, led: int, value: int) -> None:
        self.done.append(f"led {led} is {value}")

    def close(self) -> None:
        self.done.append("closed")
        os.close(self.fd)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[StandInDevice]]:
    """Put a module in evdev's place, with its own numbers."""
    numbers = SimpleNamespace(EV_KEY=1, EV_LED=17, KEY_1=2, KEY_ENTER=28, LED_CAPSL=1)

    class Device(StandInDevice):
        opened: ClassVar[list[StandInDevice]] = []

    monkeypatch.setitem(sys.modules, "evdev", SimpleNamespace(InputDevice=Device, ecodes=numbers))
    yield Device
    for device in Device.opened:
        with contextlib.suppress(OSError):
            os.close(device.scanner)


def test_a_device_is_grabbed_and_its_caps_lock_put_out(library: type[StandInDevice]) -> None:
    wire = HidWire(__file__, layout="us", name="scanner gun-1")
    (device,) = library.opened

    os.write(device.scanner, keystrokes("LOC:A-01\r"))
    assert wire.read(TIMEOUT_S) == b"LOC:A-01\r"
    os.close(device.scanner)
    with pytest.raises(DeviceError) as lost:
        wire.read(TIMEOUT_S)
    wire.close()

    assert device.done == ["grabbed", "led 1 is 0", "closed"]
    assert str(lost.value) == (
        f"Scanner gun-1 at {__file__} went away: Input/output error. Plug it in again; it is found by itself."
    )


def test_a_code_of_which_the_beginning_was_typed_before_the_opening_is_refused(
    library: type[StandInDevice],
) -> None:
    library.typing = keystrokes("1530003\r")

    wire = HidWire(__file__, layout="us", name="scanner gun-1")
    os.write(library.opened[0].scanner, keystrokes("LOC:A-01\r"))

    typed = b""
    while not typed.endswith(b"A-01\r"):
        typed += wire.read(TIMEOUT_S)
    assert typed == b"\x1a1530003\rLOC:A-01\r"
    wire.close()


def test_a_device_that_another_program_has_grabbed_is_told(library: type[StandInDevice]) -> None:
    library.is_grabbed_by_another = True

    with pytest.raises(DeviceError) as held:
        HidWire(__file__, layout="us", name="scanner gun-1")

    assert library.opened[0].done == ["closed"]
    assert str(held.value) == (
        f"Another program has grabbed {__file__} of scanner gun-1. End it: a scanner types for one program alone."
    )


def test_a_device_without_keys_to_type_with_is_told(library: type[StandInDevice]) -> None:
    library.keys = [116]

    with pytest.raises(DeviceError) as wrong:
        HidWire(__file__, layout="us", name="scanner gun-1")

    assert library.opened[0].done == ["closed"]
    assert str(wrong.value) == (
        f"{__file__} of scanner gun-1 is 'Bar Code Scanner', which is no keyboard. Take the name that ends in "
        "-event-kbd under /dev/input/by-id."
    )
