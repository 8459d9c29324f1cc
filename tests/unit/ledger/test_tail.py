"""A ledger is looked at before it is served from: what is broken at its end is said, with the way on."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.ledger.schema import open_writer
from edge.ledger.tail import EVENTS, check_tail
from tests.books import add_event, damage_table, good_ledger, schema_1, tamper
from tests.house import House, settings

WAY_ON = (
    "Nothing was changed. See all that is wrong: crossdock verify. Then move the file (with -wal and -shm)"
    " aside and put a copy back: crossdock restore FILE."
)


def test_a_good_ledger_is_served_from(db: sqlite3.Connection) -> None:
    check_tail(db)


def test_a_new_ledger_is_served_from(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "ledger.db")

    check_tail(db)
    db.close()


def test_an_older_ledger_is_served_from_once_it_is_migrated(tmp_path: Path) -> None:
    db = open_writer(schema_1(tmp_path / "ledger.db"))

    check_tail(db)
    db.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM meta WHERE key = 'epoch'", "it has no epoch"),
        ("UPDATE meta SET value = 'x' WHERE key = 'session'", "its session is 'x', expected a number"),
        (
            "UPDATE meta SET value = 'other' WHERE key = 'epoch'",
            "its last event says EPOCH/2, expected other/2",
        ),
        ("DELETE FROM events WHERE seq = 1", "after event 0 comes event 2"),
        ("UPDATE events SET seq = 7 WHERE seq = 2", "after event 1 comes event 7"),
        (
            "UPDATE events SET hash = zeroblob(32) WHERE seq = 2",
            "the hash of event 2 is not that of the hash before it and its bytes",
        ),
        (
            "UPDATE events SET payload = x'7b7d' WHERE seq = 1",
            "the hash of event 1 is not that of the hash before it and its bytes",
        ),
        ("UPDATE cursors SET value = 3", "events count as delivered up to 3, there are 2"),
        ("INSERT INTO cursors VALUES ('answers', 1)", "answers count as delivered up to 1, there are 0"),
        ("INSERT INTO cursors VALUES ('published', 9)", "published count as delivered up to 9, there are 2"),
        ("INSERT INTO cursors VALUES ('asked', 1)", "asked count as delivered up to 1, there are 0"),
        ("DELETE FROM facts WHERE seq = 2", "its last event or entry is of fact 2, the last fact is 1"),
        ("UPDATE postings SET qty = 4 WHERE n = 1", "the postings of PEN in entry 1 sum to +1, not to 0"),
        ("DELETE FROM postings", "entry 1 has no postings"),
        (
            "DELETE FROM positions WHERE id = 2",
            "entry 1 moved PEN of location:DOCK-1, which has no position there",
        ),
    ],
)
def test_what_is_broken_at_the_end_is_said(
    tmp_path: Path, db: sqlite3.Connection, statement: str, told: str
) -> None:
    epoch = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
    tamper(db, statement)
    db.execute("PRAGMA foreign_keys = ON")

    with pytest.raises(LedgerError) as caught:
        check_tail(db)

    path = tmp_path / "ledger.db"
    assert str(caught.value) == f"The ledger {path} is broken: {told.replace('EPOCH', epoch)}. {WAY_ON}"


def test_an_event_that_is_none_is_said_though_its_hash_is_right(db: sqlite3.Connection) -> None:
    head = db.execute("SELECT hash FROM events WHERE seq = 1").fetchone()[0]
    tamper(db)
    db.execute(
        "UPDATE events SET payload = ?, hash = ? WHERE seq = 2",
        (b"{}", hashlib.sha256(head + b"{}").digest()),
    )
    db.execute("PRAGMA foreign_keys = ON")

    with pytest.raises(LedgerError, match="the bytes of event 2 are no event"):
        check_tail(db)


def test_a_connection_that_checks_no_references_is_not_served_from(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA foreign_keys = OFF")

    with pytest.raises(LedgerError, match="it was opened without its foreign keys"):
        check_tail(db)


def test_only_the_end_is_looked_at(db: sqlite3.Connection) -> None:
    for _ in range(EVENTS):
        add_event(db, "order.ready", {"order": "SO-1"})
    tamper(db, "UPDATE events SET hash = zeroblob(32) WHERE seq = 1")
    db.execute("PRAGMA foreign_keys = ON")

    check_tail(db)


def test_a_file_that_is_no_database_is_said_with_the_way_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"This was a ledger once. " * 500)

    with pytest.raises(LedgerError) as caught:
        open_writer(path)

    assert str(caught.value) == f"The ledger {path} is broken: file is not a database. {WAY_ON}"
    assert path.read_bytes() == b"This was a ledger once. " * 500


def test_a_ledger_whose_pages_are_damaged_is_not_served_from(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    damage_table(good_ledger(path), "events")

    db = open_writer(path)
    with pytest.raises(LedgerError, match="is broken: database disk image is malformed"):
        check_tail(db)
    db.close()


def test_the_engine_does_not_serve_from_a_broken_ledger(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.receive("PEN", 3)
    tamper(house.engine.books.store.db, "UPDATE postings SET qty = 4 WHERE n = 1")
    house.close()

    with pytest.raises(LedgerError, match="is broken: the postings of PEN in entry 1 sum to"):
        House(settings(tmp_path))


def test_what_is_no_damage_is_not_called_so(db: sqlite3.Connection) -> None:
    """A reader in the way, a full disk: the ledger is whole, and nobody is to put a copy in its place."""
    tamper(db, "DROP TABLE cursors")
    db.execute("PRAGMA foreign_keys = ON")

    with pytest.raises(sqlite3.OperationalError, match="no such table: cursors"):
        check_tail(db)
