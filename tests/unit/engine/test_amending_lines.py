"""Lines amended: absolute quantities, 0, lines that live again, new lines (contract sections 4 and 6)."""

from pathlib import Path

from tests.house import House, Told, settings
from tests.unit.engine.amendments import amend, line, refused

DOCK = ("location:DOCK-1", "")


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
    assert house.lines() == [(2, 2, 0, 0, 0, 0)]


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
    assert house.lines() == [(2, 1, 0, 0, 0, 1)]


def test_with_0_a_line_is_cancelled_and_lines_not_named_stay(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 3), ("INK", 1))
    house.told()

    amend(house, line(1, 0))

    (released,) = house.told()
    assert (released.type, released.data["qty"], released.data["reason"]) == (
        *("backorder.released", 2, "amended"),
    )
    assert house.lines() == [(3, 0, 0, 0, 3, 0), (1, 0, 0, 0, 0, 1)]
    amend(house, line(1, 0))
    assert house.told() == []


def test_a_cancelled_line_amended_above_0_lives_again(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 3), ("INK", 1))
    house.done("order.cancel", {"order": "SO-1", "lines": [1]})
    house.told()

    amend(house, line(1, 2))

    assert house.types() == ["backorder.allocated", "backorder.waiting", "order.unfulfillable"]
    assert house.lines() == [(2, 1, 0, 0, 0, 1), (1, 0, 0, 0, 0, 1)]


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
    assert house.lines()[0] == (3, 0, 2, 0, 0, 1)


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
