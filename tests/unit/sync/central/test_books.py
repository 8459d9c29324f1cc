"""Rules of what an event does to central's books; pure."""

from collections.abc import Mapping
from typing import Any

import pytest

from sync.central.books import Books, Line
from tests.nodes import move


def books(*lines: tuple[str, str, Line], booking: tuple[Mapping[str, Any], ...] = ()) -> Books:
    """Books behind which the database knows these lines, and this booking."""
    known = {(order, line): found for order, line, found in lines}
    return Books(
        line_of=lambda order, line: known.get((order, line)),
        lines_of=lambda order: [(line, found) for (of, line), found in known.items() if of == order],
        booking_of=lambda _: booking,
    )


def event(type_: str, **data: object) -> dict[str, Any]:
    return {"type": f"crossdock.{type_}", "epoch": "e1", "seq": 7, "booking": 7, "data": data}


def test_positions_are_the_sum_of_moves_and_nothing_else() -> None:
    made = books()

    made.apply(
        event(
            "stock.received",
            sku="X",
            qty=99,
            moves=[move("PEN", 12, "supplier:4711", "location:A", lot="B7")],
        )
    )
    made.apply(event("stock.moved", moves=[move("PEN", 5, "location:A", "location:B", lot="B7")]))
    made.apply(event("a.type.of.tomorrow", moves=[move("PEN", 1, "location:B", "scrap", lot="B7")]))

    assert made.moved == {
        ("PEN", "B7", "", "", "supplier:4711"): -12,
        ("PEN", "B7", "", "", "location:A"): 7,
        ("PEN", "B7", "", "", "location:B"): 4,
        ("PEN", "B7", "", "", "scrap"): 1,
    }


@pytest.mark.parametrize(
    "bad",
    [
        {"qty": -1},
        {"qty": True},
        {"qty": 1.0},
        {"qty": 10**13},
        {"sku": ""},
        {"sku": "PEN\0"},
        {"sku": "\ud800"},
        {"from": "x" * 81},
        {"to": None},
        {"lot": 7},
    ],
)
def test_of_an_event_with_a_move_that_is_none_nothing_moves(bad: dict[str, object]) -> None:
    made = books()
    good = move("PEN", 2, "supplier:-", "location:A")

    with pytest.raises(ValueError, match=r"^Expected a (name of 1 to 80 printable|whole number from 0)"):
        made.apply(event("stock.received", moves=[good, {**good, **bad}]))

    assert made.moved == {}


def test_what_is_allocated_picked_and_shipped_is_told_of_its_line() -> None:
    made = books()
    of = {"order": "SO-1", "line": 1, "sku": "PEN"}

    made.apply(event("backorder.waiting", **of, qty=5, reason="out_of_stock"))
    made.apply(event("backorder.allocated", **of, qty=3, waiting=2, location="A"))
    made.apply(event("stock.picked", **of, qty=2, moves=[move("PEN", 2, "location:A", "picked:SO-1")]))
    made.apply(event("stock.shipped", **of, qty=1, moves=[move("PEN", 1, "picked:SO-1", "customer:SO-1")]))
    made.apply(event("stock.shipped", **of, qty=1, moves=[move("PEN", 1, "location:A", "customer:SO-1")]))

    assert made.lines == {("SO-1", "1"): Line("PEN", None, allocated=0, picked=1, shipped=2, waiting=2)}


def test_what_was_ordered_and_went_nowhere_waits() -> None:
    made = books()
    of = {"order": "SO-1", "line": "A", "sku": "PEN"}

    made.place({"order": "SO-1", "lines": [{"line": "A", "sku": "PEN", "qty": 5}]})
    made.apply(event("backorder.allocated", **of, qty=3, waiting=2, location="A"))
    made.apply(event("backorder.released", **of, qty=2, reason="taken"))
    made.apply(event("stock.picked", **of, qty=2, moves=[move("PEN", 2, "location:B", "picked:SO-1")]))

    assert made.lines == {("SO-1", '"A"'): Line("PEN", 5, allocated=0, picked=2, waiting=3)}


