"""The audit names each breach of the events, and of what they say of the books, the labels and the facts."""

import sqlite3

import pytest

from tests.books import add_event, insert, tamper
from tests.unit.ledger.audits import PEN, assert_named, breaches

BROKEN = {
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
            f"moves of the events make the positions: position {PEN} at location:DOCK-1: it holds 3, "
            "the moves of the events sum to 2",
        ],
    ),
    "an event that is no JSON": (
        "UPDATE events SET payload = x'ff00' WHERE seq = 1",
        [
            "events without gaps, chain of hashes: event 1: its bytes are no event: UnicodeDecodeError",
            f"moves of the events make the positions: position {PEN} at supplier:4711: it holds -3, "
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
    "more published than there is": (
        "INSERT INTO cursors VALUES ('published', 9)",
        ["events without gaps, chain of hashes: events count as published up to 9, the last one is 2"],
    ),
    "a replay of what never was": (
        "INSERT INTO asked VALUES (1, 'r-1', 2, 7, NULL)",
        ["what central asked for, what was refused: asked 1: it wants events 2 to 7, here are 1 to 2"],
    ),
    "a snapshot of what there is none of": (
        "INSERT INTO asked VALUES (1, 's-1', NULL, NULL, '[\"levels\",\"people\"]')",
        [
            'what central asked for, what was refused: asked 1: it wants ["levels","people"], which is no snapshot'
        ],
    ),
    "a snapshot that cannot be read": (
        "INSERT INTO asked VALUES (1, 's-1', NULL, NULL, 'x')",
        ["what central asked for, what was refused: asked 1: it wants x, which is no snapshot"],
    ),
    "a refused message that is not counted": (
        "INSERT INTO refused (at, last_at, topic, source, id, code, text, head, size, times)"
        " VALUES (1, 1, 'cmd', '', '', 'bad_json', '', '', 0, 3)",
        ["what central asked for, what was refused: refused: 0 are counted, the rows sum to 3"],
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
    "an event of another fact": (
        "UPDATE events SET fact = 1 WHERE seq = 2",
        [
            "events tell what the books say: event 2: it says cause 'scan/2', its fact 1 'command/c-1'",
            "events tell what the books say: event 2: it is of fact 1, the one before of 2",
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
    "an entry of another fact": (
        "UPDATE entries SET fact = 1",
        [
            "events tell what the books say: entry 1: no event tells of it or its fact 1",
            f"events tell what the books say: event 1: the events of its fact 2 move -3 more of {PEN} "
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
    "a label off which too much was picked": (
        "UPDATE labels SET spent = 3",
        ["labels and events name their facts: label job 1: 3 were picked off it, it stands for 2"],
    ),
    "a label of an order that is not there": (
        "UPDATE labels SET order_id = 'SO-9'",
        ["labels and events name their facts: label job 1: its order SO-9 is not there"],
    ),
}


@pytest.mark.parametrize(("statement", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_each_breach_of_the_events_is_named(db: sqlite3.Connection, statement: str, told: list[str]) -> None:
    assert_named(db, statement, told)


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


def test_what_counts_as_told_and_is_still_asked_for_is_named(db: sqlite3.Connection) -> None:
    for number in (1, 3):
        insert(db, "asked", number=number, id=f"s-{number}", scopes='["levels"]')
    insert(db, "cursors", name="asked", value=2)

    assert breaches(db) == [
        "what central asked for, what was refused: asked 1: it counts as told up to 2, and is still here"
    ]
