"""Serial scanners that are not there, go away, do not listen or are to end; at real pseudo-terminals."""

import errno
import logging
import os
import termios
import threading
import time
from pathlib import Path

import pytest
import serial

from drivers.device import STOP_WITHIN_S
from drivers.scanner import OpenedScanner
from drivers.simulated import PtyScanner
from edge.clock import SystemClock
from edge.errors import UsageError
from edge.facts import (
    Answer,
    CodeScanned,
    DeviceKind,
    DeviceLost,
    Verdict,
)
from edge.inbox import Inbox, Stamped
from tests.integration.scanner_bench import (
    ACCEPT,
    BUSY_MACHINE_S,
    TIMEOUT_S,
    Engine,
    at_work,
    ready,
    served,
    settings,
)


def test_a_port_that_is_not_there_is_told_and_found_once_it_is(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "gun"

    with served(settings(f"serial://{path}"), engine) as supervisor:
        assert supervisor.tried.wait(TIMEOUT_S)
        engine.wait_for(
            DeviceLost(
                DeviceKind.SCANNER,
                "gun-1",
                f"There is no {path} for scanner gun-1. Plug it in; it is found by itself. "
                "If it is plugged in, its port has another name: look under /dev/serial/by-id.",
            )
        )
        with PtyScanner(path) as gun:
            engine.wait_for(ready())
            assert gun.scan("LOC:A-01") == ACCEPT


def test_a_scanner_unplugged_is_told_and_found_again_by_its_link_within_two_seconds(
    gun: PtyScanner, engine: Engine
) -> None:
    with at_work(gun, engine):
        gun.scan("LOC:A-01")
        gun.send(b"half a li")
        gun.unplug()
        engine.wait(lambda facts: any(isinstance(fact, DeviceLost) for fact in facts))
        away = engine.losses()[0]
        assert away.startswith(f"Scanner gun-1 at {gun.path} went away: ")
        assert away.endswith(". Plug it in again; it is found by itself.")
        engine.wait(lambda facts: any("There is no" in getattr(fact, "text", "") for fact in facts))

        gun.plug()
        engine.wait_for(ready(), times=2, timeout_s=2.5)

        gun.send(b"ne\rLOC:A-02\r")
        assert engine.codes(3) == ["LOC:A-01", "ne", "LOC:A-02"]
        assert len(engine.losses()) == 2


def test_a_scanner_unplugged_while_its_scan_is_booked_is_found_again(gun: PtyScanner) -> None:
    release = threading.Event()

    def unplug_first(stamped: Stamped) -> None:
        if isinstance(stamped.fact, CodeScanned) and not release.is_set():
            release.set()
            gun.unplug()
        stamped.answer.set_result(Answer(Verdict.ACCEPT))

    engine = Engine(unplug_first)
    with at_work(gun, engine):
        gun.send(b"LOC:A-01\r")
        engine.wait(lambda facts: any(isinstance(fact, DeviceLost) for fact in facts))
        gun.plug()
        engine.wait_for(ready(), times=2)

        assert gun.scan("LOC:A-02") == ACCEPT
    engine.close()


def test_a_scanner_that_never_reads_its_answers_is_read_all_the_same(
    gun: PtyScanner, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("drivers.wire.WRITE_TIMEOUT_S", 0.05)

    # Answers this long are more in all than a pseudo-terminal keeps (some 70 KB).
    with at_work(gun, engine, accept="\x06" * 64):
        for n in range(2500):
            gun.send(b"N%d\r" % n)
        assert engine.codes(2500) == [f"N{n}" for n in range(2500)]

    told = [record for record in caplog.records if "does not take its answers" in record.message]
    assert len(told) == 1


@pytest.mark.parametrize(
    "error",
    [
        serial.SerialException("gone."),
        OSError(errno.EIO, "gone"),
        TypeError("gone"),
        termios.error(5, "gone"),
    ],
)
def test_whatever_a_port_raises_when_it_goes_is_a_loss(
    gun: PtyScanner, engine: Engine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def gone(port: serial.Serial, size: int = 1) -> bytes:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(serial.Serial, "read", gone)
        with served(settings(gun.url), engine):
            engine.wait_for(ready())
            gun.send(b"LOC:A-01\r")
            engine.wait(lambda facts: any(isinstance(fact, DeviceLost) for fact in facts))

    assert engine.losses()[0].startswith(f"Scanner gun-1 at {gun.path} went away: ")
    assert engine.losses()[0].endswith(". Plug it in again; it is found by itself.")
    assert ".. " not in engine.losses()[0]


def test_only_one_program_reads_a_scanner(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine), served(settings(gun.url, id="gun-2"), engine) as second:
        assert second.tried.wait(TIMEOUT_S)

        engine.wait_for(
            DeviceLost(
                DeviceKind.SCANNER,
                "gun-2",
                f"Another program holds {gun.path} of scanner gun-2. "
                "End it: with two readers each gets half of a scan.",
            )
        )


def test_a_file_is_no_serial_port(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "file"
    path.touch()

    with served(settings(f"serial://{path}"), engine) as supervisor:
        assert supervisor.tried.wait(TIMEOUT_S)
        engine.wait(bool)

    assert engine.losses()[0].startswith(
        f"Opening {path} for scanner gun-1 failed: Could not configure port: "
    )


def test_the_scan_in_hand_is_answered_before_the_end(gun: PtyScanner) -> None:
    posted, release = threading.Event(), threading.Event()

    def slowly(stamped: Stamped) -> None:
        if isinstance(stamped.fact, CodeScanned):
            posted.set()
            release.wait(TIMEOUT_S)
        stamped.answer.set_result(Answer(Verdict.ACCEPT))

    engine = Engine(slowly)
    with at_work(gun, engine) as supervisor:
        gun.send(b"LOC:A-01\rLOC:A-02\r")
        assert posted.wait(TIMEOUT_S)
        supervisor.stop()
        assert not supervisor.join(0.3)
        release.set()

        assert gun.read_answer(TIMEOUT_S) == ACCEPT
        assert supervisor.join(TIMEOUT_S)
        assert engine.codes(1) == ["LOC:A-01"]
    engine.close()


def test_a_scanner_stops_within_half_a_second_and_leaves_the_port_to_others(
    gun: PtyScanner, engine: Engine
) -> None:
    with at_work(gun, engine) as supervisor:
        started = time.monotonic()
        supervisor.stop()

        assert supervisor.join(TIMEOUT_S)
        assert time.monotonic() - started < STOP_WITHIN_S + BUSY_MACHINE_S
    with at_work(gun, engine):
        engine.wait_for(ready(), times=2)
        assert gun.scan("LOC:A-01") == ACCEPT


def test_nothing_stays_open_however_often_a_scanner_is_lost(gun: PtyScanner, engine: Engine) -> None:
    with at_work(gun, engine):
        before = len(os.listdir("/proc/self/fd"))
        for n in range(2, 4):
            gun.unplug()
            gun.plug()
            engine.wait_for(ready(), times=n)

        assert len(os.listdir("/proc/self/fd")) == before


def test_a_scan_is_not_logged_at_info(
    gun: PtyScanner, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), at_work(gun, engine):
        assert gun.scan("LOC:A-01") == ACCEPT

    assert [record.message for record in caplog.records if record.name == "drivers.scanner"] == [
        f"scanner=gun-1 opened {gun.url}",
        f"scanner=gun-1 closed {gun.url}",
    ]


def test_a_device_url_that_cannot_be_is_an_error_at_start() -> None:
    broken = settings("serial:///dev/ttyUSB0").model_copy(update={"device": "serial:///dev/a?speed=9600"})

    with pytest.raises(UsageError, match="got 'speed'"):
        OpenedScanner(broken, Inbox(SystemClock()).post)
