"""`crossdock export`: what a partner and a spreadsheet are told, from a real ledger that is open for writing."""

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from edge.cli import main
from edge.clock import from_rfc3339
from edge.ledger.archive import archive
from tests.exported import CONFIG, GOLDEN, a_delivery, a_long_day, exported, golden_texts, small_house
from tests.house import House
from tests.renderers.epcis import WHY_NOT_SCHEMA, faults_of
from tests.unit.config.writing import written

GTIN = "https://id.gs1.org/01/07612345001012"
ITEM = "urn:crossdock:par1:dock-a:item:"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path, CONFIG)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = small_house(tmp_path)
    yield house
    house.close()


@pytest.fixture
def long_day(house: House) -> House:
    a_long_day(house)
    return house


def events(document: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(document)["epcisBody"]["eventList"]
    return listed


def refused(capsys: pytest.CaptureFixture[str], config: Path, *arguments: str) -> tuple[int, str]:
    try:
        code = main(["export", "-c", str(config), *arguments])
    except SystemExit as ended:
        code = int(str(ended.code))
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


def test_a_delivery_reads_as_it_was_looked_at(tmp_path: Path) -> None:
    for name, text in golden_texts(tmp_path).items():
        assert text == (GOLDEN / name).read_bytes().decode(), name


@pytest.mark.skipif(WHY_NOT_SCHEMA is not None, reason=str(WHY_NOT_SCHEMA))
def test_documents_are_valid_by_the_schema_of_gs1(config: Path, long_day: House) -> None:
    whole, empty = exported(config, "--epcis", ".."), exported(config, "--epcis", "..2000-01-01")

    assert len(events(whole)) > 30
    assert faults_of([whole, empty]) == [[], []]


@pytest.mark.skipif(WHY_NOT_SCHEMA is not None, reason=str(WHY_NOT_SCHEMA))
def test_the_schema_sees_a_word_that_is_not_the_vocabularys(config: Path, long_day: House) -> None:
    whole = exported(config, "--epcis", "..")
    wrong = [
        whole.replace('"bizStep": "picking"', '"bizStep": "pick"'),
        whole.replace('"disposition": "damaged"', '"disposition": "broken"'),
        whole.replace('"type": "po"', '"type": "order"'),
        whole.replace('"reason": "did_not_occur"', '"reason": "undone"'),
        whole.replace("+01:00", "+1"),
        whole.replace('"eventID": "urn:uuid:', '"eventID": "'),
    ]

    assert [bool(faults) for faults in faults_of(wrong)] == [True] * len(wrong)


def sku_of(name: str) -> str:
    """The item that a name of goods stands for."""
    return "PEN" if name.startswith(GTIN) else unquote(name.removeprefix(ITEM).split(":")[0])


@pytest.mark.parametrize(
    ("step", "disposition", "kind", "account"),
    [
        ("receiving", "in_progress", "received", "location:%"),
        ("receiving", "expired", "received", "quarantine:%"),
        ("receiving", "returned", "returned", "location:%"),
        ("picking", "in_progress", "picked", "picked:%"),
        ("shipping", "in_transit", "shipped", "customer:%"),
        ("destroying", "destroyed", "scrapped", "scrap"),
        ("inspecting", "damaged", "damaged", "quarantine:%"),
        ("inspecting", "unavailable", "missing", "missing:%"),
    ],
)
def test_what_the_document_says_of_an_item_is_what_the_ledger_booked(
    config: Path, long_day: House, step: str, disposition: str, kind: str, account: str
) -> None:
    listed = events(exported(config, "--epcis", ".."))
    wrong = {each["eventID"] for each in listed if "errorDeclaration" in each}
    said: Counter[str] = Counter()
    for each in listed:
        is_meant = (each["bizStep"], each.get("disposition")) == (step, disposition)
        if is_meant and each["type"] == "ObjectEvent" and each["eventID"] not in wrong:
            said.update(dict.fromkeys(map(sku_of, each.get("epcList", [])), 1))
            for goods in each.get("quantityList", []):
                said[sku_of(goods["epcClass"])] += goods["quantity"]
    # Goods that were picked and never left are put back, and so received by nobody.
    booked = long_day.rows(
        "SELECT sku, sum(qty) FROM postings JOIN entries USING (entry)"
        " WHERE kind = ? AND account LIKE ? AND qty > 0"
        " AND NOT EXISTS (SELECT 1 FROM entries AS undoing WHERE undoing.undoes = entries.entry)"
        " AND NOT EXISTS (SELECT 1 FROM postings AS other WHERE other.entry = entries.entry"
        "  AND kind = 'returned' AND other.account LIKE 'picked:%')"
        " GROUP BY sku ORDER BY sku",
        kind,
        account,
    )

    assert booked
    assert sorted(said.items()) == booked


def test_an_event_is_the_same_whatever_else_is_exported_and_however_often(
    config: Path, long_day: House
) -> None:
    def by_id(wanted: str) -> dict[tuple[str, bool], dict[str, Any]]:
        listed = events(exported(config, "--epcis", wanted))
        told = {(each["eventID"], "errorDeclaration" in each): each for each in listed}
        assert len(told) == len(listed)
        return told

    whole = by_id("..")

    assert by_id("..") == whole
    parts = [by_id(wanted) for wanted in ("..20", "15..40", "30..", "2026-11-21..2026-11-21", "2026-11-22..")]
    assert all(part.items() <= whole.items() for part in parts)
    assert {key for part in parts[:3] for key in part} == whole.keys()
    assert parts[3].keys() | parts[4].keys() == whole.keys()
    assert not parts[3].keys() & parts[4].keys()


def test_a_day_is_the_sites(config: Path, house: House) -> None:
    # Midnight in Paris is 23:00 UTC in winter.
    house.clock.at_ms = from_rfc3339("2026-11-21T22:59:00Z")
    house.receive("INK", 1)
    house.clock.at_ms = from_rfc3339("2026-11-21T23:00:00Z")
    house.receive("PEN", 1)

    days = [exported(config, "--csv", f"2026-11-{day}..2026-11-{day}") for day in (21, 22)]

    assert [[row["item"] for row in csv.DictReader(io.StringIO(day))] for day in days] == [["INK"], ["PEN"]]


def test_rows_are_every_move_of_the_ledger_and_no_formula(config: Path, long_day: House) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(config, "--csv", ".."))))

    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        sums[row["item"], row["from"]] -= int(row["quantity"])
        sums[row["item"], row["to"]] += int(row["quantity"])
    positions = long_day.rows(
        "SELECT sku, account, sum(qty) FROM positions GROUP BY sku, account HAVING sum(qty) <> 0"
    )
    assert {key: qty for key, qty in sums.items() if qty} == {row[:2]: row[2] for row in positions}
    assert {row["lot"] for row in rows} >= {"'=1+1", "B7"}
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]


