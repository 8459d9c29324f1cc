"""What central is still to be told, as the link reads it from the ledger."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.facts import Delivered, ReplyTo
from edge.ledger.outbox import LabelRows, SyncRows
from edge.ledger.reading import Reading
from edge.outbox import AnswerRow
from tests.commands import command, received
from tests.house import House, settings


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(settings(tmp_path))
    yield house
    house.close()


@pytest.fixture
def outbox(house: House) -> Iterator[SyncRows]:
    rows = SyncRows(house.settings.data_dir / "ledger.db")
    yield rows
    rows.close()


def test_events_are_read_on_from_where_the_last_were_in_steps(house: House, outbox: SyncRows) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3)

    first = outbox.events(after=0, limit=2)
    rest = outbox.events(after=first[-1].seq, limit=100)

    assert [row.seq for row in first + rest] == list(range(1, outbox.head().last_seq + 1))
    assert [row.type for row in rest][:2] == ["exception.raised", "stock.received"]
    assert all(json.loads(row.payload)["seq"] == row.seq for row in first + rest)


def test_an_answer_knows_where_it_was_asked_for(house: House, outbox: SyncRows) -> None:
    asked = received(command())
    house.post(asked)
    house.post(replace(asked, reply_to=ReplyTo("erp/answers", b"17")))

    answers = outbox.answers(after=0, limit=100)

    said = answers[0].payload
    assert json.loads(said)["ok"]
    assert answers == [AnswerRow(1, said, None, None), AnswerRow(2, said, "erp/answers", b"17")]


def test_what_is_delivered_is_remembered_lane_by_lane(house: House, outbox: SyncRows) -> None:
    house.order("SO-1", ("PEN", 2))

    house.post(Delivered("events", 2))
    house.post(Delivered("levels", 1))
    house.post(Delivered("answers", 1))

    head = outbox.head()
    assert (head.confirmed_seq, head.levels_number, head.answers_number) == (2, 1, 1)
    assert outbox.answers(after=0, limit=100) == []


def test_a_scratch_file_is_on_the_ledgers_disk_and_nobody_finds_it(house: House, outbox: SyncRows) -> None:
    folder = house.settings.data_dir
    before = sorted(folder.iterdir())

    with outbox.scratch() as file:
        file.write(b"levels")
        file.seek(0)

        assert file.read() == b"levels"
        assert os.fstat(file.fileno()).st_dev == folder.stat().st_dev
        assert sorted(folder.iterdir()) == before


def test_labels_that_wait_are_found_by_an_index_however_many_were_printed(house: House) -> None:
    rows = LabelRows(house.settings.data_dir / "ledger.db", "zebra-1")
    books = house.engine.books
    asked: list[str] = []
    for db in (books.store.db, rows._db):
        db.set_trace_callback(asked.append)

    rows.next()
    books.labels.unsettle()
    books.labels.jobs_open("L1")
    books.labels.is_awaited("zebra-1")
    books.labels.redirect("zebra-1", "zebra-2")
    books.labels.hand_over("zebra-1", "zebra-2", "dock-1")
    Reading(books.store.db).labels_waiting()

    rows.close()
    plans = [house.rows(f"EXPLAIN QUERY PLAN {statement}") for statement in tuple(asked)]
    assert ["labels_open" in str(plan) for plan in plans] == [True] * 7
