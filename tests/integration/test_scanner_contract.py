"""What holds for a scanner at whatever it hangs: one set of rules over all drivers, each with a real far end."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.device import STOP_WITHIN_S
from drivers.framing import MAX_LINE_BYTES
from drivers.listening import ListeningScanner
from drivers.scanner import OpenedScanner
from edge.facts import MAX_CODE_LENGTH, Answer, CodeScanned, DeviceLost, Verdict
from edge.inbox import Stamped
from tests.integration.scanner_bench import BUSY_MACHINE_S, TIMEOUT_S, Engine, ready, served, settings
from tests.integration.scanner_ends import (
    CallingEnd,
    End,
    PtyEnd,
    TerminalEnd,
    TerminalServerEnd,
    TypingEnd,
    WaitingEnd,
)
from tests.mqtt import wait_until

at_pace = pytest.mark.usefixtures("short_pauses")
"""For what is not about how long something takes."""

FOUND_WITHIN_S = 5.0
"""A scanner that is back is found within so long (issue: hotplug)."""


ANSWERED = ["serial", "tcp", "socket", "tcp-listen", "rfc2217", "stdin"]
"""Scanners that hear their answers."""


@pytest.fixture(params=[*ANSWERED, "hid"])
def end(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[End]:
    end = make(request.param, tmp_path, monkeypatch)
    yield end
    end.unplug()


@pytest.fixture(params=ANSWERED)
def answered(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[End]:
    end = make(request.param, tmp_path, monkeypatch)
    yield end
    end.unplug()


def make(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> End:
    match kind:
        case "serial":
            return PtyEnd(folder)
        case "tcp" | "socket":
            return WaitingEnd(kind)
        case "tcp-listen":
            return CallingEnd()
        case "rfc2217":
            return TerminalServerEnd()
        case "hid":
            return TypingEnd(folder)
        case _:
            return TerminalEnd(monkeypatch)


def plugged(end: End, engine: Engine) -> None:
    """Plug it in, and wait until what it sends is read."""
    if isinstance(end, CallingEnd):
        engine.wait_for(ready())
        end.plug()
    else:
        end.plug()
        engine.wait_for(ready())


def answer(end: End, length: int) -> bytes:
    """Wait for so many bytes of an answer; fewer if they do not come."""
    came, deadline = b"", time.monotonic() + TIMEOUT_S
    while len(came) < length and (left_s := deadline - time.monotonic()) > 0:
        came += end.read(left_s)
    return came


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def lost(engine: Engine, times: int = 1) -> None:
    engine.wait(lambda facts: sum(isinstance(fact, DeviceLost) for fact in facts) >= times)


@at_pace
def test_a_scan_is_posted_and_each_verdict_is_answered(answered: End, engine: Engine) -> None:
    with served(settings(answered.device, accept="a", attention=["t", 1, "t"], reject="r"), engine):
        plugged(answered, engine)
        for code, bytes_back in (("LOC:A-01", b"a"), ("attention", b"tt"), ("reject", b"r")):
            answered.send(code.encode() + b"\r")

            assert answer(answered, len(bytes_back)) == bytes_back

    scan = CodeScanned("gun-1", "dock-1", answered.dialogue, "LOC:A-01", debounce_ms=250)
    engine.wait_for(scan)


@at_pace
def test_lines_come_split_joined_and_with_any_end(end: End, engine: Engine) -> None:
    with served(settings(end.device), engine):
        plugged(end, engine)
        for chunk in (b"LO", b"C:A-01\r", b"\nA\nB\r\nC\r", b"\r\n\r\nD", b"\n"):
            end.send(chunk)

        assert engine.codes(5) == ["LOC:A-01", "A", "B", "C", "D"]


@at_pace
def test_every_byte_that_a_code_may_have_comes_through(end: End, engine: Engine) -> None:
    code = "]d2" + "".join(map(chr, range(0x20, 0x7F))) + "\x1d10B7"

    with served(settings(end.device), engine):
        plugged(end, engine)
        end.send(code.encode() + b"\r")

        assert engine.codes(1) == [code]


@at_pace
def test_a_byte_that_no_code_may_have_comes_through_to_be_refused(answered: End, engine: Engine) -> None:
    with served(settings(answered.device), engine):
        plugged(answered, engine)
        answered.send(b"LOC:A-01\r\xffA\x00\xfe\r")

        assert engine.codes(2) == ["LOC:A-01", "\xffA\x00\xfe"]


@at_pace
def test_a_line_that_never_ends_is_told_once_and_the_next_is_whole(end: End, engine: Engine) -> None:
    with served(settings(end.device), engine):
        plugged(end, engine)
        end.send(b"A" * (MAX_LINE_BYTES + 1))
        assert engine.codes(1) == ["A" * (MAX_CODE_LENGTH + 1)]

        end.send(b"A" * 3000 + b"\rLOC:A-01\r")
        assert engine.codes(2)[1:] == ["LOC:A-01"]


def test_a_scanner_unplugged_is_told_and_found_again_and_half_a_code_is_no_code(
    end: End, engine: Engine
) -> None:
    with served(settings(end.device), engine):
        plugged(end, engine)
        end.send(b"LOC:A-01\rhalf a li")
        assert engine.codes(1) == ["LOC:A-01"]
        end.unplug()
        lost(engine)

        before = time.monotonic()
        end.plug()
        engine.wait_for(ready(), times=2, timeout_s=FOUND_WITHIN_S)
        assert time.monotonic() - before < FOUND_WITHIN_S
        end.send(b"ne\rLOC:A-02\r")

        assert engine.codes(3) == ["LOC:A-01", "ne", "LOC:A-02"]
    assert all("gun-1" in text and text.endswith((".", "\n")) for text in engine.losses())


@at_pace
def test_what_comes_before_its_answer_says_so(answered: End) -> None:
    """A scanner that waits in vain sends again; the engine has to know, to book it once."""
    scanned = 0

    def slowly(stamped: Stamped) -> None:
        nonlocal scanned
        if isinstance(stamped.fact, CodeScanned):
            scanned += 1
            if scanned == 1:
                # The scanner's patience is over: it sends again, and only once that is here is it answered.
                answered.send(b"4006381333931\r")
                device = supervisor.device
                assert isinstance(device, OpenedScanner | ListeningScanner)
                until(device.wires()[0].is_waiting)
        stamped.answer.set_result(Answer(Verdict.ACCEPT))

    engine = Engine(slowly)
    with served(settings(answered.device, accept="a"), engine) as supervisor:
        plugged(answered, engine)
        answered.send(b"4006381333931\r")
        assert answer(answered, 2) == b"aa"
        answered.send(b"4006381333931\r")
        assert answer(answered, 1) == b"a"

    assert [fact.is_early for fact in engine.facts() if isinstance(fact, CodeScanned)] == [False, True, False]
    engine.close()


def test_a_pause_in_an_answer_does_not_hold_up_the_next_scan(answered: End, engine: Engine) -> None:
    with served(settings(answered.device, accept=["a", 2000, "b"]), engine):
        plugged(answered, engine)
        answered.send(b"LOC:A-01\r")
        assert answer(answered, 1) == b"a"
        before = time.monotonic()
        answered.send(b"LOC:A-02\r")

        assert answer(answered, 2) == b"ba"
        assert time.monotonic() - before < 1.0 + BUSY_MACHINE_S


def test_a_scanner_stops_soon_and_leaves_nothing_open(end: End, engine: Engine) -> None:
    threads, files = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))

    with served(settings(end.device), engine) as supervisor:
        plugged(end, engine)
        end.send(b"LOC:A-01\r")
        assert engine.codes(1) == ["LOC:A-01"]
        before = time.monotonic()
        supervisor.stop()
        assert supervisor.join(TIMEOUT_S)
        assert time.monotonic() - before < 2 * STOP_WITHIN_S + BUSY_MACHINE_S
    end.unplug()

    deadline = time.monotonic() + TIMEOUT_S
    while set(threading.enumerate()) - threads and time.monotonic() < deadline:
        for thread in set(threading.enumerate()) - threads:
            thread.join(0.1)
    assert set(threading.enumerate()) <= threads
    if not isinstance(end, TerminalEnd):  # whose streams are the test's own
        assert len(os.listdir("/proc/self/fd")) <= files


@at_pace
def test_a_scanner_pulled_out_again_and_again_leaves_nothing_behind(end: End, engine: Engine) -> None:
    with served(settings(end.device), engine):
        plugged(end, engine)
        end.send(b"LOC:A-00\r")
        engine.codes(1)
        lost_before = len(engine.losses())
        threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
        for n in range(1, 4):
            end.send(b"LOC:A-0%d\r" % n)
            engine.codes(n + 1)
            end.unplug()
            lost(engine, times=lost_before + n)
            end.plug()
            engine.wait_for(ready(), times=n + 1)

        # The other end, which is a thread of this process too, may still be on its way out.
        wait_until(lambda: threading.active_count() <= threads)
        if not isinstance(end, TerminalEnd):
            wait_until(lambda: len(os.listdir("/proc/self/fd")) <= files)
