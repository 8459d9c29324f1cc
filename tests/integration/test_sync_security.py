"""Nobody gets in: certificates, passwords, their renewal, and the sample broker of a site with its access list."""

import logging
import os
import re
import shutil
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
from edge.facts import CommandReceived, DeviceReady, EventsConfirmed
from edge.outbox import AnswerRow, LevelRow
from sync.credentials import Credentials, readable_by_others, tls_context
from sync.local_broker import LocalBroker
from tests.certificates import Authority
from tests.mqtt import ROOT, TIMEOUT_S, Node, command, wait_until
from tests.site_broker import SiteBroker, make_certificates

# -- the sample ----------------------------------------------------------------------------------------------------


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


# -- certificates that are wrong -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority = Authority(tmp_path_factory.mktemp("authority") / "ours")
    authority.sign("server")
    authority.sign("node")
    return authority


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    strangers = Authority(tmp_path_factory.mktemp("strangers") / "theirs")
    strangers.sign("node")
    return strangers


def secured(folder: Path, authority: Authority, cert: Path, key: Path) -> LocalBroker:
    extra = [f"cafile {authority.ca}", f"certfile {cert}", f"keyfile {key}", "require_certificate true"]
    return LocalBroker(folder / "broker", extra=extra)


def first_error(broker: LocalBroker, tls: Tls, *, host: str = "127.0.0.1") -> str:
    """What a node with these certificates says, without what OpenSSL adds behind the colon."""
    node = Node(broker.port, mqtt=Mqtt(host=host, port=broker.port, tls=tls))
    node.start(wait=False)
    wait_until(lambda: node.errors)
    node.stop()
    text = str(node.errors[0]).replace(f"{host}:{broker.port}", "HOST:PORT")
    return re.sub(r": .*?\. (?=[A-Z])", ": ... ", text)


@pytest.mark.parametrize(
    ("signed", "sentence"),
    [
        (
            {"valid_days": (-20.0, -10.0)},
            "The certificate of the broker HOST:PORT has expired: ... "
            "Renew the broker's certificate; if it was, check the clock of this machine.",
        ),
        (
            {"valid_days": (10.0, 20.0)},
            "The certificate of the broker HOST:PORT is not valid yet: ... "
            "Check the clock of this machine and of the broker, and the certificate's dates.",
        ),
        (
            {"names": "DNS:other.example.net"},
            "The certificate of the broker HOST:PORT is for another address: ... "
            "Write [mqtt] host as the certificate names it, or add that address to it.",
        ),
    ],
)
def test_a_wrong_certificate_of_the_broker_is_told_with_the_remedy(
    tmp_path: Path, authority: Authority, signed: dict[str, object], sentence: str
) -> None:
    pair = authority.sign("server", file="wrong", **signed)  # type: ignore[arg-type]
    cert, key = authority.folder / "node.pem", authority.folder / "node.key"

    with secured(tmp_path, authority, *pair) as broker:
        assert first_error(broker, Tls(ca=authority.ca, cert=cert, key=key)) == sentence


def test_a_broker_of_another_name_or_authority_is_told(
    tmp_path: Path, authority: Authority, strangers: Authority
) -> None:
    pair = authority.sign("server", file="named", names="DNS:other.example.net,IP:127.0.0.1")

    with secured(tmp_path, authority, *pair) as broker:
        named = first_error(broker, Tls(ca=authority.ca), host="localhost")
        foreign = first_error(broker, Tls(ca=strangers.ca))

    assert named == (
        "The certificate of the broker HOST:PORT is for another name: ... "
        "Write [mqtt] host as the certificate names it, or add that name to it."
    )
    assert foreign == (
        "The certificate of the broker HOST:PORT comes from an authority that [mqtt] tls.ca does not name: ... "
        "Give the site's authority in tls.ca."
    )


def test_a_certificate_of_ours_that_the_broker_refuses_is_told(
    tmp_path: Path, authority: Authority, strangers: Authority
) -> None:
    server = authority.folder / "server.pem", authority.folder / "server.key"
    foreign = strangers.folder / "node.pem", strangers.folder / "node.key"
    expired = authority.sign("node", file="expired", valid_days=(-20, -10))

    with secured(tmp_path, authority, *server) as broker:
        none = first_error(broker, Tls(ca=authority.ca))
        strange = first_error(broker, Tls(ca=authority.ca, cert=foreign[0], key=foreign[1]))
        old = first_error(broker, Tls(ca=authority.ca, cert=expired[0], key=expired[1]))

    assert none.startswith("The broker HOST:PORT refused this node's certificate and wants one (")
    assert none.endswith("Give the node's own in [mqtt] tls.cert and tls.key.")
    assert strange.startswith(
        "The broker HOST:PORT refused this node's certificate as of an authority it does"
    )
    assert strange.endswith("Have the site's authority sign [mqtt] tls.cert.")
    assert old.startswith("The broker HOST:PORT refused this node's certificate as expired (")
    assert old.endswith("Renew [mqtt] tls.cert; a renewed one is taken without a restart.")


def test_a_broker_without_tls_is_told(tmp_path: Path, authority: Authority) -> None:
    with LocalBroker(tmp_path / "broker") as plain:
        text = first_error(plain, Tls(ca=authority.ca))

    assert "HOST:PORT" in text
    assert "Check [mqtt]" in text


def test_nothing_older_than_tls_1_2_is_spoken(authority: Authority) -> None:
    context = tls_context(Tls(ca=authority.ca))

    assert context is not None
    assert context.minimum_version.name == "TLSv1_2"
    assert context.check_hostname


