"""COUNT among other bookings: what others booked meanwhile, and what is taken back (contract sections 3 and 4)."""

from edge.facts import Verdict
from tests.house import House
from tests.unit.engine.counts import catalogue, count

__all__ = ["catalogue"]


# -- what others booked meanwhile ---------------------------------------------------------------------------------


def test_an_item_that_others_booked_there_meanwhile_is_not_adjusted(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.receive("INK", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:4", "SKU:PEN", "QTY:4", "SKU:INK")
    for code in ("CMD:RECEIVE", "LOC:A-01", "SKU:PEN"):
        house.scan(code, scanner="gun-2")
    house.told()

    answer = house.scans("CMD:DONE")

    assert answer.verdict is Verdict.ATTENTION
    assert answer.text == (
        "A-01 is counted: 1 item, 1 other than in the ledger. Booked meanwhile, so count again: PEN."
    )
    counted, raised = house.told()
    assert counted.data["sku"] == "INK"
    assert (raised.data["kind"], raised.data["about"], raised.data["text"]) == (
        "count_again",
        "A-01 PEN",
        "PEN was booked at A-01 while it was counted: count it again.",
    )
    assert (house.level("PEN")["on_hand"], house.level("INK")["on_hand"]) == (6, 4)


def test_counted_again_it_is_settled_and_the_exception_cleared(house: House) -> None:
    test_an_item_that_others_booked_there_meanwhile_is_not_adjusted(house)

    count(house, "QTY:5", "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 5
    assert "count_again" not in [kind for kind, _ in house.exceptions()]


def test_what_was_booked_there_before_the_item_was_scanned_is_in_the_count(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01")
    for code in ("CMD:RECEIVE", "LOC:A-01", "SKU:PEN"):
        house.scan(code, scanner="gun-2")

    answer = house.scans("QTY:4", "SKU:PEN", "CMD:DONE")

    assert answer.verdict is Verdict.ACCEPT
    assert house.level("PEN")["on_hand"] == 4


def test_what_came_after_the_place_was_scanned_is_not_taken_for_gone_by_empty(house: House) -> None:
    house.receive("INK", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01")
    for code in ("CMD:RECEIVE", "LOC:A-01", "SKU:PEN"):
        house.scan(code, scanner="gun-2")
    # Elsewhere does not matter.
    for code in ("LOC:A-02", "SKU:INK"):
        house.scan(code, scanner="gun-2")

    answer = house.scans("CMD:EMPTY", "CMD:DONE")

    assert answer.verdict is Verdict.ATTENTION
    assert house.level("PEN")["on_hand"] == 1
    assert house.stock("INK") == {("location:A-02", ""): 1}


# -- undo ---------------------------------------------------------------------------------------------------------


def test_a_count_taken_back_leaves_all_as_it_was(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 3))
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:1", "SKU:PEN")
    before = (house.stock("PEN"), house.level("PEN"), house.promises("SO-1"), house.exceptions())
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:1", "SKU:PEN", "CMD:DONE")
    house.order("SO-2", ("PEN", 1), express=True)
    assert house.level("PEN") == {
        **{"on_hand": 1, "allocated": 1, "waiting": 3, "missing": 0, "quarantine": 0, "expected": 0}
    }
    house.told()

    answer = house.scans("CMD:UNDO")

    assert answer.text == "Undone: counted, 4 pieces of PEN."
    assert house.promises("SO-2") == {("location:A-01", ""): 1}
    assert house.promises("SO-1") == {("location:A-01", ""): 3}
    after = (
        house.stock("PEN"),
        {**house.level("PEN"), "allocated": 3},
        house.promises("SO-1"),
        house.exceptions(),
    )
    assert after == before
    undo = house.told()[0]
    assert [(move["from"], move["to"], move["qty"]) for move in undo.data["moves"]] == [
        ("adjustment", "missing:A-01", 1),
        ("adjustment", "location:A-01", 3),
    ]


def test_what_was_booked_before_a_count_stays_until_the_count_is_taken_back(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:5", "SKU:PEN", "CMD:DONE")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:4", "SKU:PEN", "CMD:DONE")

    house.scans("CMD:UNDO")
    refused = house.scan("CMD:UNDO")

    # The first count found nothing else, but it found it: the receipt is settled by it.
    assert (refused.why, refused.text) == (
        "built_upon",
        "PEN was counted at A-01 since: it cannot be undone, count again.",
    )


def test_with_its_count_taken_back_a_receipt_can_be_taken_back_too(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:4", "SKU:PEN", "CMD:DONE")

    house.scans("CMD:UNDO", "CMD:UNDO")

    assert house.stock("PEN") == {}
