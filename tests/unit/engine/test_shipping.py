"""SHIP and `order.ship`: all that an order has leaves the ledger (contract 3 and 6)."""

from typing import Any

import pytest

from edge.facts import Verdict
from tests.house import House, Told

WHO = {"station": "dock-1", "scanner": "gun-1", "operator": None}


def _shipped(
    qty: int, *, at: str | None, line: int = 1, lot: str | None = None, who: dict[str, Any] | None = None
) -> Told:
    """What one shipment of PEN tells; goods that were picked before left `picked`, not a place."""
    source = f"location:{at}" if at else "picked:SO-1"
    move = {"sku": "PEN", "lot": lot, "expiry": None, "pallet": None, "qty": qty, "from": source}
    said = {
        "sku": "PEN",
        "qty": qty,
        "lot": lot,
        "expiry": None,
        "location": at,
        **(WHO if who is None else who),
    }
    return Told(
        "stock.shipped", {**said, "order": "SO-1", "line": line, "moves": [{**move, "to": "customer:SO-1"}]}
    )


def _left(*lines: tuple[int, int], complete: bool) -> Told:
    told = [{"line": line, "sku": "PEN", "qty": qty} for line, qty in lines]
    return Told("order.shipped", {"order": "SO-1", "complete": complete, "lines": told})


def _pick(house: House, *codes: str, at: str = "A-01") -> None:
    house.scans("CMD:PICK", "ORD:SO-1", f"LOC:{at}", *codes)


def _ship(house: House) -> Any:
    house.scans("CMD:SHIP")
    house.told()
    return house.scans("ORD:SO-1")


def test_all_that_is_picked_or_allocated_leaves_with_an_event_for_each_line_lot_and_place(
    house: House,
) -> None:
    house.receive("PEN", 3, at="A-01", lot="A")
    house.receive("PEN", 4, at="B-01", lot="B")
    house.order("SO-1", ("PEN", 4), ("PEN", 2))
    _pick(house, "QTY:2", "SKU:PEN")

    answer = _ship(house)

    assert (answer.verdict, answer.text) == (Verdict.ACCEPT, "6 pieces of SO-1 leave: it is complete.")
    assert house.told() == [
        _shipped(2, at=None, lot="A"),
        _shipped(1, at="A-01", lot="A"),
        _shipped(1, at="B-01", lot="B"),
        _shipped(2, at="B-01", line=2, lot="B"),
        _left((1, 4), (2, 2), complete=True),
    ]
    assert house.stock("PEN") == {
        **{("customer:SO-1", "A"): 3, ("customer:SO-1", "B"): 3},
        ("location:B-01", "B"): 1,
    }
    assert house.lines() == [(4, 0, 0, 4, 0, 0), (2, 0, 0, 2, 0, 0)]
    level = house.level("PEN")
    assert (level["on_hand"], level["allocated"], level["waiting"]) == (1, 0, 0)


def test_what_still_waits_asks_for_attention_and_may_leave_later(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 3), ("INK", 1))

    answer = _ship(house)
    assert (answer.verdict, answer.text) == (
        Verdict.ATTENTION,
        "2 pieces of SO-1 leave. Still waiting for it: 1 PEN, 1 INK.",
    )
    assert house.told() == [_shipped(2, at="A-01"), _left((1, 2), complete=False)]

    house.receive("PEN", 1, at="A-01")
    house.receive("INK", 1, at="A-01")
    _ship(house)
    assert house.told()[-1].data["complete"] is True


def test_many_items_that_wait_are_counted_rather_than_listed(house: House) -> None:
    house.receive("PEN", 1, at="A-01")
    house.order("SO-1", ("PEN", 1), *((f"X-{n}", n) for n in range(1, 8)))

    text = _ship(house).text

    assert (
        text
        == "1 pieces of SO-1 leave. Still waiting for it: 1 X-1, 2 X-2, 3 X-3, 4 X-4, 5 X-5 and 2 items more."
    )


def test_an_order_of_many_lines_is_told_in_several_events_complete_with_the_last(house: House) -> None:
    house.receive("PEN", 501, at="A-01")
    house.order("SO-1", *(("PEN", 1) for _ in range(501)))

    _ship(house)

    told = [each.data for each in house.told() if each.type == "order.shipped"]
    assert [(len(data["lines"]), data["complete"]) for data in told] == [
        (250, False),
        (250, False),
        (1, True),
    ]


@pytest.mark.parametrize(
    ("placed", "text"),
    [
        (("PEN", 2), "Order SO-1 has nothing picked or allocated: 2 pieces of it wait."),
        (("INK", 1), "Order SO-1 has nothing picked or allocated, and nothing of it waits."),
    ],
)
def test_an_order_that_has_nothing_has_nothing_to_ship(
    house: House, placed: tuple[str, int], text: str
) -> None:
    house.receive("INK", 1)
    house.order("SO-1", placed)
    house.scans("CMD:SHIP")
    if placed[0] == "INK":
        house.scans("ORD:SO-1")

    answer = house.scan("ORD:SO-1")

    assert (answer.why, answer.text) == ("nothing_to_ship", text)


