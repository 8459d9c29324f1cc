"""The commands of contract section 6 as pydantic models, and what each asks for as a plain request.

This file is the contract of `cmd`: schemas are generated from it. Reading bytes and wording errors is
`reading`'s; what central is told stands in `events`. Every value carries the words that tell what it must be.
"""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from edge.domain.requests import (
    AnnounceAsn,
    AnnouncedLine,
    AnnouncedPallet,
    AsOf,
    CancelOrder,
    CatalogueItem,
    CountLine,
    CountStock,
    HoldOrder,
    ItemCode,
    LineId,
    OrderLine,
    PlaceOrder,
    RefusedEntry,
    Request,
    ResumeOrder,
    UpsertCatalogue,
)
from sync.fields import (
    Amount,
    Code,
    Date,
    Days,
    Fill,
    Flag,
    Line,
    Name,
    Quantity,
    Seq,
    SsccText,
    Text,
    Tier,
    Time,
)

MAX_ENTRIES = 500
"""Entries of a list command (contract section 6)."""


class Unfit(ValueError):  # noqa: N818 - a finding about data, given back as a refusal
    """Values that are each right and do not go together; `at` is where, `text` a whole sentence."""

    def __init__(self, at: str, text: str, code: str = "bad_value") -> None:
        super().__init__(text)
        self.at, self.text, self.code = at, text, code


def _line_of(value: object) -> object:
    """A line to cancel may be named by itself or as the object it was ordered with."""
    return value["line"] if isinstance(value, dict) and value.keys() == {"line"} else value


class Model(BaseModel):
    """An object of a command. An optional field that is null counts as left out."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Command(Model):
    """The data of a command."""

    def request(self, content: str) -> Request:
        """Say what is asked; `content` is the data as canonical JSON. Raises Unfit."""
        raise NotImplementedError


class OrderLineData(Model):
    line: Line
    sku: Name
    qty: Quantity


class OrderPlace(Command):
    order: Name
    lines: Annotated[list[OrderLineData], Field(min_length=1, fail_fast=True)]
    placed_at: Time | None = None
    promised_at: Time | None = None
    not_before: Time | None = None
    ship_by: Time | None = None
    express: Flag | None = None
    tier: Tier | None = None
    fill: Fill | None = None
    customer: Text | None = None
    lane: Text | None = None
    ext: dict[str, Any] | None = None

    def request(self, content: str) -> PlaceOrder:
        _each_once([line.line for line in self.lines], "lines[{}].line")
        return PlaceOrder(
            order=self.order,
            lines=tuple(OrderLine(line.line, line.sku, line.qty) for line in self.lines),
            content=content,
            placed_at_ms=self.placed_at,
            promised_at_ms=self.promised_at,
            not_before_ms=self.not_before,
            ship_by_ms=self.ship_by,
            express=self.express or False,
            tier=self.tier or 0,
            fill=self.fill or "partial",
            customer=self.customer,
            lane=self.lane,
            ext=self.ext,
        )


class OrderCancel(Command):
    order: Name
    lines: (
        Annotated[list[Annotated[Line, BeforeValidator(_line_of)]], Field(min_length=1, fail_fast=True)]
        | None
    ) = None

    def request(self, content: str) -> CancelOrder:  # noqa: ARG002
        if self.lines is None:
            return CancelOrder(self.order)
        _each_once(self.lines, "lines[{}]")
        return CancelOrder(self.order, tuple(self.lines))


class OrderHold(Command):
    order: Name
    reason: Text | None = None
    until: Time | None = None

    def request(self, content: str) -> HoldOrder:  # noqa: ARG002
        return HoldOrder(self.order, self.reason, self.until)


class OrderResume(Command):
    order: Name

    def request(self, content: str) -> ResumeOrder:  # noqa: ARG002
        return ResumeOrder(self.order)


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
        _each_once([pallet.sscc for pallet in self.pallets or []], "pallets[{}].sscc")
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
        _each_once([code.code for code in self.codes or []], "codes[{}].code")
        return CatalogueItem(
            at=at,
            sku=self.sku,
            given=frozenset(n for n in self.model_fields_set if getattr(self, n) is not None),
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


class CountLineData(Model):
    sku: Name
    lot: Name | None = None
    expiry: Date | None = None
    qty: Amount


class AsOfData(Model):
    epoch: Name
    seq: Seq


class ListCommand(Model):
    """A command whose entries are read one by one: the good ones are applied, the others named."""

    LIST: ClassVar[str]
    ENTRY: ClassVar[type[Model]]

    def list_request(self, good: list[tuple[str, Any]], refused: list[RefusedEntry]) -> Request:
        """Say what is asked, given the entries that are right, each with its `at`; may add to `refused`."""
        raise NotImplementedError


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


COMMANDS: dict[str, type[Command] | type[ListCommand]] = {
    "order.place": OrderPlace,
    "order.cancel": OrderCancel,
    "order.hold": OrderHold,
    "order.resume": OrderResume,
    "catalogue.upsert": CatalogueUpsert,
    "asn.announce": AsnAnnounce,
    "stock.count": StockCount,
}
"""The command types that this node knows, without the prefix `crossdock.`."""


def _each_once(values: list[Any] | list[LineId], at: str) -> None:
    """Refuse a value that stands twice; the number 1 and the text "1" are two."""
    seen = set()
    for i, value in enumerate(values):
        if value in seen:
            name = at.rpartition(".")[2].partition("[")[0]
            raise Unfit(at.format(i), f"{name} must not stand twice, got {value!r} again")
        seen.add(value)
