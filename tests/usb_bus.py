"""A USB bus made of software, as pyusb's backends are (`usb.backend.IBackend`): real pyusb talks to printers on it."""

import errno
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core
import usb.util

OUT, IN = 0x01, 0x82
LANGUAGE = b"\x04\x03\x09\x04"
GET_DESCRIPTOR, GET_PORT_STATUS = 6, 1


@dataclass(frozen=True)
class Setting:
    """An interface in one of its settings."""

    protocol: int = 2
    number: int = 0
    alternate: int = 0
    kind: tuple[int, int] = (7, 1)
    endpoints: tuple[int, ...] = (OUT, IN)


@dataclass
class UsbPrinter:
    """A printer on the bus. `room`: so many bytes it takes until it has printed; `dies_after`: then it is unplugged."""

    vendor: int = 0x04B8
    product: int = 0x0E15
    serial: str = "J6T1"
    settings: tuple[Setting, ...] = (Setting(),)
    driver: str = "usblp"
    room: int = 1 << 30
    dies_after: int = 1 << 30
    answers_nothing_at_once: bool = False
    fails: dict[str, int] = field(default_factory=dict)
    """Which call of the backend fails, and with what errno."""
    taken: bytearray = field(default_factory=bytearray)
    answers: bytearray = field(default_factory=bytearray)
    is_plugged: bool = True
    handles: int = 0
    claimed: set[int] = field(default_factory=set)
    chosen: tuple[int, int] | None = None
    resumed: list[int] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def say(self, data: bytes) -> None:
        with self.changed:
            self.answers += data
            self.changed.notify_all()

    def unplug(self) -> None:
        with self.changed:
            self.is_plugged = False
            self.changed.notify_all()


