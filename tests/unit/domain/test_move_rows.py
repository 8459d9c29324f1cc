"""What moved, as rows for a spreadsheet."""

from zoneinfo import ZoneInfo

import pytest

from edge.domain.move_rows import HEADER, defused, rows_of

MOVE = {"sku": "PEN", "lot": "B7", "expiry": "2027-03-01", "pallet": None, "qty": 3}
EVENT = {
    "id": "par1/dock-a/2f9c/42",
    "type": "crossdock.stock.received",
    "time": "2026-11-21T09:30:00.123Z",
    "seq": 42,
    "cause": "scan/7",
    "data": {
        **{"po": "-4711", "line": 2, "station": "dock-1", "scanner": "gun-1", "operator": "@alice"},
        "moves": [{**MOVE, "from": "supplier:4711", "to": "location:DOCK-1"}] * 2,
    },
}


def test_each_move_is_a_row_in_the_words_of_the_trade() -> None:
    first, second = rows_of(EVENT, {"PEN": "07612345001012"}.__getitem__, ZoneInfo("Europe/Paris"))

    assert dict(zip(HEADER, first, strict=True)) == {
        "time": "2026-11-21T10:30:00.123+01:00",
        "event": 42,
        "what": "stock.received",
        "item": "PEN",
        "gtin": "07612345001012",
        "lot": "B7",
        "expiry": "2027-03-01",
        "pallet": "",
        "quantity": 3,
        "from": "supplier:4711",
        "to": "location:DOCK-1",
        "order": "",
        "line": 2,
        "purchase order": "'-4711",
        "announcement": "",
        "serial": "",
        "station": "dock-1",
        "scanner": "gun-1",
        "operator": "'@alice",
        "cause": "scan/7",
        "id": "par1/dock-a/2f9c/42",
    }
    assert second == first


def test_an_event_without_moves_has_no_rows() -> None:
    assert list(rows_of({**EVENT, "data": {"sku": "PEN"}}, str, ZoneInfo("UTC"))) == []


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_would_be_a_formula_is_text(text: str) -> None:
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "B-7", "a=1", "'=1"])
def test_any_other_cell_is_left_as_it_is(text: str) -> None:
    assert defused(text) == text
