"""The reference central against a real mosquitto and a scripted node: killed, restored, restarted, cut off."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main
from sync.local_broker import LocalBroker
from tests.mqtt import TIMEOUT_S, wait_until
from tests.nodes import NODE, Told, chain, position, snapshot
from tests.reference_central import CentralProcess, ScriptedNode, run_central

COMPARED = {
    0: f"{NODE}: all 2 positions are the node's, as of event 10.\n",
    1: "SKU  WHERE            CENTRAL  NODE  GOODS\n"
    "PEN  location:DOCK-1       10    11  -\n"
    f"{NODE}: 1 positions differ, as of event 10.\n",
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "central.db"


@pytest.fixture
def central(broker: LocalBroker, database: Path) -> Iterator[CentralProcess]:
    with CentralProcess(broker.port, str(database)) as made:
        yield made


@pytest.fixture
def dock(broker: LocalBroker) -> Iterator[ScriptedNode]:
    made = ScriptedNode(broker.port)
    yield made
    made.close()


@pytest.fixture
def told(dock: ScriptedNode) -> Told:
    """A ledger that is online with ten events, none of them told yet."""
    made = Told()
    dock.state(made)
    made.receive_often(10)
    return made


def shown(capsys: pytest.CaptureFixture[str], database: Path, *arguments: str) -> Any:
    assert main(["central", "--database", str(database), *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def at_dock(capsys: pytest.CaptureFixture[str], database: Path) -> int:
    found = shown(capsys, database, "stock", "PEN")["positions"]
    return sum(one["qty"] for one in found if one["account"] == "location:DOCK-1")


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_is_acknowledged_is_on_disk_whatever_happens_to_central(
    broker: LocalBroker, database: Path, dock: ScriptedNode, told: Told, protocol: str
) -> None:
    central = CentralProcess(broker.port, str(database), "--protocol", protocol)
    central.start()
    try:
        dock.tell(told, range(1, 11))
        ack = dock.wait_ack(10)
    finally:
        central.close()

    assert ack == {"epoch": "e1", "seq": 10, "hash": chain(told.payloads)}
    with sqlite3.connect(database) as connection:
        kept = connection.execute("SELECT payload FROM events ORDER BY seq").fetchall()
    connection.close()
    assert [payload for (payload,) in kept] == told.payloads


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_is_told_while_central_is_away_waits_at_the_broker(
    broker: LocalBroker, database: Path, dock: ScriptedNode, told: Told, protocol: str
) -> None:
    central = CentralProcess(broker.port, str(database), "--protocol", protocol)
    central.start()
    dock.tell(told, range(1, 4))
    dock.wait_ack(3)
    assert central.end() == 0

    dock.tell(told, range(4, 11))
    central.start()
    try:
        assert dock.wait_ack(10)["hash"] == chain(told.payloads)
    finally:
        central.close()


def test_a_hole_is_asked_for_and_what_is_beyond_it_is_acknowledged_once_it_is_closed(
    central: CentralProcess, dock: ScriptedNode, told: Told
) -> None:
    dock.tell(told, [1, 2, 5, 6, 10])

    first = dock.wait_command("sync.replay")
    assert first["data"] == {"from_seq": 3, "to_seq": 4}
    assert dock.wait_ack(2)["seq"] == 2
    dock.tell(told, [3, 4])
    dock.answer(first)

    second = dock.wait_command("sync.replay", beyond=1)
    assert second["data"] == {"from_seq": 7, "to_seq": 9}
    dock.tell(told, [7, 8, 9])

    assert dock.wait_ack(10) == {"epoch": "e1", "seq": 10, "hash": chain(told.payloads)}


def test_repeats_are_acknowledged_and_not_applied(
    central: CentralProcess,
    dock: ScriptedNode,
    told: Told,
    database: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dock.tell(told, range(1, 11))
    dock.wait_ack(10)
    before = len(dock.acks)

    dock.tell(told, [*range(1, 11), *range(3, 8)])
    dock.publish(told.topic(4), told.payloads[3].replace(b'"qty": 1', b'"qty": 7'))
    wait_until(lambda: shown(capsys, database, "findings"), "the finding")
    # The finding is on disk first.
    wait_until(lambda: len(dock.acks) > before, "an ack of what came again")

    assert dock.acks[-1] == {"epoch": "e1", "seq": 10, "hash": chain(told.payloads)}
    assert at_dock(capsys, database) == 10
    [finding] = shown(capsys, database, "findings")
    assert (finding["kind"], finding["about"]) == ("repeat", "e1/4")


def test_after_a_restore_the_books_are_the_snapshot_and_what_came_since(
    central: CentralProcess,
    dock: ScriptedNode,
    told: Told,
    database: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dock.tell(told, range(1, 11))
    dock.wait_ack(10)
    new = Told("e2", previous="e1")
    new.receive_often(4)

    dock.state(new)
    dock.tell(new, [1, 2])
    dock.snapshot("e2", snapshot("e2", 1, {"positions": [position("PEN", "location:DOCK-1", 7)]}))
    dock.tell(new, [3, 4])
    dock.wait_ack(4, epoch="e2")

    assert at_dock(capsys, database) == 10
    [node] = shown(capsys, database, "nodes")
    assert (node["epoch"], node["seq"], node["has_ground"]) == ("e2", 4, True)


def test_killed_under_load_it_loses_nothing_and_counts_nothing_twice(
    central: CentralProcess, dock: ScriptedNode, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Told()
    dock.state(told)
    told.receive_often(3000)
    dock.tell(told, range(1, 3001))

    for reached in (200, 900, 1900):
        dock.wait_ack(reached)
        central.kill()
        central.start()

    assert dock.wait_ack(3000) == {"epoch": "e1", "seq": 3000, "hash": chain(told.payloads)}
    assert at_dock(capsys, database) == 3000
    assert shown(capsys, database, "findings") == []


def test_put_back_from_an_older_copy_it_asks_for_what_it_lacks(
    central: CentralProcess, dock: ScriptedNode, told: Told, database: Path, tmp_path: Path
) -> None:
    dock.tell(told, range(1, 5))
    dock.wait_ack(4)
    assert central.end() == 0
    shutil.copy(database, tmp_path / "copy.db")
    central.start()
    dock.tell(told, range(5, 11))
    dock.wait_ack(10)
    assert central.end() == 0

    shutil.copy(tmp_path / "copy.db", database)
    central.start()

    assert dock.wait_command("sync.replay")["data"] == {"from_seq": 5, "to_seq": 10}
    before = len(dock.acks)
    dock.tell(told, range(5, 11))
    wait_until(lambda: dock.acks[before:] and dock.acks[-1]["seq"] == 10, "an ack of event 10")
    assert dock.acks[-1]["hash"] == chain(told.payloads)


def test_a_command_goes_until_it_is_answered_and_then_never_again(
    central: CentralProcess,
    dock: ScriptedNode,
    told: Told,
    database: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = '{"order":"SO-1","lines":[{"line":1,"sku":"PEN","qty":2}]}'
    assert main(["central", "send", "--database", str(database), NODE, "order.place", order]) == 0
    id_ = capsys.readouterr().out.strip()
    sent = dock.wait_command("order.place")
    assert (sent["id"], sent["cmdseq"], sent["data"]) == (id_, 1, json.loads(order))

    central.kill()
    central.start()
    assert dock.wait_command("order.place", beyond=1) == sent
    dock.answer(sent)
    wait_until(lambda: shown(capsys, database, "commands")[0]["answer"], "the answer")
    assert central.end() == 0
    central.start()
    dock.tell(told, [1])
    dock.wait_ack(1)

    assert len(dock.commands) == 2
    [found] = shown(capsys, database, "orders")
    assert (found["order"], found["lines"][0]["ordered"], found["lines"][0]["waiting"]) == ("SO-1", 2, 2)


def test_the_broker_killed_and_back_is_found_again(
    broker: LocalBroker, central: CentralProcess, dock: ScriptedNode, told: Told
) -> None:
    dock.tell(told, range(1, 4))
    dock.wait_ack(3)

    broker.kill()
    dock.tell(told, range(4, 11))
    broker.start()

    assert dock.wait_ack(10) == {"epoch": "e1", "seq": 10, "hash": chain(told.payloads)}


@pytest.mark.parametrize(("there", "code"), [(10, 0), (11, 1)])
def test_compare_asks_the_node_and_names_what_differs(
    central: CentralProcess,
    dock: ScriptedNode,
    told: Told,
    database: Path,
    there: int,
    code: int,
) -> None:
    dock.tell(told, range(1, 11))
    dock.wait_ack(10)
    call = [sys.executable, "-m", "edge.cli", "central", "compare", NODE, "--database", str(database)]
    compared = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    asked = dock.wait_command("sync.snapshot")
    assert asked["data"] == {"scope": ["positions"]}

    dock.answer(asked)
    lying = [position("PEN", "location:DOCK-1", there), position("PEN", "supplier:-", -10)]
    dock.snapshot(asked["id"], snapshot("e1", 10, {"positions": lying}))

    out, _ = compared.communicate(timeout=TIMEOUT_S)
    assert (compared.returncode, out) == (code, COMPARED[code])


def test_it_ends_cleanly_and_says_what_it_reads(
    broker: LocalBroker, central: CentralProcess, database: Path
) -> None:
    assert central.ready == f"Central reads crossdock/+/+ at 127.0.0.1:{broker.port} into {database}."

    assert central.end(signal.SIGINT) == 0


def test_it_finds_its_broker_in_a_nodes_configuration(
    broker: LocalBroker, database: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.toml"
    mqtt = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\nprefix = "dc"\n'
    site.write_text(f'site = "par1"\nnode = "dock-a"\ndata_dir = "data"\n{mqtt}')
    central = CentralProcess(None, str(database), "-c", str(site))
    try:
        central.start()
    finally:
        central.close()

    assert central.ready == f"Central reads dc/+/+ at 127.0.0.1:{broker.port} into {database}."


def test_a_second_central_on_the_same_books_is_refused(
    broker: LocalBroker, central: CentralProcess, database: Path, tmp_path: Path
) -> None:
    done = run_central(tmp_path, "--broker", f"127.0.0.1:{broker.port}", "--database", str(database))

    assert (done.returncode, done.stderr) == (
        1,
        f"crossdock: Another crossdock central runs on {database}. Stop it first, or name another file.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (
            ("--broker", "127.0.0.1:1"),
            1,
            "The broker 127.0.0.1:1 cannot be reached: [Errno 111] Connection refused.",
        ),
        (
            ("-c", "no.toml"),
            2,
            "The broker is not known: there is no no.toml. Name it with --broker",
        ),
        (
            ("-c", "site.toml"),
            2,
            "The broker is not known: site.toml has no [mqtt]. Name it with --broker",
        ),
        (
            ("--broker", "host:1", "--cert", "x.pem"),
            2,
            "--cert and --key belong together. Give both for mutual TLS",
        ),
        (("nodes",), 2, "There is no database crossdock-central.db. Name with --database the one"),
        (("send", "par1", "order.hold", "{}"), 2, "Expected SITE/NODE such as par1/dock-a, got 'par1'."),
        (("send", NODE, "order.hold", "{"), 2, "The command's data is no JSON: "),
        (
            ("send", NODE, "order.hold", "no.json"),
            2,
            "The command's data cannot be read from 'no.json': [Errno 2]",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    (tmp_path / "site.toml").write_text('site = "par1"\nnode = "dock-a"\ndata_dir = "data"\n')

    done = run_central(tmp_path, *arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"crossdock: {told}")
    assert done.stderr.count("\n") == 1


def test_tables_for_people_say_what_there_is(
    central: CentralProcess,
    dock: ScriptedNode,
    told: Told,
    database: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dock.publish("stock/PEN", b'{"sku":"PEN","on_hand":10,"allocated":2,"available":8}', retain=True)
    told.tell("backorder.allocated", {"order": "SO-1", "line": 1, "sku": "PEN", "qty": 2, "waiting": 1})
    dock.tell(told, range(1, 12))
    dock.wait_ack(11)
    wait_until(lambda: shown(capsys, database, "stock")["levels"], "the level")

    printed = {}
    for action in (("nodes",), ("stock",), ("stock", "PEN"), ("orders",), ("commands",), ("findings",)):
        assert main(["central", "--database", str(database), *action]) == 0
        printed[" ".join(action)] = [line.split() for line in capsys.readouterr().out.splitlines()]

    assert printed["nodes"][1][:6] == [NODE, "online", "11", "0", "0", "follow"]
    assert printed["stock"][1] == ["PEN", NODE, "10", "2", "8", "-", "-", "-", "-"]
    assert printed["stock PEN"][1:] == [
        [NODE, "location:DOCK-1", "10", "-"],
        [NODE, "supplier:-", "-10", "-"],
    ]
    assert printed["orders"][1] == ["SO-1", NODE, "open", "1", "PEN", "-", "2", "0", "0", "0", "1"]
    assert printed["commands"] == [["No", "command", "was", "sent", "yet."]]
    assert printed["findings"] == [["All", "is", "as", "it", "should", "be."]]
