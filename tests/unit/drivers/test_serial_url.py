"""What the device URL of a serial scanner may say."""

import pytest

from drivers.serial_url import SerialSettings, parse_serial_url
from edge.errors import UsageError


def test_a_port_alone_is_9600_8n1_without_flow_control() -> None:
    assert parse_serial_url("serial:///dev/ttyUSB0") == SerialSettings(
        path="/dev/ttyUSB0", baud=9600, bytesize=8, parity="N", stopbits=1, rtscts=False, xonxoff=False
    )


def test_every_option_is_read() -> None:
    url = "serial:///dev/serial/by-path/pci-0:1?baud=115200&bytesize=7&parity=E&stopbits=2&rtscts=1&xonxoff=true"

    assert parse_serial_url(url) == SerialSettings(
        "/dev/serial/by-path/pci-0:1",
        baud=115200,
        bytesize=7,
        parity="E",
        stopbits=2,
        rtscts=True,
        xonxoff=True,
    )


FORM = "Expected a device such as serial:///dev/ttyUSB0?baud=9600, got {url!r}."
BAUD = "Expected a baud from 50 to 4000000 in {url!r}, got "


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("tcp://10.0.0.9:2002", FORM),
        ("serial://dev/ttyUSB0", FORM),
        ("serial:///dev/", FORM),
        ("serial://?baud=9600", FORM),
        (
            "serial:///dev/a?speed=9600",
            "Expected one of baud, bytesize, parity, stopbits, rtscts, xonxoff in {url!r}, got 'speed'.",
        ),
        ("serial:///dev/a?baud=1&baud=2", BAUD + "'1'."),
        ("serial:///dev/a?baud=9600&baud=9600", "Expected baud once in {url!r}, got it twice."),
        ("serial:///dev/a?baud=fast", BAUD + "'fast'."),
        ("serial:///dev/a?baud=00000009600", BAUD + "'00000009600'."),
        ("serial:///dev/a?baud=٩٦٠٠", BAUD + "'٩٦٠٠'."),
        ("serial:///dev/a?parity=odd", "Expected parity to be one of N, E, O, M, S in {url!r}, got 'odd'."),
        ("serial:///dev/a?rtscts=", "Expected rtscts to be one of 0, 1, false, true in {url!r}, got ''."),
    ],
)
def test_what_is_unknown_is_an_error_and_never_a_guess(url: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_serial_url(url)

    assert str(caught.value) == sentence.format(url=url)
