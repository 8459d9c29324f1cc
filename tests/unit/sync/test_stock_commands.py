"""Stock adjusted, announcements withdrawn, exceptions cleared, labels printed again: what each command asks for."""

from typing import Any

import pytest

from edge.domain.requests import (
    AdjustLine,
    AdjustStock,
    CancelAsn,
    ClearException,
    RefusedEntry,
    ReprintLabel,
)
from tests.commands import command, received, refused

PEN = {"sku": "PEN", "qty": -2, "reason": "broken glass"}


def asked(type: str, data: Any) -> object:
    return received(command(type, data)).request


def adjusted(*lines: Any, **changed: Any) -> AdjustStock:
    request = asked("stock.adjust", {"location": "A-01", "lines": list(lines)} | changed)
    assert isinstance(request, AdjustStock)
    return request


def test_stock_is_adjusted_up_and_down_by_lots() -> None:
    ink = {"sku": "INK", "lot": "I7", "expiry": "2029-06-30", "qty": 1_000_000, "reason": "Überzählig"}
    least = {"sku": "INK", "lot": None, "expiry": None, "qty": -1_000_000, "reason": None}

    assert adjusted(PEN, ink, least) == AdjustStock(
        "A-01",
        (
            AdjustLine("lines[0]", "PEN", -2, None, None, "broken glass"),
            AdjustLine("lines[1]", "INK", 1_000_000, "I7", "2029-06-30", "Überzählig"),
            AdjustLine("lines[2]", "INK", -1_000_000),
        ),
    )


def test_two_differences_of_the_same_goods_are_two() -> None:
    assert [line.qty for line in adjusted(PEN, PEN | {"qty": 1}).lines] == [-2, 1]


def test_good_adjustments_are_kept_and_the_others_named() -> None:
    change = "qty must be a whole number from -1000000 to 1000000, not 0, got "
    bad = [
        (PEN | {"qty": 0}, ".qty", "bad_value", change + "0"),
        (PEN | {"qty": 1_000_001}, ".qty", "bad_value", change + "1000001"),
        (PEN | {"qty": -1_000_001}, ".qty", "bad_value", change + "-1000001"),
        (PEN | {"qty": 2.0}, ".qty", "bad_value", change + "2.0"),
        (PEN | {"qty": "+2"}, ".qty", "bad_value", change + '"+2"'),
        (PEN | {"qty": True}, ".qty", "bad_value", change + "true"),
        (PEN | {"qty": None}, ".qty", "bad_value", change + "null"),
        ({"qty": 1}, ".sku", "missing_field", "sku is missing: required are sku, qty"),
        ({"sku": "PEN"}, ".qty", "missing_field", "qty is missing: required are sku, qty"),
        (
            PEN | {"place": "B"},
            ".place",
            "unknown_field",
            "place is not known here: known are sku, lot, expiry, qty, reason",
        ),
        (
            PEN | {"lot": ""},
            ".lot",
            "bad_value",
            'lot must be printable ASCII text of 1 to 64 characters, got ""',
        ),
        (
            PEN | {"expiry": "2027-02-30"},
            ".expiry",
            "bad_value",
            'expiry must be a date as in 2027-03-01, got "2027-02-30"',
        ),
        (
            PEN | {"reason": "a\nb"},
            ".reason",
            "bad_value",
            'reason must be text of at most 256 characters without control characters, got "a\\nb"',
        ),
        (7, "", "bad_value", "lines[13] must be an object, got 7"),
    ]

    request = adjusted(*(entry for entry, *_ in bad), PEN)

    assert request.lines == (AdjustLine("lines[14]", "PEN", -2, reason="broken glass"),)
    assert request.refused == tuple(
        RefusedEntry(f"lines[{i}]{at}", code, text) for i, (_, at, code, text) in enumerate(bad)
    )


def test_a_list_without_a_good_entry_names_them_all() -> None:
    request = adjusted(PEN | {"qty": 0}, None)

    assert (request.lines, [entry.at for entry in request.refused]) == ((), ["lines[0].qty", "lines[1]"])


def test_up_to_500_adjustments_come_at_once() -> None:
    assert len(adjusted(*[PEN] * 500).lines) == 500


