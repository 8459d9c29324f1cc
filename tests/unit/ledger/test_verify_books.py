"""The audit names each breach of the books: entries, positions, promises, orders, levels."""

import sqlite3

import pytest

from tests.books import insert
from tests.unit.ledger.audits import PEN, assert_named, breaches

BROKEN = {
    "a posting that was changed": (
        "UPDATE postings SET qty = 4 WHERE n = 1",
        [
            f"entries balance: entry 1: its postings of {PEN} sum to +1, not to 0",
            f"positions follow from the journal: position {PEN} at location:DOCK-1: it holds 3, the journal sums to 4",
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
    "a posting out of its row": (
        "UPDATE postings SET n = 7 WHERE n = 1",
        ["entries balance: entry 1: posting 7 stands where posting 1 should be"],
    ),
    "an entry out of its row": (
        "UPDATE entries SET entry = 5",
        ["entries balance: entry 5: it stands where entry 1 should be", "the file: postings row"],
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
    "a position that was changed": (
        "UPDATE positions SET qty = 5 WHERE id = 2",
        [
            f"positions follow from the journal: position {PEN} at location:DOCK-1: it holds 5, the journal sums to 3",
            "levels follow from the books: level of PEN: on_hand says 3, derived it is 5",
            f"moves of the events make the positions: position {PEN} at location:DOCK-1: it holds 5, "
            "the moves of the events sum to 3",
        ],
    ),
    "a position that is gone": (
        "DELETE FROM positions WHERE id = 1",
        [
            f"positions follow from the journal: position {PEN} at supplier:4711: there is none, "
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
    "goods of no age": (
        "UPDATE positions SET since = 5 WHERE id = 2",
        [
            "positions follow from the journal: position 2 PEN at location:DOCK-1: nothing came in at 5, its age"
        ],
    ),
    "history that came from nowhere": (
        "INSERT INTO opening VALUES ('journal', 'INK', '', '', '', 'location:A-01', 4)",
        [
            "positions follow from the journal: position INK at location:A-01: there is none, "
            "the journal sums to 4"
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
    "a level of no time": (
        "UPDATE levels SET at = 5",
        ["levels follow from the books: level of PEN: nothing was booked at 5, its time"],
    ),
    "a level ahead of its events": (
        "UPDATE levels SET seq = 9",
        ["levels follow from the books: level of PEN: it follows event 9, the last one is 2"],
    ),
}


@pytest.mark.parametrize(("statement", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_each_breach_of_the_books_is_named(db: sqlite3.Connection, statement: str, told: list[str]) -> None:
    assert_named(db, statement, told)


def test_expected_goods_are_derived_from_announcements(db: sqlite3.Connection) -> None:
    insert(db, "asns", id="ASN-1", po="4711")
    insert(db, "asn_lines", asn="ASN-1", sscc="", sku="PEN", lot="", expiry="", qty=9, open=4)

    assert breaches(db) == ["levels follow from the books: level of PEN: expected says 0, derived it is 4"]
