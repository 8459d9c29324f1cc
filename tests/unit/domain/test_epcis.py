"""Our events in the words of EPCIS 2.0."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.domain.epcis import TYPES, Translator, document, event_id
from edge.domain.epcis_names import Names
from sync.events import EVENTS

GTINS = {"PEN": "07612345001012"}
PALLET = "376123450000000429"

LEFT_OUT = {
    # A name in our catalogue: the goods are what they were, and nobody did anything to them.
    *("stock.identified", "catalogue.learned"),
    # What is lacking, expected or late: nothing happened to goods.
    *("stock.low", "backorder.waiting", "backorder.eta"),
    # The state of an order; what it is given and what leaves for it is told with the goods.
    *("order.ready", "order.cancelled", "order.held", "order.resumed", "order.late", "order.shipped"),
    "order.unfulfillable",
    # Our own paper, devices and people.
    *("label.printed", "label.failed", "exception.raised", "exception.cleared", "scan.rejected"),
}


def move(sku: str, qty: int, source: str, target: str, **goods: Any) -> dict[str, Any]:
    return {
        "sku": sku,
        "lot": None,
        "expiry": None,
        "pallet": None,
        "qty": qty,
        "from": source,
        "to": target,
    } | goods


def event(
    type_: str, data: dict[str, Any], *, seq: int = 42, time: str = "2026-11-21T09:30:00.123Z"
) -> dict[str, Any]:
    id_ = f"par1/dock-a/2f9c/{seq}"
    return {"id": id_, "type": f"crossdock.{type_}", "time": time, "seq": seq, "booking": 42, "data": data}


def stock(type_: str, *moves: dict[str, Any], **more: Any) -> dict[str, Any]:
    first = moves[0]
    data = {
        "sku": first["sku"],
        "qty": sum(each["qty"] for each in moves),
        "lot": first["lot"],
        "location": "A-01",
    }
    return event(type_, {**data, "moves": list(moves), **more})


def told(*asked: Any, zone: str = "Europe/Paris") -> list[dict[str, Any]]:
    names = Names("par1", "dock-a", lambda sku: GTINS.get(sku, ""))
    return Translator(names, ZoneInfo(zone)).events(*asked)


def test_every_event_is_told_or_left_out_on_purpose() -> None:
    assert EVENTS.keys() == TYPES | LEFT_OUT
    assert not TYPES & LEFT_OUT
    assert all(told(event(name, {})) == [] for name in LEFT_OUT)


def test_a_receipt_is_received_at_its_place_for_its_papers() -> None:
    came = move("PEN", 12, "supplier:4711", "location:A-01", lot="B7", expiry="2027-03-01")

    assert told(stock("stock.received", came, po="4711", asn="ASN/1", serial=None, pack=1)) == [
        {
            "type": "ObjectEvent",
            "eventID": event_id({"id": "par1/dock-a/2f9c/42"}, "goods"),
            "eventTime": "2026-11-21T09:30:00.123Z",
            "eventTimeZoneOffset": "+01:00",
            "action": "OBSERVE",
            "quantityList": [{"epcClass": "https://id.gs1.org/01/07612345001012/10/B7", "quantity": 12}],
            "bizStep": "receiving",
            "disposition": "in_progress",
            "readPoint": {"id": "urn:crossdock:par1:dock-a:location:A-01"},
            "bizLocation": {"id": "urn:crossdock:par1:dock-a:location:A-01"},
            "bizTransactionList": [
                {"type": "po", "bizTransaction": "urn:crossdock:par1:dock-a:po:4711"},
                {"type": "desadv", "bizTransaction": "urn:crossdock:par1:dock-a:asn:ASN%2F1"},
            ],
        }
    ]


def test_goods_on_a_pallet_are_also_seen_on_it() -> None:
    goods, pallet = told(
        stock(
            "stock.received",
            move("PEN", 3, "supplier:-", "location:A-01", pallet=PALLET),
            move("PEN", 2, "supplier:-", "location:A-01", pallet=PALLET),
            move("PEN", 4, "supplier:-", "location:A-01"),
        )
    )

    assert goods["quantityList"] == [{"epcClass": "https://id.gs1.org/01/07612345001012", "quantity": 9}]
    assert pallet["eventID"] != goods["eventID"]
    assert {
        name: pallet[name] for name in ("type", "parentID", "action", "childQuantityList", "bizStep")
    } == {
        "type": "AggregationEvent",
        "parentID": "https://id.gs1.org/00/376123450000000429",
        "action": "OBSERVE",
        "childQuantityList": [{"epcClass": "https://id.gs1.org/01/07612345001012", "quantity": 5}],
        "bizStep": "receiving",
    }


def test_one_piece_with_a_serial_is_told_as_itself_on_its_pallet_too() -> None:
    came = move("PEN", 1, "supplier:-", "location:A-01", pallet=PALLET)

    goods, pallet = told(stock("stock.received", came, serial="S/1", pack=1))

    assert goods["epcList"] == pallet["childEPCs"] == ["https://id.gs1.org/01/07612345001012/21/S%2F1"]
    assert "quantityList" not in goods


def test_the_serial_of_a_carton_is_none_of_its_pieces() -> None:
    came = move("PEN", 12, "supplier:-", "location:A-01")

    (goods,) = told(stock("stock.received", came, serial="S1", pack=12))

    assert goods["quantityList"] == [{"epcClass": "https://id.gs1.org/01/07612345001012", "quantity": 12}]


PLACE, SHELF = "urn:crossdock:par1:dock-a:location:A-01", "location:A-01"


@pytest.mark.parametrize(
    ("name", "source", "target", "more", "action", "step", "disposition", "stays"),
    [
        ("received", "supplier:-", "quarantine:A-01", {}, "OBSERVE", "receiving", "expired", True),
        ("found", "missing:A-01", SHELF, {}, "OBSERVE", "inspecting", "available", True),
        ("returned", "customer:SO-1", SHELF, {}, "OBSERVE", "receiving", "returned", True),
        ("returned", "picked:SO-1", SHELF, {}, "OBSERVE", "storing", "in_progress", True),
        ("damaged", SHELF, "quarantine:A-01", {}, "OBSERVE", "inspecting", "damaged", True),
        ("damaged", SHELF, "quarantine:A-01", {"reason": "expired"}, "OBSERVE", "holding", "expired", True),
        ("released", "quarantine:A-01", SHELF, {}, "OBSERVE", "inspecting", "available", True),
        ("scrapped", "quarantine:A-01", "scrap", {}, "DELETE", "destroying", "destroyed", False),
        ("picked", SHELF, "picked:SO-1", {}, "OBSERVE", "picking", "in_progress", False),
        ("shipped", SHELF, "customer:SO-1", {}, "OBSERVE", "shipping", "in_transit", False),
        ("missing", SHELF, "missing:A-01", {}, "OBSERVE", "inspecting", "unavailable", False),
        ("adjusted", "adjustment", SHELF, {"qty": 3}, "OBSERVE", "other", None, True),
        ("adjusted", SHELF, "adjustment", {"qty": -3}, "DELETE", "other", None, False),
    ],
)
def test_each_way_that_stock_moves_is_a_step_of_the_trade(
    name: str,
    source: str,
    target: str,
    more: Any,
    action: str,
    step: str,
    disposition: str | None,
    stays: bool,
) -> None:
    (goods,) = told(stock(f"stock.{name}", move("PEN", 3, source, target), **more))

    assert (goods["action"], goods["bizStep"], goods.get("disposition")) == (action, step, disposition)
    assert goods["readPoint"] == {"id": PLACE}
    assert goods.get("bizLocation") == ({"id": PLACE} if stays else None)
    assert goods["quantityList"] == [{"epcClass": "https://id.gs1.org/01/07612345001012", "quantity": 3}]


def test_a_move_is_stored_where_it_went() -> None:
    moved = move("INK", 3, SHELF, "location:B-02")

    (goods,) = told(
        event("stock.moved", {"sku": "INK", "lot": None, "from": "A-01", "to": "B-02", "moves": [moved]})
    )

    assert goods["bizStep"] == "storing"
    assert goods["bizLocation"] == {"id": "urn:crossdock:par1:dock-a:location:B-02"}


def test_a_count_says_how_many_were_counted_though_nothing_moved() -> None:
    data: dict[str, Any] = {"location": "A-01", "sku": "INK", "lot": None, "expected": 5, "counted": 5}
    data["moves"] = []

    (goods,) = told(event("stock.counted", data))

    assert goods["bizStep"] == "cycle_counting"
    assert goods["quantityList"] == [{"epcClass": "urn:crossdock:par1:dock-a:item:INK", "quantity": 5}]


def test_what_comes_back_is_put_back_where_it_was_picked_and_received_where_it_had_left() -> None:
    back, received = told(
        stock("stock.returned", move("INK", 1, "picked:SO-1", SHELF), move("INK", 2, "customer:SO-1", SHELF))
    )

    assert [(each["bizStep"], each["quantityList"][0]["quantity"]) for each in (back, received)] == [
        ("storing", 1),
        ("receiving", 2),
    ]
    assert back["eventID"] != received["eventID"]


def test_goods_picked_before_leave_from_the_station() -> None:
    left = stock(
        "stock.shipped", move("INK", 1, "picked:SO-1", "customer:SO-1"), location=None, station="dock-1"
    )

    assert told(left)[0]["readPoint"] == {"id": "urn:crossdock:par1:dock-a:station:dock-1"}


def test_goods_that_a_command_ships_leave_from_no_known_place() -> None:
    left = stock("stock.shipped", move("INK", 1, "picked:SO-1", "customer:SO-1"), location=None, order="SO-1")

    assert "readPoint" not in told(left)[0]


def test_a_promise_is_goods_reserved_for_an_order_and_its_end_takes_them_from_it() -> None:
    data = {"order": "SO-1", "line": 1, "sku": "PEN", "qty": 2, "lot": "B7", "location": "A-01"}

    given, ended = told(event("backorder.allocated", data)) + told(event("backorder.released", data, seq=43))

    assert given == {
        "type": "TransactionEvent",
        "eventID": event_id({"id": "par1/dock-a/2f9c/42"}, "order"),
        "eventTime": "2026-11-21T09:30:00.123Z",
        "eventTimeZoneOffset": "+01:00",
        "bizTransactionList": [{"type": "poc", "bizTransaction": "urn:crossdock:par1:dock-a:order:SO-1"}],
        "action": "ADD",
        "quantityList": [{"epcClass": "https://id.gs1.org/01/07612345001012/10/B7", "quantity": 2}],
        "bizStep": "reserving",
        "disposition": "reserved",
        "readPoint": {"id": PLACE},
        "bizLocation": {"id": PLACE},
    }
    assert (ended["action"], ended["bizStep"], ended.get("disposition")) == ("DELETE", "reserving", None)


def test_an_undo_declares_that_what_it_takes_back_did_not_occur() -> None:
    received = stock("stock.received", move("PEN", 3, "supplier:-", SHELF, pallet=PALLET))
    given = event(
        "backorder.allocated", {"order": "SO-1", "sku": "PEN", "qty": 2, "lot": None, "location": "A-01"}
    )
    undo = event("undo", {"undoes": 42, "moves": []}, time="2026-11-21T09:35:00.000Z")

    declared = told(undo, [received, given])

    wrong = {"declarationTime": "2026-11-21T09:35:00.000Z", "reason": "did_not_occur"}
    assert declared == [{**each, "errorDeclaration": wrong} for each in told(received)]
    assert [each["type"] for each in declared] == ["ObjectEvent", "AggregationEvent"]


def test_an_undo_told_in_several_events_declares_once() -> None:
    received = stock("stock.received", move("PEN", 3, "supplier:-", SHELF))

    assert told(event("undo", {"undoes": 1, "moves": []}, seq=43), [received]) == []


@pytest.mark.parametrize(
    ("zone", "time", "offset"),
    [
        ("Europe/Paris", "2026-07-01T00:00:00.000Z", "+02:00"),
        ("America/St_Johns", "2026-11-21T09:30:00.123Z", "-03:30"),
        ("UTC", "2026-11-21T09:30:00.123Z", "+00:00"),
    ],
)
def test_the_offset_is_the_sites_at_that_time(zone: str, time: str, offset: str) -> None:
    found = stock("stock.found", move("PEN", 1, "missing:A-01", SHELF)) | {"time": time}

    assert told(found, zone=zone)[0]["eventTimeZoneOffset"] == offset


def test_a_document_of_nothing_is_whole() -> None:
    assert "".join(document([], created="2026-11-21T09:30:00.000Z")) == (
        '{"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument",'
        ' "schemaVersion": "2.0", "creationDate": "2026-11-21T09:30:00.000Z", "epcisBody": {"eventList": [\n]}}\n'
    )


def test_a_document_has_an_event_to_the_line() -> None:
    found = told(stock("stock.found", move("PEN", 1, "missing:A-01", SHELF)))

    text = "".join(document(found * 2, created="2026-11-21T09:30:00.000Z"))

    assert json.loads(text)["epcisBody"]["eventList"] == found * 2
    assert [json.loads(line.rstrip(",")) for line in text.splitlines()[1:-1]] == found * 2


NAMES = Names("par1", "dock-a", lambda sku: GTINS.get(sku, ""))


@pytest.mark.parametrize(
    ("sku", "lot", "name"),
    [
        ("PEN", None, "https://id.gs1.org/01/07612345001012"),
        ("PEN", "A/1", "https://id.gs1.org/01/07612345001012/10/A%2F1"),
        ("07612345009995", None, "https://id.gs1.org/01/07612345009995"),
        # A number of their own may look like a GTIN-8 by chance.
        ("96385074", None, "urn:crossdock:par1:dock-a:item:96385074"),
        ("07612345009990", None, "urn:crossdock:par1:dock-a:item:07612345009990"),
        ("INK 5 ml", "B:7", "urn:crossdock:par1:dock-a:item:INK%205%20ml:lot:B%3A7"),
        # GS1 has no lots of more than 20 characters, nor with a blank in them (AI 10).
        ("PEN", "L" * 21, f"urn:crossdock:par1:dock-a:item:PEN:lot:{'L' * 21}"),
        ("PEN", "B 7", "urn:crossdock:par1:dock-a:item:PEN:lot:B%207"),
    ],
)
def test_an_item_is_named_by_its_gtin_where_gs1_can_say_all_of_it(
    sku: str, lot: str | None, name: str
) -> None:
    assert NAMES.item(sku, lot) == name


def test_what_has_no_number_of_gs1_has_a_name_of_the_nodes() -> None:
    assert NAMES.pallet("PAL-1") == "urn:crossdock:par1:dock-a:pallet:PAL-1"
    assert NAMES.unit("INK", "S1") == "urn:crossdock:par1:dock-a:item:INK:serial:S1"
