"""CMD:SHORT after a pick: what the ledger still has there goes missing (contract section 3)."""

import json

import pytest

from edge.facts import Verdict
from tests.house import House, Told

WHO = {"station": "dock-1", "scanner": "gun-1", "operator": None}


def _begin(house: House, order: str = "SO-1", at: str = "A-01") -> None:
    house.scans("CMD:PICK", f"ORD:{order}", f"LOC:{at}")
    house.told()


def test_short_sends_what_the_ledger_still_has_there_into_missing(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 3))
    house.order("SO-2", ("PEN", 1))
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    house.told()

    answer = house.scans("CMD:SHORT")

    assert answer.verdict is Verdict.ATTENTION
    told = house.told()
    pens = {"sku": "PEN", "lot": None, "expiry": None, "pallet": None, "qty": 3}
    assert told[0] == Told(
        "stock.missing",
        {
            **{"sku": "PEN", "qty": 3, "lot": None, "expiry": None, "location": "A-01", **WHO},
            **{"moves": [{**pens, "from": "location:A-01", "to": "missing:A-01"}], "order": "SO-1"},
            "released": [
                {"order": "SO-2", "line": 1, "qty": 1},
                {"order": "SO-1", "line": 1, "qty": 1},
            ],
        },
    )
    assert house.stock("PEN") == {("missing:A-01", ""): 3, ("picked:SO-1", ""): 2}
    assert house.lines("SO-1") == [(3, 0, 2, 0, 0, 1)]
    assert ("count_needed", "A-01 PEN") in house.exceptions()
    ((content,),) = house.rows("SELECT content FROM labels WHERE kind = 'missing'")
    assert json.loads(content)["fields"]["quantity"] == "3"


def test_what_is_short_is_served_again_from_elsewhere(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="B-01")
    _begin(house)

    house.scans("QTY:1", "SKU:PEN", "CMD:SHORT")

    assert house.promises("SO-1") == {("location:B-01", ""): 2}


def test_nothing_at_all_found_is_quantity_zero_then_short(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _begin(house)

    answer = house.scans("QTY:0", "SKU:PEN")
    assert answer.text == "No PEN at A-01 for SO-1? CMD:SHORT says that it is not there."
    assert house.types() == []
    house.scans("CMD:SHORT")

    assert house.stock("PEN") == {("missing:A-01", ""): 3}


def test_short_of_a_lot_leaves_the_others(house: House) -> None:
    house.receive("PEN", 2, at="A-01", lot="A")
    house.receive("PEN", 2, at="A-01", lot="B")
    house.order("SO-1", ("PEN", 2))
    _begin(house)

    house.scans("QTY:0", "LOT:A", "SKU:PEN", "CMD:SHORT")

    assert house.stock("PEN") == {("location:A-01", "B"): 2, ("missing:A-01", "A"): 2}


def test_short_after_a_label_is_about_the_label_s_place(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01")

    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'backorder'")
    house.scans("CMD:PICK", "QTY:1", f"LBL:{label}", "CMD:SHORT")

    assert house.stock("PEN") == {("missing:A-01", ""): 2, ("picked:SO-1", ""): 1}


def test_short_where_the_ledger_has_no_more_either_books_nothing(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 3))
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    house.told()

    answer = house.scans("CMD:SHORT")

    assert answer.verdict is Verdict.ATTENTION
    assert answer.text == "The ledger has no more PEN at A-01 either: nothing is missing."
    assert house.told() == []


@pytest.mark.parametrize(
    "between", [(), ("SKU:PEN", "LOC:B-01"), ("SKU:PEN", "ORD:SO-1"), ("SKU:PEN", "CMD:DONE")]
)
def test_short_needs_an_item_at_this_place_for_this_order(house: House, between: tuple[str, ...]) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _begin(house)
    for code in between:
        house.scans(code)

    answer = house.scan("CMD:SHORT")

    assert (answer.why, answer.text) == (
        "needs_item",
        "Short of what? Scan the item first; QTY:0 before it if none is here.",
    )


def test_undo_of_short_brings_goods_and_promises_back(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 3))
    _begin(house)
    house.scans("QTY:1", "SKU:PEN", "CMD:SHORT", "CMD:UNDO")

    assert house.stock("PEN") == {("location:A-01", ""): 2, ("picked:SO-1", ""): 1}
    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    assert ("count_needed", "A-01 PEN") not in house.exceptions()
