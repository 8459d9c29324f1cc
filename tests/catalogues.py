"""A catalogue of a few codes in memory, for tests of what a scan is."""

from collections.abc import Mapping

from edge.domain.codes import Listed, gtin14


class Shelf:
    """A catalogue, told by code as listed; empty unless told."""

    def __init__(self, codes: Mapping[str, Listed] | None = None) -> None:
        self._codes = codes or {}

    def by_code(self, code: str) -> Listed | None:
        return self._codes.get(code)

    def by_gtin(self, gtin14_: str) -> Listed | None:
        return next((listed for code, listed in self._codes.items() if gtin14(code) == gtin14_), None)

    def by_sku(self, sku: str) -> bool:
        return any(listed.sku == sku for listed in self._codes.values())
