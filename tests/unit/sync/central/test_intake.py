"""Rules of the order in which events count: repeats, holes, epochs, acknowledgements. On both databases."""

import json
import time

import pytest

from sync.central import shown
from sync.central.database import Database, open_database
from sync.central.intake import HELD_MAX
from tests.nodes import NODE, Told, chain, move, position, snapshot
from tests.unit.sync.central.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def told() -> Told:
    return Told()


def test_an_ack_says_the_last_event_without_a_hole_and_the_hash_that_central_came_to(
    desk: Desk, told: Told
) -> None:
    desk.state(told)
    desk.events(*told.receive_often(3))

    assert desk.ack() == {"epoch": "e1", "seq": 3, "hash": chain(told.payloads)}
    assert desk.at() == 3
    assert desk.findings() == []


def test_nothing_is_acknowledged_before_an_event_came(desk: Desk, told: Told) -> None:
    desk.state(told)

    assert desk.ack() is None


def test_a_repeat_is_passed_over_and_acknowledged_again(desk: Desk, told: Told) -> None:
    desk.state(told)
    events = told.receive_often(2)
    desk.events(*events)
    desk.intake.is_ack_due = False

    desk.events(*events, events[0])

    assert desk.intake.is_ack_due
    assert (desk.at(), desk.findings()) == (2, [])


def test_a_repeat_with_other_bytes_is_a_finding_and_never_applied(desk: Desk, told: Told) -> None:
    desk.state(told)
    event = told.receive(1)
    desk.events(event)

    desk.events(event.replace(b'"qty": 1', b'"qty": 9'))

    assert desk.at() == 1
    assert desk.findings() == [("repeat", "e1/1", 1)]
    assert desk.ack() == {"epoch": "e1", "seq": 1, "hash": chain([event])}


def test_what_comes_beyond_a_hole_is_neither_applied_nor_acknowledged_until_the_hole_is_closed(
    desk: Desk, told: Told
) -> None:
    desk.state(told)
    events = told.receive_often(5)
    desk.events(events[0], events[2], events[4])

    assert (desk.at(), desk.ack()) == (1, {"epoch": "e1", "seq": 1, "hash": chain(events[:1])})
    desk.events(events[1])
    assert (desk.at(), desk.ack()) == (3, {"epoch": "e1", "seq": 3, "hash": chain(events[:3])})
    desk.events(events[3])
    assert (desk.at(), desk.ack()) == (5, {"epoch": "e1", "seq": 5, "hash": chain(events)})


def test_what_was_kept_beyond_a_hole_is_there_after_a_restart(desk: Desk, told: Told) -> None:
    desk.state(told)
    events = told.receive_often(3)
    desk.events(events[2])

    again = Desk(desk.database)
    again.events(events[0], events[1])

    assert again.ack() == {"epoch": "e1", "seq": 3, "hash": chain(events)}


def test_a_hole_is_asked_for_at_once_and_again_after_thirty_seconds_of_nothing(
    desk: Desk, told: Told
) -> None:
    desk.state(told)
    events = told.receive_often(6)
    desk.events(events[0], events[3])

    assert desk.wanted(1000.0) == (2, 3)
    assert desk.wanted(1029.9) is None
    assert desk.wanted(1030.0) == (2, 3)
    desk.events(events[1], events[2], events[5])
    assert desk.wanted(1031.0) == (5, 5)
    assert desk.findings() == [("hole", "e1/2", 2), ("hole", "e1/5", 1)]


def test_beyond_the_bound_events_are_not_kept_and_asked_for_later(desk: Desk, told: Told) -> None:
    desk.state(told)
    events = told.receive_often(HELD_MAX + 5)
    desk.events(*events[1:])

    assert desk.wanted(1000.0) == (1, 1)
    desk.events(events[0])

    assert desk.ack() == {"epoch": "e1", "seq": HELD_MAX + 1, "hash": chain(events[: HELD_MAX + 1])}
    assert desk.wanted(1000.1) == (HELD_MAX + 2, HELD_MAX + 5)


