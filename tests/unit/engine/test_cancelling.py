"""Orders cancelled: what is picked, shipped or cancelled before, and what goes back (contract sections 6 and 7)."""

import json
from pathlib import Path
from typing import Any

import pytest

from config.settings import Labels, Station
from tests.house import House, Told, settings

DOCK = ("location:DOCK-1", "")


def pick(house: House, sku: str, qty: int, order: str = "SO-1") -> None:
    house.scans("CMD:PICK", f"ORD:{order}", "LOC:DOCK-1", f"QTY:{qty}", f"SKU:{sku}")


def cancel(house: House, order: str = "SO-1", **fields: Any) -> dict[str, Any]:
    return house.done("order.cancel", {"order": order, **fields})


def labels(house: House) -> list[dict[str, str]]:
    """The fields of the restock labels, without their ids."""
    contents = house.rows("SELECT content FROM labels WHERE kind = 'restock' ORDER BY job")
    found = [json.loads(content)["fields"] for (content,) in contents]
    return [{name: value for name, value in fields.items() if name != "label"} for fields in found]


@pytest.fixture
def picked(house: House) -> House:
    """SO-1 has 2 PEN picked, 1 promised, 1 waiting, and waits for INK; SO-2 waits for PEN."""
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "name": "Pen", "home": "A-01"}, {"sku": "INK"}]})
    house.order("SO-1", ("PEN", 4), ("INK", 1), tier=5)
    house.receive("PEN", 3)
    house.order("SO-2", ("PEN", 2))
    pick(house, "PEN", 2)
    house.told()
    return house


def test_what_is_picked_is_named_and_stays_until_it_is_put_back(picked: House) -> None:
    answer = cancel(picked)

    assert answer["picked"] == [{"line": 1, "sku": "PEN", "qty": 2}]
    told = picked.told()
    assert [each.type for each in told] == [
        *("backorder.released", "backorder.allocated", "order.cancelled", "exception.raised"),
    ]
    assert told[2] == Told("order.cancelled", {"order": "SO-1", "complete": True})
    assert picked.exceptions() == [("restock", "SO-1")]
    assert picked.stock("PEN") == {DOCK: 1, ("picked:SO-1", ""): 2}
    assert picked.promises("SO-2") == {DOCK: 1}


def test_goods_to_be_put_back_get_a_label_that_says_where_they_belong(picked: House) -> None:
    cancel(picked)

    assert labels(picked) == [
        {
            **{"order": "SO-1", "home": "A-01", "sku": "PEN", "name": "Pen", "quantity": "2"},
            **{"lot": "", "expiry": "", "reason": "SO-1: cancelled"},
        }
    ]


def test_put_back_by_their_label_they_serve_who_waits(picked: House) -> None:
    cancel(picked)
    ((label,),) = picked.rows("SELECT label FROM labels WHERE kind = 'restock'")
    picked.told()

    picked.scans("CMD:RETURN", "ORD:SO-1", f"LBL:{label}")

    assert picked.types() == ["stock.returned", "backorder.allocated", "order.ready", "exception.cleared"]
    assert (picked.exceptions(), picked.promises("SO-2")) == ([], {DOCK: 2})
    assert picked.level("PEN")["waiting"] == 0


def test_where_their_pick_is_undone_nothing_is_left_to_put_back(picked: House) -> None:
    cancel(picked)

    picked.scans("CMD:UNDO")

    assert picked.exceptions() == []
    assert picked.promises("SO-2") == {DOCK: 2}
    assert picked.level("PEN")["waiting"] == 0


def test_where_putting_back_is_undone_they_are_to_be_put_back_again(picked: House) -> None:
    cancel(picked)
    picked.scans("CMD:RETURN", "ORD:SO-1", "QTY:2", "SKU:PEN")
    assert picked.exceptions() == []

    picked.scans("CMD:UNDO")

    assert picked.exceptions() == [("restock", "SO-1"), ("unfulfillable", "SO-2")]
    assert picked.stock("PEN") == {DOCK: 1, ("picked:SO-1", ""): 2}


