"""Every ledger that an earlier version left is brought to today's schema, with all it has, or is left as it was."""

import hashlib
import sqlite3
from pathlib import Path

import pytest

from edge.errors import LedgerError
from edge.ledger import schema
from edge.ledger.files import make_folder
from edge.ledger.schema import VERSION, open_reader, open_writer
from edge.ledger.verify import verify
from tests.house import House, settings

EARLIER = sorted((Path(__file__).parents[2] / "migrations").glob("schema-*.sql"))

KEPT = {
    "levels": "sku, on_hand, allocated, waiting, missing, quarantine, expected",
    "positions": "sku, lot, expiry, pallet, account, qty, allocated, since",
    "allocations": "line_id, position_id, qty, made, rank, fact",
    "lines": "order_id, line, sku, ordered, allocated, picked, shipped, cancelled, waiting, rank, live",
    "orders": "id, status, express, tier, placed_at, rank, waiting",
    "entries": "entry, fact, kind, booking",
    "postings": "entry, n, sku, lot, expiry, pallet, account, qty",
    "events": "seq, type, fact, payload, hash",
    "facts": "seq, at, cause, source, body, answer, text",
    "labels": "job, label, fact, kind, printer, content, sku, lot, expiry, qty, order_id, status, copy",
    "commands": "source, id, digest, at, answer",
    "answers": "number, payload",
    "exceptions": "id, kind, about, raised_at, cleared_at",
    "asn_lines": "asn, sscc, sku, qty, open",
    "codes": "code, sku, pack, gtin",
    "received": "key, at, fact",
}
"""What no migration may lose or change."""


def earlier(script: Path, folder: Path) -> Path:
    """Make a ledger of an earlier schema, as that version left it."""
    path = folder / "ledger.db"
    db = sqlite3.connect(path)
    db.executescript(script.read_text())
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return path


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    db = sqlite3.connect(path)
    try:
        return {
            table: db.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()
            for table, columns in KEPT.items()
        }
    finally:
        db.close()


def content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_there_is_a_ledger_of_every_schema_before_todays() -> None:
    assert [path.stem for path in EARLIER] == [f"schema-{n}" for n in range(1, VERSION)]


@pytest.mark.parametrize("script", EARLIER, ids=lambda path: path.stem)
def test_a_migrated_ledger_is_sound_and_has_all_it_had(tmp_path: Path, script: Path) -> None:
    path = earlier(script, tmp_path)
    before = rows(path)
    assert all(before[table] for table in ("levels", "positions", "allocations", "events", "labels"))

    db = open_writer(path)
    findings = verify(db)
    db.close()

    assert findings.is_sound, findings.first_breach
    assert rows(path) == before


@pytest.mark.parametrize("script", EARLIER, ids=lambda path: path.stem)
def test_the_engine_serves_on_a_migrated_ledger(tmp_path: Path, script: Path) -> None:
    earlier(script, tmp_path)

    house = House(settings(tmp_path))
    on_hand = house.level("PEN")["on_hand"]
    lines = [{"line": 1, "sku": "PEN", "qty": 1}]
    assert house.command("order.place", {"order": "SO-77", "lines": lines}, id="c-77")["ok"]
    house.receive("PEN", 3)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "QTY:1", "SKU:PEN")

    assert house.level("PEN")["on_hand"] == on_hand + 2
    assert sum(house.promises("SO-77").values()) == 1
    house.audit()


@pytest.mark.parametrize("script", EARLIER, ids=lambda path: path.stem)
def test_a_label_printed_before_the_migration_still_stands_for_its_goods(
    tmp_path: Path, script: Path
) -> None:
    earlier(script, tmp_path)
    house = House(settings(tmp_path))
    label, sku, lot, qty = house.rows(
        "SELECT label, sku, lot, qty FROM labels WHERE kind = 'putaway' ORDER BY job LIMIT 1"
    )[0]

    known = house.engine.books.labels.named(label)

    assert known is not None
    assert (known.sku, known.lot, known.qty, known.spent, known.is_void) == (sku, lot, qty, 0, False)


@pytest.mark.parametrize("script", EARLIER, ids=lambda path: path.stem)
def test_history_of_an_earlier_schema_refuses_every_change(tmp_path: Path, script: Path) -> None:
    db = open_writer(earlier(script, tmp_path))

    for table in ("facts", "entries", "postings", "events"):
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {_any_column(db, table)} = 1"):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table} is only ever added to"):
                db.execute(change)
    db.close()


def _any_column(db: sqlite3.Connection, table: str) -> str:
    return str(db.execute(f"PRAGMA table_info({table})").fetchone()[1])


def test_an_earlier_ledger_that_was_migrated_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    new = open_writer(tmp_path / "new" / "ledger.db")
    tables = _columns(new)
    new.close()

    for script in EARLIER:
        (folder := tmp_path / script.stem).mkdir()
        old = open_writer(earlier(script, folder))
        assert _columns(old) == tables
        old.close()


