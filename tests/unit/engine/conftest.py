"""A house for each test, and the audit of its books when the test is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, settings


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(settings(tmp_path))
    yield house
    house.audit()
    house.close()
