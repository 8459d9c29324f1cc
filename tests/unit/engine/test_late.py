"""Orders that have not left by their time (contract section 6: `order.late`, section 7: exception `late`)."""

import pytest

from tests.house import House, Told

NINE, TEN, NOON = (f"2026-11-21T{hour}:00:00Z" for hour in ("09", "10", "12"))
"""It is nine when the house opens."""


def late(house: House) -> list[Told]:
    """What was told of orders that are late, now that the clock has had its turn."""
    house.tick()
    return [told for told in house.told() if told.type == "order.late"]


@pytest.mark.parametrize(
    "times",
    [
        {"promised_at": TEN},
        {"ship_by": TEN, "promised_at": NINE},
        {"ship_by": TEN, "promised_at": NOON},
    ],
)
def test_an_order_is_late_at_its_time_to_leave_and_told_so_once(house: House, times: dict[str, str]) -> None:
    house.order("SO-1", ("PEN", 1), **times)

    house.wait(3590)
    assert late(house) == []
    house.wait(10)

    assert late(house) == [Told("order.late", {"order": "SO-1", "due_at": TEN})]
    assert ("late", "SO-1") in house.exceptions()
    house.wait(7200)
    assert late(house) == []


def test_placed_after_its_time_an_order_is_late_at_once(house: House) -> None:
    house.order("SO-1", ("PEN", 1), promised_at="2026-11-20T08:00:00Z")

    assert [told.data["due_at"] for told in late(house)] == ["2026-11-20T08:00:00Z"]


def test_an_order_that_has_left_is_not_late(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 1), promised_at=TEN)
    house.scans("CMD:SHIP", "ORD:SO-1")

    house.wait(3600)

    assert late(house) == []


def test_an_order_that_is_ready_and_still_here_is_late(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 1), promised_at=TEN)

    house.wait(3600)

    assert [told.data["order"] for told in late(house)] == ["SO-1"]


def test_a_late_order_that_leaves_is_late_no_more_until_that_is_undone(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 1), promised_at=NINE)
    assert len(late(house)) == 1

    house.scans("CMD:SHIP", "ORD:SO-1")
    assert ("late", "SO-1") not in house.exceptions()
    house.scans("CMD:UNDO")

    assert ("late", "SO-1") in house.exceptions()


def test_a_cancelled_order_is_not_late(house: House) -> None:
    house.order("SO-1", ("PEN", 1), promised_at=TEN)
    house.order("SO-2", ("PEN", 1), promised_at=NINE)
    assert [told.data["order"] for told in late(house)] == ["SO-2"]

    house.done("order.cancel", {"order": "SO-1"})
    house.done("order.cancel", {"order": "SO-2"})
    house.wait(3600)

    assert late(house) == []
    assert house.exceptions() == [("unknown_item", "PEN")]


@pytest.mark.parametrize(
    ("type_", "change"),
    [
        ("order.amend", {"promised_at": NOON}),
        ("order.amend", {"ship_by": NOON}),
        ("order.prioritise", {"promised_at": NOON}),
    ],
)
def test_moved_to_a_later_time_an_order_is_late_then(
    house: House, type_: str, change: dict[str, str]
) -> None:
    house.order("SO-1", ("PEN", 1), promised_at=NINE)
    assert len(late(house)) == 1

    house.done(type_, {"order": "SO-1", **change})

    assert ("late", "SO-1") not in house.exceptions()
    house.wait(3600)
    assert late(house) == []
    house.wait(7200)
    assert [told.data["due_at"] for told in late(house)] == [NOON]


def test_moved_to_an_earlier_time_an_order_is_late_then(house: House) -> None:
    house.order("SO-1", ("PEN", 1), promised_at=NOON)

    house.done("order.prioritise", {"order": "SO-1", "promised_at": TEN})
    house.wait(3600)

    assert [told.data["due_at"] for told in late(house)] == [TEN]


def test_another_promise_is_not_another_time_to_leave_where_that_was_said(house: House) -> None:
    house.order("SO-1", ("PEN", 1), ship_by=NINE, promised_at=TEN)
    assert len(late(house)) == 1

    house.done("order.amend", {"order": "SO-1", "promised_at": NOON, "tier": 4})

    assert late(house) == []
    assert ("late", "SO-1") in house.exceptions()


def test_amended_down_to_what_has_left_an_order_is_late_no_more(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 2), promised_at=NINE)
    house.scans("CMD:SHIP", "ORD:SO-1")
    assert ("late", "SO-1") in house.exceptions()
    house.told()

    house.done("order.amend", {"order": "SO-1", "lines": [{"line": 1, "qty": 1}]})

    assert house.types() == ["exception.cleared"]


def test_a_time_to_leave_survives_a_restart(house: House) -> None:
    house.order("SO-1", ("PEN", 1), promised_at=TEN)

    house.restart()
    house.wait(3600)

    assert [told.data["due_at"] for told in late(house)] == [TEN]
