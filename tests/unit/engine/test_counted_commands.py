"""`cmdseq`: commands that a source counts are applied in that order and without a hole (contract section 6)."""

import json
from typing import Any

import pytest

from edge.facts import CommandRefused
from sync.reading import read_command
from tests.commands import command
from tests.house import House

NEXT = {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 1}]}


def send(house: House, cmdseq: int, id: str = "", data: Any = None, **attributes: Any) -> dict[str, Any]:
    order = {**NEXT, "order": f"SO-{cmdseq}"} if data is None else data
    return house.command("order.place", order, id=id or f"n-{cmdseq}", cmdseq=cmdseq, **attributes)


def gap(id: str, got: int, expected: int) -> dict[str, Any]:
    text = f"cmdseq must be {expected}, got {got}: send the commands of this source again from there"
    error = {"code": "gap", "text": text, "at": "cmdseq", "expected": expected}
    return {"id": id, "source": "/erp", "ok": False, "error": error}


def orders(house: House) -> list[str]:
    return [order for (order,) in house.rows("SELECT id FROM orders ORDER BY id")]


def test_commands_that_count_from_1_are_applied(house: House) -> None:
    assert [send(house, n)["ok"] for n in (1, 2, 3)] == [True] * 3

    assert orders(house) == ["SO-1", "SO-2", "SO-3"]


def test_a_source_begins_with_1(house: House) -> None:
    assert send(house, 7) == gap("n-7", 7, 1)

    assert orders(house) == []


def test_behind_a_hole_nothing_is_applied_until_what_is_missing_has_come(house: House) -> None:
    send(house, 1)

    assert send(house, 3) == gap("n-3", 3, 2)
    assert send(house, 4) == gap("n-4", 4, 2)
    assert [send(house, n)["ok"] for n in (2, 3, 4)] == [True] * 3

    assert orders(house) == ["SO-1", "SO-2", "SO-3", "SO-4"]


def test_a_known_command_is_answered_as_before_whatever_its_number(house: House) -> None:
    first = send(house, 1)
    send(house, 2)

    assert send(house, 1) == first
    assert send(house, 9, id="n-1", data={**NEXT, "order": "SO-1"}) == first


def test_a_number_that_was_is_a_gap_under_a_new_id(house: House) -> None:
    send(house, 1)
    send(house, 2)

    assert send(house, 1, id="other") == gap("other", 1, 3)


@pytest.mark.parametrize(
    ("code", "data"), [("missing_field", {"order": "SO-2"}), ("exists", {**NEXT, "express": True})]
)
def test_a_command_that_is_refused_counts(house: House, code: str, data: dict[str, Any]) -> None:
    send(house, 1)

    assert send(house, 2, data=data)["error"]["code"] == code
    assert send(house, 3)["ok"]


def test_an_id_with_other_content_counts_too(house: House) -> None:
    send(house, 1)

    assert send(house, 2, id="n-1")["error"]["code"] == "conflict"
    assert send(house, 3)["ok"]


def test_a_central_that_was_put_back_goes_on_with_what_it_sent_before(house: House) -> None:
    house.command("order.place", NEXT, id="n-1")

    assert send(house, 1, id="n-1", data=NEXT)["ok"]
    assert send(house, 2)["ok"]


def test_what_cannot_even_be_named_counts_where_its_number_can_be_read(house: House) -> None:
    payload = command("order.place", NEXT, id=17, cmdseq=1)
    fact = read_command(payload)
    assert isinstance(fact, CommandRefused)
    assert (fact.id, fact.source, fact.cmdseq) == ("", "/erp", 1)

    house.post(fact)

    assert send(house, 2)["ok"]


def test_what_cannot_be_read_behind_a_hole_is_a_gap(house: House) -> None:
    assert send(house, 2, data={"order": "SO-2"}) == gap("n-2", 2, 1)


def test_each_source_counts_for_itself_and_commands_without_a_number_are_not_counted(house: House) -> None:
    send(house, 1)

    assert house.command("order.place", {**NEXT, "order": "SO-7"})["ok"]
    assert send(house, 1, id="w-1", data={**NEXT, "order": "SO-8"}, source="/wms")["ok"]
    assert send(house, 2)["ok"]


def test_a_mistake_of_ours_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a bug")

    monkeypatch.setattr("edge.engine.commands.ordering.place", breaks)
    assert send(house, 1)["error"]["code"] == "bad_value"
    monkeypatch.undo()

    assert send(house, 2)["ok"]


def test_a_gap_is_an_answer_and_not_the_command_s_own(house: House) -> None:
    send(house, 2)

    assert house.rows("SELECT count(*) FROM commands") == [(0,)]
    ((said,),) = house.rows("SELECT payload FROM answers")
    assert json.loads(said) == gap("n-2", 2, 1)
