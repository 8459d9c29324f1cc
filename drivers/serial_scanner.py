"""Scanners at a serial port, or at a USB one that shows itself as serial (CDC-ACM), over pyserial.

Reads lines, posts each as a scan, and writes back what the engine's answer is to this scanner. Opening again
after a loss is the supervisor's.
"""

import contextlib
import errno
import logging
import os
import select
import termios
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import serial

from config.settings import Scanner
from drivers.framing import Framer
from drivers.serial_url import SerialSettings, parse_serial_url
from edge.errors import DeviceError, EdgeError
from edge.facts import Answer, CodeScanned, DeviceKind, Verdict
from edge.inbox import Post

__all__ = ["SerialScanner", "SerialSettings", "parse_serial_url"]

READ_TIMEOUT_S = 0.25
"""A read returns at least so often, for a look at `stop`."""

WRITE_TIMEOUT_S = 1.0
"""What a scanner may take to make room for its answer."""

ANSWER_TIMEOUT_S = 30.0
"""A scan not booked by then gets no answer: whoever scanned it has long seen that nothing beeped."""

LAST_ANSWER_TIMEOUT_S = 2.0
"""What the scan in hand may still take once the daemon ends."""

ANSWER_POLL_S = 0.25
"""How often a look at `stop` is taken while a scan is being booked."""

# Unplugging raises SerialException or a plain OSError; termios has an error of its own, and pyserial runs
# into a TypeError where its port is gone under its hands.
_LOSS = (OSError, termios.error, TypeError)

log = logging.getLogger(__name__)


class SerialScanner:
    """One scanner, one scan in flight: answers come in the order of the scans.

    Raises UsageError for a device URL that cannot be.
    """

    kind: Final = DeviceKind.SCANNER

    def __init__(self, settings: Scanner, post: Post) -> None:
        self.id = settings.id
        self._settings = settings
        self._post = post
        self._port = parse_serial_url(settings.device)
        self._answers = _answers(settings)
        self._is_jammed = False

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Serve the scanner, as `drivers.device.Device` says; the scan in hand is finished before it ends."""
        with self._open() as port:
            log.info("scanner=%s opened %s at %s baud", self.id, self._port.path, self._port.baud)
            try:
                # Not before: opening empties the input buffer, and what was scanned earlier is gone.
                ready()
                self._serve(port, stop)
            finally:
                log.info("scanner=%s closed %s", self.id, self._port.path)

    def _serve(self, port: serial.Serial, stop: threading.Event) -> None:
        self._is_jammed = False
        framer = Framer(gs=self._settings.gs)
        while not stop.is_set():
            for line in framer.feed(self._read(port)):
                self._scan(port, line, stop)
                if stop.is_set():
                    # Lines behind it were never posted and get no answer: they are scanned again.
                    return

    def _open(self) -> serial.Serial:
        try:
            return serial.Serial(
                self._port.path,
                baudrate=self._port.baud,
                bytesize=self._port.bytesize,
                parity=self._port.parity,
                stopbits=self._port.stopbits,
                rtscts=self._port.rtscts,
                xonxoff=self._port.xonxoff,
                timeout=READ_TIMEOUT_S,
                write_timeout=WRITE_TIMEOUT_S,
                exclusive=True,
            )
        except (*_LOSS, ValueError) as error:
            raise self._not_opened(error) from error

    def _read(self, port: serial.Serial) -> bytes:
        """Return what is there, or wait for the next byte; empty after READ_TIMEOUT_S."""
        try:
            return port.read(port.in_waiting or 1)
        except _LOSS as error:
            raise self._went_away(error) from error

    def _scan(self, port: serial.Serial, code: str, stop: threading.Event) -> None:
        scan = CodeScanned(
            scanner=self.id,
            station=self._settings.station,
            dialogue=self.id,
            code=code,
            debounce_ms=self._settings.debounce_ms,
        )
        verdict = self._verdict(self._post(scan), stop)
        if verdict is None:
            log.warning("scanner=%s no answer to %s in time: it was given none", self.id, ascii(code))
        else:
            self._write(port, self._answers[verdict])

    def _verdict(self, answer: "Future[Answer]", stop: threading.Event) -> Verdict | None:
        """Wait for the answer to a scan; None if it does not come in time."""
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        is_ending = False
        while time.monotonic() < deadline:
            try:
                return answer.result(ANSWER_POLL_S).verdict
            except TimeoutError:
                if stop.is_set() and not is_ending:
                    is_ending = True
                    deadline = min(deadline, time.monotonic() + LAST_ANSWER_TIMEOUT_S)
            except EdgeError as error:
                log.warning("scanner=%s scan not booked and so refused: %s", self.id, error)
                return Verdict.REJECT
        return None

    def _write(self, port: serial.Serial, data: bytes) -> None:
        """Write an answer. A scanner that does not take it is logged once, and read all the same.

        Not by `Serial.write`: on a full buffer that spins until its timeout.
        """
        try:
            while data:
                if not select.select([], [port.fileno()], [], WRITE_TIMEOUT_S)[1]:
                    break
                data = data[os.write(port.fileno(), data) :]
        except BlockingIOError:
            pass
        except _LOSS as error:
            raise self._went_away(error) from error
        if data:
            self._unjam(port)

    def _unjam(self, port: serial.Serial) -> None:
        if not self._is_jammed:
            self._is_jammed = True
            log.warning("scanner=%s does not take its answers; it is read all the same", self.id)
        # Old answers must not beep minutes later, for scans they do not belong to. Where that fails, the next
        # read tells why.
        with contextlib.suppress(*_LOSS):
            port.reset_output_buffer()

    def _not_opened(self, error: Exception) -> DeviceError:
        """Say why the port does not open, and what to do about it."""
        path = self._port.path
        match getattr(error, "errno", None):
            case errno.ENOENT | errno.ENODEV | errno.ENXIO:
                return DeviceError(
                    f"There is no {path} for scanner {self.id}.",
                    hint="Plug it in; it is found by itself. If it is plugged in, its port has another name: "
                    "look under /dev/serial/by-id.",
                )
            case errno.EACCES | errno.EPERM:
                return DeviceError(
                    f"The daemon may not open {path} for scanner {self.id}.",
                    hint="Put its user into the group that owns the port, mostly dialout.",
                )
            case errno.EAGAIN | errno.EBUSY:
                return DeviceError(
                    f"Another program holds {path} of scanner {self.id}.",
                    hint="End it: with two readers each gets half of a scan.",
                )
            case _:
                return DeviceError(
                    f"Opening {path} for scanner {self.id} failed: {_plain(error)}.",
                    hint="Check that it is a serial port and can do what its device URL asks for.",
                )

    def _went_away(self, error: Exception) -> DeviceError:
        return DeviceError(
            f"Scanner {self.id} at {self._port.path} went away: {_plain(error)}.",
            hint="Plug it in again; it is found by itself.",
        )


def _answers(settings: Scanner) -> dict[Verdict, bytes]:
    attention = settings.accept if settings.attention is None else settings.attention
    texts = {Verdict.ACCEPT: settings.accept, Verdict.ATTENTION: attention, Verdict.REJECT: settings.reject}
    # The settings let no other characters through than those that are one byte.
    return {verdict: text.encode("latin-1") for verdict, text in texts.items()}


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error).rstrip(".")
