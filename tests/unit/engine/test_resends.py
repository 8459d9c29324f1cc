"""A scanner sends again because our answer was late: answered as before and not booked twice (contract 2 and 3)."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from edge.errors import LedgerError
from edge.facts import Answer, Verdict
from edge.ledger.labels import Labels
from edge.ledger.store import Store
from tests.house import House

DEBOUNCE_MS = 300


def _scan(house: House, code: str) -> Answer:
    """A scan that a person means; its answer takes two seconds."""
    house.wait(10)
    answer = house.scan_now(code, debounce_ms=DEBOUNCE_MS)
    house.wait(2)
    return answer


def _again(house: House, code: str) -> Answer:
    """The scanner sent the code again before it was answered, and is read once it is."""
    return house.scan_now(code, debounce_ms=DEBOUNCE_MS, is_early=True)


def test_a_resend_before_a_late_answer_is_answered_as_before_and_booked_once(house: House) -> None:
    first = _scan(house, "SKU:PEN")
    house.told()

    resend = _again(house, "SKU:PEN")

    assert resend == first
    assert house.told() == []
    assert house.level("PEN")["on_hand"] == 1


def test_the_same_code_after_a_late_answer_is_meant(house: House) -> None:
    _scan(house, "SKU:PEN")

    _scan(house, "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 2


def test_however_often_a_scanner_sent_again_it_is_booked_once(house: House) -> None:
    first = _scan(house, "SKU:PEN")

    answers = [_again(house, "SKU:PEN"), _again(house, "SKU:PEN")]
    # This one came while the last of them was answered: on its way, and not yet here.
    house.wait(0.1)
    answers.append(house.scan_now("SKU:PEN", debounce_ms=DEBOUNCE_MS))

    assert answers == [first] * 3
    assert house.level("PEN")["on_hand"] == 1


def test_another_code_that_came_before_the_answer_is_booked(house: House) -> None:
    _scan(house, "SKU:PEN")

    _again(house, "SKU:INK")

    assert (house.level("PEN")["on_hand"], house.level("INK")["on_hand"]) == (1, 1)


def test_a_digit_that_came_before_the_answer_is_meant(house: House) -> None:
    _scan(house, "NUM:1")
    _again(house, "NUM:1")

    _scan(house, "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 11


def test_without_a_debounce_nothing_is_a_resend(house: House) -> None:
    house.scan_now("SKU:PEN")

    house.scan_now("SKU:PEN", is_early=True)

    assert house.level("PEN")["on_hand"] == 2


def test_an_undo_that_is_sent_again_takes_one_booking_back(house: House) -> None:
    _scan(house, "SKU:PEN")
    _scan(house, "SKU:INK")

    undone, again = _scan(house, "CMD:UNDO"), _again(house, "CMD:UNDO")

    assert undone.text == again.text == "Undone: received, 1 pieces of INK."
    assert (house.level("PEN")["on_hand"], house.level("INK")["on_hand"]) == (1, 0)


def test_a_place_that_is_sent_again_does_not_put_down_what_was_picked_up_there(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    for code in ("CMD:MOVE", "LOC:A-01", "SKU:PEN", "LOC:A-02"):
        first, again = _scan(house, code), _again(house, code)
        assert first == again, code

    assert house.stock("PEN") == {("location:A-01", ""): 1, ("location:A-02", ""): 1}


def test_an_end_that_is_sent_again_is_answered_as_the_first_was(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    for code in ("CMD:COUNT", "LOC:A-01", "SKU:PEN"):
        _scan(house, code)

    done, again = _scan(house, "CMD:DONE"), _again(house, "CMD:DONE")

    assert done.text == again.text
    assert _scan(house, "CMD:DONE").text != done.text
    assert house.level("PEN")["on_hand"] == 1


def test_a_refused_scan_that_is_sent_again_is_refused_again_and_told_once(house: House) -> None:
    refused = _scan(house, "NONSENSE")
    house.told()

    again = _again(house, "NONSENSE")

    assert (again.verdict, again.text) == (Verdict.REJECT, refused.text)
    assert house.told() == []


def test_a_resend_is_known_after_a_restart(house: House) -> None:
    first = _scan(house, "SKU:PEN")

    house.restart()

    assert _again(house, "SKU:PEN") == first
    assert house.level("PEN")["on_hand"] == 1


def test_a_scan_that_could_not_be_booked_is_booked_when_it_is_sent_again(house: House) -> None:
    _scan(house, "SKU:PEN")
    house.engine.books.store.db.execute("PRAGMA query_only = ON")

    # Another carton with the same code.
    assert _scan(house, "SKU:PEN").why == "disk_full"
    assert _again(house, "SKU:PEN").verdict is not Verdict.REJECT

    assert house.level("PEN")["on_hand"] == 2
    assert _again(house, "SKU:PEN").verdict is not Verdict.REJECT
    assert house.level("PEN")["on_hand"] == 2


def test_a_scan_that_a_mistake_of_ours_stopped_is_booked_when_it_is_sent_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    _scan(house, "SKU:PEN")
    with monkeypatch.context() as patched:
        patched.setattr(Labels, "write", broken)
        with pytest.raises(LedgerError):
            _scan(house, "SKU:PEN")

    _again(house, "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 2


def test_a_scan_that_is_on_disk_though_its_commit_failed_is_not_booked_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Store.transaction

    @contextmanager
    def unknown(store: Store) -> Iterator[None]:
        with commit(store):
            yield
        raise sqlite3.OperationalError("disk I/O error")

    _scan(house, "SKU:PEN")
    with monkeypatch.context() as patched:
        patched.setattr(Store, "transaction", unknown)
        assert _scan(house, "SKU:PEN").verdict is Verdict.REJECT

    assert _again(house, "SKU:PEN").verdict is not Verdict.REJECT

    assert house.level("PEN")["on_hand"] == 2
