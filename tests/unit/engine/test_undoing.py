"""CMD:UNDO: the last booking of a scanner is taken back by a counter-entry."""

import pytest

from edge.facts import Verdict
from tests.house import House

PALLET = "]C100376123450000000429"


def _announce(house: House, qty: int = 4) -> None:
    pallet = {"sscc": "376123450000000429", "contents": [{"sku": "PEN", "qty": qty}]}
    house.done("asn.announce", {"asn": "ASN-1", "pallets": [pallet]})


def _undo(house: House) -> None:
    answer = house.scan("CMD:UNDO")
    assert answer.verdict is not Verdict.REJECT, answer


def test_a_receipt_is_taken_back_by_a_counter_entry(house: House) -> None:
    house.receive("PEN", 3)
    (received,) = [told for told in house.told() if told.type == "stock.received"]

    _undo(house)

    assert house.stock("PEN") == {}
    undo = house.told()[0]
    assert undo.type == "undo"
    (move,) = received.data["moves"]
    assert undo.data["moves"] == [{**move, "from": move["to"], "to": move["from"]}]
    assert undo.data["undoes"] == house.rows("SELECT booking FROM entries WHERE undoes IS NULL")[0][0]
    assert house.rows("SELECT count(*) FROM entries") == [(2,)]


def test_what_was_allocated_on_it_is_released_and_its_labels_are_void(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)
    labels = [label for (label,) in house.rows("SELECT label FROM labels ORDER BY job")]
    house.told()

    _undo(house)

    types = [(told.type, told.data.get("reason")) for told in house.told()]
    assert types[:4] == [
        ("undo", None),
        ("backorder.released", "undone"),
        ("backorder.waiting", "undone"),
        ("order.unfulfillable", None),
    ]
    house.scans("CMD:MOVE", "LOC:DOCK-1")
    assert [house.scan(f"LBL:{label}").why for label in labels] == ["void_label", "void_label"]


def test_what_was_allocated_later_is_released_too_and_served_from_elsewhere(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 5))
    house.told()

    _undo(house)

    assert house.promises("SO-1") == {("location:A-01", ""): 3}
    assert house.level("PEN") == {
        **{"on_hand": 3, "allocated": 3, "waiting": 2, "missing": 0, "quarantine": 0, "expected": 0}
    }


def test_a_second_undo_takes_the_booking_before(house: House) -> None:
    house.receive("PEN", 3)
    house.receive("INK", 2)

    _undo(house)
    assert (house.stock("PEN"), house.stock("INK")) == ({("location:DOCK-1", ""): 3}, {})
    _undo(house)
    assert house.stock("PEN") == {}

    assert house.scan("CMD:UNDO").why == "nothing_to_undo"


def test_only_this_scanners_bookings_of_the_last_fifteen_minutes(house: House) -> None:
    house.receive("PEN", 3)
    assert house.scan("CMD:UNDO", scanner="gun-2").why == "nothing_to_undo"

    house.wait(15 * 60)

    assert house.scan("CMD:UNDO").why == "nothing_to_undo"


def test_a_pallet_may_be_received_again(house: House) -> None:
    _announce(house)
    house.scans(PALLET)
    assert house.scan(PALLET).why == "duplicate"

    _undo(house)

    assert house.level("PEN")["expected"] == 4
    house.scans(PALLET)
    assert house.stock("PEN") == {("location:DOCK-1", ""): 4}


def test_a_carton_of_an_undone_pallet_is_goods_of_its_own_again(house: House) -> None:
    _announce(house)
    house.scans(PALLET)
    assert house.scan("SKU:PEN").why == "came_with_pallet"

    _undo(house)

    assert house.scan("SKU:PEN").why is None


def test_a_serial_may_be_received_again(house: House) -> None:
    serial = "]C1010761234500101221S1"
    house.scans(serial)
    assert house.scan(serial).why == "duplicate"

    _undo(house)

    house.scans(serial)


def test_goods_that_moved_on_stay_where_they_are(house: House) -> None:
    house.receive("PEN", 3)
    house.scan("CMD:MOVE", scanner="gun-2")
    for code in ("LOC:DOCK-1", "SKU:PEN", "LOC:A-01"):
        house.scan(code, scanner="gun-2")

    refused = house.scan("CMD:UNDO")

    assert (refused.why, refused.text) == (
        "built_upon",
        "PEN has moved on from DOCK-1 since: it cannot be undone, book it back.",
    )


