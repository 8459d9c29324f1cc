"""What a person wants of labels at the command line: one once more, from another printer, or never."""

import pytest

from config.settings import Labels, Printer
from edge.facts import LabelGivenUp, LabelPrinted, LabelSending, LabelsRedirected, ReprintAsked, Verdict
from tests.house import House

BY = "cli-1"


@pytest.fixture
def two(house: House) -> House:
    """A house with two printers."""
    printers = tuple(
        Printer(id=name, language="zpl", device=f"tcp://127.0.0.1:{port}")
        for name, port in (("zebra-1", 9100), ("zebra-2", 9101))
    )
    house.restart(house.settings.model_copy(update={"printers": printers}))
    return house


def _label(house: House, job: int = 1) -> str:
    ((label,),) = house.rows("SELECT label FROM labels WHERE job = ?", job)
    return str(label)


def _jobs(house: House) -> list[tuple[str, str, int]]:
    return house.rows("SELECT printer, status, copy FROM labels ORDER BY job")


def test_a_printed_label_comes_again_marked(two: House) -> None:
    two.receive("PEN", 2)
    two.post(LabelPrinted(1))

    answer = two.post(ReprintAsked(_label(two), BY))

    assert (answer.verdict, answer.text) == (
        Verdict.ACCEPT,
        f"Label {_label(two)} is printed again, marked COPY.",
    )
    assert _jobs(two) == [("zebra-1", "printed", 0), ("zebra-1", "queued", 1)]


def test_one_that_waits_is_not_queued_twice_and_says_where_it_waits(two: House) -> None:
    two.receive("PEN", 2)

    answer = two.post(ReprintAsked(_label(two), BY))

    text = f"Label {_label(two)} waits for zebra-1 still: see to the printer."
    assert (answer.verdict, answer.text) == (Verdict.ATTENTION, text)
    assert len(_jobs(two)) == 1


def test_what_central_asks_for_obeys_the_same_rule(two: House) -> None:
    two.receive("PEN", 2)
    two.post(LabelPrinted(1))

    two.done("label.reprint", {"label": _label(two)})

    assert _jobs(two) == [("zebra-1", "printed", 0), ("zebra-1", "queued", 1)]


def test_all_that_waits_for_a_printer_goes_to_another_in_order(two: House) -> None:
    for _ in range(3):
        two.receive("PEN", 2)
    two.post(LabelPrinted(1))

    answer = two.post(LabelsRedirected(None, "zebra-1", "zebra-2", BY))

    assert answer.text == "2 labels wait for zebra-2 now, in the order booked."
    assert [printer for printer, _, _ in _jobs(two)] == ["zebra-1", "zebra-2", "zebra-2"]
    assert two.post(LabelsRedirected(None, "zebra-1", "zebra-2", BY)).text == "No label waits for zebra-1."


def test_one_label_that_waits_is_a_sentence_of_its_own(two: House) -> None:
    two.receive("PEN", 2)
    two.receive("PEN", 2)

    one = two.post(LabelsRedirected(_label(two, 2), "zebra-1", "zebra-2", BY))
    rest = two.post(LabelsRedirected(None, "zebra-1", "zebra-2", BY))

    assert one.text == f"Label {_label(two, 2)} waits for zebra-2 now."
    assert rest.text == "1 label waits for zebra-2 now, in the order booked."


def test_a_label_whose_bytes_are_on_the_way_stays_with_its_printer(two: House) -> None:
    two.receive("PEN", 2)
    two.post(LabelSending(1))
    label = _label(two)
    sent = f"Label {label} is being sent to its printer: try again once that has said what became of it."

    for wish in (LabelsRedirected(label, "zebra-1", "zebra-2", BY), LabelGivenUp(label, "torn", BY)):
        answer = two.post(wish)
        assert (answer.verdict, answer.text) == (Verdict.REJECT, sent)
    assert two.post(LabelsRedirected(None, "zebra-1", "zebra-2", BY)).verdict is Verdict.REJECT

    assert _jobs(two) == [("zebra-1", "sending", 0)]


