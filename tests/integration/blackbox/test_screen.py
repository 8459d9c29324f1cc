"""What people see above their station while a real daemon works (issues 4 and 5: "on the station's screen")."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.simulated import PtyScanner
from tests.browser import Chromium, installed
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN
from tests.integration.blackbox.node import Layout, Node, run_program, with_printers
from tests.integration.blackbox.screen import Screen
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import RETURN_PATIENCE_S, wait_for

SEEN_WITHIN_S = 2.5
"""A second at the most where the machine is at rest (0.2 s are usual); this is that of a busy one."""
HOSTILE = "<script>document.title='!'</script>"

StartScreen = Callable[[Node], Screen]


@pytest.fixture
def start_screen() -> Iterator[StartScreen]:
    """Start the screen of a node; it is ended after the test, and said nothing that nobody expects."""
    screens: list[Screen] = []

    def start(node: Node) -> Screen:
        screens.append(Screen(node.config))
        return screens[-1]

    yield start
    for screen in screens:
        code, said = screen.stop()
        assert (code, "Traceback" in said) == (0, False), said


def test_a_refused_scan_is_seen_at_once_with_what_is_wrong(node: Node, start_screen: StartScreen) -> None:
    screen = start_screen(node)
    wait_for(lambda: screen.station()["running"], "the daemon to be seen")

    assert node.scan("gun-1", "7612345001013") == "reject"
    answered_at = time.monotonic()
    talk = wait_for(lambda: screen.talk() or None, "the scan to be seen")

    assert time.monotonic() - answered_at < SEEN_WITHIN_S
    assert (talk["answer"], talk["code"]) == ("reject", "7612345001013")
    assert talk["text"] == "GTIN check digit is wrong: the last digit should be 2."


def test_two_stations_are_kept_apart(node: Node, start_screen: StartScreen) -> None:
    screen = start_screen(node)

    node.take("gun-1", "OP:alice", "QTY:3", PEN)
    node.take("gun-2", "LOC:A-01")

    dock = wait_for(lambda: (talk := screen.talk())["code"] == PEN and talk, "the receipt to be seen")
    aisle = wait_for(lambda: screen.talk("gun-2", "aisle-1") or None, "the place to be seen")
    assert (dock["answer"], dock["text"], dock["operator"]) == ("accept", "3 PEN at DOCK-1.", "alice")
    assert (dock["mode"], dock["place"]) == ("receive", "DOCK-1")
    assert (aisle["mode"], aisle["place"], aisle["operator"]) == ("missing", "A-01", None)
    assert [one["id"] for one in screen.station("aisle-1")["scanners"]] == ["gun-2"]


def test_a_station_that_is_not_there_is_a_sentence(node: Node, start_screen: StartScreen) -> None:
    screen = start_screen(node)

    found, missing = screen.get("/station/dock-1"), screen.get("/station/dock-9")

    assert found[0] == 200
    assert missing == (404, "There is no station 'dock-9' here. There are: dock-1, aisle-1.\n")


def test_hostile_codes_are_text_and_what_cannot_be_seen_has_a_name(
    node: Node, start_screen: StartScreen
) -> None:
    screen = start_screen(node)

    node.take("gun-1", f"SKU:{HOSTILE}")
    node.scan("gun-2", b"\x1b[2J<img src=x>\xc2\x9b\x00")

    talk = wait_for(lambda: screen.talk() or None, "the item to be seen")
    other = wait_for(lambda: screen.talk("gun-2", "aisle-1") or None, "the bytes to be seen")
    assert talk["code"] == f"SKU:{HOSTILE}"
    assert other["code"] == "<ESC>[2J<img src=x><0xC2><0x9B><NUL>"
    assert [HOSTILE in screen.get(path)[1] for path in ("/", "/station/dock-1")] == [False, False]


def test_a_scanner_that_is_pulled_is_seen_and_its_return_too(
    start_node: StartNode, start_screen: StartScreen, tmp_path: Path
) -> None:
    with PtyScanner(tmp_path / "gun-3") as gun:
        table = f'[[scanners]]\nid = "gun-3"\ndevice = "{gun.url}"\nstation = "dock-1"\n'
        screen = start_screen(start_node(Layout(tables=table)))

        def state() -> str:
            return next(str(one["state"]) for one in screen.station()["scanners"] if one["id"] == "gun-3")

        wait_for(lambda: state() == "ready", "the gun to be seen")
        gun.unplug()
        wait_for(lambda: state() == "lost", "its loss to be seen")
        (told,) = screen.station()["exceptions"]
        at_the_aisle = screen.station("aisle-1")["exceptions"]
        gun.plug()
        wait_for(lambda: state() == "ready", "its return to be seen")

        assert (told["kind"], told["about"]) == ("scanner", "gun-3")
        assert f"{tmp_path / 'gun-3'}" in told["text"]
        assert (at_the_aisle, screen.station()["exceptions"]) == ([], [])


def test_a_printer_out_of_paper_is_seen_with_the_labels_that_wait(
    start_node: StartNode, start_screen: StartScreen, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    screen = start_screen(node)
    printer.paper_out = True

    node.take("gun-1", PEN, PEN)
    told = wait_for(
        lambda: told if (told := screen.station())["exceptions"] else None,
        "the printer to be seen",
        timeout_s=RETURN_PATIENCE_S,
    )
    printer.paper_out = False
    wait_for(
        lambda: screen.station()["printer"]["waiting"] == 0,
        "the labels to be out",
        timeout_s=RETURN_PATIENCE_S,
    )

    assert [row["kind"] for row in told["exceptions"]] == ["printer"]
    assert "paper" in told["exceptions"][0]["text"]
    assert (told["printer"]["id"], told["printer"]["waiting"]) == ("zebra-1", 2)


def test_the_daemons_end_is_seen_and_its_ledger_let_go(node: Node, start_screen: StartScreen) -> None:
    screen = start_screen(node)
    data = node.config.parent / "data"
    node.take("gun-1", PEN)
    wait_for(lambda: screen.station()["running"], "the daemon to be seen")
    held = screen.holds(data)

    node.stop()
    wait_for(lambda: not screen.station()["running"], "its end to be seen")
    wait_for(lambda: screen.station() and not screen.holds(data), "the ledger to be let go")

    assert f"{data / 'ledger.db'}" in held
    assert screen.talk()["code"] == PEN


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_cleanly(node: Node, signal_number: int) -> None:
    screen = Screen(node.config)

    code, said = screen.stop(signal_number)

    assert code == 0
    assert said.splitlines() == [
        f"The screen is at {screen.url}/",
        f"  {screen.url}/station/dock-1",
        f"  {screen.url}/station/aisle-1",
    ]


def test_a_port_that_is_taken_and_a_host_that_is_none_are_said(node: Node, start_screen: StartScreen) -> None:
    screen = start_screen(node)

    taken = run_program("screen", "-c", str(node.config), "--port", str(screen.port))
    nowhere = run_program("screen", "-c", str(node.config), "--host", "wall.example.net")
    no_port = run_program("screen", "-c", str(node.config), "--port", "0")

    assert (taken.returncode, taken.stdout) == (1, "")
    assert taken.stderr == (
        f"crossdock: The screen cannot be at 127.0.0.1, port {screen.port}: Address already in use."
        " Another program has the port? Name another one with --port.\n"
    )
    assert nowhere.returncode == 2
    assert nowhere.stderr == (
        "crossdock: The screen cannot be at 'wall.example.net': that is no address of a machine."
        " Expected one such as 127.0.0.1 (this machine alone) or 0.0.0.0 (all who reach it).\n"
    )
    assert (no_port.returncode, "expected a port from 1 to 65535, got '0'" in no_port.stderr) == (2, True)


@pytest.mark.skipif(installed() is None, reason="there is no Chromium on this machine")
def test_a_browser_shows_it_all_as_text_and_follows_by_itself(
    node: Node, start_screen: StartScreen, tmp_path: Path
) -> None:
    screen = start_screen(node)
    node.take("gun-1", f"SKU:{HOSTILE}")
    with Chromium(installed() or "", tmp_path / "browser") as browser:
        browser.open(f"{screen.url}/station/dock-1")
        first = browser.wait_text("dock-1", "BOOKED, LOOK", "RECEIVE")
        node.scan("gun-1", "7612345001013")
        then = browser.wait_text("REFUSED", "GTIN check digit is wrong: the last digit should be 2.")
        title = browser.run("document.title")
        browser.open(f"{screen.url}/")
        all_of_them = browser.wait_text("dock-1", "aisle-1", "REFUSED")

    assert f"SKU:{HOSTILE}" in first
    assert "gun-2" not in then
    assert title == "dock-1 · Crossdock"
    assert "Nothing was scanned here yet." in all_of_them
