"""What a broker may ask of a node, and what it may do to it: limits, floods, two of one name, brokers in turn."""

import socket
import tracemalloc
from pathlib import Path
from typing import Literal

import pytest

from config.settings import Mqtt
from edge.errors import DeviceError
from edge.facts import CommandReceived, CommandRefused, DeviceReady
from sync.dialects import COMMANDS_UNACKED
from sync.local_broker import LocalBroker
from tests.mqtt import ROOT, TIMEOUT_S, Central, Node, command, packet, wait_until
from tests.scripted_broker import length, let_in, publish, scripted_broker

CONNACK_311 = b"\x20\x02\x00\x00"


def port_of(server: socket.socket) -> int:
    port: int = server.getsockname()[1]
    return port


def connack(*properties: bytes) -> bytes:
    """A CONNACK of MQTT 5 that lets the node in, with these properties."""
    body = b"\x00\x00" + bytes([len(b"".join(properties))]) + b"".join(properties)
    return b"\x20" + bytes([len(body)]) + body


def commands(node: Node) -> list[str]:
    return [fact.id for fact in list(node.engine.facts) if isinstance(fact, CommandReceived)]


# -- what it asks for --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            connack(b"\x24\x00"),
            "acknowledges no messages (it takes QoS 0 alone), so events could be lost on the way. "
            "Use a broker that takes QoS 1, or allow it there.",
        ),
        (
            connack(b"\x25\x00"),
            "keeps no retained messages, so nobody who comes later would see state and levels. "
            "Use a broker that keeps retained messages, or allow them there.",
        ),
        (
            b"\x20\x03\x00\x9a\x00",
            "keeps no retained messages, so nobody who comes later would see state and levels. "
            "Use a broker that keeps retained messages, or allow them there.",
        ),
        (
            b"\x20\x03\x00\x9b\x00",
            "acknowledges no messages (it takes QoS 0 alone), so events could be lost on the way. "
            "Use a broker that takes QoS 1, or allow it there.",
        ),
        (
            b"\x20\x02\x00\x01",
            "refused this node: Unsupported protocol version. "
            'Try the other [mqtt] protocol: it may not know the one of "5" and "3.1.1" that is set.',
        ),
        (
            b"\x20\x03\x00\x85\x00",
            "refused this node: Client identifier not valid. "
            "Allow the client id crossdock.par1.dock-a at the broker.",
        ),
        (
            b"",
            "hung up before it let us in. "
            'Try the other [mqtt] protocol: it may not know the one of "5" and "3.1.1" that is set.',
        ),
    ],
)
def test_a_broker_with_which_the_contract_cannot_be_kept_is_told(answer: bytes, sentence: str) -> None:
    with scripted_broker() as server:
        port = port_of(server)
        node = Node(port)
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            packet(peer)
            peer.sendall(answer)
            peer.shutdown(socket.SHUT_WR)
            wait_until(lambda: node.errors)
        node.stop()

    assert str(node.errors[0]) == f"The broker 127.0.0.1:{port} {sentence}"


def test_the_broker_says_how_often_it_wants_to_hear_of_us() -> None:
    with scripted_broker() as server:
        node = Node(port_of(server))
        node.start(wait=False)
        with let_in(server, connack=connack(b"\x13\x00\x01")) as peer:  # every second
            kinds = [packet(peer)[0] for _ in range(2)]
            node.stop()

    assert kinds[-1] == 0xC0


def test_a_broker_that_keeps_our_session_for_less_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with scripted_broker() as server:
        node = Node(port_of(server))
        node.start(wait=False)
        with let_in(server, connack=connack(b"\x11\x00\x00\x00\x3c")):
            assert node.ready.wait(TIMEOUT_S)
        node.stop()

    assert "keeps commands only 60 s while this node is away" in caplog.text


# -- what it may do ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_broker_that_sends_all_at_once_is_left_waiting_and_hears_of_us(
    protocol: Literal["5", "3.1.1"],
) -> None:
    v5 = protocol == "5"
    with scripted_broker() as server:
        node = Node(port_of(server), protocol=protocol)
        node.engine.hold = True
        node.start(wait=False)
        answer = connack(b"\x13\x00\x01") if v5 else CONNACK_311
        with let_in(server, connack=answer, v5=v5) as peer:
            peer.sendall(b"".join(publish(f"{ROOT}/cmd", command(f"c-{i}"), i, v5=v5) for i in range(1, 301)))
            wait_until(lambda: len(commands(node)) == COMMANDS_UNACKED)
            # More than the two keep-alive times after which a silent broker is lost.
            if v5:
                heard: list[int] = []
                while heard.count(0xC0) < 3:
                    heard.append(packet(peer)[0])
            assert len(commands(node)) == COMMANDS_UNACKED

            node.engine.hold = False
            node.engine.settle()
            wait_until(lambda: len(commands(node)) == 300)
            node.stop()

    assert commands(node) == [f"c-{i}" for i in range(1, 301)]
    assert node.errors == []


