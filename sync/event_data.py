"""What each event of contract section 6 says, as pydantic models; `events` names them and reads what they stand in.

Strict in what is known, and passing over what is not: types and fields are only ever added.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sync.fields import Date, Line, Name, Time

Account = Annotated[
    str,
    Field(
        pattern=r"^((location|supplier|picked|customer|missing|quarantine):.+|adjustment|identified|scrap)$"
    ),
]
Reason = Literal[
    "out_of_stock",
    "not_found",
    "damaged",
    "count",
    "undone",
    "taken",
    "cancelled",
    "amended",
    "expired",
    "adjusted",
]
Units = Annotated[int, Field(ge=1)]
NoneOrMore = Annotated[int, Field(ge=0)]


class EventData(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, populate_by_name=True)


class Move(EventData):
    """Whole units of one position going from one account to another."""

    sku: Name
    lot: Name | None
    expiry: Date | None
    pallet: Name | None
    qty: Units
    from_: Annotated[Account, Field(alias="from")]
    to: Account


Moves = Annotated[list[Move], Field(min_length=1)]


class _Scanned(EventData):
    """Who did it, where somebody did."""

    station: Name | None = None
    scanner: Name | None = None
    operator: str | None = None


class _Stock(_Scanned):
    sku: Name
    qty: Units
    lot: Name | None
    location: Name | None
    moves: Moves
    order: Name | None = None
    line: Line | None = None


class _Booked(_Stock):
    expiry: Date | None
    po: Name | None = None
    po_line: Line | None = None
    asn: Name | None = None
    sscc: str | None = None
    serial: str | None = None
    pack: int | None = None
    count: int | None = None


class StockBooked(_Booked):
    """Goods found, returned and so on, wherever they came from."""

    location: Name


class StockReceived(StockBooked):
    """Goods received; `over` are more than was announced, `unexpected` of an item that was not."""

    over: Units | None = None
    unexpected: Units | None = None


class StockDamaged(StockBooked):
    """Goods set aside, `expired` where nobody found them damaged: their day was over."""

    reason: Literal["expired"] | None = None


class StockPicked(StockBooked):
    order: Name
    line: Line


class StockShipped(_Booked):
    """Goods gone to the customer. What was picked before left its location then, and names none."""

    order: Name
    line: Line


class OrderLineHit(EventData):
    order: Name
    line: Line
    qty: Units


class StockMissing(_Stock):
    location: Name
    expiry: Date | None = None
    released: list[OrderLineHit]


class StockMoved(_Scanned):
    """`promised` went along: whose it is and how many."""

    sku: Name
    qty: Units
    lot: Name | None
    expiry: Date | None = None
    from_: Annotated[Name, Field(alias="from")]
    to: Name
    moves: Moves
    promised: list[OrderLineHit] | None = None


class StockCounted(_Scanned):
    location: Name
    sku: Name
    lot: Name | None
    expected: NoneOrMore
    counted: NoneOrMore
    moves: list[Move]


class StockAdjusted(EventData):
    """`note` is the reason in central's own words, where it gave one."""

    sku: Name
    qty: int
    lot: Name | None
    expiry: Date | None = None
    location: Name
    note: str | None = None
    reason: Literal["written_off", "command"]
    moves: Moves


class StockIdentified(EventData):
    code: str
    sku: Name
    qty: Units
    moves: Moves


class StockLow(EventData):
    sku: Name
    available: NoneOrMore
    threshold: Units


class _OfOrder(EventData):
    """`ext` is what central gave with the order, given back as it came."""

    order: Name
    ext: dict[str, Any] | None = None


class BackorderWaiting(_OfOrder):
    line: Line
    sku: Name
    qty: Units
    reason: Reason


class BackorderAllocated(_OfOrder):
    line: Line
    sku: Name
    qty: Units
    lot: Name | None
    expiry: Date | None = None
    location: Name
    waiting: NoneOrMore
    rank: Any


class BackorderReleased(_OfOrder):
    line: Line
    sku: Name
    qty: Units
    location: Name
    lot: Name | None
    reason: Reason


class BackorderEta(_OfOrder):
    """When a line can expect so many; `expected_at` is null when that was withdrawn, `was` when it is new."""

    line: Line
    sku: Name
    qty: Units
    expected_at: Time | None
    was: Time | None
    asn: Name | None


class OrderTold(_OfOrder):
    """Something happened to an order, and its type says it all."""


class OrderCancelled(OrderTold):
    """All of it where `complete`; else the lines named, in several events where they are many."""

    complete: bool = True
    lines: list[Line] | None = None


class OrderHeld(OrderTold):
    """`until` where it ends by itself; told again when either changes."""

    reason: str | None = None
    until: Time | None = None


class OrderLate(OrderTold):
    """`due_at` has come, its `ship_by` or else its `promised_at`, and some of it has not left."""

    due_at: Time | None = None


class ShippedLine(EventData):
    line: Line
    sku: Name
    qty: Units


class OrderShipped(_OfOrder):
    complete: bool
    lines: Annotated[list[ShippedLine], Field(min_length=1)]


class UnfulfillableLine(EventData):
    line: Line
    sku: Name
    qty: Units
    reason: Reason
    expected_at: Time | None
    alternatives: list[Name]


class OrderUnfulfillable(_OfOrder):
    lines: Annotated[list[UnfulfillableLine], Field(min_length=1)]


class CatalogueLearned(EventData):
    code: Annotated[str, Field(min_length=1)]
    sku: Name
    pack: Units


class LabelPrinted(EventData):
    label: str
    kind: str
    printer: Name
    copy_: Annotated[bool, Field(alias="copy")]


class LabelFailed(EventData):
    label: str
    kind: str
    printer: Name
    error: str


class ExceptionRaised(EventData):
    exception: str
    kind: str
    about: str
    text: str


class ExceptionCleared(EventData):
    exception: str
    kind: str
    about: str
    reason: str


class ScanRejected(EventData):
    station: Name
    scanner: Name
    code: Annotated[str, Field(pattern=r"^[\x20-\x7e]*$")]
    why: Name
    reason: Annotated[str, Field(min_length=1)]
    dropped: NoneOrMore = 0


class Undone(_Scanned):
    undoes: Annotated[
        Units | None, Field(description="the booking; null for one from before the ledger was restored")
    ]
    moves: list[Move]  # A code that was learned may have moved nothing.