@pytest.mark.parametrize(
    ("data", "code", "at", "text"),
    [
        (
            {"location": "A-01", "lines": [PEN] * 501},
            "too_large",
            "lines",
            "lines must have at most 500 entries, got 501",
        ),
        (
            {"location": "A-01", "lines": []},
            "bad_value",
            "lines",
            "lines must have at least one entry, got none",
        ),
        ({"location": "A-01"}, "missing_field", "lines", "lines is missing: required are location, lines"),
        ({"lines": [PEN]}, "missing_field", "location", "location is missing: required are location, lines"),
        (
            {"location": "A\t1", "lines": [PEN]},
            "bad_value",
            "location",
            'location must be printable ASCII text of 1 to 64 characters, got "A\\t1"',
        ),
        (
            {"location": "A-01", "lines": [PEN], "force": True},
            "unknown_field",
            "force",
            "force is not known here: known are location, lines",
        ),
    ],
)
def test_a_bad_adjustment_is_refused_as_a_whole(data: Any, code: str, at: str, text: str) -> None:
    fact = refused(command("stock.adjust", data))

    assert (fact.code, fact.at, fact.text) == (code, at, text)


def test_what_names_one_thing_is_read() -> None:
    assert asked("asn.cancel", {"asn": "ASN-9"}) == CancelAsn("ASN-9")
    assert asked("label.reprint", {"label": "L-7"}) == ReprintLabel("L-7")
    assert asked("exception.clear", {"exception": "E-7", "reason": "seen to, Zoë"}) == ClearException(
        "E-7", "seen to, Zoë"
    )
    assert asked("exception.clear", {"exception": "E-7", "reason": "x" * 256}) == ClearException(
        "E-7", "x" * 256
    )


REASON = "reason must be text of 1 to 256 characters, not blank, without control characters, got "


@pytest.mark.parametrize(
    ("type", "data", "code", "at", "text"),
    [
        ("asn.cancel", {}, "missing_field", "asn", "asn is missing: required are asn"),
        (
            "asn.cancel",
            {"asn": 9},
            "bad_value",
            "asn",
            "asn must be printable ASCII text of 1 to 64 characters, got 9",
        ),
        (
            "asn.cancel",
            {"asn": "A", "lines": [1]},
            "unknown_field",
            "lines",
            "lines is not known here: known are asn",
        ),
        ("label.reprint", {}, "missing_field", "label", "label is missing: required are label"),
        (
            "label.reprint",
            {"label": None},
            "bad_value",
            "label",
            "label must be printable ASCII text of 1 to 64 characters, got null",
        ),
        (
            "label.reprint",
            {"label": "L-7", "printer": "zebra-1"},
            "unknown_field",
            "printer",
            "printer is not known here: known are label",
        ),
        (
            "exception.clear",
            {"exception": "E-7"},
            "missing_field",
            "reason",
            "reason is missing: required are exception, reason",
        ),
        (
            "exception.clear",
            {"reason": "seen to"},
            "missing_field",
            "exception",
            "exception is missing: required are exception, reason",
        ),
        ("exception.clear", {"exception": "E-7", "reason": ""}, "bad_value", "reason", REASON + '""'),
        ("exception.clear", {"exception": "E-7", "reason": " "}, "bad_value", "reason", REASON + '" "'),
        ("exception.clear", {"exception": "E-7", "reason": None}, "bad_value", "reason", REASON + "null"),
        ("exception.clear", {"exception": "E-7", "reason": "a\n"}, "bad_value", "reason", REASON + '"a\\n"'),
        (
            "exception.clear",
            {"exception": "E-7", "reason": "x" * 257},
            "bad_value",
            "reason",
            f'{REASON}"{"x" * 60}...',
        ),
        (
            "exception.clear",
            {"exception": "E-7", "reason": "x", "by": "alice"},
            "unknown_field",
            "by",
            "by is not known here: known are exception, reason",
        ),
    ],
)
def test_what_names_one_thing_badly_is_refused(type: str, data: Any, code: str, at: str, text: str) -> None:
    fact = refused(command(type, data))

    assert (fact.code, fact.at, fact.text) == (code, at, text)


def test_a_command_that_is_not_done_here_yet_is_unknown() -> None:
    fact = refused(command("shipment.update", {}))

    assert (fact.code, fact.at) == ("unknown_type", "type")
    assert fact.text == (
        "type must be one of crossdock.order.place, crossdock.order.amend, crossdock.order.cancel, "
        "crossdock.order.hold, crossdock.order.resume, crossdock.order.prioritise, crossdock.order.ship, "
        "crossdock.asn.announce, crossdock.asn.cancel, crossdock.catalogue.upsert, crossdock.stock.count, "
        "crossdock.stock.adjust, crossdock.exception.clear, crossdock.label.reprint, crossdock.sync.replay, "
        'crossdock.sync.snapshot, got "crossdock.shipment.update"'
    )
