"""A node beside the system that is there: what the daemon and the command line do and say in shadow."""

import logging
import socket
from pathlib import Path

import pytest

from config.load import load
from edge.cli import main
from edge.daemon import Daemon
from edge.facts import Verdict
from edge.local import calls
from tests.command_line import read
from tests.unit.config.writing import written

STATION = '[[stations]]\nid = "dock-1"\nlocation = "DOCK-1"\nprinter = "zebra-1"\n'
SCANNERS = "".join(
    f'[[scanners]]\nid = "{id}"\ndevice = "serial:///dev/not-there-{id}"\nstation = "dock-1"\nshadow = {shadow}\n'
    for id, shadow in (("gun-1", "true"), ("gun-2", "false"))
)


def site(folder: Path, port: int, *, shadow: bool, scanners: str = "") -> Path:
    """A node whose printer listens on a port, or would."""
    head = 'site = "par1"\nnode = "dock-a"\ndata_dir = "data"\n'
    printer = f'[[printers]]\nid = "zebra-1"\nlanguage = "zpl"\ndevice = "tcp://127.0.0.1:{port}"\n'
    return written(folder, head + ("shadow = true\n" if shadow else "") + scanners + printer + STATION)


def live(config: Path, *codes: str) -> None:
    """Run the daemon, scan, and end it; each device is tried before the first scan."""
    daemon = Daemon(load(config))
    daemon.start()
    answers = list(calls.scan(config.parent / "data" / "crossdock.sock", "dock-1", codes))
    daemon.stop()
    assert Verdict.REJECT not in [answer.verdict for answer in answers]


def statuses(capsys: pytest.CaptureFixture[str], config: Path) -> list[object]:
    told = read(capsys, "labels", "-c", str(config))
    assert isinstance(told, list)
    return [label["status"] for label in told]


def test_a_node_in_shadow_leaves_its_printers_to_the_system_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as printer, caplog.at_level(logging.WARNING, "edge.daemon"):
        config = site(tmp_path, printer.getsockname()[1], shadow=True)
        live(config, "SKU:PEN")
        printer.setblocking(False)
        with pytest.raises(BlockingIOError):
            printer.accept()
        live(site(tmp_path, printer.getsockname()[1], shadow=False))
        printer.accept()[0].close()

    assert caplog.messages == ["in shadow: the whole node: it books, and prints nothing"]
    assert statuses(capsys, config) == ["shadow"]


def test_status_says_that_the_node_is_in_shadow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = site(tmp_path, 9, shadow=True, scanners=SCANNERS)
    live(config, "SKU:PEN")

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    assert told["shadow"] is True
    assert told["labels"] == {"queued": 0, "unknown": 0, "held": 0, "printed": 0, "failed": 0, "shadow": 1}
    assert [(one["id"], one["shadow"]) for one in told["scanners"]] == [("gun-1", True), ("gun-2", True)]
    assert told["printers"] == [
        {
            **{"id": "zebra-1", "state": "unknown", "text": "not opened: the node is in shadow"},
            **{"since": None, "queued": 0},
        }
    ]
    main(["status", "-c", str(config)])
    lines = capsys.readouterr().out.splitlines()
    assert "shadow      the whole node: it books, and prints nothing" in lines
    assert "labels      0 queued, 0 unknown, 0 held, 0 printed, 0 failed, 1 shadow" in lines


def test_status_and_the_log_name_the_scanners_in_shadow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    config = site(tmp_path, 9, shadow=False, scanners=SCANNERS)
    with caplog.at_level(logging.WARNING, "edge.daemon"):
        live(config)

    told = read(capsys, "status", "-c", str(config))

    assert isinstance(told, dict)
    assert told["shadow"] is False
    assert [(one["id"], one["shadow"]) for one in told["scanners"]] == [("gun-1", True), ("gun-2", False)]
    said = [each.message for each in caplog.records if each.name == "edge.daemon"]
    assert said == ["in shadow: scanner gun-1: booked, and nothing printed"]
    main(["status", "-c", str(config)])
    assert "shadow      scanner gun-1: booked, and nothing printed" in capsys.readouterr().out.splitlines()


def test_people_see_what_would_have_been_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = site(tmp_path, 9, shadow=True)
    live(config, "SKU:PEN")

    assert main(["labels", "-c", str(config)]) == 0

    _, label = capsys.readouterr().out.splitlines()
    assert "  shadow: not printed  putaway  zebra-1  no    PEN    1  " in label
