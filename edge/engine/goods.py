"""Goods of several positions: how much they are, and how events group them."""

from collections.abc import Iterable
from itertools import groupby

from edge.domain.allocation import Stock


def held(stock: Iterable[Stock]) -> int:
    """How much is in these positions, promised or not."""
    return sum(each.here for each in stock)


def by_lot(taken: Iterable[tuple[Stock, int]]) -> list[list[tuple[Stock, int]]]:
    """Group goods by item, lot and expiry, as events tell them."""

    def lot(pair: tuple[Stock, int]) -> tuple[str, str, str]:
        return pair[0].sku, pair[0].lot, pair[0].expiry

    return [list(group) for _, group in groupby(sorted(taken, key=lot), key=lot)]
