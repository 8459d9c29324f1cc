"""The daemon's clock on a real ledger: what is due is done though nobody scans."""

import json
import time
from pathlib import Path

import pytest

from edge.clock import SystemClock, from_rfc3339, rfc3339
from edge.daemon import Daemon
from edge.ledger.reading import moment, snapshot
from tests.house import House, settings
from tests.integration.blackbox.waits import wait_for


def status_of(folder: Path, order: str) -> str:
    with snapshot(folder / "ledger.db") as ledger:
        return str(ledger.orders(order, limit=1)[0]["status"])


@pytest.fixture
def held(tmp_path: Path) -> int:
    """A ledger with pens and an order for them, on hold until two seconds from now (ms UTC)."""
    until = SystemClock().now_ms() + 2000
    house = House(settings(tmp_path))
    # Each scan and command of the house takes a second.
    house.clock.at_ms = until - 60_000
    house.order("SO-1", ("PEN", 2))
    house.done("order.hold", {"order": "SO-1", "reason": "credit", "until": rfc3339(until)})
    house.receive("PEN", 2)
    assert house.promises("SO-1") == {}
    house.close()
    return until


def test_an_order_on_hold_goes_on_at_its_time_without_any_scan(tmp_path: Path, held: int) -> None:
    daemon = Daemon(settings(tmp_path))
    daemon.start()
    wait_for(lambda: status_of(tmp_path, "SO-1") == "open", "the order to be resumed")
    with snapshot(tmp_path / "ledger.db") as ledger:
        (line,) = ledger.orders("SO-1", limit=1)[0]["lines"]
    with moment(tmp_path / "ledger.db") as db:
        (resumed,) = db.execute("SELECT payload FROM events WHERE type = 'order.resumed'").fetchone()
    began = time.monotonic()
    daemon.stop()

    event = json.loads(resumed)
    assert from_rfc3339(event["time"]) >= held
    assert event["cause"].startswith("clock/")
    assert (line["allocated"], line["waiting"]) == (2, 0)
    assert time.monotonic() - began < 2, "The clock's thread must not hold up the end."
