"""A ledger that is looked at again and again: read anew after a commit, let go between, told when it cannot be read."""

import sqlite3
from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.facts import CodeScanned, DeviceKind, DeviceLost, DeviceReady
from edge.ledger.watching import EXCEPTIONS_MAX, Watching
from tests.books import AT, damage_table, good_ledger, insert
from tests.house import MORNING_MS, House, settings


def watching(folder: Path, *places: str) -> Watching:
    return Watching(folder / "ledger.db", places)


def test_what_nobody_changed_is_not_read_again(tmp_path: Path, db: sqlite3.Connection) -> None:
    ledger = watching(tmp_path)

    first, second = ledger.look(), ledger.look()
    insert(db, "devices", kind="scanner", id="gun-1", state="ready", text="", since=AT)
    third, fourth = ledger.look(), ledger.look()

    assert second is first
    assert (first.devices, [*third.devices]) == ({}, [("scanner", "gun-1")])
    assert fourth is third
    ledger.close()


def test_a_transaction_that_is_not_committed_is_not_seen_and_not_waited_for(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    ledger = watching(tmp_path)
    before = ledger.look()
    db.execute("BEGIN IMMEDIATE")
    insert(db, "devices", kind="scanner", id="gun-1", state="ready", text="", since=AT)

    during = ledger.look()
    db.execute("COMMIT")

    assert during is before
    assert [*ledger.look().devices] == [("scanner", "gun-1")]
    ledger.close()


def test_who_looks_does_not_keep_the_writers_log_from_being_folded_back(
    tmp_path: Path, db: sqlite3.Connection
) -> None:
    ledger = watching(tmp_path)
    ledger.look()
    insert(db, "devices", kind="scanner", id="gun-1", state="ready", text="", since=AT)

    busy, in_log, folded = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    assert (busy, in_log, folded) == (0, 0, 0)
    ledger.close()


def test_another_ledger_in_the_place_of_the_first_is_seen(tmp_path: Path) -> None:
    good_ledger(tmp_path / "ledger.db").close()
    ledger = watching(tmp_path)
    assert ledger.look().queues["zebra-1"]["waiting"] == 1

    (tmp_path / "ledger.db").unlink()
    with pytest.raises(LedgerError) as missing:
        ledger.look()
    House(settings(tmp_path)).close()

    assert missing.value.text == f"There is no ledger at {tmp_path / 'ledger.db'}."
    assert ledger.look().queues == {}
    ledger.close()


def test_each_dialogue_is_seen_with_its_last_answer(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.scan("LOC:A-01")
    house.post(CodeScanned("wifi", "dock-1", "wifi@10.0.0.9", "NO-SUCH"))

    kept = watching(tmp_path).look().dialogues

    house.close()
    assert {id: state["last_answer"] for id, state in kept.items()} == {
        "gun-1": "accept",
        "wifi@10.0.0.9": "reject",
    }
    assert kept["gun-1"]["location"] == "A-01"


def test_devices_their_exceptions_and_the_labels_that_wait_are_seen(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.receive("PEN", 3)
    house.wait(1)
    house.receive("INK", 1)
    house.post(DeviceReady(DeviceKind.SCANNER, "gun-1"))
    house.post(DeviceLost(DeviceKind.PRINTER, "zebra-1", "zebra-1 is out of paper."))

    seen = watching(tmp_path).look()

    house.close()
    assert {key: row["state"] for key, row in seen.devices.items()} == {
        ("printer", "zebra-1"): "lost",
        ("scanner", "gun-1"): "ready",
    }
    printer = [row for row in seen.exceptions if row["kind"] == "printer"]
    assert [(row["about"], row["text"]) for row in printer] == [("zebra-1", "zebra-1 is out of paper.")]
    assert seen.queues == {"zebra-1": {"printer": "zebra-1", "waiting": 2, "since": MORNING_MS + 4000}}
    # The two items that no catalogue knows are the office's, and counted.
    assert seen.open_exceptions == 3


def test_exceptions_of_goods_are_seen_by_their_place(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.receive("PEN", 3, at="DOCK-1")
    house.receive("PEN", 3, at="DOCK-10")
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN", "LOC:DOCK-10", "SKU:PEN")

    at = watching(tmp_path, "DOCK-1", "A-01").look().at_places

    house.close()
    assert {place: [(row["kind"], row["about"]) for row in rows] for place, rows in at.items()} == {
        "DOCK-1": [("count_needed", "DOCK-1 PEN")],
        "A-01": [],
    }


def test_a_label_that_was_given_up_has_its_printer(tmp_path: Path, db: sqlite3.Connection) -> None:
    label = {"content": "{}", "sku": "PEN", "lot": "", "expiry": "", "qty": 1, "kind": "putaway"}
    insert(db, "labels", job=17, label="2f9c-17", fact=2, at=AT, printer="zebra-2", **label)
    insert(
        db, "exceptions", id="x-1", kind="label", about="2f9c-17", text="It cannot be drawn.", raised_at=AT
    )

    assert watching(tmp_path).look().label_printers == {"2f9c-17": "zebra-2"}


def test_of_too_many_exceptions_the_latest_are_seen(tmp_path: Path, db: sqlite3.Connection) -> None:
    for n in range(EXCEPTIONS_MAX + 3):
        insert(db, "exceptions", id=f"x-{n}", kind="dropped", about=f"gun-{n}", text="Left.", raised_at=AT)

    seen = watching(tmp_path).look()

    names = [row["about"] for row in seen.exceptions]
    assert (names[0], names[-1], len(names)) == (f"gun-{EXCEPTIONS_MAX + 2}", "gun-3", EXCEPTIONS_MAX)
    assert seen.open_exceptions == EXCEPTIONS_MAX + 3


def test_a_ledger_that_turns_out_to_be_damaged_is_said_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    damage_table(good_ledger(path), "dialogues")

    with pytest.raises(LedgerError) as caught:
        watching(tmp_path).look()

    assert caught.value.text == f"The ledger {path} is broken: database disk image is malformed."


def test_what_cannot_be_read_is_said_and_read_once_it_can(tmp_path: Path, db: sqlite3.Connection) -> None:
    ledger = watching(tmp_path)
    before = ledger.look()
    db.execute("ALTER TABLE dialogues RENAME TO elsewhere")

    with pytest.raises(LedgerError) as caught:
        ledger.look()
    db.execute("ALTER TABLE elsewhere RENAME TO dialogues")

    path = tmp_path / "ledger.db"
    assert (
        f"{caught.value}" == f"The ledger {path} cannot be read: no such table: dialogues. It is tried again."
    )
    assert ledger.look() == before
    ledger.close()
