"""RETURN: goods of an order come back, what was picked before what was shipped (contract section 3)."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import Returns
from edge.facts import Verdict
from tests.house import House, Told, settings

WHO = {"station": "dock-1", "scanner": "gun-1", "operator": None}


def _returned(
    qty: int,
    source: str,
    *,
    line: int | None = 1,
    lot: str | None = None,
    target: str = "location",
    of: int | None = None,
) -> Told:
    """One event of a scan of `qty`, or of more: `of` so many."""
    move = {"sku": "PEN", "lot": lot, "expiry": None, "pallet": None, "qty": qty, "from": source}
    data = {
        "sku": "PEN",
        "qty": qty,
        "lot": lot,
        "expiry": None,
        "location": "DOCK-1",
        **WHO,
        **{"serial": None, "pack": 1, "count": of or qty},
        "order": "SO-1",
    }
    return Told("stock.returned", {**data, "line": line, "moves": [{**move, "to": f"{target}:DOCK-1"}]})


def _labels(house: House) -> list[tuple[Any, ...]]:
    return house.rows("SELECT kind, order_id, lot, qty FROM labels WHERE fact = (SELECT max(seq) FROM facts)")


def _pick(house: House, *codes: str) -> None:
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:A-01", *codes)


def _picked(house: House, qty: int, *lines: int) -> None:
    """SO-1 has `qty` PEN in its lines, all picked; nothing else is here."""
    house.receive("PEN", qty, at="A-01")
    house.order("SO-1", *(("PEN", ordered) for ordered in lines))
    _pick(house, f"QTY:{qty}", "SKU:PEN")


def _shipped(house: House, qty: int, *lines: int) -> None:
    _picked(house, qty, *lines)
    house.scans("CMD:SHIP", "ORD:SO-1")


def _begin(house: House, order: str = "SO-1") -> None:
    house.scans("CMD:RETURN", f"ORD:{order}")
    house.told()


# -- what is picked ------------------------------------------------------------------------------------------


def test_a_live_line_waits_again_for_goods_that_come_back_and_is_served(house: House) -> None:
    _picked(house, 3, 3)
    _begin(house)

    answer = house.scans("QTY:2", "SKU:PEN")

    assert (answer.verdict, answer.text) == (
        Verdict.ACCEPT,
        "2 PEN of SO-1 back at DOCK-1, 2 PEN for waiting orders.",
    )
    told = house.told()
    assert told[0] == _returned(2, "picked:SO-1")
    assert [each.type for each in told] == ["stock.returned", "backorder.allocated"]
    assert house.lines() == [(3, 2, 1, 0, 0, 0)]
    assert house.promises("SO-1") == {("location:DOCK-1", ""): 2}
    assert _labels(house) == [("backorder", "SO-1", "", 2)]


def test_who_is_before_it_has_the_goods_that_come_back(house: House) -> None:
    _picked(house, 2, 2)
    house.order("SO-2", ("PEN", 2), express=True)
    _begin(house)

    house.scans("QTY:2", "SKU:PEN")

    assert house.lines() == [(2, 0, 0, 0, 0, 2)]
    assert house.promises("SO-2") == {("location:DOCK-1", ""): 2}
    told = house.told()
    assert [each.type for each in told] == [
        *("stock.returned", "backorder.allocated", "backorder.waiting", "order.ready", "order.unfulfillable"),
    ]
    assert told[2].data == {"order": "SO-1", "line": 1, "sku": "PEN", "qty": 2, "reason": "out_of_stock"}


def test_the_last_line_gives_back_first_with_an_event_for_each(house: House) -> None:
    _picked(house, 4, 2, 2)
    house.done("order.hold", {"order": "SO-1"})
    _begin(house)

    house.scans("QTY:3", "SKU:PEN")

    told = [each for each in house.told() if each.type == "stock.returned"]
    assert told == [_returned(1, "picked:SO-1", line=1, of=3), _returned(2, "picked:SO-1", line=2, of=3)]
    # On hold, it is given nothing: what came back is put away.
    assert house.lines() == [(2, 0, 1, 0, 0, 1), (2, 0, 0, 0, 0, 2)]
    assert _labels(house) == [("putaway", "", "", 3)]


def test_goods_of_a_cancelled_order_go_back_until_nothing_is_left_to_restock(house: House) -> None:
    _picked(house, 2, 2)
    house.done("order.cancel", {"order": "SO-1"})
    _begin(house)

    house.scans("SKU:PEN")
    assert ("restock", "SO-1") in house.exceptions()
    house.scans("SKU:PEN")

    assert ("restock", "SO-1") not in house.exceptions()
    assert house.lines() == [(2, 0, 0, 0, 2, 0)]
    assert house.types() == ["stock.returned", "stock.returned", "exception.cleared"]
    assert house.stock("PEN") == {("location:DOCK-1", ""): 2}


def test_goods_of_a_cancelled_line_come_back_before_those_of_a_live_one(house: House) -> None:
    _picked(house, 4, 2, 2)
    house.done("order.cancel", {"order": "SO-1", "lines": [1]})
    _begin(house)

    house.scans("QTY:3", "SKU:PEN")

    assert house.lines() == [(2, 0, 0, 0, 2, 0), (2, 1, 1, 0, 0, 0)]
    assert ("restock", "SO-1") not in house.exceptions()


def test_goods_keep_the_age_that_they_had(house: House) -> None:
    _picked(house, 1, 1)
    ((since,),) = house.rows("SELECT since FROM positions WHERE account = 'picked:SO-1'")
    _begin(house)

    house.scans("SKU:PEN")

    assert house.rows("SELECT since FROM positions WHERE account = 'location:DOCK-1'") == [(since,)]


# -- what was shipped ----------------------------------------------------------------------------------------


def test_goods_that_were_shipped_come_back_and_reopen_no_line(house: House) -> None:
    _shipped(house, 3, 3)
    house.order("SO-2", ("PEN", 1))
    _begin(house)

    house.scans("QTY:2", "SKU:PEN")

    told = house.told()
    assert told[0] == _returned(2, "customer:SO-1")
    assert [each.type for each in told] == ["stock.returned", "backorder.allocated", "order.ready"]
    assert house.lines() == [(3, 0, 0, 3, 0, 0)]
    assert _labels(house) == [("backorder", "SO-2", "", 1), ("putaway", "", "", 1)]


def test_of_which_line_shipped_goods_were_is_not_told_where_it_is_not_known(house: House) -> None:
    _shipped(house, 2, 1, 1)
    _begin(house)

    house.scans("SKU:PEN")

    assert house.told()[0] == _returned(1, "customer:SO-1", line=None)


def test_what_is_picked_comes_back_before_what_was_shipped(house: House) -> None:
    _shipped(house, 2, 4)
    house.receive("PEN", 2, at="A-01")
    _pick(house, "SKU:PEN")
    house.done("order.hold", {"order": "SO-1"})
    _begin(house)

    house.scans("QTY:2", "SKU:PEN")

    told = house.told()[0].data
    assert [(move["from"], move["qty"]) for move in told["moves"]] == [
        ("picked:SO-1", 1),
        ("customer:SO-1", 1),
    ]
    assert house.lines() == [(4, 1, 0, 2, 0, 1)]


def test_only_the_lot_that_was_scanned_comes_back(house: House) -> None:
    house.receive("PEN", 1, at="A-01", lot="A")
    house.receive("PEN", 1, at="A-01", lot="B")
    house.order("SO-1", ("PEN", 2))
    house.scans("CMD:SHIP", "ORD:SO-1")
    _begin(house)

    house.scans("LOT:B", "SKU:PEN")
    answer = house.scans("LOT:B") and house.scan("SKU:PEN")

    assert house.stock("PEN") == {("customer:SO-1", "A"): 1, ("location:DOCK-1", "B"): 1}
    assert (answer.why, answer.text) == ("not_wanted", "Order SO-1 has no PEN of lot B picked or shipped.")


# -- where to ------------------------------------------------------------------------------------------------


def test_the_place_that_was_scanned_goes_before_the_station_s(house: House) -> None:
    _shipped(house, 1, 1)
    _begin(house)

    house.scans("LOC:B-01", "SKU:PEN")

    assert house.stock("PEN") == {("location:B-01", ""): 1}


def test_a_site_may_set_aside_all_that_comes_back(tmp_path: Path) -> None:
    house = House(settings(tmp_path).model_copy(update={"returns": Returns(to="quarantine")}))
    _picked(house, 2, 2)
    house.receive("PEN", 1, at="B-01")
    _begin(house)

    answer = house.scans("QTY:2", "SKU:PEN")

    assert answer.text == "2 PEN of SO-1 back at DOCK-1 in quarantine, 1 PEN for waiting orders."
    assert house.told()[0] == _returned(2, "picked:SO-1", target="quarantine")
    assert house.promises("SO-1") == {("location:B-01", ""): 1}
    assert house.level("PEN")["quarantine"] == 2
    assert _labels(house) == [("quarantine", "", "", 2), ("backorder", "SO-1", "", 1)]
    assert house.exceptions() == [("unknown_item", "PEN")]

    # Taken back, the goods are picked again, and the one it was given since is not needed.
    house.scans("CMD:UNDO")
    assert house.promises("SO-1") == {}
    assert house.stock("PEN") == {("location:B-01", ""): 1, ("picked:SO-1", ""): 2}
    house.audit()
    house.close()


def test_goods_whose_day_is_over_come_back_into_quarantine(house: House) -> None:
    house.scans("LOC:A-01", "LOT:A", "EXP:2026-11-22", "SKU:PEN")
    house.order("SO-1", ("PEN", 1))
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.wait(3 * 86_400)
    house.scans("CMD:RETURN", "ORD:SO-1")

    answer = house.scans("SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert house.stock("PEN") == {("quarantine:DOCK-1", "A"): 1}
    assert ("expired", "PEN A DOCK-1") in house.exceptions()
    ((content,),) = house.rows("SELECT content FROM labels WHERE kind = 'quarantine'")
    assert json.loads(content)["fields"]["reason"] == "returned, expired"


# -- what is refused -----------------------------------------------------------------------------------------


def test_without_an_order_nothing_comes_back(house: House) -> None:
    house.scans("CMD:RETURN")

    answer = house.scan("SKU:PEN")

    assert (answer.why, answer.text) == ("needs_order", "Of which order? Scan the order first.")


@pytest.mark.parametrize(
    ("codes", "text"),
    [
        (("SKU:INK",), "Order SO-1 has no INK picked or shipped."),
        (("QTY:3", "SKU:PEN"), "Order SO-1 has 0 PEN picked and 2 shipped, not 3."),
    ],
)
def test_more_than_an_order_had_does_not_come_back(house: House, codes: tuple[str, ...], text: str) -> None:
    _shipped(house, 2, 2)
    _begin(house)
    for code in codes[:-1]:
        house.scans(code)

    answer = house.scan(codes[-1])

    assert (answer.why, answer.text) == ("not_wanted", text)
    assert house.stock("PEN") == {("customer:SO-1", ""): 2}


def test_goods_come_back_once(house: House) -> None:
    _shipped(house, 1, 1)
    _begin(house)
    house.scans("SKU:PEN")

    assert house.scan("SKU:PEN").why == "not_wanted"


def test_a_label_of_another_order_is_not_what_comes_back(house: House) -> None:
    _shipped(house, 1, 1)
    house.order("SO-2", ("PEN", 1))
    house.receive("PEN", 1, at="A-01")
    ((label,),) = house.rows("SELECT label FROM labels WHERE order_id = 'SO-2'")
    _begin(house)

    answer = house.scan(f"LBL:{label}")

    assert (answer.why, answer.text) == (
        "not_wanted",
        f"Label {label} is for SO-2, and SO-1 is being returned.",
    )


# -- UNDO ----------------------------------------------------------------------------------------------------


def test_undo_of_a_return_picks_the_goods_again_and_what_was_served_since_is_released(house: House) -> None:
    _picked(house, 2, 2)
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    house.told()

    house.scans("CMD:UNDO")

    assert house.stock("PEN") == {("picked:SO-1", ""): 2}
    assert house.lines() == [(2, 0, 2, 0, 0, 0)]
    assert house.types() == ["undo", "backorder.released"]
    assert house.rows("SELECT void FROM labels WHERE kind = 'backorder'") == [(1,)]


def test_undo_of_a_return_takes_the_goods_from_who_was_given_them(house: House) -> None:
    _picked(house, 2, 2)
    house.order("SO-2", ("PEN", 2), express=True)
    _begin(house)
    house.scans("QTY:2", "SKU:PEN", "CMD:UNDO")

    assert house.lines() == [(2, 0, 2, 0, 0, 0)]
    assert house.lines("SO-2") == [(2, 0, 0, 0, 0, 2)]


def test_undo_of_a_return_from_a_cancelled_order_asks_for_restock_again(house: House) -> None:
    _picked(house, 2, 2)
    house.done("order.cancel", {"order": "SO-1"})
    _begin(house)
    house.scans("QTY:2", "SKU:PEN")
    assert ("restock", "SO-1") not in house.exceptions()

    house.scans("CMD:UNDO")

    assert ("restock", "SO-1") in house.exceptions()
    assert house.lines() == [(2, 0, 2, 0, 0, 0)]


def test_undo_of_a_return_of_shipped_goods_leaves_them_with_the_customer(house: House) -> None:
    _shipped(house, 2, 2)
    _begin(house)
    house.scans("QTY:2", "SKU:PEN", "CMD:UNDO")

    assert house.stock("PEN") == {("customer:SO-1", ""): 2}
    assert house.lines() == [(2, 0, 0, 2, 0, 0)]


def test_a_return_is_built_upon_once_the_order_wants_less(house: House) -> None:
    _picked(house, 3, 3)
    _begin(house)
    house.scans("QTY:3", "SKU:PEN")
    house.done("order.amend", {"order": "SO-1", "lines": [{"line": 1, "qty": 2}]})

    answer = house.scan("CMD:UNDO")

    assert (answer.why, answer.text) == (
        "built_upon",
        "Order SO-1 has changed since: it cannot be undone, book it back.",
    )


def test_a_pick_is_built_upon_once_others_returned_what_its_line_had(house: House) -> None:
    house.receive("PEN", 4, at="A-01")
    house.order("SO-1", ("PEN", 2), ("PEN", 2))
    _pick(house, "QTY:2", "SKU:PEN")
    _pick(house, "QTY:2", "SKU:PEN")
    for code in ("CMD:RETURN", "ORD:SO-1", "QTY:2", "SKU:PEN"):
        house.scan(code, scanner="gun-2")

    answer = house.scan("CMD:UNDO")

    assert (answer.why, answer.text) == (
        "built_upon",
        "Order SO-1 has changed since: it cannot be undone, book it back.",
    )
