"""Orders amended, put before others and shipped without a scan: what each command asks for, and what it may not."""

from typing import Any

import pytest

from edge.domain.requests import (
    AmendedLine,
    AmendOrder,
    CancelOrder,
    HoldOrder,
    PrioritiseOrder,
    ShipOrder,
)
from tests.commands import LINE, command, received, refused

AMENDMENT = {"order": "SO-1", "lines": [LINE]}
AMENDED = "order, placed_at, promised_at, not_before, ship_by, express, tier, fill, customer, lane, ext"


def asked(type: str, data: Any) -> object:
    return received(command(type, data)).request


def test_an_amendment_is_read_with_everything_it_may_have() -> None:
    data = {
        "order": "SO-1",
        "revision": 3,
        "placed_at": "2026-11-20T08:00:00Z",
        "promised_at": "2026-11-20T09:00:00.5+01:00",
        "not_before": "2026-11-20T08:00:01Z",
        "ship_by": "2026-11-21T08:00:00Z",
        "express": False,
        "tier": 0,
        "fill": "complete",
        "customer": "Zoë & Söhne",
        "lane": "L1",
        "ext": {"b": [1, {"a": None}]},
        "lines": [LINE, {"line": "1", "qty": 0}, {"line": 2, "sku": "INK", "qty": 1_000_000}],
    }

    assert asked("order.amend", data) == AmendOrder(
        order="SO-1",
        lines=(AmendedLine(1, 2, "PEN"), AmendedLine("1", 0), AmendedLine(2, 1_000_000, "INK")),
        given=frozenset(
            [
                "placed_at",
                "promised_at",
                "not_before",
                "ship_by",
                "express",
                "tier",
                "fill",
                "customer",
                "lane",
                "ext",
            ]
        ),
        placed_at_ms=1_795_161_600_000,
        promised_at_ms=1_795_161_600_500,
        not_before_ms=1_795_161_601_000,
        ship_by_ms=1_795_248_000_000,
        express=False,
        tier=0,
        fill="complete",
        customer="Zoë & Söhne",
        lane="L1",
        ext={"b": [1, {"a": None}]},
        revision=3,
    )


def test_lines_alone_or_a_field_alone_make_an_amendment() -> None:
    assert asked("order.amend", AMENDMENT) == AmendOrder("SO-1", (AmendedLine(1, 2, "PEN"),))
    assert asked("order.amend", {"order": "SO-1", "tier": 7}) == AmendOrder(
        "SO-1", given=frozenset({"tier"}), tier=7
    )
    assert asked("order.amend", {"order": "SO-1", "ext": {}}) == AmendOrder(
        "SO-1", given=frozenset({"ext"}), ext={}
    )


def test_a_field_that_is_null_counts_as_left_out_of_an_amendment() -> None:
    data = AMENDMENT | {"promised_at": None, "express": None, "ext": None, "revision": None}

    assert asked("order.amend", data) == asked("order.amend", AMENDMENT)


@pytest.mark.parametrize("revision", [0, 2**53 - 1])
def test_a_revision_is_any_whole_number_from_0(revision: int) -> None:
    assert asked("order.amend", AMENDMENT | {"revision": revision}) == AmendOrder(
        "SO-1", (AmendedLine(1, 2, "PEN"),), revision=revision
    )


NOTHING = "lines is missing: an amendment has lines, fields to change or both"
REVISION = "revision must be a whole number, 0 or more, got "
QTY = "qty must be a whole number from 0 to 1000000, got "


def lines(**changed: Any) -> dict[str, Any]:
    return {"order": "SO-1", "lines": [LINE | changed]}


