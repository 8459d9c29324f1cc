"""The events of contract section 6 as central reads them: the envelope, and which data each type has.

The daemon writes events without these, and does not load them; whoever checks or reads events does. Readers
pass over what they do not know, types and fields.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from sync.event_data import (
    BackorderAllocated,
    BackorderEta,
    BackorderReleased,
    BackorderWaiting,
    CatalogueLearned,
    EventData,
    ExceptionCleared,
    ExceptionRaised,
    LabelFailed,
    LabelPrinted,
    OrderCancelled,
    OrderHeld,
    OrderLate,
    OrderShipped,
    OrderTold,
    OrderUnfulfillable,
    ScanRejected,
    StockAdjusted,
    StockBooked,
    StockCounted,
    StockDamaged,
    StockIdentified,
    StockLow,
    StockMissing,
    StockMoved,
    StockPicked,
    StockReceived,
    StockShipped,
    Undone,
    Units,
)
from sync.fields import MAX_BYTES, Time

EVENTS: dict[str, type[EventData]] = {
    "stock.received": StockReceived,
    "stock.found": StockBooked,
    "stock.returned": StockBooked,
    "stock.damaged": StockDamaged,
    "stock.released": StockBooked,
    "stock.scrapped": StockBooked,
    "stock.picked": StockPicked,
    "stock.shipped": StockShipped,
    "stock.missing": StockMissing,
    "stock.moved": StockMoved,
    "stock.counted": StockCounted,
    "stock.adjusted": StockAdjusted,
    "stock.identified": StockIdentified,
    "stock.low": StockLow,
    "backorder.waiting": BackorderWaiting,
    "backorder.allocated": BackorderAllocated,
    "backorder.released": BackorderReleased,
    "backorder.eta": BackorderEta,
    "order.ready": OrderTold,
    "order.cancelled": OrderCancelled,
    "order.held": OrderHeld,
    "order.resumed": OrderTold,
    "order.late": OrderLate,
    "order.shipped": OrderShipped,
    "order.unfulfillable": OrderUnfulfillable,
    "catalogue.learned": CatalogueLearned,
    "label.printed": LabelPrinted,
    "label.failed": LabelFailed,
    "exception.raised": ExceptionRaised,
    "exception.cleared": ExceptionCleared,
    "scan.rejected": ScanRejected,
    "undo": Undone,
}
"""The data of each event type that this reader knows, without the prefix `crossdock.`."""


class EventMessage(EventData):
    """An event as a CloudEvent 1.0 in structured JSON, all on one line. `data` is as its type has it."""

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

    Its data becomes a model of `EVENTS`, or stays the plain object of an unknown type. Checks what no single
    field can tell, too: one line, at most 100 KiB, the id made of the rest.
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
