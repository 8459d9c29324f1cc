"""The link to central against a real mosquitto on this machine: what is published."""

import socket
from pathlib import Path

import pytest

from edge.facts import CommandRefused, Delivered
from edge.outbox import LevelRow
from sync.dialects import WINDOW
from sync.local_broker import LocalBroker
from tests.fakes import FakeEngine, FakeOutbox
from tests.mqtt import BOTH_PROTOCOLS, ROOT, TIMEOUT_S, Central, Node, command, mid_of, packet, wait_until


@BOTH_PROTOCOLS
def test_events_arrive_in_order_and_byte_for_byte(node: Node, central: Central) -> None:
    node.start()

    for _ in range(20):
        node.book(7)
    wait_until(lambda: len(central.events()) == 140)

    assert central.events() == node.payloads()
    assert {topic for topic, _, _ in central.got if topic.startswith("evt")} == {"evt/stock/received"}
    wait_until(lambda: node.outbox.confirmed["events"] == 140)


def test_a_backlog_of_thousands_drains_with_few_bookings_of_it(node: Node, central: Central) -> None:
    node.book(5000)

    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 5000, "confirmed")
    wait_until(lambda: len(central.events()) == 5000, "received")

    assert central.events() == node.payloads()
    assert len(node.engine.deliveries) < 500


def test_the_state_does_not_wait_until_a_backlog_is_told(node: Node, central: Central) -> None:
    node.book(5000)

    node.start()
    wait_until(lambda: len(central.events()) == 5000)

    topics = [topic for topic, _, _ in central.got]
    # Behind what was in flight when it became due.
    assert topics.index("state") <= WINDOW


@BOTH_PROTOCOLS
def test_a_broker_killed_and_back_leaves_no_hole(node: Node, broker: LocalBroker) -> None:
    watched = Central(broker.port)
    node.start()
    node.book(2000)
    wait_until(lambda: len(watched.events()) > 100)

    node.may_retry.clear()
    broker.kill()
    seen = watched.events()
    watched.close()
    node.book(500)
    wait_until(lambda: node.errors)
    confirmed = node.outbox.confirmed["events"]
    broker.start()
    again = Central(broker.port)
    node.may_retry.set()
    node.book(100)
    wait_until(lambda: node.outbox.confirmed["events"] == 2600)

    # Whatever was not told as delivered when the broker died was sent again, as it was and in order.
    wait_until(lambda: node.payloads()[-1] in again.events())
    again.close()
    firsts = list(dict.fromkeys(seen + again.events()))
    assert [p for p in firsts if p in set(node.payloads()[confirmed:])] == node.payloads()[confirmed:]
    assert node.payloads()[: len(seen)] == seen


