"""The engine's loop and what it does when the clock, the ledger or we ourselves go wrong."""

import contextlib
import logging
import sqlite3
from collections.abc import Sequence

import pytest

from edge.engine.times import AGAIN_MS
from edge.facts import Answer, CodeScanned, Verdict
from edge.ledger.records import Records
from tests.house import House

IN_A_MINUTE = "2026-11-21T09:01:00Z"
NOT_WRITTEN = Answer(Verdict.REJECT, "The ledger cannot be written.", "disk_full")


def test_what_came_before_the_inbox_was_closed_is_booked_and_then_the_engine_ends(house: House) -> None:
    answers = [
        house.inbox.post(CodeScanned(gun, "dock-1", gun, "SKU:PEN")) for gun in ("gun-1", "gun-2", "gun-3")
    ]
    house.inbox.close()

    house.engine.run()

    assert [answer.result(timeout=0).verdict for answer in answers] == [Verdict.ATTENTION] * 3
    assert house.level("PEN")["on_hand"] == 3


def test_a_mistake_in_what_is_due_stops_no_scan_and_it_is_tried_again_an_hour_later(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house.order("SO-1", ("PEN", 1), ship_by=IN_A_MINUTE)
    house.order("SO-2", ("PEN", 1), ship_by=IN_A_MINUTE)
    house.wait(60)
    house.told()
    write = Records.write_events

    def broken_for_the_first(records: Records, fact: int, events: Sequence[tuple[str, bytes]]) -> None:
        if b"SO-1" in events[0][1]:
            raise ZeroDivisionError
        write(records, fact, events)

    with monkeypatch.context() as patched:
        # At the very end of a booking of the clock.
        patched.setattr(Records, "write_events", broken_for_the_first)
        house.tick()
        house.tick()
    assert [told.data["order"] for told in house.told() if told.type == "order.late"] == ["SO-2"]
    assert caplog.text.count("what was due could not be booked: late SO-1") == 1

    assert house.scan("SKU:INK").verdict is Verdict.ATTENTION
    assert house.types() == ["stock.received", "exception.raised"]
    house.wait(AGAIN_MS / 1000)
    house.tick()
    assert [told.data["order"] for told in house.told() if told.type == "order.late"] == ["SO-1"]


def test_a_ledger_that_cannot_be_read_refuses_scans_until_it_can_be_opened_again(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.order("SO-1", ("PEN", 1), ship_by=IN_A_MINUTE)
    house.wait(60)
    house.told()
    meddler = sqlite3.connect(house.settings.data_dir / "ledger.db", isolation_level=None)

    with contextlib.closing(meddler), caplog.at_level(logging.ERROR):
        meddler.execute("ALTER TABLE timers RENAME TO elsewhere")
        refused = [house.scan("SKU:INK"), house.scan("SKU:INK")]
        meddler.execute("ALTER TABLE elsewhere RENAME TO timers")
    # This one finds it closed, and opens it.
    refused.append(house.scan("SKU:INK"))
    taken = house.scan("SKU:INK")

    assert refused == [NOT_WRITTEN] * 3
    assert caplog.text.count("the ledger cannot be opened again: no such table: timers") == 2
    assert taken.verdict is Verdict.ATTENTION
    assert house.level("INK")["on_hand"] == 1
    assert house.types()[:2] == ["order.late", "exception.raised"]


def test_a_disk_that_fails_in_what_is_due_is_no_mistake_of_ours(house: House) -> None:
    house.order("SO-1", ("PEN", 1), ship_by=IN_A_MINUTE)
    house.wait(60)
    house.told()
    meddler = sqlite3.connect(house.settings.data_dir / "ledger.db", isolation_level=None)

    with contextlib.closing(meddler):
        meddler.execute("ALTER TABLE orders RENAME TO elsewhere")
        refused = house.scan("SKU:INK")
        meddler.execute("ALTER TABLE elsewhere RENAME TO orders")
    taken = house.scan("SKU:INK")

    assert (refused, taken.verdict) == (NOT_WRITTEN, Verdict.ATTENTION)
    # Not an hour later: it was never tried.
    assert house.types()[:2] == ["order.late", "exception.raised"]
