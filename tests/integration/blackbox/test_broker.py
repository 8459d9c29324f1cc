"""The broker goes and comes: scans go on, and central misses nothing (contract section 6)."""

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN
from tests.integration.blackbox.mosquitto import Broker, Gate
from tests.integration.blackbox.node import Node
from tests.integration.blackbox.waits import RETURN_PATIENCE_S, wait_for


def lot_code(n: int) -> str:
    return f"]C101{PEN:0>14}10L{n}"


def lots(central: Central) -> list[str]:
    return [event.data["lot"] for event in central.events("stock.received")]


def wait_lot(central: Central, lot: str) -> None:
    central.event("stock.received", lot=lot, timeout_s=RETURN_PATIENCE_S)


def test_without_a_broker_scans_are_taken_and_told_when_it_comes(
    gate: Gate, make_node: StartNode, central: Central
) -> None:
    node = make_node(mqtt_port=gate.port)
    node.launch()
    node.wait_scanners()
    for n in range(5):
        node.take("gun-1", lot_code(n))
    sync = node.status()["sync"]

    gate.open()

    wait_lot(central, "L4")
    assert lots(central) == [f"L{n}" for n in range(5)]
    assert sync["connected"] is False
    assert not sync["confirmed_seq"]
    assert sync["last_seq"] >= 5
    wait_for(lambda: confirmed_all(node), "all events to be confirmed")


def test_a_broker_killed_in_the_middle_of_events_gets_what_it_had_not_confirmed_again(
    broker: Broker, gate: Gate, start_node: StartNode, central: Central
) -> None:
    gate.open()
    node = start_node(mqtt_port=gate.port)
    node.take("gun-1", lot_code(0))
    wait_lot(central, "L0")

    # From here on the broker takes and confirms nothing, so what is in flight dies with it.
    broker.pause()
    for n in range(1, 4):
        node.take("gun-1", lot_code(n))
    gate.shut()
    central.disconnect()
    broker.kill9()
    for n in range(4, 7):
        node.take("gun-1", lot_code(n))
    broker.start()
    central.connect()
    gate.open()

    wait_lot(central, "L6")
    assert lots(central) == [f"L{n}" for n in range(7)]
    wait_for(lambda: confirmed_all(node), "all events to be confirmed")
    central.level("PEN", on_hand=7)


def test_a_line_that_breaks_again_and_again_makes_no_hole(
    gate: Gate, start_node: StartNode, central: Central
) -> None:
    gate.open()
    node = start_node(mqtt_port=gate.port)

    for n in range(12):
        node.take("gun-1", lot_code(n))
        if n % 4 == 3:
            gate.shut()
            node.take("gun-1", lot_code(100 + n))
            gate.open()
            wait_lot(central, f"L{100 + n}")

    expected = [f"L{m}" for n in range(12) for m in ((n, 100 + n) if n % 4 == 3 else (n,))]
    assert lots(central) == expected


def test_a_site_without_central_works_alone(make_node: StartNode, central: Central) -> None:
    node = make_node(alone=True)
    node.launch()
    node.wait_scanners()

    node.take("gun-1", f"]C101{PEN:0>14}10L1")

    assert f"{PEN:0>14}" in str(node.json("stock"))
    assert node.stop() == 0
    assert central.events() == []


def confirmed_all(node: Node) -> bool:
    sync = node.status()["sync"]
    return bool(sync["connected"] and sync["confirmed_seq"] == sync["last_seq"] == sync["published_seq"])