def test_what_waited_may_come_before_the_answer_to_the_subscription_and_be_more_than_we_hold() -> None:
    with scripted_broker() as server:
        node = Node(port_of(server), protocol="3.1.1")
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            peer.settimeout(TIMEOUT_S)
            packet(peer)
            waiting = [publish(f"{ROOT}/cmd", command(f"c-{i}"), i, v5=False) for i in range(1, 201)]
            peer.sendall(CONNACK_311 + b"".join(waiting))
            wait_until(lambda: len(commands(node)) == 200)
            node.stop()

    assert node.errors == []


@pytest.mark.parametrize("size", [10_000_000, 200_000_000])
def test_a_command_of_any_size_is_refused_and_the_next_one_works(size: int) -> None:
    topic = f"{ROOT}/cmd".encode()
    head = len(topic).to_bytes(2, "big") + topic + b"\x00\x01"
    with scripted_broker() as server:
        node = Node(port_of(server), protocol="3.1.1")
        node.start(wait=False)
        with let_in(server, connack=CONNACK_311, v5=False) as peer:
            tracemalloc.start()
            peer.sendall(b"\x32" + length(len(head) + size) + head)
            for _ in range(size // 100_000):
                peer.sendall(b" " * 100_000)
            peer.sendall(publish(f"{ROOT}/cmd", command("next"), 2, v5=False))
            wait_until(lambda: commands(node) == ["next"])
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            pubacks: list[bytes] = []
            while len(pubacks) < 2:
                kind, body = packet(peer)
                if kind == 0x40:
                    pubacks.append(body)
            node.stop()

    (refused,) = [fact for fact in node.engine.facts if isinstance(fact, CommandRefused)]
    assert (refused.code, refused.size) == ("too_large", size)
    assert refused.text == f"A message has at most 102400 bytes, got {size}: send it in parts."
    assert pubacks == [b"\x00\x01", b"\x00\x02"]
    assert peak < 16_000_000


def test_a_message_on_a_topic_of_another_prefix_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    with scripted_broker() as server:
        node = Node(port_of(server))
        node.start(wait=False)
        with let_in(server) as peer:
            peer.sendall(publish("old/par1/dock-a/cmd", command("c-1"), 7))
            while (kind := packet(peer))[0] != 0x40:
                pass
            node.stop()

    assert kind[1][:2] == b"\x00\x07"
    assert node.engine.facts == []
    assert "passed over a message on 'old/par1/dock-a/cmd', which is no topic of this node" in caplog.text


# -- two of one name -----------------------------------------------------------------------------------------------


def test_over_3_1_1_two_nodes_of_one_name_are_told_so(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "broker") as broker:
        nodes = [Node(broker.port, protocol="3.1.1") for _ in range(2)]
        for node in nodes:
            node.start()
        wait_until(lambda: any("may be connected" in str(error) for node in nodes for error in node.errors))
        for node in nodes:
            node.stop()

    told = [str(error) for node in nodes for error in node.errors]
    assert next(text for text in told if "may be" in text) == (
        f"The connection to the broker 127.0.0.1:{broker.port} was lost. It went again and again right after "
        "connecting: another node with the same site and node name may be connected; give each its own."
    )


# -- brokers in turn -----------------------------------------------------------------------------------------------


def test_where_the_first_broker_is_not_there_the_next_is_used_and_people_are_told(tmp_path: Path) -> None:
    with socket.socket() as dead, LocalBroker(tmp_path / "broker") as broker:
        dead.bind(("127.0.0.1", 0))
        standby = f"127.0.0.1:{broker.port}"
        mqtt = Mqtt(host="127.0.0.1", port=port_of(dead), standby=(standby,))
        central = Central(broker.port)
        node = Node(broker.port, mqtt=mqtt)
        node.book(3)
        node.start()
        wait_until(lambda: len(central.events()) == 3)
        node.stop()
        central.close()

    told = [fact.text for fact in node.engine.facts if isinstance(fact, DeviceReady)]
    assert told == [f"This node is at its standby broker {standby}: see to the first."]


def test_where_no_broker_serves_the_node_each_is_told() -> None:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        mqtt = Mqtt(host="127.0.0.1", port=port_of(one), standby=(f"127.0.0.1:{port_of(two)}",))
        node = Node(0, mqtt=mqtt)
        node.start(wait=False)
        wait_until(lambda: node.errors)
        node.stop()

    text = str(node.errors[0])
    assert text.startswith("None of the 2 brokers serves this node. The broker 127.0.0.1:")
    assert text.count("cannot be reached: [Errno 111] Connection refused.") == 2


def test_a_first_broker_that_drops_the_node_again_and_again_does_not_keep_it_from_the_next(
    tmp_path: Path,
) -> None:
    with scripted_broker() as server, LocalBroker(tmp_path / "broker") as broker:
        mqtt = Mqtt(host="127.0.0.1", port=port_of(server), standby=(f"127.0.0.1:{broker.port}",))
        central = Central(broker.port)
        node = Node(broker.port, mqtt=mqtt)
        node.start(wait=False)
        with let_in(server):
            assert node.ready.wait(TIMEOUT_S)
        node.book(1)
        wait_until(central.events)
        node.stop()
        central.close()

    assert len(node.errors) == 1
    assert isinstance(node.errors[0], DeviceError)
