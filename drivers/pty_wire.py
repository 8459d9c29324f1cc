"""A serial port that is none, made for a program of this machine: a pseudo-terminal behind a path that stays."""

import os
import select
import tty
from pathlib import Path

from drivers.wire import begin, is_readable, reason, write_in_time
from edge.errors import DeviceError

READ_BYTES = 4096


class PtyWire:
    """Our end of a pseudo-terminal; `path` is a link to the other one, for a program to open as its port."""

    def __init__(self, path: str, *, name: str) -> None:
        self._link = Path(path)
        self._name = name
        if self._link.exists() and not self._link.is_symlink():
            raise DeviceError(
                f"{begin(name)} needs a link at {path}, and a file is there.",
                hint="Move it, or name another path.",
            )
        self._ours, theirs = os.openpty()
        try:
            tty.setraw(theirs)
            self._port = os.ttyname(theirs)
            os.set_blocking(self._ours, False)
            # Left to whoever opens the link: an end kept open here would hide that nobody has it.
            os.close(theirs)
            self._make_link()
        except OSError as error:
            os.close(self._ours)
            raise DeviceError(
                f"{begin(name)} cannot be made at {path}: {reason(error)}.",
                hint="See that its folder is there and that the daemon's user may write to it.",
            ) from error

    def read(self, timeout_s: float) -> bytes:
        if not self._is_held():
            # Nothing can come, and at once: waited for here, who reads would spin.
            select.select([], [], [], timeout_s)
            return b""
        try:
            return os.read(self._ours, READ_BYTES) if is_readable(self._ours, timeout_s) else b""
        except OSError:
            # The program let go of its end: that is no loss, the next one finds the port here.
            return b""

    def is_waiting(self) -> bool:
        return self._is_held() and is_readable(self._ours)

    def write(self, data: bytes) -> bool:
        """Hand bytes over; False where no program has the port open, or it takes none."""
        if not self._is_held():
            return False
        try:
            return not write_in_time(self._ours, data)
        except OSError:
            return False

    def close(self) -> None:
        if self._link.is_symlink() and os.readlink(self._link) == self._port:
            self._link.unlink()
        os.close(self._ours)

    def _is_held(self) -> bool:
        """Tell whether a program has the other end open."""
        poll = select.poll()
        poll.register(self._ours, 0)
        return not poll.poll(0)

    def _make_link(self) -> None:
        fresh = self._link.with_name(f".{self._link.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(self._port)
        fresh.replace(self._link)