@pytest.mark.parametrize(
    ("printer", "to", "text"),
    [
        ("zebra-9", "zebra-2", "There is no printer zebra-9 here; there is zebra-1, zebra-2."),
        ("zebra-1", "zebra-9", "There is no printer zebra-9 here; there is zebra-1, zebra-2."),
        ("zebra-1", "zebra-1", "Its labels wait for zebra-1 already: name another printer."),
    ],
)
def test_labels_go_between_printers_of_this_node_alone(two: House, printer: str, to: str, text: str) -> None:
    two.receive("PEN", 2)

    answer = two.post(LabelsRedirected(None, printer, to, BY))

    assert (answer.verdict, answer.text) == (Verdict.REJECT, text)


def test_a_printer_that_was_taken_out_of_the_configuration_can_be_emptied(two: House) -> None:
    two.receive("PEN", 2)
    kept = tuple(printer for printer in two.settings.printers if printer.id == "zebra-2")
    stations = tuple(one.model_copy(update={"printer": None}) for one in two.settings.stations)
    two.restart(two.settings.model_copy(update={"printers": kept, "stations": stations}))

    answer = two.post(LabelsRedirected(None, "zebra-1", "zebra-2", BY))

    assert answer.verdict is Verdict.ACCEPT
    assert _jobs(two) == [("zebra-2", "queued", 0)]


def test_a_label_that_waits_elsewhere_or_nowhere_says_so(two: House) -> None:
    two.receive("PEN", 2)
    label = _label(two)

    elsewhere = two.post(LabelsRedirected(label, "zebra-2", "zebra-1", BY))
    two.post(LabelPrinted(1))
    nowhere = two.post(LabelsRedirected(label, "zebra-1", "zebra-2", BY))

    assert elsewhere.text == f"Label {label} waits for zebra-1."
    assert nowhere.text == f"Label {label} does not wait for zebra-1."


def test_a_label_is_given_up_with_a_reason_that_central_hears(two: House) -> None:
    two.receive("PEN", 2)
    two.told()

    answer = two.post(LabelGivenUp(_label(two), "written by hand", BY))

    assert answer.text == f"Label {_label(two)} is given up."
    (failed,) = two.told()
    assert (failed.type, failed.data["error"]) == ("label.failed", "written by hand")
    assert two.rows("SELECT status, error FROM labels") == [("failed", "written by hand")]
    again = two.post(LabelGivenUp(_label(two), "written by hand", BY))
    assert again.text == f"Label {_label(two)} does not wait: it is failed."


def test_a_label_that_is_held_can_be_given_up(two: House) -> None:
    two.restart(two.settings.model_copy(update={"labels": Labels(max_age_h=1)}))
    two.receive("PEN", 2)
    two.wait(7200)
    two.post(LabelSending(1))

    two.post(LabelGivenUp(_label(two), "the goods have gone", BY))

    assert two.rows("SELECT status FROM labels") == [("failed",)]
    assert not [about for kind, about in two.exceptions() if kind == "label"]


def test_a_wish_about_a_label_that_is_none_of_ours_or_void_is_refused(two: House) -> None:
    two.receive("PEN", 2)
    label = _label(two)
    two.scans("CMD:UNDO")

    for wish in (
        ReprintAsked("x-1", BY),
        LabelsRedirected("x-1", "zebra-1", "zebra-2", BY),
        LabelGivenUp("x-1", "a", BY),
    ):
        answer = two.post(wish)
        assert (answer.verdict, answer.why) == (Verdict.REJECT, "unknown_label")
        assert answer.text == "Label x-1 is none of this node's."
    assert two.post(ReprintAsked(label, BY)).verdict is Verdict.REJECT


def test_a_wish_is_a_fact_of_the_journal_with_who_said_it(two: House) -> None:
    two.receive("PEN", 2)

    two.post(LabelGivenUp(_label(two), "torn", BY))

    ((cause, source, body),) = two.rows("SELECT cause, source, body FROM facts ORDER BY seq DESC LIMIT 1")
    assert (cause, source, body) == (f"command/{BY}", "cli", f"label.give_up {_label(two)}")
