"""Whatever value of the books is changed behind the ledger's back, the audit finds it and names the place."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from edge.ledger.schema import open_writer
from edge.ledger.verify import verify
from tests.books import good_ledger, schema_1, tamper
from tests.house import House
from tests.house import settings as house_settings

BOOKS = ("entries", "postings", "positions", "allocations", "lines", "orders", "levels", "events")

OF_ORDERS = ("waiting", "rank")
"""What is derived of an order; the rest is what central said."""

TOLD_ONCE = {
    ("positions", "id"),  # a name that promises use; without any it is nobody's
    ("lines", "id"),  # likewise
    ("allocations", "id"),  # only orders those of one line and place
    ("allocations", "rule"),  # which of the rules that are there
    ("lines", "reason"),  # words for people, and when goods are hoped for
    ("lines", "is_cancelled"),  # central's word, kept for this alone
    ("lines", "expected_at"),
    ("lines", "expected_asn"),
    ("entries", "undo"),  # read once, by the booking that undoes it
    ("levels", "seq"),  # bounded; a level may follow a later event than its own
    ("levels", "n"),  # in which order levels are told
}
"""Values that nothing else in the ledger says: a change of one cannot be seen, and changes no goods."""

TIMES = {("positions", "since"), ("levels", "at")}
"""Times of a booking, of whichever: one that is another booking's is not told apart."""

NAMES = {
    "entries": ("entry",),
    "postings": ("entry", "sku"),
    "positions": ("sku",),
    "allocations": ("id", "line_id", "position_id"),
    "lines": ("order_id", "sku", "id"),
    "orders": ("id",),
    "levels": ("sku",),
    "events": ("seq",),
}
"""What a breach has of the row, before or after the change."""


def a_day(folder: Path) -> sqlite3.Connection:
    """Goods come, move, are picked, missed, found, counted and shipped; some of it is undone."""
    folder.mkdir()
    house = House(house_settings(folder))
    house.order("SO-1", ("PEN", 4))
    house.order("SO-2", ("PEN", 2), ("INK", 3))
    house.scans("CMD:RECEIVE", "LOC:DOCK-1", "QTY:5", "SKU:PEN", "CMD:UNDO")
    house.scans("CMD:RECEIVE", "LOC:DOCK-1", "QTY:5", "SKU:PEN", "QTY:10", "SKU:INK")
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:3", "SKU:PEN", "LOC:A-01")
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:A-01", "QTY:1", "SKU:PEN")
    house.scans("CMD:MISSING", "LOC:A-01", "SKU:PEN", "CMD:UNDO")
    house.scans("CMD:COUNT", "LOC:DOCK-1", "QTY:3", "SKU:PEN", "CMD:DONE")
    house.scans("CMD:SHIP", "ORD:SO-1", "CMD:DONE")
    house.audit()
    house.close()
    return open_writer(folder / "ledger.db")


class Ledger:
    """A whole ledger as bytes, to be opened and spoiled again and again; a failure prints its name alone."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content

    def __repr__(self) -> str:
        return self.name


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> list[Ledger]:
    """A small one by hand, a morning that an engine of schema 1 booked, and a day of today's engine."""
    folder = tmp_path_factory.mktemp("ledgers")
    opened = {
        "small": good_ledger(folder / "small.db"),
        "morning": open_writer(schema_1(folder / "morning.db")),
    }
    opened["day"] = a_day(folder / "day")
    whole = []
    for name, db in opened.items():
        # Bytes that are deserialized have no log beside them.
        db.execute("PRAGMA journal_mode = DELETE")
        whole.append(Ledger(name, db.serialize()))
        db.close()
    return whole


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_any_changed_value_is_found_and_its_place_named(ledgers: list[Ledger], data: st.DataObject) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        db.deserialize(data.draw(st.sampled_from(ledgers), label="ledger").content)
        table, before, after = _change_one(db, data)

        breaches = [text for finding in verify(db).checks for text in finding.named]

        names = {str(row[name]) for row in (before, after) for name in NAMES[table]}
        assert breaches, (before, after)
        assert any(name in text for text in breaches for name in names), (before, after, breaches)
    finally:
        db.close()


def _change_one(db: sqlite3.Connection, data: st.DataObject) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Change one value of one row; its table, and the row before and after."""
    table = data.draw(st.sampled_from(BOOKS), label="table")
    columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    rows = db.execute(f"SELECT * FROM {table}").fetchall()
    choices = [
        name
        for name in columns
        if (table, name) not in TOLD_ONCE and (table != "orders" or name in OF_ORDERS)
    ]
    row = data.draw(st.sampled_from(rows), label="row")
    column = data.draw(st.sampled_from(choices), label="column")
    before = dict(zip(columns, row, strict=True))
    # Where a promise stood that has ended: of an item's positions, whichever.
    assume((table, column) != ("allocations", "position_id") or before["qty"] > 0)
    # Goods that moved took part of a promise along: what each part was made of, and by which fact, is bounded only.
    parts = sum(table == "allocations" and other[1] == row[1] for other in rows)
    assume(column not in ("made", "fact") or table != "allocations" or parts == 1)
    old = before[column]
    others = sorted({other[columns.index(column)] for other in rows} - {old, None}, key=repr)
    value = data.draw(_other(old, [] if (table, column) in TIMES else others), label="value")
    assume(value != old)
    keys = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]]
    tamper(db)
    where = " AND ".join(f"{key} = :key_{key}" for key in keys)
    try:
        db.execute(
            f"UPDATE {table} SET {column} = :value WHERE {where}",
            {"value": value, **{f"key_{key}": before[key] for key in keys}},
        )
    except sqlite3.IntegrityError:
        # Two rows of one name: the file itself refuses.
        assume(False)
    # As the audit finds them: with the file's own rules in force.
    db.execute("PRAGMA ignore_check_constraints = OFF")
    return table, before, before | {column: value}


def _other(old: Any, others: list[Any]) -> st.SearchStrategy[Any]:
    """Another value of the same type: that of another row, one near by, or anything."""
    near: st.SearchStrategy[Any]
    match old:
        case int():
            near = st.integers(-3, 3).map(lambda by: old + by)
        case bytes():
            near = st.integers(0, 8 * len(old) - 1).map(lambda bit: _flipped(old, bit))
        case None:
            near = st.integers(1, 3)
        case _:
            near = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
    return st.one_of(near, st.sampled_from(others)) if others else near


def _flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
