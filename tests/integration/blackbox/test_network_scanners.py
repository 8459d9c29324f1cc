"""Scanners that call the node, and a keyboard at its terminal: whose dialogue is whose, and who is missed."""

import contextlib
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import INK, PEN
from tests.integration.blackbox.node import Layout, Node, program
from tests.integration.blackbox.pty_scanner import VERDICTS
from tests.integration.blackbox.waits import PATIENCE_S, wait_for

ANSWERS = 'accept = "\\u0006"\nattention = "\\u0011"\nreject = "\\u0015"\ndebounce_ms = 0'


class NetworkGun:
    """A gun in the network, at an address of its own on this machine."""

    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self._connection = socket.create_connection(
            ("127.0.0.1", port), PATIENCE_S, source_address=(address, 0)
        )

    def scan(self, code: str) -> str:
        self._connection.sendall(code.encode() + b"\r\n")
        return VERDICTS[self._connection.recv(1).decode()]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def calling(start_node: Callable[..., Node], port: int) -> Node:
    """The usual node, at which guns in the network can call as well."""
    scanner = f'[[scanners]]\nid = "wifi"\ndevice = "tcp-listen://127.0.0.1:{port}"\nstation = "dock-1"\n{ANSWERS}\n'
    return start_node(Layout(tables=scanner))


@pytest.fixture
def guns(port: int) -> Iterator[Callable[..., NetworkGun]]:
    made: list[NetworkGun] = []

    def make(address: str = "127.0.0.1") -> NetworkGun:
        made.append(NetworkGun(port, address))
        return made[-1]

    yield make
    for gun in made:
        gun.close()


def received(central: Central, place: str) -> tuple[object, object]:
    data = central.event("stock.received", location=place).data
    return data["sku"], data["qty"]


def test_each_connection_has_a_dialogue_of_its_own(
    calling: Node, central: Central, guns: Callable[..., NetworkGun]
) -> None:
    one, other = guns(), guns()

    assert one.scan("LOC:A-01") == "accept"
    assert other.scan("LOC:B-01") == "accept"
    assert one.scan("QTY:3") == "accept"
    assert other.scan(INK) == "accept"
    assert one.scan(PEN) == "accept"

    assert received(central, "A-01") == ("PEN", 3)
    assert received(central, "B-01") == ("INK", 1)


def test_a_dialogue_is_known_again_by_the_peers_address(
    calling: Node, central: Central, guns: Callable[..., NetworkGun]
) -> None:
    first = guns("127.0.0.2")
    assert first.scan("LOC:A-01") == "accept"
    first.close()
    stranger, again = guns("127.0.0.3"), guns("127.0.0.2")

    assert stranger.scan(PEN) == "accept"
    assert again.scan(INK) == "accept"

    assert received(central, "DOCK-1") == ("PEN", 1)
    assert received(central, "A-01") == ("INK", 1)


def test_a_dialogue_in_the_network_goes_on_after_the_power_was_cut(
    calling: Node, central: Central, guns: Callable[..., NetworkGun]
) -> None:
    assert guns().scan("LOC:A-01") == "accept"
    calling.kill9()
    calling.launch()
    central.state("online", session=2)

    assert guns().scan(PEN) == "accept"

    assert received(central, "A-01") == ("PEN", 1)


def test_a_gun_that_hangs_up_is_told_and_cleared_when_it_calls_again(
    calling: Node, central: Central, guns: Callable[..., NetworkGun]
) -> None:
    gun = guns()
    gun.scan("LOC:A-01")

    gun.close()
    raised = central.event("exception.raised", kind="scanner").data
    (wifi,) = [scanner for scanner in calling.status()["scanners"] if scanner["id"] == "wifi"]
    again = guns()
    assert again.scan("LOC:A-01") == "accept"
    cleared = central.event("exception.cleared").data

    assert raised["about"] == "wifi"
    assert raised["text"] == (
        "Scanner wifi at 127.0.0.1 went away: it closed the connection. See whether it is on and in reach of the "
        "network; it is found again by itself."
    )
    assert (wifi["state"], wifi["text"]) == ("lost", raised["text"])
    assert cleared["exception"] == raised["exception"]


def test_the_node_hangs_up_when_it_ends(calling: Node, guns: Callable[..., NetworkGun]) -> None:
    gun = guns()
    gun.scan("LOC:A-01")

    assert calling.stop() == 0

    assert gun._connection.recv(1) == b""


def test_a_keyboard_at_the_daemons_terminal_scans_and_reads_the_answers(tmp_path: Path) -> None:
    config = tmp_path / "crossdock.toml"
    config.write_text(
        'site = "par1"\nnode = "dock-a"\ndata_dir = "data"\n'
        '[[scanners]]\nid = "keys"\ndevice = "stdin:"\nstation = "dock-1"\n'
        '[[stations]]\nid = "dock-1"\nlocation = "DOCK-1"\n'
    )
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [*program(), "run", "-c", str(config)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        ) as daemon,
    ):
        assert daemon.stdin is not None
        assert daemon.stdout is not None
        daemon.stdin.write(b"QTY:2\nSKU:PEN\n4006381333932\n")
        daemon.stdin.flush()

        words = [daemon.stdout.readline().decode() for _ in range(3)]
        daemon.stdin.close()
        wait_for(
            lambda: "has ended: nobody types there any more" in (tmp_path / "log").read_text(),
            "the end to be told",
        )
        daemon.terminate()

        assert daemon.wait(PATIENCE_S) == 0
    assert words == [
        "accept: 2 of the next item.\n",
        "attention: 2 PEN at DOCK-1.\n",
        "reject: GTIN check digit is wrong: the last digit should be 1.\n",
    ]


def test_a_port_that_is_taken_is_told_in_a_sentence(
    start_node: Callable[..., Node], central: Central
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        scanner = (
            f'[[scanners]]\nid = "wifi"\ndevice = "tcp-listen://127.0.0.1:{number}"\nstation = "dock-1"\n'
        )
        start_node(Layout(tables=scanner))

        raised = central.event("exception.raised", kind="scanner").data

    assert raised["text"] == (
        f"Listening for scanner wifi at 127.0.0.1:{number} failed: Address already in use. Another program listens "
        "there: end it, or give the scanner another port."
    )
    central.event("exception.cleared", timeout_s=5.0)
