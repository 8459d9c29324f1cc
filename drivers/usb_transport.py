"""A printer at a USB socket by its numbers, as a byte channel over pyusb: usb://04b8:0e15, usb://04b8:0e15/SERIAL.

For a printer that no driver of the system shows as /dev/usb/lp0, or whose number there changes with the socket. It is
taken from the system's driver while we have it and given back. pyusb is an extra, `crossdock[usb]`, loaded once such a
printer is served; it needs libusb-1.0.
(USB Device Class Definition for Printing Devices 1.1; libusb: `libusb_bulk_transfer`.)
"""

import errno
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from config.devices import UsbPrinter, usb_printer
from drivers import transport
from drivers.sockets import SLICE_S
from drivers.transport import READ_BYTES, LostLineError
from edge.errors import DeviceError

PIECE_BYTES = 16_384
"""Written at once: one transfer of Linux' usbfs, so that of one cut short the count of bytes taken is exact."""

READ_MIN_MS = 1
"""To libusb no time at all is for ever."""

IDLE_PAUSE_S = 0.02
"""A printer may answer a read at once with nothing: without a pause who waits for an answer would spin."""

CONTROL_MS = 250
"""What a printer may take to answer how its port is."""

_PRINTER_CLASS, _PRINTER_SUBCLASS = 0x07, 0x01
_BIDIRECTIONAL, _UNIDIRECTIONAL = 0x02, 0x01
"""Protocols of the class that take bytes as they are, the better first; 3 is IEEE 1284.4, 4 is IPP over USB."""

_GET_PORT_STATUS = 0x01
_FROM_INTERFACE = 0xA1
"""A request of the class, to an interface, answered (USB 2.0, table 9-2)."""

_WHY: Mapping[int | None, tuple[str, str]] = {
    errno.EACCES: (
        "the daemon's user may not use it",
        "See that the user is in the group lp, as in systemd/crossdock.service, then start the daemon again.",
    ),
    errno.EBUSY: ("another program has it", "End that program, or take its queue out of CUPS."),
    errno.ENODEV: ("it was unplugged", "Plug it in again; its labels wait and go on by themselves."),
}
_PLUG_IN = "Plug it in and switch it on; its labels wait and go on by themselves."


