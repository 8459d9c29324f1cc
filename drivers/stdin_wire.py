"""A keyboard at the daemon's own terminal as a scanner: lines in from standard input, words out."""

import os
import sys

from drivers.wire import is_readable, reason, write_in_time
from edge.errors import DeviceError

READ_BYTES = 4096


class StdinWire:
    """Standard input and output of this process, which stay open: they are not ours to close."""

    def __init__(self, *, name: str) -> None:
        self._name = name
        if sys.__stdin__ is None or sys.__stdout__ is None:
            raise DeviceError(
                f"There is no terminal for {name}.", hint="Start the daemon in one, or remove it."
            )
        self._from, self._to = sys.__stdin__.fileno(), sys.__stdout__.fileno()

    def read(self, timeout_s: float) -> bytes:
        try:
            if not is_readable(self._from, timeout_s):
                return b""
            data = os.read(self._from, READ_BYTES)
        except OSError as error:
            raise self._ended(reason(error)) from error
        if not data:
            raise self._ended("nobody types there any more")
        return data

    def is_waiting(self) -> bool:
        return is_readable(self._from)

    def write(self, data: bytes) -> bool:
        try:
            return not write_in_time(self._to, data)
        except OSError as error:
            raise self._ended(reason(error)) from error

    def close(self) -> None:
        """Nothing of it is ours."""

    def _ended(self, why: str) -> DeviceError:
        return DeviceError(
            f"Standard input, the keyboard of {self._name}, has ended: {why}.",
            hint="Start the daemon in a terminal, or remove this scanner from the configuration.",
        )
