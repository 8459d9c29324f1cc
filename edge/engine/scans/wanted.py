"""Which goods a scan means at an account: an item's by any of its codes, or all that is on a pallet that is here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from edge.domain.allocation import Stock
from edge.domain.codes import Code, Gs1Code
from edge.domain.journal import Goods, kind_of, place_of
from edge.engine.goods import held
from edge.engine.refusals import RefusedError
from edge.engine.scans.items import read_item
from edge.engine.scene import Scan


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item of a scan: `stock` is what the account has of it, `here` how much that is, promised or not.

    `scanned` is how many the scan counts for, and `is_stated` that it said so itself. `goods` are as scanned: a lot
    that was not scanned is empty. `label` is the label of ours that was scanned, if it was one. `told` is what an
    event says of how it was scanned: pack and count, serial, SSCC.
    """

    goods: Goods
    stock: list[Stock]
    scanned: int
    is_stated: bool
    label: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def here(self) -> int:
        return held(self.stock)

    @property
    def name(self) -> str:
        return f"{self.goods.sku} of lot {self.goods.lot}" if self.goods.lot else self.goods.sku


def wanted(scan: Scan, code: Code, account: str) -> list[Wanted]:
    """Find the goods of a scan at an account: one item, or each item of a pallet. Raises RefusedError.

    An item may be there with nothing at all; a pallet that is not at the account is refused.
    """
    if (sscc := _pallet_meant(scan, code, account)) is not None:
        return _on_pallet(scan, sscc, account)
    item = read_item(scan.books, code, scan.dialogue)
    goods = item.goods
    stock = scan.books.store.goods_at(account, goods.sku, goods.lot or None, goods.expiry or None)
    return [Wanted(goods, stock, item.qty, item.stated, item.label.label if item.label else "", item.told)]


def pallet_of(code: Code) -> str | None:
    """The SSCC of a code that names nothing but a pallet."""
    if not isinstance(code, Gs1Code) or code.elements.gtin is not None or code.elements.content is not None:
        return None
    return code.elements.sscc


def _pallet_meant(scan: Scan, code: Code, account: str) -> str | None:
    """The SSCC of a code that means a pallet: it names nothing else, or its goods are in the ledger."""
    sscc = code.elements.sscc if isinstance(code, Gs1Code) else None
    if sscc is None or pallet_of(code) or scan.books.store.goods_on(sscc, kind_of(account)):
        return sscc
    return None


def _on_pallet(scan: Scan, sscc: str, account: str) -> list[Wanted]:
    all_stock = scan.books.store.goods_on(sscc, kind_of(account))
    here = [stock for stock in all_stock if stock.account == account]
    if not here:
        places = ", ".join(dict.fromkeys(place_of(stock.account) for stock in all_stock))
        where = f"it is at {places}: scan that place" if places else "it is nowhere here: receive it first"
        raise RefusedError("not_here", f"Pallet {sscc} is not at {place_of(account)}, {where}.")
    return [
        Wanted(Goods(sku, pallet=sscc), stock, held(stock), is_stated=True, told={"sscc": sscc})
        for sku, stock in ((sku, list(rows)) for sku, rows in groupby(here, key=lambda stock: stock.sku))
    ]
