"""Goods go out: picked by label or by place, short, shipped, and put back when nobody wants them any more."""

from edge.demo.acts.goods import PAPER, PEN
from edge.demo.cast import AISLE
from edge.demo.shift import Shift
from edge.domain.labels import BACKORDER


def picked(shift: Shift) -> None:
    pens, ink = (_label(shift, "SO-2", sku) for sku in ("PEN", "INK"))
    shift.scan(
        AISLE, f"scans CMD:PICK and LBL:{pens} on the pens, the label that came out at the dock",
        "CMD:PICK", f"LBL:{pens}", hears=["2 PEN picked at DOCK-1 for SO-2"],
    )  # fmt: skip
    shift.scan(AISLE, f"scans LBL:{ink} on the ink", f"LBL:{ink}", hears=["1 INK picked at DOCK-1 for SO-2"])
    shift.scan(
        AISLE, "scans ORD:SO-3, LOC:DOCK-1, QTY:5 and paper: it goes without labels too",
        "ORD:SO-3", "LOC:DOCK-1", "QTY:5", PAPER, hears=["5 PAPER picked at DOCK-1 for SO-3"],
    )  # fmt: skip
    shift.scan(
        AISLE, "scans ORD:SO-5, LOC:DOCK-1 and a pen: there is one, and four are promised",
        "ORD:SO-5", "LOC:DOCK-1", PEN, hears=["1 PEN picked at DOCK-1 for SO-5"],
    )  # fmt: skip
    shift.scan(
        AISLE, "scans CMD:SHORT: no more is here", "CMD:SHORT",
        hears=[
            "24 PEN missing at DOCK-1", "3 PEN taken back from SO-5 (not_found)",
            "2 PEN taken back from SO-1 (not_found)", "2 PEN at A-01 to SO-1", "3 PEN at A-01 to SO-5",
        ],
    )  # fmt: skip
    shift.scan(
        AISLE, "scans LOC:A-01, QTY:3 and a pen, QTY:6 and paper: the rest, where it now is",
        "LOC:A-01", "QTY:3", PEN, "QTY:6", PAPER,
        hears=["3 PEN picked at A-01 for SO-5", "6 PAPER picked at A-01 for SO-5"],
    )  # fmt: skip


def _label(shift: Shift, order: str, sku: str) -> str:
    """The last backorder label for an item of an order."""
    labels = [row for row in shift.cast.books.labels() if row["kind"] == BACKORDER]
    return str(next(row["label"] for row in reversed(labels) if (row["order"], row["sku"]) == (order, sku)))


def shipped(shift: Shift) -> None:
    shift.scan(
        AISLE, "scans CMD:SHIP and ORD:SO-5", "CMD:SHIP", "ORD:SO-5",
        hears=["SO-5 leaves, complete: 4 PEN and 6 PAPER"],
    )  # fmt: skip
    shift.scan(
        AISLE, "scans ORD:SO-2 and ORD:SO-3", "ORD:SO-2", "ORD:SO-3",
        hears=["SO-2 leaves, complete: 2 PEN and 1 INK", "SO-3 leaves, complete: 5 PAPER"],
    )  # fmt: skip


def returned(shift: Shift) -> None:
    shift.scan(
        AISLE, "scans CMD:PICK, ORD:SO-1, LOC:A-01, QTY:2 and a pen",
        "CMD:PICK", "ORD:SO-1", "LOC:A-01", "QTY:2", PEN, hears=["2 PEN picked at A-01 for SO-1"],
    )  # fmt: skip
    shift.command("cancels SO-1", "order.cancel", {"order": "SO-1"}, hears=["SO-1 cancelled"])
    shift.scan(
        AISLE, "scans CMD:RETURN, ORD:SO-1, LOC:A-01, QTY:2 and a pen",
        "CMD:RETURN", "ORD:SO-1", "LOC:A-01", "QTY:2", PEN, hears=["returned 2 PEN at A-01"],
    )  # fmt: skip
