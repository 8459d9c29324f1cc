"""Serial ports over pyserial, as scanners and printers open them: with what settings, and what a loss looks like."""

import contextlib
import socket
import termios
from typing import Any

import serial
from serial import rfc2217

from drivers.serial_url import SerialSettings
from drivers.sockets import watch

LOSS = (OSError, termios.error, TypeError)
"""Unplugging raises SerialException (an OSError) or an error of termios; a port that is gone, TypeError."""

UNUSABLE = (*LOSS, ValueError)
"""What opening raises, a port that cannot do what it is asked included."""


def open_port(settings: SerialSettings, *, timeout_s: float, write_timeout_s: float) -> serial.Serial:
    """Open a port of this machine. Raises one of UNUSABLE."""
    return serial.Serial(
        settings.path,
        **_talk(settings),
        timeout=timeout_s,
        write_timeout=write_timeout_s,
        exclusive=True,
    )


def open_rfc2217(settings: SerialSettings, *, timeout_s: float) -> rfc2217.Serial:
    """Open a port of a terminal server, over RFC 2217. Raises one of UNUSABLE, after 11 s at the latest."""
    port = rfc2217.Serial(settings.path, **_talk(settings), timeout=timeout_s)
    # pyserial has no setting for it: a terminal server that lost its power says nothing.
    with contextlib.suppress(OSError):
        watch(socket_of(port))
    return port


def socket_of(port: rfc2217.Serial) -> socket.socket:
    """The connection of an open port, which pyserial 3.5 keeps to itself."""
    connection: socket.socket = getattr(port, "_socket")  # noqa: B009 - its stubs do not know it
    return connection


def _talk(settings: SerialSettings) -> dict[str, Any]:
    return {
        "baudrate": settings.baud,
        "bytesize": settings.bytesize,
        "parity": settings.parity,
        "stopbits": settings.stopbits,
        "rtscts": settings.rtscts,
        "xonxoff": settings.xonxoff,
    }
