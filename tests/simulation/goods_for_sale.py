"""What the simulated warehouse deals in: items, their codes, lots with expiries, pallets, and how they are scanned."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

FIRST_DAY = date(2026, 11, 21)
PLACES = ("DOCK-1", "DOCK-2", "A-01", "A-02", "A-03", "B-01")


def with_check_digit(digits: str) -> str:
    """Add the check digit (GS1 General Specifications 7.9.1).

    >>> with_check_digit("761234500101")
    '7612345001012'
    """
    weighted = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return f"{digits}{-weighted % 10}"


@dataclass(frozen=True, slots=True)
class Item:
    """An item for sale. `gtin` is of one each, `case` of twelve; `is_lotted`: most of it comes with a lot."""

    sku: str
    gtin: str
    case: str
    is_lotted: bool = False

    def told(self, low_stock: int) -> dict[str, object]:
        """The item as `catalogue.upsert` has it."""
        codes = [{"code": self.gtin, "pack": 1}, {"code": self.case, "pack": 12}]
        return {"sku": self.sku, "name": f"{self.sku.title()}, blue", "codes": codes, "low_stock": low_stock}


def _item(sku: str, number: int, *, is_lotted: bool = False) -> Item:
    stem = f"76123450{number:04d}"
    return Item(sku, with_check_digit(stem), with_check_digit(f"1{stem}"), is_lotted)


ITEMS = (
    _item("PEN", 101),
    _item("CAP", 102),
    _item("NIB", 103),
    _item("INK", 104, is_lotted=True),
    _item("GLUE", 105, is_lotted=True),
)
LATE_ITEM = _item("QUILL", 199)
"""Comes in before the catalogue has it."""
BY_SKU = {item.sku: item for item in (*ITEMS, LATE_ITEM)}

LOTS = {f"L{days:03d}": FIRST_DAY + timedelta(days=days) for days in (-3, 1, 2, 4, 40, 90, 200)}
"""Lots and the day to the end of which they are good. A lot has one expiry, and no lot none."""


def item_code(random: Random, item: Item, lot: str = "", *, pack: int = 1) -> str:
    """One of the codes that stand for an item, with its lot and expiry where it has one."""
    gtin = item.gtin if pack == 1 else item.case
    if lot:
        # A pallet's own lots carry no expiry.
        expiry = f"17{LOTS[lot]:%y%m%d}" if lot in LOTS else ""
        return f"]C101{gtin.zfill(14)}{expiry}10{lot}"
    forms = [gtin, f"]E0{gtin}" if pack == 1 else gtin, f"]C101{gtin.zfill(14)}"]
    return random.choice([*forms, f"SKU:{item.sku}"] if pack == 1 else forms)


def serial_code(item: Item, serial: int) -> str:
    return f"]C101{item.gtin.zfill(14)}21S{serial}"


def sscc(number: int) -> str:
    return with_check_digit(f"37612345{number:09d}")
