"""PICK: which goods are taken, for which line, and what that does to everybody else (contract 3 and 4)."""

from typing import Any

import pytest

from edge.facts import Verdict
from tests.house import House, Told

WHO = {"station": "dock-1", "scanner": "gun-1", "operator": None}


def _move(qty: int, source: str, target: str, *, lot: str | None = None) -> dict[str, Any]:
    return {
        **{"sku": "PEN", "lot": lot, "expiry": None, "pallet": None, "qty": qty},
        **{"from": source, "to": target},
    }


def _picked(
    qty: int, *moves: dict[str, Any], line: int = 1, lot: str | None = None, of: int | None = None
) -> Told:
    """One event of a scan of `qty`, or of more: `of` so many."""
    data = {"sku": "PEN", "qty": qty, "lot": lot, "expiry": None, "location": "A-01", **WHO}
    data |= {"serial": None, "pack": 1, "count": of or qty}
    return Told("stock.picked", {**data, "order": "SO-1", "line": line, "moves": [*moves]})


def _begin(house: House, order: str = "SO-1", at: str = "A-01") -> None:
    house.scans("CMD:PICK", f"ORD:{order}", f"LOC:{at}")
    house.told()


# -- what a pick books ------------------------------------------------------------------------------------


def test_goods_promised_to_the_order_are_taken_for_it(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 3))
    _begin(house)

    answer = house.scans("QTY:2", "SKU:PEN")

    assert answer.text == "2 PEN picked at A-01 for SO-1. It still lacks 1 PEN."
    assert answer.verdict is Verdict.ACCEPT
    assert house.told() == [_picked(2, _move(2, "location:A-01", "picked:SO-1"))]
    assert house.stock("PEN") == {("location:A-01", ""): 3, ("picked:SO-1", ""): 2}
    assert house.lines("SO-1") == [(3, 1, 2, 0, 0, 0)]
    level = house.level("PEN")
    assert (level["on_hand"], level["allocated"], level["waiting"]) == (3, 1, 0)


def test_an_item_scan_picks_one(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 1), ("INK", 1))
    _begin(house)

    assert house.scans("SKU:PEN").text == "1 PEN picked at A-01 for SO-1. The next item."


def test_the_last_item_of_an_order_is_told(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 1))
    _begin(house)

    assert house.scans("SKU:PEN").text == "1 PEN picked at A-01 for SO-1. SO-1 lacks nothing more."


def test_goods_are_picked_at_a_place_that_was_scanned_not_at_the_station_s_own(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 1))
    house.scans("CMD:PICK", "ORD:SO-1")

    assert house.scan("SKU:PEN").why == "needs_place"
    house.scans("LOC:DOCK-1", "SKU:PEN")

    assert house.stock("PEN") == {("picked:SO-1", ""): 1}


def test_the_lower_line_is_served_first_with_an_event_for_each_line_and_lot(house: House) -> None:
    house.receive("PEN", 2, at="A-01", lot="A")
    house.receive("PEN", 4, at="A-01", lot="B")
    house.order("SO-1", ("PEN", 3), ("PEN", 3))
    _begin(house)

    house.scans("QTY:5", "SKU:PEN")

    assert house.told() == [
        _picked(2, _move(2, "location:A-01", "picked:SO-1", lot="A"), lot="A", of=5),
        _picked(1, _move(1, "location:A-01", "picked:SO-1", lot="B"), lot="B", of=5),
        _picked(2, _move(2, "location:A-01", "picked:SO-1", lot="B"), line=2, lot="B", of=5),
    ]
    assert house.lines("SO-1") == [(3, 0, 3, 0, 0, 0), (3, 1, 2, 0, 0, 0)]


def test_a_serial_that_was_scanned_is_told(house: House) -> None:
    house.receive("07612345001012", 1, at="A-01")
    house.order("SO-1", ("07612345001012", 1))
    _begin(house)

    house.scans("]C10107612345001012" + "21S-1")

    (told,) = house.told()
    assert told.data["serial"] == "S-1"


# -- whose goods are taken --------------------------------------------------------------------------------


