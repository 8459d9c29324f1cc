"""What an item scan stands for, and what of it is refused: the item, how many, and where (contract 3)."""

from pathlib import Path
from typing import Any

import pytest

from config.settings import Station
from edge.facts import Verdict
from tests.house import PEN_GTIN, House, settings

CASE = "17612345001019"


@pytest.mark.parametrize(
    ("codes", "why", "reason"),
    [
        (["]C110B7"], "needs_item", "The code names no item: scan the item's own code."),
        (["LBL:0000-1"], "unknown_label", "Label 0000-1 is none of this node's."),
        (["NUM:0", "SKU:PEN"], "needs_quantity", "QTY 0 means nothing here: scan QTY from 1 to 999999."),
        (["QTY:0"], "bad_code", "QTY goes from 1 to 999999, not 0."),
        (
            [f"]C101{CASE}3012"],
            "count_differs",
            "The label says 12, the catalogue 10. Count, then scan QTY and the plain code.",
        ),
    ],
)
def test_what_cannot_be_counted_is_refused_and_told(
    house: House, codes: list[str], why: str, reason: str
) -> None:
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": [{"code": CASE, "pack": 10}]}]})

    answer = [house.scan(code) for code in codes][-1]

    assert (answer.why, answer.text) == (why, reason)
    assert (house.told()[-1].type, house.level("PEN")["on_hand"]) == ("scan.rejected", 0)


def test_none_of_an_item_may_be_said_with_a_digit_where_goods_are_counted(house: House) -> None:
    house.receive("PEN", 3, at="A-01")

    house.scans("CMD:COUNT", "LOC:A-01", "NUM:0", "SKU:PEN", "CMD:DONE")

    assert house.level("PEN")["on_hand"] == 0


def one_station(folder: Path, **station: Any) -> House:
    """A house with a station that is not as the others are."""
    return House(settings(folder, stations=(Station(id="dock-1", **station),)))


def test_where_a_station_has_no_place_goods_need_one(tmp_path: Path) -> None:
    house = one_station(tmp_path)

    answer = house.scan("SKU:PEN")
    house.scans("LOC:A-01", "SKU:PEN")

    assert (answer.why, answer.text) == ("needs_place", "Where? Scan the place first.")
    assert house.stock("PEN") == {("location:A-01", ""): 1}
    house.audit()
    house.close()


def test_where_no_printer_is_set_all_is_booked_and_nothing_printed(tmp_path: Path) -> None:
    house = one_station(tmp_path, location="DOCK-1")
    house.order("SO-1", ("PEN", 1))

    house.receive("PEN", 4)
    house.scans("EXP:2026-11-20", "SKU:INK")
    house.scans("CMD:DAMAGE", "LOC:DOCK-1", "SKU:PEN")
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN")

    assert house.stock("PEN") == {("missing:DOCK-1", ""): 3, ("quarantine:DOCK-1", ""): 1}
    assert house.stock("INK") == {("quarantine:DOCK-1", ""): 1}
    assert house.rows("SELECT count(*) FROM labels") == [(0,)]
    house.audit()
    house.close()


def test_where_unknown_items_are_refused_neither_scan_nor_count_takes_one(tmp_path: Path) -> None:
    house = House(settings(tmp_path, unknown="reject"))

    scanned = [house.scan(code) for code in ("SKU:PEN", PEN_GTIN, f"]C101{PEN_GTIN}10B7")]
    counted = house.command(
        "stock.count", {"location": "A-01", "lines": [{"sku": "PEN", "qty": 2}], "force": True}
    )

    assert [(answer.why, answer.text) for answer in scanned] == [
        ("unknown_item", "PEN is not in the catalogue."),
        *[("unknown_item", f"{PEN_GTIN} is not in the catalogue.")] * 2,
    ]
    error = {"code": "unknown_item", "text": "PEN is not in the catalogue.", "at": "lines[0].sku"}
    assert counted["error"] == error
    assert house.rows("SELECT count(*) FROM positions") == [(0,)]
    house.audit()
    house.close()


def test_where_unknown_items_are_refused_none_is_announced(tmp_path: Path) -> None:
    house = House(settings(tmp_path, unknown="reject"))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "name": "Fountain pen"}]})
    pens, ink = {"line": 1, "sku": "PEN", "qty": 2}, {"line": 2, "sku": "INK", "qty": 2}

    house.done("asn.announce", {"asn": "ASN-1", "lines": [pens]})
    refused = house.command("asn.announce", {"asn": "ASN-2", "lines": [pens, ink]})

    error = {"code": "unknown_item", "text": "INK is not in the catalogue.", "at": "lines[1].sku"}
    assert refused["error"] == error
    assert (house.level("PEN")["expected"], house.level("INK")["expected"]) == (2, 0)
    house.audit()
    house.close()


SWALLOWED = (
    "which ends as expiry (17) 270331 does: the scanner may leave out separators. "
    "Have the scanner send GS (0x1D), or name what it sends as gs in the configuration."
)


def test_a_lot_that_seems_to_hold_the_expiry_is_booked_and_asks_to_be_looked_at(house: House) -> None:
    answer = house.scan(f"]C101{PEN_GTIN}10B717270331")

    assert answer.verdict is Verdict.ATTENTION
    assert answer.text == (
        f"1 {PEN_GTIN} at DOCK-1. Is the lot (10) B7? It was read as B717270331, {SWALLOWED}"
    )
    assert house.stock(PEN_GTIN) == {("location:DOCK-1", "B717270331"): 1}


def test_a_lot_alone_names_no_item_and_is_told_what_it_seems_to_hold(house: House) -> None:
    answer = house.scan("]C110B717270331")

    assert (answer.verdict, answer.why) == (Verdict.REJECT, "needs_item")
    assert answer.text == (
        "The code names no item: scan the item's own code."
        f" Is the lot (10) B7? It was read as B717270331, {SWALLOWED}"
    )
