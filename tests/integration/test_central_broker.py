"""Central and its broker: which it calls, how it proves itself, what it says where it is not let."""

import logging
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import Mqtt, Tls
from edge.clock import SystemClock
from sync.central.service import run
from sync.local_broker import HOST, LocalBroker
from tests.certificates import Authority
from tests.mqtt import TIMEOUT_S, wait_until
from tests.nodes import NODE, Told
from tests.reference_central import ScriptedNode, run_central


@contextmanager
def central_at(mqtt: Mqtt, folder: Path) -> Iterator[list[str]]:
    """Run a central; yields the brokers that let it in so far."""
    stop, brokers, errors = threading.Event(), [], []

    def serve() -> None:
        try:
            run(
                *(str(folder / "central.db"), mqtt, "crossdock-central", SystemClock()),
                stop=stop,
                ready=lambda broker, _database: brokers.append(broker),
            )
        except Exception as error:  # noqa: BLE001 - asserted on below, in the test's own thread
            errors.append(error)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        wait_until(lambda: brokers or errors)
        yield brokers
    finally:
        stop.set()
        thread.join(TIMEOUT_S)
    assert errors == []
    assert not thread.is_alive()


def told_to(dock: ScriptedNode, count: int) -> Told:
    told = Told()
    dock.state(told)
    told.receive_often(count)
    dock.tell(told, range(1, count + 1))
    return told


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_where_the_first_broker_is_away_the_standby_serves(tmp_path: Path, protocol: str) -> None:
    with socket.socket() as nobody, LocalBroker(tmp_path / "broker") as broker:
        nobody.bind((HOST, 0))
        standby = f"{HOST}:{broker.port}"
        values = {"host": HOST, "port": nobody.getsockname()[1], "standby": (standby,), "protocol": protocol}
        dock = ScriptedNode(broker.port)
        with central_at(Mqtt.model_validate(values), tmp_path) as brokers:
            told_to(dock, 10)
            dock.wait_ack(10)
        dock.close()

    assert brokers == [standby]


def test_a_broker_that_comes_back_as_another_is_found(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "one") as one, LocalBroker(tmp_path / "two") as two:
        names = [f"{HOST}:{each.port}" for each in (one, two)]
        mqtt = Mqtt(host=HOST, port=one.port, standby=(names[1],))
        dock = ScriptedNode(two.port)
        with central_at(mqtt, tmp_path) as brokers:
            one.kill()
            wait_until(lambda: len(brokers) == 2)
            told_to(dock, 3)
            dock.wait_ack(3)
        dock.close()

    assert brokers == names


def test_renewed_certificates_are_taken_into_use_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sync.credentials.LOOK_EVERY_S", 0.05)
    authority = Authority(tmp_path / "authority")
    authority.sign("server")
    old, new = authority.sign("central-old"), authority.sign("central-new")
    cert, key = tmp_path / "central.pem", tmp_path / "central.key"
    shutil.copy(old[0], cert)
    shutil.copy(old[1], key)
    notices = tmp_path / "notices"
    named = ["use_identity_as_username true", "log_type notice", f"log_dest file {notices}"]
    with LocalBroker(tmp_path / "broker", extra=[*authority.broker(), *named]) as broker:
        tls = Tls(ca=authority.ca, cert=cert, key=key)
        with central_at(Mqtt(host=HOST, port=broker.port, tls=tls), tmp_path) as brokers:
            assert "u'central-old'" in notices.read_text()
            # One after the other, as they are replaced: what does not fit together is told.
            shutil.copy(new[0], tmp_path / "next.pem")
            os.replace(tmp_path / "next.pem", cert)
            wait_until(lambda: "The connection goes on with those it has." in caplog.text)
            assert len(brokers) == 1
            shutil.copy(new[1], tmp_path / "next.key")
            os.replace(tmp_path / "next.key", key)
            wait_until(lambda: len(brokers) == 2)
            wait_until(lambda: "u'central-new'" in notices.read_text())


def test_a_broker_that_lets_nobody_in_is_told(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("wrong\n")
    (tmp_path / "pw").chmod(0o600)
    with LocalBroker(tmp_path / "broker", anonymous=False) as broker:
        where = f"{HOST}:{broker.port}"
        user = ("--username", "central", "--password-file", "pw")
        refused = [
            run_central(tmp_path, "--broker", where, *user, "--protocol", each) for each in ("5", "3.1.1")
        ]

    hint = "Check the broker's username, password_file and tls against its users."
    for done in refused:
        assert (done.returncode, done.stderr) == (
            1,
            f"crossdock: The broker {where} refused central: Not authorized. {hint}\n",
        )


def test_a_password_that_others_can_read_is_told_at_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = tmp_path / "pw"
    secret.write_text("s3cret\n")
    secret.chmod(0o644)
    with LocalBroker(tmp_path / "broker") as broker:
        mqtt = Mqtt(host=HOST, port=broker.port, username="central", password_file=secret)
        with central_at(mqtt, tmp_path):
            pass

    assert f"{secret} is open to other users of this machine (mode 0644)" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_broker_that_does_not_take_acks_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = tmp_path / "acl"
    rules.write_text(
        f"topic read #\ntopic write crossdock/{NODE}/evt/#\ntopic write crossdock/{NODE}/state\n"
    )
    rules.chmod(0o600)
    with LocalBroker(tmp_path / "broker", extra=[f"acl_file {rules}"]) as broker:
        dock = ScriptedNode(broker.port)
        with central_at(Mqtt(host=HOST, port=broker.port), tmp_path):
            told = told_to(dock, 3)
            wait_until(lambda: "refused a message" in caplog.text)
            told.receive_often(3)
            dock.tell(told, range(4, 7))
            wait_until(lambda: rows(tmp_path) == 6)
            wait_until(lambda: caplog.text.count("Tried again") >= 3)
        dock.close()

    # mosquitto hangs up each time, and is not taken for one that has another of this name.
    assert "may be connected" not in caplog.text
    told_of = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert told_of == [
        f"The broker {HOST}:{broker.port} refused a message of central's on crossdock/{NODE}/ack: Not authorized. "
        "Let it publish there in the broker's access rules."
    ]


def rows(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder}/central.db?mode=ro", uri=True) as connection:
        count: int = connection.execute("SELECT count(*) FROM events").fetchone()[0]
    connection.close()
    return count
