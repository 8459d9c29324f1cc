"""Rules of snapshots: ground for the books of a ledger that has a past, and what the books are held against."""

import hashlib
import json
from typing import Any

import pytest

from sync.central import shown
from sync.central.database import Database
from sync.central.intake import ASK_AGAIN_S
from tests.nodes import NODE, Told, move, position, snapshot
from tests.unit.sync.central.desk import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def restored(desk: Desk) -> Told:
    """A ledger with a past that central knew, of which a PEN and an order's line are still in the books."""
    told = Told()
    desk.state(told)
    desk.events(
        told.receive(), told.tell("backorder.waiting", {"order": "SO-0", "line": 1, "sku": "PEN", "qty": 1})
    )
    new = Told("e2", previous="e1")
    desk.state(new)
    return new


def rows(*positions: dict[str, Any]) -> dict[str, list[Any]]:
    return {"positions": list(positions)}


def test_the_books_of_a_restored_ledger_are_its_snapshot_and_what_moved_since(
    desk: Desk, restored: Told
) -> None:
    desk.events(*restored.receive_often(3))
    lying = [
        position("PEN", "location:DOCK-1", 12, lot="B7"),
        position("PEN", "supplier:-", -12, lot="B7"),
        position("INK", "location:A", 0),
    ]

    desk.snapshot("e2", snapshot("e2", 1, rows(*lying)))
    desk.events(restored.receive(5))

    found = shown.positions(desk.database, NODE, None)
    assert [(one["lot"], one["account"], one["qty"]) for one in found] == [
        (None, "location:DOCK-1", 7),
        ("B7", "location:DOCK-1", 12),
        (None, "supplier:-", -7),
        ("B7", "supplier:-", -12),
    ]
    assert desk.findings() == [("new_epoch", "e2", 1)]


def test_events_that_a_snapshot_counts_already_do_not_count_again(desk: Desk, restored: Told) -> None:
    desk.snapshot("e2", snapshot("e2", 2, rows(position("PEN", "location:DOCK-1", 2))))

    desk.events(*restored.receive_often(3))

    assert desk.at() == 3


def test_a_snapshot_that_comes_before_the_state_of_its_ledger_serves_after_it(desk: Desk) -> None:
    told = Told("e2", previous="e1")
    desk.snapshot("e2", snapshot("e2", 0, rows(position("PEN", "location:DOCK-1", 2))))
    assert desk.at() == 0

    desk.state(told)
    desk.snapshot("other", [])
    restart = Desk(desk.database)
    restart.state(told)

    assert restart.at() == 2


def test_orders_and_levels_of_a_restored_ledger_are_those_of_its_snapshot(desk: Desk, restored: Told) -> None:
    line = {"line": 1, "sku": "PEN", "ordered": 5, "allocated": 1, "picked": 2, "shipped": 0, "cancelled": 0}
    desk.do(lambda: desk.intake.take_level("PEN", b'{"sku":"PEN","on_hand":9,"epoch":"e2","seq":4}'))
    desk.do(lambda: desk.intake.take_level("OLD", b'{"sku":"OLD","on_hand":1,"epoch":"e1","seq":7}'))

    desk.snapshot(
        "e2",
        snapshot(
            "e2",
            3,
            {
                "levels": [{"sku": "PEN", "on_hand": 8}, {"sku": "INK", "on_hand": 2}],
                "positions": [position("PEN", "location:A", 8)],
                "orders": [{"order": "SO-1", "status": "open", "lines": [{**line, "waiting": 2}], "new": 1}],
            },
        ),
    )

    assert shown.orders(desk.database, None) == [
        {"node": NODE, "order": "SO-1", "status": "open", "lines": [{**line, "waiting": 2}]}
    ]
    assert {one["sku"]: one["on_hand"] for one in shown.levels(desk.database, None)} == {"PEN": 9, "INK": 2}


def test_of_an_empty_warehouse_the_snapshot_is_empty(desk: Desk, restored: Told) -> None:
    begin, _, _ = snapshot("e2", 0, rows())

    desk.snapshot("e2", [begin, json.dumps({"end": {"digest": hashlib.sha256().hexdigest()}}).encode()])

    assert shown.positions(desk.database, NODE, None) == []
    assert shown.comparison(desk.database, NODE, "e2") is not None


def test_chunks_that_come_again_after_a_break_count_once(desk: Desk, restored: Told) -> None:
    many = [position("PEN", f"location:A-{n}", 1) for n in range(7)]
    begin, *chunks, end = snapshot("e2", 0, rows(*many))
    assert len(chunks) == 4

    desk.snapshot("e2", [begin, *chunks[:3]])
    again = Desk(desk.database)
    again.state(restored)
    again.snapshot("e2", [begin, *chunks[1:], end])
    again.snapshot("e2", [chunks[3], end])

    assert len(shown.positions(desk.database, None, "PEN")) == 7