def test_a_key_with_a_passphrase_is_refused_and_not_asked_for(tmp_path: Path, authority: Authority) -> None:
    key = tmp_path / "locked.key"
    subprocess.run(
        [
            "openssl",
            "ec",
            "-in",
            authority.folder / "node.key",
            "-aes128",
            "-passout",
            "pass:s3cret",
            "-out",
            key,
        ],
        check=True,
        capture_output=True,
    )
    node = Node(1, mqtt=Mqtt(host="127.0.0.1", tls=Tls(cert=authority.folder / "node.pem", key=key)))
    node.start(wait=False)
    wait_until(lambda: node.errors)
    node.stop()

    assert "The broker's certificates cannot be used (" in str(node.errors[0])
    assert "cert with its key, which has no passphrase." in str(node.errors[0])


# -- renewal -------------------------------------------------------------------------------------------------------


def test_a_renewed_certificate_is_taken_into_use_without_a_restart(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sync.credentials.LOOK_EVERY_S", 0.05)
    caplog.set_level(logging.INFO)
    cert, key = tmp_path / "node.pem", tmp_path / "node.key"
    old, new = authority.sign("dock-old"), authority.sign("dock-new")
    shutil.copy(old[0], cert)
    shutil.copy(old[1], key)
    extra = [
        f"cafile {authority.ca}",
        f"certfile {authority.folder}/server.pem",
        f"keyfile {authority.folder}/server.key",
        "require_certificate true",
        "use_identity_as_username true",
        "log_type notice",
        f"log_dest file {tmp_path}/notices",
    ]
    with LocalBroker(tmp_path / "broker", extra=extra) as broker:
        log_file = tmp_path / "notices"
        tls = Tls(ca=authority.ca, cert=cert, key=key)
        node = Node(broker.port, mqtt=Mqtt(host="127.0.0.1", port=broker.port, tls=tls))
        node.start()
        assert "u'dock-old'" in log_file.read_text()
        node.book(500)

        # One after the other, as they are replaced: what does not fit together is told, and the old one stays in use.
        shutil.copy(new[0], tmp_path / "next.pem")
        os.replace(tmp_path / "next.pem", cert)
        wait_until(lambda: any(isinstance(fact, DeviceReady) for fact in node.engine.facts))
        node.book(500)
        wait_until(lambda: node.outbox.confirmed["events"] == 1000)
        assert "u'dock-new'" not in log_file.read_text()
        shutil.copy(new[1], tmp_path / "next.key")
        os.replace(tmp_path / "next.key", key)
        wait_until(lambda: "u'dock-new'" in log_file.read_text())
        node.book(10)
        wait_until(lambda: node.outbox.confirmed["events"] == 1010)
        node.stop()

    assert node.errors == []
    (told,) = [fact.text for fact in node.engine.facts if isinstance(fact, DeviceReady)]
    assert told.startswith(f"The broker's certificates cannot be used ({authority.ca}, {cert}, {key}): ")
    assert told.endswith("The connection goes on with those it has.")
    assert "the credentials for the broker were renewed: connecting anew" in caplog.text


def test_a_renewed_password_is_seen_and_none_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.credentials.LOOK_EVERY_S", 0.0)
    secret = tmp_path / "secret"
    secret.write_text("one")
    credentials = Credentials(Mqtt(host="h", password_file=secret))
    assert credentials.load() == ("one", None)
    assert not credentials.were_renewed()

    secret.write_text("three")

    assert credentials.were_renewed()
    assert credentials.load() == ("three", None)
    assert not credentials.were_renewed()


# -- who may read them ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o440, False), (0o644, True), (0o660, True)])
def test_a_secret_that_others_can_read_or_change_is_told(tmp_path: Path, mode: int, is_told: bool) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    secret.chmod(mode)

    told = readable_by_others(Mqtt(host="h", password_file=secret))

    assert told == (
        [
            f"{secret} is open to other users of this machine (mode {mode:04o}): it is a secret; "
            f"chmod 640 {secret}, or let systemd hand it out with LoadCredential=."
        ]
        if is_told
        else []
    )


def test_an_open_secret_is_told_at_start_and_never_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    users, secret = tmp_path / "users", tmp_path / "secret"
    subprocess.run(["mosquitto_passwd", "-b", "-c", users, "dock-a", "other"], check=True)
    secret.write_text("s3cret")
    secret.chmod(0o604)
    caplog.set_level(logging.DEBUG)
    with LocalBroker(tmp_path / "broker", extra=[f"password_file {users}"], anonymous=False) as strict:
        mqtt = Mqtt(host="127.0.0.1", port=strict.port, username="dock-a", password_file=secret)
        node = Node(strict.port, mqtt=mqtt)
        node.start(wait=False)
        wait_until(lambda: node.errors)
        node.stop()

    assert f"{secret} is open to other users of this machine (mode 0604)" in caplog.text
    assert "Not authorized" in str(node.errors[0])
    assert "s3cret" not in caplog.text + str(node.errors[0])


def test_a_password_that_is_no_text_is_not_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"s3cret\xff")
    node = Node(1, mqtt=Mqtt(host="127.0.0.1", password_file=secret))
    node.start(wait=False)
    wait_until(lambda: node.errors)
    node.stop()

    assert str(node.errors[0]) == (
        f"The broker's password cannot be read from {secret}: it is no UTF-8. "
        "Correct [mqtt] password_file or the file's rights."
    )
