"""Rank, fill and what else an order says of itself, amended or prioritised: for the goods from then on (section 6)."""

from tests.house import House
from tests.unit.engine.amendments import amend, line

DOCK = ("location:DOCK-1", "")


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
