"""`stock.count` (contract sections 4 and 6)."""

from typing import Any

from tests.house import House


def _count(house: House, qty: int, **fields: Any) -> dict[str, Any]:
    lot = fields.pop("lot", None)
    line = {"sku": "PEN", "qty": qty, **({"lot": lot} if lot else {})}
    return house.command("stock.count", {"location": "A-01", "lines": [line], **fields})


def _epoch(house: House) -> str:
    return house.engine.books.records.epoch


def test_a_first_count_sets_what_is_there_and_serves_who_waits(house: House) -> None:
    house.order("SO-1", ("PEN", 4))
    house.told()

    assert _count(house, 10)["ok"]

    assert house.promises("SO-1") == {("location:A-01", ""): 4}
    counted, *rest = house.told()
    assert (counted.data["expected"], counted.data["counted"]) == (0, 10)
    assert [told.type for told in rest] == ["backorder.allocated", "order.ready"]


def test_a_count_where_something_was_booked_is_stale(house: House) -> None:
    house.receive("PEN", 5, at="A-01")

    answer = _count(house, 7)

    assert (answer["error"]["code"], answer["error"]["at"]) == ("stale", "lines[0]")
    assert house.level("PEN")["on_hand"] == 5


def test_a_forced_count_is_taken_as_it_is(house: House) -> None:
    house.receive("PEN", 5, at="A-01")

    assert _count(house, 7, force=True)["ok"]

    assert house.level("PEN")["on_hand"] == 7


def test_what_was_booked_since_as_of_is_added(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    seen = house.engine.books.records.seq
    house.receive("PEN", 3, at="A-01")

    assert _count(house, 4, as_of={"epoch": _epoch(house), "seq": seen})["ok"]

    assert house.level("PEN")["on_hand"] == 7


def test_a_count_as_of_another_ledger_is_stale_and_of_the_future_out_of_range(house: House) -> None:
    foreign = _count(house, 4, as_of={"epoch": "feed", "seq": 0})
    future = _count(house, 4, as_of={"epoch": _epoch(house), "seq": 99})

    assert (foreign["error"]["code"], future["error"]["code"]) == ("stale", "out_of_range")


def test_less_takes_what_nobody_was_promised_first(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 3))
    house.told()

    _count(house, 3, force=True)

    assert house.promises("SO-1") == {("location:A-01", ""): 3}
    assert house.types() == ["stock.counted"]


def test_less_than_was_promised_releases_from_the_last_in_the_order_of_service(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 3), tier=1)
    house.order("SO-2", ("PEN", 2), tier=9)
    house.told()

    _count(house, 4, force=True)

    assert (house.promises("SO-1"), house.promises("SO-2")) == (
        {("location:A-01", ""): 2},
        {("location:A-01", ""): 2},
    )
    assert [told.data.get("reason") for told in house.told()[:3]] == [None, "count", "count"]
    assert house.exceptions() == [("unfulfillable", "SO-1"), ("unknown_item", "PEN")]


def test_more_comes_out_of_what_is_missing_here_first(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:3", "SKU:PEN")

    _count(house, 6, force=True)

    # 2 + 3 out of missing + 1 out of adjustment, all of the lot that is there.
    assert house.stock("PEN") == {("location:A-01", "B7"): 6}
    accounts = "SELECT sum(qty) FROM positions WHERE account = 'adjustment'"
    assert house.rows(accounts) == [(-1,)]


def test_a_count_writes_off_what_stays_missing_and_needs_no_count_any_more(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:3", "SKU:PEN")
    assert ("count_needed", "A-01 PEN") in house.exceptions()
    house.told()

    _count(house, 2, force=True)

    counted, adjusted, cleared = house.told()
    assert (counted.type, counted.data["moves"]) == ("stock.counted", [])
    assert (adjusted.type, adjusted.data["qty"], adjusted.data["reason"]) == (
        "stock.adjusted",
        -3,
        "written_off",
    )
    assert cleared.type == "exception.cleared"
    assert house.level("PEN")["missing"] == 0


def test_a_count_of_one_lot_leaves_the_others(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.receive("PEN", 5, at="A-01", lot="C8")

    _count(house, 1, lot="B7", force=True)

    assert house.stock("PEN")["location:A-01", "C8"] == 5
    assert house.stock("PEN")["location:A-01", "B7"] == 1


def test_what_was_booked_since_of_other_lots_and_items_is_not_added(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    seen = house.engine.books.records.seq
    house.receive("PEN", 3, at="A-01", lot="C8")
    house.receive("INK", 2, at="A-01", lot="B7")
    house.receive("PEN", 1, at="A-01", lot="B7")

    assert _count(house, 4, lot="B7", as_of={"epoch": _epoch(house), "seq": seen})["ok"]

    assert house.stock("PEN") == {("location:A-01", "B7"): 5, ("location:A-01", "C8"): 3}


def test_as_of_what_is_archived_is_stale_since_nobody_can_add_what_was_booked_since(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    records, desk = house.engine.books.records, house.engine.books.desk
    records.set_meta("archived_epoch", _epoch(house))
    desk.move_cursor("archived_seq", 1)

    too_old = _count(house, 4, as_of={"epoch": _epoch(house), "seq": 0})
    first_kept = _count(house, 4, as_of={"epoch": _epoch(house), "seq": 1})

    assert (too_old["error"]["code"], too_old["error"]["text"]) == (
        "stale",
        "as_of.seq is 0; what was booked before event 2 is archived: count again.",
    )
    assert first_kept["ok"]
    house.rows("DELETE FROM meta WHERE key = 'archived_epoch'")
    house.rows("DELETE FROM cursors WHERE name = 'archived_seq'")


def test_a_count_of_one_lot_closes_what_is_missing_of_the_item_in_any_lot(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.receive("PEN", 5, at="A-01", lot="C8")
    house.scans("CMD:MISSING", "LOC:A-01", "LOT:C8", "QTY:2", "SKU:PEN")

    _count(house, 5, lot="B7", force=True)

    assert house.stock("PEN") == {("location:A-01", "B7"): 5, ("location:A-01", "C8"): 3}


def test_what_central_counts_beyond_the_ledger_is_no_contradiction_but_settles_one(house: House) -> None:
    house.scans("CMD:FOUND", "LOC:A-01", "QTY:2", "SKU:PEN")
    assert ("contradiction", "A-01 PEN") in house.exceptions()

    _count(house, 9, force=True)

    assert house.exceptions() == [("unknown_item", "PEN")]
