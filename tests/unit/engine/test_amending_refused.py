"""Amendments refused as a whole: below what is picked, wrong in a line, of an old revision (contract section 6)."""

from typing import Any

import pytest

from tests.house import House
from tests.unit.engine.amendments import amend, line, refused


def test_below_what_is_picked_and_shipped_a_line_does_not_go(house: House) -> None:
    house.order("SO-1", ("PEN", 5), ("INK", 1))
    house.receive("PEN", 1)
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.receive("PEN", 2)
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "QTY:2", "SKU:PEN")

    assert refused(house, line(2, 4), line(1, 2)) == ("already_picked", "lines[1].qty")
    assert refused(house, line(1, 0)) == ("already_picked", "lines[0].qty")
    amend(house, line(1, 3))
    assert house.lines()[0] == (3, 0, 2, 1, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (line(1, 2, "INK"), ("bad_value", "lines[1].sku")),
        (line(3, 2), ("missing_field", "lines[1].sku")),
        (line(3, 0, "INK"), ("bad_value", "lines[1].line")),
        ({"line": "1", "qty": 2}, ("missing_field", "lines[1].sku")),
    ],
)
def test_of_an_amendment_that_is_wrong_in_one_line_nothing_is_done(
    house: House, wanted: dict[str, Any], error: tuple[str, str]
) -> None:
    house.order("SO-1", ("PEN", 5), ("INK", 1))

    assert refused(house, line(2, 4), wanted, tier=9) == error


def test_an_order_that_is_not_here_is_not_amended(house: House) -> None:
    assert refused(house, line(1, 2), order="SO-9") == ("unknown_order", "order")


def test_a_cancelled_order_is_not_amended(house: House) -> None:
    house.order("SO-1", ("PEN", 5))
    house.done("order.cancel", {"order": "SO-1"})

    assert refused(house, line(1, 2)) == ("bad_value", "order")


def test_a_shipped_order_to_which_nothing_is_added_is_not_amended(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 2))
    house.scans("CMD:SHIP", "ORD:SO-1")

    assert refused(house, tier=9) == ("shipped", "order")
    assert refused(house, line(1, 2)) == ("shipped", "order")


# -- revisions -----------------------------------------------------------------------------------------------


def test_a_revision_not_above_the_known_one_is_stale(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    amend(house, line(1, 3), revision=2)

    assert refused(house, line(1, 9), revision=2) == ("stale", "revision")
    assert refused(house, line(1, 9), revision=0) == ("stale", "revision")
    amend(house, line(1, 4), revision=3)
    assert house.level("PEN")["waiting"] == 4


def test_the_first_revision_may_be_0_and_without_one_nothing_is_compared(house: House) -> None:
    house.order("SO-1", ("PEN", 1))

    amend(house, line(1, 2), revision=0)
    amend(house, line(1, 3))

    assert refused(house, line(1, 9), revision=0) == ("stale", "revision")
    assert house.level("PEN")["waiting"] == 3


def test_a_refused_amendment_leaves_the_revision_as_it_was(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    assert refused(house, line(1, 1, "INK"), revision=5) == ("bad_value", "lines[0].sku")

    amend(house, line(1, 2), revision=5)

    assert house.level("PEN")["waiting"] == 2
