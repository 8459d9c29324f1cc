"""The events of contract section 6 as pydantic models: what central reads.

The daemon writes events without these, and does not load them; whoever checks or reads events does. Readers
pass over what they do not know, types and fields.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sync.fields import MAX_BYTES, Date, Line, Name, Time

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


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, populate_by_name=True)


class Move(_Model):
    """Whole units of one position going from one account to another."""

    sku: Name
    lot: Name | None
    expiry: Date | None
    pallet: Name | None
    qty: Units
    from_: Annotated[Account, Field(alias="from")]
    to: Account


Moves = Annotated[list[Move], Field(min_length=1)]


class _Stock(_Model):
    sku: Name
    qty: Units
    lot: Name | None
    location: Name
    moves: Moves
    station: Name | None = None
    scanner: Name | None = None
    operator: str | None = None
    order: Name | None = None
    line: Line | None = None


class StockBooked(_Stock):
    """Goods received, found, returned and so on, wherever they came from."""

    expiry: Date | None
    po: Name | None = None
    po_line: Line | None = None
    asn: Name | None = None
    sscc: str | None = None
    serial: str | None = None
    pack: int | None = None
    count: int | None = None


class OrderLineHit(_Model):
    order: Name
    line: Line
    qty: Units


class StockMissing(_Stock):
    released: list[OrderLineHit]


class StockCounted(_Model):
    location: Name
    sku: Name
    lot: Name | None
    expected: NoneOrMore
    counted: NoneOrMore
    moves: list[Move]


class StockAdjusted(_Model):
    sku: Name
    qty: int
    lot: Name | None
    location: Name
    reason: Literal["written_off", "command"]
    moves: Moves


class StockIdentified(_Model):
    code: str
    sku: Name
    qty: Units
    moves: Moves


class BackorderWaiting(_Model):
    order: Name
    line: Line
    sku: Name
    qty: Units
    reason: Reason


class BackorderAllocated(_Model):
    order: Name
    line: Line
    sku: Name
    qty: Units
    lot: Name | None
    location: Name
    waiting: NoneOrMore
    rank: Any


class BackorderReleased(_Model):
    order: Name
    line: Line
    sku: Name
    qty: Units
    location: Name
    lot: Name | None
    reason: Reason


class OrderTold(_Model):
    order: Name


class UnfulfillableLine(_Model):
    line: Line
    sku: Name
    qty: Units
    reason: Reason
    expected_at: Time | None
    alternatives: list[Name]


class OrderUnfulfillable(_Model):
    order: Name
    lines: Annotated[list[UnfulfillableLine], Field(min_length=1)]


class LabelPrinted(_Model):
    label: str
    kind: str
    printer: Name
    copy_: Annotated[bool, Field(alias="copy")]


class LabelFailed(_Model):
    label: str
    kind: str
    printer: Name
    error: str


class ExceptionRaised(_Model):
    exception: str
    kind: str
    about: str
    text: str


class ExceptionCleared(_Model):
    exception: str
    kind: str
    about: str
    reason: str


class ScanRejected(_Model):
    station: Name
    scanner: Name
    code: Annotated[str, Field(pattern=r"^[\x20-\x7e]*$")]
    why: Name
    reason: Annotated[str, Field(min_length=1)]
    dropped: NoneOrMore = 0


class Undone(_Model):
    undoes: int
    moves: Moves


EVENTS: dict[str, type[_Model]] = {
    "stock.received": StockBooked,
    "stock.found": StockBooked,
    "stock.missing": StockMissing,
    "stock.counted": StockCounted,
    "stock.adjusted": StockAdjusted,
    "stock.identified": StockIdentified,
    "backorder.waiting": BackorderWaiting,
    "backorder.allocated": BackorderAllocated,
    "backorder.released": BackorderReleased,
    "order.ready": OrderTold,
    "order.cancelled": OrderTold,
    "order.held": OrderTold,
    "order.resumed": OrderTold,
    "order.unfulfillable": OrderUnfulfillable,
    "label.printed": LabelPrinted,
    "label.failed": LabelFailed,
    "exception.raised": ExceptionRaised,
    "exception.cleared": ExceptionCleared,
    "scan.rejected": ScanRejected,
    "undo": Undone,
}
"""The data of each event type that this reader knows, without the prefix `crossdock.`."""


class EventMessage(_Model):
    """An event's envelope. `data` is a model of `EVENTS`, or the plain object of an unknown type."""

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(pattern=r"^/crossdock/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+$")]
    type: Annotated[str, Field(pattern=r"^crossdock\.[a-z.]+$")]
    subject: str | None = None
    time: Time
    datacontenttype: Literal["application/json"]
    dataschema: str | None = None
    epoch: Annotated[str, Field(min_length=1)]
    seq: Units
    booking: Units
    cause: Annotated[str, Field(pattern=r"^(scan|command|label|device|clock)/.+$")]
    data: Any

    @property
    def name(self) -> str:
        """The type without its prefix."""
        return self.type.removeprefix("crossdock.")


def read_event(payload: bytes) -> EventMessage:
    """Read one event, raising ValueError with what is wrong; an unknown type is no error.

    Checks what no single field can tell, too: one line, at most 100 KiB, the id made of the rest.
    """
    if len(payload) > MAX_BYTES or b"\n" in payload:
        raise ValueError(
            f"Expected one line of at most {MAX_BYTES} bytes, got {len(payload)}: {payload[:80]!r}"
        )
    try:
        event = EventMessage.model_validate_json(payload)
        model = EVENTS.get(event.name)
        data = event.data if model is None else model.model_validate(event.data)
    except ValidationError as error:
        raise ValueError(f"{payload[:200]!r}: {error}") from error
    if not isinstance(event.data, dict):
        raise ValueError(f"Expected data to be an object, got {event.data!r}")
    expected = f"{event.source.removeprefix('/crossdock/')}/{event.epoch}/{event.seq}"
    if event.id != expected:
        raise ValueError(f"Expected the id {expected!r}, got {event.id!r}")
    if event.booking > event.seq:
        raise ValueError(f"Expected a booking not after the event's seq {event.seq}, got {event.booking}")
    return event.model_copy(update={"data": data})
