"""Accounts and moves: goods are never made or lost, they go from one account to another (contract section 4)."""

from dataclasses import dataclass
from typing import Any

ADJUSTMENT, IDENTIFIED, SCRAP = "adjustment", "identified", "scrap"

WITHIN = frozenset({"location", "missing", "quarantine", "picked", "customer", SCRAP})
"""Kinds of accounts that hold goods that came in: they never go below nothing."""


def location(place: str) -> str:
    return f"location:{place}"


def missing(place: str) -> str:
    return f"missing:{place}"


def quarantine(place: str) -> str:
    return f"quarantine:{place}"


def picked(order: str) -> str:
    return f"picked:{order}"


def customer(order: str) -> str:
    return f"customer:{order}"


def supplier(purchase_order: str) -> str:
    """The account goods come from; `-` stands for goods that no purchase order names."""
    return f"supplier:{purchase_order or '-'}"


def kind_of(account: str) -> str:
    """The first word of an account's name.

    >>> kind_of("location:A-01")
    'location'
    """
    return account.partition(":")[0]


def place_of(account: str) -> str:
    """The place (or order) in an account's name.

    >>> place_of("location:A-01")
    'A-01'
    """
    return account.partition(":")[2]


@dataclass(frozen=True, slots=True)
class Goods:
    """What a position is a position of. Empty text stands for none; `expiry` is an ISO date."""

    sku: str
    lot: str = ""
    expiry: str = ""
    pallet: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """`qty` eaches of some goods from one account to another. `since` is the age they keep, ms."""

    goods: Goods
    qty: int
    source: str
    target: str
    since: int

    def told(self) -> dict[str, Any]:
        """The move in the words of an event."""
        goods = self.goods
        return {
            "sku": goods.sku,
            "lot": goods.lot or None,
            "expiry": goods.expiry or None,
            "pallet": goods.pallet or None,
            "qty": self.qty,
            "from": self.source,
            "to": self.target,
        }
