"""Closed history in a file of its own: the audit walks on from where it was cut, and through the files."""

import sqlite3
from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.facts import Delivered
from edge.ledger.archive import Archived, archive
from edge.ledger.outbox import SyncRows
from edge.ledger.restore import restore
from edge.ledger.schema import open_reader
from edge.ledger.verify import verify
from edge.ledger.verify_archive import verify_with_archives
from tests.books import tamper
from tests.house import House, settings

KEPT = ("positions", "allocations", "lines", "orders", "levels", "labels", "commands", "received")
DAY_S = 86_400


class Site:
    """A house with days: what is booked, archived and audited."""

    def __init__(self, folder: Path, *, orders: bool = True) -> None:
        folder.mkdir()
        self.folder = folder
        self.ledger = folder / "ledger.db"
        self.house = House(settings(folder))
        if orders:
            self.house.order("SO-1", ("PEN", 2))

    def day(self) -> int:
        """Work a day; returns the time at its end, in ms."""
        house = self.house
        house.receive("PEN", 10, lot="B7")
        house.receive("INK", 4, at="A-01")
        house.scans("CMD:MISSING", "LOC:A-01", "QTY:1", "SKU:INK")
        self.deliver()
        house.wait(DAY_S)
        return house.clock.at_ms - DAY_S * 1000 // 2

    def deliver(self) -> None:
        self.house.post(Delivered("events", self.house.engine.books.records.seq))

    def archive(self, name: str, before_ms: int, *, is_central: bool = True) -> Archived:
        self.house.engine.close()
        try:
            return archive(self.ledger, self.folder / name, before_ms=before_ms, is_central=is_central)
        finally:
            self.house._start()

    def breaches(self, *archives: str) -> list[str]:
        reader = open_reader(self.ledger)
        try:
            findings = verify_with_archives(reader, [self.folder / name for name in archives])
        finally:
            reader.close()
        return [f"{finding.check}: {text}" for finding in findings.checks for text in finding.named]

    def count(self, table: str) -> int:
        return int(self.house.rows(f"SELECT count(*) FROM {table}")[0][0])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def test_what_is_before_the_day_leaves_and_the_books_stay_sound(site: Site) -> None:
    day = site.day()
    site.day()
    facts, kept = site.count("facts"), [site.house.rows(f"SELECT * FROM {table}") for table in KEPT]

    archived = site.archive("one.db", day)

    assert archived.facts == archived.upto_fact > 0
    assert site.count("facts") == facts - archived.facts
    assert site.house.rows("SELECT count(*) FROM facts WHERE at < ?", day) == [(0,)]
    assert [site.house.rows(f"SELECT * FROM {table}") for table in KEPT] == kept
    site.house.audit()
    assert site.breaches("one.db") == []


def test_state_tells_the_first_event_that_is_kept(site: Site) -> None:
    day = site.day()
    site.day()

    site.archive("one.db", day)

    rows = SyncRows(site.ledger)
    head = rows.head()
    first = site.house.rows("SELECT min(seq) FROM events")[0][0]
    rows.close()
    assert head.first_seq == first > 1


def test_the_node_goes_on_after_an_archive(site: Site) -> None:
    day = site.day()
    site.archive("one.db", day)
    seq = site.house.engine.books.records.seq

    site.day()

    assert site.house.rows("SELECT min(seq), max(seq) FROM events WHERE seq > ?", seq)[0][0] == seq + 1
    site.house.audit()
    assert site.breaches("one.db") == []


def test_archives_follow_each_other(site: Site) -> None:
    for n in (1, 2, 3):
        site.archive(f"{n}.db", site.day())

    assert site.breaches("3.db", "1.db", "2.db") == []
    assert site.breaches("3.db") == []


