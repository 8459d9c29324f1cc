"""CMD:UNDO of a pick: the goods go back, and everybody has what they had (contract section 3)."""

from tests.house import House


def _begin(house: House, order: str = "SO-1", at: str = "A-01") -> None:
    house.scans("CMD:PICK", f"ORD:{order}", f"LOC:{at}")
    house.told()


def test_undo_puts_goods_back_with_the_order_s_own_promise(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    house.told()

    house.scans("CMD:UNDO")

    assert house.stock("PEN") == {("location:A-01", ""): 3}
    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    assert house.lines("SO-1") == [(2, 2, 0, 0, 0, 0)]
    told = house.told()
    assert [each.type for each in told] == ["undo", "backorder.allocated"]
    (move,) = told[0].data["moves"]
    assert (move["from"], move["to"], move["qty"]) == ("picked:SO-1", "location:A-01", 2)


def test_undo_of_a_pick_from_others_gives_their_goods_back(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    house.order("SO-2", ("PEN", 2), express=True)
    house.receive("PEN", 2, at="A-01")
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    assert house.promises("SO-2") == {}

    house.scans("CMD:UNDO")

    assert house.promises("SO-2") == {("location:A-01", ""): 2}
    assert house.lines("SO-1") == [(3, 0, 0, 0, 0, 3)]


def test_undo_of_a_pick_beyond_the_ledger_puts_back_what_was_missing(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 5))
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:1", "SKU:PEN")
    before = house.exceptions()
    _begin(house)
    house.scans("QTY:3", "SKU:PEN")

    house.scans("CMD:UNDO")

    assert house.stock("PEN") == {("location:A-01", ""): 1, ("missing:A-01", ""): 1}
    assert house.promises("SO-1") == {("location:A-01", ""): 1}
    assert house.lines("SO-1") == [(5, 1, 0, 0, 0, 4)]
    assert house.exceptions() == before


def test_undo_of_a_pick_for_an_order_cancelled_since_frees_the_goods_for_others(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    house.done("order.cancel", {"order": "SO-1"})
    assert ("restock", "SO-1") in house.exceptions()

    house.scans("CMD:UNDO")

    assert house.lines("SO-1") == [(2, 0, 0, 0, 2, 0)]
    assert house.promises("SO-2") == {("location:A-01", ""): 2}
    assert ("restock", "SO-1") not in house.exceptions()


def test_a_pick_that_left_since_is_built_upon(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    house.scan("CMD:SHIP", scanner="gun-2")
    house.scan("ORD:SO-1", scanner="gun-2")

    assert house.scan("CMD:UNDO").why == "built_upon"
    assert house.stock("PEN") == {("customer:SO-1", ""): 2}