def test_another_lot_than_the_promised_one_sets_the_promised_goods_free(house: House) -> None:
    house.receive("PEN", 3, at="A-01", lot="A")
    house.receive("PEN", 3, at="A-01", lot="B")
    house.order("SO-1", ("PEN", 3))
    house.order("SO-2", ("PEN", 4))
    _begin(house)
    assert house.promises("SO-1") == {("location:A-01", "A"): 3}
    assert house.promises("SO-2") == {("location:A-01", "B"): 3}

    answer = house.scans("QTY:2", "LOT:B", "SKU:PEN")

    assert answer.verdict is Verdict.ACCEPT
    # SO-2 loses two of B, and SO-1 needs two of A no more: SO-2 has those, and its fourth still waits.
    assert house.promises("SO-1") == {("location:A-01", "A"): 1}
    assert house.promises("SO-2") == {("location:A-01", "A"): 2, ("location:A-01", "B"): 1}
    told = house.told()
    assert [event.type for event in told] == [
        *("stock.picked", "backorder.released", "backorder.released", "backorder.allocated"),
    ]
    assert told[0] == _picked(2, _move(2, "location:A-01", "picked:SO-1", lot="B"), lot="B")
    assert [
        (each.data["order"], each.data["qty"], each.data["lot"], each.data.get("reason")) for each in told[1:]
    ] == [("SO-2", 2, "B", "taken"), ("SO-1", 2, "A", "taken"), ("SO-2", 2, "A", None)]


def test_goods_that_nobody_was_promised_go_before_those_of_others(house: House) -> None:
    house.receive("PEN", 2, at="B-01")
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3, at="A-01")
    house.order("SO-2", ("PEN", 2))
    _begin(house)

    house.scans("SKU:PEN")

    assert house.promises("SO-2") == {("location:A-01", ""): 2}
    assert house.promises("SO-1") == {("location:B-01", ""): 1}
    assert house.types() == ["stock.picked", "backorder.released"]


def test_a_line_that_waits_has_goods_picked_beyond_its_promises_first(house: House) -> None:
    house.receive("PEN", 2, at="B-01")
    house.order("SO-1", ("PEN", 2), ("PEN", 2))
    house.receive("PEN", 1, at="A-01")
    house.done("order.hold", {"order": "SO-1"})
    house.receive("PEN", 2, at="A-01")
    house.done("order.resume", {"order": "SO-1"})
    house.order("SO-2", ("PEN", 2))
    house.done("order.hold", {"order": "SO-2"})
    _begin(house)
    assert house.promises("SO-1") == {("location:A-01", ""): 2, ("location:B-01", ""): 2}

    house.scans("QTY:3", "SKU:PEN")

    # Two of its own here, and the third for the line that is promised goods elsewhere.
    assert house.lines("SO-1") == [(2, 1, 1, 0, 0, 0), (2, 0, 2, 0, 0, 0)]
    assert [
        (told.data["line"], told.data["qty"]) for told in house.told() if told.type == "stock.picked"
    ] == [
        (1, 1),
        (2, 2),
    ]


def test_goods_promised_to_others_are_taken_from_the_last_in_the_order_of_service(house: House) -> None:
    house.receive("PEN", 1, at="B-01")
    house.order("SO-1", ("PEN", 3))
    house.order("SO-2", ("PEN", 2), express=True)
    house.order("SO-3", ("PEN", 2))
    house.done("order.hold", {"order": "SO-1"})
    house.receive("PEN", 4, at="A-01")
    house.done("order.resume", {"order": "SO-1"})
    _begin(house)

    answer = house.scans("QTY:2", "SKU:PEN")

    assert house.promises("SO-2") == {("location:A-01", ""): 2}
    assert house.promises("SO-3") == {}
    assert answer.verdict is Verdict.ATTENTION
    told = house.told()
    assert [each.type for each in told] == [
        *("stock.picked", "backorder.released", "backorder.waiting"),
        *("order.ready", "order.unfulfillable", "exception.raised"),
    ]
    released = {"order": "SO-3", "line": 1, "sku": "PEN", "qty": 2, "location": "A-01", "lot": None}
    assert told[1].data == {**released, "reason": "taken"}
    assert told[2].data == {"order": "SO-3", "line": 1, "sku": "PEN", "qty": 2, "reason": "taken"}
    assert house.exceptions() == [("unfulfillable", "SO-3"), ("unknown_item", "PEN")]


def test_goods_beyond_the_ledger_come_out_of_missing_and_then_out_of_nowhere(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 5))
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", "SKU:PEN")
    _begin(house)

    answer = house.scans("QTY:4", "SKU:PEN")

    moves = (
        _move(1, "location:A-01", "picked:SO-1"),
        _move(2, "missing:A-01", "picked:SO-1"),
        _move(1, "adjustment", "picked:SO-1"),
    )
    assert house.told()[0] == _picked(4, *moves)
    assert answer.verdict is Verdict.ATTENTION
    assert house.stock("PEN") == {("picked:SO-1", ""): 4}
    assert house.lines("SO-1") == [(5, 0, 4, 0, 0, 1)]
    assert ("contradiction", "A-01 PEN") in house.exceptions()
    assert ("count_needed", "A-01 PEN") not in house.exceptions()


