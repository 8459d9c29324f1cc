"""Rules of central's database: who may open it, and what is said when it cannot be."""

import sqlite3
import threading
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.errors import UsageError
from sync.central.database import Database, StoreError, open_database
from sync.central.store import Store

TIMEOUT_S = 20.0


def test_tables_of_a_newer_version_are_refused(where: str) -> None:
    database = open_database(where)
    database.rows("UPDATE meta SET value = '2' WHERE name = 'version'")
    database.close()

    with pytest.raises(StoreError) as caught:
        open_database(where)

    assert str(caught.value) == (
        f"The tables in {database.name} are of version 2, and this crossdock knows version 1."
        " Use the crossdock that made them, or a newer one."
    )


def test_one_central_runs_on_a_database(where: str) -> None:
    first, second = open_database(where), open_database(where)
    first.claim()

    with pytest.raises(StoreError, match=r"^Another crossdock central runs on .*\. Stop it first"):
        second.claim()
    first.close()
    second.claim()
    second.close()


def test_whoever_reads_sees_what_is_committed_and_nothing_before(where: str, database: Database) -> None:
    reader = open_database(where, to_read=True)
    with database.transaction():
        Store(database, SystemClock()).add_node("par1/dock-a")
        assert reader.rows("SELECT name FROM nodes") == []

    assert reader.rows("SELECT name FROM nodes") == [("par1/dock-a",)]
    reader.close()


def test_a_writer_waits_for_the_other(where: str, database: Database) -> None:
    done = threading.Event()

    def write() -> None:
        other = open_database(where)
        with other.transaction():
            Store(other, SystemClock()).add_node("par1/dock-b")
        other.close()
        done.set()

    with database.transaction():
        Store(database, SystemClock()).add_node("par1/dock-a")
        thread = threading.Thread(target=write, daemon=True)
        thread.start()
    assert done.wait(TIMEOUT_S)
    thread.join(TIMEOUT_S)

    assert database.rows("SELECT name FROM nodes ORDER BY id") == [("par1/dock-a",), ("par1/dock-b",)]


def test_an_error_of_the_database_is_a_sentence_and_may_go_away(database: Database) -> None:
    with pytest.raises(StoreError) as caught:
        database.rows("SELECT * FROM nowhere")

    assert caught.value.text.startswith(f"The database {database.name} failed: ")
    assert caught.value.transient


def test_commits_of_sqlite_are_flushed_to_the_disk_before_they_are_done(tmp_path: Path) -> None:
    database = open_database(str(tmp_path / "central.db"))

    assert database.rows("PRAGMA journal_mode") == [("wal",)]
    assert database.rows("PRAGMA synchronous") == [(2,)]
    database.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "central.db"
    path.write_text("a letter" * 200)

    with pytest.raises(StoreError) as caught:
        open_database(str(path))

    assert str(caught.value) == (
        f"The database {path} cannot be opened: file is not a database."
        " Expected a file of SQLite in a folder that may be written."
    )


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        StoreError, match=r"^The database .*nowhere/central.db cannot be opened: .*No such file"
    ):
        open_database(str(tmp_path / "nowhere" / "central.db"))


def test_nothing_is_made_where_there_is_nothing_to_read(tmp_path: Path) -> None:
    path = tmp_path / "central.db"

    with pytest.raises(UsageError, match=r"^There is no database .*central.db\. Name with --database"):
        open_database(str(path), to_read=True)
    sqlite3.connect(path).execute("CREATE TABLE other (x)").connection.close()
    with pytest.raises(UsageError, match=r"central.db holds no books of a central\. Name with --database"):
        open_database(str(path), to_read=True)

    assert [each.name for each in tmp_path.iterdir()] == ["central.db"]


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")

    with pytest.raises(StoreError) as caught:
        open_database(f"postgresql://erp:secret@/books?host={tmp_path}")

    assert caught.value.text.startswith("The database postgresql://erp@/books cannot be opened: connection ")
    assert "secret" not in str(caught.value)
    assert (
        caught.value.hint
        == "Check that the server runs, and the host, user, password and database of --database."
    )


def test_a_wrong_name_at_the_server_is_told(postgres: str) -> None:
    with pytest.raises(
        StoreError, match=r'cannot be opened: connection .* database "nowhere" does not exist\.'
    ):
        open_database(postgres.replace("/postgres?", "/nowhere?"))