def test_no_more_is_in_flight_than_the_broker_allows(tmp_path: Path) -> None:
    """A broker that acknowledges nothing until asked to sees the window and no more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        node = Node(server.getsockname()[1])
        node.book(300)
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            peer.settimeout(TIMEOUT_S)
            assert packet(peer)[0] >> 4 == 1
            peer.sendall(b"\x20\x06\x00\x00\x03\x21\x00\x07")  # CONNACK with a receive maximum of 7
            kind, body = packet(peer)
            assert kind >> 4 == 8
            peer.sendall(b"\x90\x05" + body[:2] + b"\x00\x01\x01")  # SUBACK
            first = [packet(peer)[1] for _ in range(7)]
            peer.settimeout(0.3)
            with pytest.raises(TimeoutError):
                packet(peer)
            peer.settimeout(TIMEOUT_S)

            peer.sendall(b"\x40\x02" + mid_of(first[0]))  # PUBACK
            assert mid_of(packet(peer)[1]) not in {mid_of(body) for body in first}
    node.stop()


@BOTH_PROTOCOLS
def test_the_state_is_told_at_connect_and_at_the_end(node: Node, central: Central) -> None:
    node.book(1)
    node.start()
    wait_until(central.states)

    took = node.stop()
    wait_until(lambda: len(central.states()) == 2)

    online, offline = central.states()
    confirmed = online.pop("confirmed_seq")
    assert confirmed in {0, 1}
    assert online == {
        "status": "online",
        "contract": 1,
        "session": 1,
        "epoch": "e1",
        "version": "0.1.0",
        "first_seq": 1,
        "last_seq": 1,
        "hash": "0" * 64,
    }
    assert offline == {
        "status": "offline",
        "contract": 1,
        "session": 1,
        "epoch": "e1",
        "version": "0.1.0",
    }
    assert took < 1.5
    assert node.errors == []
    assert node.outbox.closed == 1


def test_the_state_names_the_epoch_before_a_restore_and_the_first_event_that_is_kept(
    node: Node, central: Central
) -> None:
    node.outbox.previous, node.outbox.first_seq = "e0", 41

    node.start()
    wait_until(central.states)
    node.stop()

    online = central.states()[0]
    assert (online["previous"], online["first_seq"]) == ("e0", 41)


def test_the_state_waits_until_every_device_was_tried(node: Node, central: Central) -> None:
    node.all_tried = False
    node.start()
    node.book(1)
    wait_until(central.events)
    assert central.states() == []

    node.all_tried = True

    wait_until(central.states)


@BOTH_PROTOCOLS
def test_the_broker_tells_our_end_when_we_cannot(node: Node, central: Central) -> None:
    node.engine.hold = True
    node.start()
    wait_until(central.states)
    central.command(command("c-1"))
    wait_until(lambda: node.engine.open)

    node.engine.fail()

    wait_until(lambda: len(central.states()) >= 3)
    assert [state["status"] for state in central.states()[:3]] == ["online", "offline", "online"]


def test_what_waits_is_sent_before_the_end(node: Node, central: Central) -> None:
    node.start()
    node.book(50)

    node.stop()

    wait_until(lambda: len(central.events()) == 50)
    wait_until(lambda: central.states()[-1]["status"] == "offline")


@BOTH_PROTOCOLS
def test_levels_follow_the_events_of_their_seq_and_are_retained(node: Node, broker: LocalBroker) -> None:
    node.book(150)
    # More levels share one seq than are read at once.
    node.outbox.level_rows = [LevelRow(i, 3, f"A/{i}", b"{}") for i in range(130, 0, -1)]
    node.outbox.level_rows += [LevelRow(131, 150, "B+", b'{"seq":150}'), LevelRow(132, 151, "C", b"early")]
    watching = Central(broker.port)
    node.start()
    wait_until(lambda: node.outbox.confirmed["levels"] == 131)
    wait_until(lambda: "stock/B%2B" in [topic for topic, _, _ in list(watching.got)])
    node.stop()
    watching.close()

    late = Central(broker.port, topic=f"{ROOT}/stock/#")
    wait_until(lambda: len(late.got) == 131)
    late.close()
    topics = [topic for topic, _, _ in watching.got]
    assert topics.index("stock/B%2B") > max(i for i, topic in enumerate(topics) if topic.startswith("evt"))
    assert ("stock/A%2F130", b"{}", True) in late.got
    assert ("stock/B%2B", b'{"seq":150}', True) in late.got


def test_a_level_that_no_event_changed_is_told_all_the_same(node: Node, central: Central) -> None:
    node.book(1)
    node.outbox.level_rows = [LevelRow(1, 1, "PEN", b"before")]
    node.start()
    wait_until(lambda: node.outbox.confirmed["levels"] == 1)

    node.outbox.level_rows = [LevelRow(2, 1, "PEN", b"after")]
    node.link.wake()

    wait_until(lambda: ("stock/PEN", b"after", False) in central.got)


def test_an_empty_level_clears_the_item(node: Node, central: Central) -> None:
    node.book(1)
    node.outbox.level_rows = [LevelRow(1, 1, "GONE", b"")]

    node.start()

    wait_until(lambda: ("stock/GONE", b"", False) in central.got)
    wait_until(lambda: node.outbox.confirmed["levels"] == 1)


def test_an_event_larger_than_the_broker_takes_holds_nothing_up(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "broker", extra=["max_packet_size 2000"]) as small:
        central = Central(small.port)
        node = Node(small.port)
        node.book(1)
        node.book(1, size=3000)
        node.book(1)

        node.start()
        wait_until(lambda: node.outbox.confirmed["events"] == 3)
        wait_until(lambda: len(central.events()) == 2)
        node.stop()
        central.close()

    assert central.events() == [node.payloads()[0], node.payloads()[2]]
    assert node.errors == []


def test_a_delivery_that_was_not_booked_is_told_again(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    post, refusals = node.engine.post, [True]

    def moody(fact: object) -> object:
        if isinstance(fact, Delivered) and refusals:
            refusals.pop()
            return node_failure()
        return post(fact)  # type: ignore[arg-type]

    monkeypatch.setattr(node.link, "_post", moody)
    node.start()
    node.book(1)

    wait_until(lambda: node.outbox.confirmed["events"] == 1)
    assert refusals == []


def node_failure() -> object:
    engine = FakeEngine(FakeOutbox())
    engine.hold = True
    future = engine.post(CommandRefused("", "", "", "bad_json", "", None, ""))
    engine.fail()
    return future
