"""Events as central reads them."""

import json
from typing import Any

import pytest

from sync.event_data import StockBooked
from sync.events import EVENTS, read_event

MOVE = {
    "sku": "SKU-1",
    "lot": "B7",
    "expiry": "2027-03-01",
    "pallet": None,
    "qty": 12,
    "from": "supplier:4711",
    "to": "location:DOCK-1",
}
RECEIVED = {
    "sku": "SKU-1",
    "qty": 12,
    "lot": "B7",
    "expiry": "2027-03-01",
    "location": "DOCK-1",
    "station": "dock-1",
    "scanner": "gun-1",
    "operator": "alice",
    "po": "4711",
    "sscc": None,
    "moves": [MOVE],
}


def event(type: str = "stock.received", data: Any = RECEIVED, **changed: Any) -> bytes:
    whole = {
        "specversion": "1.0",
        "id": "par1/dock-a/2f9c/42",
        "source": "/crossdock/par1/dock-a",
        "type": f"crossdock.{type}",
        "subject": "SKU-1",
        "time": "2026-11-21T09:30:00.123Z",
        "datacontenttype": "application/json",
        "dataschema": "https://crossdock.example/stock.received/1",
        "epoch": "2f9c",
        "seq": 42,
        "booking": 42,
        "cause": "scan/gun-1/7",
        "data": data,
    }
    return json.dumps(whole | changed).encode()


def test_the_example_of_the_contract_is_read() -> None:
    read = read_event(event())

    assert (read.name, read.seq, read.time) == ("stock.received", 42, 1_795_253_400_123)
    assert isinstance(read.data, StockBooked)
    assert (read.data.moves[0].from_, read.data.moves[0].to) == ("supplier:4711", "location:DOCK-1")


def test_readers_pass_over_what_they_do_not_know() -> None:
    assert read_event(event(data=RECEIVED | {"colour": "red"}, extra=1)).seq == 42
    assert read_event(event("stock.painted", {"colour": "red"})).data == {"colour": "red"}


@pytest.mark.parametrize(
    "changed",
    [
        {"specversion": "0.3"},
        {"id": "par1/dock-a/2f9c/43"},
        {"time": "2026-11-21T09:30:00.123"},
        {"seq": 0},
        {"booking": 43},
        {"cause": "somebody"},
        {"data": []},
        {"data": {k: v for k, v in RECEIVED.items() if k != "expiry"}},
        {"data": RECEIVED | {"qty": 12.0}},
        {"data": RECEIVED | {"moves": []}},
        {"data": RECEIVED | {"moves": [MOVE | {"to": "shelf:A"}]}},
    ],
)
def test_an_event_against_the_contract_is_an_error(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_event(event(**changed))


def test_an_event_is_one_line_of_bounded_length() -> None:
    with pytest.raises(ValueError, match="one line"):
        read_event(event().replace(b",", b",\n", 1))
    with pytest.raises(ValueError, match="102400"):
        read_event(event(data=RECEIVED | {"note": "x" * 102_400}))


def test_every_known_type_wants_its_data() -> None:
    for name in EVENTS:
        with pytest.raises(ValueError, match="Field required"):
            read_event(event(name, {}))
