"""Days of a warehouse whose events are exported, and the documents that were looked at.

`python -m tests.exported` writes the golden files anew: look at what changed.
"""

import contextlib
import io
import re
import tempfile
from pathlib import Path

from edge.cli import main
from tests.house import PEN_GTIN, House, settings
from tests.unit.config.writing import written

GOLDEN = Path(__file__).parent / "golden" / "export"
CONFIG = 'site = "par1"\nnode = "dock-a"\ndata_dir = "."\ntimezone = "Europe/Paris"\n'
EPOCH = "2f9c4b1d8e6a7035"
PALLET = "376123450000000429"
_CREATED = re.compile(r'(?<="creationDate": ")[^"]*')


def small_house(folder: Path) -> House:
    """A house of the epoch that the golden files have, with a pen in its catalogue."""
    house = House(settings(folder))
    house.rows("UPDATE meta SET value = ? WHERE key = 'epoch' RETURNING value", EPOCH)
    house.restart()
    pen = {"sku": "PEN", "name": "Fountain pen", "codes": [{"code": PEN_GTIN, "pack": 1}]}
    house.done("catalogue.upsert", {"items": [pen, {"sku": "INK", "name": "Ink"}]})
    return house


def a_delivery(house: House) -> None:
    """A pallet comes for an order that waits; the order is picked and leaves. One receipt was a mistake."""
    house.order("SO-1", ("PEN", 2))
    contents = [{"sku": "PEN", "qty": 5, "lot": "B7", "expiry": "2027-03-01"}]
    house.done(
        "asn.announce", {"asn": "ASN-7", "po": "4711", "pallets": [{"sscc": PALLET, "contents": contents}]}
    )
    house.scans(f"]C100{PALLET}", "CMD:DONE", f"]C101{PEN_GTIN}21S-1", "SKU:INK", "CMD:UNDO")
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "LOT:B7", "QTY:2", "SKU:PEN", "CMD:SHIP", "ORD:SO-1")


def a_long_day(house: House) -> None:
    """Everything that may happen to goods, over two days."""
    a_delivery(house)
    house.order("SO-2", ("PEN", 4), ("INK", 2))
    house.scans("CMD:RECEIVE", "PO:4712", "LOT:=1+1", "QTY:9", "SKU:INK", "SKU:A/B 7", "CMD:DONE")
    house.scans("LOT:OLD", "EXP:2026-01-01", "QTY:2", "SKU:INK")
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:4", "SKU:INK", "LOC:A-01")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:2", "SKU:INK", "CMD:FOUND", "LOC:A-01", "QTY:1", "SKU:INK")
    house.scans("CMD:DAMAGE", "LOC:A-01", "SKU:INK", "CMD:RELEASE", "LOC:A-01", "SKU:INK")
    house.scans("CMD:SCRAP", "LOC:DOCK-1", "QTY:1", "LOT:OLD", "SKU:INK")
    house.scans("CMD:COUNT", "LOC:A-01", "QTY:5", "SKU:INK", "CMD:DONE", "CMD:UNDO")
    house.wait(86_400)
    house.tick()
    house.scans("CMD:PICK", "ORD:SO-2", "LOC:DOCK-1", "QTY:3", "SKU:PEN", "CMD:RETURN", "ORD:SO-2", "SKU:PEN")
    house.scans("CMD:RETURN", "ORD:SO-1", "LOT:B7", "SKU:PEN", "CMD:SHIP", "ORD:SO-2")
    lines = [{"sku": "PEN", "qty": 3, "reason": "found"}, {"sku": "PEN", "qty": -1, "reason": "gone"}]
    house.done("stock.adjust", {"location": "C-01", "lines": lines})


def exported(config: Path, *arguments: str) -> str:
    """What the command writes to standard output; the time at which it did is taken out."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(io.StringIO()):
        assert main(["export", "-c", str(config), *arguments]) == 0
    return _CREATED.sub("2026-11-21T12:00:00.000Z", told.getvalue())


def golden_texts(folder: Path) -> dict[str, str]:
    """The golden files as they would be now, by name."""
    house = small_house(folder)
    a_delivery(house)
    house.close()
    config = written(folder, CONFIG)
    return {
        "delivery.epcis.json": exported(config, "--epcis", ".."),
        "delivery.csv": exported(config, "--csv", ".."),
    }


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        for name, text in golden_texts(Path(made)).items():
            (GOLDEN / name).write_bytes(text.encode())
