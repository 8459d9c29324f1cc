"""What comes on `cmd`: read or refused, never raised."""

import json
from typing import Any

import pytest

from edge.domain.requests import (
    AnnounceAsn,
    AnnouncedLine,
    AnnouncedPallet,
    AsOf,
    CancelOrder,
    CatalogueItem,
    CountLine,
    CountStock,
    HoldOrder,
    ItemCode,
    OrderLine,
    PlaceOrder,
    RefusedEntry,
    ResumeOrder,
    UpsertCatalogue,
)
from edge.facts import CommandReceived, ReplyTo
from sync.reading import read_command
from tests.commands import LINE, ORDER, command, envelope, received, refused


def test_an_order_is_read_with_everything_it_may_have() -> None:
    data = {
        "order": "SO-1",
        "placed_at": "2026-11-20T08:00:00Z",
        "promised_at": "2026-11-20T09:00:00.5+01:00",
        "not_before": None,
        "ship_by": "2026-11-21T08:00:00-00:00",
        "express": True,
        "tier": 5,
        "fill": "line",
        "customer": "Zoë & Söhne",
        "lane": "L1",
        "ext": {"b": [1, {"a": None}]},
        "lines": [LINE, {"line": "1", "sku": "INK", "qty": 1_000_000}],
    }

    fact = read_command(command(data=data), ReplyTo("central/replies", b"\x01"))

    assert isinstance(fact, CommandReceived)
    assert (fact.source, fact.id, fact.type) == ("/erp", "c-881", "order.place")
    assert fact.reply_to == ReplyTo("central/replies", b"\x01")
    assert isinstance(fact.request, PlaceOrder)
    assert json.loads(fact.request.content) == data
    assert fact.request == PlaceOrder(
        order="SO-1",
        lines=(OrderLine(1, "PEN", 2), OrderLine("1", "INK", 1_000_000)),
        content=fact.request.content,
        placed_at_ms=1_795_161_600_000,
        promised_at_ms=1_795_161_600_500,
        not_before_ms=None,
        ship_by_ms=1_795_248_000_000,
        express=True,
        tier=5,
        fill="line",
        customer="Zoë & Söhne",
        lane="L1",
        ext={"b": [1, {"a": None}]},
    )


def test_content_and_digest_do_not_depend_on_how_the_json_was_written() -> None:
    plain = received(command())
    other = received(json.dumps(dict(reversed(envelope().items())), indent=3).encode())
    changed = received(command(data=ORDER | {"tier": 1}))

    assert plain == other
    assert plain.digest != changed.digest
    assert len(plain.digest) == 64


def test_the_other_commands_are_read() -> None:
    requests = [
        received(command(type, data)).request
        for type, data in [
            ("order.cancel", {"order": "SO-1"}),
            ("order.cancel", {"order": "SO-1", "lines": [1, {"line": "2"}]}),
            ("order.hold", {"order": "SO-1", "reason": "credit", "until": "2026-11-20T08:00:00Z"}),
            ("order.resume", {"order": "SO-1"}),
            ("asn.announce", {"asn": "A", "lines": [{"line": 7, "sku": "PEN", "qty": 3}]}),
            (
                "asn.announce",
                {
                    "asn": "ASN-9",
                    "po": "4711",
                    "supplier": "ACME",
                    "eta": "2026-12-01T09:00:00Z",
                    "pallets": [
                        {
                            "sscc": "376123450000000429",
                            "contents": [{"sku": "INK", "qty": 10, "lot": "I7", "expiry": "2029-06-30"}],
                            "cartons": ["C-1"],
                        }
                    ],
                },
            ),
            (
                "stock.count",
                {
                    "location": "A-01",
                    "lines": [{"sku": "PEN", "qty": 0}],
                    "as_of": {"epoch": "e1", "seq": 0},
                    "force": True,
                },
            ),
        ]
    ]

    ink = AnnouncedLine("INK", 10, "I7", "2029-06-30")
    assert requests == [
        CancelOrder("SO-1"),
        CancelOrder("SO-1", (1, "2")),
        HoldOrder("SO-1", "credit", 1_795_161_600_000),
        ResumeOrder("SO-1"),
        AnnounceAsn("A", lines=(AnnouncedLine("PEN", 3, line=7),)),
        AnnounceAsn(
            "ASN-9",
            "4711",
            "ACME",
            1_796_115_600_000,
            (AnnouncedPallet("376123450000000429", (ink,), ("C-1",)),),
        ),
        CountStock("A-01", (CountLine("lines[0]", "PEN", 0),), AsOf("e1", 0), True),
    ]


