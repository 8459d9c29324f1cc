"""What a label says, not its bytes: the fields of each kind, which layouts name and printers draw."""

from collections.abc import Mapping
from dataclasses import dataclass

BACKORDER, PUTAWAY, MISSING = "backorder", "putaway", "missing"
QUARANTINE, RESTOCK = "quarantine", "restock"

FIELDS: Mapping[str, tuple[str, ...]] = {
    # `symbol` is a GS1 element string, ready for a barcode: a GS (0x1D) ends each element of variable length
    # that is not the last.
    BACKORDER: (
        "label",
        "order",
        "line",
        "to",
        "sku",
        "name",
        "quantity",
        "lot",
        "expiry",
        "place",
        "express",
    ),
    PUTAWAY: ("label", "sku", "name", "quantity", "lot", "expiry", "place", "home", "symbol"),
    # `orders` has a line of text for each order hit, divided by newlines: "SO-1: now 2 from A-01".
    MISSING: ("label", "place", "sku", "name", "quantity", "orders"),
    QUARANTINE: ("label", "place", "sku", "name", "quantity", "lot", "expiry", "reason"),
    # Goods of a cancelled order: `home` is where they belong.
    RESTOCK: ("label", "order", "home", "sku", "name", "quantity", "lot", "expiry", "reason"),
}
"""The fields that a layout of each kind may name; every one is text and may be empty. Dates are ISO 8601."""


_NAMES = {kind: frozenset(names) for kind, names in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class LabelContent:
    """What one label says: its kind and a text for each of the kind's fields."""

    kind: str
    fields: Mapping[str, str]

    def __post_init__(self) -> None:
        assert self.fields.keys() == _NAMES[self.kind], (self.kind, sorted(self.fields))
