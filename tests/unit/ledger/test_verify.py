"""The audit names every breach with its place, and says nothing against a good ledger."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.ledger.audit import SHOWN
from edge.ledger.schema import open_reader
from edge.ledger.verify import verify
from tests.books import add_event, good_ledger, insert, tamper


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    db = good_ledger(tmp_path / "ledger.db")
    yield db
    db.close()


def breaches(db: sqlite3.Connection) -> list[str]:
    return [f"{finding.check}: {text}" for finding in verify(db).checks for text in finding.named]


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
    }


_PEN = "PEN lot B7 expiry 2027-03-01"

BROKEN = {
    "a posting that was changed": (
        "UPDATE postings SET qty = 4 WHERE n = 1",
        [
            f"entries balance: entry 1: its postings of {_PEN} sum to +1, not to 0",
            f"positions follow from the journal: position {_PEN} at location:DOCK-1: it holds 3, the journal sums to 4",
        ],
    ),
    "goods that became others within an entry": (
        "UPDATE postings SET lot = 'B8' WHERE n = 1",
        [
            "entries balance: entry 1: its postings of PEN lot B7 expiry 2027-03-01 sum to -3, not to 0",
            "entries balance: entry 1: its postings of PEN lot B8 expiry 2027-03-01 sum to +3, not to 0",
        ],
    ),
    "an entry whose postings are gone": (
        "DELETE FROM postings",
        ["entries balance: entry 1: it has no postings"],
    ),
    "a position that was changed": (
        "UPDATE positions SET qty = 5 WHERE id = 2",
        [
            f"positions follow from the journal: position {_PEN} at location:DOCK-1: it holds 5, the journal sums to 3",
            "levels follow from the books: level of PEN: on_hand says 3, derived it is 5",
            f"moves of the events make the positions: position {_PEN} at location:DOCK-1: it holds 5, "
            "the moves of the events sum to 3",
        ],
    ),
    "a position that is gone": (
        "DELETE FROM positions WHERE id = 1",
        [
            f"positions follow from the journal: position {_PEN} at supplier:4711: there is none, "
            "the journal sums to -3"
        ],
    ),
    "a position that came from nowhere": (
        "INSERT INTO positions (sku, lot, expiry, pallet, account, qty, since)"
        " VALUES ('INK', '', '', '', 'location:A-01', 1, 1)",
        [
            "positions follow from the journal: position INK at location:A-01: it holds 1, the journal sums to 0",
            "levels follow from the books: level of INK: on_hand says 0, derived it is 1",
        ],
    ),
    "a promise that was changed": (
        "UPDATE allocations SET qty = 1",
        [
            "allocations lie within stock: position 2 PEN lot 'B7' at location:DOCK-1: "
            "2 are marked as promised, its allocations sum to 1",
            "allocations lie within stock: order SO-1 line 1: 2 count as allocated, its allocations sum to 1",
        ],
    ),
    "more promised than there is": (
        "UPDATE positions SET qty = 1 WHERE id = 2",
        [
            "allocations lie within stock: position 2 PEN lot 'B7' at location:DOCK-1: 2 are promised of 1 there"
        ],
    ),
    "a promise of another item": (
        "UPDATE lines SET sku = 'INK'",
        ["allocations lie within stock: allocation 1: PEN is promised to a line of INK"],
    ),
    "a promise of goods that are gone": (
        "DELETE FROM positions WHERE id = 2",
        ["allocations lie within stock: allocation 1: its position 2 is not there"],
    ),
    "a line that waits for nothing": (
        "UPDATE lines SET waiting = 1",
        [
            "orders add up: order SO-1 line 1: 1 wait, by its other figures it is 0",
            "orders add up: order SO-1: 0 wait, its lines sum to 1",
            "levels follow from the books: level of PEN: waiting says 0, derived it is 1",
        ],
    ),
    "an order that waits for nothing": (
        "UPDATE orders SET waiting = 7",
        ["orders add up: order SO-1: 7 wait, its lines sum to 0"],
    ),
    "a level that says another": (
        "UPDATE levels SET missing = 1, quarantine = 2, expected = 3, allocated = 0",
        [
            "levels follow from the books: level of PEN: allocated says 0, derived it is 2",
            "levels follow from the books: level of PEN: missing says 1, derived it is 0",
            "levels follow from the books: level of PEN: quarantine says 2, derived it is 0",
            "levels follow from the books: level of PEN: expected says 3, derived it is 0",
        ],
    ),
    "a level that is gone": (
        "DELETE FROM levels",
        ["levels follow from the books: level of PEN: on_hand says 0, derived it is 3"],
    ),
    "an event that is gone": (
        "DELETE FROM events WHERE seq = 1",
        [
            "events without gaps, chain of hashes: event 1 is not there",
            "events without gaps, chain of hashes: event 2: its hash is not that of the hash before it and its bytes",
        ],
    ),
    "an event whose bytes were changed": (
        "UPDATE events SET payload = CAST(replace(CAST(payload AS TEXT), '\"qty\": 3', '\"qty\": 2') AS BLOB)",
        [
            "events without gaps, chain of hashes: event 1: its hash is not that of the hash before it and its bytes",
            f"moves of the events make the positions: position {_PEN} at location:DOCK-1: it holds 3, "
            "the moves of the events sum to 2",
        ],
    ),
    "an event that is no JSON": (
        "UPDATE events SET payload = x'ff00' WHERE seq = 1",
        [
            "events without gaps, chain of hashes: event 1: its bytes are no event: UnicodeDecodeError",
            f"moves of the events make the positions: position {_PEN} at supplier:4711: it holds -3, "
            "the moves of the events sum to 0",
        ],
    ),
    "an event of another type than it says": (
        "UPDATE events SET type = 'stock.found' WHERE seq = 1",
        [
            "events without gaps, chain of hashes: event 1: its bytes say type 'crossdock.stock.received', "
            "the ledger 'crossdock.stock.found'"
        ],
    ),
    "more delivered than there is": (
        "UPDATE cursors SET value = 9",
        ["events without gaps, chain of hashes: events count as delivered up to 9, the last one is 2"],
    ),
    "a fact that is gone": (
        "DELETE FROM facts WHERE seq = 2",
        [
            "the file: entries row 1 names something that facts does not have",
            "labels and events name their facts: label job 1: its fact 2 is not there",
            "labels and events name their facts: event 1: its fact 2 is not there",
            "labels and events name their facts: allocation 1: its fact 2 is not there",
        ],
    ),
    "a posting out of its row": (
        "UPDATE postings SET n = 7 WHERE n = 1",
        ["entries balance: entry 1: posting 7 stands where posting 1 should be"],
    ),
    "an entry out of its row": (
        "UPDATE entries SET entry = 5",
        ["entries balance: entry 5: it stands where entry 1 should be", "the file: postings row"],
    ),
    "an entry of another fact": (
        "UPDATE entries SET fact = 1",
        [
            "events tell what the books say: entry 1: no event tells of it or its fact 1",
            f"events tell what the books say: event 1: the events of its fact 2 move -3 more of {_PEN} "
            "at supplier:4711 than its entry",
        ],
    ),
    "an entry of another booking": (
        "UPDATE entries SET booking = 2",
        ["events tell what the books say: entry 1: its booking is 2, expected 1"],
    ),
    "an entry of another name": (
        "UPDATE entries SET kind = 'found'",
        ["events tell what the books say: entry 1: it is called 'found', its events 'stock.received'"],
    ),
    "an entry that undoes nothing": (
        "UPDATE entries SET undoes = 1",
        [
            "entries balance: entry 1: it undoes entry 1, which is not before it or undone twice",
            "events tell what the books say: entry 1: it undoes entry 1, its events say otherwise",
        ],
    ),
    "an entry that cannot be undone": (
        "UPDATE entries SET undo = 'x'",
        ["entries balance: entry 1: what it takes to undo it is no JSON: x"],
    ),
    "an event of another fact": (
        "UPDATE events SET fact = 1 WHERE seq = 2",
        [
            "events tell what the books say: event 2: it says cause 'scan/2', its fact 1 'command/c-1'",
            "events tell what the books say: event 2: it is of fact 1, the one before of 2",
        ],
    ),
    "a promise of another rank": (
        "UPDATE allocations SET rank = '0'",
        [
            "events tell what the books say: allocation 1: its rank is '0', "
            "its event says '4 SO-1 001000000000000000001'"
        ],
    ),
    "a promise that was made of more": (
        "UPDATE allocations SET made = 9",
        ["events tell what the books say: allocation 1: it was made of 9 for order SO-1 line 1"],
    ),
    "a promise that was made of less": (
        "UPDATE allocations SET made = 1",
        [
            "allocations lie within stock: allocation 1: 2 are left of it, it was made of 1",
            "events tell what the books say: allocation 1: it and others for order SO-1 line 1 were made of 1, "
            "the events of their fact 2 gave 2",
        ],
    ),
    "goods of no age": (
        "UPDATE positions SET since = 5 WHERE id = 2",
        [
            "positions follow from the journal: position 2 PEN at location:DOCK-1: nothing came in at 5, its age"
        ],
    ),
    "a level of no time": (
        "UPDATE levels SET at = 5",
        ["levels follow from the books: level of PEN: nothing was booked at 5, its time"],
    ),
    "a level ahead of its events": (
        "UPDATE levels SET seq = 9",
        ["levels follow from the books: level of PEN: it follows event 9, the last one is 2"],
    ),
    "a cancelled line that is still promised goods": (
        "UPDATE lines SET is_cancelled = 1",
        [
            "orders add up: order SO-1 line 1: it is cancelled 1, 0 of it are and 2 still come, its order is open"
        ],
    ),
    "a line on hold of an order that is not": (
        "UPDATE lines SET live = 0",
        ["orders add up: order SO-1 line 1: it is live 0 and filled partial, its order open and partial"],
    ),
    "a line of another rank": (
        "UPDATE lines SET rank = '0'",
        ["orders add up: order SO-1 line 1: its rank '0' is not that of its order and line"],
    ),
    "an order of another rank": (
        "UPDATE orders SET tier = 9",
        ["orders add up: order SO-1: its rank '4 SO-1' is not '0 SO-1', as its figures say"],
    ),
    "a label off which too much was picked": (
        "UPDATE labels SET spent = 3",
        ["labels and events name their facts: label job 1: 3 were picked off it, it stands for 2"],
    ),
    "history that came from nowhere": (
        "INSERT INTO opening VALUES ('journal', 'INK', '', '', '', 'location:A-01', 4)",
        [
            "positions follow from the journal: position INK at location:A-01: there is none, "
            "the journal sums to 4"
        ],
    ),
    "moves that came from nowhere": (
        "INSERT INTO opening VALUES ('events', 'INK', '', '', '', 'location:A-01', 4)",
        [
            "moves of the events make the positions: position INK at location:A-01: there is none, "
            "the moves of the events sum to 4"
        ],
    ),
    "the past of another ledger": (
        "INSERT INTO past_events VALUES ('other', 1, 'order.ready', 2, x'7b7d', zeroblob(32))",
        [
            "events without gaps, chain of hashes: 1 past events are of epoch other, "
            "from which this ledger does not descend"
        ],
    ),
    "a label of an order that is not there": (
        "UPDATE labels SET order_id = 'SO-9'",
        ["labels and events name their facts: label job 1: its order SO-9 is not there"],
    ),
}


@pytest.mark.parametrize(("statement", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_each_breach_is_named(db: sqlite3.Connection, statement: str, told: list[str]) -> None:
    tamper(db, statement)

    found = breaches(db)

    for sentence in told:
        assert any(one.startswith(sentence) for one in found), (sentence, found)


@pytest.mark.parametrize(
    ("name", "value"), [("seq", 7), ("epoch", "other"), ("id", "par1/dock-a/other/3"), ("type", "x")]
)
def test_an_event_that_says_it_is_another_is_named(db: sqlite3.Connection, name: str, value: object) -> None:
    add_event(db, "order.ready", {"order": "SO-1"}, **{name: value})

    (found,) = breaches(db)

    assert found.startswith("events without gaps, chain of hashes: event 3: its ")
    assert repr(value) in found


@pytest.mark.parametrize("data", [{}, {"moves": None}, {"moves": [{"sku": "PEN"}]}, {"moves": ["x"]}])
def test_goods_that_moved_without_readable_moves_are_named(
    db: sqlite3.Connection, data: dict[str, object]
) -> None:
    add_event(db, "stock.found", data)

    (found,) = breaches(db)

    assert found.startswith(
        "moves of the events make the positions: event 3 (stock.found): its moves cannot be read: "
    )


def test_one_broken_link_is_told_once(db: sqlite3.Connection) -> None:
    for _ in range(5):
        add_event(db, "order.ready", {"order": "SO-1"})
    tamper(db, "UPDATE events SET hash = zeroblob(32) WHERE seq = 3")

    found = breaches(db)

    # The event itself, and the next one, whose hash was made from the one that was there.
    assert [one.split(": ")[1] for one in found] == ["event 3", "event 4"]


def test_a_gap_at_the_end_is_seen_by_what_was_delivered(db: sqlite3.Connection) -> None:
    tamper(db, "UPDATE cursors SET value = 2", "DELETE FROM events WHERE seq = 2")

    assert breaches(db) == [
        "levels follow from the books: level of PEN: it follows event 2, the last one is 1",
        "events without gaps, chain of hashes: events count as delivered up to 2, the last one is 1",
        "events tell what the books say: allocation 1: it was made of 2 for order SO-1 line 1, "
        "the events of its fact 2 gave 0",
    ]


def test_expected_goods_are_derived_from_announcements(db: sqlite3.Connection) -> None:
    insert(db, "asns", id="ASN-1", po="4711")
    insert(db, "asn_lines", asn="ASN-1", sscc="", sku="PEN", lot="", expiry="", qty=9, open=4)

    assert breaches(db) == ["levels follow from the books: level of PEN: expected says 0, derived it is 4"]


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
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    with path.open("r+b") as file:
        file.seek((pages[-1] - 1) * size)
        file.write(b"\xaa" * size)

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
