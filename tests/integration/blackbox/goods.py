"""The small trade of these tests: pens and ink, as the cases have them."""

from typing import Any

from tests.integration.blackbox.central import Central

PEN, PEN_CASE, INK = "7612345001012", "17612345001019", "7612345001029"
"""Codes: a pen, its case of twelve, an ink."""

CATALOGUE: list[dict[str, Any]] = [
    {
        "sku": "PEN",
        "name": "Fountain pen",
        "codes": [{"code": PEN, "pack": 1}, {"code": PEN_CASE, "pack": 12}],
    },
    {"sku": "INK", "name": "Ink, blue", "codes": [{"code": INK, "pack": 1}]},
]

GS = "\x1d"


def teach(central: Central) -> None:
    """Tell the node what a pen and an ink are."""
    central.do("catalogue.upsert", items=CATALOGUE)


def order(central: Central, id: str, *lines: tuple[str, int], **fields: object) -> None:
    """Place an order of (sku, qty) lines, numbered from 1; placed_at the same for all unless given."""
    numbered = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, 1)]
    central.do(
        "order.place", **{"order": id, "placed_at": "2026-11-02T08:00:00Z", "lines": numbered} | fields
    )
