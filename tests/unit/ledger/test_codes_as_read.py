"""A code is kept with its scan as it was read, whatever was read; people see its control characters by name."""

import sqlite3
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge.facts import MAX_CODE_LENGTH
from edge.ledger.archive import archive
from edge.ledger.backup import back_up
from edge.ledger.reading import moment, snapshot
from edge.ledger.restore import restore
from edge.ledger.verify import verify
from edge.ledger.verify_archive import open_archive
from edge.ledger.why import Why
from tests.books import tamper
from tests.house import House, settings

LONGEST = MAX_CODE_LENGTH + 1
"""What is handed in of a line that is too long."""

STRANGE = [
    "\0",
    "\0SKU:PEN",
    "SKU:PEN\0",
    "\0" * LONGEST,
    "\xff" * LONGEST,
    "".join(map(chr, range(128))),
    "".join(map(chr, range(128, 256))),
    "]C1010761234500101210B7\x1d21S1",
    "]C1010761234500101210B7<GS>21S1",
    " ",
    "'; DROP TABLE facts --",
    '"\\u0000"',
]
CODES = st.text(st.characters(max_codepoint=255), min_size=1, max_size=LONGEST)


def kept(db: sqlite3.Connection) -> list[str]:
    return [body for (body,) in db.execute("SELECT body FROM facts WHERE cause LIKE 'scan/%' ORDER BY seq")]


def live_through(folder: Path, codes: list[str]) -> None:
    """Scan these; after each way a ledger is kept they are there as they were read, and its audit finds nothing."""
    house = House(settings(folder))
    ledger, day = folder / "ledger.db", 86_400
    for code in codes:
        # Of a scanner that is refused more than 60 times a minute not every scan is kept.
        house.wait(60)
        house.scan(code)
    assert kept(house.engine.books.store.db) == codes
    house.audit()
    house.restart()
    assert kept(house.engine.books.store.db) == codes

    back_up(ledger, folder / "copy.db")
    restore(folder / "copy.db", folder / "restored.db")
    for path in (folder / "copy.db", folder / "restored.db"):
        with moment(path) as db:
            assert kept(db) == codes
            assert verify(db).is_sound

    house.wait(day)
    # The last entry and event of a ledger stay in it, with their facts.
    house.scan("SKU:LAST", scanner="gun-2")
    before_ms = house.clock.at_ms - day * 1000 // 2
    house.close()
    archive(ledger, folder / "archive.db", before_ms=before_ms, is_central=False)
    archived = open_archive(folder / "archive.db")
    try:
        assert kept(archived) == codes
    finally:
        archived.close()


def test_a_code_is_kept_as_it_was_read_in_the_ledger_a_copy_and_an_archive(tmp_path: Path) -> None:
    live_through(tmp_path, STRANGE)


@hypothesis_settings(max_examples=12, deadline=None)
@given(codes=st.lists(CODES, min_size=1, max_size=30))
def test_whatever_bytes_a_scanner_sends_are_kept(codes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        live_through(Path(folder), codes)


def test_a_separator_and_one_that_was_typed_look_alike_and_are_kept_apart(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.scan("AB\x1d\x9b")
    house.scan("AB<GS><0x9B>")
    house.close()

    with snapshot(tmp_path / "ledger.db") as reading:
        told = reading.journal(limit=2)

    assert [fact["code"] for fact in told] == ["AB<GS><0x9B>", "AB<GS><0x9B>"]
    assert [fact["read"] for fact in told] == ["AB<GS><0x9B>", "AB\x1d\x9b"]


def test_what_is_no_scan_was_not_read(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.order("SO-1", ("PEN", 2))
    house.close()

    with snapshot(tmp_path / "ledger.db") as reading:
        (fact,) = reading.journal(limit=1)

    assert (fact["code"], fact["read"]) == ("order.place c-1", None)


def test_why_an_order_has_its_goods_is_told_with_a_code_that_people_can_read(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.order("SO-1", ("07612345001012", 2))
    house.scans("QTY:2", "]C1010761234500101210B7\x1d2400")
    house.audit()

    why = Why(house.engine.books.store.db, ZoneInfo("UTC"), today="2026-11-21")
    (line,) = why.order("SO-1")["lines"]

    assert [part["code"] for part in line["has"]] == ["]C1010761234500101210B7<GS>2400"]
    house.close()


@pytest.mark.parametrize("code", ["NONSENSE\x1d", "\0" * LONGEST])
def test_a_refused_code_is_told_to_central_as_people_read_it(tmp_path: Path, code: str) -> None:
    house = House(settings(tmp_path))
    house.scan(code)

    (rejected,) = house.told()

    assert rejected.data["code"] == code.replace("\x1d", "<GS>").replace("\0", "<NUL>")[:297] + (
        "..." if "\0" in code else ""
    )
    house.audit()
    house.close()


def test_the_audit_finds_a_refused_code_that_central_was_told_otherwise(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.scan("NONSENSE\x1d")
    db = house.engine.books.store.db
    tamper(db, "UPDATE facts SET body = 'NONSENSE'")

    findings = verify(db)

    assert [text for one in findings.checks for text in one.named] == [
        "event 1: it says code 'NONSENSE<GS>', its fact 1 'NONSENSE'"
    ]
    house.close()
