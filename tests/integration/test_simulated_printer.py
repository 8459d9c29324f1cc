"""The stand-in for a label printer, asked over real TCP as a driver asks."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.simulated import LabelPrinter

TIMEOUT_S = 5.0
LABEL = b"^XA^FDSO-1^FS^XZ"
PROCESS_ID = b"\x1d(H\x06\x00\x30\x30ab12"


@contextmanager
def connected(printer: LabelPrinter) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", printer.port), TIMEOUT_S) as connection:
        yield connection


def ask(connection: socket.socket, question: bytes, *, ends: bytes) -> bytes:
    connection.sendall(question)
    answer = b""
    while not answer.endswith(ends):
        more = connection.recv(1024)
        assert more, f"The printer hung up after {answer!r}."
        answer += more
    return answer


def host_status(connection: socket.socket) -> list[str]:
    answer = ask(connection, b"~HS", ends=b"1234,0\x03\r\n").decode("ascii")
    strings = answer.split("\r\n")[:-1]
    assert all(text[0] == "\x02" and text[-1] == "\x03" for text in strings)
    return [text[1:-1] for text in strings]


def test_labels_come_out_whole_and_in_order_however_their_bytes_are_cut() -> None:
    with LabelPrinter() as printer, connected(printer) as connection:
        for byte in b"\r\n" + LABEL + b"\n^XA2^X" + b"Z^XA half":
            connection.sendall(bytes([byte]))

        assert printer.wait_for(2, TIMEOUT_S)
        assert printer.labels == [LABEL, b"^XA2^XZ"]
        assert not printer.wait_for(3, 0.05)


def test_a_label_broken_off_is_not_part_of_the_next() -> None:
    with LabelPrinter() as printer, connected(printer) as connection:
        connection.sendall(b"^XA^FDhalf" + LABEL)

        assert printer.wait_for(1, TIMEOUT_S)
        assert printer.labels == [LABEL]


def test_a_status_question_is_received_and_is_no_part_of_a_label() -> None:
    with LabelPrinter() as printer, connected(printer) as connection:
        connection.sendall(LABEL[:5])
        host_status(connection)
        connection.sendall(LABEL[5:])

        assert printer.wait_for(1, TIMEOUT_S)
        assert printer.labels == [LABEL]
        assert printer.received == LABEL[:5] + b"~HS" + LABEL[5:]


def test_a_zpl_printer_in_order_says_so_in_three_strings() -> None:
    with LabelPrinter() as printer, connected(printer) as connection:
        assert host_status(connection) == [
            "030,0,0,0406,000,0,0,0,000,0,0,0",
            "000,0,0,0,0,2,4,0,00000000,1,000",
            "1234,0",
        ]


def test_a_zpl_printer_in_trouble_says_which_and_how_many_labels_wait() -> None:
    with LabelPrinter() as printer, connected(printer) as connection:
        printer.paper_out = printer.head_open = printer.paused = True
        connection.sendall(LABEL + LABEL)

        assert host_status(connection) == [
            "030,1,1,0406,002,0,0,0,000,0,0,0",
            "000,0,1,0,0,2,4,0,00000002,1,000",
            "1234,0",
        ]


@pytest.mark.parametrize("trouble", ["paper_out", "head_open", "paused"])
def test_labels_wait_in_a_printer_that_cannot_print_and_come_out_once_it_can(trouble: str) -> None:
    with LabelPrinter() as printer, connected(printer) as connection:
        setattr(printer, trouble, True)
        connection.sendall(LABEL)
        host_status(connection)
        assert printer.labels == []

        setattr(printer, trouble, False)

        assert printer.wait_for(1, TIMEOUT_S)


def test_a_printer_without_paper_may_be_silent() -> None:
    with LabelPrinter(silent_when_out=True) as printer, connected(printer) as connection:
        host_status(connection)
        printer.paper_out = True
        connection.sendall(b"~HS")
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)

        printer.paper_out = False
        connection.settimeout(TIMEOUT_S)
        host_status(connection)


def test_a_printer_that_tells_nothing_prints_all_the_same() -> None:
    with LabelPrinter(answers_status=False) as printer, connected(printer) as connection:
        connection.sendall(b"~HS" + LABEL)

        assert printer.wait_for(1, TIMEOUT_S)
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_a_printer_that_is_off_refuses_and_comes_back_at_the_same_port() -> None:
    with LabelPrinter() as printer:
        port = printer.port
        with connected(printer) as connection:
            host_status(connection)
            printer.paused = True
            connection.sendall(LABEL)
            host_status(connection)

            printer.off()

            assert connection.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), TIMEOUT_S)

        printer.on()
        printer.paused = False

        with connected(printer) as connection:
            connection.sendall(b"^XAafter^XZ")
            assert printer.wait_for(1, TIMEOUT_S)
        assert (printer.port, printer.labels) == (port, [b"^XAafter^XZ"])


def test_an_escpos_label_ends_with_its_cut() -> None:
    jobs = [
        b"\x1b@SO-1\n\x1bd\x03\x1dV\x00",
        b"\x1b@SO-2\n\x1dVB\x10",
        b"\x1b@SO-3\n\x1bi",
    ]

    with LabelPrinter(language="escpos") as printer, connected(printer) as connection:
        for byte in b"".join(jobs):
            connection.sendall(bytes([byte]))

        assert printer.wait_for(3, TIMEOUT_S)
        assert printer.labels == jobs


def test_no_picture_and_no_barcode_looks_like_a_cut() -> None:
    cut = b"\x1dV\x00\x1bi\x10\x04\x01"
    job = b"".join(
        [
            b"\x1dv0\x00\x04\x00\x02\x00" + cut,
            b"\x1d(L\x08\x00" + cut,
            b"\x1d8L\x08\x00\x00\x00" + cut,
            b"\x1b*\x00\x08\x00" + cut,
            b"\x1b*\x21\x08\x00" + cut * 3,
            b"\x1dkI\x08" + cut,
            b"\x1dk\x04" + cut.replace(b"\x00", b"1") + b"\x00",
            b"\x1d*\x01\x01" + cut,
            b"\x1b@\x1b2\x1bW" + cut,
            b"text\n\x1dV\x01",
        ]
    )

    with LabelPrinter(language="escpos") as printer, connected(printer) as connection:
        connection.sendall(job)

        assert printer.wait_for(1, TIMEOUT_S)
        assert printer.labels == [job]


def test_an_escpos_printer_tells_its_status_at_once() -> None:
    with LabelPrinter(language="escpos") as printer, connected(printer) as connection:

        def status() -> list[int]:
            answers: list[int] = []
            for n in (1, 2, 3, 4):
                connection.sendall(bytes([0x10, 0x04, n]))
                answers += connection.recv(1)
            return answers

        assert status() == [0x12, 0x12, 0x12, 0x12]
        printer.paper_out = True
        assert status() == [0x1A, 0x32, 0x12, 0x7E]
        printer.paper_out, printer.head_open = False, True
        assert status() == [0x1A, 0x16, 0x12, 0x12]


def test_an_escpos_printer_tells_the_end_of_a_label_once_it_is_printed() -> None:
    with LabelPrinter(language="escpos") as printer, connected(printer) as connection:
        printer.paper_out = True
        connection.sendall(b"SO-1\n\x1dV\x00" + PROCESS_ID)
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)

        printer.paper_out = False

        connection.settimeout(TIMEOUT_S)
        assert ask(connection, b"", ends=b"\x00") == b"\x37\x22ab12\x00"
        assert printer.labels == [b"SO-1\n\x1dV\x00"]


def test_two_connections_do_not_mix() -> None:
    with LabelPrinter() as printer, connected(printer) as one, connected(printer) as two:
        one.sendall(b"^XAone")
        two.sendall(b"^XAtwo^XZ")
        assert printer.wait_for(1, TIMEOUT_S)
        one.sendall(b"^XZ")

        assert printer.wait_for(2, TIMEOUT_S)
        assert printer.labels == [b"^XAtwo^XZ", b"^XAone^XZ"]
