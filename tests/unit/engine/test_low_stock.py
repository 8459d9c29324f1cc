"""An item that runs low is told once, before anyone waits."""

from edge.facts import Verdict
from tests.house import House


def _with_threshold(house: House, low_stock: int) -> None:
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "low_stock": low_stock}]})


def _lows(house: House) -> list[tuple[int, int]]:
    return [
        (told.data["available"], told.data["threshold"]) for told in house.told() if told.type == "stock.low"
    ]


def test_an_item_that_falls_below_its_threshold_is_told_once(house: House) -> None:
    _with_threshold(house, 3)
    house.receive("PEN", 5)
    assert _lows(house) == []

    house.order("SO-1", ("PEN", 2))
    assert _lows(house) == []
    house.order("SO-2", ("PEN", 1))
    house.order("SO-3", ("PEN", 1))

    assert _lows(house) == [(2, 3)]
    assert house.exceptions() == [("low_stock", "PEN")]


def test_it_is_told_again_only_after_it_rose(house: House) -> None:
    _with_threshold(house, 3)
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 1))
    house.receive("PEN", 1)
    assert house.exceptions() == []
    house.told()

    house.order("SO-2", ("PEN", 1))

    assert _lows(house) == [(2, 3)]


def test_an_item_that_never_was_here_does_not_fall(house: House) -> None:
    _with_threshold(house, 3)
    house.receive("PEN", 2)

    assert _lows(house) == []


def test_the_scan_by_which_it_falls_asks_to_look(house: House) -> None:
    _with_threshold(house, 3)
    house.receive("PEN", 3)

    answer = house.scans("CMD:DAMAGE", "LOC:DOCK-1", "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert _lows(house) == [(2, 3)]


def test_it_comes_after_the_orders_and_before_the_exceptions(house: House) -> None:
    _with_threshold(house, 3)
    house.receive("PEN", 3)
    house.told()

    house.order("SO-1", ("PEN", 1))

    assert house.types() == [
        "backorder.allocated",
        "order.ready",
        "stock.low",
        "exception.raised",
    ]


def test_an_item_without_threshold_is_never_low(house: House) -> None:
    house.receive("PEN", 1)
    house.order("SO-1", ("PEN", 1))

    assert _lows(house) == []


def test_a_lower_threshold_ends_what_was_low(house: House) -> None:
    _with_threshold(house, 3)
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 1))
    assert house.exceptions() == [("low_stock", "PEN")]

    _with_threshold(house, 2)

    assert house.exceptions() == []
