"""Device URLs: what a scanner and a printer may name, what each looks like, and which port it means.

Opening them is the drivers'. Errors are ValueErrors with the sentence that the user reads.
"""

import ipaddress
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from config.words import either, nearest, shown

SCANNER_EXAMPLES: Mapping[str, str] = {
    "serial": "serial:///dev/ttyUSB0?baud=9600",
    "hid": "hid:///dev/input/by-id/usb-scanner-event-kbd?layout=de",
    "tcp-listen": "tcp-listen://0.0.0.0:5001",
    "tcp": "tcp://10.0.0.9:2002",
    "rfc2217": "rfc2217://10.0.0.9:4001?baud=9600",
    "socket": "socket://10.0.0.9:4001",
    "stdin": "stdin:",
}
FORWARD_EXAMPLES: Mapping[str, str] = {
    "pty": "pty:///run/crossdock/old-terminal",
    "tcp": "tcp://10.0.0.8:5001",
    "serial": "serial:///dev/ttyUSB1?baud=9600",
}
PRINTER_EXAMPLES: Mapping[str, str] = {
    "tcp": "tcp://10.0.0.20:9100",
    "serial": "serial:///dev/ttyUSB1?baud=38400",
    "usb": "usb://04b8:0e15",
    "file": "file:///dev/usb/lp0",
    "cups": "cups://zebra",
}
"""The schemes, each with an example of its form."""

URL_MAX = 256
"""Characters in a device URL: longer than any path below /dev/serial/by-id."""

BAUD_MIN, BAUD_MAX = 50, 4_000_000
"""The slowest and the fastest speed that Linux knows for a serial line (termios, B50 to B4000000)."""

SERIAL_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "baud": (),
    "bytesize": ("5", "6", "7", "8"),
    "parity": ("N", "E", "O", "M", "S"),
    "stopbits": ("1", "1.5", "2"),
    "rtscts": ("0", "1", "false", "true"),
    "xonxoff": ("0", "1", "false", "true"),
}
"""What may stand behind the ? of a serial port, and its choices; `baud` is a number."""

LAYOUTS = ("us", "uk", "de", "fr")
"""The keyboards that a scanner may pretend to be, as it was set up."""

_OPTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "serial": SERIAL_OPTIONS,
    "rfc2217": SERIAL_OPTIONS,
    "hid": {"layout": LAYOUTS},
}
"""What may stand behind the ? of a scheme."""

_AT_AN_ADDRESS = frozenset({"tcp", "tcp-listen", "rfc2217", "socket"})
"""Schemes with a host and a port; `stdin` has nothing, the others have the path of a file."""

_ONE_COLON = frozenset({"stdin", "pty"})
"""Schemes that may leave the // out, as the contract writes them."""

_USB_NUMBERS = re.compile(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})")

_QUEUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}")
"""CUPS also takes other signs in a queue's name, lpadmin(8); those that mean something in a URL are left out."""

_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?")


@dataclass(frozen=True, slots=True)
class UsbPrinter:
    """Which device at a USB socket is meant: its numbers, and its serial number where two are alike."""

    vendor: int
    product: int
    serial: str | None


def scanner(url: str) -> str:
    """Check the device of a scanner and give it back."""
    return _checked(url, examples=SCANNER_EXAMPLES)


def forward(url: str) -> str:
    """Check where the scans of a scanner also go and give it back."""
    return _checked(url, examples=FORWARD_EXAMPLES)


def printer(url: str) -> str:
    """Check the device of a printer and give it back."""
    return _checked(url, examples=PRINTER_EXAMPLES)


def usb_printer(url: str) -> UsbPrinter:
    """Read a checked `usb://vendor:product/SERIAL`.

    >>> usb_printer("usb://04B8:0e15/J6%2F12")
    UsbPrinter(vendor=1208, product=3605, serial='J6/12')
    """
    parts = urlsplit(url)
    vendor, product = parts.netloc.split(":")
    return UsbPrinter(int(vendor, 16), int(product, 16), unquote(parts.path[1:]) or None)


def cups_queue(url: str) -> str:
    """The queue of a checked `cups://QUEUE`, as it is written."""
    return urlsplit(url).netloc


def host(text: str) -> str:
    """Check a host name or an address without brackets, and give it back."""
    if _address(text) is None and not _HOST_NAME.fullmatch(text):
        # What was written may be a URL with a password in it: it is not shown.
        raise ValueError(
            'expected a host name or an address such as "broker.example.net"; leave out scheme, user and '
            "port."
        )
    return text


def broker(text: str) -> str:
    """Check a broker as HOST or HOST:PORT, and give it back."""
    broker_address(text)
    return text


