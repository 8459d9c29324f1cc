"""What goods, places and papers are called in EPCIS: as GS1 has it where GS1 has a number for them, else our way.

Numbers of GS1 are Digital Links at id.gs1.org, which EPCIS 2.0 takes beside EPC URNs: how long a company's prefix is,
an EPC URN would have to say, and nobody here knows. What has no such number is
`urn:crossdock:SITE:NODE:KIND:NAME`, every character but letters, digits and `_.-~` escaped as %XX.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from edge.domain.gs1 import format_fault
from edge.domain.plain_codes import gtin14

_GS1 = "https://id.gs1.org"
_GTIN, _SSCC, _LOT, _SERIAL = "01", "00", "10", "21"


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one node. `gtin_of` gives the 14 digits of an item's single unit, or empty."""

    site: str
    node: str
    gtin_of: Callable[[str], str]

    def own(self, kind: str, *values: str) -> str:
        """A name of this node's.

        >>> Names("par1", "dock-a", str).own("location", "A/01")
        'urn:crossdock:par1:dock-a:location:A%2F01'
        """
        return ":".join(("urn:crossdock", self.site, self.node, kind, *map(_escaped, values)))

    def _gtin(self, sku: str) -> str:
        """The GTIN of an item: the catalogue's, or its own number where that is one; else empty."""
        return self.gtin_of(sku) or (len(sku) == 14 and gtin14(sku)) or ""

    def item(self, sku: str, lot: str | None) -> str:
        """An item, or a lot of it: a class of goods, of which quantities are told."""
        gtin = self._gtin(sku)
        if gtin and (not lot or format_fault(_LOT, lot) is None):
            return _link((_GTIN, gtin), *([(_LOT, lot)] if lot else []))
        return self.own("item", sku, *(["lot", lot] if lot else []))

    def unit(self, sku: str, serial: str) -> str:
        """One piece of an item, by its serial."""
        if gtin := self._gtin(sku):
            return _link((_GTIN, gtin), (_SERIAL, serial))
        return self.own("item", sku, "serial", serial)

    def pallet(self, sscc: str) -> str:
        """A pallet; its number is an SSCC wherever a scanner read it."""
        return _link((_SSCC, sscc)) if format_fault(_SSCC, sscc) is None else self.own("pallet", sscc)


def _link(*elements: tuple[str, str]) -> str:
    return "/".join((_GS1, *(f"{ai}/{_escaped(value)}" for ai, value in elements)))


def _escaped(value: str) -> str:
    return quote(value, safe="")
