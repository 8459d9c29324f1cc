"""Stand-ins for the demo and the tests: a scanner at a pseudo-terminal and a label printer behind TCP.

They are what the daemon finds at the other end of a cable. Everything between is the real thing: the daemon
opens their path or address with the same drivers as any other. The printer has a module of its own.
"""

import errno
import os
import select
import time
import tty
from contextlib import suppress
from pathlib import Path
from typing import Self

from drivers.simulated_printer import LabelPrinter

__all__ = ["LabelPrinter", "PtyScanner"]

GRACE_S = 0.02
"""How long an answer that might be the beginning of a longer one is given to go on."""

SEND_TIMEOUT_S = 10.0


class PtyScanner:
    """A scanner at a serial port that is none. Plugged in from the start; `link` is a path that stays.

    `accept`, `attention` and `reject` are the answers it knows, as `[[scanners]]` of the configuration has
    them. Scan only once the daemon reports it ready: what comes before a port is opened is lost, as with a
    real one. One thread uses it at a time.
    """

    def __init__(
        self,
        link: Path | None = None,
        *,
        accept: bytes = b"\x06",
        attention: bytes = b"\x06\x07",
        reject: bytes = b"\x07",
    ) -> None:
        self.accept, self.attention, self.reject = accept, attention, reject
        self._answers = [answer for answer in (accept, attention, reject) if answer]
        self._link = link
        self._controller = self._device = -1
        self._port = ""
        self._unread = b""
        self.plug()

    @property
    def path(self) -> str:
        """Where the daemon finds it: the link, or else the pseudo-terminal, named anew at each plug."""
        return str(self._link) if self._link else self._port

    @property
    def url(self) -> str:
        return f"serial://{self.path}"

    def plug(self) -> None:
        """Plug it in again, behind the same link. Raises FileExistsError where the link is another file."""
        self.unplug()
        if self._link and self._link.exists() and not self._link.is_symlink():
            raise FileExistsError(f"Expected no file at {self._link}: a link of that name is made there.")
        self._unread = b""
        # Both ends stay open here: else settings and bytes would go with the end that the daemon closes.
        self._controller, self._device = os.openpty()
        tty.setraw(self._device)
        os.set_blocking(self._controller, False)
        self._port = os.ttyname(self._device)
        if self._link:
            fresh = self._link.with_name(f".{self._link.name}.new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._port)
            fresh.replace(self._link)

    def unplug(self) -> None:
        """Pull the cable: whoever has the port open gets an error, and the link is gone."""
        if self._controller < 0:
            return
        if self._link and self._link.is_symlink():
            self._link.unlink()
        os.close(self._controller)
        os.close(self._device)
        self._controller = self._device = -1

    def close(self) -> None:
        self.unplug()

    def scan(self, code: str | bytes, timeout_s: float = 5.0) -> bytes:
        """Send a code and its CR, and return the answer: one that it knows, or what came of it in time."""
        # An answer that came late belongs to an earlier scan.
        self._unread = b""
        self._read(0)
        self.send((code.encode("latin-1") if isinstance(code, str) else code) + b"\r")
        return self.read_answer(timeout_s)

    def send(self, data: bytes) -> None:
        """Send bytes as they are. Raises TimeoutError if nobody reads them, OSError when it is unplugged."""
        deadline = time.monotonic() + SEND_TIMEOUT_S
        while data:
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([], [self._plugged()], [], left_s)[1]:
                raise TimeoutError(f"Nobody read {len(data)} bytes at {self.path} in {SEND_TIMEOUT_S:.0f} s.")
            with suppress(BlockingIOError):
                data = data[os.write(self._controller, data) :]

    def read_answer(self, timeout_s: float) -> bytes:
        """Wait for the next answer and return it; what came by then if none did, possibly nothing."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = max((a for a in self._answers if self._unread.startswith(a)), key=len, default=b"")
            may_grow = any(a != self._unread and a.startswith(self._unread) for a in self._answers)
            left_s = max(0.0, deadline - time.monotonic())
            if not may_grow or not (more := self._read(min(left_s, GRACE_S) if answer else left_s)):
                break
            self._unread += more
        answer = answer or self._unread
        self._unread = self._unread[len(answer) :]
        return answer

    def _read(self, timeout_s: float) -> bytes:
        if not select.select([self._plugged()], [], [], timeout_s)[0]:
            return b""
        return os.read(self._controller, 65536)

    def _plugged(self) -> int:
        if self._controller < 0:
            raise OSError(errno.ENODEV, "The simulated scanner is unplugged", self.path)
        return self._controller

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