class UsbBus(usb.backend.IBackend):  # type: ignore[misc]
    """Raises what libusb does: ENODEV of what was unplugged, a timeout where nothing moved in time."""

    def __init__(self, *printers: UsbPrinter) -> None:
        self.printers = list(printers)

    def enumerate_devices(self) -> Iterator[UsbPrinter]:
        return (printer for printer in self.printers if printer.is_plugged)

    def get_device_descriptor(self, dev: UsbPrinter) -> Any:
        numbers = {"idVendor": dev.vendor, "idProduct": dev.product, "iSerialNumber": 3 if dev.serial else 0}
        return _descriptor(
            "bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0 bcdDevice iManufacturer iProduct",
            **numbers,
            **{"bNumConfigurations": 1, "address": self.printers.index(dev), "bus": 1, "speed": 3},
            **{"port_number": 1, "port_numbers": (1,)},
        )

    def get_configuration_descriptor(self, dev: UsbPrinter, config: int) -> Any:
        _must_be(config == 0)
        names, interfaces = (
            "wTotalLength iConfiguration bmAttributes bMaxPower",
            len({s.number for s in dev.settings}),
        )
        return _descriptor(names, bConfigurationValue=1, bNumInterfaces=interfaces)

    def get_interface_descriptor(self, dev: UsbPrinter, intf: int, alt: int, config: int) -> Any:
        numbers = sorted({one.number for one in dev.settings})
        _must_be(intf < len(numbers))
        one = next((s for s in dev.settings if (s.number, s.alternate) == (numbers[intf], alt)), None)
        _must_be(one is not None)
        assert one is not None
        return _descriptor(
            "iInterface",
            **{"bInterfaceNumber": one.number, "bAlternateSetting": alt, "bNumEndpoints": len(one.endpoints)},
            **{
                "bInterfaceClass": one.kind[0],
                "bInterfaceSubClass": one.kind[1],
                "bInterfaceProtocol": one.protocol,
            },
            setting=one,
        )

    def get_endpoint_descriptor(self, dev: UsbPrinter, ep: int, intf: int, alt: int, config: int) -> Any:
        endpoints = self.get_interface_descriptor(dev, intf, alt, config).setting.endpoints
        _must_be(ep < len(endpoints))
        bulk = usb.util.ENDPOINT_TYPE_BULK
        names = "bInterval bRefresh bSynchAddress"
        return _descriptor(names, bEndpointAddress=endpoints[ep], bmAttributes=bulk, wMaxPacketSize=64)

    def open_device(self, dev: UsbPrinter) -> UsbPrinter:
        _check(dev, "open")
        dev.handles += 1
        return dev

    def close_device(self, dev_handle: UsbPrinter) -> None:
        dev_handle.handles -= 1

    def get_configuration(self, dev_handle: UsbPrinter) -> int:
        _check(dev_handle, "get_configuration")
        return 1

    def claim_interface(self, dev_handle: UsbPrinter, intf: int) -> None:
        _check(dev_handle, "claim")
        if dev_handle.driver or intf in dev_handle.claimed:
            raise _error(errno.EBUSY)
        dev_handle.claimed.add(intf)

    def release_interface(self, dev_handle: UsbPrinter, intf: int) -> None:
        dev_handle.claimed.discard(intf)
        _check(dev_handle, "release")

    def set_interface_altsetting(self, dev_handle: UsbPrinter, intf: int, altsetting: int) -> None:
        _check(dev_handle, "set_interface_altsetting")
        dev_handle.chosen = intf, altsetting

    def is_kernel_driver_active(self, dev_handle: UsbPrinter, intf: int) -> bool:
        _check(dev_handle, "is_kernel_driver_active")
        return bool(dev_handle.driver)

    def detach_kernel_driver(self, dev_handle: UsbPrinter, intf: int) -> None:
        _check(dev_handle, "detach")
        dev_handle.driver = ""

    def attach_kernel_driver(self, dev_handle: UsbPrinter, intf: int) -> None:
        _check(dev_handle, "attach")
        if intf in dev_handle.claimed:
            raise _error(errno.EBUSY)
        dev_handle.driver = "usblp"

    def clear_halt(self, dev_handle: UsbPrinter, ep: int) -> None:
        dev_handle.resumed.append(ep)

    def ctrl_transfer(
        self, dev_handle: UsbPrinter, kind: int, request: int, value: int, index: int, data: Any, timeout: int
    ) -> int:
        _check(dev_handle, "ctrl_transfer")
        if request == GET_PORT_STATUS:
            answer = b"\x18"
        else:
            assert request == GET_DESCRIPTOR
            text = dev_handle.serial.encode("utf-16-le")
            answer = LANGUAGE if value & 0xFF == 0 else bytes((len(text) + 2, 3)) + text
        memoryview(data)[: len(answer)] = answer
        return len(answer)

    def bulk_write(self, dev_handle: UsbPrinter, ep: int, intf: int, data: Any, timeout: int) -> int:
        printer = dev_handle
        with printer.changed:
            _check(printer, "write")
            assert ep == OUT
            assert intf in printer.claimed
            if not printer.changed.wait_for(lambda: printer.room or not printer.is_plugged, timeout / 1000):
                raise _timeout()
            part = bytes(data)[: min(printer.room, printer.dies_after - len(printer.taken))]
            printer.taken += part
            printer.room -= len(part)
            if len(printer.taken) >= printer.dies_after:
                printer.is_plugged = False
            _check(printer, "write")
            return len(part)

    def bulk_read(self, dev_handle: UsbPrinter, ep: int, intf: int, buff: Any, timeout: int) -> int:
        printer = dev_handle
        assert timeout > 0, "to libusb that is for ever"
        with printer.changed:
            assert ep == IN
            if not printer.answers_nothing_at_once:
                printer.changed.wait_for(lambda: printer.answers or not printer.is_plugged, timeout / 1000)
            _check(printer, "read")
            if not printer.answers and not printer.answers_nothing_at_once:
                raise _timeout()
            part = bytes(printer.answers[: len(buff)])
            del printer.answers[: len(part)]
            memoryview(buff)[: len(part)] = part
            return len(part)


def _descriptor(others: str, **values: Any) -> Any:
    zero = dict.fromkeys(("bLength", "bDescriptorType", *others.split()), 0)
    return SimpleNamespace(**{**zero, "extra_descriptors": (), **values})


def _check(printer: UsbPrinter, call: str) -> None:
    if not printer.is_plugged:
        raise _error(errno.ENODEV)
    if call in printer.fails:
        raise _error(printer.fails[call])


def _error(number: int) -> usb.core.USBError:
    texts = {errno.EIO: "Input/output error", errno.EPIPE: "Pipe error"}
    return usb.core.USBError(texts.get(number, "Unknown error"), -1, number)


def _timeout() -> usb.core.USBTimeoutError:
    return usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)


def _must_be(there: bool) -> None:
    if not there:
        raise IndexError
