"""A site tries the box beside its old terminal: every byte of a scanner also goes there, and comes back if wanted."""

import os
import select
import socket
import time
from contextlib import closing
from pathlib import Path

import serial

from drivers.simulated import PtyScanner
from edge.facts import DeviceKind, DeviceLost
from tests.integration.scanner_bench import ACCEPT, TIMEOUT_S, Engine, ready, served, settings

AT_ONCE_S = 1.0
"""A scan that the other terminal does not take is answered as quickly as any; this is a stalled machine's share."""


def read(port: serial.Serial, length: int) -> bytes:
    port.timeout = TIMEOUT_S
    return bytes(port.read(length))


def is_ready(engine: Engine) -> None:
    engine.wait_for(ready())
    engine.wait_for(ready("gun-1.forward"))


def losses(engine: Engine) -> list[str]:
    return [fact.text for fact in engine.facts() if isinstance(fact, DeviceLost) and "forward" in fact.device]


def test_a_program_of_the_box_reads_every_byte_at_a_port_of_its_own(
    gun: PtyScanner, engine: Engine, tmp_path: Path
) -> None:
    sent = b"LOC:A-01\r\n\x02]C1010950600013435210A\x1d17261231\x03\r\xff\x00\r"

    with served(settings(gun.url, forward=f"pty:{tmp_path}/old"), engine):
        is_ready(engine)
        with serial.Serial(f"{tmp_path}/old", timeout=TIMEOUT_S) as program:
            gun.send(sent)

            assert read(program, len(sent)) == sent
        engine.codes(3)
    assert not (tmp_path / "old").exists()
    assert losses(engine) == []


def test_what_comes_back_is_written_to_the_scanner_if_asked_for(
    gun: PtyScanner, engine: Engine, tmp_path: Path
) -> None:
    gun._answers = [b"\x1b[6q"]
    scanner = settings(gun.url, forward=f"pty:{tmp_path}/old", forward_answers=True, accept="", attention="")

    with served(scanner, engine):
        is_ready(engine)
        with serial.Serial(f"{tmp_path}/old", timeout=TIMEOUT_S) as program:
            gun.send(b"4006381333931\r")
            assert read(program, 14) == b"4006381333931\r"
            program.write(b"\x1b[6q")

            assert gun.read_answer(TIMEOUT_S) == b"\x1b[6q"


def test_what_comes_back_is_dropped_if_not_asked_for(gun: PtyScanner, engine: Engine, tmp_path: Path) -> None:
    with served(settings(gun.url, forward=f"pty:{tmp_path}/old"), engine):
        is_ready(engine)
        with serial.Serial(f"{tmp_path}/old", timeout=TIMEOUT_S) as program:
            program.write(b"nothing for you")
            assert gun.scan("LOC:A-01") == ACCEPT
            assert read(program, 9) == b"LOC:A-01\r"


def test_a_program_that_is_not_there_is_told_once_and_scans_go_on(
    gun: PtyScanner, engine: Engine, tmp_path: Path
) -> None:
    with served(settings(gun.url, forward=f"pty:{tmp_path}/old"), engine):
        is_ready(engine)
        before = time.monotonic()
        assert [gun.scan(f"LOC:A-0{n}") for n in range(3)] == [ACCEPT] * 3
        assert time.monotonic() - before < AT_ONCE_S
        text = (
            f"The other terminal of scanner gun-1 at pty:{tmp_path}/old does not take its scans. Crossdock books them "
            "all the same; see whether its program runs and has the port open."
        )
        engine.wait_for(DeviceLost(DeviceKind.SCANNER, "gun-1.forward", text))

        with serial.Serial(f"{tmp_path}/old", timeout=TIMEOUT_S) as program:
            gun.scan("LOC:B-01")
            # What it missed does not come late: nobody means it any more.
            assert read(program, 9) == b"LOC:B-01\r"
            engine.wait_for(ready("gun-1.forward"), times=2)
    assert losses(engine) == [text]


def test_a_host_in_the_network_that_comes_and_goes(gun: PtyScanner, engine: Engine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as host:
        host.settimeout(TIMEOUT_S)
        port = host.getsockname()[1]
        with served(settings(gun.url, forward=f"tcp://127.0.0.1:{port}"), engine):
            is_ready(engine)
            first, _ = host.accept()
            assert gun.scan("LOC:A-01") == ACCEPT
            assert first.recv(100) == b"LOC:A-01\r"
            first.close()
            engine.wait(lambda _: bool(losses(engine)))

            second, _ = host.accept()
            engine.wait_for(ready("gun-1.forward"), times=2)
            assert gun.scan("LOC:A-02") == ACCEPT
            assert second.recv(100) == b"LOC:A-02\r"
            second.close()
    assert losses(engine)[0].startswith(
        f"The other terminal of scanner gun-1 at 127.0.0.1:{port} went away: "
    )


def test_a_host_that_takes_nothing_holds_no_scan_up(gun: PtyScanner, engine: Engine) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as host:
        host.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        host.settimeout(TIMEOUT_S)
        with served(settings(gun.url, forward=f"tcp://127.0.0.1:{host.getsockname()[1]}"), engine):
            is_ready(engine)
            silent, _ = host.accept()
            piece = b"X" * 4000 + b"\r"
            for n in range(3000):
                gun.send(piece)
                if n % 50 == 0:
                    gun.read_answer(0)
                if losses(engine):
                    break
            else:
                raise AssertionError("whatever is sent fits into the buffers of a host that reads nothing")
            before = time.monotonic()
            done = len(engine.codes(n + 1))
            gun.send(b"LOC:A-01\r")
            engine.codes(done + 1)

            assert time.monotonic() - before < AT_ONCE_S
            silent.close()


def test_an_old_terminal_at_a_serial_port(gun: PtyScanner, engine: Engine, tmp_path: Path) -> None:
    with (
        PtyScanner(tmp_path / "terminal") as terminal,
        served(settings(gun.url, forward=terminal.url), engine),
    ):
        is_ready(engine)
        assert gun.scan("LOC:A-01") == ACCEPT

        assert terminal._read(TIMEOUT_S) == b"LOC:A-01\r"


def test_a_file_in_the_place_of_the_link_is_left_alone(
    gun: PtyScanner, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "old").write_text("mine")

    with served(settings(gun.url, forward=f"pty:{tmp_path}/old"), engine):
        engine.wait(lambda _: bool(losses(engine)))
        engine.wait_for(ready())
        assert gun.scan("LOC:A-01") == ACCEPT

    assert (tmp_path / "old").read_text() == "mine"
    assert losses(engine) == [
        f"The other terminal of scanner gun-1 needs a link at {tmp_path}/old, and a file is there. "
        "Move it, or name another path."
    ]


def test_a_program_that_closes_its_port_and_opens_it_again_goes_on(
    gun: PtyScanner, engine: Engine, tmp_path: Path
) -> None:
    with served(settings(gun.url, forward=f"pty:{tmp_path}/old"), engine):
        is_ready(engine)
        for n in range(3):
            descriptor = os.open(tmp_path / "old", os.O_RDWR | os.O_NOCTTY)
            gun.scan(f"LOC:A-0{n}")
            assert select.select([descriptor], [], [], TIMEOUT_S)[0]
            # As it was made: raw, nothing echoed, no line end changed.
            assert os.read(descriptor, 100) == b"LOC:A-0%d\r" % n
            os.close(descriptor)
    assert losses(engine) == []
