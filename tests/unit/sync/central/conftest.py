"""A database for central's tests: each test on SQLite, on disk, and once more on PostgreSQL where there is one."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from sync.central.database import Database, open_database
from tests.postgres import find_programs, server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed here")
    with server() as where:
        yield where


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What `--database` would say: an empty one of its own for each test."""
    if request.param == "sqlite":
        return str(tmp_path / "central.db")
    import psycopg  # noqa: PLC0415 - an extra

    server_at: str = request.getfixturevalue("postgres")
    schema = "".join(each if each.isalnum() else "_" for each in tmp_path.name.lower())
    with psycopg.connect(server_at, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{schema}"'.encode())
    return f"{server_at}&options={quote(f'-csearch_path={schema}', safe='')}"


@pytest.fixture
def database(where: str) -> Iterator[Database]:
    opened = open_database(where)
    yield opened
    opened.close()