def test_a_snapshot_whose_digest_is_another_is_a_finding_and_not_used(desk: Desk, restored: Told) -> None:
    begin, chunk, _, end = snapshot("e2", 0, rows(*[position("PEN", f"location:{n}", 1) for n in range(3)]))

    desk.snapshot("e2", [begin, chunk, end])

    assert desk.at("PEN", "location:0") == 0
    assert ("snapshot", "e2", 1) in desk.findings()
    assert desk.intake.present is not None
    assert desk.intake.present.base is None


@pytest.mark.parametrize(
    "bad",
    [
        [b"x"],
        [b"[]"],
        [b'{"begin":{}}'],
        [b'{"begin":{"epoch":"e2","as_of_seq":-1}}'],
        [b'{"end":{}}'],
        snapshot("e2", 0, {"levels": []}),
        snapshot("e2", 0, {"positions": [{"sku": "PEN"}]}),
        snapshot("e2", 0, {"positions": [position("PEN", "location:A", True)]}),
        snapshot("e2", 0, {"positions": [], "orders": [{"order": "SO-1", "lines": [{"line": None}]}]}),
    ],
)
def test_a_snapshot_that_cannot_be_read_is_a_finding_and_changes_nothing(
    desk: Desk, restored: Told, bad: list[bytes]
) -> None:
    desk.snapshot("s", bad)

    assert desk.at() == 1
    assert ("snapshot", "s", 1) in desk.findings()


def test_one_is_asked_for_where_none_comes_by_itself(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.central.intake.time.monotonic", lambda: 500.0)
    desk.state(Told("e2", previous="e1"))

    assert not desk.intake.wants_snapshot(500.0 + ASK_AGAIN_S - 1)
    assert desk.intake.wants_snapshot(500.0 + ASK_AGAIN_S)
    assert not desk.intake.wants_snapshot(500.0 + ASK_AGAIN_S + 1)
    desk.snapshot("s", snapshot("e2", 0, rows(position("PEN", "location:A", 1))))
    assert not desk.intake.wants_snapshot(1000.0)


def test_positions_that_are_the_nodes_compare_as_the_same(desk: Desk) -> None:
    told = Told()
    desk.state(told)
    desk.events(*told.receive_often(3))
    theirs = rows(position("PEN", "location:DOCK-1", 2), position("PEN", "supplier:-", -2))

    desk.snapshot("c-1", snapshot("e1", 2, theirs))

    assert shown.comparison(desk.database, NODE, "c-1") == {
        **{"epoch": "e1", "as_of_seq": 2, "seq": 3, "positions": 2},
        **{"same": True, "different": 0, "differences": []},
    }
    assert desk.findings() == []


def test_each_position_that_differs_from_the_nodes_is_named(desk: Desk) -> None:
    told = Told()
    desk.state(told)
    desk.events(*told.receive_often(3))
    theirs = rows(
        position("PEN", "location:DOCK-1", 4), position("PEN", "supplier:-", -3), position("INK", "scrap", 1)
    )

    desk.snapshot("c-1", snapshot("e1", 3, theirs))

    said = shown.comparison(desk.database, NODE, "c-1")
    assert said is not None
    none = {"lot": "", "expiry": "", "pallet": ""}
    assert said["differences"] == [
        {"sku": "INK", **none, "account": "scrap", "central": 0, "node": 1},
        {"sku": "PEN", **none, "account": "location:DOCK-1", "central": 3, "node": 4},
    ]
    assert (said["same"], said["different"]) == (False, 2)
    assert desk.findings() == [("positions", "e1/3", 1)]


def test_a_comparison_waits_until_the_events_are_here(desk: Desk) -> None:
    told = Told()
    desk.state(told)
    events = told.receive_often(2)
    desk.events(events[0])

    desk.snapshot(
        "c-1",
        snapshot("e1", 2, rows(position("PEN", "location:DOCK-1", 2), position("PEN", "supplier:-", -2))),
    )
    assert shown.comparison(desk.database, NODE, "c-1") is None
    desk.events(events[1])

    said = shown.comparison(desk.database, NODE, "c-1")
    assert said is not None
    assert said["same"]


def test_of_snapshots_that_never_end_only_the_latest_are_kept(desk: Desk, restored: Told) -> None:
    for n in range(15):
        desk.snapshot(f"s-{n}", snapshot("e2", 0, rows(position("PEN", "location:A", n)))[:2])

    assert [name for _, name, _, _ in desk.store.snapshots(desk.intake.node)] == [
        f"s-{n}" for n in range(5, 15)
    ]


def test_a_snapshot_of_levels_alone_says_nothing_of_positions(desk: Desk) -> None:
    told = Told()
    desk.state(told)
    desk.events(told.tell("stock.moved", {"moves": [move("PEN", 1, "location:A", "location:B")]}))

    desk.snapshot("l", snapshot("e1", 1, {"levels": [{"sku": "PEN"}]}))

    assert shown.comparison(desk.database, NODE, "l") is None
    assert desk.findings() == []
