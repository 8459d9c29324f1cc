"""What every scanner and printer is to the rest: something that is opened, served, lost and opened again.

The threads, the retries and the telling belong to `drivers.supervisor`; a device only knows how to serve
itself.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from edge.facts import DeviceKind

STOP_WITHIN_S = 0.5
"""A device looks at `stop` at least this often, so that the daemon ends quickly."""


class Device(Protocol):
    """One scanner or printer, served by one thread. Nothing is kept open between two calls of `run`."""

    @property
    def kind(self) -> DeviceKind: ...

    @property
    def id(self) -> str: ...

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Open the device and serve it until `stop` is set, which is noticed within `STOP_WITHIN_S`.

        Calls `ready` once the device can be used; closes it again however it ends. Raises DeviceError when
        the device is not there or is lost.
        """
        ...
