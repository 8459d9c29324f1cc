"""What a `serial://` or `rfc2217://` device URL says: the port and how it talks. Nothing is opened here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.errors import UsageError

_EXAMPLES = {
    "serial": "serial:///dev/ttyUSB0?baud=9600",
    "rfc2217": "rfc2217://10.0.0.9:4001?baud=9600",
}
_BAUD_MIN, _BAUD_MAX = 50, 4_000_000

_SWITCH: Mapping[str, bool] = {"0": False, "1": True, "false": False, "true": True}
_CHOICES: Mapping[str, Mapping[str, Any]] = {
    "bytesize": {"5": 5, "6": 6, "7": 7, "8": 8},
    "parity": {"N": "N", "E": "E", "O": "O", "M": "M", "S": "S"},
    "stopbits": {"1": 1.0, "1.5": 1.5, "2": 2.0},
    "rtscts": _SWITCH,
    "xonxoff": _SWITCH,
}


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """A serial port and how it talks: `baud` is bits a second, `parity` is N, E, O, M or S.

    `path` is a file of this machine, or the URL of a port in the network.
    """

    path: str
    baud: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: float = 1.0
    rtscts: bool = False
    xonxoff: bool = False


def parse_serial_url(url: str) -> SerialSettings:
    """Read a device URL; the path is taken as it stands. Raises UsageError for anything unknown in it.

    >>> parse_serial_url("serial:///dev/ttyUSB0?baud=115200&parity=E") == SerialSettings(
    ...     "/dev/ttyUSB0", baud=115200, parity="E"
    ... )
    True
    >>> parse_serial_url("rfc2217://10.0.0.9:4001").path
    'rfc2217://10.0.0.9:4001'
    """
    where, _, query = url.partition("?")
    scheme, _, path = where.partition("://")
    is_file = path.startswith("/") and not path.endswith("/")
    if scheme not in _EXAMPLES or is_file != (scheme == "serial"):
        example = _EXAMPLES.get(scheme, _EXAMPLES["serial"])
        raise UsageError(f"Expected a device such as {example}, got {url!r}.")
    options: dict[str, Any] = {}
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        if key in options:
            raise UsageError(f"Expected {key} once in {url!r}, got it twice.")
        options[key] = _option(url, key, value)
    return SerialSettings(path if is_file else where, **options)


def _option(url: str, key: str, value: str) -> Any:
    if key == "baud":
        if re.fullmatch(r"[0-9]{2,7}", value) and _BAUD_MIN <= int(value) <= _BAUD_MAX:
            return int(value)
        raise UsageError(f"Expected a baud from {_BAUD_MIN} to {_BAUD_MAX} in {url!r}, got {value!r}.")
    choices = _CHOICES.get(key)
    if choices is None:
        known = ", ".join(["baud", *_CHOICES])
        raise UsageError(f"Expected one of {known} in {url!r}, got {key!r}.")
    if value not in choices:
        raise UsageError(f"Expected {key} to be one of {', '.join(choices)} in {url!r}, got {value!r}.")
    return choices[value]
