"""The channel to a printer: TCP, a serial port, a device file; what they do when the other end goes."""

import os
import socket
import struct
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drivers import transport
from drivers.transport import LostLineError, Transport, check_printer_url, open_transport
from edge.errors import DeviceError, UsageError

NAME = "Printer zebra-1"


def opened(url: str, stop: threading.Event | None = None) -> Transport:
    return open_transport(url, name=NAME, stop=stop or threading.Event())


@pytest.fixture
def pair() -> Iterator[tuple[Transport, socket.socket]]:
    """A channel and the socket at its other end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = opened(f"tcp://127.0.0.1:{listener.getsockname()[1]}")
        peer, _ = listener.accept()
        with closing(line), peer:
            yield line, peer


def test_what_is_written_arrives_and_what_is_answered_is_read(pair: tuple[Transport, socket.socket]) -> None:
    line, peer = pair

    line.write(b"~HS")
    assert peer.recv(10) == b"~HS"
    peer.sendall(b"ok")

    assert line.read(5) == b"ok"
    assert line.read(0) == b""


def test_bytes_that_the_peer_took_are_settled(pair: tuple[Transport, socket.socket]) -> None:
    line, peer = pair

    line.write(b"label")
    line.settle()

    assert peer.recv(10) == b"label"


def test_a_reset_over_the_label_is_not_settled(pair: tuple[Transport, socket.socket]) -> None:
    line, peer = pair
    line.write(b"label")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()

    with pytest.raises(LostLineError, match=r"The connection to Printer zebra-1 .* broke") as lost:
        line.settle()

    assert not lost.value.in_order


def test_a_close_behind_the_label_is_told_apart_from_one_over_it(
    pair: tuple[Transport, socket.socket],
) -> None:
    line, peer = pair
    line.write(b"label")
    assert peer.recv(10) == b"label"
    peer.close()

    with pytest.raises(LostLineError, match="closed the connection") as lost:
        line.settle()

    assert lost.value.in_order


def test_a_printer_that_takes_no_byte_is_given_up(
    pair: tuple[Transport, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "WRITE_TIMEOUT_S", 0.3)
    line, _ = pair

    with pytest.raises(DeviceError, match=r"took no byte for 0 s. See whether it has paper"):
        line.write(b"\x00" * 32 * 1024 * 1024)


def test_a_read_ends_when_the_daemon_does() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = opened(f"tcp://127.0.0.1:{listener.getsockname()[1]}", stop)
        threading.Timer(0.1, stop.set).start()
        started_at = time.monotonic()

        with closing(line), pytest.raises(DeviceError, match="the daemon is stopping"):
            line.read(30)

        assert time.monotonic() - started_at < 1


def test_a_printer_that_is_not_there_is_a_sentence_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(DeviceError) as error:
        opened(url)

    assert str(error.value) == (
        f"Printer zebra-1 cannot be reached at {url}: Connection refused. Switch it on, check its cable and "
        "its address; its labels wait and go on by themselves."
    )


def test_a_printer_at_a_serial_port_is_written_and_read() -> None:
    controller, device = os.openpty()
    tty.setraw(device)
    try:
        with closing(opened(f"serial://{os.ttyname(device)}?baud=115200")) as line:
            line.write(b"^XA^XZ")
            line.settle()
            assert os.read(controller, 100) == b"^XA^XZ"
            os.write(controller, b"\x12")
            assert line.read(5) == b"\x12"
            os.close(controller)
            with pytest.raises(LostLineError, match="went away"):
                _read_to_the_end(line)
    finally:
        os.close(device)


def _read_to_the_end(line: Transport) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        line.read(0.1)


def test_a_serial_port_that_is_not_there_is_a_sentence_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"cannot be opened at .*: .* Plug it in and switch it on"):
        opened(f"serial://{tmp_path}/ttyUSB9")


def test_a_printer_at_a_device_file_is_written_and_read() -> None:
    controller, device = os.openpty()
    tty.setraw(device)
    try:
        with closing(opened(f"file://{os.ttyname(device)}")) as line:
            line.write(b"^XA^XZ")
            line.settle()
            assert os.read(controller, 100) == b"^XA^XZ"
            os.write(controller, b"\x12")
            assert line.read(5) == b"\x12"
            assert line.read(0) == b""
    finally:
        os.close(controller)
        os.close(device)


def test_a_plain_file_takes_labels_one_behind_the_other_and_answers_nothing(tmp_path: Path) -> None:
    file = tmp_path / "labels"
    file.write_bytes(b"first")

    with closing(opened(f"file://{file}")) as line:
        line.write(b"second")
        assert line.read(0.01) == b""

    assert file.read_bytes() == b"firstsecond"


def test_a_device_file_that_is_gone_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"cannot be opened at .*lp0: No such file or directory"):
        opened(f"file://{tmp_path}/lp0")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["usb://04b8", "cups://", "tcp://printer", "zebra", ""])
def test_a_device_that_cannot_be_opened_is_a_wrong_configuration(url: str) -> None:
    with pytest.raises(UsageError, match="The printer device: "):
        check_printer_url(url)