class UsbTransport:
    """The printer's interface (class 07/01) with its endpoint for bytes, and the one for answers if it has one.

    `backend` is pyusb's, and libusb's where none is given. Raises DeviceError.
    """

    def __init__(self, url: str, *, name: str, stop: threading.Event, backend: Any = None) -> None:
        try:
            import usb.core  # noqa: PLC0415 - installed only where there is such a printer
            import usb.util  # noqa: PLC0415
        except ImportError as error:
            raise DeviceError(
                f"{name} cannot be opened at {url}: pyusb, the library that finds USB printers by their numbers, is "
                "not installed.",
                hint="As root: apt-get install libusb-1.0-0 && /opt/crossdock/bin/pip install 'crossdock[usb]'. Or "
                "name the file that the system shows it as, such as file:///dev/usb/lp0, which needs neither.",
            ) from error
        self._usb = usb
        self._name = name
        self._url = url
        self._stop = stop
        self._is_detached = False
        self._device = self._find(usb_printer(url), _libusb(name) if backend is None else backend)
        try:
            self._interface = self._choose_interface()
            self._out, self._in = self._endpoints()
            self._take()
        except usb.core.USBError as error:
            self.close()
            raise self._not_opened(error) from error
        except DeviceError:
            self.close()
            raise

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        deadline = time.monotonic() + transport.WRITE_TIMEOUT_S
        while rest:
            taken = self._write(bytes(rest[:PIECE_BYTES]))
            now = time.monotonic()
            if taken:
                rest, deadline = rest[taken:], now + transport.WRITE_TIMEOUT_S
            elif now >= deadline:
                raise DeviceError(
                    f"{self._name} at {self._url} took no byte for {transport.WRITE_TIMEOUT_S:.0f} s.",
                    hint="See whether it is on, has paper and is not paused.",
                )
            self._check_stop()

    def read(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            if data := self._read(min(left_s, SLICE_S)):
                return data
            self._check_stop()
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return b""
            self._stop.wait(min(left_s, IDLE_PAUSE_S))

    def settle(self) -> None:
        """The printer itself acknowledged each packet: nothing is on its way."""

    def close(self) -> None:
        if self._is_detached:
            # One that was unplugged can be given back to nobody.
            with suppress(self._usb.core.USBError):
                self._usb.util.release_interface(self._device, self._number)
                self._device.attach_kernel_driver(self._number)
        self._usb.util.dispose_resources(self._device)

    def _write(self, piece: bytes) -> int:
        try:
            return int(self._out.write(piece, timeout=round(SLICE_S * 1000)))
        except self._usb.core.USBTimeoutError:
            return 0
        except self._usb.core.USBError as error:
            raise self._lost(error, self._out) from error

    def _read(self, timeout_s: float) -> bytes:
        if self._in is None:
            self._see_that_it_is_there()
            return b""
        try:
            # A multiple of every packet's size: a smaller buffer would be overrun.
            data = self._in.read(READ_BYTES, timeout=max(READ_MIN_MS, round(timeout_s * 1000)))
        except self._usb.core.USBTimeoutError:
            return b""
        except self._usb.core.USBError as error:
            raise self._lost(error, self._in) from error
        return bytes(data)

    def _see_that_it_is_there(self) -> None:
        """Ask a printer that sends nothing for its port's status: one that is gone does not answer."""
        try:
            self._device.ctrl_transfer(
                _FROM_INTERFACE, _GET_PORT_STATUS, wIndex=self._number, data_or_wLength=1, timeout=CONTROL_MS
            )
        except self._usb.core.USBError as error:
            if error.errno == errno.ENODEV:
                raise self._lost(error) from error

    def _find(self, wanted: UsbPrinter, backend: Any) -> Any:
        numbers = {"idVendor": wanted.vendor, "idProduct": wanted.product}
        try:
            found = list(self._usb.core.find(find_all=True, backend=backend, **numbers))
            if wanted.serial is None and len(found) == 1:
                return found[0]
            serials = [self._serial_of(device) for device in found]
        except self._usb.core.USBError as error:
            raise self._not_opened(error) from error
        if wanted.serial in serials and wanted.serial is not None:
            return found[serials.index(wanted.serial)]
        raise DeviceError(*_not_found(self._name, self._url, wanted, serials))

    def _serial_of(self, device: Any) -> str:
        try:
            return device.serial_number or ""
        except ValueError:  # the device has no texts at all
            return ""
        finally:
            self._usb.util.dispose_resources(device)

    def _choose_interface(self) -> Any:
        chosen = min(
            (
                one
                for one in self._interfaces()
                if one.bInterfaceProtocol in (_BIDIRECTIONAL, _UNIDIRECTIONAL)
            ),
            key=lambda one: (-one.bInterfaceProtocol, one.bInterfaceNumber, one.bAlternateSetting),
            default=None,
        )
        if chosen is None:
            raise DeviceError(
                f"{self._name} at {self._url} has no interface of a USB printer (class 07/01).",
                hint='Set the USB class in its own menu or switches to "printer", not "vendor" or "serial".',
            )
        return chosen

    def _interfaces(self) -> Iterator[Any]:
        for interface in self._device.get_active_configuration():
            kind = (interface.bInterfaceClass, interface.bInterfaceSubClass)
            if kind == (_PRINTER_CLASS, _PRINTER_SUBCLASS):
                yield interface

    def _endpoints(self) -> tuple[Any, Any]:
        """The first bulk endpoint of either direction; a printer of one direction has none for answers."""
        util = self._usb.util
        bulk = [
            one for one in self._interface if util.endpoint_type(one.bmAttributes) == util.ENDPOINT_TYPE_BULK
        ]
        found = {util.endpoint_direction(one.bEndpointAddress): one for one in reversed(bulk)}
        if util.ENDPOINT_OUT not in found:
            raise DeviceError(f"{self._name} at {self._url} has no endpoint that takes bytes.")
        return found[util.ENDPOINT_OUT], found.get(util.ENDPOINT_IN)

    @property
    def _number(self) -> int:
        return int(self._interface.bInterfaceNumber)

    def _take(self) -> None:
        """Take the interface from the system's driver (usblp), and the setting that speaks our protocol."""
        if self._device.is_kernel_driver_active(self._number):
            self._device.detach_kernel_driver(self._number)
            self._is_detached = True
        self._usb.util.claim_interface(self._device, self._number)
        if sum(one.bInterfaceNumber == self._number for one in self._device.get_active_configuration()) > 1:
            self._device.set_interface_altsetting(self._interface)

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise DeviceError(f"{self._name} was left: the daemon is stopping.")

    def _not_opened(self, error: Any) -> DeviceError:
        why, remedy = _WHY.get(error.errno, (error.strerror, _PLUG_IN))
        return DeviceError(f"{self._name} cannot be opened at {self._url}: {why}.", hint=remedy)

    def _lost(self, error: Any, endpoint: Any = None) -> LostLineError:
        if error.errno == errno.EPIPE and endpoint is not None:
            # Halted by the printer: it stays so, also for who opens it next, until it is told to go on.
            with suppress(self._usb.core.USBError):
                endpoint.clear_halt()
        why, remedy = _WHY.get(error.errno, (error.strerror, _PLUG_IN))
        return LostLineError(f"{self._name} at {self._url} went away: {why}.", hint=remedy)


def _libusb(name: str) -> Any:
    from usb.backend import libusb1  # noqa: PLC0415 - only for such printers

    # It logs an error at each try, and a try comes every other second: ours is told once.
    logging.getLogger("usb").setLevel(logging.CRITICAL)
    backend = libusb1.get_backend()
    if backend is None:
        raise DeviceError(
            f"{name} cannot be opened: libusb-1.0 is missing or does not work on this box.",
            hint="On Debian, as root: apt-get install libusb-1.0-0.",
        )
    return backend


def _not_found(name: str, url: str, wanted: UsbPrinter, serials: list[str]) -> tuple[str, ...]:
    """Say what is there instead of the one printer that was asked for."""
    numbers = f"{wanted.vendor:04x}:{wanted.product:04x}"
    told = ", ".join(serial or "one without a serial number" for serial in sorted(serials))
    if not serials:
        return (f"{name} is not at any USB socket: there is no device {numbers}. {_PLUG_IN}",)
    if wanted.serial is None:
        return (
            f"{name} at {url} could be any of {len(serials)} devices: {told}. Write the serial number of the one "
            f"that is meant behind it, such as usb://{numbers}/{next(filter(None, serials), 'SERIAL')}.",
        )
    return (
        f"{name} is not at any USB socket: of {numbers} there is {told}, not {wanted.serial}. {_PLUG_IN}",
    )