def test_what_the_state_tells_beyond_the_last_event_is_a_hole_once_it_is_quiet(
    desk: Desk, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.receive_often(3)
    monkeypatch.setattr("sync.central.intake.time.monotonic", lambda: 500.0)
    desk.state(told)
    desk.events(told.payloads[0])

    assert desk.wanted(529.0) is None
    assert desk.wanted(530.0) == (2, 3)


def test_an_own_ack_that_is_higher_than_the_books_has_them_filled_up(desk: Desk, told: Told) -> None:
    told.receive_often(7)
    desk.state(told)
    desk.events(*told.payloads[:4])

    desk.intake.take_ack(b'{"epoch":"e1","seq":7}')

    assert desk.wanted(1000.0) == (5, 7)


@pytest.mark.parametrize(
    "ack", [b'{"epoch":"e0","seq":9}', b'{"epoch":"e1","seq":1}', b"x", b'{"seq":true}', b"[]"]
)
def test_an_ack_that_says_nothing_of_these_books_asks_for_nothing(desk: Desk, told: Told, ack: bytes) -> None:
    desk.state(told)
    desk.events(*told.receive_often(2))

    desk.intake.take_ack(ack)

    assert desk.wanted(1000.0) is None


def test_of_a_node_that_is_away_nothing_is_asked(desk: Desk, told: Told) -> None:
    desk.state(told)
    desk.events(told.receive_often(2)[1])
    desk.state(told, status="offline")

    assert desk.wanted(1000.0) is None


def test_events_that_come_before_any_state_count_once_it_says_whose_they_are(desk: Desk, told: Told) -> None:
    desk.events(*told.receive_often(2))
    assert (desk.ack(), desk.at()) == (None, 0)

    desk.state(told)

    assert (desk.ack(), desk.at()) == ({"epoch": "e1", "seq": 2, "hash": chain(told.payloads)}, 2)


def test_a_new_ledger_without_a_past_begins_with_nothing(desk: Desk, told: Told) -> None:
    desk.state(told)
    desk.events(*told.receive_often(3))
    new = Told("e2")

    desk.state(new)
    desk.events(new.receive(5, sku="INK"))

    assert (desk.at("PEN"), desk.at("INK")) == (0, 5)
    assert desk.findings() == [("new_epoch", "e2", 1)]


def test_after_a_restore_events_are_kept_and_the_books_wait_for_a_snapshot(desk: Desk, told: Told) -> None:
    desk.state(told)
    desk.events(*told.receive_often(3))
    restored = Told("e2", previous="e1")

    desk.state(restored)
    desk.events(*restored.receive_often(2))

    assert desk.ack() == {"epoch": "e2", "seq": 2, "hash": chain(restored.payloads)}
    assert desk.at() == 3
    assert desk.intake.present is not None
    assert desk.intake.present.base is None


def test_events_of_a_ledger_that_was_left_are_kept_and_not_applied(desk: Desk, told: Told) -> None:
    desk.state(told)
    events = told.receive_often(3)
    desk.events(*events[:2])
    new = Told("e2")
    desk.state(new)

    desk.events(events[2], new.receive(7))

    assert desk.at() == 7
    assert desk.ack() == {"epoch": "e2", "seq": 1, "hash": chain(new.payloads)}
    assert desk.findings() == [("foreign", "e1/3", 1), ("new_epoch", "e2", 1)]


def test_a_ledger_that_comes_back_is_told_and_gets_its_books_from_a_snapshot(desk: Desk, told: Told) -> None:
    desk.state(told)
    desk.events(*told.receive_often(3))
    other = Told("e2")
    desk.state(other)
    desk.events(other.receive(7))
    desk.events(told.receive())

    desk.state(told)
    assert desk.intake.wants_snapshot(now=time.monotonic())
    desk.events(told.receive(2))
    lying = [position("PEN", "location:DOCK-1", 4), position("PEN", "supplier:-", -4)]
    desk.snapshot("s-1", snapshot("e1", 4, {"positions": lying}))

    assert desk.at() == 6
    assert desk.ack() == {"epoch": "e1", "seq": 5, "hash": chain(told.payloads)}
    assert ("epoch", "e1", 1) in desk.findings()


def test_what_was_archived_before_it_came_is_passed_over_and_the_hash_taken_on_trust(
    desk: Desk, told: Told
) -> None:
    told.receive_often(9)
    told.first_seq = 6
    desk.state(told, last_seq=5, hash=chain(told.payloads[:5]))

    desk.events(*told.payloads[5:])

    assert desk.ack() == {"epoch": "e1", "seq": 9, "hash": told.hash}
    assert desk.intake.present is not None
    assert desk.intake.present.base is None
    assert desk.findings() == [("archived", "e1/1", 1)]


def test_an_ack_without_knowing_the_chain_has_no_hash(desk: Desk, told: Told) -> None:
    told.receive_often(9)
    told.first_seq = 6
    desk.state(told)

    desk.events(*told.payloads[5:8])

    assert desk.ack() == {"epoch": "e1", "seq": 8}


def test_another_hash_than_the_node_has_is_a_finding(desk: Desk, told: Told) -> None:
    desk.state(told)
    desk.events(*told.receive_often(2))

    desk.state(told, hash="00" * 32)

    assert desk.findings() == [("hash", "e1/2", 1)]


def test_a_state_that_knows_less_confirmed_than_is_here_is_told_again(desk: Desk, told: Told) -> None:
    desk.state(told)
    desk.events(*told.receive_often(2))
    desk.intake.is_ack_due = False

    desk.state(told)

    assert desk.intake.is_ack_due


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"no json",
        b"[" * 100_000,
        b"null",
        b'{"epoch":"e1","seq":1}',
        b'{"id":"par1/dock-b/e1/1","epoch":"e1","seq":1}',
        b'{"id":"par1/dock-a/e1/0","epoch":"e1","seq":0}',
        b'{"id":"par1/dock-a/e1/True","epoch":"e1","seq":true}',
        b'{"id":"par1/dock-a/e1/1","epoch":"e1","seq":"1"}',
        b'\xff\xfe{"id":"\xff"}',
    ],
)
def test_what_is_no_event_of_the_node_is_a_finding_and_holds_nothing_up(
    desk: Desk, told: Told, payload: bytes
) -> None:
    desk.state(told)

    desk.events(payload, told.receive())

    assert [kind for kind, *_ in desk.findings()] == ["event"]
    assert desk.at() == 1


