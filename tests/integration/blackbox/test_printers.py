"""Labels come out, whatever the printer does, and the scans go on meanwhile (contract section 5)."""

import time

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Layout, Node, Printer, Station, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter
from tests.integration.blackbox.waits import RETURN_PATIENCE_S, wait_for

PROMPT_S = 1.5
"""How long an answer may take while a printer is down: that of a busy machine, not that of a time-out."""


def receive_lots(node: Node, *lots: str) -> None:
    """Receive one pen of each lot; no answer may wait for a printer."""
    for lot in lots:
        began = time.monotonic()
        node.take("gun-1", f"]C101{PEN:0>14}10{lot}")
        assert time.monotonic() - began < PROMPT_S, f"The scan of {lot} waited for the printer"


def lots_on(printer: TcpPrinter, *lots: str) -> list[str]:
    """The lot on each label, in the order in which they came out."""
    return [next(lot for lot in lots if lot in label.text) for label in printer.labels]


def test_a_receipt_prints_a_label_for_each_order_and_one_for_the_rest(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 2), express=True)
    order(central, "SO-2", ("PEN", 1))

    node.take("gun-1", "QTY:5", PEN)

    first, second, rest = printer.wait_labels(3)
    for words, label in ((("SO-1", "ORD:SO-1"), first), (("SO-2", "ORD:SO-2"), second), ((), rest)):
        for word in (*words, "PEN", "Fountain pen", "LBL:"):
            assert word in label.text, f"{word} is not on the label:\n{label.text}"
    assert "SO-" not in rest.text
    assert len({label.code for label in (first, second, rest)}) == 3
    assert not any(label.is_copy for label in printer.labels)
    told = [
        central.event("label.printed", kind="backorder"),
        central.event("label.printed", kind="putaway"),
    ]
    assert [(event.data["printer"], event.data["copy"]) for event in told] == [("zebra-1", False)] * 2
    wait_for(lambda: node.status()["labels"]["queued"] == 0, "the queue of labels to be empty")


def test_a_printer_off_at_the_start_prints_all_in_order_when_it_comes(
    start_node: StartNode, central: Central
) -> None:
    printer = TcpPrinter(speaks=True)
    node = start_node(with_printers(printer.device))
    lots = ("LOT-A", "LOT-B", "LOT-C")
    receive_lots(node, *lots)
    central.event("exception.raised", kind="printer")
    assert node.status()["labels"]["queued"] == 3

    printer.on()

    printer.wait_labels(3, timeout_s=RETURN_PATIENCE_S)
    assert lots_on(printer, *lots) == list(lots)
    # Not a byte of them had been sent: their end was never unknown.
    assert not any(label.is_copy for label in printer.labels)
    central.event("exception.cleared")
    printer.off()


def test_a_printer_that_goes_off_between_labels_goes_on_in_order(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    lots = ("LOT-A", "LOT-B", "LOT-C", "LOT-D")
    receive_lots(node, "LOT-A")
    central.event("label.printed")

    printer.off()
    receive_lots(node, "LOT-B", "LOT-C")
    printer.on()
    receive_lots(node, "LOT-D")

    printer.wait_labels(4, timeout_s=RETURN_PATIENCE_S)
    assert lots_on(printer, *lots) == list(lots)
    assert not any(label.is_copy for label in printer.labels)


def test_a_label_cut_in_the_middle_comes_again_marked_and_only_that_one(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    lots = ("LOT-A", "LOT-B", "LOT-C", "LOT-D")
    receive_lots(node, "LOT-A")
    central.event("label.printed")

    printer.cut_in_next_label()
    receive_lots(node, "LOT-B")
    wait_for(lambda: not printer.is_on, "the printer to be cut")
    receive_lots(node, "LOT-C", "LOT-D")
    printer.on()

    labels = printer.wait_labels(4, timeout_s=RETURN_PATIENCE_S)
    assert lots_on(printer, *lots) == list(lots)
    assert [label.is_copy for label in labels] == [False, True, False, False]
    central.event("label.printed", copy=True)


def test_a_printer_out_of_paper_is_waited_for_and_delays_its_own_labels_only(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    aisle = TcpPrinter(speaks=True)
    aisle.on()
    node = start_node(with_printers(printer.device, aisle.device))
    printer.paper_out = True

    receive_lots(node, "LOT-A", "LOT-B")
    central.event("exception.raised", kind="printer", timeout_s=RETURN_PATIENCE_S)
    node.take("gun-2", "LOC:DOCK-1", PEN)
    aisle.wait_labels(1)
    nothing_yet = printer.labels == []
    printer.paper_out = False

    labels = printer.wait_labels(2, timeout_s=RETURN_PATIENCE_S)
    assert nothing_yet
    assert lots_on(printer, "LOT-A", "LOT-B") == ["LOT-A", "LOT-B"]
    assert not any(label.is_copy for label in labels)
    aisle.off()


def test_a_printer_that_tells_nothing_prints_too(start_node: StartNode, central: Central) -> None:
    mute, slip = TcpPrinter(speaks=False), TcpPrinter(speaks=False)
    mute.on()
    slip.on()
    layout = Layout(
        printers=(Printer("mute", mute.device), Printer("slip", slip.device, "escpos", "off")),
        stations=(
            Station("dock-1", "receive", "DOCK-1", "mute"),
            Station("aisle-1", "receive", "DOCK-2", "slip"),
        ),
    )
    node = start_node(layout)

    receive_lots(node, "LOT-A", "LOT-B")
    node.take("gun-2", f"]C101{PEN:0>14}10LOT-C")

    labels = mute.wait_labels(2, timeout_s=RETURN_PATIENCE_S)
    assert lots_on(mute, "LOT-A", "LOT-B") == ["LOT-A", "LOT-B"]
    assert not any(label.is_copy for label in labels)
    # The slip is a picture: what it says is read in the drawing tests, here it has to come out.
    wait_for(lambda: len(slip.stream) > 1000, "the label on the ESC/POS printer")
    central.event("label.printed", printer="slip", copy=False)
    mute.off()
    slip.off()
