"""A copy of the ledger that is put back, as a new epoch."""

import json
import sqlite3
from pathlib import Path

import pytest

from edge.domain.requests import TakeSnapshot
from edge.errors import LedgerError
from edge.facts import Delivered
from edge.ledger.outbox import LabelRows, SyncRows
from edge.ledger.restore import restore
from edge.ledger.schema import VERSION, open_reader
from edge.ledger.verify import verify
from tests.books import good_ledger, schema_1, tamper
from tests.house import House
from tests.unit.ledger.copies import KEPT, ledger_of, restored


def test_a_restored_ledger_has_all_that_was_kept_under_a_new_epoch(house: House, tmp_path: Path) -> None:
    before = [house.rows(f"SELECT * FROM {table}") for table in KEPT if table != "labels"]
    epoch = house.engine.books.records.epoch

    again = restored(house, tmp_path)

    assert again.engine.books.records.epoch != epoch
    assert [again.rows(f"SELECT * FROM {table}") for table in KEPT if table != "labels"] == before
    again.audit()


def test_events_begin_again_at_1_and_those_of_the_copy_are_kept(house: House, tmp_path: Path) -> None:
    epoch, told = house.engine.books.records.epoch, house.rows("SELECT * FROM events ORDER BY seq")

    again = restored(house, tmp_path)

    past = again.rows(
        "SELECT seq, type, fact, payload, hash FROM past_events WHERE epoch = ? ORDER BY seq", epoch
    )
    assert past == told
    assert again.rows("SELECT count(*) FROM events") == [(0,)]
    again.receive("INK", 5)
    first = json.loads(again.rows("SELECT payload FROM events WHERE seq = 1")[0][0])
    assert (first["seq"], first["epoch"]) == (1, again.engine.books.records.epoch)
    again.audit()


def test_central_is_told_where_the_ledger_comes_from(house: House, tmp_path: Path) -> None:
    epoch = house.engine.books.records.epoch

    again = restored(house, tmp_path)

    rows = SyncRows(ledger_of(again))
    head = rows.head()
    rows.close()
    assert (head.previous, head.epoch) == (epoch, again.engine.books.records.epoch)
    assert (head.first_seq, head.last_seq, head.confirmed_seq, head.hash) == (1, 0, 0, "0" * 64)


def test_a_ledger_that_was_never_restored_has_no_previous(house: House) -> None:
    rows = SyncRows(ledger_of(house))

    assert rows.head().previous is None
    rows.close()


def test_all_levels_are_told_again(house: House, tmp_path: Path) -> None:
    house.receive("INK", 5)

    again = restored(house, tmp_path)

    rows = SyncRows(ledger_of(again))
    # Before any event of the new epoch: they follow none.
    assert [(row.seq, row.sku) for row in rows.levels(after=0, upto=0, limit=10)] == [(0, "PEN"), (0, "INK")]
    rows.close()


def test_central_is_sent_a_snapshot_and_not_what_it_asked_of_the_copy(house: House, tmp_path: Path) -> None:
    house.command("sync.replay", {"from_seq": 1, "to_seq": 2})
    house.command("sync.snapshot", {"scope": "levels"}, id="s-1")
    house.post(Delivered("events", 2))
    house.post(Delivered("asked", 1))

    again = restored(house, tmp_path)

    rows = SyncRows(ledger_of(again))
    head = rows.head()
    name = f"restored-{again.engine.books.records.epoch}"
    snapshot = TakeSnapshot(("levels", "positions", "orders"))
    assert [(row.id, row.request) for row in rows.asked(after=head.asked_number, limit=9)] == [
        (name, snapshot)
    ]
    assert head.confirmed_seq == 0
    rows.close()
    again.audit()
    again.close()


def test_a_source_goes_on_counting_from_where_the_copy_was(house: House, tmp_path: Path) -> None:
    for n in (1, 2):
        house.command("sync.snapshot", {"scope": "levels"}, id=f"s-{n}", cmdseq=n)

    again = restored(house, tmp_path)

    assert again.command("sync.snapshot", {"scope": "levels"}, id="s-9", cmdseq=9)["error"]["expected"] == 3
    assert again.command("sync.snapshot", {"scope": "levels"}, id="s-3", cmdseq=3)["ok"]
    again.close()


def test_a_label_that_waited_goes_again_with_the_mark(house: House, tmp_path: Path) -> None:
    again = restored(house, tmp_path)

    rows = LabelRows(ledger_of(again), "zebra-1")
    job = rows.next()
    rows.close()
    assert job is not None
    assert job.copy


def test_the_restored_node_goes_on_where_the_copy_was_made(house: House, tmp_path: Path) -> None:
    again = restored(house, tmp_path)

    lines = [{"line": 1, "sku": "PEN", "qty": 4}]
    assert again.command("order.place", {"order": "SO-2", "lines": lines}, id="c-77")["ok"]
    again.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN")
    again.receive("PEN", 10)

    assert sum(again.promises("SO-1").values()) == 2
    assert sum(again.promises("SO-2").values()) == 4
    again.audit()