def test_a_list_command_keeps_the_good_entries_and_names_the_others() -> None:
    items = [
        {"sku": "PEN", "name": "Pen", "codes": [{"code": "76", "pack": 12}, {"code": "77"}], "low_stock": 3},
        {"sku": "INK", "codes": [{"code": "1", "pack": 0}]},
        5,
        {"sku": "CAP", "colour": "red"},
        {"sku": "BOX", "home": None, "codes": []},
        {"sku": "TIN", "codes": [{"code": "5"}, {"code": "5"}]},
    ]

    request = received(command("catalogue.upsert", {"items": items})).request

    assert isinstance(request, UpsertCatalogue)
    assert request.items == (
        CatalogueItem(
            "items[0]",
            "PEN",
            frozenset({"sku", "name", "codes", "low_stock"}),
            "Pen",
            (ItemCode("76", 12), ItemCode("77")),
            3,
        ),
        CatalogueItem("items[4]", "BOX", frozenset({"sku", "codes"})),
    )
    known = "sku, name, codes, low_stock, home, alternatives, track, supplier, lead_days, reorder_to, "
    known += "discontinued"
    assert request.refused == (
        RefusedEntry(
            "items[1].codes[0].pack", "bad_value", "pack must be a whole number from 1 to 1000000, got 0"
        ),
        RefusedEntry("items[2]", "bad_value", "items[2] must be an object, got 5"),
        RefusedEntry("items[3].colour", "unknown_field", f"colour is not known here: known are {known}"),
        RefusedEntry("items[5].codes[1].code", "bad_value", "code must not stand twice, got '5' again"),
    )


def test_an_item_is_counted_once_or_lot_by_lot() -> None:
    lines = [
        {"sku": "PEN", "qty": 1},
        {"sku": "PEN", "qty": 2},
        {"sku": "INK", "lot": "A", "qty": 1},
        {"sku": "INK", "lot": "B", "qty": 1},
        {"sku": "INK", "qty": 1},
    ]

    request = received(command("stock.count", {"location": "A-01", "lines": lines})).request

    assert isinstance(request, CountStock)
    assert [line.at for line in request.lines] == ["lines[0]", "lines[2]", "lines[3]"]
    assert [entry.at for entry in request.refused] == ["lines[1].sku", "lines[4].sku"]


def lines(**changed: Any) -> dict[str, Any]:
    return {"order": "SO-1", "lines": [LINE | changed]}


QTY = "qty must be a whole number from 1 to 1000000, got "
NAME = "must be printable ASCII text of 1 to 64 characters, got "