def test_what_is_left_out_is_counted_and_a_file_is_there_whole(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    a_delivery(house)
    target = config.with_name("events.json")

    assert main(["export", "-c", str(config), "--epcis", "1..999", "-o", str(target)]) == 0

    assert len(events(target.read_text(encoding="utf-8"))) == 8
    assert capsys.readouterr() == (
        "",
        "crossdock: The last event so far is 11.\n"
        "crossdock: 7 events written; left out, since EPCIS has no word for them: backorder.waiting 1,"
        " order.ready 1, order.shipped 1, order.unfulfillable 1.\n",
    )


def test_a_file_that_is_there_is_overwritten_only_when_forced(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    target = config.with_name("moves.csv")
    target.write_text("mine", encoding="utf-8")

    assert refused(capsys, config, "--csv", "..", "-o", str(target)) == (
        1,
        f"crossdock: {target} is there already and is not overwritten. Name another with -o, or add --force.\n",
    )
    assert target.read_text(encoding="utf-8") == "mine"
    assert main(["export", "-c", str(config), "--csv", "..", "-o", str(target), "--force"]) == 0
    assert target.read_text(encoding="utf-8").startswith("time,event,what,item,")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("5", "expected events FROM..TO such as 1..500, 1.. or 2026-11-01..2026-11-30, got '5'"),
        ("1..x", "expected events FROM..TO such as 1..500, 1.. or 2026-11-01..2026-11-30, got '1..x'"),
        (
            "1..2026-11-30",
            "expected events FROM..TO such as 1..500, 1.. or 2026-11-01..2026-11-30, got '1..2026-11-30'",
        ),
        ("0..5", "events are numbered from 1, got '0..5'"),
        ("9..5", "9 is after 5 in '9..5': turn them round"),
        ("2026-11-31..", "there is no such day in '2026-11-31..'"),
        (
            "2026-11-02..2026-11-01",
            "2026-11-02 is after 2026-11-01 in '2026-11-02..2026-11-01': turn them round",
        ),
    ],
)
def test_a_range_that_means_nothing_is_refused_in_words(
    config: Path, capsys: pytest.CaptureFixture[str], wanted: str, said: str
) -> None:
    assert refused(capsys, config, "--epcis", wanted) == (
        2,
        f"crossdock export: argument --epcis: {said}. See crossdock export --help.\n",
    )


def test_events_that_were_archived_are_asked_for_in_vain_and_said_to_be_so(
    tmp_path: Path, config: Path, long_day: House, capsys: pytest.CaptureFixture[str]
) -> None:
    long_day.engine.close()
    ledger = tmp_path / "ledger.db"
    archive(ledger, tmp_path / "old.db", before_ms=from_rfc3339("2026-11-21T23:00:00Z"), is_central=False)
    db = sqlite3.connect(ledger)
    (first,) = db.execute("SELECT min(seq) FROM events").fetchone()
    db.close()
    said = (
        f"crossdock: Some of these events were archived: the ledger has them from {first} on. Export {first}.. instead;"
        " what came before is in the files that crossdock archive made.\n"
    )

    assert refused(capsys, config, "--csv", f"{first - 1}..") == (1, said)
    assert refused(capsys, config, "--csv", "2026-11-21..") == (1, said)

    for wanted in (f"{first}..", "2026-11-22.."):
        assert f",{first}," in exported(config, "--csv", wanted)
    assert main(["export", "-c", str(config), "--csv", ".."]) == 0
    told = capsys.readouterr().err.splitlines()[0]
    assert told == f"crossdock: What came before event {first} was archived and is not in it."
    long_day.restart()