def broker_address(text: str) -> tuple[str, int | None]:
    """Read a broker as HOST or HOST:PORT; an IPv6 address with a port stands in brackets.

    >>> broker_address("10.0.0.7:8884"), broker_address("[::1]:1884"), broker_address("::1"), broker_address("[::1]")
    (('10.0.0.7', 8884), ('::1', 1884), ('::1', None), ('::1', None))
    """
    is_whole = _address(text) is not None or text.endswith("]") or ":" not in text
    name, _, number = (text, "", None) if is_whole else text.rpartition(":")
    name = host(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
    if number is None:
        return name, None
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= 65535):
        raise ValueError(f"expected a port from 1 to 65535 behind the colon, got {shown(number)}.")
    return name, int(number)


def port(url: str) -> str:
    """Name the port behind a checked URL, so that two ways to write one port are seen to be the same.

    >>> port("tcp://PRINTER-1.example.net.:9100") == port("tcp://printer-1.example.net:9100")
    True
    """
    parts = urlsplit(url)
    if parts.scheme == "tcp-listen":
        # At whatever address of this machine: of two listeners at one port the second would find it taken.
        return f"listening at {parts.port}"
    if parts.scheme in _AT_AN_ADDRESS:
        name = parts.hostname or ""
        return f"{_address(name) or name.removesuffix('.')}:{parts.port}"
    if parts.scheme == "stdin":
        return "stdin"
    if parts.scheme == "usb":
        return str(usb_printer(url))
    if parts.scheme == "cups":
        return f"queue {parts.netloc.casefold()}"  # CUPS finds a queue in any case
    # Through symbolic links: /dev/serial/by-id/... leads to the /dev/ttyUSB0 that the other device may name.
    return os.path.realpath(parts.path)


def _checked(url: str, *, examples: Mapping[str, str]) -> str:
    scheme = url.partition(":")[0]
    if scheme not in examples:
        near = nearest(scheme, examples) if ":" in url else None
        expected = [examples[near]] if near is not None else examples.values()
        raise ValueError(f"expected a device such as {_one_of(expected)}{_got(url)}.")
    wrong = ValueError(f'expected the form "{examples[scheme]}"{_got(url)}.')
    start = f"{scheme}:" if scheme in _ONE_COLON else f"{scheme}://"
    if len(url) > URL_MAX or not url.isprintable() or " " in url or not url.startswith(start):
        raise wrong
    try:
        parts = urlsplit(url)
        if not _has_its_form(parts):
            raise wrong
    except ValueError as error:  # urlsplit's own words (a bad port, a bracket left open) help nobody
        raise wrong from error
    if parts.query:
        _check_options(parts, example=examples[scheme])
    return url


def _has_its_form(parts: SplitResult) -> bool:
    if parts.scheme == "stdin":
        return not any((parts.netloc, parts.path, parts.fragment))
    if parts.scheme == "usb":
        has_serial = parts.path.count("/") == 1 and len(parts.path) > 1
        return (
            bool(_USB_NUMBERS.fullmatch(parts.netloc))
            and not parts.fragment
            and (has_serial or not parts.path)
        )
    if parts.scheme == "cups":
        return bool(_QUEUE.fullmatch(parts.netloc)) and not any((parts.path, parts.fragment))
    return _is_address(parts) if parts.scheme in _AT_AN_ADDRESS else _is_path(parts)


def _is_address(parts: SplitResult) -> bool:
    name = parts.hostname or ""
    known_host = _address(name) is not None or _HOST_NAME.fullmatch(name) is not None
    rest = (parts.path, parts.fragment, parts.username or "", parts.password or "")
    return known_host and bool(parts.port) and not any(rest)


def _is_path(parts: SplitResult) -> bool:
    is_absolute = parts.path.startswith("/") and not parts.path.endswith("/")
    return is_absolute and not parts.netloc and not parts.fragment


def _check_options(parts: SplitResult, *, example: str) -> None:
    known = _OPTIONS.get(parts.scheme, {})
    seen: set[str] = set()
    for name, _, value in (pair.partition("=") for pair in parts.query.split("&")):
        if name in seen:
            raise ValueError(f"the option {shown(name)} is there twice; give it once.")
        seen.add(name)
        if name not in known:
            remedy = f"known are {', '.join(known)}" if known else f'expected the form "{example}"'
            raise ValueError(f"unknown option {shown(name)} behind the ?; {remedy}.")
        if name == "baud":
            _check_baud(value)
        elif value not in known[name]:
            raise ValueError(f"expected {name} to be {either(known[name])}, got {shown(value)}.")


def _check_baud(value: str) -> None:
    if not (value.isascii() and value.isdigit() and BAUD_MIN <= int(value) <= BAUD_MAX):
        raise ValueError(
            f"expected a baud rate from {BAUD_MIN} to {BAUD_MAX}, got {shown(value)}; "
            "take the one that the device is set to."
        )


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _one_of(examples: Iterable[str]) -> str:
    return " or ".join(f'"{example}"' for example in examples)


def _got(url: str) -> str:
    """What was written, unless it may hold a password."""
    return "" if "@" in url else f", got {shown(url)}"