@pytest.mark.parametrize(
    ("data", "code", "at", "text"),
    [
        (lines(qty=-1), "bad_value", "lines[0].qty", QTY + "-1"),
        (lines(qty=0), "bad_value", "lines[0].qty", QTY + "0"),
        (lines(qty=1_000_001), "bad_value", "lines[0].qty", QTY + "1000001"),
        (lines(qty=3.0), "bad_value", "lines[0].qty", QTY + "3.0"),
        (lines(qty="3"), "bad_value", "lines[0].qty", QTY + '"3"'),
        (lines(qty=True), "bad_value", "lines[0].qty", QTY + "true"),
        (lines(qty=None), "bad_value", "lines[0].qty", QTY + "null"),
        (
            lines(line=True),
            "bad_value",
            "lines[0].line",
            "line must be a whole number or printable ASCII text of 1 to 64 characters, got true",
        ),
        (lines(sku="A\nB"), "bad_value", "lines[0].sku", f'sku {NAME}"A\\nB"'),
        (lines(sku="A\n"), "bad_value", "lines[0].sku", f'sku {NAME}"A\\n"'),
        (lines(sku="é"), "bad_value", "lines[0].sku", f'sku {NAME}"\\u00e9"'),
        (lines(sku=""), "bad_value", "lines[0].sku", f'sku {NAME}""'),
        (
            lines(sku="x" * 65),
            "bad_value",
            "lines[0].sku",
            f'sku {NAME}"{"x" * 60}...',
        ),
        (lines(note=1), "unknown_field", "lines[0].note", "note is not known here: known are line, sku, qty"),
        (
            {"order": "SO-1", "lines": [LINE, {"sku": "INK", "qty": 1}]},
            "missing_field",
            "lines[1].line",
            "line is missing: required are line, sku, qty",
        ),
        (
            {"order": "SO-1", "lines": [LINE, LINE]},
            "bad_value",
            "lines[1].line",
            "line must not stand twice, got 1 again",
        ),
        (
            {"order": "SO-1", "lines": []},
            "bad_value",
            "lines",
            "lines must have at least one entry, got none",
        ),
        ({"order": "SO-1", "lines": LINE}, "bad_value", "lines", None),
        ({"order": "SO-1", "lines": [3]}, "bad_value", "lines[0]", "lines[0] must be an object, got 3"),
        ({"lines": [LINE]}, "missing_field", "order", "order is missing: required are order, lines"),
        (ORDER | {"tier": 10}, "bad_value", "tier", "tier must be a whole number from 0 to 9, got 10"),
        (
            ORDER | {"fill": "all"},
            "bad_value",
            "fill",
            'fill must be "partial", "line" or "complete", got "all"',
        ),
        (ORDER | {"express": 1}, "bad_value", "express", "express must be true or false, got 1"),
        (
            ORDER | {"placed_at": "2026-11-20T08:00:00"},
            "bad_value",
            "placed_at",
            'placed_at must be a time with an offset as in 2026-11-20T08:00:00Z, got "2026-11-20T08:00:00"',
        ),
        (ORDER | {"placed_at": "2026-W47-5T08:00:00Z"}, "bad_value", "placed_at", None),
        (ORDER | {"placed_at": "2026-02-30T08:00:00Z"}, "bad_value", "placed_at", None),
        (ORDER | {"placed_at": "0001-01-01T00:00:00+14:00"}, "bad_value", "placed_at", None),
        (ORDER | {"placed_at": 5}, "bad_value", "placed_at", None),
        (ORDER | {"customer": "a\u202eb"}, "bad_value", "customer", None),
        (ORDER | {"ext": []}, "bad_value", "ext", "ext must be an object, got []"),
        # The first in the document, not the first that the model checks.
        ({"tier": 99, "order": "", "lines": []}, "bad_value", "tier", None),
        ({"lines": [LINE | {"qty": 0}], "extra": 1}, "bad_value", "lines[0].qty", None),
        ({"extra": 1, "lines": [LINE | {"qty": 0}]}, "unknown_field", "extra", None),
    ],
)
def test_a_bad_order_is_refused_with_place_and_sentence(
    data: Any, code: str, at: str, text: str | None
) -> None:
    fact = refused(command(data=data))

    assert (fact.code, fact.at, fact.source, fact.id) == (code, at, "/erp", "c-881")
    assert text is None or fact.text == text


@pytest.mark.parametrize(
    ("type", "data", "code", "at"),
    [
        ("asn.announce", {"asn": "A"}, "missing_field", "pallets"),
        ("asn.announce", {"asn": "A", "lines": [LINE], "pallets": []}, "bad_value", "pallets"),
        (
            "asn.announce",
            {"asn": "A", "pallets": [{"sscc": "376123450000000420", "contents": [LINE]}]},
            "bad_value",
            "pallets[0].sscc",
        ),
        (
            "asn.announce",
            {"asn": "A", "pallets": [{"sscc": "376123450000000429", "contents": [LINE]}] * 2},
            "bad_value",
            "pallets[1].sscc",
        ),
        (
            "asn.announce",
            {"asn": "A", "lines": [{"sku": "A", "qty": 1, "expiry": "2027-02-30"}]},
            "bad_value",
            "lines[0].expiry",
        ),
        ("catalogue.upsert", {"items": []}, "bad_value", "items"),
        ("catalogue.upsert", {"items": [{"sku": "A"}] * 501}, "too_large", "items"),
        ("stock.count", {"location": "A", "lines": [{}] * 501}, "too_large", "lines"),
        ("stock.count", {"lines": [{"sku": "A", "qty": 1}]}, "missing_field", "location"),
        ("order.cancel", {"order": "A", "lines": [1, 1]}, "bad_value", "lines[1]"),
        ("order.cancel", {"order": "A", "lines": [{"line": 1, "qty": 1}]}, "bad_value", "lines[0]"),
    ],
)
def test_a_bad_command_of_another_type_is_refused_with_its_place(
    type: str, data: Any, code: str, at: str
) -> None:
    fact = refused(command(type, data))

    assert (fact.code, fact.at) == (code, at)
