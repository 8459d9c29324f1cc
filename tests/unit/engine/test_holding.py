"""Orders on hold: why, until when, and what goes on meanwhile (contract sections 4 and 6)."""

import json
from typing import Any

import pytest

from edge.clock import date_time
from tests.house import House, Told

DOCK = ("location:DOCK-1", "")


def hold(house: House, order: str = "SO-1", **fields: Any) -> None:
    house.done("order.hold", {"order": order, **fields})


def in_an_hour(house: House) -> str:
    return date_time(house.clock.at_ms + 3_600_000) or ""


def test_a_hold_says_why_and_until_when(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.told()
    until = in_an_hour(house)

    hold(house, reason="unpaid", until=until)

    held, raised = house.told()
    assert held == Told("order.held", {"order": "SO-1", "reason": "unpaid", "until": until})
    assert (raised.data["kind"], raised.data["text"]) == (
        *("on_hold", f"Order SO-1 is on hold until {until}: unpaid."),
    )


def test_a_hold_without_a_reason_ends_with_order_resume_alone(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.told()

    hold(house)
    house.wait(40 * 86_400)
    house.tick()

    held, raised = house.told()
    assert held == Told("order.held", {"order": "SO-1", "reason": None, "until": None})
    assert raised.data["text"] == "Order SO-1 is on hold."


def test_a_hold_ends_by_itself_at_its_time_and_the_order_is_served(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    hold(house, until=in_an_hour(house))
    house.receive("PEN", 3)
    house.told()

    house.wait(3590)
    house.tick()
    assert house.told() == []
    house.wait(10)
    house.tick()

    assert house.types() == ["backorder.allocated", "order.resumed", "order.ready", "exception.cleared"]
    assert house.promises("SO-1") == {DOCK: 3}
    causes = [json.loads(payload)["cause"] for (payload,) in house.rows("SELECT payload FROM events")]
    assert causes[-4:] == ["clock/2026-11-21"] * 4


def test_resumed_before_its_time_an_order_is_not_resumed_again(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    hold(house, until=in_an_hour(house))
    house.done("order.resume", {"order": "SO-1"})
    hold(house)
    house.told()

    house.wait(3700)
    house.tick()

    assert house.told() == []
    assert house.rows("SELECT status FROM orders") == [("held",)]


def test_held_again_an_order_is_held_for_the_new_reason_until_the_new_time(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    hold(house, reason="unpaid", until=in_an_hour(house))
    house.told()
    house.wait(600)
    later = in_an_hour(house)

    hold(house, reason="address unclear", until=later)

    held, cleared, raised = house.told()
    assert held.data == {"order": "SO-1", "reason": "address unclear", "until": later}
    assert (cleared.type, raised.data["text"]) == (
        *("exception.cleared", f"Order SO-1 is on hold until {later}: address unclear."),
    )
    house.wait(3100)
    house.tick()
    assert house.told() == []
    house.wait(600)
    house.tick()
    assert house.types() == ["order.resumed", "exception.cleared"]


def test_held_again_for_the_same_reason_until_the_same_time_tells_nothing(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    until = in_an_hour(house)
    hold(house, reason="unpaid", until=until)
    house.told()

    hold(house, reason="unpaid", until=until)

    assert house.told() == []


def test_a_time_that_has_passed_is_no_time_to_hold_an_order_until(house: House) -> None:
    house.order("SO-1", ("PEN", 3))

    answer = house.command("order.hold", {"order": "SO-1", "until": "2026-11-21T08:00:00Z"})

    assert answer["error"] == {
        "code": "bad_value",
        "text": "until must be a time to come, got 2026-11-21T08:00:00Z; it is 2026-11-21T09:00:02.000Z here.",
        "at": "until",
    }
    assert house.rows("SELECT status FROM orders") == [("open",)]


def test_a_shipped_order_is_not_held(house: House) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 3))
    house.scans("CMD:SHIP", "ORD:SO-1")

    assert house.command("order.hold", {"order": "SO-1"})["error"]["code"] == "shipped"


def test_an_order_on_hold_keeps_what_it_has_and_its_rank(house: House) -> None:
    house.order("SO-1", ("PEN", 3), tier=9)
    house.order("SO-2", ("PEN", 3))
    house.receive("PEN", 1)
    hold(house)
    house.receive("PEN", 1)
    house.done("order.resume", {"order": "SO-1"})

    house.receive("PEN", 1)

    assert (house.promises("SO-1"), house.promises("SO-2")) == ({DOCK: 2}, {DOCK: 1})


def test_what_is_expected_goes_to_those_who_are_not_on_hold(house: House) -> None:
    house.order("SO-1", ("PEN", 2), tier=9)
    house.order("SO-2", ("PEN", 2))
    eta = "2026-12-01T09:00:00Z"
    house.done("asn.announce", {"asn": "A-1", "eta": eta, "lines": [{"line": 1, "sku": "PEN", "qty": 2}]})
    house.told()

    hold(house)
    held = [(x.data["order"], x.data["expected_at"]) for x in house.told() if x.type == "backorder.eta"]
    house.done("order.resume", {"order": "SO-1"})
    resumed = [(x.data["order"], x.data["expected_at"]) for x in house.told() if x.type == "backorder.eta"]

    assert held == [("SO-1", None), ("SO-2", eta)]
    assert resumed == [("SO-1", eta), ("SO-2", None)]


def test_a_cancelled_order_is_not_resumed_by_the_clock(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    hold(house, until=in_an_hour(house))
    house.done("order.cancel", {"order": "SO-1"})
    house.told()

    house.wait(3700)
    house.tick()

    assert house.told() == []
    assert house.rows("SELECT status FROM orders") == [("cancelled",)]


@pytest.mark.parametrize("lines", [None, [1]])
def test_what_is_on_hold_does_not_leave_without_a_scan_either(house: House, lines: list[int] | None) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 3))
    hold(house, reason="unpaid")

    answer = house.command("order.ship", {"order": "SO-1", "lines": lines})

    assert answer["error"] == {
        "code": "bad_value",
        "text": "Order SO-1 is on hold: unpaid. It is not shipped.",
        "at": "order",
    }