def _columns(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    names = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%' ORDER BY name"
    )
    return {name: db.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in names.fetchall()}


def test_a_newer_ledger_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    db = open_writer(path)
    db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = content(path)

    with pytest.raises(LedgerError) as caught:
        open_writer(path)

    assert str(caught.value) == (
        f"The ledger {path} is of schema {VERSION + 1}; this version knows {VERSION}."
        " Install the newer crossdock again, or put a backup of the older one back."
    )
    assert content(path) == before


@pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
def test_a_ledger_of_another_schema_is_not_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "ledger.db"
    db = open_writer(path)
    db.execute(f"PRAGMA user_version = {version}")
    db.close()

    with pytest.raises(LedgerError, match=f"is of schema {version}; this version reads {VERSION}"):
        open_reader(path)


@pytest.mark.parametrize("script", EARLIER, ids=lambda path: path.stem)
def test_a_migration_that_fails_leaves_the_ledger_as_it_was(
    tmp_path: Path, script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = earlier(script, tmp_path)
    before, tables, version = rows(path), statements(path), int(script.stem.rpartition("-")[2])
    break_step(monkeypatch, version + 1)

    with pytest.raises(LedgerError, match="table facts already exists"):
        open_writer(path)

    assert (version_of(path), statements(path), rows(path)) == (version, tables, before)
    monkeypatch.undo()
    migrated = open_writer(path)
    assert verify(migrated).is_sound
    migrated.close()


def test_a_ledger_stays_at_the_schema_whose_next_migration_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = earlier(EARLIER[0], tmp_path)
    before = rows(path)
    break_step(monkeypatch, VERSION)

    with pytest.raises(LedgerError, match="table facts already exists"):
        open_writer(path)

    assert (version_of(path), rows(path)) == (VERSION - 1, before)
    monkeypatch.undo()
    migrated = open_writer(path)
    assert verify(migrated).is_sound
    migrated.close()


def break_step(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Have the migration to a schema fail at its very end."""
    good = getattr(schema, f"V{step}")
    monkeypatch.setattr(schema, f"V{step}", good + "\nCREATE TABLE facts (n INTEGER);\n")


def version_of(path: Path) -> int:
    db = sqlite3.connect(path)
    try:
        return int(db.execute("PRAGMA user_version").fetchone()[0])
    finally:
        db.close()


def statements(path: Path) -> list[tuple[str]]:
    """How everything in the ledger was made."""
    db = sqlite3.connect(path)
    try:
        return db.execute("SELECT sql FROM sqlite_master ORDER BY type, name").fetchall()
    finally:
        db.close()


@pytest.mark.parametrize("script", EARLIER, ids=lambda path: path.stem)
def test_an_earlier_ledger_that_was_migrated_has_the_rules_of_a_new_one(tmp_path: Path, script: Path) -> None:
    (tmp_path / "new").mkdir()
    open_writer(tmp_path / "new" / "ledger.db").close()

    open_writer(path := earlier(script, tmp_path)).close()

    assert _rules(path) == _rules(tmp_path / "new" / "ledger.db")


def _rules(path: Path) -> list[tuple[object, ...]]:
    """Triggers and indexes, each with its statement."""
    db = sqlite3.connect(path)
    try:
        return db.execute(
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') ORDER BY name"
        ).fetchall()
    finally:
        db.close()


def test_schema_3_takes_labels_over_in_every_state_with_what_was_picked_off_them(tmp_path: Path) -> None:
    columns = "job, at, status, copy, error, spent, void"
    path = earlier(EARLIER[1], tmp_path)
    db = sqlite3.connect(path)
    before = db.execute(f"SELECT {columns} FROM labels ORDER BY job").fetchall()
    db.close()
    assert {row[2] for row in before} == {"queued", "sending", "unknown", "printed", "failed"}
    assert any(row[5] for row in before)
    assert any(row[6] for row in before)

    db = open_writer(path)

    assert db.execute(f"SELECT {columns} FROM labels ORDER BY job").fetchall() == before
    db.close()


def test_where_no_ledger_is_none_is_read(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        open_reader(tmp_path / "ledger.db")

    assert str(caught.value) == (
        f"There is no ledger at {tmp_path / 'ledger.db'}. It is made when the daemon starts: crossdock run."
    )
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_opened_is_no_damaged_ledger(tmp_path: Path) -> None:
    with pytest.raises(
        LedgerError, match=r"cannot be read: .*\. Call crossdock as its own user, or as root\."
    ):
        open_reader(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_sentence_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file in the way")

    with pytest.raises(LedgerError) as caught:
        make_folder(tmp_path / "data")

    assert str(caught.value) == (
        f"The folder {tmp_path}/data for the ledger cannot be made: File exists."
        " Make it and give it to crossdock's user, or name another as data_dir."
    )
