"""What central asks for, in the imperative: one frozen dataclass for each command type of contract section 6.

Whoever reads commands (the sync room) has checked types, ranges and names; what depends on the books is the
engine's to answer. Times are milliseconds UTC, quantities whole eaches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LineId = int | str
"""A line's own number or text in central's system, given back as it came."""


@dataclass(frozen=True, slots=True)
class RefusedEntry:
    """One bad entry of a list command: the others are applied."""

    at: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    line: LineId
    sku: str
    qty: int


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """`order.place`. `content` is the data as it came, for "the same again" and "other content"."""

    order: str
    lines: tuple[OrderLine, ...]
    content: str
    placed_at_ms: int | None = None
    promised_at_ms: int | None = None
    not_before_ms: int | None = None
    ship_by_ms: int | None = None
    express: bool = False
    tier: int = 0
    fill: str = "partial"
    customer: str | None = None
    lane: str | None = None
    ext: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class AmendedLine:
    """`qty` is the line's new quantity, 0 cancels it. The SKU is that of a new line; a known line has its own."""

    line: LineId
    qty: int
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class AmendOrder:
    """`order.amend`: lines get the quantities given (absolute, 0 cancels), new ones are added.

    `given` names the fields to change as central calls them, `placed_at` for `placed_at_ms`: those left out or
    null stay as they are. An amendment has lines, or such fields, or both. `revision` is central's own count.
    """

    order: str
    lines: tuple[AmendedLine, ...] = ()
    given: frozenset[str] = frozenset()
    placed_at_ms: int | None = None
    promised_at_ms: int | None = None
    not_before_ms: int | None = None
    ship_by_ms: int | None = None
    express: bool | None = None
    tier: int | None = None
    fill: str | None = None
    customer: str | None = None
    lane: str | None = None
    ext: Mapping[str, Any] | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class PrioritiseOrder:
    """`order.prioritise`. `given` names at least one of `express`, `tier`, `promised_at`; the others stay."""

    order: str
    given: frozenset[str]
    express: bool | None = None
    tier: int | None = None
    promised_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """`order.ship`: goods that left without a scan, of the whole order or only of the lines named."""

    order: str
    lines: tuple[LineId, ...] | None = None


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """`order.cancel`: the whole order, or only the lines named."""

    order: str
    lines: tuple[LineId, ...] | None = None


@dataclass(frozen=True, slots=True)
class HoldOrder:
    order: str
    reason: str | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ResumeOrder:
    order: str


@dataclass(frozen=True, slots=True)
class ItemCode:
    code: str
    pack: int = 1


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One item of `catalogue.upsert`. `given` names the fields that were sent: those left out stay as they are."""

    at: str
    sku: str
    given: frozenset[str]
    name: str | None = None
    codes: tuple[ItemCode, ...] = ()
    low_stock: int | None = None
    home: str | None = None
    alternatives: tuple[str, ...] = ()
    track: str | None = None
    supplier: str | None = None
    lead_days: int | None = None
    reorder_to: int | None = None
    discontinued: bool = False


@dataclass(frozen=True, slots=True)
class UpsertCatalogue:
    items: tuple[CatalogueItem, ...]
    refused: tuple[RefusedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnouncedLine:
    """Goods announced. `lot` and `expiry` (ISO date) are empty where unknown; `line` is the supplier's own."""

    sku: str
    qty: int
    lot: str = ""
    expiry: str = ""
    line: LineId | None = None


@dataclass(frozen=True, slots=True)
class AnnouncedPallet:
    sscc: str
    contents: tuple[AnnouncedLine, ...]
    cartons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnounceAsn:
    """`asn.announce`: either pallets or lines."""

    asn: str
    po: str | None = None
    supplier: str | None = None
    eta_ms: int | None = None
    pallets: tuple[AnnouncedPallet, ...] = ()
    lines: tuple[AnnouncedLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelAsn:
    """`asn.cancel`: what is announced and not yet received is no longer expected."""

    asn: str


@dataclass(frozen=True, slots=True)
class CountLine:
    """One counted item. Without a lot (`None`) it counts all lots of the item at the place together."""

    at: str
    sku: str
    qty: int
    lot: str | None = None
    expiry: str | None = None


@dataclass(frozen=True, slots=True)
class AsOf:
    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class CountStock:
    """`stock.count`."""

    location: str
    lines: tuple[CountLine, ...]
    as_of: AsOf | None = None
    force: bool = False
    refused: tuple[RefusedEntry, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class AdjustLine:
    """So many of an item more (`qty` above zero) or fewer at the place; never zero."""

    at: str
    sku: str
    qty: int
    lot: str | None = None
    expiry: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AdjustStock:
    """`stock.adjust`."""

    location: str
    lines: tuple[AdjustLine, ...]
    refused: tuple[RefusedEntry, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ClearException:
    """`exception.clear`, by a person who says why."""

    exception: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReprintLabel:
    label: str


@dataclass(frozen=True, slots=True)
class ReplayEvents:
    """`sync.replay`: the events from `from_seq` to `to_seq`, both of them too, are published again."""

    from_seq: int
    to_seq: int


Scope = Literal["levels", "positions", "orders"]
"""What a snapshot can hold."""


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """`sync.snapshot`: what stands in the ledger now is published, on topics of its own."""

    scopes: tuple[Scope, ...]


Request = (
    PlaceOrder
    | AmendOrder
    | PrioritiseOrder
    | ShipOrder
    | CancelOrder
    | HoldOrder
    | ResumeOrder
    | UpsertCatalogue
    | AnnounceAsn
    | CancelAsn
    | CountStock
    | AdjustStock
    | ClearException
    | ReprintLabel
    | ReplayEvents
    | TakeSnapshot
)
