"""Events read once more: which, in which steps, and what an undo takes back."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.clock import from_rfc3339
from edge.ledger import history as module
from edge.ledger.archive import archive
from edge.ledger.backup import back_up
from edge.ledger.history import History, Recorded
from edge.ledger.restore import restore
from edge.ledger.schema import open_reader
from tests.house import House, settings


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(settings(tmp_path))
    yield house
    house.close()


@pytest.fixture
def db(house: House) -> Iterator[sqlite3.Connection]:
    db = open_reader(house.settings.data_dir / "ledger.db")
    yield db
    db.close()


def seqs(events: Iterator[Recorded]) -> list[int]:
    return [each.event["seq"] for each in events]


def test_all_events_are_read_in_order_in_whatever_steps(
    house: House, db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STEP", 2)
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.receive("PEN", 3)
    history = History(db)
    last = history.span().last_seq

    assert last > 4
    assert seqs(history.numbered(1, last)) == list(range(1, last + 1))
    assert seqs(history.numbered(2, last)) == list(range(2, last + 1))
    assert seqs(history.numbered(1, last - 1)) == list(range(1, last))


def test_the_events_of_a_time_are_those_booked_then(house: House, db: sqlite3.Connection) -> None:
    house.receive("PEN", 1)
    house.wait(86_400)
    house.receive("INK", 1)
    since, until = from_rfc3339("2026-11-22T00:00:00Z"), from_rfc3339("2026-11-23T00:00:00Z")
    history = History(db)

    def received(events: Iterator[Recorded]) -> list[str]:
        return [each.event["subject"] for each in events if each.event["type"] == "crossdock.stock.received"]

    assert received(history.between(since, until)) == ["INK"]
    assert received(history.between(None, since)) == ["PEN"]
    assert received(history.between(since, None)) == ["INK"]
    assert received(history.between(None, None)) == ["PEN", "INK"]


def test_a_time_has_its_beginning_and_not_its_end(house: House, db: sqlite3.Connection) -> None:
    house.receive("PEN", 1)
    history = History(db)
    last = history.span().last_seq
    ((at,),) = house.rows("SELECT at FROM facts JOIN events ON fact = facts.seq WHERE events.seq = ?", last)

    assert last in seqs(history.between(at, at + 1))
    assert last not in seqs(history.between(None, at))
    assert seqs(history.between(at + 1, None)) == []


def test_no_read_is_open_between_two_events(house: House, db: sqlite3.Connection) -> None:
    house.receive("PEN", 3)
    events = History(db).numbered(1, 2)
    next(events)

    # A checkpoint that empties the log fails as long as anybody reads.
    busy, *_ = house.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0]

    assert busy == 0
    assert len(seqs(events)) == 1


def test_an_undo_knows_the_events_that_it_takes_back(house: House, db: sqlite3.Connection) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)
    house.scan("CMD:UNDO")
    history = History(db)
    every = list(history.numbered(1, history.span().last_seq))
    (undo,) = [each for each in every if each.event["type"] == "crossdock.undo"]

    undone = history.undone_by(undo)

    assert [each["booking"] for each in undone] == [undo.event["data"]["undoes"]] * len(undone)
    assert undone[0]["type"] == "crossdock.stock.received"
    assert [each.event for each in every if each.event["seq"] < undo.event["seq"]][-len(undone) :] == undone


def test_the_events_before_a_restore_are_those_of_their_time_still(house: House, tmp_path: Path) -> None:
    house.receive("PEN", 3)
    ledger = house.settings.data_dir / "ledger.db"
    back_up(ledger, tmp_path / "copy.db")
    house.engine.close()
    for ending in ("", "-wal", "-shm"):
        ledger.with_name(ledger.name + ending).unlink(missing_ok=True)
    restore(tmp_path / "copy.db", ledger)
    house.restart()
    house.scan("CMD:UNDO")
    db = open_reader(ledger)
    history = History(db)

    everything = list(history.between(None, None))
    numbered = list(history.numbered(1, history.span().last_seq))
    (undo,) = [each for each in numbered if each.event["type"] == "crossdock.undo"]

    assert everything[-len(numbered) :] == numbered
    past = [each.event for each in everything[: -len(numbered)]]
    assert past[0]["epoch"] != undo.event["epoch"]
    # The first was the restore's other epoch, and so was what is taken back.
    assert [each["type"] for each in history.undone_by(undo)][:1] == ["crossdock.stock.received"]
    assert history.undone_by(undo)[0] in past
    db.close()


def test_what_was_archived_is_not_there_and_said_to_be_so(house: House, tmp_path: Path) -> None:
    house.receive("PEN", 1)
    house.wait(86_400)
    house.receive("INK", 1)
    house.engine.close()
    ledger = house.settings.data_dir / "ledger.db"
    before = from_rfc3339("2026-11-22T00:00:00Z")
    archive(ledger, tmp_path / "old.db", before_ms=before, is_central=False)
    db = open_reader(ledger)
    history = History(db)

    span = history.span()

    assert span.first_seq > 1
    assert seqs(history.between(None, None)) == list(range(span.first_seq, span.last_seq + 1))
    assert span.archived_at is not None
    assert span.archived_at < before
    db.close()
    house.restart()


def test_the_gtin_of_an_item_is_its_single_units(house: House, db: sqlite3.Connection) -> None:
    codes = [{"code": "7612345001012", "pack": 1}, {"code": "17612345001019", "pack": 12}]
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "name": "Pen", "codes": codes}]})

    assert History(db).gtin_of("PEN") == "07612345001012"
    assert History(db).gtin_of("INK") == ""
