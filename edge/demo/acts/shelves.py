"""What lies on the shelves: counted, set aside, given free again."""

from edge.demo.acts.goods import PAPER, PEN
from edge.demo.cast import AISLE
from edge.demo.shift import Shift


def counted(shift: Shift) -> None:
    shift.scan(
        AISLE, "scans CMD:COUNT, LOC:DOCK-1, QTY:22, a pen and CMD:DONE: they had slid behind the rack",
        "CMD:COUNT", "LOC:DOCK-1", "QTY:22", PEN, "CMD:DONE",
        hears=["22 PEN counted at DOCK-1 where the ledger had 0", "-2 PEN at DOCK-1 (written_off)"],
    )  # fmt: skip


def quarantined(shift: Shift) -> None:
    shift.scan(
        AISLE, "scans CMD:DAMAGE, LOC:B-02, QTY:2 and paper", "CMD:DAMAGE", "LOC:B-02", "QTY:2", PAPER,
        hears=[
            "2 PAPER at B-02 into quarantine", "1 PAPER taken back from SO-6 (damaged)",
            "1 PAPER taken back from SO-4 (damaged)", "SO-4 waits for 1 PAPER", "SO-6 waits for 7 PAPER",
        ],
    )  # fmt: skip
    shift.scan(
        AISLE, "scans CMD:RELEASE, LOC:B-02, QTY:2 and paper", "CMD:RELEASE", "LOC:B-02", "QTY:2", PAPER,
        hears=[
            "2 PAPER at B-02 out of quarantine", "1 PAPER at B-02 to SO-4", "SO-4 ready",
            "1 PAPER at B-02 to SO-6, 6 still waits",
        ],
    )  # fmt: skip
