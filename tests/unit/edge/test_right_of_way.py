"""Scans go first: who can wait gives way to them, for a bounded time, from their coming until nothing waits."""

import threading
import time

import pytest

from edge.clock import SystemClock
from edge.facts import ClockTicked, CodeScanned
from edge.inbox import Inbox
from edge.right_of_way import RightOfWay

TIMEOUT_S = 20.0
SCAN = CodeScanned(scanner="gun-1", station="dock-1", dialogue="gun-1", code="9501101530003")


class Giving:
    """A thread that gives way once. `has_gone_on` is set when it goes on."""

    def __init__(self, scans: RightOfWay) -> None:
        self.has_gone_on = threading.Event()
        self._scans = scans
        self._thread = threading.Thread(target=self._give, daemon=True)
        self._thread.start()

    def _give(self) -> None:
        self._scans.give()
        self.has_gone_on.set()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.right_of_way.GIVES_MOST_S", TIMEOUT_S)


@pytest.mark.usefixtures("patient")
def test_who_gives_way_waits_until_nobody_claims_it() -> None:
    scans = RightOfWay()
    scans.claim()
    giving = Giving(scans)

    assert not giving.has_gone_on.wait(0.05)
    scans.release()
    assert giving.has_gone_on.wait(TIMEOUT_S)


def test_scans_without_end_hold_nobody_up_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.right_of_way.THEN_WORKS_S", TIMEOUT_S)
    scans = RightOfWay()
    scans.claim()

    assert Giving(scans).has_gone_on.wait(TIMEOUT_S)
    # Now it is somebody else's turn for a while.
    monkeypatch.setattr("edge.right_of_way.GIVES_MOST_S", 3 * TIMEOUT_S)
    began = time.monotonic()
    assert Giving(scans).has_gone_on.wait(TIMEOUT_S)
    assert time.monotonic() - began < TIMEOUT_S


@pytest.mark.usefixtures("patient")
def test_a_scan_has_it_from_its_coming_until_the_engine_waits_for_more() -> None:
    inbox = Inbox(SystemClock())
    inbox.post(SCAN)
    inbox.post(ClockTicked())
    giving = Giving(inbox.scans)

    # One by one, as if more came while the first was booked.
    assert inbox.take(1) is not None
    assert inbox.take(1) is not None
    assert not giving.has_gone_on.wait(0.05)
    taking = threading.Thread(target=inbox.take, args=(1,), daemon=True)
    taking.start()
    assert giving.has_gone_on.wait(TIMEOUT_S)
    inbox.close()
    taking.join(TIMEOUT_S)


@pytest.mark.usefixtures("patient")
def test_nobody_gives_way_to_what_nobody_waits_for() -> None:
    inbox = Inbox(SystemClock())
    inbox.post(ClockTicked())

    assert Giving(inbox.scans).has_gone_on.wait(TIMEOUT_S / 2)
