"""Scanners at a serial port, at a USB one that shows itself as serial (CDC-ACM), or at a terminal server's (RFC 2217).

Over pyserial, whose own framing is not used.
"""

import contextlib
import errno
import time

import serial
from serial import rfc2217

from drivers.serial_port import LOSS, UNUSABLE, open_port, open_rfc2217, socket_of
from drivers.serial_url import SerialSettings
from drivers.wire import (
    READ_TIMEOUT_S,
    WRITE_TIMEOUT_S,
    begin,
    is_readable,
    is_writable,
    reason,
    write_in_time,
)
from edge.errors import DeviceError


class SerialWire:
    """A port of this machine. Opening empties its input buffer: what came before is gone."""

    def __init__(self, settings: SerialSettings, *, name: str) -> None:
        self._path = settings.path
        self._name = name
        try:
            self._port = open_port(settings, timeout_s=READ_TIMEOUT_S, write_timeout_s=WRITE_TIMEOUT_S)
        except UNUSABLE as error:
            raise self._not_opened(error) from error

    def read(self, timeout_s: float) -> bytes:
        try:
            if not is_readable(self._port.fileno(), timeout_s):
                return b""
            return self._port.read(self._port.in_waiting or 1)
        except LOSS as error:
            raise self._went_away(error) from error

    def is_waiting(self) -> bool:
        try:
            return is_readable(self._port.fileno())
        except LOSS as error:
            raise self._went_away(error) from error

    def write(self, data: bytes) -> bool:
        """Not by `Serial.write`: on a full buffer that spins until its timeout."""
        try:
            left = write_in_time(self._port.fileno(), data)
        except LOSS as error:
            raise self._went_away(error) from error
        if left:
            # Old answers must not beep minutes later, for scans they do not belong to. Where that fails, the next
            # read tells why.
            with contextlib.suppress(*LOSS):
                self._port.reset_output_buffer()
        return not left

    def close(self) -> None:
        with contextlib.suppress(*LOSS):
            self._port.close()

    def _not_opened(self, error: Exception) -> DeviceError:
        """Say why the port does not open, and what to do about it."""
        match getattr(error, "errno", None):
            case errno.ENOENT | errno.ENODEV | errno.ENXIO:
                return DeviceError(
                    f"There is no {self._path} for {self._name}.",
                    hint="Plug it in; it is found by itself. If it is plugged in, its port has another name: "
                    "look under /dev/serial/by-id.",
                )
            case errno.EACCES | errno.EPERM:
                return DeviceError(
                    f"The daemon may not open {self._path} for {self._name}.",
                    hint="Put its user into the group that owns the port, mostly dialout.",
                )
            case errno.EAGAIN | errno.EBUSY:
                return DeviceError(
                    f"Another program holds {self._path} of {self._name}.",
                    hint="End it: with two readers each gets half of a scan.",
                )
            case _:
                return DeviceError(
                    f"Opening {self._path} for {self._name} failed: {reason(error)}.",
                    hint="Check that it is a serial port and can do what its device URL asks for.",
                )

    def _went_away(self, error: Exception) -> DeviceError:
        return DeviceError(
            f"{begin(self._name)} at {self._path} went away: {reason(error)}.",
            hint="Plug it in again; it is found by itself.",
        )


class Rfc2217Wire:
    """A port of a terminal server. pyserial reads it on a thread of its own; a read takes from its queue."""

    def __init__(self, settings: SerialSettings, *, name: str) -> None:
        self._url = settings.path
        self._name = name
        try:
            self._port: rfc2217.Serial = open_rfc2217(settings, timeout_s=READ_TIMEOUT_S)
        except UNUSABLE as error:
            raise DeviceError(
                f"{begin(name)} cannot be reached at {self._url}: {reason(error)}.",
                hint="Switch the terminal server on, check its address, and that the port speaks RFC 2217.",
            ) from error

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        try:
            # A read of pyserial's waits for READ_TIMEOUT_S at most.
            while not (data := self._port.read(self._port.in_waiting or 1)):
                if time.monotonic() >= deadline:
                    break
        except LOSS as error:
            raise self._went_away(error) from error
        return bytes(data)

    def is_waiting(self) -> bool:
        try:
            return self._port.in_waiting > 0
        except LOSS as error:
            raise self._went_away(error) from error

    def write(self, data: bytes) -> bool:
        try:
            if not is_writable(socket_of(self._port).fileno(), WRITE_TIMEOUT_S):
                return False
            self._port.write(data)
        except serial.SerialTimeoutException:
            return False
        except LOSS as error:
            raise self._went_away(error) from error
        return True

    def close(self) -> None:
        with contextlib.suppress(*LOSS):
            self._port.close()

    def _went_away(self, error: Exception) -> DeviceError:
        return DeviceError(
            f"{begin(self._name)} at {self._url} went away: {reason(error)}.",
            hint="See whether the terminal server is on; the scanner is found again by itself.",
        )
