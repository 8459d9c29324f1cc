"""The clock's thread: a tick when something is due, none while nothing is, and a pause where it was in vain."""

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from edge.errors import LedgerError
from edge.facts import Answer, ClockTicked, Fact, Verdict
from edge.ticking import Ticking
from tests.house import StandingClock

SOON_S = 5.0
"""How long a test waits for what comes at once."""
LOOK_S = 0.01


class Engine:
    """Counts the looks at what is due, and keeps each tick until the test answers it."""

    def __init__(self, clock: StandingClock) -> None:
        self.due_at_ms = clock.at_ms + 2000
        self.looks = threading.Semaphore(0)
        self.ticks: queue.Queue[Future[Answer]] = queue.Queue()

    def due_at(self) -> int:
        self.looks.release()
        return self.due_at_ms

    def post(self, fact: Fact) -> "Future[Answer]":
        assert fact == ClockTicked()
        answer: Future[Answer] = Future()
        self.ticks.put(answer)
        return answer

    def looked(self, times: int) -> None:
        """Wait for so many looks from now on: those before saw another time."""
        while self.looks.acquire(blocking=False):
            pass
        for _ in range(times):
            assert self.looks.acquire(timeout=SOON_S)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def engine(clock: StandingClock) -> Engine:
    return Engine(clock)


@pytest.fixture
def ticking(clock: StandingClock, engine: Engine) -> Iterator[Ticking]:
    ticking = Ticking(engine.post, clock, engine.due_at, look_every_s=LOOK_S)
    ticking.start()
    yield ticking
    ticking.stop()


def test_nothing_is_posted_before_something_is_due(
    clock: StandingClock, engine: Engine, ticking: Ticking
) -> None:
    clock.at_ms += 1999
    engine.looked(3)

    assert engine.ticks.empty()


def test_what_is_due_is_told_the_engine_though_nobody_scans(
    clock: StandingClock, engine: Engine, ticking: Ticking
) -> None:
    clock.at_ms += 2000

    assert not engine.ticks.get(timeout=SOON_S).done()


def test_one_tick_at_most_is_on_its_way(clock: StandingClock, engine: Engine, ticking: Ticking) -> None:
    clock.at_ms += 2000
    first = engine.ticks.get(timeout=SOON_S)
    with pytest.raises(queue.Empty):
        engine.ticks.get(timeout=20 * LOOK_S)

    first.set_result(Answer(Verdict.ACCEPT))

    engine.ticks.get(timeout=SOON_S)


def test_a_clock_that_is_put_right_is_seen_at_the_next_look(
    clock: StandingClock, engine: Engine, ticking: Ticking
) -> None:
    clock.at_ms -= 3_600_000
    engine.looked(3)
    assert engine.ticks.empty()

    clock.at_ms += 3_600_000 + 2000

    engine.ticks.get(timeout=SOON_S)


def test_after_a_tick_that_could_not_be_booked_there_is_a_pause(clock: StandingClock, engine: Engine) -> None:
    ticking = Ticking(engine.post, clock, engine.due_at, look_every_s=LOOK_S, after_failure_s=30)
    ticking.start()
    clock.at_ms += 2000
    engine.ticks.get(timeout=SOON_S).set_exception(LedgerError("The disk is full."))

    with pytest.raises(queue.Empty):
        engine.ticks.get(timeout=50 * LOOK_S)
    ticking.stop()


def test_after_the_pause_it_is_tried_again(clock: StandingClock, engine: Engine) -> None:
    ticking = Ticking(engine.post, clock, engine.due_at, look_every_s=LOOK_S, after_failure_s=2 * LOOK_S)
    ticking.start()
    clock.at_ms += 2000
    engine.ticks.get(timeout=SOON_S).set_exception(LedgerError("The disk is full."))

    engine.ticks.get(timeout=SOON_S)
    ticking.stop()


def test_the_thread_ends_at_once_even_in_a_long_wait(clock: StandingClock, engine: Engine) -> None:
    ticking = Ticking(engine.post, clock, engine.due_at, look_every_s=3600)
    ticking.start()
    threads = [thread for thread in threading.enumerate() if thread.name == "ticking"]

    ticking.stop()

    assert len(threads) == 1
    assert not threads[0].is_alive()


def test_what_was_never_started_can_be_stopped(clock: StandingClock, engine: Engine) -> None:
    Ticking(engine.post, clock, engine.due_at).stop()

    assert engine.ticks.empty()
