"""A scanner on a pseudo-terminal: what it sends, and the byte that it gets back."""

import os
import select
import termios
import time
import tty
from collections.abc import Callable

from tests.integration.blackbox.waits import PATIENCE_S

ACCEPT, ATTENTION, REJECT = "\x06", "\x11", "\x15"
"""What the node is told to write back: one byte each, so that no answer is the beginning of another."""

VERDICTS = {ACCEPT: "accept", ATTENTION: "attention", REJECT: "reject"}

_LOOK_S = 0.02


class NoAnswerError(AssertionError):
    """The node lives and did not answer a scan in time."""


class PtyScanner:
    """Holds both ends, so that the line stays up while the node is down.

    `node_lives` tells whether there is still somebody to wait for.
    """

    def __init__(self, node_lives: Callable[[], bool]) -> None:
        self._lives = node_lives
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)

    def send(self, data: bytes) -> None:
        """Write bytes as they are, as far as the node takes them; NoAnswerError when it stops reading."""
        end = time.monotonic() + PATIENCE_S
        while data:
            _, ready, _ = select.select([], [self._master], [], _LOOK_S)
            if ready:
                data = data[os.write(self._master, data) :]
            elif not self._lives():
                return
            elif time.monotonic() > end:
                raise NoAnswerError(f"The node does not read from {self.path}: {len(data)} bytes are left.")

    def answer(self, *, timeout_s: float = PATIENCE_S) -> str | None:
        """The next verdict; None when the node died without one, NoAnswerError when it only keeps quiet."""
        end = time.monotonic() + timeout_s
        while True:
            # Asked before looking: an answer written just before the death is still read.
            lives = self._lives()
            ready, _, _ = select.select([self._master], [], [], _LOOK_S)
            if ready:
                byte = os.read(self._master, 1).decode("latin-1")
                assert byte in VERDICTS, f"The scanner got {byte!r}, which is no answer of ours."
                return VERDICTS[byte]
            if not lives:
                return None
            if time.monotonic() > end:
                raise NoAnswerError(f"No answer on {self.path} within {timeout_s:.1f} s.")

    def scan(self, code: str | bytes, *, timeout_s: float = PATIENCE_S) -> str | None:
        """Send one line and return its verdict, as `answer` does."""
        self.send((code if isinstance(code, bytes) else code.encode("latin-1")) + b"\r")
        return self.answer(timeout_s=timeout_s)

    def is_quiet(self, *, for_s: float = 0.1) -> bool:
        """Whether no answer stands in the line nor comes within so long."""
        return not select.select([self._master], [], [], for_s)[0]

    def forget(self) -> None:
        """Drop what a dead node has not read and what it has written: it would answer the next scan."""
        termios.tcflush(self._slave, termios.TCIOFLUSH)
        while select.select([self._master], [], [], 0)[0]:
            os.read(self._master, 4096)
