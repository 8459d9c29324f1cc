"""What central asks to be told beside events: replays and snapshots (contract section 6)."""

from pathlib import Path
from typing import Any

import pytest

from edge.domain.requests import ReplayEvents, TakeSnapshot
from edge.engine.commands.syncing import OPEN_MOST
from edge.facts import Delivered
from edge.ledger.archive import archive
from edge.ledger.outbox import SyncRows
from edge.outbox import AskedRow
from tests.house import House


def asked(house: House) -> list[AskedRow]:
    rows = SyncRows(Path(house.settings.data_dir) / "ledger.db")
    try:
        return rows.asked(after=rows.head().asked_number, limit=100)
    finally:
        rows.close()


def replay(house: House, from_seq: int, to_seq: int) -> dict[str, Any]:
    return house.command("sync.replay", {"from_seq": from_seq, "to_seq": to_seq}, id="r-1")


def refusal(answer: dict[str, Any]) -> tuple[str, str, str]:
    return answer["error"]["code"], answer["error"].get("at", ""), answer["error"]["text"]


def test_a_replay_is_asked_for_and_books_nothing(house: House) -> None:
    house.receive("PEN", 3)
    last = house.engine.books.records.seq

    assert replay(house, 1, last) == {"id": "r-1", "source": "/erp", "ok": True}

    assert asked(house) == [AskedRow(1, "r-1", ReplayEvents(1, last))]
    assert house.engine.books.records.seq == last


@pytest.mark.parametrize(
    ("range", "at", "text"),
    [
        ((3, 2), "from_seq", "from_seq must not be above to_seq, got 3 and 2"),
        ((1, 9), "to_seq", "to_seq must be an event of this ledger, whose last one is 3, got 9"),
    ],
)
def test_a_replay_of_what_never_was_is_refused(
    house: House, range: tuple[int, int], at: str, text: str
) -> None:
    house.receive("PEN", 3)
    house.receive("PEN", 3)
    assert house.engine.books.records.seq == 3

    assert refusal(replay(house, *range)) == ("out_of_range", at, text)
    assert asked(house) == []


def test_a_replay_in_an_empty_ledger_is_refused(house: House) -> None:
    assert refusal(replay(house, 1, 1))[:2] == ("out_of_range", "to_seq")


def archived(house: House, *, is_central: bool) -> None:
    """Archive all that may leave of a house, and let it go on."""
    house.close()
    ledger = house.settings.data_dir / "ledger.db"
    at_ms = house.clock.now_ms() + 1
    archive(ledger, ledger.with_name("archive.db"), before_ms=at_ms, is_central=is_central)
    house.restart()


def test_a_replay_of_what_was_archived_says_what_is_still_here(house: House) -> None:
    for _ in range(3):
        house.receive("PEN", 1)
    last = house.engine.books.records.seq
    archived(house, is_central=False)

    answer = replay(house, last - 1, last)

    text = f"from_seq must be an event that is still here, the first of which is {last}, got {last - 1}"
    assert refusal(answer) == ("out_of_range", "from_seq", text)


def test_events_that_are_asked_for_again_are_not_archived(house: House) -> None:
    for _ in range(5):
        house.receive("PEN", 1)
    last = house.engine.books.records.seq
    house.post(Delivered("events", last))
    replay(house, 3, last)

    archived(house, is_central=True)

    assert house.rows("SELECT min(seq) FROM events") == [(3,)]


def test_a_snapshot_is_asked_for_under_the_commands_id(house: House) -> None:
    assert house.command("sync.snapshot", {"scope": ["orders", "levels"]}, id="s/1")["ok"]
    assert house.command("sync.snapshot", {"scope": "positions"}, id="s/2")["ok"]

    assert asked(house) == [
        AskedRow(1, "s/1", TakeSnapshot(("orders", "levels"))),
        AskedRow(2, "s/2", TakeSnapshot(("positions",))),
    ]


def test_what_the_broker_has_whole_is_not_asked_for_any_more(house: House) -> None:
    for _ in range(3):
        house.command("sync.snapshot", {"scope": "levels"})

    house.post(Delivered("asked", 2))

    assert [row.number for row in asked(house)] == [3]
    house.post(Delivered("asked", 3))
    house.command("sync.snapshot", {"scope": "levels"})
    assert [row.number for row in asked(house)] == [4]


def test_only_so_much_is_asked_for_at_once(house: House) -> None:
    house.receive("PEN", 1)
    for _ in range(OPEN_MOST):
        house.command("sync.snapshot", {"scope": "levels"})

    text = "16 replays and snapshots wait already: ask again, by a new id, once some have come"
    assert refusal(replay(house, 1, 1)) == ("out_of_range", "", text)
    assert refusal(house.command("sync.snapshot", {"scope": "levels"})) == ("out_of_range", "", text)

    house.post(Delivered("asked", 1))
    assert house.command("sync.snapshot", {"scope": "levels"})["ok"]
