"""One device kept served: tried again and again, told once."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import pairwise

import pytest

from drivers.device import Device
from drivers.supervisor import MAX_CAUSES, Patience, Supervisor
from edge.errors import DeviceError
from edge.facts import Answer, DeviceKind, DeviceLost, DeviceReady, Fact

TIMEOUT_S = 10.0

FIRST_S, MAX_S = 0.02, 0.08
"""Pauses between two tries, far shorter than they are. That a site's are short enough is shown of real scanners."""


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.supervisor.RETRY_FIRST_S", FIRST_S)
    monkeypatch.setattr("drivers.supervisor.RETRY_MAX_S", MAX_S)


class Gun:
    """A scanner that does at each opening what the next step says, and waits for `stop` after the last."""

    kind = DeviceKind.SCANNER
    id = "gun-1"

    def __init__(self, *steps: Exception | None) -> None:
        """A step that is an error is raised before ready; None is ready, then lost with "unplugged"."""
        self._steps = iter(steps)
        self.opened_at: list[float] = []
        self.threads: set[str] = set()

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        self.opened_at.append(time.monotonic())
        self.threads.add(threading.current_thread().name)
        for step in self._steps:
            if step:
                raise step
            ready()
            ready()
            raise DeviceError("Unplugged.")
        ready()
        stop.wait(TIMEOUT_S)


