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
from edge.local import LocalDoor
from tests.books import good_ledger

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
    path = tmp_path / "crossdock.toml"
    path.write_text(CONFIG)
    return path


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
        answer: Future[Answer] = Future()
        if fact.code == "FAIL":
            answer.set_exception(EdgeError("The disk is full.", hint="Free some of it."))
        elif fact.code == "BAD":
            answer.set_result(Answer(Verdict.REJECT, "No such\x1b code.", "unknown_code"))
        else:
            answer.set_result(Answer(Verdict.ACCEPT, "3 PEN at DOCK-1"))
        return answer

    door = LocalDoor(config.parent / "data" / "crossdock.sock", ["dock-1"], post, session=3)
    door.start()
    yield came
    door.stop()


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> object:
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    told: object = json.loads(out)
    return told


# -- reading ---------------------------------------------------------------------------------------------------
