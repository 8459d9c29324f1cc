"""What is to come: expected dates for who waits, and an item that runs low before anyone waits for it."""

from datetime import UTC, datetime, timedelta

from edge.demo.shift import Shift
from edge.demo.words import moment


def announced(shift: Shift) -> None:
    # From tomorrow on, whenever the demo is played: what is due by then is not overdue.
    tomorrow = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    late = tomorrow + timedelta(hours=5)
    for when, what in (
        (tomorrow, "announces 20 PAPER for tomorrow"),
        (late, "announces them again, for later: the lorry is late"),
    ):
        shift.command(
            what,
            "asn.announce",
            {"asn": "ASN-10", "eta": when.isoformat(), "lines": [{"line": 1, "sku": "PAPER", "qty": 20}]},
            hears=[f"SO-6 can expect 6 PAPER on {moment(when)}"],
        )
    shift.command(
        "wants to know when fewer than 5 INK are free",
        "catalogue.upsert",
        {"items": [{"sku": "INK", "low_stock": 5}]},
    )
    lines = [{"line": 1, "sku": "INK", "qty": 6}, {"line": 2, "sku": "PAPER", "qty": 3}]
    shift.command(
        "places SO-7: 6 INK, which is here, and 3 PAPER",
        "order.place",
        {"order": "SO-7", "lines": lines, "placed_at": "2026-11-07T08:00:00Z"},
        hears=[
            "6 INK at DOCK-1 to SO-7",
            "SO-7 waits for 3 PAPER",
            f"SO-7 can expect 3 PAPER on {moment(late)}",
            "INK runs low: 3 free, fewer than 5",
        ],
    )