@pytest.mark.parametrize(
    ("data", "code", "at", "text"),
    [
        ({"order": "SO-1"}, "missing_field", "lines", NOTHING),
        ({"order": "SO-1", "revision": 4}, "missing_field", "lines", NOTHING),
        ({"order": "SO-1", "lines": None, "tier": None}, "missing_field", "lines", NOTHING),
        ({"lines": [LINE]}, "missing_field", "order", "order is missing: required are order"),
        (
            {"order": "SO-1", "lines": [], "tier": 1},
            "bad_value",
            "lines",
            "lines must have at least one entry, got none",
        ),
        (
            {"order": "SO-1", "lines": [LINE, LINE | {"qty": 0}]},
            "bad_value",
            "lines[1].line",
            "line must not stand twice, got 1 again",
        ),
        (
            {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN"}]},
            "missing_field",
            "lines[0].qty",
            "qty is missing: required are line, qty",
        ),
        (lines(qty=-1), "bad_value", "lines[0].qty", QTY + "-1"),
        (lines(qty=1_000_001), "bad_value", "lines[0].qty", QTY + "1000001"),
        (lines(qty=0.0), "bad_value", "lines[0].qty", QTY + "0.0"),
        (lines(qty=False), "bad_value", "lines[0].qty", QTY + "false"),
        (lines(qty="0"), "bad_value", "lines[0].qty", QTY + '"0"'),
        (lines(qty=None), "bad_value", "lines[0].qty", QTY + "null"),
        (lines(note=1), "unknown_field", "lines[0].note", "note is not known here: known are line, sku, qty"),
        (AMENDMENT | {"revision": -1}, "bad_value", "revision", REVISION + "-1"),
        (AMENDMENT | {"revision": 1.0}, "bad_value", "revision", REVISION + "1.0"),
        (AMENDMENT | {"revision": "2"}, "bad_value", "revision", REVISION + '"2"'),
        (AMENDMENT | {"revision": 2**53}, "bad_value", "revision", REVISION + "9007199254740992"),
        (AMENDMENT | {"tier": 10}, "bad_value", "tier", "tier must be a whole number from 0 to 9, got 10"),
        (
            AMENDMENT | {"fill": "all"},
            "bad_value",
            "fill",
            'fill must be "partial", "line" or "complete", got "all"',
        ),
        (AMENDMENT | {"ext": 5}, "bad_value", "ext", "ext must be an object, got 5"),
        (
            AMENDMENT | {"colour": "red"},
            "unknown_field",
            "colour",
            f"colour is not known here: known are {AMENDED}, lines, revision",
        ),
    ],
)
def test_a_bad_amendment_is_refused_with_place_and_sentence(data: Any, code: str, at: str, text: str) -> None:
    fact = refused(command("order.amend", data))

    assert (fact.code, fact.at, fact.text) == (code, at, text)


def test_a_priority_changes_what_is_given_and_nothing_else() -> None:
    whole = {"order": "SO-1", "express": True, "tier": 9, "promised_at": "2026-11-20T08:00:00Z"}

    assert asked("order.prioritise", whole) == PrioritiseOrder(
        "SO-1", frozenset({"express", "tier", "promised_at"}), True, 9, 1_795_161_600_000
    )
    assert asked("order.prioritise", {"order": "SO-1", "express": False, "tier": None}) == PrioritiseOrder(
        "SO-1", frozenset({"express"}), express=False
    )


NO_PRIORITY = "express is missing: a priority has express, tier or promised_at"


@pytest.mark.parametrize(
    ("data", "code", "at", "text"),
    [
        ({"order": "SO-1"}, "missing_field", "express", NO_PRIORITY),
        ({"order": "SO-1", "tier": None}, "missing_field", "express", NO_PRIORITY),
        ({"tier": 1}, "missing_field", "order", "order is missing: required are order"),
        (
            {"order": "SO-1", "tier": -1},
            "bad_value",
            "tier",
            "tier must be a whole number from 0 to 9, got -1",
        ),
        ({"order": "SO-1", "express": 1}, "bad_value", "express", "express must be true or false, got 1"),
        (
            {"order": "SO-1", "promised_at": "2026-11-20"},
            "bad_value",
            "promised_at",
            'promised_at must be a time with an offset as in 2026-11-20T08:00:00Z, got "2026-11-20"',
        ),
        (
            {"order": "SO-1", "tier": 1, "lane": "L1"},
            "unknown_field",
            "lane",
            "lane is not known here: known are order, express, tier, promised_at",
        ),
    ],
)
def test_a_bad_priority_is_refused_with_place_and_sentence(data: Any, code: str, at: str, text: str) -> None:
    fact = refused(command("order.prioritise", data))

    assert (fact.code, fact.at, fact.text) == (code, at, text)


def test_an_order_ships_whole_or_by_lines() -> None:
    assert asked("order.ship", {"order": "SO-1"}) == ShipOrder("SO-1")
    assert asked("order.ship", {"order": "SO-1", "lines": None}) == ShipOrder("SO-1")
    assert asked("order.ship", {"order": "SO-1", "lines": [1, "1", {"line": "2"}]}) == ShipOrder(
        "SO-1", (1, "1", "2")
    )


@pytest.mark.parametrize("type", ["order.ship", "order.cancel"])
@pytest.mark.parametrize(
    ("data", "code", "at", "text"),
    [
        ({}, "missing_field", "order", "order is missing: required are order"),
        ({"order": ""}, "bad_value", "order", None),
        (
            {"order": "A", "lines": []},
            "bad_value",
            "lines",
            "lines must have at least one entry, got none",
        ),
        ({"order": "A", "lines": 1}, "bad_value", "lines", "lines must be a list, got 1"),
        (
            {"order": "A", "lines": [1, {"line": 1}]},
            "bad_value",
            "lines[1]",
            "lines must not stand twice, got 1 again",
        ),
        (
            {"order": "A", "lines": [1, {"line": 2, "qty": 1}]},
            "bad_value",
            "lines[1]",
            "lines[1] must be a whole number or printable ASCII text of 1 to 64 characters, "
            'got {"line": 2, "qty": 1}',
        ),
        (
            {"order": "A", "carrier": "DHL"},
            "unknown_field",
            "carrier",
            "carrier is not known here: known are order, lines",
        ),
    ],
)
def test_lines_named_badly_are_refused_with_place_and_sentence(
    type: str, data: Any, code: str, at: str, text: str | None
) -> None:
    fact = refused(command(type, data))

    assert (fact.code, fact.at) == (code, at)
    assert text is None or fact.text == text


def test_holding_and_cancelling_are_read_beside_them() -> None:
    assert asked("order.hold", {"order": "SO-1"}) == HoldOrder("SO-1")
    assert asked("order.cancel", {"order": "SO-1", "lines": [{"line": 2}]}) == CancelOrder("SO-1", (2,))
