"""A small ledger that is in order, for each test that asks for one."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.books import good_ledger


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    db = good_ledger(tmp_path / "ledger.db")
    yield db
    db.close()