def test_an_undo_takes_back_what_its_booking_told_of_lines() -> None:
    picked = event("stock.picked", order="SO-1", line=1, moves=[move("PEN", 2, "location:A", "picked:SO-1")])
    made = books(("SO-1", "1", Line("PEN", 5, picked=3, waiting=2)), booking=(picked,))

    made.apply(event("undo", undoes=3, moves=[move("PEN", 2, "picked:SO-1", "location:A")]))

    assert made.lines == {("SO-1", "1"): Line("PEN", 5, picked=1, waiting=4)}


def test_an_undo_of_a_shipment_puts_picked_goods_back_to_picked() -> None:
    shipped = event(
        "stock.shipped", order="SO-1", line=1, moves=[move("PEN", 2, "picked:SO-1", "customer:SO-1")]
    )
    made = books(("SO-1", "1", Line("PEN", 2, shipped=2)), booking=(shipped,))

    made.apply(event("undo", undoes=3, moves=[]))

    assert made.lines == {("SO-1", "1"): Line("PEN", 2, picked=2)}


def test_the_second_event_of_one_undo_takes_back_nothing_more() -> None:
    made = books()

    made.apply({**event("undo", undoes=3, moves=[move("PEN", 2, "location:A", "supplier:-")]), "seq": 8})

    assert made.lines == {}
    assert made.moved[("PEN", "", "", "", "supplier:-")] == 2


def test_goods_that_come_back_before_they_left_are_not_picked_any_more() -> None:
    made = books(("SO-1", "1", Line("PEN", 2, picked=2)))

    made.apply(
        event("stock.returned", order="SO-1", line=1, moves=[move("PEN", 1, "picked:SO-1", "location:A")])
    )
    made.apply(
        event("stock.returned", order="SO-1", line=1, moves=[move("PEN", 1, "customer:SO-1", "location:A")])
    )
    made.apply(event("stock.returned", moves=[move("PEN", 1, "customer:-", "location:A")]))

    assert made.lines == {("SO-1", "1"): Line("PEN", 2, picked=1, waiting=1)}


@pytest.mark.parametrize(
    ("type_", "data", "status"),
    [
        ("order.ready", {}, "ready"),
        ("order.held", {}, "on hold"),
        ("order.resumed", {}, "open"),
        ("order.shipped", {"complete": True, "lines": []}, "shipped"),
        ("order.cancelled", {"complete": True}, "cancelled"),
    ],
)
def test_an_order_has_the_status_that_was_told_last(type_: str, data: dict[str, Any], status: str) -> None:
    made = books()

    made.apply(event(type_, order="SO-1", **data))

    assert made.statuses == {"SO-1": status}


def test_of_a_cancelled_order_nothing_waits() -> None:
    made = books(
        ("SO-1", "1", Line("PEN", 5, allocated=1, picked=2, waiting=2)),
        ("SO-1", "2", Line("INK", 1, waiting=1)),
    )

    made.apply(event("order.cancelled", order="SO-1", complete=False, lines=[1]))

    assert made.lines == {("SO-1", "1"): Line("PEN", 5, picked=2, cancelled=3)}
    assert made.statuses == {"SO-1": ""}


def test_an_exception_is_open_until_it_is_cleared() -> None:
    made = books()

    made.apply(event("exception.raised", exception="x1", kind="short", about="PO-1", text="2 PEN\0 short"))
    made.apply(event("exception.raised", exception="x2", kind="late", about="SO-1", text="late"))
    made.apply(event("exception.cleared", exception="x2", kind="late", about="SO-1", reason="gone"))

    assert made.exceptions == {
        "x1": '{"exception": "x1", "kind": "short", "about": "PO-1", "text": "2 PEN\\u0000 short"}',
        "x2": None,
    }
