"""A snapshot for central: all that stands in the ledger at one moment, in pieces that fit a message."""

import json
import sqlite3
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest

from edge.domain.requests import Scope
from edge.ledger import snapshots
from edge.ledger.schema import open_writer
from edge.ledger.snapshots import ORDER_LINES, PIECE_BYTES, Snapshot
from tests.books import AT, insert
from tests.house import House, settings

ALL: tuple[Scope, ...] = get_args(Scope)
LONGEST = '"' * 63
"""A name of which JSON makes the most bytes; one more character tells it from others."""


def told(ledger: Path, scopes: Sequence[Scope]) -> dict[Scope, list[dict[str, Any]]]:
    """All rows of a snapshot, and that its pieces come scope by scope."""
    snapshot = Snapshot(ledger, scopes)
    try:
        pieces = [(scope, json.loads(piece)) for scope, piece in snapshot.pieces()]
    finally:
        snapshot.close()
    assert [scope for scope, _ in pieces] == sorted((scope for scope, _ in pieces), key=list(scopes).index)
    return {scope: [row for one, piece in pieces if one == scope for row in piece] for scope in scopes}


def add_order(db: sqlite3.Connection, id: str, lines: Sequence[tuple[str, str]]) -> None:
    order = {"status": "open", "express": 0, "tier": 5, "placed_at": AT, "fill": "partial", "content": "{}"}
    insert(db, "orders", id=id, rank=id, waiting=0, **order)
    for line, sku in lines:
        figures = {"ordered": 1_000_000, "waiting": 1_000_000, "fill": "partial", "rank": line}
        insert(db, "lines", order_id=id, line=json.dumps(line), sku=sku, **figures)


def add_position(db: sqlite3.Connection, n: int, name: str = "") -> None:
    goods = {"sku": f"{name}{n % 10}", "lot": name, "expiry": "2027-03-01", "pallet": "3" * 18}
    insert(db, "positions", account=f"location:{name}{n}", qty=1_000_000, since=AT, **goods)


def test_a_snapshot_has_levels_positions_and_orders_as_they_stand(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.order("SO-1", ("PEN", 2), ("INK", 1))
    house.receive("PEN", 3, lot="B7")
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "SKU:PEN")

    found = told(tmp_path / "ledger.db", ALL)

    rest = {"waiting": 0, "missing": 0, "quarantine": 0, "expected": 0}
    goods = {"sku": "PEN", "lot": "B7", "expiry": None, "pallet": None}
    line = {"shipped": 0, "cancelled": 0}
    assert found == {
        "levels": [
            {"sku": "INK", "on_hand": 0, "allocated": 0, "available": 0, **rest, "waiting": 1},
            {"sku": "PEN", "on_hand": 2, "allocated": 1, "available": 1, **rest},
        ],
        "positions": [
            {**goods, "account": "location:DOCK-1", "qty": 2, "allocated": 1},
            {**goods, "account": "picked:SO-1", "qty": 1, "allocated": 0},
            {**goods, "account": "supplier:-", "qty": -3, "allocated": 0},
        ],
        "orders": [
            {
                "order": "SO-1",
                "status": "open",
                "lines": [
                    {
                        "line": 1,
                        "sku": "PEN",
                        "ordered": 2,
                        "allocated": 1,
                        "picked": 1,
                        "waiting": 0,
                        **line,
                    },
                    {
                        "line": 2,
                        "sku": "INK",
                        "ordered": 1,
                        "allocated": 0,
                        "picked": 0,
                        "waiting": 1,
                        **line,
                    },
                ],
            }
        ],
    }
    house.close()


