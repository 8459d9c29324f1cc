"""Orders amended: lines with absolute quantities, new lines, other wishes, revisions (contract sections 4 and 6)."""

from pathlib import Path
from typing import Any

import pytest

from tests.house import House, Told, settings

DOCK = ("location:DOCK-1", "")


def line(n: int, qty: int, sku: str | None = None) -> dict[str, Any]:
    return {"line": n, "qty": qty, **({"sku": sku} if sku else {})}


def amend(house: House, *lines: dict[str, Any], order: str = "SO-1", **fields: Any) -> None:
    house.done("order.amend", {"order": order, **({"lines": list(lines)} if lines else {}), **fields})


def refused(house: House, *lines: dict[str, Any], order: str = "SO-1", **fields: Any) -> tuple[str, str]:
    """Send an amendment that is refused and changes nothing; its code and where."""
    house.told()
    before = house.rows("SELECT * FROM lines ORDER BY id"), house.rows("SELECT * FROM orders ORDER BY id")
    data = {"order": order, **({"lines": list(lines)} if lines else {}), **fields}
    error = house.command("order.amend", data)["error"]
    assert house.told() == []
    assert before == (
        house.rows("SELECT * FROM lines ORDER BY id"),
        house.rows("SELECT * FROM orders ORDER BY id"),
    )
    return error["code"], error["at"]


def quantities(house: House, order: str = "SO-1") -> list[tuple[int, ...]]:
    """Ordered, allocated, picked, shipped, cancelled and waiting of each line."""
    rows = house.rows(
        "SELECT ordered, allocated, picked, shipped, cancelled, waiting FROM lines WHERE order_id = ? ORDER BY line",
        order,
    )
    return [tuple(row) for row in rows]


# -- more and less -------------------------------------------------------------------------------------------


def test_a_line_that_grows_takes_what_is_there_and_waits_for_the_rest(house: House) -> None:
    house.receive("PEN", 5)
    house.order("SO-1", ("PEN", 2))
    house.told()

    amend(house, line(1, 7))

    unmet = {"line": 1, "sku": "PEN", "qty": 2, "reason": "out_of_stock"}
    allocated, waiting, unfulfillable = house.told()
    assert (allocated.type, allocated.data["qty"], allocated.data["waiting"]) == ("backorder.allocated", 3, 2)
    assert waiting == Told("backorder.waiting", {"order": "SO-1", **unmet})
    assert unfulfillable.data["lines"] == [{**unmet, "expected_at": None, "alternatives": []}]
    assert ("unfulfillable", "SO-1") not in house.exceptions()
    assert house.level("PEN") == {
        **{"on_hand": 5, "allocated": 5, "waiting": 2, "missing": 0, "quarantine": 0, "expected": 0}
    }


def test_of_a_line_that_shrinks_what_waits_goes_before_what_is_promised(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 5))
    house.told()

    amend(house, line(1, 3))
    assert house.told() == []
    amend(house, line(1, 2))

    assert house.told() == [Told("order.ready", {"order": "SO-1"})]
    assert quantities(house) == [(2, 2, 0, 0, 0, 0)]


def test_of_a_line_that_shrinks_the_promises_made_last_are_released_and_serve_the_next(house: House) -> None:
    house.order("SO-1", ("PEN", 4))
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 3, at="A-01")
    house.receive("PEN", 1, at="B-01")
    house.told()

    amend(house, line(1, 2))

    released = {"order": "SO-1", "line": 1, "sku": "PEN", "lot": None, "reason": "amended"}
    told = house.told()
    assert told[:2] == [
        Told("backorder.released", {**released, "qty": 1, "location": "B-01"}),
        Told("backorder.released", {**released, "qty": 1, "location": "A-01"}),
    ]
    assert [each.type for each in told[2:]] == ["backorder.allocated", "backorder.allocated", "order.ready"]
    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    assert house.promises("SO-2") == {("location:A-01", ""): 1, ("location:B-01", ""): 1}