def test_an_archive_that_is_left_out_is_missed(site: Site) -> None:
    for n in (1, 2, 3):
        site.archive(f"{n}.db", site.day())

    breaches = site.breaches("1.db", "3.db")

    assert breaches[0].startswith("archives join: 1.db ends with fact ")
    assert "3.db begins after fact " in breaches[0]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE postings SET qty = qty + 1 WHERE entry = 1 AND n = 1",
            "one.db: entries balance: entry 1: its",
        ),
        (
            "UPDATE facts SET seq = 0 WHERE seq = 1",
            "one.db: facts without gaps: fact 0: it stands where fact 1",
        ),
        (
            "UPDATE events SET payload = CAST(replace(CAST(payload AS TEXT), 'PEN', 'INK') AS BLOB) WHERE seq = 1",
            "one.db: events without gaps, chain of hashes: event 1: its hash is not that of the hash before it",
        ),
        (
            "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
            "archives join: one.db ends with event ",
        ),
        (
            "INSERT INTO opening VALUES ('journal', 'PEN', '', '', '', 'location:X', 5)",
            "archives join: one.db closes with 5 of PEN at location:X by its journal, the ledger opens with 0",
        ),
    ],
)
def test_a_change_of_an_archive_is_found(site: Site, statement: str, told: str) -> None:
    site.archive("one.db", site.day())
    db = sqlite3.connect(site.folder / "one.db", isolation_level=None)
    tamper(db, statement)
    db.close()

    assert any(breach.startswith(told) for breach in site.breaches("one.db")), site.breaches("one.db")


def test_opening_balances_that_were_changed_are_found(site: Site) -> None:
    site.archive("one.db", site.day())
    tamper(
        site.house.engine.books.store.db,
        "UPDATE opening SET qty = qty + 1 WHERE book = 'events' AND account = 'location:DOCK-1'",
    )

    found = site.breaches()

    assert any("moves of the events make the positions: position PEN lot B7" in text for text in found), found


@pytest.mark.parametrize("table", ["facts", "entries", "postings", "events"])
def test_what_was_not_archived_cannot_leave_the_ledger(site: Site, table: str) -> None:
    site.archive("one.db", site.day())

    for place in ("the ledger", "the archive"):
        db = sqlite3.connect(site.ledger if place == "the ledger" else site.folder / "one.db")
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} is only ever added to"):
            db.execute(f"DELETE FROM {table}")
        db.close()


def test_events_that_central_does_not_have_stay(site: Site) -> None:
    day = site.day()
    site.house.receive("PEN", 3)
    undelivered = site.house.engine.books.records.seq
    site.house.wait(DAY_S)
    site.house.receive("PEN", 1)

    site.archive("one.db", site.house.clock.at_ms)

    assert day
    assert site.house.rows("SELECT min(seq) FROM events")[0][0] <= undelivered
    assert site.breaches("one.db") == []


def test_without_a_central_nothing_waits_for_it(site: Site) -> None:
    for _ in range(3):
        site.house.receive("PEN", 3)
    with pytest.raises(LedgerError, match="There is nothing to archive"):
        site.archive("one.db", site.house.clock.at_ms)

    archived = site.archive("one.db", site.house.clock.at_ms, is_central=False)

    assert archived.entries > 0
    assert site.breaches("one.db") == []


def test_the_last_booking_stays_however_old(site: Site) -> None:
    site.archive("one.db", site.day() + 10 * DAY_S * 1000)

    assert min(site.count(table) for table in ("facts", "entries", "events")) > 0
    with pytest.raises(LedgerError, match="There is nothing to archive"):
        site.archive("two.db", site.house.clock.at_ms)
    assert not (site.folder / "two.db").exists()


def test_a_booking_that_a_later_one_undid_stays_with_it(site: Site) -> None:
    site.day()
    first = site.house.engine.books.store.last_entry
    site.house.receive("PEN", 5)
    between = site.house.clock.at_ms + 500
    site.house.scans("CMD:UNDO")
    site.day()

    site.archive("one.db", between)

    # The receipt itself is before that time, what undid it is not: both stay.
    assert site.house.rows("SELECT min(entry), count(undoes) FROM entries") == [(first + 1, 1)]
    assert site.breaches("one.db") == []


def test_a_broken_history_is_not_archived(site: Site) -> None:
    day = site.day()
    site.day()
    tamper(site.house.engine.books.store.db, "UPDATE entries SET booking = 9 WHERE entry = 1")
    before = site.count("facts")

    with pytest.raises(
        LedgerError, match="The history is broken, and nothing was archived: entry 1: its book"
    ):
        site.archive("one.db", day)

    assert (site.count("facts"), (site.folder / "one.db").exists()) == (before, False)


