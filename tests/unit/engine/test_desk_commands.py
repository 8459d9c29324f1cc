"""What central asks of the desk: `exception.clear`, `label.reprint`, `asn.cancel` (contract section 6)."""

import json
from dataclasses import replace
from typing import Any

import pytest

from edge.facts import Delivered, LabelFailed, LabelPrinted, LabelSending
from edge.ledger.outbox import LabelRows
from edge.outbox import LabelJob
from tests.commands import command, refused
from tests.house import House, Told


def waiting_label(house: House) -> LabelJob | None:
    """What the printer would print next."""
    rows = LabelRows(house.settings.data_dir / "ledger.db", "zebra-1")
    try:
        return rows.next()
    finally:
        rows.close()


def printed(house: House, job: int) -> None:
    house.post(LabelSending(job))
    house.post(LabelPrinted(job))


def error(house: House, type_: str, data: dict[str, Any]) -> tuple[str, str]:
    """The code and place of a refusal that told nothing else."""
    house.told()
    found = house.command(type_, data)["error"]
    assert house.told() == []
    return found["code"], found["at"]


def test_an_exception_is_cleared_with_its_reason(house: House) -> None:
    house.scans("SKU:PEN")
    ((id_,),) = house.rows("SELECT id FROM exceptions")
    house.told()

    house.done("exception.clear", {"exception": id_, "reason": "the office knows"})

    told = {"exception": id_, "kind": "unknown_item", "about": "PEN", "reason": "the office knows"}
    assert house.told() == [Told("exception.cleared", told)]
    assert house.exceptions() == []


def test_an_exception_that_was_cleared_before_is_cleared_and_nothing_is_told(house: House) -> None:
    house.scans("SKU:PEN")
    ((id_,),) = house.rows("SELECT id FROM exceptions")
    house.done("exception.clear", {"exception": id_, "reason": "the office knows"})
    house.told()

    again = house.done("exception.clear", {"exception": id_, "reason": "seen to"})

    assert (house.told(), "first_seq" in again) == ([], False)
    assert house.rows("SELECT reason FROM exceptions") == [("the office knows",)]


def test_an_exception_that_is_not_there_is_unknown(house: House) -> None:
    data = {"exception": "0000-x1", "reason": "seen to"}

    assert error(house, "exception.clear", data) == ("unknown_exception", "exception")


def test_a_label_is_printed_again_with_the_mark(house: House) -> None:
    house.scans("SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")
    printed(house, 1)
    assert waiting_label(house) is None
    house.told()

    house.done("label.reprint", {"label": label})

    job = waiting_label(house)
    assert job is not None
    assert (job.job, job.label, job.copy) == (2, label, True)
    printed(house, 2)
    (told,) = house.told()
    assert (told.type, told.data["copy"]) == ("label.printed", True)


def test_a_label_that_is_still_to_be_printed_comes_once_and_without_the_mark(house: House) -> None:
    house.scans("SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")

    house.done("label.reprint", {"label": label})

    job = waiting_label(house)
    assert job is not None
    assert not job.copy


def test_a_label_that_failed_is_tried_again_and_its_exception_ends_when_it_is_printed(house: House) -> None:
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.scans("SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")
    house.post(LabelFailed(1, "no such layout"))
    assert house.exceptions() == [("label", label)]

    house.done("label.reprint", {"label": label})
    printed(house, 2)

    assert house.exceptions() == []


def test_a_label_asked_for_twice_before_it_comes_out_comes_once_and_behind_the_others(house: House) -> None:
    house.scans("SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")
    printed(house, 1)
    house.scans("SKU:PEN")

    house.done("label.reprint", {"label": label})
    house.done("label.reprint", {"label": label})

    assert house.rows("SELECT job, label = ?, copy, status FROM labels ORDER BY job", label) == [
        (1, 1, 0, "printed"),
        (2, 0, 0, "queued"),
        (3, 1, 1, "queued"),
    ]


def test_a_copy_of_a_label_stands_for_the_goods_of_the_label(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.scans("QTY:2", "SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")
    printed(house, 1)
    house.done("label.reprint", {"label": label})
    printed(house, 2)

    house.scans("CMD:PICK", f"LBL:{label}")

    assert house.stock("PEN") == {("picked:SO-1", ""): 2}
    assert error(house, "label.reprint", {"label": label}) == ("bad_value", "label")


@pytest.mark.parametrize("label", ["0000-1", "nonsense", "1"])
def test_a_label_of_another_ledger_or_of_nothing_is_unknown(house: House, label: str) -> None:
    assert error(house, "label.reprint", {"label": label}) == ("unknown_label", "label")


def test_a_void_label_is_not_printed_again(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.scans("QTY:2", "SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels")
    printed(house, 1)
    house.done("order.cancel", {"order": "SO-1"})

    assert error(house, "label.reprint", {"label": label}) == ("bad_value", "label")
    assert waiting_label(house) is None


def test_what_is_not_received_of_a_cancelled_announcement_is_expected_no_more(house: House) -> None:
    eta = "2026-12-01T09:00:00Z"
    house.order("SO-1", ("PEN", 2))
    house.done("asn.announce", {"asn": "A-1", "eta": eta, "lines": [{"line": 1, "sku": "PEN", "qty": 5}]})
    house.told()

    house.done("asn.cancel", {"asn": "A-1"})

    (withdrawn,) = house.told()
    assert (withdrawn.type, withdrawn.data["expected_at"], withdrawn.data["was"]) == (
        *("backorder.eta", None, eta),
    )
    assert house.level("PEN")["expected"] == 0


def test_an_announcement_that_is_not_there_cannot_be_cancelled(house: House) -> None:
    assert error(house, "asn.cancel", {"asn": "A-9"}) == ("bad_value", "asn")


def test_a_command_that_could_not_be_read_is_answered_again_as_before(house: House) -> None:
    wrong = refused(command("order.place", {"order": "SO-1", "lines": []}))
    other = replace(wrong, digest="of other content")

    for fact in (wrong, wrong, other):
        house.post(fact)

    first, again, conflict = (
        json.loads(said) for (said,) in house.rows("SELECT payload FROM answers ORDER BY number")
    )
    assert (first["error"]["code"], again) == ("bad_value", first)
    assert conflict["error"] == {
        "code": "conflict",
        "text": "Command c-881 was sent before with other content: give it a new id.",
    }
    assert house.rows("SELECT count(*) FROM facts WHERE answer = 'refused'") == [(1,)]


def test_answers_that_central_has_are_not_kept_twice(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    house.order("SO-2", ("PEN", 1))

    house.post(Delivered("answers", 1))

    assert house.rows("SELECT number FROM answers") == [(2,)]
    assert house.rows("SELECT value FROM cursors WHERE name = 'answers'") == [(1,)]
    assert house.rows("SELECT count(*) FROM commands") == [(2,)]


def test_a_command_that_is_refused_is_kept_with_its_reason(house: House) -> None:
    house.command("exception.clear", {"exception": "x-9", "reason": "seen"})

    assert house.rows("SELECT cause, source, body, answer, text FROM facts") == [
        ("command/c-1", "/erp", "exception.clear c-1", "refused", "There is no exception x-9.")
    ]
