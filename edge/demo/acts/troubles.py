"""Paper, network and power go, and the work goes on."""

from edge.demo.acts.goods import CASE_OF_PENS, INK, PAPER
from edge.demo.cast import AISLE, DOCK
from edge.demo.shift import Shift


def printer(shift: Shift) -> None:
    shift.printer_off()
    shift.scan(
        DOCK, "scans LOC:A-01 and a case of pens", "LOC:A-01", CASE_OF_PENS,
        hears=["received 12 PEN at A-01"],
    )  # fmt: skip
    shift.scan(
        DOCK, "scans LOT:B8, QTY:6 and paper: now SO-5 is whole", "LOT:B8", "QTY:6", PAPER,
        hears=[
            "received 6 PAPER at A-01, lot B8", "4 PEN at DOCK-1 to SO-5", "6 PAPER at A-01 to SO-5",
            "SO-5 ready",
        ],
    )  # fmt: skip
    shift.printer_on()


def broker(shift: Shift) -> None:
    shift.broker_down()
    shift.scan(
        AISLE, "scans CMD:MISSING, LOC:DOCK-1 and ink: the picker finds none", "CMD:MISSING", "LOC:DOCK-1", INK,
        hears=["10 INK missing at DOCK-1", "1 INK taken back from SO-2 (not_found)", "SO-2 waits for 1 INK"],
    )  # fmt: skip
    shift.scan(
        AISLE, "scans CMD:FOUND, LOC:DOCK-1 and ink: it was behind", "CMD:FOUND", "LOC:DOCK-1", INK,
        hears=["found 10 INK at DOCK-1, lot I7", "1 INK at DOCK-1 to SO-2", "SO-2 ready"],
    )  # fmt: skip
    shift.broker_up()


def power(shift: Shift) -> None:
    shift.scan(
        AISLE, "scans CMD:MOVE, LOC:A-01, QTY:5 and paper, and takes it",
        "CMD:MOVE", "LOC:A-01", "QTY:5", PAPER,
    )  # fmt: skip
    shift.power_cut()
    shift.scan(
        AISLE, "scans LOC:B-02, where it puts the paper down", "LOC:B-02",
        hears=["5 PAPER moved from A-01 to B-02"],
    )  # fmt: skip
    shift.promised("PAPER", "B-02", {"SO-4": 4, "SO-6": 1})
