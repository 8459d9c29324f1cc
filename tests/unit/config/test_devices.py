"""Rules of device URLs: what is taken, what is refused, and which of them are one port."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from config import devices
from drivers import keyboard_layouts
from drivers.serial_url import parse_serial_url


@pytest.mark.parametrize(
    ("check", "url"),
    [
        *((devices.scanner, example) for example in devices.SCANNER_EXAMPLES.values()),
        *((devices.forward, example) for example in devices.FORWARD_EXAMPLES.values()),
        *((devices.printer, example) for example in devices.PRINTER_EXAMPLES.values()),
        (devices.scanner, "stdin://"),
        (devices.scanner, "tcp-listen://[::]:5001"),
        (devices.scanner, "rfc2217://terminals.example.net:4001?baud=19200&parity=E"),
        (devices.forward, "pty:/run/crossdock/old-terminal"),
        (devices.scanner, "serial:///dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A1-if00-port0"),
        (devices.printer, "tcp://[fd00::20]:9100"),
        (devices.printer, "tcp://printer-1.example.net:6101"),
        (devices.printer, "usb://04B8:0e15/J6T1%2F2"),
        (devices.printer, "cups://Zebra_ZD421-203.dock"),
    ],
)
def test_a_device_of_this_version_is_taken_as_it_is(check: Callable[[str], str], url: str) -> None:
    assert check(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "serial:/dev/ttyUSB0",
        "serial://dev/ttyUSB0",
        "serial:///",
        "serial:///dev/ttyUSB0#1",
        "serial:///dev/tty USB0",
        "serial:///dev/ttyUSB0\t",
        "serial:///" + 256 * "x",
        "tcp://10.0.0.20",
        "tcp://10.0.0.20:0",
        "tcp://10.0.0.20:99999",
        "tcp://10.0.0.20:port",
        "tcp://:9100",
        "tcp://10.0.0.20:9100/queue",
        "tcp://[fd00::20:9100",
        "file://dev/usb/lp0",
        "file:///dev/usb/",
        "usb://04b8",
        "usb://04b8:0e15/",
        "usb://04b8:0e15/J6/T1",
        "usb://04b8:e15",
        "usb://0x04b8:0x0e15",
        "usb:///04b8:0e15",
        "usb://04b8:0e15#1",
        "cups://",
        "cups:///zebra",
        "cups://zebra/1",
        "cups://-zebra",
        "cups://ze bra",
        "cups://zebra:631",
        "cups://zebra@10.0.0.1",
    ],
)
def test_another_form_is_refused_with_the_right_one(url: str) -> None:
    scheme = url.partition(":")[0]

    with pytest.raises(ValueError, match=r"^expected the form") as caught:
        devices.printer(url)

    assert f'"{devices.PRINTER_EXAMPLES[scheme]}"' in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "stdin:/dev/tty",
        "stdin://keyboard",
        "tcp-listen://5001",
        "tcp-listen:///5001",
        "rfc2217:///dev/ttyUSB0",
        "socket://10.0.0.9",
        "hid://dev/input/event3",
        "hid:/dev/input/event3",
    ],
)
def test_another_form_of_a_scanner_is_refused_with_the_right_one(url: str) -> None:
    scheme = url.partition(":")[0]

    with pytest.raises(ValueError, match=r"^expected the form") as caught:
        devices.scanner(url)

    assert f'"{devices.SCANNER_EXAMPLES[scheme]}"' in str(caught.value)


def test_a_keyboard_has_a_layout_that_we_know() -> None:
    with pytest.raises(ValueError, match="expected layout to be") as caught:
        devices.scanner("hid:///dev/input/event3?layout=es")

    assert str(caught.value) == 'expected layout to be "us", "uk", "de" or "fr", got "es".'


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "/dev/usb/lp0",
            'expected a device such as "tcp://10.0.0.20:9100" or "serial:///dev/ttyUSB1?baud=38400" or '
            '"usb://04b8:0e15" or "file:///dev/usb/lp0" or "cups://zebra", got "/dev/usb/lp0".',
        ),
        (
            "seriel:///dev/ttyUSB0",
            'expected a device such as "serial:///dev/ttyUSB1?baud=38400", got "seriel:///dev/ttyUSB0".',
        ),
        (
            "usb://04b8:0e15?serial=J6T1",
            'unknown option "serial" behind the ?; expected the form "usb://04b8:0e15".',
        ),
        (
            "serial:///dev/ttyUSB0?speed=9600",
            'unknown option "speed" behind the ?; known are baud, bytesize, parity, stopbits, rtscts, '
            "xonxoff.",
        ),
        (
            "serial:///dev/ttyUSB0?baud=fast",
            'expected a baud rate from 50 to 4000000, got "fast"; take the one that the device is set to.',
        ),
        (
            "serial:///dev/ttyUSB0?parity=even",
            'expected parity to be "N", "E", "O", "M" or "S", got "even".',
        ),
        (
            "serial:///dev/ttyUSB0?baud=9600&baud=9600",
            'the option "baud" is there twice; give it once.',
        ),
        (
            "tcp://10.0.0.20:9100?timeout=5",
            'unknown option "timeout" behind the ?; expected the form "tcp://10.0.0.20:9100".',
        ),
    ],
)
def test_a_wrong_device_is_told_in_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        devices.printer(url)

    assert str(caught.value) == sentence


def test_the_driver_knows_every_option_that_the_configuration_takes() -> None:
    for name, choices in devices.SERIAL_OPTIONS.items():
        for value in choices or (str(devices.BAUD_MIN), str(devices.BAUD_MAX)):
            url = devices.scanner(f"serial:///dev/ttyUSB0?{name}={value}")

            assert parse_serial_url(url).path == "/dev/ttyUSB0"
            far = devices.scanner(f"rfc2217://10.0.0.9:4001?{name}={value}")

            assert parse_serial_url(far).path == "rfc2217://10.0.0.9:4001"


def test_two_ways_to_write_an_address_are_one_port() -> None:
    assert devices.port("tcp://[fd00::20]:9100") == devices.port("tcp://[FD00:0:0::20]:9100")
    assert devices.port("tcp://Printer.example.net.:9100") == devices.port("tcp://printer.example.net:9100")
    assert devices.port("tcp://10.0.0.20:9100") != devices.port("tcp://10.0.0.20:9101")


def test_two_listeners_at_one_port_are_one_whatever_their_address() -> None:
    assert devices.port("tcp-listen://0.0.0.0:5001") == devices.port("tcp-listen://127.0.0.1:5001")
    assert devices.port("tcp-listen://0.0.0.0:5001") != devices.port("tcp://127.0.0.1:5001")


def test_there_is_one_keyboard() -> None:
    assert devices.port("stdin:") == devices.port("stdin://")


def test_a_link_and_what_it_leads_to_are_one_port(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to("ttyUSB0")

    assert devices.port(f"serial://{tmp_path}/by-id?baud=9600") == devices.port(f"file://{tmp_path}/ttyUSB0")


@pytest.mark.parametrize(
    "host", ["", "mqtt://broker", "broker:1883", "user@broker", "a b", "-broker", "[::1]"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="leave out scheme, user and port"):
        devices.host(host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "broker.example.net", "dock_a.local"])
def test_a_name_and_an_address_are_hosts(host: str) -> None:
    assert devices.host(host) == host


def test_the_configuration_takes_the_layouts_that_the_driver_knows() -> None:
    assert tuple(keyboard_layouts.LAYOUTS) == devices.LAYOUTS
