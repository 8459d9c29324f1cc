"""Day one beside the terminal that was there before: it sees every scan, books as ever, and no label comes of ours."""

from collections.abc import Callable
from pathlib import Path

import serial

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Layout, Node, with_printers
from tests.integration.blackbox.pty_scanner import PtyScanner
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import PATIENCE_S


def shadowed(printer: TcpPrinter, folder: Path, gun: PtyScanner) -> Layout:
    """The usual two stations with a printer, and a third gun, in shadow, whose scans go on to an old terminal."""
    usual = with_printers(printer.device)
    beside = (
        f'[[scanners]]\nid = "old-gun"\ndevice = "serial://{gun.path}"\nstation = "dock-1"\ndebounce_ms = 0\n'
        f'shadow = true\nforward = "pty:{folder}/old"\nforward_answers = true\n'
    )
    return Layout(stations=usual.stations, printers=usual.printers, tables=beside)


def test_the_old_terminal_answers_and_prints_and_the_node_books(
    start_node: Callable[..., Node], central: Central, printer: TcpPrinter, tmp_path: Path
) -> None:
    gun = PtyScanner(lambda: True)
    node = start_node(shadowed(printer, tmp_path, gun))
    order(central, "SO-1", ("PEN", 2))

    with serial.Serial(f"{tmp_path}/old", timeout=PATIENCE_S) as old_terminal:
        gun.send(f"]E0{PEN}\r\n".encode())
        assert old_terminal.read(len(PEN) + 5) == f"]E0{PEN}\r\n".encode()
        old_terminal.write(b"\x06")
        assert gun.answer() == "accept"
        allocated = central.event("backorder.allocated", order="SO-1")
    assert allocated.data["qty"] == 1
    assert node.status()["labels"]["queued"] == 0

    # At a gun that is not in shadow the next one is labelled: the printer was there all the time.
    node.take("gun-1", PEN)
    printer.wait_labels(1)
    central.event("label.printed")
    assert [row["status"] for row in node.json("labels")] == ["printed", "shadow"]
    assert len(central.events("label.printed")) == 1
    gun.close()
