"""A keyboard-wedge USB scanner as a wire: its input device opened, grabbed and read as characters.

Only reading: a keyboard takes no answers. Which key means what is `drivers.keyboard`; a FIFO of input events stands
in for a device wherever one is named, so that all but the opening can be seen at work without a keyboard.
"""

import contextlib
import errno
import os
import select
import stat
import time
from typing import Any

from drivers.keyboard import EVENTS_LOST, Keyboard
from drivers.keyboard_layouts import LAYOUTS
from drivers.wire import begin, reason
from edge.errors import DeviceError, UsageError

_PREFIX = "hid://"

LAYOUT_DEFAULT = "us"
"""How scanners come out of the box."""

READ_BYTES = 64 * 1024
"""Read at once: all that a pipe holds, and many times what the kernel keeps for a keyboard."""

SETTLE_S = 0.1
"""A device opened is watched for so long: who types then was typing before. Longer than scanners pause between keys."""

MAX_WAITING_BYTES = 16 * 1024
"""Characters kept for who reads them: dozens of codes. More stays with the kernel, which says when it loses some."""


def parse_hid_url(url: str) -> tuple[str, str]:
    """Read a device URL as path and layout; the path is taken as it stands. Raises UsageError for anything else.

    >>> parse_hid_url("hid:///dev/input/by-id/usb-Symbol_Bar_Code_Scanner-event-kbd?layout=de")
    ('/dev/input/by-id/usb-Symbol_Bar_Code_Scanner-event-kbd', 'de')
    """
    path, _, query = url.removeprefix(_PREFIX).partition("?")
    if not url.startswith(_PREFIX) or not path.startswith("/") or path.endswith("/"):
        raise UsageError(
            f"Expected a device such as hid:///dev/input/by-id/usb-…-event-kbd?layout=us, got {url!r}."
        )
    layout = None
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        if key != "layout":
            raise UsageError(f"Expected layout or nothing behind the ? of {url!r}, got {key!r}.")
        if layout is not None:
            raise UsageError(f"Expected layout once in {url!r}, got it twice.")
        if value not in LAYOUTS:
            raise UsageError(f"Expected layout to be one of {', '.join(LAYOUTS)} in {url!r}, got {value!r}.")
        layout = value
    return path, layout or LAYOUT_DEFAULT


