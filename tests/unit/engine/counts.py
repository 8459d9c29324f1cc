"""Counts by scanning: a whole one by somebody else, what was told of it, and a pallet to be counted."""

import pytest

from edge.facts import Answer, Verdict
from tests.house import House, Told

PALLET = "]C100376123450000000429"


@pytest.fixture(autouse=True)
def catalogue(house: House) -> None:
    """What the catalogue lacks asks for attention each time; that is not what is looked at here."""
    house.done("catalogue.upsert", {"items": [{"sku": sku} for sku in ("PEN", "INK", "CAP")]})


def count(house: House, *codes: str, place: str = "A-01") -> Answer:
    """A whole count by gun-2, so that gun-1's dialogue is left alone."""
    for code in ("CMD:COUNT", f"LOC:{place}", *codes, "CMD:DONE"):
        answer = house.scan(code, scanner="gun-2")
        assert answer.verdict is not Verdict.REJECT, (code, answer)
    return answer


def counted_of(told: list[Told]) -> list[tuple[str, str | None, int, int]]:
    """Item, lot, expected and counted of each `stock.counted`."""
    return [
        (each.data["sku"], each.data["lot"], each.data["expected"], each.data["counted"])
        for each in told
        if each.type == "stock.counted"
    ]


def announced_pallet(house: House, **contents: int) -> None:
    listed = [{"sku": sku, "qty": qty} for sku, qty in contents.items()]
    house.done(
        "asn.announce", {"asn": "ASN-1", "pallets": [{"sscc": "376123450000000429", "contents": listed}]}
    )
    house.scans("CMD:RECEIVE", "LOC:A-01", PALLET, "LOC:DOCK-1")