def test_the_same_quantity_again_changes_nothing(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 2))
    house.told()

    amend(house, line(1, 2, "PEN"))

    assert house.told() == []
    assert quantities(house) == [(2, 1, 0, 0, 0, 1)]


def test_with_0_a_line_is_cancelled_and_lines_not_named_stay(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 3), ("INK", 1))
    house.told()

    amend(house, line(1, 0))

    (released,) = house.told()
    assert (released.type, released.data["qty"], released.data["reason"]) == (
        *("backorder.released", 2, "amended"),
    )
    assert quantities(house) == [(3, 0, 0, 0, 3, 0), (1, 0, 0, 0, 0, 1)]
    amend(house, line(1, 0))
    assert house.told() == []


def test_a_cancelled_line_amended_above_0_lives_again(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 3), ("INK", 1))
    house.done("order.cancel", {"order": "SO-1", "lines": [1]})
    house.told()

    amend(house, line(1, 2))

    assert house.types() == ["backorder.allocated", "backorder.waiting", "order.unfulfillable"]
    assert quantities(house) == [(2, 1, 0, 0, 0, 1), (1, 0, 0, 0, 0, 1)]


def test_an_order_of_which_every_line_was_amended_to_0_is_not_ready_and_can_live_again(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 1)
    house.told()

    amend(house, line(1, 0))
    assert house.types() == ["backorder.released"]
    amend(house, line(1, 1))

    assert house.types() == ["backorder.allocated", "order.ready"]


def test_goods_to_be_put_back_are_wanted_again_when_their_line_lives_again(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.receive("PEN", 2)
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "QTY:2", "SKU:PEN")
    house.done("order.cancel", {"order": "SO-1", "lines": [1]})
    assert ("restock", "SO-1") in house.exceptions()

    amend(house, line(1, 3))

    assert ("restock", "SO-1") not in house.exceptions()
    assert quantities(house)[0] == (3, 0, 2, 0, 0, 1)


# -- new lines -----------------------------------------------------------------------------------------------


def test_a_new_line_is_added_and_served(house: House) -> None:
    house.receive("INK", 3)
    house.order("SO-1", ("PEN", 1))
    house.told()

    amend(house, line(2, 2, "INK"), line(3, 4, "INK"))

    told = house.told()
    assert [(each.type, each.data.get("line"), each.data.get("qty")) for each in told] == [
        ("backorder.allocated", 2, 2),
        ("backorder.allocated", 3, 1),
        ("backorder.waiting", 3, 3),
        ("order.unfulfillable", None, None),
    ]


def test_a_new_line_of_an_unknown_item_waits_with_an_exception(house: House) -> None:
    house.order("SO-1", ("PEN", 1))

    amend(house, line(2, 2, "INK"))

    assert house.exceptions() == [("unknown_item", "INK"), ("unknown_item", "PEN")]
    assert house.level("INK")["waiting"] == 2


def test_a_new_line_of_an_order_on_hold_waits_until_it_is_resumed(house: House) -> None:
    house.receive("INK", 3)
    house.order("SO-1", ("PEN", 1))
    house.done("order.hold", {"order": "SO-1"})

    amend(house, line(2, 2, "INK"))
    assert house.promises("SO-1") == {}
    house.done("order.resume", {"order": "SO-1"})

    assert house.promises("SO-1") == {DOCK: 2}


def test_a_line_added_to_a_shipped_order_opens_it_again(house: House) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 1))
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.told()

    amend(house, line(2, 2, "PEN"))

    assert house.types() == ["backorder.allocated", "order.ready"]


def test_a_new_line_of_an_unknown_item_is_refused_where_the_site_wants_it(tmp_path: Path) -> None:
    house = House(settings(tmp_path, unknown="reject"))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.order("SO-1", ("PEN", 1))

    assert refused(house, line(1, 2), line(2, 1, "INK")) == ("unknown_item", "lines[1].sku")
    house.audit()
    house.close()


# -- what is refused -----------------------------------------------------------------------------------------


