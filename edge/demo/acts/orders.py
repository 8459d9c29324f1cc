"""What central wants: the catalogue and the orders of the day, one of them on hold until its address is clear."""

from edge.demo.acts.goods import CASE_OF_PENS, INK, PAPER, PEN
from edge.demo.cast import DOCK
from edge.demo.shift import Shift


def placed(shift: Shift) -> None:
    _catalogue(shift)
    shift.order("SO-1", [("PEN", 2)], "", customer="A. Martin", placed_at="2026-11-02T08:00:00Z")
    better = ", a better customer"
    shift.order("SO-2", [("PEN", 2), ("INK", 1)], better, tier=5, placed_at="2026-11-03T08:00:00Z")
    urgent = {"express": True, "customer": "Clinic South", "placed_at": "2026-11-06T08:00:00Z"}
    shift.order("SO-3", [("PAPER", 5)], ", express", **urgent)
    shift.order("SO-4", [("PAPER", 4)], "", tier=3, placed_at="2026-11-04T08:00:00Z")
    shift.command(
        "puts SO-4 on hold: address to be cleared up",
        "order.hold",
        {"order": "SO-4", "reason": "address to be cleared up"},
        hears=["SO-4 held"],
    )
    whole = ", complete or not at all"
    shift.order("SO-5", [("PEN", 4), ("PAPER", 6)], whole, fill="complete", placed_at="2026-11-05T08:00:00Z")
    shift.order("SO-6", [("PAPER", 10)], "", placed_at="2026-11-06T09:00:00Z")


def _catalogue(shift: Shift) -> None:
    pens = [{"code": PEN, "pack": 1}, {"code": CASE_OF_PENS, "pack": 12}]
    items = [
        {"sku": "PEN", "name": "Fountain pen", "codes": pens},
        {"sku": "INK", "name": "Ink, blue", "codes": [{"code": INK, "pack": 1}]},
        {"sku": "PAPER", "name": "Writing paper", "codes": [{"code": PAPER, "pack": 1}]},
    ]
    shift.command(
        "sends a catalogue: PEN (also in cases of 12), INK, PAPER",
        "catalogue.upsert",
        {"items": items},
    )


def resumed(shift: Shift) -> None:
    shift.command("lets SO-4 go on", "order.resume", {"order": "SO-4"}, hears=["SO-4 resumed"])
    shift.scan(
        DOCK, "scans LOT:B8, QTY:5 and paper: SO-4 before SO-6", "LOT:B8", "QTY:5", PAPER,
        hears=[
            "received 5 PAPER at A-01, lot B8", "4 PAPER at A-01 to SO-4", "SO-4 ready",
            "1 PAPER at A-01 to SO-6, 6 still waits",
        ],
    )  # fmt: skip
