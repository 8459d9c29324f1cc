"""A label's turn comes: it is sent, or it is void, too old or another printer's by then, and no byte of it goes."""

import pytest

from config.settings import Labels
from edge.facts import LabelFailed, LabelPrinted, LabelSending, LabelUnsettled, Verdict
from edge.ledger.outbox import LabelRows
from tests.house import House

HOUR_S = 3600


def _jobs(house: House) -> list[tuple[str, int, str | None]]:
    return house.rows("SELECT status, copy, error FROM labels ORDER BY job")


def _next(house: House, printer: str = "zebra-1") -> int | None:
    rows = LabelRows(house.settings.data_dir / "ledger.db", printer)
    job = rows.next()
    rows.close()
    return job.job if job else None


def _asked(house: House) -> list[str]:
    """The printers and labels about which somebody has to do something."""
    return [about for kind, about in house.exceptions() if kind == "label"]


@pytest.fixture
def aging(house: House) -> House:
    """A house whose labels are held once they are twelve hours old."""
    house.restart(house.settings.model_copy(update={"labels": Labels(max_age_h=12)}))
    return house


def test_a_label_whose_promise_went_elsewhere_is_not_printed_any_more(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    house.done("order.cancel", {"order": "SO-1"})
    house.told()

    answer = house.post(LabelSending(1))

    assert answer.verdict is Verdict.REJECT
    assert answer.text.startswith("It is not printed: ")
    assert _jobs(house)[0] == ("failed", 0, "void before it was printed")
    (failed,) = house.told()
    assert (failed.type, failed.data["error"]) == ("label.failed", "void before it was printed")
    assert _asked(house) == []


def test_a_label_that_was_picked_before_it_came_out_comes_out(house: House) -> None:
    # The picker may still want it on the box.
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:PICK", f"LBL:{label}")

    assert house.post(LabelSending(1)).verdict is Verdict.ACCEPT


def test_a_label_that_is_too_old_when_its_turn_comes_is_held_and_told(aging: House) -> None:
    aging.receive("PEN", 2)
    aging.receive("INK", 2)
    ((first_at,),) = aging.rows("SELECT at FROM labels WHERE job = 1")
    aging.clock.at_ms = first_at + 12 * HOUR_S * 1000
    assert aging.post(LabelSending(1)).verdict is Verdict.ACCEPT
    aging.wait(HOUR_S)

    answer = aging.post(LabelSending(2))

    text = (
        "A label for zebra-1 was older than 12 h when its turn came, and is held. See them: crossdock labels. "
        "Print each (labels reprint) or give it up (labels give-up)."
    )
    assert (answer.verdict, answer.text) == (Verdict.REJECT, text)
    assert _jobs(aging)[1] == ("held", 0, "older than 12 h")
    assert _asked(aging) == ["zebra-1"]
    aging.post(LabelPrinted(1))
    assert _next(aging) is None


def test_one_that_is_held_comes_out_when_somebody_says_so_without_a_mark_it_does_not_need(
    aging: House,
) -> None:
    aging.receive("PEN", 2)
    aging.wait(13 * HOUR_S)
    aging.post(LabelSending(1))

    answer = aging.scans("CMD:REPRINT")

    ((label,),) = aging.rows("SELECT label FROM labels")
    assert answer.text == f"Label {label} was held, and is printed by zebra-1."
    assert _jobs(aging) == [("queued", 0, None)]
    assert _asked(aging) == []
    # Its age counts from then on.
    assert aging.post(LabelSending(1)).verdict is Verdict.ACCEPT


def test_one_that_may_be_on_paper_and_was_held_comes_with_the_mark(aging: House) -> None:
    aging.receive("PEN", 2)
    aging.post(LabelSending(1))
    aging.post(LabelUnsettled(1, "The line broke."))
    aging.wait(13 * HOUR_S)
    aging.post(LabelSending(1))

    aging.scans("CMD:REPRINT")

    assert _jobs(aging) == [("unknown", 1, None)]


def test_the_exception_stays_while_another_label_of_the_printer_is_held(aging: House) -> None:
    aging.receive("PEN", 2)
    aging.receive("INK", 2)
    aging.wait(13 * HOUR_S)
    aging.post(LabelSending(1))
    aging.post(LabelSending(2))

    aging.scans("CMD:REPRINT")

    assert _asked(aging) == ["zebra-1"]


def test_a_label_that_is_held_and_undone_asks_nobody_any_more(aging: House) -> None:
    aging.receive("PEN", 2)
    aging.post(LabelPrinted(1))
    aging.receive("INK", 2)
    aging.restart(aging.settings.model_copy(update={"labels": Labels(max_age_h=1)}))
    aging.clock.at_ms += 14 * 60_000
    aging.rows("UPDATE labels SET at = at - 7200000 WHERE job = 2")
    aging.post(LabelSending(2))
    assert _asked(aging) == ["zebra-1"]

    aging.scans("CMD:UNDO")

    assert _jobs(aging)[1] == ("failed", 0, "undone")
    assert _asked(aging) == []


def test_who_is_no_more_the_printer_of_a_label_neither_sends_nor_fails_it(house: House) -> None:
    house.receive("PEN", 2)

    for fact in (LabelSending(1, "zebra-2"), LabelFailed(1, "too wide", "zebra-2")):
        answer = house.post(fact)
        assert (answer.verdict, answer.text.endswith(" is for zebra-1 by now.")) == (Verdict.REJECT, True)

    assert _jobs(house) == [("queued", 0, None)]


@pytest.mark.parametrize("end", [LabelPrinted(1), LabelFailed(1, "too wide")], ids=["printed", "failed"])
def test_a_label_that_has_ended_is_not_sent_again(house: House, end: LabelPrinted | LabelFailed) -> None:
    house.receive("PEN", 2)
    house.post(end)
    before = _jobs(house)

    assert house.post(LabelSending(1)).verdict is Verdict.REJECT
    assert house.post(LabelPrinted(1)).verdict is Verdict.ACCEPT

    assert _jobs(house) == before


def test_a_label_that_another_may_have_printed_since_it_was_drawn_is_drawn_again_with_the_mark(
    house: House,
) -> None:
    house.receive("PEN", 2)
    # It went to another printer, which died within it, and came back.
    house.post(LabelSending(1, "zebra-1", copy=False))
    house.post(LabelUnsettled(1, "The line broke."))

    late = house.post(LabelSending(1, "zebra-1", copy=False))
    drawn_again = house.post(LabelSending(1, "zebra-1", copy=True))

    ((label,),) = house.rows("SELECT label FROM labels")
    assert (late.verdict, late.text) == (Verdict.REJECT, f"Label {label} is to be marked by now.")
    assert drawn_again.verdict is Verdict.ACCEPT
