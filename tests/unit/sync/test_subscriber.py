"""What the engine gets of central's messages at once, so that a scan waits behind little of them."""

from concurrent.futures import Future

import pytest

from edge.facts import Answer, CommandReceived, Fact, Verdict
from sync.client import Message
from sync.dialects import COMMANDS_UNACKED
from sync.subscriber import POSTED_BYTES, Subscriber
from sync.topics import Topics
from sync.wire import places
from tests.commands import ORDER, command

TOPICS = Topics("crossdock", "par1", "dock-a")


class Engine:
    """Books what it was told when it is asked to."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.open: list[Future[Answer]] = []

    def post(self, fact: Fact) -> "Future[Answer]":
        assert isinstance(fact, CommandReceived)
        self.ids.append(fact.id)
        self.open.append(Future())
        return self.open[-1]

    def book(self) -> None:
        for future in self.open:
            future.set_result(Answer(Verdict.ACCEPT))
        self.open = []


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def subscriber(engine: Engine) -> Subscriber:
    return Subscriber(TOPICS, post=engine.post, wake=lambda: None)


def message(n: int, *, size: int) -> Message:
    bare = len(command(data=ORDER | {"ext": {"note": ""}}, id=f"c-{n:02d}"))
    payload = command(data=ORDER | {"ext": {"note": "x" * (size - bare)}}, id=f"c-{n:02d}")
    return Message(TOPICS.cmd(), payload, size, n, is_retained=False, reply_to=None)


def acknowledged(subscriber: Subscriber) -> list[int]:
    return [mid for mid, _ in subscriber.safe()]


def test_small_commands_are_told_together(engine: Engine, subscriber: Subscriber) -> None:
    for n in range(1, 11):
        subscriber.take(message(n, size=1000))

    assert engine.ids == [f"c-{n:02d}" for n in range(1, 11)]


def test_a_large_command_waits_until_those_before_it_are_booked(
    engine: Engine, subscriber: Subscriber
) -> None:
    for n in (1, 2, 3):
        subscriber.take(message(n, size=POSTED_BYTES))
    assert engine.ids == ["c-01"]

    for n in (1, 2, 3):
        engine.book()
        assert acknowledged(subscriber) == [n]

    assert engine.ids == ["c-01", "c-02", "c-03"]


def test_what_comes_behind_a_command_that_waits_does_not_overtake_it(
    engine: Engine, subscriber: Subscriber
) -> None:
    subscriber.take(message(1, size=1000))
    subscriber.take(message(2, size=POSTED_BYTES))
    subscriber.take(message(3, size=1000))
    assert engine.ids == ["c-01"]

    engine.book()
    assert acknowledged(subscriber) == [1]
    assert engine.ids == ["c-01", "c-02"]

    engine.book()
    assert acknowledged(subscriber) == [2]
    assert engine.ids == ["c-01", "c-02", "c-03"]


def test_one_that_is_larger_than_the_bound_is_told_alone(engine: Engine, subscriber: Subscriber) -> None:
    subscriber.take(message(1, size=POSTED_BYTES + 1))
    subscriber.take(message(2, size=1000))

    assert engine.ids == ["c-01"]


def test_messages_that_wait_take_their_room(engine: Engine, subscriber: Subscriber) -> None:
    each = places(POSTED_BYTES)
    for n in range(COMMANDS_UNACKED // each):
        subscriber.take(message(n + 1, size=POSTED_BYTES))

    assert (len(engine.ids), subscriber.room) == (1, 0)
    engine.book()
    assert acknowledged(subscriber) == [1]
    assert subscriber.room == each == 4
