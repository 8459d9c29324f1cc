"""`crossdock orders SO-1 --why`: in plain words why it got its stock, or who is before it and what it waits for."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from edge.cli import main
from tests.command_line import CONFIG, config, read
from tests.house import House

__all__ = ["config"]

DAY = {"placed_at": "2026-11-02T09:00:00Z"}


@pytest.fixture
def house(config: Path) -> Iterator[House]:
    (config.parent / "data").mkdir()
    house = House(load(config))
    yield house
    house.close()


def ask(capsys: pytest.CaptureFixture[str], config: Path, order: str) -> Any:
    return read(capsys, "orders", "-c", str(config), order, "--why")


def says(capsys: pytest.CaptureFixture[str], config: Path, order: str, line: int = 1) -> list[str]:
    lines = ask(capsys, config, order)["lines"]
    told: list[str] = lines[line - 1]["says"]
    return told


def test_why_an_order_got_its_stock_and_why_before_the_next(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 2), tier=5, promised_at="2026-11-24T23:00:00Z", **DAY)
    house.order("SO-7", ("PEN", 3), tier=2, **DAY)
    house.receive("PEN", 2, lot="B7")

    told = ask(capsys, config, "SO-1")

    assert told["says"] == [
        "SO-1: not express, tier 5, promised for 2026-11-25, placed 2026-11-02 10:00.",
        "Orders are served by express, tier, promised_at, placed_at; where all is equal, by their id.",
        "It waits for nothing: every line is allocated, picked or shipped.",
    ]
    assert told["lines"][0]["says"] == [
        "Has 2 at DOCK-1, lot B7: received by gun-1 at dock-1 (SKU:PEN) on 2026-11-21 10:00:07.",
        "1 line of another order waits for PEN behind it now. SO-1 is before SO-7, the next of them, because its"
        " tier 5 is higher than 2.",
    ]


def test_what_an_order_waits_for_and_who_is_before_it(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(4):
        house.order(f"SO-{n}", ("PEN", 2 + n), tier=9 - n, **DAY, fill="complete" if n == 1 else "partial")
    house.order("SO-9", ("PEN", 3), tier=1, **DAY)
    eta = "2026-11-25T09:00:00Z"
    house.done("asn.announce", {"asn": "ASN-7", "eta": eta, "lines": [{"line": 1, "sku": "PEN", "qty": 99}]})

    assert says(capsys, config, "SO-9") == [
        "Waits for 3: there was not enough when it was its turn.",
        "4 lines of other orders wait for PEN before it, for 14 in all:",
        "- SO-0 line 1 wants 2: before SO-9 because its tier 9 is higher than 1.",
        "- SO-1 line 1 wants 3, all at once or not at all: before SO-9 because its tier 8 is higher than 1.",
        "- SO-2 line 1 wants 4: before SO-9 because its tier 7 is higher than 1.",
        "- and 1 more.",
        "There is no other PEN here.",
        "Expected 2026-11-25 10:00:00 with ASN-7.",
    ]


def test_a_complete_order_says_which_of_its_items_it_lacks(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 3), ("INK", 1), ("CAP", 2), fill="complete")
    house.receive("PEN", 1)
    house.receive("INK", 4)

    told = ask(capsys, config, "SO-1")

    assert told["says"][2] == (
        "It is served only complete, all at once or not at all: of 3 PEN 2 are lacking, 1 INK is here, of 2 CAP 2 are"
        " lacking."
    )
    assert told["lines"][0]["says"][0] == "Waits for 3: there was not enough when it was its turn."
    assert told["lines"][1]["says"] == [
        "Waits for 1: they are here, the rest of the order is not.",
        "Nobody waits for INK before it.",
        "Of INK here: 4 free.",
        "No announcement brings INK for it yet.",
    ]


def test_an_order_of_whole_lines_says_what_would_be_a_part(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 3), fill="line")
    house.receive("PEN", 1)

    assert says(capsys, config, "SO-1")[:2] == [
        "Waits for 3: there was not enough when it was its turn.",
        "It takes the whole line or none of it: 3 are wanted, 1 free.",
    ]


def test_what_was_lost_is_told_with_its_reason_and_where_goods_are(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN")

    assert says(capsys, config, "SO-1") == [
        "Waits for 2: what it had was not found.",
        "Nobody waits for PEN before it.",
        "Of PEN here: 2 missing.",
        "No announcement brings PEN for it yet.",
    ]


def test_goods_with_too_little_time_left_are_told_with_the_days_that_they_lack(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(CONFIG + "\n[allocation]\nmin_shelf_life_days = 3650\n")
    house.restart(load(config))
    house.scans("CMD:RECEIVE", "EXP:2030-01-01", "QTY:2", "SKU:PEN")
    house.order("SO-1", ("PEN", 2))

    assert "Of PEN here: 2 good for less than 3650 days." in says(capsys, config, "SO-1")


def test_an_order_on_hold_says_so_with_reason_and_end(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 2))
    house.done("order.hold", {"order": "SO-1", "reason": "credit", "until": "2026-11-30T08:00:00Z"})

    assert ask(capsys, config, "SO-1")["says"][2] == (
        "It is on hold (credit) until 2026-11-30 09:00:00: it keeps what it has and its turn, and is given nothing"
        " more."
    )


def test_goods_given_under_another_order_of_service_say_so(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.receive("PEN", 2)
    house.order("SO-1", ("PEN", 2), tier=5)
    config.write_text(CONFIG + '\n[allocation]\norder_by = ["tier"]\n')
    house.restart(load(config))

    told = ask(capsys, config, "SO-1")

    assert told["says"][:2] == [
        "SO-1: tier 5.",
        "Orders are served by tier; where all is equal, by their id.",
    ]
    assert told["lines"][0]["says"] == [
        "Has 2 at DOCK-1: given with the command order.place c-1 of /erp on 2026-11-21 10:00:05. Orders were served"
        " by express, tier, promised_at, placed_at then, and it was not express, tier 5, promised for no day, placed"
        " 2026-11-21 10:00.",
        "Nobody waits for PEN behind it now.",
    ]


def test_an_order_that_is_cancelled_or_gone_is_told_in_a_sentence(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 2))
    house.done("order.cancel", {"order": "SO-1"})
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 2)
    house.done("order.ship", {"order": "SO-2"})

    assert ask(capsys, config, "SO-1")["says"] == ["SO-1 is cancelled: it waits for nothing."]
    assert ask(capsys, config, "SO-2")["says"] == ["All of SO-2 is shipped: it waits for nothing."]
    assert says(capsys, config, "SO-1") == says(capsys, config, "SO-2") == []


def test_a_person_reads_paragraphs(
    config: Path, house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    house.order("SO-1", ("PEN", 3), **DAY)
    house.receive("PEN", 1)

    assert main(["orders", "-c", str(config), "SO-1", "--why"]) == 0

    out, err = capsys.readouterr()
    assert err == ""
    assert out == (
        "SO-1: not express, tier 0, promised for no day, placed\n"
        "  2026-11-02 10:00.\n"
        "Orders are served by express, tier, promised_at, placed_at;\n"
        "  where all is equal, by their id.\n"
        "\n"
        "Line 1: PEN, 3 ordered, 1 allocated, 2 waiting\n"
        "  Has 1 at DOCK-1: received by gun-1 at dock-1 (SKU:PEN) on\n"
        "    2026-11-21 10:00:05.\n"
        "  Nobody waits for PEN behind it now.\n"
        "  Waits for 2: there was not enough when it was its turn.\n"
        "  Nobody waits for PEN before it.\n"
        "  There is no other PEN here.\n"
        "  No announcement brings PEN for it yet.\n"
    )


def test_the_facts_stand_beside_the_words(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 3))

    told = ask(capsys, config, "SO-1")

    assert (told["order"], told["status"], told["fill"], told["waiting"]) == ("SO-1", "open", "partial", 3)
    assert told["lines"][0]["waits"]["before"] == {"lines": 0, "qty": 0, "and_more": False, "first": []}


def test_an_order_that_is_not_there_is_1(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["orders", "-c", str(config), "SO-9", "--why"]) == 1

    told = "crossdock: There is no order 'SO-9' in the ledger. See them: crossdock orders.\n"
    assert capsys.readouterr() == ("", told)


def test_why_without_an_order_is_a_wrong_call(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orders", "-c", str(config), "--why"]) == 2

    told = "crossdock: Why what? Name an order. For one: crossdock orders SO-1 --why.\n"
    assert capsys.readouterr() == ("", told)


def test_control_characters_of_a_scan_do_not_reach_the_terminal(
    config: Path, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.order("SO-1", ("PEN", 1))
    house.done("order.hold", {"order": "SO-1", "reason": "credit \u200f high"})

    main(["orders", "-c", str(config), "SO-1", "--why"])

    out = capsys.readouterr().out
    assert re.search(r"credit \\u200f high", out)
    assert "\u200f" not in out