def test_goods_that_were_counted_since_stay(house: House) -> None:
    house.receive("PEN", 3)
    line = {"sku": "PEN", "qty": 3}
    house.done("stock.count", {"location": "DOCK-1", "lines": [line], "force": True})

    refused = house.scan("CMD:UNDO")

    assert (refused.why, refused.text) == (
        "built_upon",
        "PEN was counted at DOCK-1 since: it cannot be undone, count again.",
    )


def test_a_move_goes_back_with_the_promises_that_came_along(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:3", "SKU:PEN", "LOC:A-01")
    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    house.told()

    _undo(house)

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 2}
    assert [told.type for told in house.told()] == ["undo"]


def test_a_missing_pick_that_was_none_comes_back_and_is_served_again(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN")
    assert house.level("PEN")["missing"] == 3

    _undo(house)

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 2}
    assert house.level("PEN")["missing"] == 0
    assert ("count_needed", "DOCK-1 PEN") not in house.exceptions()
    assert ("unfulfillable", "SO-1") not in house.exceptions()


def test_a_find_goes_missing_again(house: House) -> None:
    house.receive("PEN", 3)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN", "CMD:FOUND", "LOC:DOCK-1", "SKU:PEN")

    _undo(house)

    assert house.stock("PEN") == {("missing:DOCK-1", ""): 3}
    assert ("count_needed", "DOCK-1 PEN") in house.exceptions()


@pytest.mark.parametrize("restart", [False, True])
def test_it_can_be_undone_after_a_mode_change_and_a_restart(house: House, restart: bool) -> None:
    house.receive("PEN", 3)
    house.scans("CMD:FOUND")
    if restart:
        house.restart()

    _undo(house)

    assert house.stock("PEN") == {}


def test_what_an_undone_receipt_was_short_or_over_of_is_not_any_more(house: House) -> None:
    lines = [{"line": 1, "sku": "PEN", "qty": 2}]
    house.done("asn.announce", {"asn": "ASN-1", "po": "4711", "lines": lines})
    house.scans("PO:4711", "QTY:5", "SKU:PEN")
    assert ("over", "4711 PEN") in house.exceptions()

    _undo(house)

    assert ("over", "4711 PEN") not in house.exceptions()
    assert house.level("PEN")["expected"] == 2


def test_a_move_is_taken_back_from_under_a_promise_that_was_made_later(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:MOVE", "LOC:A-01", "QTY:3", "SKU:PEN", "LOC:B-01")
    house.order("SO-1", ("PEN", 5))
    assert house.promises("SO-1") == {("location:A-01", ""): 2, ("location:B-01", ""): 3}
    house.told()

    _undo(house)

    assert house.types() == ["undo", "backorder.released", "backorder.allocated"]
    assert house.promises("SO-1") == {("location:A-01", ""): 5}


def test_a_chain_of_bookings_that_is_undone_leaves_no_exception(house: House) -> None:
    house.receive("PEN", 5)
    for mode in ("MISSING", "FOUND", "DAMAGE", "RELEASE"):
        house.scans(f"CMD:{mode}", "LOC:DOCK-1", "QTY:5", "SKU:PEN")

    found = []
    for _ in range(5):
        _undo(house)
        found.append(house.exceptions())

    unknown = ("unknown_item", "PEN")
    assert found == [
        *([("damaged", "DOCK-1 PEN"), unknown], [unknown]),
        *([("count_needed", "DOCK-1 PEN"), unknown], [unknown], []),
    ]


def test_what_others_miss_is_to_be_counted_whoever_was_mistaken(house: House) -> None:
    house.receive("PEN", 5)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "QTY:2", "SKU:PEN")
    for code in ("CMD:MISSING", "LOC:DOCK-1", "QTY:3", "SKU:PEN"):
        house.scan(code, scanner="gun-2")

    _undo(house)
    assert ("count_needed", "DOCK-1 PEN") in house.exceptions()
    house.scan("CMD:UNDO", scanner="gun-2")

    assert ("count_needed", "DOCK-1 PEN") not in house.exceptions()


def test_an_item_that_somebody_waits_for_is_asked_for_after_its_receipt_was_undone(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 1))

    _undo(house)

    assert ("unknown_item", "PEN") in house.exceptions()
