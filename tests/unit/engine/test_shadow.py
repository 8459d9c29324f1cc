"""In shadow everything is booked and told as ever, its labels are kept to be seen, and nothing is printed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import Scanner, Settings
from edge.facts import LabelFailed, LabelPrinted, LabelSending, LabelUnsettled, Verdict
from edge.ledger.backup import back_up
from edge.ledger.outbox import LabelRows
from edge.ledger.reading import snapshot
from edge.ledger.restore import restore
from edge.outbox import LabelJob
from tests.house import House, settings


def _scanner(id: str, *, shadow: bool = False) -> Scanner:
    return Scanner(id=id, device=f"serial:///dev/{id}", station="dock-1", shadow=shadow)


def _in_shadow(folder: Path) -> Settings:
    """The whole node is in shadow."""
    return settings(folder).model_copy(update={"shadow": True})


def _beside_others(folder: Path) -> Settings:
    """One of two scanners is in shadow."""
    scanners = (_scanner("gun-1", shadow=True), _scanner("gun-2"))
    return settings(folder).model_copy(update={"scanners": scanners})


@pytest.fixture
def shadow(tmp_path: Path) -> Iterator[House]:
    house = House(_in_shadow(tmp_path))
    yield house
    house.audit()
    house.close()


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[House]:
    house = House(_beside_others(tmp_path))
    yield house
    house.audit()
    house.close()


def _next(house: House) -> LabelJob | None:
    rows = LabelRows(house.settings.data_dir / "ledger.db", "zebra-1")
    try:
        return rows.next()
    finally:
        rows.close()


def _labels(house: House) -> list[tuple[str, str, int]]:
    return house.rows("SELECT kind, status, copy FROM labels ORDER BY job")


def test_a_node_in_shadow_makes_its_labels_and_gives_none_to_a_printer(shadow: House) -> None:
    shadow.order("SO-1", ("PEN", 2))

    shadow.receive("PEN", 3)

    assert _labels(shadow) == [("backorder", "shadow", 0), ("putaway", "shadow", 0)]
    assert _next(shadow) is None
    with snapshot(shadow.settings.data_dir / "ledger.db") as reading:
        assert (reading.labels_waiting(), reading.label_counts()) == ({}, {"shadow": 2})


def test_a_node_in_shadow_books_and_tells_as_any(shadow: House, tmp_path: Path) -> None:
    (tmp_path / "lit").mkdir()
    lit = House(settings(tmp_path / "lit"))
    for house in (shadow, lit):
        house.order("SO-1", ("PEN", 2))
        house.receive("PEN", 3)
        house.scans("CMD:MISSING", "LOC:DOCK-1", "QTY:1", "SKU:PEN")

    assert _told(shadow) == _told(lit)
    of_each = "SELECT job, kind, printer, sku, qty, order_id FROM labels ORDER BY job"
    assert shadow.rows(of_each) == lit.rows(of_each)
    lit.close()


def _told(house: House) -> list[tuple[str, dict[str, Any]]]:
    """What central is told, but for the ids of exceptions, which begin with the ledger's own."""
    return [
        (told.type, {name: value for name, value in told.data.items() if name != "exception"})
        for told in house.told()
    ]


def test_of_two_scanners_only_the_one_in_shadow_prints_nothing(beside: House) -> None:
    beside.scan("SKU:PEN", scanner="gun-1")
    beside.scan("SKU:INK", scanner="gun-2")

    assert beside.rows("SELECT sku, status FROM labels ORDER BY job") == [
        ("PEN", "shadow"),
        ("INK", "queued"),
    ]
    job = _next(beside)
    assert job is not None
    assert job.job == 2


def test_a_call_of_the_command_line_is_in_shadow_only_with_the_whole_node(beside: House) -> None:
    beside.scan("SKU:PEN", scanner="cli-1")

    assert _labels(beside) == [("putaway", "queued", 0)]


@pytest.mark.parametrize(("fixture", "status"), [("shadow", "shadow"), ("beside", "queued")])
def test_what_central_has_printed_is_in_shadow_only_with_the_whole_node(
    request: pytest.FixtureRequest, fixture: str, status: str
) -> None:
    house: House = request.getfixturevalue(fixture)
    house.order("SO-1", ("PEN", 2))
    house.scan("QTY:2")
    house.scan("SKU:PEN")
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'backorder'")

    house.done("label.reprint", {"label": label})
    house.scans("CMD:PICK", f"LBL:{label}")
    house.done("order.cancel", {"order": "SO-1"})

    assert _labels(house) == [
        ("backorder", "shadow", 0),
        ("backorder", status, 1),
        ("restock", status, 0),
    ]


