"""The command line beside the daemon: scans by hand, reading the ledger, clear ends (contract section 1)."""

import pytest

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Node, run_program, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter


def verdicts(stdout: str) -> list[str]:
    """The first word of each line."""
    return [line.split()[0].rstrip(":").lower() for line in stdout.splitlines() if line.strip()]


def test_scans_by_hand_are_booked_as_a_scanner_s(node: Node, central: Central) -> None:
    done = node.cli("scan", "dock-1", "QTY:3", PEN)

    assert (done.returncode, verdicts(done.stdout), done.stderr) == (0, ["accept", "accept"], "")
    central.event("stock.received", sku="PEN", qty=3, location="DOCK-1", station="dock-1")


def test_a_refused_scan_by_hand_is_told_with_its_words_and_fails(node: Node, central: Central) -> None:
    done = node.cli("scan", "dock-1", PEN, "7612345001013")

    assert done.returncode == 1
    assert verdicts(done.stdout) == ["accept", "reject"]
    assert len(done.stdout.splitlines()[1].split()) > 1, "The words are missing"
    assert central.event("scan.rejected").data["why"] == "check_digit"


def test_one_call_is_one_dialogue(node: Node, central: Central) -> None:
    node.take("gun-1", "QTY:9")
    node.cli("scan", "dock-1", "QTY:3", "LOC:A-01")

    done = node.cli("scan", "dock-1", PEN)

    assert done.returncode == 0
    central.event("stock.received", qty=1, location="DOCK-1")
    # Nor did the calls touch the dialogue of the gun.
    node.take("gun-1", PEN)
    central.event("stock.received", qty=9, location="DOCK-1")


def test_a_scan_at_a_station_that_is_not_there_is_a_wrong_call(node: Node) -> None:
    done = node.cli("scan", "dock-9", PEN)

    assert done.returncode == 2
    assert "dock-9" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_scan_without_a_daemon_fails_and_says_so(make_node: StartNode) -> None:
    node = make_node()

    done = node.cli("scan", "dock-1", PEN)

    assert done.returncode == 1
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_reading_commands_print_json_while_the_daemon_runs(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", "QTY:3", PEN)
    printer.wait_labels(2)

    read = {command: node.json(command) for command in ("stock", "orders", "journal", "labels")}

    expected = {"stock": "PEN", "orders": "SO-1", "journal": "DOCK-1", "labels": "backorder"}
    for command, word in expected.items():
        assert word in str(read[command]), (command, read[command])
        table = node.cli(command)
        assert table.returncode == 0
        assert word in table.stdout, table.stdout


def test_status_tells_sync_devices_labels_and_exceptions(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))

    status = node.status()

    assert {"connected", "epoch", "last_seq", "published_seq", "confirmed_seq"} <= status["sync"].keys()
    assert status["sync"]["connected"] is True
    assert status["sync"]["epoch"] == central.state("online")["epoch"]
    assert len(status["scanners"]) == 2
    assert len(status["printers"]) == 1
    assert status["labels"]["queued"] == 0
    assert type(status["exceptions"]) is int


def test_verify_finds_nothing_to_say_against_a_good_ledger(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", "QTY:3", PEN)
    node.take("gun-2", "LOC:DOCK-1", PEN)
    assert node.stop() == 0

    done = node.cli("verify")

    assert done.returncode == 0, done.stdout + done.stderr


def test_help_tells_of_every_command_and_its_own() -> None:
    told = run_program("--help")
    own = run_program("scan", "--help")

    assert (told.returncode, own.returncode) == (0, 0)
    commands = ("run", "check", "scan", "status", "stock", "orders", "journal", "labels", "verify")
    for command in commands:
        assert command in told.stdout
    assert "-c" in own.stdout


@pytest.mark.parametrize("arguments", [(), ("dance",), ("scan",), ("run", "--dance")])
def test_a_wrong_call_ends_with_2_and_a_line(arguments: tuple[str, ...]) -> None:
    done = run_program(*arguments)

    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