def test_below_what_is_picked_and_shipped_a_line_does_not_go(house: House) -> None:
    house.order("SO-1", ("PEN", 5), ("INK", 1))
    house.receive("PEN", 1)
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.receive("PEN", 2)
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "QTY:2", "SKU:PEN")

    assert refused(house, line(2, 4), line(1, 2)) == ("already_picked", "lines[1].qty")
    assert refused(house, line(1, 0)) == ("already_picked", "lines[0].qty")
    amend(house, line(1, 3))
    assert quantities(house)[0] == (3, 0, 2, 1, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (line(1, 2, "INK"), ("bad_value", "lines[1].sku")),
        (line(3, 2), ("missing_field", "lines[1].sku")),
        (line(3, 0, "INK"), ("bad_value", "lines[1].line")),
        ({"line": "1", "qty": 2}, ("missing_field", "lines[1].sku")),
    ],
)
def test_of_an_amendment_that_is_wrong_in_one_line_nothing_is_done(
    house: House, wanted: dict[str, Any], error: tuple[str, str]
) -> None:
    house.order("SO-1", ("PEN", 5), ("INK", 1))

    assert refused(house, line(2, 4), wanted, tier=9) == error


def test_an_order_that_is_not_here_is_not_amended(house: House) -> None:
    assert refused(house, line(1, 2), order="SO-9") == ("unknown_order", "order")


def test_a_cancelled_order_is_not_amended(house: House) -> None:
    house.order("SO-1", ("PEN", 5))
    house.done("order.cancel", {"order": "SO-1"})

    assert refused(house, line(1, 2)) == ("bad_value", "order")


def test_a_shipped_order_to_which_nothing_is_added_is_not_amended(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 2))
    house.scans("CMD:SHIP", "ORD:SO-1")

    assert refused(house, tier=9) == ("shipped", "order")
    assert refused(house, line(1, 2)) == ("shipped", "order")


# -- revisions -----------------------------------------------------------------------------------------------


def test_a_revision_not_above_the_known_one_is_stale(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    amend(house, line(1, 3), revision=2)

    assert refused(house, line(1, 9), revision=2) == ("stale", "revision")
    assert refused(house, line(1, 9), revision=0) == ("stale", "revision")
    amend(house, line(1, 4), revision=3)
    assert house.level("PEN")["waiting"] == 4


def test_the_first_revision_may_be_0_and_without_one_nothing_is_compared(house: House) -> None:
    house.order("SO-1", ("PEN", 1))

    amend(house, line(1, 2), revision=0)
    amend(house, line(1, 3))

    assert refused(house, line(1, 9), revision=0) == ("stale", "revision")
    assert house.level("PEN")["waiting"] == 3


def test_a_refused_amendment_leaves_the_revision_as_it_was(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    assert refused(house, line(1, 1, "INK"), revision=5) == ("bad_value", "lines[0].sku")

    amend(house, line(1, 2), revision=5)

    assert house.level("PEN")["waiting"] == 2


# -- what an order says of itself ----------------------------------------------------------------------------


def test_an_amended_rank_counts_from_the_next_goods_on_and_takes_nothing_away(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2), tier=5)
    house.order("SO-3", ("PEN", 2), tier=1)
    house.receive("PEN", 1)
    house.told()

    amend(house, express=True, order="SO-3")
    assert house.told() == []
    house.receive("PEN", 2)

    assert [house.promises(f"SO-{n}") for n in (1, 2, 3)] == [{}, {DOCK: 1}, {DOCK: 2}]


def test_a_promise_keeps_the_rank_by_which_it_was_made(house: House) -> None:
    house.order("SO-1", ("PEN", 2), tier=5)
    house.receive("PEN", 1)

    amend(house, line(2, 1, "PEN"), tier=9)
    house.receive("PEN", 1)

    ranks = house.rows("SELECT substr(rank, 3, 1) FROM allocations ORDER BY id")
    assert ranks == [("4",), ("0",)]
    assert house.rows("SELECT DISTINCT substr(rank, 3, 1) FROM lines") == [("0",)]


def test_a_complete_order_is_served_once_it_takes_what_there_is(house: House) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 2), ("INK", 1), fill="complete")
    house.told()

    amend(house, fill="partial")

    assert house.promises("SO-1") == {DOCK: 2}
    assert house.types() == ["backorder.allocated"]


