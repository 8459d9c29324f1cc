"""The demo's central against a real mosquitto: what it collects, and how it ends a wait that is in vain."""

import json
from collections.abc import Iterator

import pytest

from edge.errors import EdgeError
from edge.outbox import EventRow
from sync.local_broker import HOST, LocalBroker
from sync.small_central import SmallCentral
from sync.topics import Topics
from tests.mqtt import TIMEOUT_S, Node

TOPICS = Topics("crossdock", "par1", "dock-a")


@pytest.fixture
def small(broker: LocalBroker) -> Iterator[SmallCentral]:
    central = SmallCentral(HOST, broker.port, TOPICS)
    central.connect(TIMEOUT_S)
    yield central
    central.close()


def book(node: Node, *orders: str, seq: int = 0) -> None:
    """Let the node tell that these orders are ready, truly numbered unless `seq` is given."""
    for order in orders:
        number = len(node.outbox.rows) + 1
        event = {
            "specversion": "1.0",
            "id": f"par1/dock-a/e1/{seq or number}",
            "source": "/crossdock/par1/dock-a",
            "type": "crossdock.order.ready",
            "time": "2026-11-21T09:30:00.123Z",
            "datacontenttype": "application/json",
            "epoch": "e1",
            "seq": seq or number,
            "booking": seq or number,
            "cause": "scan/1",
            "data": {"order": order},
        }
        node.outbox.rows.append(EventRow(number, "order.ready", json.dumps(event).encode()))
    node.link.wake()


def test_what_is_told_while_the_broker_is_away_is_there_once_it_is_back(
    broker: LocalBroker, node: Node, small: SmallCentral
) -> None:
    node.start()
    small.wait_status("online", TIMEOUT_S)
    book(node, "SO-1", "SO-2")
    small.wait_events(2, TIMEOUT_S)

    broker.stop()
    book(node, "SO-3", "SO-4", "SO-5")
    broker.start()
    small.wait_back(TIMEOUT_S)
    small.wait_events(5, TIMEOUT_S)

    assert [event.data.order for event in small.events] == ["SO-1", "SO-2", "SO-3", "SO-4", "SO-5"]
    assert small.faults == []


def test_a_hole_in_the_events_ends_the_next_wait(node: Node, small: SmallCentral) -> None:
    node.start()
    book(node, "SO-7", seq=7)

    with pytest.raises(EdgeError) as caught:
        small.wait_events(1, TIMEOUT_S)

    assert caught.value.text == (
        "What central got is not what the contract says: crossdock/par1/dock-a/evt/order/ready: "
        "event 7 came when 1 was due: a hole"
    )


def test_a_command_that_nobody_answers_is_told_after_its_time(small: SmallCentral) -> None:
    with pytest.raises(EdgeError, match=r"^Waited 0\.2 s for the answer to order\.resume\.$"):
        small.command("order.resume", {"order": "SO-1"}, 0.2)


def test_a_wait_ends_as_soon_as_it_is_in_vain(broker: LocalBroker) -> None:
    def dead() -> None:
        raise EdgeError("The daemon ended.")

    central = SmallCentral(HOST, broker.port, TOPICS, alive=dead)
    try:
        with pytest.raises(EdgeError, match=r"^The daemon ended\.$"):
            central.connect(TIMEOUT_S)
    finally:
        central.close()
