"""Rules of commands: sent until they are answered, in order, at most so many, and once more after a restore."""

import json
from typing import Any

import pytest

from edge.clock import SystemClock
from edge.errors import UsageError
from sync.central import shown
from sync.central.command_rows import CommandRows
from sync.central.database import Database
from sync.central.outbox import OWN_SOURCE, SOURCE, Answered, Outbox, write
from sync.central.store import Store
from tests.nodes import NODE


class Desk:
    """The outbox of one node, and a clock that is set by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SystemClock()
        with database.transaction():
            node = Store(database, self.clock).add_node(NODE)
        self.outbox = Outbox(CommandRows(database, self.clock), node)

    def write(self, *orders: str) -> list[str]:
        return [write(self.database, self.clock, NODE, "order.hold", {"order": each}).name for each in orders]

    def send(self, now: float) -> list[dict[str, Any]]:
        """Send what is due; what went, as JSON."""
        with self.database.transaction():
            due = self.outbox.due(now)
        for number, _ in due:
            self.outbox.sent(number, now)
        return [json.loads(message) for _, message in due]

    def sent(self, now: float) -> list[str]:
        return [message["data"]["order"] for message in self.send(now)]

    def answer(self, id_: str, now: float = 0.0, **other: object) -> Answered | None:
        told = {"id": id_, "source": SOURCE, "ok": True, **other}
        with self.database.transaction():
            return self.outbox.take_answer(json.dumps(told).encode(), now)

    def gap(self, id_: str, expected: int, now: float) -> None:
        error = {"code": "gap", "text": f"expected {expected}", "expected": expected}
        assert self.answer(id_, now, ok=False, error=error) is None


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_a_command_goes_as_the_contract_has_it(desk: Desk) -> None:
    command = write(desk.database, desk.clock, NODE, "crossdock.order.hold", {"order": "SO-1", "reason": "é"})

    assert desk.send(0.0) == [
        {
            "specversion": "1.0",
            "id": command.name,
            "source": "/crossdock/central",
            "type": "crossdock.order.hold",
            "datacontenttype": "application/json",
            "cmdseq": 1,
            "data": {"order": "SO-1", "reason": "é"},
        }
    ]


def test_commands_go_in_order_and_again_after_thirty_seconds_without_an_answer(desk: Desk) -> None:
    ids = desk.write("SO-1", "SO-2", "SO-3")

    assert desk.sent(100.0) == ["SO-1", "SO-2", "SO-3"]
    assert desk.sent(129.9) == []
    desk.answer(ids[1])
    assert desk.sent(130.0) == ["SO-1", "SO-3"]


def test_with_a_new_connection_what_has_no_answer_goes_at_once(desk: Desk) -> None:
    desk.write("SO-1")
    desk.sent(100.0)

    assert Desk(desk.database).sent(101.0) == ["SO-1"]


def test_at_most_a_hundred_are_without_an_answer(desk: Desk) -> None:
    ids = desk.write(*[f"SO-{n}" for n in range(103)])

    assert len(desk.sent(0.0)) == 100
    desk.answer(ids[0])
    assert desk.sent(1.0) == ["SO-100"]


def test_an_answered_command_is_never_sent_again_and_its_answer_is_kept(desk: Desk) -> None:
    [id_] = desk.write("SO-1")
    desk.sent(0.0)

    assert desk.answer(id_, ok=False, error={"code": "unknown_order", "text": "no SO-1"}) == Answered(
        "order.hold", {"order": "SO-1"}, False
    )
    assert desk.answer(id_) is None

    assert desk.sent(1000.0) == []
    [told] = shown.commands(desk.database, NODE, 10)
    assert told["answer"]["error"]["code"] == "unknown_order"


@pytest.mark.parametrize(
    "payload",
    [
        b"x",
        b"[]",
        b"[" * 100_000,
        b'{"id":"c-1","source":"/erp","ok":true}',
        b'{"id":7,"source":"/crossdock/central","ok":true}',
        b'{"id":"\\u0000","source":"/crossdock/central","ok":true}',
        b'{"id":"never-sent","source":"/crossdock/central","ok":true}',
    ],
)
def test_an_answer_to_none_of_our_commands_is_passed_over(desk: Desk, payload: bytes) -> None:
    desk.write("SO-1")

    with desk.database.transaction():
        assert desk.outbox.take_answer(payload, 0.0) is None

    assert desk.sent(0.0) == ["SO-1"]


def test_a_node_that_forgot_commands_gets_them_again_from_the_number_it_expects(desk: Desk) -> None:
    ids = desk.write("SO-1", "SO-2", "SO-3", "SO-4", "SO-5")
    desk.sent(0.0)
    for id_ in ids[:4]:
        desk.answer(id_)

    desk.gap(ids[4], expected=3, now=10.0)

    assert desk.sent(10.0) == ["SO-3", "SO-4", "SO-5"]


def test_the_last_counted_command_is_tried_again_though_it_was_answered(desk: Desk) -> None:
    ids = desk.write("SO-1", "SO-2", "SO-3")
    desk.sent(0.0)
    for id_ in ids:
        desk.answer(id_)

    with desk.database.transaction():
        desk.outbox.try_last()
    assert desk.sent(10.0) == ["SO-3"]
    desk.gap(ids[2], expected=2, now=10.0)

    assert desk.sent(10.0) == ["SO-2", "SO-3"]


def test_for_one_gap_commands_go_again_once_however_many_are_refused_for_it(desk: Desk) -> None:
    ids = desk.write("SO-1", "SO-2", "SO-3")
    desk.sent(0.0)

    desk.gap(ids[1], expected=1, now=10.0)
    assert desk.sent(10.0) == ["SO-1", "SO-2", "SO-3"]
    desk.gap(ids[2], expected=1, now=10.1)
    assert desk.sent(10.1) == []
    desk.gap(ids[2], expected=1, now=40.0)
    assert desk.sent(40.0) == ["SO-1", "SO-2", "SO-3"]


def test_an_outbox_that_is_an_older_copy_counts_on_from_where_the_node_is(desk: Desk) -> None:
    ids = desk.write("SO-1", "SO-2")
    desk.sent(0.0)

    desk.gap(ids[0], expected=51, now=10.0)

    assert [message["cmdseq"] for message in desk.send(10.0)] == [51, 52]


def test_what_central_asks_for_waits_for_no_other_command_and_is_asked_once(desk: Desk) -> None:
    desk.write(*[f"SO-{n}" for n in range(100)])

    with desk.database.transaction():
        assert desk.outbox.ask("sync.replay", {"from_seq": 3, "to_seq": 7})
        assert not desk.outbox.ask("sync.replay", {"from_seq": 3, "to_seq": 7})

    first = desk.send(0.0)[0]
    assert (first["source"], first["type"], first.get("cmdseq")) == (
        OWN_SOURCE,
        "crossdock.sync.replay",
        None,
    )
    assert first["data"] == {"from_seq": 3, "to_seq": 7}


def test_a_command_that_no_message_can_hold_is_refused(desk: Desk) -> None:
    with pytest.raises(
        UsageError, match=r"^The command has 1024\d\d bytes, and a message holds 102400\. Send it in"
    ):
        write(desk.database, desk.clock, NODE, "order.place", {"order": "x" * 102_250})

    assert desk.sent(0.0) == []
