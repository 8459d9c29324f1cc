"""What COUNT books when it is settled: items scanned, their lots, pallets and labels (contract sections 3 and 4)."""

import time

from edge.facts import Verdict
from tests.house import House, Told
from tests.unit.engine.counts import PALLET, announced_pallet, catalogue, count, counted_of

__all__ = ["catalogue"]


def test_a_count_settles_the_items_scanned_and_no_others(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.receive("INK", 3, at="A-01")

    count(house, "QTY:4", "SKU:PEN")

    assert (house.level("PEN")["on_hand"], house.level("INK")["on_hand"]) == (4, 3)


def test_quantity_0_says_that_none_is_here(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.told()

    answer = house.scans("CMD:COUNT", "LOC:A-01", "QTY:0", "SKU:PEN")
    house.scans("CMD:DONE")

    assert answer.text == "None of PEN at A-01."
    assert counted_of(house.told()) == [("PEN", None, 5, 0)]
    assert house.stock("PEN") == {}


def test_empty_settles_all_else_the_ledger_has_or_misses_there(house: House) -> None:
    for sku in ("PEN", "INK", "CAP"):
        house.receive(sku, 3, at="A-01")
    house.scans("CMD:MISSING", "LOC:A-01", "SKU:CAP")
    house.told()

    empty = house.scans("CMD:COUNT", "LOC:A-01", "QTY:3", "SKU:PEN", "CMD:EMPTY")
    house.scans("CMD:DONE")

    assert (empty.verdict, empty.text) == (Verdict.ACCEPT, "Nothing else at A-01: CMD:DONE settles it.")
    told = house.told()
    assert counted_of(told) == [("PEN", None, 3, 3), ("CAP", None, 0, 0), ("INK", None, 3, 0)]
    assert [each.data["sku"] for each in told if each.type == "stock.adjusted"] == ["CAP"]
    assert (house.stock("PEN"), house.stock("INK"), house.stock("CAP")) == (
        {("location:A-01", ""): 3},
        {},
        {},
    )
    assert ("count_needed", "A-01 CAP") not in house.exceptions()


def test_what_is_counted_away_was_promised_to_nobody_first_then_to_the_last(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 2), tier=9)
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 1, at="A-02")
    house.told()

    count(house, "QTY:2", "SKU:PEN")

    told = house.told()
    assert [(each.type, each.data.get("order"), each.data.get("reason")) for each in told] == [
        ("stock.counted", None, None),
        ("backorder.released", "SO-2", "count"),
        ("backorder.allocated", "SO-2", None),
        ("backorder.waiting", "SO-2", "count"),
        ("order.unfulfillable", "SO-2", None),
        ("exception.raised", None, None),
    ]
    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    assert house.promises("SO-2") == {("location:A-02", ""): 1}