def test_a_complete_order_over_several_items_is_served_once_it_wants_no_more_than_is_here(
    house: House,
) -> None:
    house.receive("PEN", 3)
    house.receive("INK", 1)
    house.order("SO-1", ("PEN", 3), ("INK", 2), fill="complete")
    house.order("SO-2", ("PEN", 1))
    house.told()
    assert (house.promises("SO-1"), house.promises("SO-2")) == ({}, {DOCK: 1})

    amend(house, line(1, 2))
    assert house.told() == []
    amend(house, line(2, 1))

    assert house.types() == ["backorder.allocated", "backorder.allocated", "order.ready"]
    assert house.promises("SO-1") == {DOCK: 3}


def test_a_complete_order_that_grows_waits_for_what_it_lacks_as_a_whole(house: House) -> None:
    house.receive("PEN", 2)
    house.receive("INK", 1)
    house.order("SO-1", ("PEN", 1), ("INK", 1), fill="complete")

    amend(house, line(1, 2), line(2, 2))
    assert house.promises("SO-1") == {DOCK: 2}
    house.receive("INK", 1)

    assert house.promises("SO-1") == {DOCK: 4}


def test_ext_is_replaced_and_comes_back_with_the_events_from_then_on(house: House) -> None:
    house.order("SO-1", ("PEN", 1), ext={"shop": "north", "till": 4})
    house.told()

    amend(house, line(1, 2), ext={"shop": "south"})
    house.receive("PEN", 2)

    exts = [told.data["ext"] for told in house.told() if told.data.get("order") == "SO-1"]
    assert exts == [{"shop": "south"}] * 4


def test_the_content_of_an_order_stays_that_of_its_last_order_place(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    amend(house, line(1, 3), lane="L2")
    house.told()

    house.order("SO-1", ("PEN", 2))

    assert house.told() == []
    assert house.level("PEN")["waiting"] == 3


def test_goods_expected_are_promised_anew_when_the_order_of_service_changes(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    eta = "2026-12-01T09:00:00Z"
    house.done("asn.announce", {"asn": "A-1", "eta": eta, "lines": [{"line": 1, "sku": "PEN", "qty": 2}]})
    house.told()

    amend(house, express=True, order="SO-2")

    told = [(each.data["order"], each.data["expected_at"], each.data["was"]) for each in house.told()]
    assert told == [("SO-2", eta, None), ("SO-1", None, eta)]


# -- prioritised ---------------------------------------------------------------------------------------------


def test_a_prioritised_order_is_served_first_and_nothing_is_taken_away_for_it(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    house.order("SO-2", ("PEN", 1))
    house.order("SO-3", ("PEN", 1))
    house.receive("PEN", 1)
    house.told()

    house.done("order.prioritise", {"order": "SO-3", "tier": 9})
    assert house.told() == []
    house.receive("PEN", 1)

    assert [house.promises(f"SO-{n}") for n in (1, 2, 3)] == [{DOCK: 1}, {}, {DOCK: 1}]


def test_of_two_the_one_promised_earlier_comes_first_and_what_is_not_given_stays(house: House) -> None:
    house.order("SO-1", ("PEN", 1), tier=3)
    house.order("SO-2", ("PEN", 1), tier=3)

    house.done("order.prioritise", {"order": "SO-2", "promised_at": "2026-11-30T12:00:00+01:00"})
    house.receive("PEN", 1)

    assert (house.promises("SO-1"), house.promises("SO-2")) == ({}, {DOCK: 1})
    assert house.rows("SELECT tier FROM orders") == [(3,), (3,)]


def test_an_order_that_is_not_here_or_cancelled_is_not_prioritised(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    house.done("order.cancel", {"order": "SO-1"})

    errors = [
        house.command("order.prioritise", {"order": order, "tier": 1})["error"] for order in ("SO-1", "SO-9")
    ]

    assert [(error["code"], error["at"]) for error in errors] == [
        ("bad_value", "order"),
        ("unknown_order", "order"),
    ]