def test_a_line_that_is_picked_whole_can_be_cancelled_and_its_goods_are_not_wanted_back(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.receive("PEN", 2)
    pick(house, "PEN", 2)

    assert cancel(house, lines=[1])["picked"] == [{"line": 1, "sku": "PEN", "qty": 2}]
    house.scans("CMD:RETURN", "ORD:SO-1", "QTY:2", "SKU:PEN")

    assert (house.level("PEN")["waiting"], house.promises("SO-1")) == (0, {})
    assert ("restock", "SO-1") not in house.exceptions()


def test_a_picked_line_may_still_leave_when_another_is_cancelled(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.receive("PEN", 2)
    pick(house, "PEN", 2)
    house.told()

    assert "picked" not in cancel(house, lines=[2])
    house.scans("CMD:SHIP", "ORD:SO-1")

    cancelled, ready, _, shipped = house.told()
    assert cancelled == Told("order.cancelled", {"order": "SO-1", "complete": False, "lines": [2]})
    assert (ready.type, shipped.data["complete"]) == ("order.ready", True)


def test_one_exception_names_all_that_is_to_be_put_back(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.receive("PEN", 2)
    house.receive("INK", 1, lot="I7")
    pick(house, "PEN", 2)
    pick(house, "INK", 1)

    cancel(house, lines=[2])
    cancel(house)

    ((text,),) = house.rows("SELECT text FROM exceptions WHERE kind = 'restock' AND cleared_at IS NULL")
    assert text == "2 PEN, 1 INK picked for SO-1 go back: they are cancelled."
    assert [(fields["sku"], fields["lot"]) for fields in labels(house)] == [("INK", "I7"), ("PEN", "")]


def test_no_label_is_printed_where_no_printer_serves_the_whole_site(tmp_path: Path) -> None:
    stations = (
        Station(id="dock-1", location="DOCK-1", printer="zebra-1"),
        Station(id="dock-2", location="DOCK-2", printer="zebra-2"),
    )
    house = House(settings(tmp_path, stations=stations))
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    pick(house, "PEN", 2)

    cancel(house)

    assert (labels(house), ("restock", "SO-1") in house.exceptions()) == ([], True)
    house.audit()
    house.close()


def test_the_sites_own_printer_prints_what_no_station_asked_for(tmp_path: Path) -> None:
    house = House(settings(tmp_path).model_copy(update={"labels": Labels(printer="office")}))
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    pick(house, "PEN", 2)

    cancel(house)

    assert house.rows("SELECT printer FROM labels WHERE kind = 'restock'") == [("office",)]
    house.audit()
    house.close()


# -- shipped, cancelled before -------------------------------------------------------------------------------


def test_a_shipped_order_is_not_cancelled(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 2))
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.told()

    answer = house.command("order.cancel", {"order": "SO-1"})

    assert answer["error"] == {
        "code": "shipped",
        "text": "Order SO-1 is shipped: nothing is left to cancel.",
        "at": "order",
    }
    assert house.told() == []


def test_of_an_order_that_left_in_part_the_rest_is_cancelled_and_it_is_never_ready(house: House) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 5), ("INK", 1))
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.told()

    cancel(house)

    assert house.told() == [Told("order.cancelled", {"order": "SO-1", "complete": True})]
    assert (house.level("PEN")["waiting"], house.level("INK")["waiting"]) == (0, 0)


def test_an_order_whose_other_lines_have_left_is_not_ready_when_its_last_line_is_cancelled(
    house: House,
) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.scans("CMD:SHIP", "ORD:SO-1")
    house.told()

    cancel(house, lines=[2])

    assert house.types() == ["order.cancelled"]
    assert house.command("order.cancel", {"order": "SO-1"})["error"]["code"] == "shipped"


def test_an_order_of_which_every_line_is_cancelled_one_by_one_is_cancelled(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("INK", 1))

    cancel(house, lines=[1])
    cancel(house, lines=[2])

    assert house.rows("SELECT status FROM orders") == [("cancelled",)]
    assert [x.data.get("complete") for x in house.told() if x.type == "order.cancelled"] == [False, True]


def test_cancelled_again_it_changes_nothing_and_names_what_is_picked_all_the_same(picked: House) -> None:
    first = cancel(picked)
    picked.told()
    count = picked.rows("SELECT count(*) FROM labels")

    again = cancel(picked)
    line = cancel(picked, lines=[1])

    assert again["picked"] == line["picked"] == first["picked"]
    assert (picked.told(), picked.rows("SELECT count(*) FROM labels")) == ([], count)


def test_exceptions_about_an_order_end_with_it(house: House) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 3), ship_by="2026-11-21T09:00:00Z")
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN")
    house.done("order.hold", {"order": "SO-1", "reason": "unpaid"})
    about = {kind for kind, about in house.exceptions() if about == "SO-1"}
    assert about == {"late", "on_hold", "unfulfillable"}

    cancel(house)

    assert "SO-1" not in {about for _, about in house.exceptions()}


# -- left without a scan -------------------------------------------------------------------------------------


def test_an_order_leaves_without_a_scan(picked: House) -> None:
    picked.done("order.ship", {"order": "SO-1"})

    *goods, shipped = picked.told()
    assert [(each.type, each.data["qty"]) for each in goods] == [("stock.shipped", 2), ("stock.shipped", 1)]
    lines = [{"line": 1, "sku": "PEN", "qty": 3}]
    assert shipped == Told("order.shipped", {"order": "SO-1", "complete": False, "lines": lines})


def test_some_lines_of_an_order_leave_without_a_scan(house: House) -> None:
    house.receive("PEN", 1)
    house.receive("INK", 1)
    house.order("SO-1", ("PEN", 1), ("INK", 1))
    house.told()

    house.done("order.ship", {"order": "SO-1", "lines": [2]})

    assert [x.data["lines"] for x in house.told() if x.type == "order.shipped"] == [
        [{"line": 2, "sku": "INK", "qty": 1}]
    ]
    assert house.promises("SO-1") == {DOCK: 1}


@pytest.mark.parametrize(
    ("data", "code", "at"),
    [
        ({"order": "SO-9"}, "unknown_order", "order"),
        ({"order": "SO-1"}, "bad_value", "order"),
        ({"order": "SO-1", "lines": [2]}, "bad_value", "lines"),
        ({"order": "SO-1", "lines": [2, 7]}, "bad_value", "lines[1]"),
        ({"order": "SO-2"}, "shipped", "order"),
        ({"order": "SO-3"}, "bad_value", "order"),
    ],
)
def test_what_cannot_leave_does_not(house: House, data: dict[str, Any], code: str, at: str) -> None:
    house.receive("CAP", 1)
    house.order("SO-1", ("PEN", 1), ("INK", 1))
    house.order("SO-2", ("CAP", 1))
    house.order("SO-3", ("PEN", 1))
    house.done("order.ship", {"order": "SO-2"})
    cancel(house, "SO-3")
    house.told()

    error = house.command("order.ship", data)["error"]

    assert ((error["code"], error["at"]), house.told()) == ((code, at), [])