def test_more_comes_out_of_missing_then_out_of_nowhere_and_serves_who_waits(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", "SKU:PEN")
    house.order("SO-1", ("PEN", 6))
    house.told()

    answer = count(house, "QTY:6", "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    told = house.told()
    assert [each.type for each in told] == [
        *("stock.counted", "backorder.allocated", "order.ready"),
        *("exception.cleared", "exception.raised"),
    ]
    assert [(move["from"], move["qty"]) for move in told[0].data["moves"]] == [
        ("missing:A-01", 2),
        ("adjustment", 1),
    ]
    assert (told[-1].data["kind"], told[-1].data["text"]) == (
        "contradiction",
        "1 PEN counted at A-01 that the ledger did not have there.",
    )
    assert house.level("PEN") == {
        **{"on_hand": 6, "allocated": 6, "waiting": 0, "missing": 0, "quarantine": 0, "expected": 0}
    }


def test_a_count_closes_what_is_missing_there_and_the_contradictions(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", "SKU:PEN", "CMD:FOUND", "LOC:A-01", "QTY:1", "SKU:PEN")
    house.scans("CMD:FOUND", "LOC:A-01", "QTY:2", "SKU:PEN", "CMD:MISSING", "LOC:A-01", "QTY:3", "SKU:PEN")
    about = {kind for kind, what in house.exceptions() if what == "A-01 PEN"}
    assert about == {"contradiction", "count_needed"}
    house.told()

    answer = count(house, "QTY:3", "SKU:PEN")

    assert answer.verdict is Verdict.ACCEPT
    counted, written_off, *cleared = house.told()
    assert (counted.data["expected"], counted.data["counted"], counted.data["moves"]) == (3, 3, [])
    assert written_off == Told(
        "stock.adjusted",
        {
            **{"sku": "PEN", "qty": -3, "lot": None, "location": "A-01", "reason": "written_off"},
            "moves": [
                {
                    **{"sku": "PEN", "lot": None, "expiry": None, "pallet": None, "qty": 3},
                    **{"from": "missing:A-01", "to": "adjustment"},
                }
            ],
        },
    )
    assert [each.data["kind"] for each in cleared] == ["count_needed", "contradiction"]
    assert house.level("PEN")["missing"] == 0


def test_each_lot_is_settled_for_itself_if_every_scan_named_one(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.receive("PEN", 5, at="A-01", lot="C8")
    house.receive("PEN", 5, at="A-01", lot="D9")
    house.told()

    count(house, "LOT:B7", "QTY:3", "SKU:PEN", "LOT:C8", "QTY:4", "SKU:PEN", "LOT:B7", "SKU:PEN")

    assert counted_of(house.told()) == [("PEN", "B7", 5, 4), ("PEN", "C8", 5, 4)]
    assert house.stock("PEN") == {
        **{("location:A-01", "B7"): 4, ("location:A-01", "C8"): 4, ("location:A-01", "D9"): 5}
    }


def test_one_scan_without_a_lot_makes_it_a_count_of_all_lots(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.receive("PEN", 5, at="A-01", lot="C8")
    house.told()

    count(house, "LOT:B7", "QTY:3", "SKU:PEN", "QTY:9", "SKU:PEN")

    assert counted_of(house.told()) == [("PEN", None, 10, 12)]
    # The last lot is the one that would be used last.
    assert house.stock("PEN") == {("location:A-01", "B7"): 5, ("location:A-01", "C8"): 7}


def test_a_lot_the_ledger_does_not_have_comes_with_the_expiry_that_was_scanned(house: House) -> None:
    count(house, "LOT:B7", "EXP:2027-01-31", "QTY:3", "SKU:PEN")

    assert house.rows("SELECT lot, expiry, qty FROM positions WHERE account = 'location:A-01'") == [
        ("B7", "2027-01-31", 3)
    ]
    assert house.exceptions() == [("contradiction", "A-01 PEN")]


def test_an_item_that_the_catalogue_lacks_is_counted_and_its_data_asked_for(house: House) -> None:
    count(house, "SKU:NIB")

    assert house.exceptions() == [("contradiction", "A-01 NIB"), ("unknown_item", "NIB")]


def test_missing_goods_of_the_scanned_lot_come_back_and_the_other_lots_are_written_off(house: House) -> None:
    for lot in ("B7", "C8"):
        house.receive("PEN", 5, at="A-01", lot=lot)
        house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", f"LOT:{lot}", "SKU:PEN")
    house.told()

    count(house, "LOT:B7", "QTY:5", "SKU:PEN")

    counted, written_off, cleared = house.told()
    assert [(move["lot"], move["from"], move["qty"]) for move in counted.data["moves"]] == [
        ("B7", "missing:A-01", 2)
    ]
    assert (written_off.data["lot"], written_off.data["qty"]) == ("C8", -2)
    assert cleared.data["kind"] == "count_needed"


def test_a_pallet_that_is_here_counts_for_all_that_is_on_it(house: House) -> None:
    announced_pallet(house, PEN=4, INK=6)
    house.scans("CMD:RECEIVE", "LOC:A-01", "QTY:3", "SKU:PEN")
    house.told()

    noted = house.scans("CMD:COUNT", "LOC:A-01", PALLET)
    house.scans("QTY:1", "SKU:PEN", "CMD:DONE")

    assert noted.text == "Counted at A-01: pallet 376123450000000429 with 6 INK, 4 PEN."
    assert counted_of(house.told()) == [("INK", None, 6, 6), ("PEN", None, 7, 5)]
    # What is gone is not what was just seen on its pallet.
    assert house.rows(
        "SELECT pallet, qty FROM positions WHERE sku = 'PEN' AND account = 'location:A-01' ORDER BY pallet"
    ) == [
        ("", 1),
        ("376123450000000429", 4),
    ]


def test_quantity_0_and_a_pallet_say_that_nothing_of_it_is_here(house: House) -> None:
    announced_pallet(house, PEN=4)

    count(house, "QTY:0", PALLET)

    assert house.stock("PEN") == {}


def test_a_pallet_that_is_elsewhere_is_refused(house: House) -> None:
    announced_pallet(house, PEN=4)
    house.scans("CMD:COUNT", "LOC:A-02")

    answer = house.scan(PALLET)

    assert answer.why == "not_here"
    assert house.scan("CMD:DONE").why == "needs_item"


def test_a_label_of_ours_counts_as_its_goods(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    ((label,),) = house.rows("SELECT label FROM labels")
    house.told()

    count(house, f"LBL:{label}", "QTY:1", f"LBL:{label}")

    assert counted_of(house.told()) == [("PEN", "B7", 5, 6)]


# -- much at once -------------------------------------------------------------------------------------------------


def test_a_place_with_500_items_is_settled_in_one_booking(house: House) -> None:
    skus = [f"SKU-{n}" for n in range(500)]
    house.done("catalogue.upsert", {"items": [{"sku": sku} for sku in skus]})
    house.done("stock.count", {"location": "A-01", "lines": [{"sku": sku, "qty": 5} for sku in skus]})
    house.scans("CMD:COUNT", "LOC:A-01", *(f"SKU:{sku}" for sku in skus))
    house.told()

    began = time.perf_counter()
    answer = house.scan("CMD:DONE")
    took_s = time.perf_counter() - began

    assert answer.text == "A-01 is counted: 500 items, 500 other than in the ledger."
    assert len(counted_of(house.told())) == 500
    assert house.rows("SELECT sum(qty) FROM positions WHERE account = 'location:A-01'") == [(500,)]
    assert house.rows("SELECT count(*) FROM entries") == [(2,)]
    # The bench holds it to 150 ms; here it only must not grow with the square of the items.
    assert took_s < 2