@pytest.mark.parametrize("epoch", ["", "e\0", "\ud800", "x" * 81])
def test_an_epoch_that_is_no_name_is_not_kept(desk: Desk, told: Told, epoch: str) -> None:
    desk.state(told)

    desk.events(json.dumps({"id": f"{NODE}/{epoch}/1", "epoch": epoch, "seq": 1}).encode(), told.receive())

    assert [kind for kind, *_ in desk.findings()] == ["epoch"]
    assert desk.at() == 1


def test_an_event_whose_contents_cannot_be_read_is_kept_and_told(desk: Desk, told: Told) -> None:
    desk.state(told)

    desk.events(
        told.tell("stock.moved", {"moves": [{"sku": "PEN"}]}), told.tell("order.ready", {}), told.receive()
    )

    assert desk.ack() == {"epoch": "e1", "seq": 3, "hash": chain(told.payloads)}
    assert desk.at() == 1
    assert desk.findings() == [("contents", "e1/1", 1), ("contents", "e1/2", 1)]


@pytest.mark.parametrize(
    "payload", [b"x", b"[]", b"{}", b'{"epoch":1}', b'{"epoch":"e1","last_seq":-1}', b"[" * 100_000]
)
def test_a_state_that_cannot_be_read_is_a_finding(desk: Desk, payload: bytes) -> None:
    with desk.database.transaction():
        desk.intake.take_state(payload)

    assert desk.findings() == [("state", "", 1)]


def test_a_level_is_the_last_that_was_told_and_an_empty_one_clears_it(desk: Desk) -> None:
    with desk.database.transaction():
        desk.intake.take_level("PEN", b'{"sku":"PEN","on_hand":3}')
        desk.intake.take_level("PEN", b'{"sku":"PEN","on_hand":5}')
        desk.intake.take_level("INK", b'{"sku":"INK","on_hand":1}')
        desk.intake.flush()
        desk.intake.take_level("INK", b"")
        desk.intake.take_level("BAD", b'{"sku":"PEN"}')
        desk.intake.take_level("WORSE", b"[")
        desk.intake.flush()

    assert shown.levels(desk.database, None) == [{"node": NODE, "sku": "PEN", "on_hand": 5}]
    assert desk.findings() == [("level", "BAD", 1), ("level", "WORSE", 1)]


def test_orders_and_exceptions_are_followed_through_the_database(desk: Desk, told: Told) -> None:
    desk.state(told)
    of = {"order": "SO-1", "line": 1, "sku": "PEN"}
    moved = [move("PEN", 2, "location:A", "picked:SO-1")]
    desk.events(told.tell("backorder.allocated", {**of, "qty": 2, "waiting": 1, "location": "A"}))
    picked = told.last_seq + 1
    desk.events(
        told.tell("stock.picked", {**of, "qty": 2, "moves": moved}),
        told.tell("order.ready", {"order": "SO-1"}),
    )
    desk.events(
        told.tell("exception.raised", {"exception": "x", "kind": "late", "about": "SO-1", "text": "é"})
    )

    desk.events(told.tell("undo", {"undoes": picked, "moves": [move("PEN", 2, "picked:SO-1", "location:A")]}))

    [order] = shown.orders(desk.database, NODE)
    assert order["status"] == "ready"
    numbers = {"allocated": 0, "picked": 0, "shipped": 0, "cancelled": 0, "waiting": 1}
    assert order["lines"] == [{"line": 1, "sku": "PEN", "ordered": None, **numbers}]
    assert shown.nodes(desk.database)[0]["exceptions"] == 1


def test_a_batch_that_fails_leaves_nothing(where: str, told: Told) -> None:
    database = open_database(where)
    desk = Desk(database)
    desk.state(told)
    desk.events(told.receive())

    def fail() -> None:
        desk.intake.take_event(told.receive())
        desk.intake.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.do(fail)

    again = Desk(database)
    assert again.ack() == {"epoch": "e1", "seq": 1, "hash": chain(told.payloads[:1])}
    assert again.at() == 1
    database.close()
