"""Missing and found: what a picker does not find is served from elsewhere or waits."""

import pytest

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Node, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import wait_for


def test_a_missing_pick_is_served_again_from_another_place_and_the_label_says_so(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    aisle = TcpPrinter(speaks=True)
    aisle.on()
    node = start_node(with_printers(printer.device, aisle.device))
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", "QTY:3", PEN, "LOC:A-01", "QTY:5", PEN)
    central.expect(
        ("backorder.waiting", {"order": "SO-1", "qty": 2}),
        ("order.unfulfillable", {"order": "SO-1"}),
        ("stock.received", {"qty": 3, "location": "DOCK-1"}),
        ("backorder.allocated", {"order": "SO-1", "qty": 2, "location": "DOCK-1", "waiting": 0}),
        ("order.ready", {"order": "SO-1"}),
        ("stock.received", {"qty": 5, "location": "A-01"}),
    )

    verdict = node.take("gun-2", "LOC:DOCK-1", PEN)

    # It raises the exception `count_needed`, and what raises an exception asks for a look.
    assert verdict == "attention"
    missing, *_ = central.expect(
        (
            "stock.missing",
            {
                "sku": "PEN",
                "qty": 3,
                "location": "DOCK-1",
                "station": "aisle-1",
                "released": [{"order": "SO-1", "line": 1, "qty": 2}],
            },
        ),
        ("backorder.released", {"order": "SO-1", "line": 1, "qty": 2, "reason": "not_found"}),
        ("backorder.allocated", {"order": "SO-1", "line": 1, "qty": 2, "location": "A-01", "waiting": 0}),
    )
    move = missing.data["moves"][0]
    assert (move["from"], move["to"], move["qty"]) == ("location:DOCK-1", "missing:DOCK-1", 3)
    central.event("exception.raised", kind="count_needed")
    central.level("PEN", on_hand=5, allocated=2, available=3, waiting=0, missing=3)
    label = next_label(aisle, "now 2 from A-01")
    for word in ("DOCK-1", "PEN", "SO-1"):
        assert word in label, f"{word} is not on the missing label:\n{label}"
    aisle.off()


def test_a_missing_pick_without_another_place_waits_and_raises_an_exception(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", "QTY:2", PEN)
    before = central.event("order.ready").seq

    verdict = node.take("gun-2", "LOC:DOCK-1", PEN)

    assert verdict == "attention"
    central.event("stock.missing", qty=2)
    waiting = central.event("backorder.waiting", after=before, order="SO-1", qty=2, reason="not_found")
    unfulfillable = central.event("order.unfulfillable", after=before, order="SO-1")
    raised = central.event("exception.raised", after=before, kind="unfulfillable")
    assert waiting.seq < unfulfillable.seq < raised.seq
    (line,) = unfulfillable.data["lines"]
    assert (line["line"], line["sku"], line["qty"], line["reason"]) == (1, "PEN", 2, "not_found")
    central.level("PEN", on_hand=0, allocated=0, available=0, waiting=2, missing=2)
    assert "SO-1" in next_label(printer, "waits")


def test_an_order_that_merely_waits_raises_no_exception(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2))

    assert node.scan("gun-1", "#end") == "reject"
    central.event("scan.rejected")
    assert [event.data["kind"] for event in central.events("exception.raised")] == []


def test_with_a_quantity_what_nobody_was_promised_goes_first(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2), express=True)
    order(central, "SO-2", ("PEN", 2))
    node.take("gun-1", "QTY:6", PEN)
    node.take("gun-2", "LOC:DOCK-1")

    node.take("gun-2", "QTY:2", PEN)
    central.level("PEN", on_hand=4, allocated=4, missing=2)
    free = list(central.events("backorder.released"))
    node.take("gun-2", "QTY:1", PEN)
    central.level("PEN", on_hand=3, allocated=3, waiting=1, missing=3)

    assert free == []
    released = [(event.data["order"], event.data["qty"]) for event in central.events("backorder.released")]
    assert released == [("SO-2", 1)]


def test_more_missing_than_there_is_takes_what_there_is_with_attention(node: Node, central: Central) -> None:
    node.take("gun-1", "QTY:2", PEN)

    verdict = node.take("gun-2", "LOC:DOCK-1", "QTY:5", PEN)

    assert verdict == "attention"
    central.level("PEN", on_hand=0, missing=2)


def test_what_the_ledger_does_not_have_there_cannot_go_missing(node: Node, central: Central) -> None:
    node.take("gun-1", PEN)
    node.take("gun-2", "LOC:A-77")

    assert node.scan("gun-2", PEN) == "reject"

    assert central.event("scan.rejected").data["why"] == "not_here"
    assert central.events("stock.missing") == []


@pytest.mark.parametrize(("quantity", "found"), [(None, 3), (2, 2)])
def test_found_goods_serve_who_waits(node: Node, central: Central, quantity: int | None, found: int) -> None:
    order(central, "SO-1", ("PEN", 3))
    node.take("gun-1", "QTY:3", PEN)
    node.take("gun-2", "LOC:DOCK-1", PEN, "CMD:FOUND", "LOC:DOCK-1")
    before = central.event("stock.missing").seq

    node.take("gun-2", *([f"QTY:{quantity}"] if quantity else []), PEN)

    again = central.event("backorder.allocated", after=before)
    assert central.event("stock.found").data["qty"] == found
    assert (again.data["order"], again.data["qty"], again.data["waiting"]) == ("SO-1", found, 3 - found)
    central.level("PEN", on_hand=found, allocated=found, missing=3 - found)


def next_label(printer: TcpPrinter, words: str) -> str:
    """The text of the label that says so, once it is out."""
    return wait_for(
        lambda: next((label.text for label in printer.labels if words in label.text), None),
        f"a label with {words!r}",
    )