def test_a_file_that_is_there_is_not_overwritten(site: Site) -> None:
    day = site.day()
    (site.folder / "one.db").write_text("older")

    with pytest.raises(LedgerError, match="is there already"):
        site.archive("one.db", day)

    assert (site.folder / "one.db").read_text() == "older"
    site.house.audit()


def test_what_is_no_archive_is_said(site: Site) -> None:
    with pytest.raises(LedgerError, match=r"ledger\.db is no archive"):
        site.breaches("ledger.db")


def test_an_archive_is_no_copy_to_restore(site: Site, tmp_path: Path) -> None:
    site.archive("one.db", site.day())

    with pytest.raises(LedgerError, match=r"one\.db is no copy of a ledger"):
        restore(site.folder / "one.db", tmp_path / "ledger.db")


def test_the_past_of_a_restored_ledger_can_be_archived(site: Site, tmp_path: Path) -> None:
    """History that began in one epoch is cut in the next, twice, and still joins."""
    first = site.day()
    second = site.day()
    site.archive("one.db", first)
    site.house.close()
    (tmp_path / "again").mkdir()
    restore(site.ledger, tmp_path / "again" / "ledger.db")
    again = Site.__new__(Site)
    again.folder, again.ledger = tmp_path / "again", tmp_path / "again" / "ledger.db"
    again.house = House(settings(again.folder))
    again.house.clock.at_ms = site.house.clock.at_ms
    (site.folder / "one.db").rename(again.folder / "one.db")
    last = again.day()

    again.archive("two.db", second)
    again.archive("three.db", last)

    assert again.count("past_events") == 0
    again.house.audit()
    assert again.breaches("one.db", "two.db", "three.db") == []
    rows = SyncRows(again.ledger)
    assert rows.head().first_seq == again.house.rows("SELECT min(seq) FROM events")[0][0]
    rows.close()


def test_the_ledger_alone_is_sound_after_an_archive(site: Site) -> None:
    site.archive("one.db", site.day())

    reader = open_reader(site.ledger)
    findings = verify(reader)
    reader.close()

    assert findings.is_sound, findings.first_breach


def test_a_file_that_is_no_ledger_at_all_is_no_archive(site: Site) -> None:
    other = sqlite3.connect(site.folder / "other.db")
    other.execute("CREATE TABLE notes (text)")
    other.close()

    with pytest.raises(
        LedgerError, match=r"other\.db is no archive\. Name a file that crossdock archive made"
    ):
        site.breaches("other.db")


def test_where_no_ledger_is_nothing_is_archived_and_none_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"There is no ledger at .*ledger\.db\. Nothing was archived\."):
        archive(tmp_path / "ledger.db", tmp_path / "one.db", before_ms=0, is_central=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE positions SET qty = qty + 1 WHERE sku = 'INK' AND account = 'location:A-01'",
            "The ledger is broken, and nothing was archived: position INK at location:A-01: it holds",
        ),
        (
            "DROP TABLE opening",
            r"The history of .*ledger\.db cannot be archived: no such table: archive\.opening",
        ),
    ],
)
def test_what_cannot_be_archived_stays_as_it_is(site: Site, statement: str, told: str) -> None:
    day = site.day()
    site.day()
    before = site.house.rows("SELECT * FROM facts ORDER BY seq")
    site.house.engine.close()
    db = sqlite3.connect(site.ledger, isolation_level=None)
    tamper(db, statement)

    with pytest.raises(LedgerError, match=told):
        archive(site.ledger, site.folder / "one.db", before_ms=day, is_central=True)

    assert db.execute("SELECT * FROM facts ORDER BY seq").fetchall() == before
    assert not (site.folder / "one.db").exists()
    db.close()


def test_history_in_which_nothing_was_told_ends_where_it_began(site: Site) -> None:
    """A day of which no event tells: somebody scanned a place and went home."""
    quiet = Site(site.folder / "quiet", orders=False)
    quiet.house.scans("LOC:A-01")
    quiet.house.wait(DAY_S)
    evening = quiet.house.clock.at_ms
    quiet.day()

    archived = quiet.archive("one.db", evening)

    assert (archived.facts > 0, archived.events) == (True, 0)
    assert quiet.breaches("one.db") == []
