"""Transactions of the ledger: all or nothing, in whole and in part."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.ledger.schema import open_writer
from edge.ledger.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    connection = open_writer(tmp_path / "ledger.db")
    yield Store(connection)
    connection.close()


def counted(store: Store) -> list[str]:
    return [sku for (sku,) in store.db.execute("SELECT sku FROM counts ORDER BY sku")]


def count_and_fail(store: Store, sku: str) -> None:
    store.write_count(sku, "location:A-01", 0)
    raise ZeroDivisionError


def test_what_fails_in_a_transaction_takes_all_of_it_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction():
        count_and_fail(store, "PEN")

    assert (counted(store), store.db.in_transaction) == ([], False)


def test_what_fails_in_a_part_takes_that_back_and_the_rest_goes_on(store: Store) -> None:
    with store.transaction():
        store.write_count("PEN", "location:A-01", 0)
        with pytest.raises(ZeroDivisionError), store.attempt():
            count_and_fail(store, "INK")
        with store.attempt():
            store.write_count("CAP", "location:A-01", 0)

    assert counted(store) == ["CAP", "PEN"]


def test_where_the_database_gave_all_up_by_itself_its_own_error_is_told(store: Store) -> None:
    def fail() -> None:
        # As SQLite does of its own accord when the disk fails.
        store.db.execute("ROLLBACK")
        raise sqlite3.OperationalError("disk I/O error")

    with (
        pytest.raises(sqlite3.OperationalError, match="disk I/O error"),
        store.transaction(),
        store.attempt(),
    ):
        fail()

    assert store.db.in_transaction is False
