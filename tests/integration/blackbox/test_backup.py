"""`backup` beside the running daemon and `restore` where none is, under a new epoch (contract sections 1, 6)."""

import json
import shutil
from pathlib import Path

from tests.integration.blackbox.audit import check_heard
from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.mosquitto import Broker
from tests.integration.blackbox.node import Node


def ledger_of(node: Node) -> Path:
    return node.config.parent / "data" / "ledger.db"


def lose_the_ledger(node: Node) -> None:
    """What a dead card leaves: a configuration and an empty folder."""
    shutil.rmtree(ledger_of(node).parent)


def test_a_copy_put_back_goes_on_as_a_new_ledger(
    node: Node, central: Central, broker: Broker, tmp_path: Path
) -> None:
    order(central, "SO-1", ("PEN", 5))
    node.take("gun-1", "QTY:3", PEN)
    copy = tmp_path / "copy.db"

    backup = node.cli("backup", str(copy))
    # What is booked after the copy is in the old ledger only.
    node.take("gun-1", PEN)
    central.level("PEN", on_hand=4)
    old = central.state("online")["epoch"]
    assert node.stop() == 0
    lose_the_ledger(node)
    restore = node.cli("restore", str(copy))

    assert (backup.returncode, backup.stderr) == (0, "")
    assert (restore.returncode, restore.stderr) == (0, "")
    # Central, who counts the events of the old epoch, is another than who counts those of the new.
    central.disconnect()
    late = Central(broker.port)
    late.connect()
    node.launch()
    new = late.wait(lambda heard: next(_online_again(heard.states, old), None), "a state of a new epoch")
    assert old in json.dumps(new["previous"])
    assert new["first_seq"] == 1
    node.take("gun-1", PEN)
    received = late.event("stock.received", sku="PEN", qty=1)
    allocated = late.event("backorder.allocated", order="SO-1", qty=1, waiting=1)
    assert {event.envelope["epoch"] for event in late.events()} == {new["epoch"]}
    assert received.seq < allocated.seq
    late.level("PEN", on_hand=4, allocated=4, waiting=1)
    check_heard(late.heard)
    late.disconnect()
    # Events of the copy are not sent again: the first of this epoch is told with the number 1.
    assert [e.data["qty"] for e in late.events("stock.received")] == [1]
    assert node.stop() == 0
    audit = node.cli("verify")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def _online_again(states: list[dict[str, object]], old_epoch: str) -> "filter[dict[str, object]]":
    return filter(lambda s: s["status"] == "online" and s["epoch"] != old_epoch, states)


def test_a_copy_is_not_put_over_a_ledger(node: Node, central: Central, tmp_path: Path) -> None:
    node.take("gun-1", PEN)
    central.event("stock.received")
    copy = tmp_path / "copy.db"
    assert node.cli("backup", str(copy)).returncode == 0
    beside_the_daemon = node.cli("restore", str(copy))
    assert node.stop() == 0
    before = ledger_of(node).read_bytes()

    over_a_ledger = node.cli("restore", str(copy))

    for refused in (beside_the_daemon, over_a_ledger):
        assert refused.returncode in (1, 2)
        assert refused.stderr.strip()
        assert "Traceback" not in refused.stderr
    assert ledger_of(node).read_bytes() == before


def test_what_is_no_copy_is_not_put_back(node: Node, tmp_path: Path) -> None:
    assert node.stop() == 0
    lose_the_ledger(node)
    no_ledger = tmp_path / "notes.txt"
    no_ledger.write_text("not a ledger")

    for file in (no_ledger, tmp_path / "nowhere.db"):
        refused = node.cli("restore", str(file))

        assert refused.returncode in (1, 2)
        assert file.name in refused.stderr
        assert "Traceback" not in refused.stderr
        assert not ledger_of(node).exists()


def test_a_backup_that_cannot_be_written_fails_in_words(node: Node, tmp_path: Path) -> None:
    done = node.cli("backup", str(tmp_path / "no-such-folder" / "copy.db"))

    assert done.returncode in (1, 2)
    assert "no-such-folder" in done.stderr
    assert "Traceback" not in done.stderr
