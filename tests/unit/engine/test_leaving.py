"""What is begun and left for another mode: who left it goes on with other things (contract 3)."""

import json

from edge.facts import Verdict
from tests.house import House


def test_a_count_left_for_another_mode_is_given_up_and_the_scanner_stays_in_its_mode(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.scans("OP:alice", "CMD:COUNT", "LOC:A-01", "QTY:2", "SKU:PEN")
    answer = house.scans("CMD:RECEIVE")
    house.told()
    assert (answer.verdict, answer.text) == (
        Verdict.ATTENTION,
        "RECEIVE. The count of A-01 is open: CMD:COUNT and LOC:A-01 go on with it.",
    )

    house.wait(1801)
    house.tick()

    (raised,) = house.told()
    assert raised.data["text"] == "alice at gun-1 left the count of A-01 open: 2 PEN are not settled."
    ((state,),) = house.rows("SELECT state FROM dialogues")
    kept = json.loads(state)
    assert (kept["mode"], "counted_at" in kept, "begun" in kept) == ("receive", False, False)
    assert house.stock("PEN") == {("location:A-01", ""): 3}


def test_more_than_five_items_in_hand_are_told_by_the_first_five(house: House) -> None:
    house.scans("CMD:MOVE", "LOC:A-01", *(f"SKU:ITEM-{n}" for n in range(7)), "CMD:RECEIVE")

    ((text,),) = house.rows("SELECT text FROM exceptions WHERE kind = 'dropped'")
    assert text == (
        "Somebody at gun-1 left 1 ITEM-0, 1 ITEM-1, 1 ITEM-2, 1 ITEM-3, 1 ITEM-4 and 2 items more"
        " from A-01: the move is not booked."
    )


def test_a_move_is_not_left_while_somebody_scans(house: House) -> None:
    house.receive("PEN", 3)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "SKU:PEN")
    for code in ("QTY:2", "NONSENSE"):
        house.wait(100)
        house.scan(code)

    house.wait(100)
    house.tick()
    assert ("dropped", "gun-1") not in house.exceptions()
    house.scans("LOC:A-01")

    assert house.stock("PEN") == {("location:A-01", ""): 1, ("location:DOCK-1", ""): 2}


def test_each_move_that_is_left_is_told(house: House) -> None:
    for item in ("PEN", "INK"):
        house.scans("CMD:MOVE", "LOC:A-01", f"SKU:{item}", "CMD:RECEIVE")

    texts = house.rows("SELECT text, cleared_at IS NULL FROM exceptions WHERE kind = 'dropped' ORDER BY id")
    assert texts == [
        ("Somebody at gun-1 left 1 PEN from A-01: the move is not booked.", 0),
        ("Somebody at gun-1 left 1 INK from A-01: the move is not booked.", 1),
    ]
