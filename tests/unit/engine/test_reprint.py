"""CMD:REPRINT: the last label of this scanner once more, marked (contract sections 3 and 5)."""

import pytest

from edge.facts import LabelFailed, LabelPrinted, LabelSending, Verdict
from tests.house import House


def _label(house: House) -> tuple[str, str, int]:
    ((label, status, copy),) = house.rows("SELECT label, status, copy FROM labels ORDER BY job DESC LIMIT 1")
    return label, status, copy


def _printed(house: House) -> None:
    ((job,),) = house.rows("SELECT max(job) FROM labels")
    house.post(LabelSending(job))
    house.post(LabelPrinted(job))


def test_the_last_label_of_this_scanner_is_printed_again_with_the_mark(house: House) -> None:
    house.receive("PEN", 2)
    _printed(house)
    house.told()

    answer = house.scans("CMD:REPRINT")

    label, status, copy = _label(house)
    assert (answer.verdict, answer.text) == (Verdict.ACCEPT, f"Label {label} is printed again, marked COPY.")
    assert (status, copy) == ("queued", 1)
    assert house.told() == []
    _printed(house)
    (printed,) = house.told()
    assert (printed.type, printed.data["label"], printed.data["copy"]) == ("label.printed", label, True)


def test_a_label_that_could_not_be_printed_may_be_tried_again(house: House) -> None:
    house.receive("PEN", 2)
    house.post(LabelFailed(1, "out of ribbon"))

    house.scans("CMD:REPRINT")

    assert _label(house)[1:] == ("queued", 1)


def test_one_that_waits_for_its_printer_is_not_printed_twice(house: House) -> None:
    house.receive("PEN", 2)

    answer = house.scans("CMD:REPRINT")

    label, status, copy = _label(house)
    assert answer.verdict is Verdict.ATTENTION
    assert answer.text == f"Label {label} waits for zebra-1 still: see to the printer."
    assert (status, copy) == ("queued", 0)


def test_without_a_label_there_is_nothing_to_print_again(house: House) -> None:
    house.receive("PEN", 2)

    answer = house.scan("CMD:REPRINT", scanner="gun-2")

    assert (answer.why, answer.text) == (
        "unknown_label",
        "This scanner has had no label printed that could be printed again.",
    )


@pytest.mark.parametrize("between", [("CMD:MOVE",), ("OP:eve",), ("restart",)])
def test_another_mode_person_or_start_forgets_no_label(house: House, between: tuple[str, ...]) -> None:
    house.receive("PEN", 2)
    _printed(house)
    if between == ("restart",):
        house.restart()
    else:
        house.scans(*between)

    assert house.scans("CMD:REPRINT").verdict is Verdict.ACCEPT


def test_a_label_whose_booking_was_undone_is_not_printed_again(house: House) -> None:
    house.receive("PEN", 2)
    _printed(house)
    house.scans("CMD:UNDO")

    answer = house.scan("CMD:REPRINT")

    label, status, _ = _label(house)
    assert (answer.why, answer.text) == (
        "void_label",
        f"Label {label} is void: what it was printed for was undone.",
    )
    assert status == "printed"


def test_a_label_whose_order_lost_its_goods_is_not_printed_again(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    _printed(house)
    house.done("order.cancel", {"order": "SO-1"})

    assert house.scan("CMD:REPRINT").why == "void_label"
