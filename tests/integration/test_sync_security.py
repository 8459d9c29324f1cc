"""Nobody gets in: certificates and passwords, their renewal, and who may read them."""

import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from config.settings import Mqtt, Tls
from edge.facts import DeviceReady
from sync.credentials import Credentials, readable_by_others, tls_context
from sync.local_broker import LocalBroker
from tests.certificates import Authority
from tests.mqtt import Node, wait_until

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
    assert none.endswith("Give one in [mqtt] tls.cert and tls.key.")
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
    named = ["use_identity_as_username true", "log_type notice", f"log_dest file {tmp_path}/notices"]
    with LocalBroker(tmp_path / "broker", extra=[*authority.broker(), *named]) as broker:
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
