"""What no mistake of ours would make: the audit names it all the same, and goes on."""

import hashlib
import sqlite3
from pathlib import Path

from edge.ledger.schema import open_writer
from tests.books import AT, LINE_RANK, insert, tamper
from tests.house import House, settings
from tests.unit.ledger.audits import breaches


def test_a_ledger_that_no_daemon_has_opened_is_sound(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "ledger.db")

    assert breaches(db) == []
    db.close()


def test_what_cannot_be_read_at_all_is_a_breach_and_the_other_checks_are_made(db: sqlite3.Connection) -> None:
    tamper(
        db,
        "UPDATE meta SET value = 'express first' WHERE key = 'order_by'",
        "UPDATE levels SET waiting = 3",
    )

    assert breaches(db) == [
        "orders add up: what stands here cannot be read: JSONDecodeError Expecting value: line 1 column 1 (char 0)",
        "levels follow from the books: level of PEN: waiting says 3, derived it is 0",
    ]


def test_an_event_with_something_behind_it_is_no_event(db: sqlite3.Connection) -> None:
    head, (payload,) = (
        db.execute("SELECT hash FROM events WHERE seq = 1").fetchone()[0],
        db.execute("SELECT payload FROM events WHERE seq = 2").fetchone(),
    )
    longer = payload + b" and more"
    tamper(db)
    db.execute(
        "UPDATE events SET payload = ?, hash = ? WHERE seq = 2",
        (longer, hashlib.sha256(head + longer).digest()),
    )

    assert breaches(db)[0] == (
        "events without gaps, chain of hashes: event 2: its bytes are no event:"
        f" ValueError something stands behind it, from character {len(payload)} on"
    )


def test_events_of_an_epoch_that_was_archived_whole_are_too_many(db: sqlite3.Connection) -> None:
    epoch = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
    insert(db, "meta", key="ancestors", value='["0000000000000000"]')
    insert(db, "meta", key="archived_epoch", value=epoch)
    insert(db, "meta", key="archived_hash", value="00" * 32)
    past = {"epoch": "0000000000000000", "seq": 7, "type": "order.ready", "fact": 1}
    insert(db, "past_events", **past, payload=b"{}", hash=bytes(32))

    assert breaches(db) == [
        "events without gaps, chain of hashes: past event 0000000000000000/7: it was archived, and is still here"
    ]


def test_an_entry_that_undoes_another_than_its_event_says_is_found(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.receive("PEN", 3)
    house.receive("PEN", 3)
    house.scans("CMD:UNDO")
    first, second = (row[0] for row in house.rows("SELECT booking FROM entries WHERE entry < 3"))
    house.close()
    db = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    tamper(db, "UPDATE entries SET undoes = 1 WHERE entry = 3")

    assert breaches(db) == [
        f"events tell what the books say: entry 3: it undoes entry 1 of booking {first},"
        f" its event says booking {second}"
    ]
    db.close()


def test_a_position_that_was_empty_when_history_was_archived_is_missed_once_when_it_is_gone(
    db: sqlite3.Connection,
) -> None:
    """An opening balance of nothing still says that goods were there, and such a position stays."""
    opening = {"book": "journal", "sku": "INK", "lot": "", "expiry": "", "pallet": ""}
    insert(db, "opening", **opening, account="location:A-01", qty=0)

    assert breaches(db) == [
        "positions follow from the journal: position INK location:A-01   : goods were there, and it is gone"
    ]


def test_an_event_with_another_cause_than_its_fact_is_found_and_its_time_is_not(
    db: sqlite3.Connection,
) -> None:
    tamper(
        db,
        "UPDATE events SET payload = CAST(replace(CAST(payload AS TEXT), 'scan/2', 'scan/9') AS BLOB) WHERE seq = 1",
    )

    assert [breach for breach in breaches(db) if "it says" in breach] == [
        "events tell what the books say: event 1: it says cause 'scan/9', its fact 2 'scan/2'"
    ]


def test_an_entry_behind_the_last_event_is_told_by_none(db: sqlite3.Connection) -> None:
    fact = {"seq": 3, "at": AT + 2000, "cause": "scan/3", "source": "gun-1", "body": "SKU:PEN"}
    insert(db, "facts", **fact, answer="accept", text="")
    insert(db, "entries", entry=2, fact=3, kind="moved", booking=3)
    goods = {"sku": "PEN", "lot": "B7", "expiry": "2027-03-01", "pallet": ""}
    insert(db, "postings", entry=2, n=0, account="location:DOCK-1", qty=-1, **goods)
    insert(db, "postings", entry=2, n=1, account="location:A-01", qty=1, **goods)

    assert "events tell what the books say: entry 2: no event tells of it or its fact 3" in breaches(db)


def test_a_file_that_is_damaged_where_no_value_stands_is_told(tmp_path: Path, db: sqlite3.Connection) -> None:
    db.execute("CREATE TABLE filler (content)")
    db.execute("INSERT INTO filler VALUES (zeroblob(20000))")
    db.execute("DROP TABLE filler")
    db.close()
    with (tmp_path / "ledger.db").open("r+b") as file:
        # How many pages are free, in the file's header (SQLite, Database File Format 1.3).
        file.seek(36)
        file.write((99).to_bytes(4, "big"))

    again = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)

    (told,) = breaches(again)
    assert told.startswith("the file: the file is damaged: ")
    assert told.endswith("should be 99")
    again.close()


def test_a_line_whose_name_is_no_name_has_no_rank(db: sqlite3.Connection) -> None:
    tamper(db, "UPDATE lines SET line = 'one' WHERE id = 1")

    assert any(told.startswith("orders add up: order SO-1 line one: its rank ") for told in breaches(db))


def test_an_event_that_gives_goods_to_nobody_is_found(db: sqlite3.Connection) -> None:
    to_nobody = "replace(CAST(payload AS TEXT), '\"order\"', '\"odrer\"')"
    tamper(db, f"UPDATE events SET payload = CAST({to_nobody} AS BLOB) WHERE seq = 2")

    assert (
        "events tell what the books say: event 1: its booking's backorder.allocated cannot be read: KeyError('order')"
        in breaches(db)
    )


def test_a_promise_of_which_no_event_tells_is_found(db: sqlite3.Connection) -> None:
    insert(db, "allocations", id=2, line_id=1, position_id=2, qty=0, made=1, rank=LINE_RANK, fact=1)

    assert breaches(db) == [
        "events tell what the books say: allocation 2: no event tells of it or its fact 1"
    ]
