"""A small node for tests of the command line: its configuration, a good ledger, a door that answers."""

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.cli import main
from edge.errors import EdgeError
from edge.facts import Answer, CodeScanned, Fact, Verdict
from tests.books import good_ledger
from tests.fakes import answered, open_door
from tests.unit.config.writing import written

CONFIG = """
site = "par1"
node = "dock-a"
data_dir = "data"
timezone = "Europe/Paris"

[mqtt]
host = "127.0.0.1"

[[scanners]]
id = "gun-1"
device = "serial:///dev/ttyUSB0"
station = "dock-1"

[[printers]]
id = "zebra-1"
language = "zpl"
device = "tcp://127.0.0.1:9100"

[[stations]]
id = "dock-1"
location = "DOCK-1"
printer = "zebra-1"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path, CONFIG)


@pytest.fixture
def ledger(config: Path) -> Iterator[sqlite3.Connection]:
    data = config.parent / "data"
    data.mkdir()
    db = good_ledger(data / "ledger.db")
    yield db
    db.close()


@pytest.fixture
def daemon(config: Path, ledger: sqlite3.Connection) -> Iterator[list[str]]:
    """A door behind which every code is accepted but BAD and FAIL; the codes that came."""
    came: list[str] = []

    def post(fact: Fact) -> "Future[Answer]":
        assert isinstance(fact, CodeScanned)
        came.append(fact.code)
        if fact.code == "FAIL":
            return answered(EdgeError("The disk is full.", hint="Free some of it."))
        if fact.code == "BAD":
            return answered(Answer(Verdict.REJECT, "No such\x1b code.", "unknown_code"))
        return answered(Answer(Verdict.ACCEPT, "3 PEN at DOCK-1"))

    with open_door(config.parent / "data", post, session=3):
        yield came


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told: object = json.loads(out)
    return told
