"""Nobody gets in: the sample broker of a site, in which a node can touch its own topics only."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from config.settings import Mqtt, Tls
from edge.facts import CommandReceived, EventsConfirmed
from edge.outbox import AnswerRow, LevelRow
from sync.credentials import tls_context
from sync.local_broker import LocalBroker
from tests.mqtt import ROOT, TIMEOUT_S, Node, command, wait_until
from tests.site_broker import SiteBroker, make_certificates


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SiteBroker, Path]]:
    """The sample broker, with certificates made as it says; central's and those of two nodes."""
    folder = tmp_path_factory.mktemp("site")
    make_certificates(folder, "dock-a", "dock-b", "central")
    broker = SiteBroker(folder)
    with broker:
        yield broker, folder


class Peer:
    """A client with a certificate of the site, which tells what the broker allows it."""

    def __init__(self, port: int, folder: Path, name: str, *, will: str = "") -> None:
        self.got: dict[str, bytes] = {}
        self.reasons: dict[int, str] = {}
        self.granted: dict[int, list[str]] = {}
        self.refused = ""
        self._is_in = threading.Event()
        self.client = Client(
            CallbackAPIVersion.VERSION2, client_id=f"peer-{name}", protocol=MQTTProtocolVersion.MQTTv5
        )
        tls = Tls(ca=folder / "ca.pem", cert=folder / f"{name}.pem", key=folder / f"{name}.key")
        context = tls_context(tls)
        assert context is not None
        self.client.tls_set_context(context)
        if will:
            self.client.will_set(will, b"gone", qos=1)
        self.client.on_connect = lambda *_: self._is_in.set()
        self.client.on_message = lambda _c, _u, message: self.got.update(
            {message.topic: bytes(message.payload)}
        )
        self.client.on_publish = lambda _c, _u, mid, reason, _p: self.reasons.update({mid: reason.getName()})
        self.client.on_subscribe = lambda _c, _u, mid, reasons, _p: self.granted.update(
            {mid: [reason.getName() for reason in reasons]}
        )
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self._is_in.wait(TIMEOUT_S)

    def publish(self, topic: str, payload: bytes = b"{}", *, reply: str = "") -> str:
        """Publish and return the broker's reason."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if reply:
            properties.ResponseTopic = reply
        mid = self.client.publish(topic, payload, qos=1, properties=properties).mid
        wait_until(lambda: mid in self.reasons)
        return self.reasons[mid]

    def subscribe(self, topic: str) -> None:
        _, mid = self.client.subscribe(topic, 1)
        assert mid is not None
        wait_until(lambda: mid in self.granted)

    def vanish(self) -> None:
        """End without a word, so that the broker tells the will."""
        found = self.client.socket()
        assert found is not None
        self.client.loop_stop()
        socket.socket.shutdown(found, socket.SHUT_RDWR)  # type: ignore[arg-type]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def node_at(broker: LocalBroker, folder: Path, name: str = "dock-a", *, host: str = "127.0.0.1") -> Node:
    tls = Tls(ca=folder / "ca.pem", cert=folder / f"{name}.pem", key=folder / f"{name}.key")
    return Node(broker.port, mqtt=Mqtt(host=host, port=broker.port, tls=tls))


def test_the_recipe_makes_certificates_that_strict_readers_take(
    site: tuple[SiteBroker, Path],
) -> None:
    _, folder = site
    for name in ("broker", "dock-a"):
        command_line = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", f"{name}.pem"]
        verified = subprocess.run(command_line, cwd=folder, check=False, capture_output=True, text=True)

        assert (verified.returncode, verified.stdout) == (0, f"{name}.pem: OK\n")


def test_the_whole_conversation_of_a_node_works_under_the_sample(site: tuple[SiteBroker, Path]) -> None:
    broker, folder = site
    central = Peer(broker.port, folder, "central")
    central.subscribe("crossdock/par1/#")
    node = node_at(broker, folder)
    node.book(1)
    node.outbox.level_rows = [LevelRow(1, 1, "INK", b"{}")]
    node.outbox.answer_rows = [AnswerRow(1, b'{"id":"c-0"}', None, None)]
    node.start()

    wanted = {f"{ROOT}/{name}" for name in ("state", "evt/stock/received", "stock/INK", "res")}
    wait_until(lambda: wanted <= central.got.keys())
    assert central.publish(f"{ROOT}/cmd", command("c-1")) == "Success"
    assert central.publish(f"{ROOT}/ack", b'{"epoch":"e1","seq":1}') == "Success"
    wait_until(lambda: len(node.engine.facts) == 2)
    node.stop()
    central.close()

    first, second = node.engine.facts
    assert isinstance(first, CommandReceived)
    assert second == EventsConfirmed("e1", 1)
    assert node.errors == []


def test_a_node_cannot_touch_the_topics_of_another(site: tuple[SiteBroker, Path]) -> None:
    broker, folder = site
    central = Peer(broker.port, folder, "central")
    central.subscribe("crossdock/par1/dock-b/#")
    intruder = Peer(broker.port, folder, "dock-a", will="crossdock/par1/dock-b/state")
    other = "crossdock/par1/dock-b"
    intruder.subscribe("#")
    intruder.subscribe(f"{other}/cmd")

    refused = [intruder.publish(f"{other}/{topic}") for topic in ("state", "evt/order/ready", "cmd", "ack")]
    refused += [intruder.publish(f"{ROOT}/{topic}") for topic in ("cmd", "ack", "snap/1/2", "elsewhere")]
    allowed = intruder.publish(f"{ROOT}/snap/c-1")
    central.publish(f"{other}/cmd", b"for dock-b")
    central.publish(f"{ROOT}/cmd", b"for dock-a")
    wait_until(lambda: f"{ROOT}/cmd" in intruder.got)
    intruder.vanish()
    # What the will would have said comes before this, if it comes.
    watcher = Peer(broker.port, folder, "dock-b")
    watcher.publish(f"{other}/res", b"later")
    wait_until(lambda: f"{other}/res" in central.got)
    for peer in (watcher, central):
        peer.close()

    assert refused == ["Not authorized"] * 8
    assert allowed == "Success"
    assert {topic for topic in intruder.got if "/dock-b/" in topic} == set()
    assert {f"{other}/state", f"{other}/evt/order/ready"} & central.got.keys() == set()


def test_a_session_cannot_be_taken_over_by_another_user(site: tuple[SiteBroker, Path]) -> None:
    broker, folder = site
    node = node_at(broker, folder)
    node.start()
    thief = Peer(broker.port, folder, "dock-b")
    thief.close()
    thief.client = Client(
        CallbackAPIVersion.VERSION2,
        client_id="crossdock.par1.dock-a",
        protocol=MQTTProtocolVersion.MQTTv5,
    )
    context = tls_context(Tls(ca=folder / "ca.pem", cert=folder / "dock-b.pem", key=folder / "dock-b.key"))
    assert context is not None
    thief.client.tls_set_context(context)
    is_in = threading.Event()
    thief.client.on_connect = lambda *_: is_in.set()
    thief.client.connect("127.0.0.1", broker.port)
    thief.client.loop_start()
    assert is_in.wait(TIMEOUT_S)

    node.book(1)
    wait_until(lambda: node.outbox.confirmed["events"] == 1)
    thief.close()
    node.stop()

    assert node.errors == []
