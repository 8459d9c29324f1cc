"""Brokers as they are: gone, silent, strict, guarded; and one of our own."""

import contextlib
import socket
import subprocess
from pathlib import Path

import pytest

from config.settings import Mqtt, Tls
from edge.errors import DeviceError, EdgeError, UsageError
from sync.local_broker import LocalBroker
from tests.mqtt import ROOT, TIMEOUT_S, Node, packet, wait_until


def test_two_nodes_of_one_name_are_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        node = Node(server.getsockname()[1])
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            packet(peer)
            peer.sendall(b"\x20\x03\x00\x00\x00" + b"\xe0\x01\x8e")  # CONNACK, DISCONNECT: taken over
            wait_until(lambda: node.errors)
        node.stop()

    assert str(node.errors[0]).endswith(
        "ended the connection: Session taken over. "
        "Another node with the same site and node name is connected: give each its own."
    )


def test_a_broker_that_lets_nobody_in_is_told_with_what_to_check() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        node = Node(server.getsockname()[1])
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            packet(peer)
            peer.sendall(b"\x20\x03\x00\x86\x00")
            wait_until(lambda: node.errors)
        node.stop()

    assert "refused this node: Bad user name or password. Check [mqtt] username" in str(node.errors[0])


@pytest.mark.parametrize(
    "nonsense",
    [b"\xff" * 64, b"\x20\x00", b"\x40\x01\x00", b"\x20\x05\x00\x00\x02\xff\xff", b"\x30\x02\x00\x05"],
)
def test_a_broker_that_talks_nonsense_is_only_lost(nonsense: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        node = Node(server.getsockname()[1])
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            packet(peer)
            peer.sendall(nonsense)
            # The node may have hung up already, at the first byte that makes no sense.
            with contextlib.suppress(OSError):
                peer.shutdown(socket.SHUT_WR)
            wait_until(lambda: node.errors)
        node.stop()

    assert isinstance(node.errors[0], DeviceError)


def test_a_broker_that_forbids_publishing_is_told_and_nothing_counts_as_delivered(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text(f"topic read {ROOT}/cmd\ntopic write {ROOT}/state\n")
    rules.chmod(0o600)
    with LocalBroker(tmp_path / "broker", extra=[f"acl_file {rules}"]) as strict:
        node = Node(strict.port)
        node.book(1)
        node.start(wait=False)
        # This mosquitto hangs up after a denied message, at times before its reason is read.
        wait_until(lambda: any("Not authorized" in str(error) for error in node.errors))
        node.stop()

    assert next(str(error) for error in node.errors if "Not authorized" in str(error)) == (
        f"The broker 127.0.0.1:{strict.port} refused a message on {ROOT}/evt/stock/received: Not authorized. "
        f"Let this node publish under {ROOT}/ in the broker's access rules."
    )
    assert node.outbox.confirmed["events"] == 0


def test_a_broker_that_is_not_there_is_told_with_what_to_do() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        node = Node(probe.getsockname()[1])
        node.start(wait=False)
        wait_until(lambda: node.errors)

    assert node.stop() < 0.5
    assert "cannot be reached: [Errno 111] Connection refused. Check [mqtt] host, port" in str(node.errors[0])


def test_a_stop_is_noticed_while_the_broker_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(TIMEOUT_S)
        node = Node(server.getsockname()[1])
        node.start(wait=False)
        peer, _ = server.accept()
        with peer:
            assert packet(peer)[0] >> 4 == 1

            assert node.stop() < 0.5


def test_the_password_is_read_anew_at_each_connection(tmp_path: Path) -> None:
    users, secret = tmp_path / "users", tmp_path / "secret"
    subprocess.run(["mosquitto_passwd", "-b", "-c", users, "dock-a", "s3cret"], check=True)
    extra = [f"password_file {users}"]
    with LocalBroker(tmp_path / "broker", extra=extra, anonymous=False) as strict:
        mqtt = Mqtt(host="127.0.0.1", port=strict.port, username="dock-a", password_file=secret)
        node = Node(strict.port, mqtt=mqtt)
        node.start(wait=False)
        wait_until(lambda: node.errors)
        secret.write_text("wrong")
        wait_until(lambda: "Not authorized" in str(node.errors[-1]))

        secret.write_text("s3cret\n")

        assert node.ready.wait(TIMEOUT_S), node.errors[-1]
        node.stop()
    assert "The broker's password cannot be read from" in str(node.errors[0])


def test_with_tls_both_sides_show_certificates(tmp_path: Path) -> None:
    for name, issuer in [("ca", ""), ("server", "ca"), ("node", "ca")]:
        certificate(tmp_path, name, issuer)
    extra = [
        f"cafile {tmp_path}/ca.pem",
        f"certfile {tmp_path}/server.pem",
        f"keyfile {tmp_path}/server.key",
        "require_certificate true",
        "use_identity_as_username true",
    ]
    with LocalBroker(tmp_path / "broker", extra=extra) as secured:

        def node_with(**tls: Path) -> Node:
            mqtt = Mqtt(host="127.0.0.1", port=secured.port, tls=Tls(**tls))
            return Node(secured.port, mqtt=mqtt)

        ca, cert, key = (tmp_path / name for name in ("ca.pem", "node.pem", "node.key"))
        trusted, stranger, doubter = node_with(ca=ca, cert=cert, key=key), node_with(ca=ca), node_with()
        for node in (trusted, stranger, doubter):
            node.book(1000)
            node.start(wait=node is trusted)
        wait_until(lambda: trusted.outbox.confirmed["events"] == 1000)
        wait_until(lambda: stranger.errors and doubter.errors)
        for node in (trusted, stranger, doubter):
            node.stop()

    assert trusted.errors == []
    assert (stranger.outbox.confirmed["events"], doubter.outbox.confirmed["events"]) == (0, 0)
    assert str(doubter.errors[0]) == (
        f"The certificate of the broker 127.0.0.1:{secured.port} comes from an authority that [mqtt] tls.ca does not "
        "name: self-signed certificate in certificate chain. Give the site's authority in tls.ca."
    )


def test_a_local_broker_comes_back_on_its_port(tmp_path: Path) -> None:
    broker = LocalBroker(tmp_path / "a folder", persistent=True)
    broker.start()
    port = broker.port

    broker.kill()
    assert not broker.is_running
    broker.start()

    assert (broker.is_running, broker.port) == (True, port)
    broker.stop()
    broker.stop()
    assert not broker.is_running


def test_a_broker_whose_port_is_taken_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        broker = LocalBroker(tmp_path / "b", port=taken.getsockname()[1])

        with pytest.raises(EdgeError, match=r"did not come up on 127\.0\.0\.1:\d+: .*Address already in use"):
            broker.start()
    assert not broker.is_running


def test_without_mosquitto_the_user_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.local_broker.shutil.which", lambda *_args, **_kwargs: None)

    with pytest.raises(UsageError, match="apt install mosquitto"):
        LocalBroker(tmp_path).start()


def certificate(folder: Path, name: str, issuer: str) -> None:
    """Make a key and a certificate: of its own authority, or signed by the issuer for this machine."""
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
    if issuer:
        command += [
            "-CA",
            f"{issuer}.pem",
            "-CAkey",
            f"{issuer}.key",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ]
        command += ["-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