def test_positions_that_are_empty_are_left_out(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.receive("PEN", 3)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:3", "SKU:PEN", "LOC:A-01")

    found = told(tmp_path / "ledger.db", ["positions"])

    assert [row["account"] for row in found["positions"]] == ["location:A-01", "supplier:-"]
    house.close()


def test_what_is_not_asked_for_is_not_told_and_an_empty_ledger_tells_nothing(tmp_path: Path) -> None:
    open_writer(tmp_path / "ledger.db").close()

    snapshot = Snapshot(tmp_path / "ledger.db", ["orders"])

    assert (snapshot.counts, snapshot.as_of_seq, list(snapshot.pieces())) == ({"orders": 0}, 0, [])
    snapshot.close()


def test_a_snapshot_is_of_one_moment_while_the_engine_goes_on(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 1)
    as_of = house.engine.books.records.seq

    snapshot = Snapshot(tmp_path / "ledger.db", ALL)
    house.receive("PEN", 5)
    house.receive("INK", 5)
    house.order("SO-2", ("PEN", 2))
    rows = {scope: json.loads(piece) for scope, piece in snapshot.pieces()}
    snapshot.close()

    assert snapshot.as_of_seq == as_of
    assert snapshot.counts == {"levels": 1, "positions": 2, "orders": 1}
    assert {scope: len(found) for scope, found in rows.items()} == snapshot.counts
    assert (rows["levels"][0]["on_hand"], rows["positions"][0]["qty"]) == (1, 1)
    assert rows["orders"][0]["lines"][0]["waiting"] == 1
    house.close()


def test_no_piece_is_larger_than_its_bound_however_long_the_names_are(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "ledger.db")
    for n in range(10):
        figures = dict.fromkeys(
            ("on_hand", "allocated", "waiting", "missing", "quarantine", "expected"), 10**15
        )
        insert(db, "levels", sku=f"{LONGEST}{n}", seq=1, at=AT, **figures)
    for n in range(300):
        add_position(db, n, LONGEST[:61])
    add_order(db, LONGEST, [(f"{LONGEST[:60]}{n}", LONGEST) for n in range(2 * ORDER_LINES + 1)])
    db.close()

    snapshot = Snapshot(tmp_path / "ledger.db", ALL)
    sizes = [len(piece) for _, piece in snapshot.pieces()]
    snapshot.close()

    assert max(sizes) <= PIECE_BYTES
    assert len(sizes) == 1 + 2 + 2


def test_rows_are_packed_as_full_as_the_bound_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "PIECE_BYTES", 10)

    assert list(snapshots._packed([b"123", b"456", b"78", b"1234567890"])) == [
        b"[123,456]",
        b"[78]",
        b"[1234567890]",
    ]


def test_an_order_with_thousands_of_lines_is_told_in_rows_that_have_all_of_them(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "ledger.db")
    db.execute("BEGIN")
    add_order(db, "SO-0", [])
    add_order(db, "SO-1", [(f"L{n}", "PEN") for n in range(2500)])
    add_order(db, "SO-2", [("1", "INK")])
    db.execute("COMMIT")
    db.close()

    snapshot = Snapshot(tmp_path / "ledger.db", ["orders"])
    rows = [row for _, piece in snapshot.pieces() for row in json.loads(piece)]
    snapshot.close()

    assert snapshot.counts == {"orders": 3}
    assert [row["order"] for row in rows] == ["SO-0", *["SO-1"] * 13, "SO-2"]
    lines = [line["line"] for row in rows if row["order"] == "SO-1" for line in row["lines"]]
    assert lines == [f"L{n}" for n in range(2500)]
    assert rows[0]["lines"] == []


def test_fifty_thousand_positions_need_no_more_memory_than_a_few_pieces(tmp_path: Path) -> None:
    db = open_writer(tmp_path / "ledger.db")
    db.execute("BEGIN")
    for n in range(50_000):
        add_position(db, n, "PLACE-")
    db.execute("COMMIT")
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {snapshots._POSITIONS}")]
    db.close()
    snapshot = Snapshot(tmp_path / "ledger.db", ["positions"])

    tracemalloc.start()
    told = sum(piece.count(b'"sku"') for _, piece in snapshot.pieces())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    snapshot.close()

    assert (told, snapshot.counts) == (50_000, {"positions": 50_000})
    assert most < 2_000_000
    # What SQLite would sort it would hold, too.
    assert plan == ["SCAN p USING INDEX sqlite_autoindex_positions_1"]
