"""A mistake of ours books nothing, and holds up nothing that comes behind it."""

from typing import Any

import pytest

from edge.clock import date_time
from edge.domain.allocation import Promise
from edge.engine.booking import Booking
from edge.errors import LedgerError
from edge.facts import DeviceKind, DeviceReady
from tests.house import House


def broken(*_: Any, **__: Any) -> None:
    raise ZeroDivisionError


def test_a_command_that_we_cannot_apply_is_answered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.order("SO-1", ("PEN", 2))
    with monkeypatch.context() as patched:
        patched.setattr(Booking, "close", broken)
        answer = house.command("order.cancel", {"order": "SO-1"})

    text = "A mistake inside crossdock: nothing was booked (ZeroDivisionError)."
    assert answer == {
        "id": "c-2",
        "source": "/erp",
        "ok": False,
        "error": {"code": "bad_value", "text": text},
    }
    assert house.rows("SELECT status FROM orders") == [("open",)]
    assert house.done("order.cancel", {"order": "SO-1"})["ok"]


def test_what_is_due_and_fails_stops_neither_the_next_nor_the_scan(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 1, lot="B7")
    house.scans("CMD:RECEIVE", "LOC:DOCK-1", "LOT:B8", "EXP:2026-11-21", "QTY:1", "SKU:PEN")
    until = date_time(house.clock.at_ms + 3_600_000)
    house.done("order.hold", {"order": "SO-2", "until": until})
    house.wait(24 * 3600)

    def fails(_: Booking, promise: Promise, qty: int, reason: str) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        # The turn of the day has to release what was promised of the lot that expired.
        patched.setattr(Booking, "release", fails)
        house.scans("SKU:INK")

    assert house.rows("SELECT id, status FROM orders ORDER BY id") == [("SO-1", "open"), ("SO-2", "open")]
    assert house.level("INK")["on_hand"] == 1
    assert house.level("PEN")["quarantine"] == 0
    house.wait(3601)
    house.tick()
    assert house.level("PEN")["quarantine"] == 1


def test_what_a_device_tells_and_we_cannot_book_is_told_to_the_device(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Booking, "close", broken)
        with pytest.raises(LedgerError, match=r"A mistake inside crossdock: nothing was booked"):
            house.post(DeviceReady(DeviceKind.SCANNER, "gun-1"))

    assert house.rows("SELECT id FROM devices") == []


def test_a_call_whose_scan_we_cannot_book_may_scan_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Booking, "close", broken)
        with pytest.raises(LedgerError, match=r"A mistake inside crossdock: nothing was booked"):
            house.scan("SKU:PEN", scanner="cli-1")

    house.scan("SKU:PEN", scanner="cli-1")

    assert house.level("PEN")["on_hand"] == 1
