"""The list of labels says of each whether it is void, as a scan of it would."""

from typing import Any

import pytest

from edge.engine.own_labels import voided
from edge.facts import LabelPrinted
from edge.ledger.reading import snapshot
from tests.house import House


def _listed(house: House, *, waiting_only: bool = False) -> list[dict[str, Any]]:
    with snapshot(house.settings.data_dir / "ledger.db") as reading:
        return reading.labels(limit=100, waiting_only=waiting_only)


def _shown(house: House) -> list[tuple[str, str, bool]]:
    """Each label's order and status and whether it is shown as void, in the order printed."""
    return [(row["order"] or row["kind"], row["status"], row["void"]) for row in reversed(_listed(house))]


def _scanned_void(house: House, label: str) -> bool:
    books = house.engine.books
    found = books.labels.named(label)
    assert found is not None
    refused = voided(books, found)
    return refused is not None and refused.why == "void_label"


def test_a_label_that_waits_is_shown_as_void_once_its_goods_are_promised_elsewhere(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 4)
    house.done("order.cancel", {"order": "SO-1"})

    assert _shown(house) == [("SO-1", "queued", True), ("SO-2", "queued", False)]
    assert [row["void"] for row in _listed(house, waiting_only=True)] == [False, True]


def test_a_copy_is_void_with_its_label(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    house.post(LabelPrinted(1))
    house.scans("CMD:REPRINT")
    house.done("order.cancel", {"order": "SO-1"})

    shown = [row for row in _shown(house) if row[0] == "SO-1"]
    assert shown == [("SO-1", "printed", True), ("SO-1", "queued", True)]


@pytest.mark.parametrize(
    ("order", "then", "is_void"),
    [
        (2, (), False),
        (2, ("CMD:UNDO",), True),
        (2, ("CMD:PICK", "LBL:{label}"), False),
        (2, ("CMD:PICK", "LBL:{label}", "CMD:UNDO"), False),
        (2, ("CMD:PICK", "LOC:DOCK-1", "ORD:SO-1", "QTY:2", "SKU:PEN"), False),
        (2, ("CMD:PICK", "LOC:DOCK-1", "ORD:SO-1", "QTY:1", "SKU:PEN"), True),
        (2, ("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN"), True),
    ],
)
def test_a_label_is_shown_as_void_when_a_scan_of_it_says_so(
    house: House, order: int, then: tuple[str, ...], is_void: bool
) -> None:
    house.order("SO-1", ("PEN", order))
    house.receive("PEN", 2)
    ((label,),) = house.rows("SELECT label FROM labels")
    for code in then:
        house.scans(code.format(label=label))

    shown = {row["label"]: row["void"] for row in _listed(house)}

    assert shown == {name: _scanned_void(house, name) for name in shown}
    assert shown[label] is is_void