@pytest.mark.parametrize(
    ("command", "why", "text"),
    [
        ("order.hold", "on_hold", "Order SO-1 is on hold. It is not shipped."),
        ("order.cancel", "cancelled", "Order SO-1 is cancelled. It is not shipped."),
    ],
)
def test_an_order_on_hold_or_cancelled_does_not_leave(
    house: House, command: str, why: str, text: str
) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _pick(house, "SKU:PEN")
    house.done(command, {"order": "SO-1"})
    house.scans("CMD:SHIP")

    answer = house.scan("ORD:SO-1")

    assert (answer.why, answer.text) == (why, text)
    assert house.stock("PEN") == {("location:A-01", ""): 1, ("picked:SO-1", ""): 1}


def test_ship_takes_orders_and_not_items(house: House) -> None:
    house.scans("CMD:SHIP")

    assert house.scan("SKU:PEN").why == "needs_order"
    assert house.scan("ORD:SO-9").why == "unknown_order"


def test_exceptions_of_an_order_that_left_are_cleared(house: House) -> None:
    house.receive("PEN", 1, at="A-01")
    house.order("SO-1", ("PEN", 1), promised_at="2026-11-21T09:30:00Z")
    house.wait(3600)
    house.scans("CMD:INFO")
    assert ("late", "SO-1") in house.exceptions()

    _ship(house)

    assert ("late", "SO-1") not in house.exceptions()
    assert house.types()[-1] == "exception.cleared"


def test_goods_of_a_cancelled_line_leave_with_the_order_and_need_no_restock(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    _pick(house, "QTY:2", "SKU:PEN")
    house.done("order.cancel", {"order": "SO-1", "lines": [1]})
    assert ("restock", "SO-1") in house.exceptions()

    _ship(house)

    assert house.stock("PEN") == {("customer:SO-1", ""): 2}
    assert ("restock", "SO-1") not in house.exceptions()


def test_a_label_of_goods_that_left_is_void(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2, at="A-01")
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'backorder'")
    _ship(house)
    house.scans("CMD:PICK")

    assert house.scan(f"LBL:{label}").why == "void_label"


# -- order.ship ----------------------------------------------------------------------------------------------


def test_central_ships_an_order_that_left_without_a_scan(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2))
    house.told()

    house.done("order.ship", {"order": "SO-1"})

    assert house.told() == [_shipped(2, at="A-01", who={}), _left((1, 2), complete=True)]


def test_central_ships_some_lines_and_leaves_the_others(house: House) -> None:
    house.receive("PEN", 6, at="A-01")
    house.order("SO-1", ("PEN", 3), ("PEN", 3))
    _pick(house, "QTY:5", "SKU:PEN")
    house.told()

    house.done("order.ship", {"order": "SO-1", "lines": [2]})

    assert house.told() == [
        _shipped(2, at=None, line=2, who={}),
        _shipped(1, at="A-01", line=2, who={}),
        _left((2, 3), complete=False),
    ]
    assert house.lines() == [(3, 0, 3, 0, 0, 0), (3, 0, 0, 3, 0, 0)]
    assert house.stock("PEN") == {("customer:SO-1", ""): 3, ("picked:SO-1", ""): 3}


# -- UNDO ----------------------------------------------------------------------------------------------------


def test_undo_brings_goods_back_to_where_they_were_with_their_promises(house: House) -> None:
    house.receive("PEN", 4, at="A-01")
    house.order("SO-1", ("PEN", 3))
    _pick(house, "SKU:PEN")
    _ship(house)
    house.told()

    house.scans("CMD:UNDO")

    assert house.stock("PEN") == {("location:A-01", ""): 3, ("picked:SO-1", ""): 1}
    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    assert house.lines() == [(3, 2, 1, 0, 0, 0)]
    assert house.types() == ["undo", "backorder.allocated"]


def test_undo_for_an_order_cancelled_since_asks_for_restock_and_frees_the_rest(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 3), ("INK", 1))
    _pick(house, "SKU:PEN")
    _ship(house)
    house.done("order.cancel", {"order": "SO-1"})
    house.order("SO-2", ("PEN", 2))

    house.scans("CMD:UNDO")

    assert house.stock("PEN") == {("location:A-01", ""): 2, ("picked:SO-1", ""): 1}
    assert house.promises("SO-1") == {}
    assert house.promises("SO-2") == {("location:A-01", ""): 2}
    assert ("restock", "SO-1") in house.exceptions()


def test_undo_raises_again_what_the_shipment_cleared(house: House) -> None:
    house.receive("PEN", 1, at="A-01")
    house.order("SO-1", ("PEN", 1), promised_at="2026-11-21T09:30:00Z")
    house.wait(3600)
    _ship(house)

    house.scans("CMD:UNDO")

    assert ("late", "SO-1") in house.exceptions()


def test_a_shipment_of_which_something_came_back_is_built_upon(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.order("SO-1", ("PEN", 2))
    _ship(house)
    for code in ("CMD:RETURN", "ORD:SO-1", "SKU:PEN"):
        house.scan(code, scanner="gun-2")

    assert house.scan("CMD:UNDO").why == "built_upon"
