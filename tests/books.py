"""A small ledger that is in order, written by hand: three pens received for an order of two, and a label."""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from edge.clock import rfc3339
from edge.domain.allocation import SEPARATOR, line_rank, rank
from edge.ledger.schema import open_writer

AT = 1_763_717_400_123
"""2025-11-21T09:30:00.123Z"""

RANK = rank(["tier"], "SO-1", {"tier": 5})
LINE_RANK = line_rank(RANK, 1)


def good_ledger(path: Path) -> sqlite3.Connection:
    """Make the ledger; the connection may write."""
    db = open_writer(path)
    insert(db, "meta", key="session", value="3")
    insert(db, "meta", key="order_by", value='["tier"]')
    insert(db, "items", sku="PEN", name="Fountain pen")
    insert(db, "codes", code="7612345001012", sku="PEN", pack=1)
    insert(
        db,
        "facts",
        seq=1,
        at=AT,
        cause="command/c-1",
        source="/erp",
        body="order.place",
        answer="ok",
        text="",
    )
    insert(
        db,
        "facts",
        seq=2,
        at=AT + 1000,
        cause="scan/2",
        source="gun-1",
        body="7612345001012",
        answer="accept",
        text="3 PEN",
    )
    order = {"status": "open", "express": 0, "tier": 5, "placed_at": AT, "fill": "partial", "content": "{}"}
    insert(db, "orders", id="SO-1", rank=RANK, waiting=0, **order)
    insert(
        db,
        "lines",
        id=1,
        order_id="SO-1",
        line="1",
        sku="PEN",
        ordered=2,
        allocated=2,
        waiting=0,
        fill="partial",
        rank=LINE_RANK,
    )
    insert(db, "entries", entry=1, fact=2, kind="received", booking=1)
    goods = {"sku": "PEN", "lot": "B7", "expiry": "2027-03-01", "pallet": ""}
    insert(db, "postings", entry=1, n=0, account="supplier:4711", qty=-3, **goods)
    insert(db, "postings", entry=1, n=1, account="location:DOCK-1", qty=3, **goods)
    insert(db, "positions", id=1, account="supplier:4711", qty=-3, since=AT, **goods)
    insert(db, "positions", id=2, account="location:DOCK-1", qty=3, allocated=2, since=AT, **goods)
    insert(db, "allocations", id=1, line_id=1, position_id=2, qty=2, made=2, rank=LINE_RANK, fact=2)
    insert(db, "levels", sku="PEN", on_hand=3, allocated=2, seq=2, at=AT, n=1)
    move = {**goods, "pallet": None, "qty": 3, "from": "supplier:4711", "to": "location:DOCK-1"}
    add_event(db, "stock.received", {"sku": "PEN", "qty": 3, "moves": [move]})
    given = {"order": "SO-1", "line": 1, "sku": "PEN", "qty": 2, "rank": LINE_RANK.replace(SEPARATOR, " ")}
    add_event(db, "backorder.allocated", given)
    insert(db, "cursors", name="events", value=1)
    content = json.dumps({"kind": "backorder", "fields": {"order": "SO-1", "sku": "PEN"}})
    label = {"kind": "backorder", "printer": "zebra-1", "content": content, "order_id": "SO-1", "qty": 2}
    insert(db, "labels", job=1, label="L1", fact=2, at=AT, sku="PEN", lot="B7", expiry="2027-03-01", **label)
    return db


def schema_1(path: Path) -> Path:
    """Make a ledger as schema 1 left it, a morning of a real engine; not opened by today's yet."""
    db = sqlite3.connect(path)
    db.executescript((Path(__file__).parent / "migrations" / "schema-1.sql").read_text())
    db.close()
    return path


def insert(db: sqlite3.Connection, table: str, **values: Any) -> None:
    columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    db.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)


def add_event(db: sqlite3.Connection, kind: str, data: dict[str, Any], **changed: Any) -> None:
    """Add the next event of the receipt with a good hash; `changed` replaces what its bytes say."""
    last = db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    seq, head = (last[0] + 1, last[1]) if last else (1, bytes(32))
    epoch = db.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0]
    envelope = {"id": f"par1/dock-a/{epoch}/{seq}", "type": f"crossdock.{kind}", "epoch": epoch, "seq": seq}
    envelope |= {"booking": 1, "cause": "scan/2", "time": rfc3339(AT + 1000)}
    payload = json.dumps({**envelope, "data": data, **changed}).encode()
    digest = hashlib.sha256(head + payload).digest()
    insert(db, "events", seq=seq, type=kind, fact=2, payload=payload, hash=digest)


def damage(db: sqlite3.Connection, page: int) -> None:
    """Close the ledger and write rubbish over a page of its file, as a dying card does."""
    path = Path(db.execute("PRAGMA database_list").fetchone()[2])
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)


def damage_table(db: sqlite3.Connection, table: str) -> None:
    """Close the ledger and damage the page with which a table begins."""
    damage(
        db,
        db.execute("SELECT rootpage FROM sqlite_master WHERE name = :table", {"table": table}).fetchone()[0],
    )


def tamper(db: sqlite3.Connection, *statements: str) -> None:
    """Do what the ledger itself would refuse: without its triggers, its checks and its foreign keys."""
    for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA ignore_check_constraints = ON")
    for statement in statements:
        db.execute(statement)
