"""Goods come in: received, refused, taken back."""

from edge.demo.acts.goods import CARTON, EXPIRY, PAPER_GS1, PEN, SSCC, WRONG_DIGIT
from edge.demo.cast import AISLE, DOCK
from edge.demo.shift import REFUSED, Shift


def received(shift: Shift) -> None:
    shift.scan(
        DOCK, "scans QTY:3 and a pen's barcode", "QTY:3", PEN,
        hears=[
            "received 3 PEN at DOCK-1", "2 PEN at DOCK-1 to SO-2", "1 PEN at DOCK-1 to SO-1, 1 still waits",
        ],
    )  # fmt: skip
    shift.scan(
        DOCK, "scans QTY:8 and a GS1-128 of paper with lot and expiry", "QTY:8", PAPER_GS1,
        hears=[
            "received 8 PAPER at DOCK-1, lot B7", "5 PAPER at DOCK-1 to SO-3", "SO-3 ready",
            "3 PAPER at DOCK-1 to SO-6, 7 still waits",
        ],
    )  # fmt: skip
    contents = [{"sku": "PEN", "qty": 24}, {"sku": "INK", "qty": 10, "lot": "I7", "expiry": EXPIRY}]
    shift.command(
        "announces a pallet: 24 PEN and 10 INK",
        "asn.announce",
        {"asn": "ASN-9", "po": "4711", "supplier": "ACME", "pallets": [{"sscc": SSCC, "contents": contents}]},
    )
    shift.scan(
        DOCK, "scans the pallet's SSCC, once", f"]C100{SSCC}",
        hears=[
            "received 24 PEN at DOCK-1", "received 10 INK at DOCK-1, lot I7", "1 PEN at DOCK-1 to SO-1",
            "1 INK at DOCK-1 to SO-2", "SO-1 ready", "SO-2 ready",
        ],
    )  # fmt: skip


def refused(shift: Shift) -> None:
    label = shift.cast.books.labels()[0]["label"]
    for what, code, why in (
        ("scans the pallet again", f"00{SSCC}", "duplicate"),
        ("scans a pen off that pallet", PEN, "came_with_pallet"),
        ("scans a code with a wrong digit", WRONG_DIGIT, "check_digit"),
        (f"scans our own label {label}", f"LBL:{label}", "own_label"),
    ):
        shift.scan(DOCK, what, code, answer=REFUSED, hears=[f"refused: {why}"])


def undone(shift: Shift) -> None:
    shift.scan(
        DOCK, "scans QTY:4 and paper that is for another door", "QTY:4", PAPER_GS1,
        hears=["received 4 PAPER at DOCK-1, lot B7", "4 PAPER at DOCK-1 to SO-6, 3 still waits"],
    )  # fmt: skip
    shift.scan(
        DOCK, "scans CMD:UNDO", "CMD:UNDO",
        hears=["undone: 4 PAPER", "4 PAPER taken back from SO-6 (undone)", "SO-6 waits for 7 PAPER"],
    )  # fmt: skip
    label = shift.cast.books.labels()[-1]["label"]
    shift.scan(
        AISLE, f"scans CMD:PICK and its label {label}", "CMD:PICK", f"LBL:{label}",
        answer=REFUSED, hears=["refused: void_label"],
    )  # fmt: skip


def taught(shift: Shift) -> None:
    shift.scan(
        DOCK, f"scans {CARTON} off a carton: nobody knows it", CARTON, answer=REFUSED, hears=["refused: unknown_code"],
    )  # fmt: skip
    shift.scan(
        AISLE, f"scans CMD:LEARN, {CARTON}, a pen that was in it, and QTY:10", "CMD:LEARN", CARTON, PEN, "QTY:10",
        hears=[f"{CARTON} is PEN, 1 to the pack", f"{CARTON} is PEN, 10 to the pack"],
    )  # fmt: skip
    shift.scan(AISLE, "scans CMD:INFO and the carton", "CMD:INFO", CARTON)