def test_a_pick_where_the_ledger_has_nothing_leaves_the_promise_elsewhere_to_others(house: House) -> None:
    house.receive("PEN", 2, at="B-01")
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    _begin(house)

    house.scans("QTY:2", "SKU:PEN")

    assert house.promises("SO-1") == {}
    assert house.promises("SO-2") == {("location:B-01", ""): 2}
    assert house.lines("SO-1") == [(2, 0, 2, 0, 0, 0)]


def test_two_lines_share_what_was_found_beyond_the_ledger(house: House) -> None:
    house.order("SO-1", ("PEN", 1), ("PEN", 2))
    _begin(house)

    house.scans("QTY:3", "SKU:PEN")

    assert [told for told in house.told() if told.type == "stock.picked"] == [
        _picked(1, _move(1, "adjustment", "picked:SO-1"), of=3),
        _picked(2, _move(2, "adjustment", "picked:SO-1"), line=2, of=3),
    ]


def test_goods_picked_for_an_order_that_waits_make_it_ready(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    _begin(house)

    house.scans("SKU:PEN")

    assert "order.ready" in house.types()


def test_a_pick_of_what_a_complete_order_waited_for_serves_the_rest_of_it(house: House) -> None:
    house.receive("INK", 3, at="B-01")
    house.order("SO-1", ("PEN", 1), ("INK", 3), fill="complete")
    house.order("SO-2", ("PEN", 1), ("INK", 4), fill="complete")
    _begin(house)

    house.scans("SKU:PEN")

    assert house.promises("SO-1") == {("location:B-01", ""): 3}
    assert house.promises("SO-2") == {}
    assert house.lines("SO-1") == [(1, 0, 1, 0, 0, 0), (3, 3, 0, 0, 0, 0)]


# -- what is refused --------------------------------------------------------------------------------------


def test_without_an_order_nothing_is_picked(house: House) -> None:
    house.receive("PEN", 1, at="A-01")
    house.scans("CMD:PICK", "LOC:A-01")

    answer = house.scan("SKU:PEN")

    assert (answer.why, answer.text) == (
        "needs_order",
        "For which order? Scan the order first, or a backorder label.",
    )


def test_an_item_that_the_order_has_no_line_for_is_not_wanted(house: House) -> None:
    house.receive("INK", 1, at="A-01")
    house.order("SO-1", ("PEN", 1))
    _begin(house)

    answer = house.scan("SKU:INK")

    assert (answer.why, answer.text) == ("not_wanted", "Order SO-1 has no line for INK: put it back.")
    assert house.types() == ["scan.rejected"]


def test_more_than_the_order_lacks_is_not_wanted(house: House) -> None:
    house.receive("PEN", 9, at="A-01")
    house.order("SO-1", ("PEN", 2), ("PEN", 1))
    _begin(house)

    answer = house.scans("QTY:4") and house.scan("SKU:PEN")

    assert (answer.why, answer.text) == ("not_wanted", "Order SO-1 lacks 3 PEN, not 4: put the rest back.")
    # A refused scan leaves the dialogue as it was: QTY, too.
    house.done("order.place", {"order": "SO-2", "lines": [{"line": 1, "sku": "PEN", "qty": 4}]})
    house.scans("ORD:SO-2", "SKU:PEN")
    assert house.lines("SO-2") == [(4, 0, 4, 0, 0, 0)]


def test_what_the_order_has_already_is_not_wanted(house: House) -> None:
    house.receive("PEN", 9, at="A-01")
    house.order("SO-1", ("PEN", 1))
    _begin(house)
    house.scans("SKU:PEN")

    answer = house.scan("SKU:PEN")

    assert (answer.why, answer.text) == (
        "not_wanted",
        "Order SO-1 lacks no more PEN: put the rest back.",
    )


@pytest.mark.parametrize(
    ("command", "why", "text"),
    [
        (
            {"order": "SO-1", "reason": "unpaid"},
            "on_hold",
            "Order SO-1 is on hold: unpaid. It is not picked.",
        ),
        ({"order": "SO-1"}, "cancelled", "Order SO-1 is cancelled. It is not picked."),
    ],
)
def test_an_order_on_hold_or_cancelled_is_not_picked(
    house: House, command: dict[str, str], why: str, text: str
) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _begin(house)

    house.done("order.hold" if why == "on_hold" else "order.cancel", command)

    for answer in (house.scan("SKU:PEN"), house.scan("ORD:SO-1")):
        assert (answer.why, answer.text) == (why, text)
