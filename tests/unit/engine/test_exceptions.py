"""Exceptions that a person clears at the command line: told to central, and no answer of a command."""

from edge.facts import Answer, ExceptionCleared, Verdict
from tests.house import House, Told


def raise_one(house: House) -> str:
    """An item that no catalogue knows; its exception's id."""
    house.receive("PEN", 1)
    ((id_,),) = house.rows("SELECT id FROM exceptions WHERE kind = 'unknown_item'")
    house.told()
    return str(id_)


def test_a_person_clears_an_exception_and_central_hears_why(house: House) -> None:
    id_ = raise_one(house)

    answer = house.post(ExceptionCleared(id_, "the office knows", "cli-1"))

    assert answer == Answer(Verdict.ACCEPT, f"{id_} (unknown_item PEN) is cleared.")
    told = {"exception": id_, "kind": "unknown_item", "about": "PEN", "reason": "the office knows"}
    assert house.told() == [Told("exception.cleared", told)]
    assert house.exceptions() == []


def test_it_stands_in_the_journal_as_a_command_of_the_call(house: House) -> None:
    id_ = raise_one(house)

    house.post(ExceptionCleared(id_, "the office knows", "cli-1"))

    last = "SELECT cause, source, body, answer FROM facts ORDER BY seq DESC LIMIT 1"
    assert house.rows(last) == [("command/cli-1", "cli", f"exception.clear {id_}", "ok")]
    assert house.rows("SELECT cause FROM facts WHERE cause LIKE 'command/%'") == [("command/cli-1",)]


def test_central_gets_no_answer_to_what_it_did_not_ask(house: House) -> None:
    id_ = raise_one(house)

    house.post(ExceptionCleared(id_, "the office knows", "cli-1"))
    house.post(ExceptionCleared("no-such-thing", "the office knows", "cli-2"))

    assert house.rows("SELECT count(*) FROM answers") == [(0,)]


def test_one_that_is_not_there_is_refused_and_nothing_is_written(house: House) -> None:
    house.receive("PEN", 1)
    before = house.rows("SELECT max(seq) FROM facts"), house.exceptions()
    house.told()

    answer = house.post(ExceptionCleared("no-such-thing", "the office knows", "cli-1"))

    assert answer == Answer(Verdict.REJECT, "There is no exception no-such-thing.", "unknown_exception")
    assert (house.rows("SELECT max(seq) FROM facts"), house.exceptions()) == before
    assert house.told() == []


def test_one_that_was_cleared_before_keeps_its_first_reason(house: House) -> None:
    id_ = raise_one(house)
    house.post(ExceptionCleared(id_, "the office knows", "cli-1"))
    house.told()

    answer = house.post(ExceptionCleared(id_, "again", "cli-2"))

    assert answer == Answer(Verdict.ACCEPT, f"{id_} was cleared before.")
    assert house.told() == []
    assert house.rows("SELECT reason FROM exceptions") == [("the office knows",)]


def test_one_whose_cause_comes_back_is_raised_anew_under_a_new_id(house: House) -> None:
    id_ = raise_one(house)
    house.post(ExceptionCleared(id_, "the office knows", "cli-1"))
    house.told()

    house.receive("PEN", 1)

    (raised,) = [told.data for told in house.told() if told.type == "exception.raised"]
    assert (raised["kind"], raised["about"]) == ("unknown_item", "PEN")
    assert raised["exception"] != id_