def test_a_label_in_shadow_stands_for_its_goods_and_is_spent_and_void_as_any(shadow: House) -> None:
    shadow.order("SO-1", ("PEN", 2))
    shadow.receive("PEN", 3)
    ((backorder,), (putaway,)) = shadow.rows("SELECT label FROM labels ORDER BY job")

    shadow.scans("CMD:MOVE", "LOC:DOCK-1", f"LBL:{putaway}", "LOC:A-01")
    shadow.scans("CMD:PICK", f"LBL:{backorder}")

    assert shadow.stock("PEN") == {("location:A-01", ""): 1, ("picked:SO-1", ""): 2}
    assert shadow.scan(f"LBL:{backorder}").why == "duplicate"
    shadow.receive("INK", 1)
    ((ink,),) = shadow.rows("SELECT label FROM labels WHERE sku = 'INK'")
    shadow.scans("CMD:UNDO", "CMD:MOVE", "LOC:DOCK-1")
    assert shadow.scan(f"LBL:{ink}").why == "void_label"
    assert shadow.rows("SELECT status, void, error FROM labels WHERE sku = 'INK'") == [("shadow", 1, None)]


def test_a_person_is_told_of_a_label_in_shadow_that_it_was_not_printed(shadow: House) -> None:
    shadow.receive("PEN", 3)
    ((label,),) = shadow.rows("SELECT label FROM labels")

    text = shadow.scans("CMD:INFO", f"LBL:{label}").text

    assert text.startswith(f"Label {label}, putaway: 3 PEN; of 2026-11-21 09:00, in shadow, not printed.")


def test_a_reprint_in_shadow_says_that_nothing_comes(shadow: House) -> None:
    shadow.receive("PEN", 3)
    ((label,),) = shadow.rows("SELECT label FROM labels")

    for _ in range(2):
        answer = shadow.scans("CMD:REPRINT")
        assert answer.verdict is Verdict.ACCEPT
        assert answer.text == f"Label {label} is not printed again: this node is in shadow."

    assert _labels(shadow) == [("putaway", "shadow", 0), ("putaway", "shadow", 1), ("putaway", "shadow", 1)]


def test_a_label_made_in_shadow_is_printed_later_only_when_asked_for_and_marked(
    shadow: House, tmp_path: Path
) -> None:
    shadow.receive("PEN", 3)
    shadow.restart(settings(tmp_path))
    assert _next(shadow) is None

    shadow.scans("CMD:REPRINT")

    job = _next(shadow)
    assert job is not None
    assert (job.job, job.copy) == (2, True)
    shadow.told()
    shadow.post(LabelPrinted(2))
    (printed,) = shadow.told()
    assert (printed.type, printed.data["copy"]) == ("label.printed", True)


def test_what_waits_from_before_the_shadow_waits_on(house: House, tmp_path: Path) -> None:
    house.receive("PEN", 3)

    house.restart(_in_shadow(tmp_path))
    house.receive("INK", 1)
    house.restart(settings(tmp_path))

    assert _labels(house) == [("putaway", "queued", 0), ("putaway", "shadow", 0)]
    job = _next(house)
    assert job is not None
    assert (job.job, job.copy) == (1, False)


@pytest.mark.parametrize(
    "fact",
    [LabelSending(1), LabelPrinted(1), LabelUnsettled(1, "The line broke."), LabelFailed(1, "too wide")],
    ids=lambda fact: type(fact).__name__,
)
def test_nothing_a_printer_says_ends_a_label_in_shadow(
    shadow: House, fact: LabelSending | LabelPrinted | LabelUnsettled | LabelFailed
) -> None:
    shadow.receive("PEN", 3)
    shadow.told()
    exceptions = shadow.exceptions()

    # None of its bytes may go.
    expected = Verdict.REJECT if isinstance(fact, LabelSending) else Verdict.ACCEPT
    assert shadow.post(fact).verdict is expected

    assert _labels(shadow) == [("putaway", "shadow", 0)]
    assert (shadow.told(), shadow.exceptions()) == ([], exceptions)


def test_a_start_and_a_restore_leave_labels_in_shadow(shadow: House, tmp_path: Path) -> None:
    shadow.receive("PEN", 3)
    shadow.restart()
    (tmp_path / "again").mkdir()

    back_up(tmp_path / "ledger.db", tmp_path / "copy.db")
    restore(tmp_path / "copy.db", tmp_path / "again" / "ledger.db")
    restored = House(_in_shadow(tmp_path / "again"))

    assert _labels(shadow) == _labels(restored) == [("putaway", "shadow", 0)]
    restored.audit()
    restored.close()


@pytest.mark.parametrize(
    ("shadowed", "told"),
    [
        ((), ""),
        (("gun-1",), "scanner gun-1: booked, and nothing printed"),
        (("gun-1", "gun-2"), "scanners gun-1, gun-2: booked, and nothing printed"),
    ],
)
def test_what_is_in_shadow_is_told_in_words(tmp_path: Path, shadowed: tuple[str, ...], told: str) -> None:
    scanners = tuple(_scanner(id, shadow=id in shadowed) for id in ("gun-1", "gun-2"))
    node = settings(tmp_path).model_copy(update={"scanners": scanners})

    assert node.shadow_told == told
    assert node.model_copy(update={"shadow": True}).shadow_told == (
        "the whole node: it books, and prints nothing"
    )
