"""The audit of what was learned: an entry of it may have moved nothing, and nobody can hide goods behind that."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.ledger.archive import archive
from edge.ledger.restore import restore
from edge.ledger.schema import open_reader, open_writer
from edge.ledger.tail import tail_breach
from edge.ledger.verify_archive import verify_with_archives
from tests.books import tamper
from tests.house import PEN_GTIN, House, settings
from tests.unit.ledger.audits import assert_named, breaches

EAN = PEN_GTIN[1:]


@pytest.fixture
def learned(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Facts and entries: goods received (1), their code learned (2), one without goods learned (3) and undone (4)."""
    house = House(settings(tmp_path))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.scans("QTY:5", EAN, "CMD:LEARN", EAN, "SKU:PEN", "X-1", "SKU:PEN", "CMD:UNDO")
    house.close()
    db = open_writer(tmp_path / "ledger.db")
    yield db
    db.close()


def test_an_entry_that_learned_a_code_and_one_that_undid_it_may_have_moved_nothing(
    learned: sqlite3.Connection,
) -> None:
    assert learned.execute("SELECT DISTINCT entry FROM postings ORDER BY entry").fetchall() == [(1,), (2,)]

    assert breaches(learned) == []
    assert tail_breach(learned) == ""


def test_goods_that_a_learning_moved_cannot_be_taken_out_of_its_entry(learned: sqlite3.Connection) -> None:
    assert_named(
        learned,
        "DELETE FROM postings WHERE entry = 2",
        [
            "events tell what the books say: event 3: the events of its fact",
            "positions follow from the journal:",
        ],
    )


@pytest.mark.parametrize(("entry", "name"), [(3, "received"), (4, "undo")])
def test_any_other_entry_without_goods_is_a_breach(
    learned: sqlite3.Connection, entry: int, name: str
) -> None:
    tamper(learned, f"UPDATE entries SET kind = '{name}', undoes = NULL WHERE entry = {entry}")
    learned.execute("PRAGMA foreign_keys = ON")

    assert f"entries balance: entry {entry}: it has no postings" in breaches(learned)
    assert f"entry {entry} has no postings" in tail_breach(learned)


def test_a_learning_that_no_event_tells_of_is_a_breach(learned: sqlite3.Connection) -> None:
    assert_named(
        learned,
        "INSERT INTO entries (fact, kind, booking) VALUES (99, 'learned', 99)",
        ["events tell what the books say: entry 5: no event tells of it or its fact 99"],
    )


def test_what_was_learned_is_archived_and_restored_like_anything_else(tmp_path: Path) -> None:
    folder, other = tmp_path / "site", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    house = House(settings(folder))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.scans("CMD:LEARN", "X-1", "SKU:PEN", "QTY:12", "CMD:UNDO", "CMD:UNDO")
    house.wait(86_400)
    house.scans("CMD:LEARN", "X-2", "SKU:PEN", "CMD:UNDO")
    house.receive("PEN", 1)
    before_ms = house.clock.at_ms - 3_600_000
    house.close()

    restore(folder / "ledger.db", other / "ledger.db")
    archived = archive(folder / "ledger.db", tmp_path / "old.db", before_ms=before_ms, is_central=False)

    assert archived.entries == 4
    for ledger, archives in ((folder, [tmp_path / "old.db"]), (other, [])):
        reader = open_reader(ledger / "ledger.db")
        findings = verify_with_archives(reader, archives)
        reader.close()
        assert findings.is_sound, [finding.named for finding in findings.checks]
