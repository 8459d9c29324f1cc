"""What the node tells of itself: its state, its events, its levels (contract section 6)."""

import re
import signal

import pytest

from tests.integration.blackbox.audit import hash_at, positions
from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import INK, PEN, order
from tests.integration.blackbox.mosquitto import Broker
from tests.integration.blackbox.node import Node, with_printers
from tests.integration.blackbox.tcp_printer import TcpPrinter


def retained_state(broker: Broker) -> str:
    """What somebody is told who comes only now."""
    late = Central(broker.port)
    late.connect()
    state = late.wait(lambda heard: heard.states[-1] if heard.states else None, "the retained state")
    late.disconnect()
    return str(state["status"])


def test_the_state_is_retained_and_says_where_the_ledger_stands(
    broker: Broker, node: Node, central: Central
) -> None:
    order(central, "SO-1", ("PEN", 2))
    node.take("gun-1", PEN)
    central.event("backorder.allocated")
    first = central.state("online", session=1)
    assert retained_state(broker) == "online"

    assert node.stop() == 0
    offline = central.state("offline", session=1)
    after_the_end = retained_state(broker)
    node.launch()
    second = central.state("online", session=2)

    assert after_the_end == "offline"
    assert (first["contract"], first["session"], second["session"]) == (1, 1, 2)
    assert first["epoch"] == second["epoch"] == offline["epoch"]
    assert re.fullmatch(r"[^\s]+", second["version"])
    assert second["first_seq"] == 1
    assert second["confirmed_seq"] <= second["last_seq"]
    assert second["last_seq"] >= central.event("backorder.allocated").seq
    # The head of the chain is what central gets by adding up the bytes that came.
    central.wait(lambda heard: len(heard.events) >= second["last_seq"], "the events of the state")
    assert second["hash"] == hash_at(central.events(), second["last_seq"])


def test_a_killed_node_is_told_offline_by_its_will(broker: Broker, node: Node, central: Central) -> None:
    online = central.state("online")

    node.kill9()

    told = central.state("offline", session=1)
    assert told.keys() >= {"status", "contract", "session", "epoch", "version"}
    assert told["epoch"] == online["epoch"]
    assert retained_state(broker) == "offline"


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_the_daemon_ends_cleanly_on_a_signal(
    node: Node, central: Central, signal_number: signal.Signals
) -> None:
    node.take("gun-1", PEN)

    assert node.stop(signal_number) == 0

    assert central.state("offline")["session"] == 1
    # What was booked was flushed to central before the end.
    assert [event.data["qty"] for event in central.events("stock.received")] == [1]


def test_moves_of_all_events_add_up_to_the_levels(
    start_node: StartNode, central: Central, printer: TcpPrinter
) -> None:
    node = start_node(with_printers(printer.device))
    order(central, "SO-1", ("PEN", 4), ("INK", 2))
    node.take("gun-1", "QTY:3", PEN, "QTY:2", INK, "LOC:A-01", "QTY:9", PEN)
    node.take("gun-2", "LOC:DOCK-1", "QTY:2", PEN, INK, "CMD:FOUND", "LOC:DOCK-1", "QTY:1", PEN)
    assert node.scan("gun-2", "#end") == "reject"
    central.event("scan.rejected")

    totals = positions(central.events())

    assert totals["PEN"] == {"on_hand": 11, "missing": 1}
    assert totals["INK"] == {"on_hand": 0, "missing": 2}
    for sku, total in totals.items():
        level = central.level(sku, on_hand=total["on_hand"], missing=total["missing"])
        assert level["available"] == level["on_hand"] - level["allocated"]
        ordered = {"PEN": 4, "INK": 2}[sku]
        assert level["waiting"] == ordered - level["allocated"]
        for key in ("quarantine", "expected", "epoch", "seq", "time"):
            assert key in level
    causes = {event.envelope["cause"].split("/")[0] for event in central.events()}
    assert {"scan", "command"} <= causes


def test_a_booking_names_its_first_event_and_the_next_booking_its_own(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 1))
    node.take("gun-1", PEN, PEN)

    central.wait(lambda heard: sum(e.type == "stock.received" for e in heard.events) == 2, "both receipts")
    first, second = central.events("stock.received")
    allocated = central.event("backorder.allocated")
    ready = central.event("order.ready")

    assert [e.envelope["booking"] for e in (first, allocated, ready)] == [first.seq] * 3
    assert second.envelope["booking"] == second.seq
    assert first.envelope["cause"] != second.envelope["cause"]
    assert first.envelope["cause"].startswith("scan/")


def test_levels_are_retained_for_who_comes_late(broker: Broker, node: Node, central: Central) -> None:
    node.take("gun-1", "QTY:3", PEN)
    central.level("PEN", on_hand=3)
    late = Central(broker.port)
    late.connect()

    level = late.level("PEN", on_hand=3)

    late.disconnect()
    assert level["sku"] == "PEN"
