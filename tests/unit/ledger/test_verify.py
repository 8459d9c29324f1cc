"""The audit as a whole: what it looks at, what it says of a good ledger and of a damaged file, and whom it holds up."""

import sqlite3
from pathlib import Path

from edge.ledger.audit import SHOWN
from edge.ledger.schema import open_reader
from edge.ledger.verify import verify
from tests.books import add_event, damage, good_ledger, insert


def test_a_good_ledger_is_sound(db: sqlite3.Connection) -> None:
    findings = verify(db)

    assert findings.is_sound
    assert {finding.check: finding.looked_at for finding in findings.checks} == {
        "the file": 1,
        "facts without gaps": 2,
        "entries balance": 1,
        "positions follow from the journal": 2,
        "allocations lie within stock": 1,
        "orders add up": 1,
        "levels follow from the books": 1,
        "events without gaps, chain of hashes": 2,
        "moves of the events make the positions": 1,
        "events tell what the books say": 1,
        "labels and events name their facts": 1,
        "what central asked for, what was refused": 0,
    }


def test_many_breaches_are_counted_and_the_first_named(db: sqlite3.Connection) -> None:
    for n in range(30):
        insert(db, "labels", **_label(n + 2))

    (finding,) = (one for one in verify(db).checks if one.breaches)

    assert finding.breaches == 30
    assert len(finding.named) == SHOWN


def _label(job: int) -> dict[str, object]:
    texts = dict.fromkeys(("kind", "printer", "content", "sku", "lot", "expiry"), "")
    return {"job": job, "label": f"L{job}", "fact": 99, "at": 1, "qty": 1, **texts}


def test_a_damaged_file_is_a_breach_and_no_error(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    db = good_ledger(path)
    for _ in range(200):
        add_event(db, "order.ready", {"order": "SO-1", "padding": "x" * 500})
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = [row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name = 'events' ORDER BY pageno")]
    damage(db, pages[-1])

    reader = open_reader(path)
    findings = verify(reader)
    reader.close()

    assert not findings.is_sound
    assert any("file" in text for finding in findings.checks for text in finding.named)


def test_the_audit_reads_one_moment_and_holds_nobody_up(tmp_path: Path, db: sqlite3.Connection) -> None:
    reader = open_reader(tmp_path / "ledger.db")

    findings = verify(reader)
    db.execute("UPDATE orders SET waiting = 1")

    assert findings.is_sound
    assert not reader.in_transaction
    assert not verify(reader).is_sound
    reader.close()
