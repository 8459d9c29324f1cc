"""`stock.adjust` (contract sections 4 and 6)."""

from pathlib import Path
from typing import Any

from tests.house import House, Told, settings


def _adjust(house: House, *lines: dict[str, Any]) -> dict[str, Any]:
    return house.command("stock.adjust", {"location": "A-01", "lines": list(lines)})


def _move(qty: int, source: str, target: str, lot: str | None = None) -> dict[str, Any]:
    goods = {"sku": "PEN", "lot": lot, "expiry": None, "pallet": None}
    return {**goods, "qty": qty, "from": source, "to": target}


def test_more_comes_out_of_nowhere_and_serves_who_waits(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.told()

    assert _adjust(house, {"sku": "PEN", "lot": "B7", "qty": 3, "reason": "behind the rack"})["ok"]

    adjusted, *rest = house.told()
    assert adjusted == Told(
        "stock.adjusted",
        {
            **{"sku": "PEN", "qty": 3, "lot": "B7", "expiry": None, "location": "A-01"},
            **{"reason": "command", "note": "behind the rack"},
            "moves": [_move(3, "adjustment", "location:A-01", "B7")],
        },
    )
    assert [each.type for each in rest] == ["backorder.allocated", "order.ready"]
    assert house.promises("SO-1") == {("location:A-01", "B7"): 2}


def test_less_takes_what_nobody_was_promised_first_then_from_the_last(house: House) -> None:
    house.receive("PEN", 3, at="A-01", lot="B7")
    house.receive("PEN", 2, at="A-01", lot="C8")
    house.order("SO-1", ("PEN", 3), express=True)
    house.order("SO-2", ("PEN", 1))
    house.told()

    assert _adjust(house, {"sku": "PEN", "qty": -3})["ok"]

    told = house.told()
    assert [(each.type, each.data.get("lot"), each.data.get("qty")) for each in told[:2]] == [
        ("stock.adjusted", "B7", -1),
        ("stock.adjusted", "C8", -2),
    ]
    assert told[0].data["moves"] == [_move(1, "location:A-01", "adjustment", "B7")]
    assert [(each.type, each.data.get("order"), each.data.get("reason")) for each in told[2:6]] == [
        ("backorder.released", "SO-2", "adjusted"),
        ("backorder.released", "SO-1", "adjusted"),
        ("backorder.waiting", "SO-1", "adjusted"),
        ("backorder.waiting", "SO-2", "adjusted"),
    ]
    assert house.level("PEN")["on_hand"] == 2


def test_a_lot_or_expiry_that_is_given_is_the_one_that_is_adjusted(house: House) -> None:
    house.receive("PEN", 3, at="A-01", lot="B7")
    house.receive("PEN", 3, at="A-01", lot="C8")

    _adjust(
        house,
        {"sku": "PEN", "lot": "C8", "qty": -1},
        {"sku": "PEN", "lot": "D9", "expiry": "2028-01-31", "qty": 1},
    )

    assert house.stock("PEN") == {
        **{("location:A-01", "B7"): 3, ("location:A-01", "C8"): 2, ("location:A-01", "D9"): 1}
    }
    assert house.rows("SELECT expiry FROM positions WHERE lot = 'D9' AND qty > 0") == [("2028-01-31",)]


def test_more_than_is_there_cannot_be_taken_away(house: House) -> None:
    house.receive("PEN", 3, at="A-01", lot="B7")
    house.told()

    answer = _adjust(house, {"sku": "PEN", "qty": -4}, {"sku": "PEN", "lot": "C8", "qty": -1})

    assert not answer["ok"]
    assert answer["error"] == {
        **{"code": "out_of_range", "at": "lines[0].qty"},
        "text": "A-01 has 3 PEN: 4 cannot be taken away.",
    }
    assert answer["refused"][1] == {
        **{"at": "lines[1].qty", "code": "out_of_range"},
        "text": "A-01 has 0 PEN of lot C8: 1 cannot be taken away.",
    }
    assert house.told() == []
    assert house.level("PEN")["on_hand"] == 3


def test_good_entries_are_booked_and_the_bad_ones_named(house: House) -> None:
    house.receive("PEN", 3, at="A-01")

    answer = _adjust(
        house,
        {"sku": "PEN", "qty": 0},
        {"sku": "PEN", "qty": -9},
        {"sku": "PEN", "qty": -2, "reason": "broken"},
    )

    assert answer["ok"]
    assert [(entry["at"], entry["code"]) for entry in answer["refused"]] == [
        ("lines[0].qty", "bad_value"),
        ("lines[1].qty", "out_of_range"),
    ]
    assert house.level("PEN")["on_hand"] == 1


def test_a_line_may_take_what_the_one_before_it_brought(house: House) -> None:
    assert _adjust(house, {"sku": "PEN", "qty": 3}, {"sku": "PEN", "qty": -3})["ok"]

    assert house.stock("PEN") == {}


def test_an_item_that_the_catalogue_lacks_is_taken_in_and_its_data_asked_for(house: House) -> None:
    assert _adjust(house, {"sku": "NIB", "qty": 1})["ok"]

    assert house.exceptions() == [("unknown_item", "NIB")]


def test_where_unknown_items_are_rejected_they_are_refused(tmp_path: Path) -> None:
    house = House(settings(tmp_path, unknown="reject"))

    answer = _adjust(house, {"sku": "NIB", "qty": 1})

    assert answer["error"] == {
        **{"code": "unknown_item", "at": "lines[0].sku"},
        "text": "NIB is not in the catalogue.",
    }
    house.audit()
    house.close()