class HidWire:
    """An open scanner that types; `name` is the scanner's in sentences. One thread uses it.

    It is grabbed: nobody else hears it, no console takes its keys for commands, and logind no power key. Raises
    DeviceError when it cannot be opened.

    The kernel keeps 64 events of a keyboard, some ten characters, and drops what comes beyond (EVDEV_MIN_BUFFER_SIZE
    in its drivers/input/evdev.c). Who does not read for a while calls `is_waiting` every 50 ms, which takes them over:
    else a code typed meanwhile is refused.
    """

    def __init__(self, path: str, *, layout: str, name: str) -> None:
        self._path = path
        self._name = name
        self._keyboard = Keyboard(layout)
        self._typed = bytearray()
        self._device: Any = None
        try:
            if stat.S_ISFIFO(os.stat(path).st_mode):
                # Not blocking: nobody may have opened its other end yet, which is a scanner that is silent.
                self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            else:
                self._device = self._grabbed()
                self._descriptor = self._device.fd
        except OSError as error:
            raise self._not_opened(error) from error
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)
        if self._device is not None and self._poll.poll(SETTLE_S * 1000):
            # Amid a code: its beginning went elsewhere, and the rest must not pass for a whole one.
            self._typed += self._keyboard.feed(EVENTS_LOST)

    def read(self, timeout_s: float) -> bytes:
        """Return what was typed, waiting so long for a first character; empty if none came.

        Raises DeviceError when the scanner is lost; what it typed before that is returned first.
        """
        deadline = time.monotonic() + timeout_s
        left_s = timeout_s
        # A release, a report and Shift are events too, and make no character: they do not end the wait.
        while not self._typed and left_s >= 0:
            self._take_over(left_s)
            left_s = deadline - time.monotonic()
        typed = bytes(self._typed)
        self._typed.clear()
        return typed

    def is_waiting(self) -> bool:
        """Say whether characters have come that were not read. That the scanner is lost, the next `read` tells."""
        with contextlib.suppress(DeviceError):
            self._take_over(0.0)
        return bool(self._typed)

    def write(self, data: bytes) -> bool:
        """Nothing can be handed to a keyboard: return whether there was nothing to hand over."""
        return not data

    def close(self) -> None:
        if self._device is not None:
            # Lets go of the grab with it.
            self._device.close()
        else:
            os.close(self._descriptor)

    def _take_over(self, timeout_s: float) -> None:
        """Type what the kernel has, waiting so long for it. Raises DeviceError when the scanner is lost."""
        if len(self._typed) >= MAX_WAITING_BYTES or not self._poll.poll(timeout_s * 1000):
            return
        try:
            events = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise self._went_away(reason(error)) from error
        if not events:
            raise self._went_away("nobody writes to it any more")
        self._typed += self._keyboard.feed(events)

    def _grabbed(self) -> Any:
        """Open the input device for us alone. Raises OSError, and DeviceError where it cannot be used."""
        try:
            import evdev  # noqa: PLC0415 - compiled on the box, and few boxes have such a scanner
        except ImportError as error:
            raise DeviceError(
                f"{begin(self._name)} at {self._path} types like a keyboard, and evdev, the library that reads "
                "keyboards, is not installed.",
                hint="As root: apt-get install gcc python3-dev && /opt/crossdock/bin/pip install 'crossdock[hid]'. Or "
                "set the scanner to USB serial (COM), which needs neither.",
            ) from error
        device = evdev.InputDevice(self._path)
        try:
            codes = evdev.ecodes
            keys = device.capabilities().get(codes.EV_KEY, [])
            if codes.KEY_1 not in keys or codes.KEY_ENTER not in keys:
                raise DeviceError(
                    f"{self._path} of {self._name} is {device.name!r}, which is no keyboard.",
                    hint="Take the name that ends in -event-kbd under /dev/input/by-id.",
                )
            device.grab()
            if codes.LED_CAPSL in device.capabilities().get(codes.EV_LED, []):
                # A console may have lit it, and some scanners swap the case of what they type while it is lit.
                with contextlib.suppress(OSError):
                    device.set_led(codes.LED_CAPSL, 0)
        except BaseException:
            device.close()
            raise
        return device

    def _not_opened(self, error: OSError) -> DeviceError:
        """Say why the scanner does not open, and what to do about it."""
        match error.errno:
            case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.ENOTDIR:
                return DeviceError(
                    f"There is no {self._path} for {self._name}.",
                    hint="Plug it in; it is found by itself. If it is plugged in, it has another name: look under "
                    "/dev/input/by-id for one that ends in -event-kbd.",
                )
            case errno.EACCES | errno.EPERM:
                return DeviceError(
                    f"The daemon may not open {self._path} for {self._name}.",
                    hint="Install systemd/crossdock.rules for the common makers' scanners and plug it in again, or put "
                    "the daemon's user into the group input.",
                )
            case errno.EBUSY:
                return DeviceError(
                    f"Another program has grabbed {self._path} of {self._name}.",
                    hint="End it: a scanner types for one program alone.",
                )
            case errno.ENOTTY | errno.EINVAL:
                return DeviceError(
                    f"{self._path} of {self._name} is no input device.",
                    hint="Take the name that ends in -event-kbd under /dev/input/by-id.",
                )
            case _:
                return DeviceError(
                    f"Opening {self._path} for {self._name} failed: {reason(error)}.",
                    hint="Check that it is an input device: its name ends in -event-kbd under /dev/input/by-id.",
                )

    def _went_away(self, why: str) -> DeviceError:
        return DeviceError(
            f"{begin(self._name)} at {self._path} went away: {why}.",
            hint="Plug it in again; it is found by itself.",
        )