def test_what_was_booked_before_a_restore_is_undone_without_its_number(house: House, tmp_path: Path) -> None:
    house.scan("SKU:PEN")

    again = restored(house, tmp_path)
    answer = again.scan("CMD:UNDO")

    assert answer.text == "Undone: received, 1 pieces of PEN."
    undo = next(event for event in again.told() if event.type == "undo")
    assert undo.data["undoes"] is None
    assert [move["qty"] for move in undo.data["moves"]] == [1]
    again.audit()
    again.close()


def test_a_ledger_restored_twice_descends_from_both(house: House, tmp_path: Path) -> None:
    first = house.engine.books.records.epoch
    again = restored(house, tmp_path)
    second = again.engine.books.records.epoch
    again.receive("INK", 5)

    (tmp_path / "third").mkdir()
    third = restored(again, tmp_path / "third")

    assert json.loads(str(third.engine.books.records.meta("ancestors"))) == [first, second]
    assert third.engine.books.records.meta("previous") == second
    third.receive("INK", 1)
    third.audit()


def test_a_past_event_that_was_changed_is_found(house: House, tmp_path: Path) -> None:
    again = restored(house, tmp_path)
    db = again.engine.books.store.db
    tamper(db, "UPDATE past_events SET payload = CAST('{}' AS BLOB) WHERE seq = 1")

    breaches = [text for finding in verify(db).checks for text in finding.named]

    epoch = again.engine.books.records.meta("previous")
    assert f"past event {epoch}/1: its hash is not that of the hash before it and its bytes" in breaches


@pytest.mark.parametrize("table", ["events", "past_events", "entries", "postings", "facts"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET rowid = 99"])
def test_history_refuses_every_change_after_a_restore_too(
    house: House, tmp_path: Path, table: str, change: str
) -> None:
    again = restored(house, tmp_path)
    again.receive("INK", 5)
    change = change.replace("rowid", "n") if table == "postings" else change

    with pytest.raises(sqlite3.IntegrityError, match=f"{table} is only ever added to"):
        again.engine.books.store.db.execute(change.format(table))


def made(folder: Path) -> list[str]:
    """What a restore has left in a folder, beside the copy and the log that SQLite has of it."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("copy.db"))


@pytest.mark.parametrize("left", ["ledger.db", "ledger.db-wal", "ledger.db-shm"])
def test_nothing_is_restored_over_what_is_there(tmp_path: Path, left: str) -> None:
    good_ledger(tmp_path / "copy.db").close()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / left).write_text("old")

    with pytest.raises(LedgerError) as caught:
        restore(tmp_path / "copy.db", tmp_path / "data" / "ledger.db")

    data = tmp_path / "data"
    assert str(caught.value) == (
        f"There is a ledger in {data}: {left}. Move it aside first: cd {data} && mkdir aside && mv {left} aside/."
    )
    assert [path.name for path in data.iterdir()] == [left]


def test_a_broken_copy_is_refused_with_its_breach(tmp_path: Path) -> None:
    db = good_ledger(tmp_path / "copy.db")
    tamper(db, "UPDATE orders SET waiting = 7")
    db.close()

    with pytest.raises(LedgerError) as caught:
        restore(tmp_path / "copy.db", tmp_path / "ledger.db")

    assert str(caught.value) == (
        f"The copy {tmp_path / 'copy.db'} is broken: order SO-1: 7 wait, its lines sum to 0."
        " Nothing was put in place. Take another copy."
    )
    assert not made(tmp_path)


def test_a_copy_of_an_older_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    told = restore(schema_1(tmp_path / "copy.db"), tmp_path / "ledger.db")

    assert (told.previous, told.last_seq, told.schema) == ("edc23caa236a0a93", 26, 1)
    reader = open_reader(tmp_path / "ledger.db")
    assert verify(reader).is_sound
    assert reader.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone() == (told.epoch,)
    reader.close()


def test_a_copy_of_a_newer_schema_is_refused(tmp_path: Path) -> None:
    db = good_ledger(tmp_path / "copy.db")
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()

    with pytest.raises(LedgerError, match=f"is of schema {VERSION + 1}; this version knows {VERSION}"):
        restore(tmp_path / "copy.db", tmp_path / "ledger.db")

    assert not made(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100], ids=["empty", "text"])
def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "copy.db").write_bytes(content)

    with pytest.raises(LedgerError, match=r"copy\.db is no copy of a ledger"):
        restore(tmp_path / "copy.db", tmp_path / "ledger.db")

    assert not made(tmp_path)


def test_a_copy_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="There is no copy at"):
        restore(tmp_path / "copy.db", tmp_path / "ledger.db")


def test_a_copy_that_refuses_a_new_epoch_is_not_put_in_place(tmp_path: Path) -> None:
    db = good_ledger(tmp_path / "copy.db")
    db.execute(
        "CREATE TRIGGER cursors_keep BEFORE DELETE ON cursors BEGIN SELECT RAISE(ABORT, 'cursors stay'); END"
    )
    db.close()

    with pytest.raises(LedgerError, match=r"copy\.db cannot be put back: cursors stay\. Nothing was put in"):
        restore(tmp_path / "copy.db", tmp_path / "ledger.db")

    assert not made(tmp_path)
