"""What each event says: the least it must have, and what it may not say."""

from typing import Any

import pytest
from pydantic import ValidationError

from sync.event_data import StockMoved, StockShipped
from sync.events import EVENTS

MOVE = {
    "sku": "INK",
    "lot": "I7",
    "expiry": None,
    "pallet": None,
    "qty": 3,
    "from": "location:A-01",
    "to": "location:B-01",
}
GOODS = {"sku": "INK", "qty": 3, "lot": "I7", "moves": [MOVE]}
BOOKED = GOODS | {"expiry": None, "location": "A-01"}
OF_LINE = {"order": "SO-1", "line": 1}
ETA = OF_LINE | {"sku": "INK", "qty": 3}
TIME = "2026-12-01T09:00:00Z"

LEAST: dict[str, dict[str, Any]] = {
    "stock.returned": BOOKED,
    "stock.damaged": BOOKED,
    "stock.released": BOOKED,
    "stock.scrapped": BOOKED,
    "stock.picked": BOOKED | OF_LINE,
    "stock.shipped": BOOKED | OF_LINE,
    "stock.moved": GOODS | {"from": "A-01", "to": "B-01"},
    "stock.counted": {
        "location": "A-01",
        "sku": "INK",
        "lot": None,
        "expected": 3,
        "counted": 3,
        "moves": [],
    },
    "stock.low": {"sku": "INK", "available": 0, "threshold": 1},
    "backorder.eta": ETA | {"expected_at": TIME, "was": None, "asn": "ASN-9"},
    "order.late": {"order": "SO-1"},
    "order.shipped": {"order": "SO-1", "complete": True, "lines": [{"line": 1, "sku": "INK", "qty": 3}]},
    "catalogue.learned": {"code": "7612345", "sku": "INK", "pack": 12},
    "undo": {"undoes": 1, "moves": [MOVE]},
}
"""Each field that stands here must be there."""


@pytest.mark.parametrize("type", LEAST)
def test_an_event_says_at_least_so_much(type: str) -> None:
    model = EVENTS[type]
    told = {"from": "from_"}

    read = model.model_validate(LEAST[type])

    assert {told.get(name, name) for name in LEAST[type]} == read.model_fields_set
    for name in LEAST[type]:
        without = {key: value for key, value in LEAST[type].items() if key != name}
        with pytest.raises(ValidationError) as caught:
            model.model_validate(without)
        assert [(e["type"], e["loc"]) for e in caught.value.errors()] == [("missing", (name,))]


@pytest.mark.parametrize(
    ("type", "changed", "at"),
    [
        ("stock.returned", {"location": None}, "location"),
        ("stock.damaged", {"location": None}, "location"),
        ("stock.damaged", {"reason": "clumsy"}, "reason"),
        ("stock.released", {"moves": []}, "moves"),
        ("stock.scrapped", {"qty": 0}, "qty"),
        ("stock.picked", {"location": None}, "location"),
        ("stock.picked", {"order": None}, "order"),
        ("stock.picked", {"line": None}, "line"),
        ("stock.shipped", {"order": None}, "order"),
        ("stock.shipped", {"line": 1.0}, "line"),
        ("stock.shipped", {"expiry": "soon"}, "expiry"),
        ("stock.moved", {"from": None}, "from"),
        ("stock.moved", {"to": ""}, "to"),
        ("stock.moved", {"moves": []}, "moves"),
        ("stock.counted", {"counted": -1}, "counted"),
        ("stock.low", {"available": -1}, "available"),
        ("stock.low", {"threshold": 0}, "threshold"),
        ("backorder.eta", {"expected_at": "2026-12-01"}, "expected_at"),
        ("backorder.eta", {"was": 1_796_115_600_000}, "was"),
        ("backorder.eta", {"qty": 0}, "qty"),
        ("order.late", {"order": 5}, "order"),
        ("order.late", {"ext": []}, "ext"),
        ("order.shipped", {"lines": []}, "lines"),
        ("order.shipped", {"complete": 1}, "complete"),
        ("catalogue.learned", {"pack": 0}, "pack"),
        ("catalogue.learned", {"code": ""}, "code"),
        ("undo", {"undoes": 0}, "undoes"),
        ("undo", {"moves": None}, "moves"),
    ],
)
def test_an_event_against_the_contract_is_found(type: str, changed: dict[str, Any], at: str) -> None:
    with pytest.raises(ValidationError) as caught:
        EVENTS[type].model_validate(LEAST[type] | changed)

    assert {error["loc"] for error in caught.value.errors()} == {(at,)}


def test_a_move_tells_its_two_places() -> None:
    read = EVENTS["stock.moved"].model_validate(LEAST["stock.moved"] | {"station": "aisle-1"})

    assert isinstance(read, StockMoved)
    assert (read.from_, read.to, read.station) == ("A-01", "B-01", "aisle-1")


def test_goods_shipped_after_they_were_picked_name_no_place() -> None:
    read = EVENTS["stock.shipped"].model_validate(LEAST["stock.shipped"] | {"location": None})

    assert isinstance(read, StockShipped)
    assert read.location is None


def test_expired_goods_are_set_aside_as_expired() -> None:
    read = EVENTS["stock.damaged"].model_validate(LEAST["stock.damaged"] | {"reason": "expired"})

    assert read.model_dump()["reason"] == "expired"


def test_an_expectation_withdrawn_has_no_date_and_no_announcement() -> None:
    data = ETA | {"expected_at": None, "was": TIME, "asn": None}

    read = EVENTS["backorder.eta"].model_validate(data)

    assert read.model_dump(exclude_none=True) == ETA | {"was": 1_796_115_600_000}


@pytest.mark.parametrize("type", [name for name in EVENTS if name.startswith(("order.", "backorder."))])
def test_events_of_an_order_give_back_what_central_said_with_it(type: str) -> None:
    with pytest.raises(ValidationError) as caught:
        EVENTS[type].model_validate({"ext": "no object"})

    assert ("ext",) in [error["loc"] for error in caught.value.errors()]
