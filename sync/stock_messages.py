"""The commands about goods: what they are, which are announced, and what of them is there."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from edge.domain.requests import (
    AdjustLine,
    AdjustStock,
    AnnounceAsn,
    AnnouncedLine,
    AnnouncedPallet,
    AsOf,
    CancelAsn,
    CatalogueItem,
    CountLine,
    CountStock,
    ItemCode,
    RefusedEntry,
    UpsertCatalogue,
)
from sync.command_base import MAX_ENTRIES, Command, ListCommand, Model, Unfit, each_once, given
from sync.fields import (
    Amount,
    Change,
    Code,
    Date,
    Days,
    Flag,
    Line,
    Name,
    Quantity,
    Seq,
    SsccText,
    Text,
    Time,
)


class AnnouncedLineData(Model):
    sku: Name
    qty: Quantity
    lot: Name | None = None
    expiry: Date | None = None
    line: Line | None = None

    def announced(self) -> AnnouncedLine:
        return AnnouncedLine(self.sku, self.qty, self.lot or "", self.expiry or "", self.line)


class PalletData(Model):
    sscc: SsccText
    contents: Annotated[list[AnnouncedLineData], Field(min_length=1, fail_fast=True)]
    cartons: Annotated[list[Name], Field(fail_fast=True)] | None = None


class AsnAnnounce(Command):
    model_config = ConfigDict(json_schema_extra={"oneOf": [given("pallets"), given("lines")]})

    asn: Name
    po: Name | None = None
    supplier: Text | None = None
    eta: Time | None = None
    pallets: Annotated[list[PalletData], Field(min_length=1, fail_fast=True)] | None = None
    lines: Annotated[list[AnnouncedLineData], Field(min_length=1, fail_fast=True)] | None = None

    def request(self, content: str) -> AnnounceAsn:  # noqa: ARG002
        if self.pallets is None and self.lines is None:
            raise Unfit(
                "pallets", "pallets is missing: an announcement has pallets or lines", "missing_field"
            )
        if self.pallets is not None and self.lines is not None:
            raise Unfit("lines", "lines must be left out beside pallets: an announcement has one of the two")
        each_once([pallet.sscc for pallet in self.pallets or []], "pallets[{}].sscc")
        return AnnounceAsn(
            asn=self.asn,
            po=self.po,
            supplier=self.supplier,
            eta_ms=self.eta,
            pallets=tuple(
                AnnouncedPallet(
                    pallet.sscc,
                    tuple(line.announced() for line in pallet.contents),
                    tuple(pallet.cartons or ()),
                )
                for pallet in self.pallets or ()
            ),
            lines=tuple(line.announced() for line in self.lines or ()),
        )


class AsnCancel(Command):
    asn: Name

    def request(self, content: str) -> CancelAsn:  # noqa: ARG002
        return CancelAsn(self.asn)


class ItemCodeData(Model):
    code: Code
    pack: Quantity | None = None


class ItemData(Model):
    sku: Name
    name: Text | None = None
    codes: Annotated[list[ItemCodeData], Field(fail_fast=True)] | None = None
    low_stock: Amount | None = None
    home: Name | None = None
    alternatives: Annotated[list[Name], Field(fail_fast=True)] | None = None
    track: Name | None = None
    supplier: Text | None = None
    lead_days: Days | None = None
    reorder_to: Amount | None = None
    discontinued: Flag | None = None

    def item(self, at: str) -> CatalogueItem:
        each_once([code.code for code in self.codes or []], "codes[{}].code")
        return CatalogueItem(
            at=at,
            sku=self.sku,
            given=self.given(),
            name=self.name,
            codes=tuple(ItemCode(code.code, code.pack or 1) for code in self.codes or ()),
            low_stock=self.low_stock,
            home=self.home,
            alternatives=tuple(self.alternatives or ()),
            track=self.track,
            supplier=self.supplier,
            lead_days=self.lead_days,
            reorder_to=self.reorder_to,
            discontinued=self.discontinued or False,
        )


class CatalogueUpsert(ListCommand):
    LIST = "items"
    ENTRY = ItemData
    items: Annotated[list[Any], Field(min_length=1, max_length=MAX_ENTRIES)]

    def list_request(self, good: list[tuple[str, ItemData]], refused: list[RefusedEntry]) -> UpsertCatalogue:
        items = []
        for at, entry in good:
            try:
                items.append(entry.item(at))
            except Unfit as unfit:
                refused.append(RefusedEntry(f"{at}.{unfit.at}", unfit.code, unfit.text))
        return UpsertCatalogue(tuple(items), tuple(refused))


class CountLineData(Model):
    sku: Name
    lot: Name | None = None
    expiry: Date | None = None
    qty: Amount


class AsOfData(Model):
    epoch: Name
    seq: Seq


class StockCount(ListCommand):
    LIST = "lines"
    ENTRY = CountLineData
    location: Name
    lines: Annotated[list[Any], Field(min_length=1, max_length=MAX_ENTRIES)]
    as_of: AsOfData | None = None
    force: Flag | None = None

    def list_request(self, good: list[tuple[str, CountLineData]], refused: list[RefusedEntry]) -> CountStock:
        lines = []
        counted: dict[str, set[tuple[str | None, str | None]]] = {}
        for at, entry in good:
            lots = counted.setdefault(entry.sku, set())
            lot = (entry.lot, entry.expiry)
            # A line without a lot counts all of the item, so that no other line may count it again.
            if lot in lots or (lots and (entry.lot is None or any(known is None for known, _ in lots))):
                text = (
                    f"{entry.sku} was counted by an earlier line already: count it, or each lot of it, once"
                )
                refused.append(RefusedEntry(f"{at}.sku", "bad_value", text))
                continue
            lots.add(lot)
            lines.append(CountLine(at, entry.sku, entry.qty, entry.lot, entry.expiry))
        as_of = AsOf(self.as_of.epoch, self.as_of.seq) if self.as_of else None
        return CountStock(self.location, tuple(lines), as_of, self.force or False, tuple(refused))


class AdjustLineData(Model):
    """A difference, so that two lines may name the same goods."""

    sku: Name
    lot: Name | None = None
    expiry: Date | None = None
    qty: Change
    reason: Text | None = None


class StockAdjust(ListCommand):
    LIST = "lines"
    ENTRY = AdjustLineData
    location: Name
    lines: Annotated[list[Any], Field(min_length=1, max_length=MAX_ENTRIES)]

    def list_request(
        self, good: list[tuple[str, AdjustLineData]], refused: list[RefusedEntry]
    ) -> AdjustStock:
        lines = tuple(
            AdjustLine(at, entry.sku, entry.qty, entry.lot, entry.expiry, entry.reason) for at, entry in good
        )
        return AdjustStock(self.location, lines, tuple(refused))
