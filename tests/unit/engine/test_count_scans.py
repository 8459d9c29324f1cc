"""The dialogue of COUNT: LOC, items, CMD:DONE; what goes on, is given up or dropped (contract section 3)."""

import pytest

from edge.facts import Verdict
from tests.house import House, Told
from tests.unit.engine.counts import announced_pallet, catalogue, count

__all__ = ["catalogue"]

TIMER = "SELECT count(*) FROM timers WHERE kind = 'count'"


def test_nothing_is_booked_before_done(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.told()

    answer = house.scans("CMD:COUNT", "LOC:A-01", "QTY:2", "SKU:PEN", "SKU:PEN")

    assert (answer.verdict, answer.text) == (Verdict.ACCEPT, "Counted at A-01: 1 PEN.")
    assert house.told() == []
    assert house.level("PEN")["on_hand"] == 5


def test_scans_of_an_item_add_up_and_done_settles_them(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.told()

    answer = house.scans("CMD:COUNT", "OP:eve", "LOC:A-01", "QTY:2", "SKU:PEN", "SKU:PEN", "CMD:DONE")

    assert answer.verdict is Verdict.ACCEPT
    assert answer.text == "A-01 is counted: 1 item, 1 other than in the ledger."
    (counted,) = house.told()
    assert counted == Told(
        "stock.counted",
        {
            **{"location": "A-01", "sku": "PEN", "lot": None, "expected": 5, "counted": 3},
            **{"station": "dock-1", "scanner": "gun-1", "operator": "eve"},
            "moves": [
                {
                    **{"sku": "PEN", "lot": None, "expiry": None, "pallet": None, "qty": 2},
                    **{"from": "location:A-01", "to": "adjustment"},
                }
            ],
        },
    )
    assert house.level("PEN")["on_hand"] == 3


def test_the_next_count_begins_with_its_place(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:5", "SKU:PEN", "CMD:DONE")

    assert house.scan("SKU:PEN").why == "needs_place"
    assert house.scan("CMD:DONE").why == "needs_item"
    assert house.rows(TIMER) == [(0,)]


def test_the_stations_own_place_begins_no_count(house: House) -> None:
    house.scans("CMD:COUNT")

    assert house.scan("SKU:PEN").why == "needs_place"
    assert house.scan("CMD:EMPTY").why == "needs_place"


def test_done_with_nothing_counted_is_refused(house: House) -> None:
    house.scans("CMD:COUNT", "LOC:A-01")

    answer = house.scan("CMD:DONE")

    assert (answer.why, answer.text) == (
        "needs_item",
        "Nothing is counted: scan the place, what is there, or CMD:EMPTY. LOC:A-01 goes on with its count.",
    )


def test_the_same_place_goes_on_and_another_is_refused_while_items_are_counted(house: House) -> None:
    house.scans("CMD:COUNT", "LOC:A-01", "SKU:PEN")

    same, other = house.scan("LOC:A-01"), house.scan("LOC:A-02")

    assert (same.verdict, same.text) == (Verdict.ACCEPT, "Still counting A-01: 1 scans so far.")
    assert (other.why, other.text) == (
        "not_wanted",
        "A-01 is being counted: CMD:DONE settles it, CMD:CANCEL drops it. Then scan A-02.",
    )


def test_what_empty_said_of_a_place_is_not_lost_by_another_place(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01", "CMD:EMPTY", "LOC:A-01")

    assert house.scan("LOC:A-02").why == "not_wanted"
    house.scans("CMD:DONE")
    assert house.level("PEN")["on_hand"] == 0


def test_cancel_drops_a_count_without_a_word(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.told()

    house.scans("CMD:COUNT", "LOC:A-01", "SKU:PEN", "CMD:CANCEL")

    assert house.scan("SKU:PEN").why == "needs_place"
    assert house.types() == ["scan.rejected"]
    assert house.rows(TIMER) == [(0,)]
    assert house.rows("SELECT count(*) FROM begun") == [(0,)]


@pytest.mark.parametrize("leave", ["CMD:RECEIVE", "OP:bob", "restart"])
def test_a_count_that_was_left_goes_on_with_its_place(house: House, leave: str) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("OP:eve", "CMD:COUNT", "LOC:A-01", "QTY:2", "SKU:PEN")
    if leave == "restart":
        house.restart()
    left = house.scans("CMD:COUNT" if leave == "restart" else leave)

    again = house.scans("CMD:COUNT", "LOC:A-01")

    assert left.verdict is Verdict.ATTENTION
    assert (again.verdict, again.text) == (
        Verdict.ATTENTION,
        "The count of A-01 goes on: 2 pieces of 1 items are counted already.",
    )
    house.scans("SKU:PEN", "CMD:DONE")
    assert house.level("PEN")["on_hand"] == 3


def test_a_count_goes_on_after_the_idle_time_and_the_first_item_is_refused_once(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:2", "SKU:PEN")
    house.wait(10 * 60)

    assert house.scan("SKU:PEN").why == "lapsed"

    house.scans("CMD:COUNT", "LOC:A-01", "SKU:PEN", "CMD:DONE")
    assert house.level("PEN")["on_hand"] == 3


def test_after_half_an_hour_a_count_is_given_up_and_a_person_told(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("OP:eve", "CMD:COUNT", "LOC:A-01", "QTY:2", "SKU:PEN")
    house.told()
    house.wait(30 * 60 + 1)

    house.scans("CMD:COUNT", "LOC:A-01")

    raised = house.told()[0].data
    assert (raised["kind"], raised["about"]) == ("dropped", "gun-1")
    assert raised["text"] == "eve at gun-1 left the count of A-01 open: 2 PEN are not settled."
    assert house.scan("CMD:DONE").why == "needs_item"


def test_a_count_of_another_place_drops_the_one_that_was_left(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.receive("PEN", 5, at="A-02")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:2", "SKU:PEN", "CMD:COUNT")
    house.told()

    answer = house.scans("LOC:A-02")

    assert answer.verdict is Verdict.ATTENTION
    assert "Somebody at gun-1 left the count of A-01 open: 2 PEN are not settled." in answer.text
    assert house.exceptions() == [("dropped", "gun-1")]
    house.scans("QTY:4", "SKU:PEN", "CMD:DONE")
    assert house.stock("PEN") == {("location:A-01", ""): 5, ("location:A-02", ""): 4}


def test_loc_and_done_of_a_count_let_cartons_of_a_received_pallet_be_scanned_again(house: House) -> None:
    announced_pallet(house, PEN=4)
    house.scans("CMD:RECEIVE", "PO:4711")
    house.done(
        "asn.announce",
        {"asn": "ASN-2", "pallets": [{"sscc": "376123450000000436", "contents": [{"sku": "PEN", "qty": 1}]}]},
    )
    house.scans("]C100376123450000000436")
    assert house.scan("SKU:PEN").why == "came_with_pallet"

    count(house, "SKU:PEN", place="A-09")

    assert house.scan("SKU:PEN").why is None
