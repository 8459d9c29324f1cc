"""Why an order stands as it does, as facts: found in a ledger that the real engine wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.domain.allocation import line_rank, rank
from edge.errors import EdgeError
from edge.ledger import why
from edge.ledger.backup import back_up
from edge.ledger.reading import moment
from edge.ledger.restore import restore
from edge.ledger.why import Why
from tests.house import House, settings

TODAY = "2026-11-21"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(settings(tmp_path))
    yield house
    house.close()


def ask(house: House, order: str, *, min_shelf_life_days: int = 0) -> Any:
    with moment(house.settings.data_dir / "ledger.db") as connection:
        return Why(connection, PARIS, today=TODAY, min_shelf_life_days=min_shelf_life_days).order(order)


def line(house: House, order: str, **policy: int) -> Any:
    (only,) = ask(house, order, **policy)["lines"]
    return only


def test_what_it_has_is_told_with_place_goods_time_and_who_received_it(house: House) -> None:
    house.order("SO-1", ("PEN", 5), express=True, tier=5, placed_at="2026-11-02T00:00:00+01:00")
    house.scans("OP:alice", "CMD:RECEIVE", "LOC:DOCK-2", "LOT:B7", "EXP:2027-03-01", "QTY:3", "SKU:PEN")

    has = line(house, "SO-1")["has"]

    assert has == [
        {
            "qty": 3,
            "lot": "B7",
            "expiry": "2027-03-01",
            "place": "DOCK-2",
            "order_by": ["express", "tier", "promised_at", "placed_at"],
            "stood": "express, tier 5, promised for no day, placed 2026-11-02",
            "time": "2026-11-21T09:00:08.000Z",
            "cause": "scan/8",
            "source": "gun-1",
            "code": "SKU:PEN",
            "event": "stock.received",
            "station": "dock-1",
            "operator": "alice",
        }
    ]


def test_what_was_given_when_the_order_came_names_the_command(house: House) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 2))

    (has,) = line(house, "SO-1")["has"]

    assert (has["cause"], has["source"], has["code"]) == ("command/c-1", "/erp", "order.place c-1")
    assert (has["station"], has["operator"]) == (None, None)


def test_the_rule_of_its_time_is_kept_when_the_order_of_service_changes(house: House) -> None:
    house.order("SO-1", ("PEN", 5), tier=5)
    house.receive("PEN", 3)
    house.restart(settings(house.settings.data_dir, order_by=["tier"]))

    told = ask(house, "SO-1")

    (has,) = told["lines"][0]["has"]
    assert has["order_by"] == ["express", "tier", "promised_at", "placed_at"]
    assert (told["order_by"], told["stands"]) == (["tier"], "tier 5")


def test_who_waits_before_it_and_behind_it_is_counted_and_the_first_are_named(house: House) -> None:
    house.order("SO-0", ("PEN", 1), ("PEN", 2), express=True, fill="complete")
    for n in range(1, 4):
        house.order(f"SO-{n}", ("PEN", n), tier=9 - n)
    house.order("SO-9", ("PEN", 7), ("PEN", 1), tier=5)
    house.order("SO-10", ("PEN", 4), tier=5)
    house.order("SO-11", ("PEN", 4), tier=1)

    first, second = ask(house, "SO-9")["lines"]

    before = first["waits"]["before"]
    assert (before["lines"], before["qty"], before["and_more"]) == (5, 9, False)
    assert before["first"] == [
        {
            "order": "SO-0",
            "line": 1,
            "qty": 1,
            "fill": "complete",
            "key": "express",
            "because": "it is express",
        },
        {
            "order": "SO-0",
            "line": 2,
            "qty": 2,
            "fill": "complete",
            "key": "express",
            "because": "it is express",
        },
        {
            "order": "SO-1",
            "line": 1,
            "qty": 1,
            "fill": "partial",
            "key": "tier",
            "because": "its tier 8 is higher than 5",
        },
    ]
    # Its own first line is nobody else: the same are before the second.
    assert second["waits"]["before"] == before


def test_who_comes_behind_is_told_for_a_line_that_has_something(house: House) -> None:
    house.order("SO-1", ("PEN", 2), tier=5)
    house.receive("PEN", 1)
    house.order("SO-7", ("PEN", 3), tier=2)
    house.order("SO-8", ("PEN", 4), tier=1)

    after = line(house, "SO-1")["after"]

    assert (after["lines"], after["qty"]) == (2, 7)
    assert [(each["order"], each["because"]) for each in after["first"]] == [
        ("SO-7", "its tier 5 is higher than 2"),
        ("SO-8", "its tier 5 is higher than 1"),
    ]
    assert "after" not in line(house, "SO-7")


def test_orders_whose_ids_begin_alike_are_told_apart(house: House) -> None:
    for order in ("SO-1", "SO-1 B", "SO-10", "SO-1!"):
        house.order(order, ("PEN", 1), placed_at="2026-11-02T00:00:00Z")

    in_order = ["SO-1", "SO-1 B", "SO-1!", "SO-10"]
    for n, order in enumerate(in_order):
        before = line(house, order)["waits"]["before"]
        assert [other["order"] for other in before["first"]] == in_order[:n]
        assert before["lines"] == n


def test_orders_on_hold_are_before_nobody(house: House) -> None:
    house.order("SO-1", ("PEN", 2), express=True)
    house.order("SO-2", ("PEN", 2))
    house.done("order.hold", {"order": "SO-1", "reason": "credit", "until": "2026-11-30T08:00:00Z"})

    assert line(house, "SO-2")["waits"]["before"]["lines"] == 0
    held = ask(house, "SO-1")
    assert (held["status"], held["hold_reason"], held["held_until"]) == (
        "held",
        "credit",
        "2026-11-30T08:00:00.000Z",
    )


def test_stock_that_is_here_and_not_for_it_is_told_by_what_stands_against_it(house: House) -> None:
    house.order("SO-1", ("PEN", 20), tier=9)
    house.order("SO-2", ("PEN", 100), fill="line")
    house.receive("PEN", 5)
    house.done("order.amend", {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 5}]})
    house.receive("PEN", 3)
    house.receive("PEN", 2, lot="OLD")
    house.scans("LOT:SHORT", "EXP:2026-11-25", "QTY:6", "SKU:PEN")
    house.scans("LOT:GONE", "EXP:2026-11-20", "QTY:4", "SKU:PEN")
    house.scans("CMD:MISSING", "LOC:DOCK-1", "LOT:OLD", "QTY:1", "SKU:PEN")

    stock = line(house, "SO-2", min_shelf_life_days=10)["waits"]["stock"]

    assert stock == {
        "free": 4,
        "expired": 0,
        "short_lived": 6,
        "promised": 5,
        "quarantine": 4,
        "missing": 1,
    }
    assert line(house, "SO-2")["waits"]["stock"]["free"] == 10


def test_what_the_order_has_itself_is_not_promised_to_others(house: House) -> None:
    house.order("SO-1", ("PEN", 2), ("PEN", 5))
    house.receive("PEN", 3)

    (_, second) = ask(house, "SO-1")["lines"]

    assert second["waits"]["stock"]["promised"] == 0
    assert second["waits"]["wanted"] == 4


def test_goods_that_are_announced_are_told_with_their_time(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    eta = "2026-11-25T09:00:00Z"
    house.done("asn.announce", {"asn": "ASN-7", "eta": eta, "lines": [{"line": 1, "sku": "PEN", "qty": 9}]})

    waits = line(house, "SO-1")["waits"]

    assert (waits["expected_at"], waits["expected_asn"]) == ("2026-11-25T09:00:00.000Z", "ASN-7")


def test_an_order_that_is_not_there_is_an_error(house: House) -> None:
    with pytest.raises(
        EdgeError, match=r"There is no order 'SO-9' in the ledger\. See them: crossdock orders\."
    ):
        ask(house, "SO-9")


def test_of_a_ledger_restored_just_now_the_events_that_gave_are_past(house: House, tmp_path: Path) -> None:
    house.receive("PEN", 3)
    house.order("SO-1", ("PEN", 2))
    back_up(house.settings.data_dir / "ledger.db", tmp_path / "copy.db")
    restore(tmp_path / "copy.db", tmp_path / "again.db")

    with moment(tmp_path / "again.db") as connection:
        told = Why(connection, PARIS, today=TODAY).order("SO-1")

    (has,) = told["lines"][0]["has"]
    assert (has["qty"], has["cause"], has["event"], has["station"]) == (2, "command/c-1", None, None)


# -- what it costs ---------------------------------------------------------------------------------------------


def crowd(house: House, count: int, sku: str, *, name: str = "SO-X") -> None:
    """So many express orders of one line that wait; written by hand, to be quick."""
    keys = ("express", "tier", "promised_at", "placed_at")
    values = {"express": 1, "tier": 0, "promised_at": None, "placed_at": 0}
    ranks = [(f"{name}{n}", rank(keys, f"{name}{n}", values)) for n in range(count)]
    store = house.engine.books.store
    with store.transaction():
        store.db.executemany(
            "INSERT INTO orders (id, status, express, tier, placed_at, fill, content, rank, waiting)"
            " VALUES (?, 'open', 1, 0, 0, 'partial', '{}', ?, 1)",
            ranks,
        )
        store.db.executemany(
            "INSERT INTO lines (order_id, line, sku, ordered, waiting, fill, rank)"
            " VALUES (?, '1', ?, 1, 1, 'partial', ?)",
            [(order, sku, line_rank(own, 1)) for order, own in ranks],
        )


def steps(house: House, order: str) -> int:
    """What the database does for the answer: in hundreds of its instructions."""
    done = 0

    def count() -> int:
        nonlocal done
        done += 1
        return 0

    with moment(house.settings.data_dir / "ledger.db") as connection:
        connection.set_progress_handler(count, 100)
        Why(connection, PARIS, today=TODAY).order(order)
    return done


def test_the_answer_costs_the_same_however_many_wait_for_other_items(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    crowd(house, 20, "PEN")
    alone = steps(house, "SO-1")

    crowd(house, 20_000, "INK", name="SO-Y")

    assert steps(house, "SO-1") <= alone + 1


def test_counting_stops_at_a_bound(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "COUNTED", 50)
    house.order("SO-1", ("PEN", 2))
    crowd(house, 100, "PEN")
    before = line(house, "SO-1")["waits"]["before"]
    bounded = steps(house, "SO-1")

    crowd(house, 5_000, "PEN", name="SO-Y")

    assert (before["lines"], before["and_more"]) == (50, True)
    assert steps(house, "SO-1") <= bounded + 1
