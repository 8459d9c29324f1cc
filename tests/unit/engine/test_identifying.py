"""Goods received before their master data become the item's, wherever they stand (contract section 4)."""

from pathlib import Path

from edge.domain.stations import MODES
from edge.facts import Verdict
from tests.house import PEN_GTIN, House, settings

EAN = PEN_GTIN[1:]
SSCC = "376130321109103420"


def _learn(house: House, pack: int = 12) -> None:
    house.told()
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": [{"code": EAN, "pack": pack}]}]})


def test_goods_that_are_missing_or_in_quarantine_become_the_items_too(house: House) -> None:
    house.scans("LOC:A-01", "QTY:5", "LOT:B7", EAN)
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", EAN)
    house.scans("CMD:DAMAGE", "LOC:A-01", "QTY:1", EAN)

    _learn(house)

    assert house.stock(PEN_GTIN) == {}
    assert house.stock("PEN") == {
        **{("location:A-01", "B7"): 24, ("missing:A-01", "B7"): 24, ("quarantine:A-01", "B7"): 12}
    }
    level = house.level("PEN")
    assert (level["on_hand"], level["missing"], level["quarantine"]) == (24, 24, 12)
    assert [(each.data["qty"], [m["from"] for m in each.data["moves"]]) for each in house.told()[:3]] == [
        (24, ["location:A-01", "identified"]),
        (24, ["missing:A-01", "identified"]),
        (12, ["quarantine:A-01", "identified"]),
    ]


def test_what_has_to_be_seen_to_at_a_place_is_about_the_item_from_then_on(house: House) -> None:
    house.scans("LOC:A-01", "QTY:5", EAN)
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", EAN)
    house.scans("CMD:DAMAGE", "LOC:A-01", EAN)

    _learn(house)
    assert house.exceptions() == [("count_needed", "A-01 PEN"), ("damaged", "A-01 PEN")]

    house.scans("CMD:FOUND", "LOC:A-01", EAN)
    assert house.exceptions() == [("damaged", "A-01 PEN")]


def test_who_was_promised_goods_under_their_digits_waits_and_a_person_is_told(house: House) -> None:
    house.order("SO-1", (PEN_GTIN, 2))
    house.order("SO-2", ("PEN", 30))
    house.scans("QTY:3", EAN)
    assert house.promises("SO-1") == {("location:DOCK-1", ""): 2}

    _learn(house)

    told = house.told()
    assert [(each.type, each.data.get("order")) for each in told if not each.type.startswith("exc")] == [
        ("stock.identified", None),
        ("backorder.released", "SO-1"),
        ("backorder.allocated", "SO-2"),
        ("backorder.waiting", "SO-1"),
        ("order.unfulfillable", "SO-1"),
        ("order.ready", "SO-2"),
    ]
    assert {each.data["reason"] for each in told if each.type == "backorder.released"} == {"adjusted"}
    assert (house.promises("SO-1"), house.promises("SO-2")) == ({}, {("location:DOCK-1", ""): 30})
    # Only central may say that SO-1 meant the pen: until then its item is one that nobody knows.
    assert house.exceptions() == [("unfulfillable", "SO-1"), ("unknown_item", PEN_GTIN)]


def test_goods_in_somebodys_hands_are_put_down_as_the_items(house: House) -> None:
    house.scans("QTY:3", EAN)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:2", EAN)

    _learn(house)
    house.scans("LOC:A-01")

    assert house.stock("PEN") == {("location:A-01", ""): 24, ("location:DOCK-1", ""): 12}


def test_a_label_printed_before_stands_for_the_items_goods(house: House) -> None:
    house.scans("QTY:3", EAN)
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'putaway'")

    _learn(house)
    house.scans("CMD:MOVE", "LOC:DOCK-1", f"LBL:{label}", "LOC:A-01")

    assert house.stock("PEN") == {("location:A-01", ""): 36}


def test_a_receipt_whose_goods_were_identified_since_cannot_be_undone(house: House) -> None:
    house.scans("QTY:3", EAN)

    _learn(house)

    assert house.scan("CMD:UNDO").why == "built_upon"


def test_an_item_that_the_catalogue_lacks_is_asked_for_however_it_comes_in(house: House) -> None:
    house.scans("CMD:MOVE", "LOC:A-01", "SKU:CAP", "LOC:B-01")
    house.scans("CMD:FOUND", "LOC:A-01", "QTY:1", "SKU:INK")
    pallet = {"sscc": SSCC, "contents": [{"sku": "NIB", "qty": 10}]}
    house.done("asn.announce", {"asn": "ASN-1", "pallets": [pallet]})
    assert ("unknown_item", "NIB") not in house.exceptions()

    assert house.scans("CMD:RECEIVE", f"00{SSCC}").verdict is Verdict.ATTENTION

    unknown = [about for kind, about in house.exceptions() if kind == "unknown_item"]
    assert unknown == ["CAP", "INK", "NIB"]


def test_where_unknown_items_are_refused_no_scan_and_no_command_brings_one(tmp_path: Path) -> None:
    house = House(settings(tmp_path, unknown="reject"))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.order("SO-1", ("PEN", 1))
    line = {"line": 1, "sku": "INK", "qty": 1}
    whys = {
        mode: [house.scan(code).why for code in (f"CMD:{mode}", "ORD:SO-1", "LOC:A-01", "SKU:INK")][-1]
        for mode in map(str.upper, MODES)
        if mode not in ("SHIP", "LEARN")
    }
    errors = [
        (answer["error"]["code"], answer["error"]["at"])
        for answer in (
            house.command("order.place", {"order": "SO-2", "lines": [line]}),
            house.command("order.amend", {"order": "SO-1", "lines": [{**line, "line": 2}]}),
            house.command("asn.announce", {"asn": "A-1", "lines": [line]}),
            house.command(
                "asn.announce",
                {"asn": "A-1", "pallets": [{"sscc": SSCC, "contents": [{"sku": "INK", "qty": 1}]}]},
            ),
            house.command("stock.count", {"location": "A-01", "lines": [{"sku": "INK", "qty": 1}]}),
            house.command("stock.adjust", {"location": "A-01", "lines": [{"sku": "INK", "qty": 1}]}),
        )
    ]

    assert set(whys.values()) == {"unknown_item"}, whys
    assert errors == [
        *(("unknown_item", "lines[0].sku"),) * 3,
        ("unknown_item", "pallets[0].contents[0].sku"),
        *(("unknown_item", "lines[0].sku"),) * 2,
    ]
    house.audit()
    house.close()