class Facts:
    """Keeps what is posted; like the inbox, it answers nobody at once."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Fact] = queue.Queue()

    def post(self, fact: Fact) -> "Future[Answer]":
        self._queue.put(fact)
        return Future()

    def take(self, n: int) -> list[Fact]:
        return [self._queue.get(timeout=TIMEOUT_S) for _ in range(n)]

    def is_empty(self) -> bool:
        return self._queue.empty()


READY = DeviceReady(DeviceKind.SCANNER, "gun-1")


def lost(text: str) -> DeviceLost:
    return DeviceLost(DeviceKind.SCANNER, "gun-1", text)


@contextmanager
def supervised(device: Device, facts: Facts) -> Iterator[Supervisor]:
    supervisor = Supervisor(device, facts.post)
    supervisor.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        assert supervisor.join(TIMEOUT_S)


def test_a_device_that_opens_is_told_ready_once_and_served_on_its_own_thread() -> None:
    facts, gun = Facts(), Gun()

    with supervised(gun, facts) as supervisor:
        assert facts.take(1) == [READY]
        assert supervisor.tried.wait(TIMEOUT_S)

    assert facts.is_empty()
    assert gun.threads == {"scanner-gun-1"}


def test_a_device_that_is_not_there_is_tried_all_the_same() -> None:
    facts, gun = Facts(), Gun(*[DeviceError("There is no port.")] * 100)

    with supervised(gun, facts) as supervisor:
        assert supervisor.tried.wait(TIMEOUT_S)
        assert facts.take(1) == [lost("There is no port.")]


def test_the_same_cause_is_told_once_and_another_again() -> None:
    none, busy = DeviceError("There is no port."), DeviceError("It is busy.", hint="End the other.")
    facts = Facts()

    with supervised(Gun(none, none, busy, none), facts):
        told = facts.take(3)

    assert told == [lost("There is no port."), lost("It is busy. End the other."), READY]
    assert facts.is_empty()


def test_a_device_lost_and_found_again_is_told_each_time() -> None:
    facts = Facts()

    with supervised(Gun(None, DeviceError("There is no port."), None), facts):
        told = facts.take(6)

    away = lost("Unplugged.")
    assert told == [READY, away, lost("There is no port."), READY, away, READY]


def test_causes_that_differ_each_time_do_not_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.supervisor.RETRY_MAX_S", FIRST_S)
    facts = Facts()

    with supervised(Gun(*[DeviceError(f"Error at {n}.") for n in range(3 * MAX_CAUSES)]), facts):
        told = facts.take(MAX_CAUSES + 1)

    assert told == [*(lost(f"Error at {n}.") for n in range(MAX_CAUSES)), READY]


def test_the_pause_between_two_tries_grows_and_is_bounded() -> None:
    tries = 8
    facts, gun = Facts(), Gun(*[DeviceError("There is no port.")] * tries)

    with supervised(gun, facts):
        facts.take(2)

    pauses = [b - a for a, b in pairwise(gun.opened_at)]
    expected = [FIRST_S, 2 * FIRST_S, *[MAX_S] * (tries - 2)]
    assert len(pauses) == tries
    assert all(low - 0.001 <= pause < low + 1.0 for pause, low in zip(pauses, expected, strict=True)), pauses


def test_many_who_lost_one_thing_do_not_come_back_in_step() -> None:
    patience = Patience(most_s=MAX_S, steady_s=30.0, spread=0.5)
    guns = [Gun(*[DeviceError("Away.")] * 4) for _ in range(8)]
    facts = Facts()
    supervisors = [Supervisor(gun, facts.post, patience) for gun in guns]
    for supervisor in supervisors:
        supervisor.start()
    facts.take(2 * len(guns))
    for supervisor in supervisors:
        supervisor.stop()
        assert supervisor.join(TIMEOUT_S)

    pauses = [[b - a for a, b in pairwise(gun.opened_at)] for gun in guns]
    for mine in pauses:
        for pause, most in zip(mine, (FIRST_S, 2 * FIRST_S, MAX_S, MAX_S), strict=True):
            assert most / 2 <= pause < most + 1.0
    # Waits of 110 to 220 ms: that eight of them fall within 5 ms by chance is one in a million.
    waited = [sum(mine) for mine in pauses]
    assert max(waited) - min(waited) > 0.005


def test_a_loose_contact_is_not_tried_at_full_speed() -> None:
    facts, gun = Facts(), Gun(None, None, None)

    with supervised(gun, facts):
        facts.take(7)

    assert gun.opened_at[3] - gun.opened_at[2] >= 4 * FIRST_S - 0.001


def test_an_error_of_our_own_is_logged_with_its_traceback_told_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    facts = Facts()

    with supervised(Gun(ZeroDivisionError("division by zero")), facts):
        told = facts.take(2)

    assert told == [
        lost(
            "Scanner gun-1 stopped on an error of this program: ZeroDivisionError: division by zero. "
            "It is tried again; if it stays so, report the log of this moment."
        ),
        READY,
    ]
    record = next(record for record in caplog.records if record.exc_info)
    assert record.levelno == logging.ERROR
    assert "ZeroDivisionError" in caplog.text
    assert "Traceback" in caplog.text


def test_a_device_that_ends_by_itself_is_lost_and_tried_again() -> None:
    class Quitter(Gun):
        def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
            if not self.opened_at:
                self.opened_at.append(time.monotonic())
                return
            super().run(stop=stop, ready=ready)

    facts = Facts()

    with supervised(Quitter(), facts):
        assert facts.take(2) == [lost("Scanner gun-1 ended by itself. It is tried again."), READY]


def test_stopping_is_no_loss_and_does_not_wait_for_the_pause_to_end() -> None:
    facts, gun = Facts(), Gun(*[DeviceError("There is no port.")] * 100)
    supervisor = Supervisor(gun, facts.post)
    supervisor.start()
    facts.take(1)

    started = time.monotonic()
    supervisor.stop()

    assert supervisor.join(TIMEOUT_S)
    assert time.monotonic() - started < 1.0
    assert facts.is_empty()


def test_a_device_that_does_not_stop_is_seen_not_to() -> None:
    release = threading.Event()

    class Stubborn(Gun):
        def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
            ready()
            release.wait(TIMEOUT_S)

    supervisor = Supervisor(Stubborn(), Facts().post)
    supervisor.start()
    supervisor.stop()

    assert not supervisor.join(0.05)
    release.set()
    assert supervisor.join(TIMEOUT_S)


def test_a_supervisor_stopped_before_it_starts_opens_nothing() -> None:
    gun = Gun()
    supervisor = Supervisor(gun, Facts().post)

    supervisor.stop()
    assert supervisor.join(TIMEOUT_S)
    supervisor.start()

    assert supervisor.join(TIMEOUT_S)
    assert gun.opened_at == []
    assert supervisor.tried.is_set()
