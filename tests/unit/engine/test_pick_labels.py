"""PICK by labels: a backorder label is a whole pick (contract 3, `LBL`)."""

from tests.house import House


def _label(house: House, order: str) -> str:
    ((label,),) = house.rows("SELECT label FROM labels WHERE order_id = ? AND kind = 'backorder'", order)
    return str(label)


def _spent(house: House, label: str) -> int:
    ((spent,),) = house.rows("SELECT spent FROM labels WHERE label = ?", label)
    return int(spent)


def test_a_backorder_label_alone_stands_for_order_place_and_item(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01", lot="A")
    house.scans("CMD:PICK")
    house.told()

    house.scans(f"LBL:{_label(house, 'SO-1')}")

    (told,) = house.told()
    data = told.data
    assert told.type == "stock.picked"
    assert (data["order"], data["line"], data["location"]) == ("SO-1", 1, "A-01")
    assert (data["sku"], data["lot"], data["qty"]) == ("PEN", "A", 3)


def test_a_label_that_was_picked_is_a_duplicate(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01")
    label = _label(house, "SO-1")
    house.scans("CMD:PICK", f"LBL:{label}")

    answer = house.scan(f"LBL:{label}")

    assert answer.why == "duplicate"


def test_a_label_picked_in_part_stands_for_the_rest(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01")
    label = _label(house, "SO-1")

    house.scans("CMD:PICK", "QTY:1", f"LBL:{label}")
    assert _spent(house, label) == 1
    house.scans(f"LBL:{label}")

    assert house.lines("SO-1") == [(3, 0, 3, 0, 0, 0)]
    assert _spent(house, label) == 3


def test_more_than_a_label_says_is_picked_and_the_label_is_spent(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2, at="A-01")
    label = _label(house, "SO-1")
    house.done("order.place", {"order": "SO-2", "lines": [{"line": 1, "sku": "PEN", "qty": 2}]})
    house.receive("PEN", 2, at="A-01")
    house.done("order.amend", {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 4}]})

    house.scans("CMD:PICK", "QTY:3", f"LBL:{label}")

    assert _spent(house, label) == 2
    assert house.lines("SO-1") == [(4, 0, 3, 0, 0, 1)]


def test_a_label_of_another_order_than_the_one_in_hand_is_not_wanted(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01")
    house.order("SO-2", ("PEN", 3))
    label = _label(house, "SO-1")
    house.scans("CMD:PICK", "ORD:SO-2", "LOC:A-01")

    answer = house.scan(f"LBL:{label}")

    assert (answer.why, answer.text) == (
        "not_wanted",
        f"Label {label} is for SO-1, and SO-2 is being picked: scan SO-1 for it.",
    )


def test_a_label_follows_its_goods_to_where_they_were_moved(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01")
    label = _label(house, "SO-1")
    house.scans("CMD:MOVE", "LOC:A-01", f"LBL:{label}", "LOC:B-01")

    house.scans("CMD:PICK", "LOC:C-01", f"LBL:{label}")

    assert house.stock("PEN") == {("picked:SO-1", ""): 3}
    assert house.exceptions() == [("unknown_item", "PEN")]


def test_the_place_on_a_label_goes_before_others_where_its_order_has_goods(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("PEN", 2))
    house.receive("PEN", 2, at="B-01")
    label = _label(house, "SO-1")
    house.receive("PEN", 2, at="A-01")

    house.scans("CMD:PICK", f"LBL:{label}")

    assert house.stock("PEN") == {("location:A-01", ""): 2, ("picked:SO-1", ""): 2}


def test_the_lot_on_a_label_goes_before_others_even_if_it_is_none(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("PEN", 2))
    house.receive("PEN", 2, at="A-01", lot="A")
    house.receive("PEN", 2, at="A-01")
    ((label,),) = house.rows("SELECT label FROM labels WHERE lot = '' AND kind = 'backorder'")

    house.scans("CMD:PICK", f"LBL:{label}")

    assert house.stock("PEN") == {("location:A-01", "A"): 2, ("picked:SO-1", ""): 2}


def test_a_putaway_label_is_goods_for_the_order_in_hand(house: House) -> None:
    house.receive("PEN", 3, at="A-01", lot="A")
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'putaway'")
    house.order("SO-1", ("PEN", 3))
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:A-01")

    house.scans(f"LBL:{label}")

    assert house.stock("PEN") == {("picked:SO-1", "A"): 3}


def test_undo_of_a_label_s_pick_makes_the_label_good_again(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.receive("PEN", 3, at="A-01")
    label = _label(house, "SO-1")
    house.scans("CMD:PICK", f"LBL:{label}", "CMD:UNDO")
    assert _spent(house, label) == 0

    house.scans(f"LBL:{label}")

    assert house.stock("PEN") == {("picked:SO-1", ""): 3}
