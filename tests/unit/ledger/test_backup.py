"""A copy of the ledger, also while it is written to."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.ledger import files
from edge.ledger.backup import back_up
from edge.ledger.schema import VERSION, open_reader, open_writer
from edge.ledger.verify import verify
from tests.books import damage_table, good_ledger, schema_1, tamper
from tests.house import House
from tests.unit.ledger.copies import KEPT, ledger_of


def test_a_copy_has_what_the_ledger_has_and_says_so(house: House, tmp_path: Path) -> None:
    copy = back_up(ledger_of(house), tmp_path / "copy.db")

    records = house.engine.books.records
    assert (copy.epoch, copy.last_seq, copy.facts) == (records.epoch, records.seq, records.fact)
    assert (copy.schema, copy.size_bytes) == (VERSION, (tmp_path / "copy.db").stat().st_size)
    reader = open_reader(tmp_path / "copy.db")
    assert verify(reader).is_sound
    assert [reader.execute(f"SELECT * FROM {table}").fetchall() for table in KEPT] == [
        house.rows(f"SELECT * FROM {table}") for table in KEPT
    ]
    reader.close()


def test_a_copy_is_one_file_and_leaves_nothing_beside_it(house: House, tmp_path: Path) -> None:
    back_up(ledger_of(house), tmp_path / "copy.db")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "site"]


def test_a_copy_made_while_the_ledger_is_written_to_is_of_one_moment(tmp_path: Path) -> None:
    """A writer on a thread of its own commits without a pause; every copy balances."""
    db = good_ledger(tmp_path / "ledger.db")
    db.execute("CREATE TABLE padding (n INTEGER, twin INTEGER, filler BLOB)")
    db.close()
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        own = open_writer(tmp_path / "ledger.db")
        own.execute("PRAGMA synchronous = OFF")
        n = 0
        while not stop.is_set():
            n += 1
            own.execute("BEGIN IMMEDIATE")
            own.execute("INSERT INTO padding VALUES (?1, ?1, zeroblob(20000))", (n,))
            own.execute("INSERT INTO padding VALUES (-?1, -?1, zeroblob(20000))", (n,))
            own.execute("COMMIT")
            if n > 50:
                written.set()
        own.close()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert written.wait(10)

    for n in range(5):
        back_up(tmp_path / "ledger.db", tmp_path / f"copy-{n}.db")
    stop.set()
    writer.join(10)

    for n in range(5):
        with contextlib.closing(sqlite3.connect(tmp_path / f"copy-{n}.db")) as copy:
            assert copy.execute("SELECT sum(n), count(*) % 2 FROM padding").fetchone() == (0, 0)


def test_a_file_that_is_there_is_not_overwritten(house: House, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("yesterday's")

    with pytest.raises(LedgerError, match=r"copy\.db is there already and is not overwritten"):
        back_up(ledger_of(house), tmp_path / "copy.db")

    assert (tmp_path / "copy.db").read_text() == "yesterday's"


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "copy.db"

    def write() -> None:
        with files.written_whole(target) as draft:
            draft.write_text("ours")
            target.write_text("theirs")

    with pytest.raises(LedgerError, match="is there already"):
        write()

    assert (target.read_text(), len(list(tmp_path.iterdir()))) == ("theirs", 1)


def test_a_folder_that_is_not_there_is_said(house: House, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"copy\.db cannot be written: No such file or directory"):
        back_up(ledger_of(house), tmp_path / "away" / "copy.db")


def test_a_broken_ledger_is_not_copied(house: House, tmp_path: Path) -> None:
    tamper(house.engine.books.store.db, "UPDATE postings SET qty = 9 WHERE n = 1")

    with pytest.raises(LedgerError, match="is broken, and no copy was made: the postings of PEN in entry 1"):
        back_up(ledger_of(house), tmp_path / "copy.db")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_a_ledger_of_an_older_schema_can_be_copied(tmp_path: Path) -> None:
    copy = back_up(schema_1(tmp_path / "ledger.db"), tmp_path / "copy.db")

    assert (copy.schema, copy.last_seq, copy.epoch) == (1, 26, "edc23caa236a0a93")


def test_a_ledger_whose_pages_are_damaged_is_not_copied(tmp_path: Path) -> None:
    damage_table(good_ledger(tmp_path / "ledger.db"), "facts")

    with pytest.raises(LedgerError, match="is broken, and no copy was made: "):
        back_up(tmp_path / "ledger.db", tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_what_is_no_ledger_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    db = sqlite3.connect(schema_1(tmp_path / "nameless.db"))
    db.execute("DELETE FROM meta WHERE key = 'epoch'")
    db.commit()
    db.close()

    with pytest.raises(LedgerError, match=r"ledger\.db cannot be copied to .*copy\.db: no such table: meta"):
        back_up(tmp_path / "ledger.db", tmp_path / "copy.db")
    with pytest.raises(LedgerError, match=r"nameless\.db is no ledger: it has no epoch\."):
        back_up(tmp_path / "nameless.db", tmp_path / "copy.db")

    assert not (tmp_path / "copy.db").exists()
