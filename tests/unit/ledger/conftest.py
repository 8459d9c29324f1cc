"""A small ledger that is in order, and a house with one of its own, for each test that asks for one."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.books import good_ledger
from tests.house import House, settings


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    db = good_ledger(tmp_path / "ledger.db")
    yield db
    db.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house in which three pens came for an order of two."""
    (tmp_path / "site").mkdir()
    house = House(settings(tmp_path / "site"))
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)
    return house
