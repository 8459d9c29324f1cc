"""What the command line reads of the ledger; how it is shown is the command line's."""

from pathlib import Path
from typing import Any

import pytest

from edge.errors import LedgerError
from edge.ledger.reading import snapshot
from tests.books import damage_table, good_ledger, insert
from tests.house import House, settings


def journal(folder: Path, limit: int) -> list[dict[str, Any]]:
    with snapshot(folder / "ledger.db") as reading:
        return reading.journal(limit=limit)


def test_the_journal_has_the_last_facts_with_what_each_moved(tmp_path: Path) -> None:
    house = House(settings(tmp_path))
    house.receive("PEN", 3)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "SKU:PEN", "LOC:A-01")
    house.close()

    told = journal(tmp_path, limit=3)

    assert [(fact["code"], len(fact["moves"])) for fact in told] == [
        ("LOC:A-01", 2),
        ("SKU:PEN", 0),
        ("LOC:DOCK-1", 0),
    ]
    assert [(move["kind"], move["account"], move["qty"]) for move in told[0]["moves"]] == [
        ("moved", "location:DOCK-1", -1),
        ("moved", "location:A-01", 1),
    ]


def test_a_ledger_in_which_nothing_happened_has_no_journal(tmp_path: Path) -> None:
    House(settings(tmp_path)).close()

    assert journal(tmp_path, limit=100) == []


def test_a_ledger_that_turns_out_to_be_damaged_is_said_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    damage_table(good_ledger(path), "facts")

    with pytest.raises(LedgerError) as caught:
        journal(tmp_path, limit=100)

    assert str(caught.value) == (
        f"The ledger {path} cannot be read: database disk image is malformed."
        " See what is wrong: crossdock verify."
    )


def test_places_are_where_goods_lie_lay_or_belong_each_once_in_order(tmp_path: Path) -> None:
    ledger = good_ledger(tmp_path / "ledger.db")
    insert(ledger, "items", sku="INK", home="B-02")
    insert(ledger, "items", sku="CAP", home="DOCK-1")
    gone = {"sku": "INK", "lot": "", "expiry": "", "pallet": "", "qty": 0, "since": 1}
    for account in (
        "location:A-02",
        "missing:A-01",
        "quarantine:A:03",
        "picked:SO-1",
        "customer:SO-1",
        "scrap",
    ):
        insert(ledger, "positions", account=account, **gone)
    ledger.close()

    with snapshot(tmp_path / "ledger.db") as reading:
        assert reading.places() == ["A-01", "A-02", "A:03", "B-02", "DOCK-1"]


def test_the_catalogue_is_every_item_with_its_name_in_order(tmp_path: Path) -> None:
    ledger = good_ledger(tmp_path / "ledger.db")
    insert(ledger, "items", sku="INK", name="Ink, blue")
    insert(ledger, "items", sku="CAP")
    ledger.close()

    with snapshot(tmp_path / "ledger.db") as reading:
        assert reading.catalogue() == [("CAP", ""), ("INK", "Ink, blue"), ("PEN", "Fountain pen")]
