"""What goes between a node and central besides events and commands, as pydantic models (contract section 6).

The node's state, levels, answers and snapshots, and central's acknowledgement. The schemas are made from these; the
daemon writes its messages without them. Readers pass over fields that they do not know.
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from sync.event_data import Account, EventData, NoneOrMore, ShippedLine, Units
from sync.fields import Date, Line, Name, Time

Text = Annotated[str, Field(min_length=1)]
Epoch = Annotated[
    str, Field(min_length=1, description="names the ledger: new with a new one and after every restore")
]
Hash = Annotated[
    str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the chain of events, in lower-case hex")
]
ErrorCode = Literal[
    "bad_json",
    "bad_envelope",
    "unknown_type",
    "unknown_field",
    "missing_field",
    "bad_value",
    "too_large",
    "unknown_order",
    "unknown_item",
    "unknown_label",
    "unknown_exception",
    "exists",
    "stale",
    "shipped",
    "already_picked",
    "code_taken",
    "conflict",
    "gap",
    "out_of_range",
    "disk_full",
]
"""The error codes of an answer (contract section 7)."""


class Offline(EventData):
    """Said at the end, and by the broker as the node's last will."""

    status: Literal["offline"]
    contract: Literal[1]
    session: Annotated[int, Field(ge=1, description="counts the daemon's starts")]
    epoch: Epoch
    version: Text


class Online(Offline):
    """Said once every device was tried, and when it changed, at most every 10 s."""

    status: Literal["online"]  # type: ignore[assignment]
    first_seq: Annotated[int, Field(ge=1, description="the first event that is still with the node")]
    last_seq: NoneOrMore
    confirmed_seq: Annotated[int, Field(ge=0, description="all events to here count as delivered")]
    hash: Hash
    previous: Annotated[str, Field(description="after a restore: the epoch that the copy was of")] | None = (
        None
    )


class State(RootModel[Online | Offline]):
    """Where the node stands, retained."""


class LevelCounts(EventData):
    """How much of an item the node has, in whole units."""

    sku: Name
    on_hand: NoneOrMore
    allocated: NoneOrMore
    available: NoneOrMore
    waiting: NoneOrMore
    missing: NoneOrMore
    quarantine: NoneOrMore
    expected: NoneOrMore


class Level(LevelCounts):
    """An item's level, retained. It follows the events to `seq`; an empty message takes it away."""

    epoch: Epoch
    seq: NoneOrMore
    time: Time


class Ack(EventData):
    """All events of this epoch up to `seq` are safe with central."""

    epoch: Epoch
    seq: NoneOrMore
    hash: Annotated[Hash, Field(description="the chain at `seq` as central has it")] | None = None


class RefusedValue(EventData):
    """An entry of a list command that was refused, while others may have been applied."""

    at: Annotated[str, Field(description="where in the data, as in lines[0].qty")]
    code: ErrorCode
    text: Text


class AnswerError(EventData):
    """Why a command was refused. `text` is for people."""

    code: ErrorCode
    text: Text
    at: Annotated[str, Field(description="where in the command's data, as in lines[0].qty")] | None = None
    expected: Annotated[int, Field(description="of a `gap`: the `cmdseq` that is due", ge=1)] | None = None


class _Answered(EventData):
    id: Text
    source: Annotated[str, Field(description="the command's; empty where it could not be read")]
    refused: list[RefusedValue] | None = None


class Accepted(_Answered):
    """The command was applied; `first_seq` and `last_seq` are its events, if it made any."""

    ok: Literal[True]
    first_seq: Units | None = None
    last_seq: Units | None = None
    picked: (
        Annotated[
            list[ShippedLine], Field(description="what was picked of a cancelled order and is to be put back")
        ]
        | None
    ) = None


class Refused(_Answered):
    """Nothing of the command was applied."""

    ok: Literal[False]
    error: AnswerError


class Answer(RootModel[Accepted | Refused]):
    """The answer to a command, given again whenever the command comes again."""


class SnapshotCounts(EventData):
    """How many rows of each kind follow; what was not asked for is left out."""

    levels: NoneOrMore | None = None
    positions: NoneOrMore | None = None
    orders: NoneOrMore | None = None


class SnapshotBegin(EventData):
    epoch: Epoch
    as_of_seq: Annotated[int, Field(ge=0, description="the snapshot holds what the events to here say")]
    counts: SnapshotCounts


class Position(EventData):
    """Whole units of an item at one account, of one lot, expiry and pallet."""

    sku: Name
    lot: Name | None
    expiry: Date | None
    pallet: Name | None
    account: Account
    qty: Annotated[int, Field(description="below 0 where goods come from: supplier, adjustment, identified")]
    allocated: NoneOrMore


class OpenLine(EventData):
    line: Line
    sku: Name
    ordered: NoneOrMore
    allocated: NoneOrMore
    picked: NoneOrMore
    shipped: NoneOrMore
    cancelled: NoneOrMore
    waiting: NoneOrMore


class OpenOrder(EventData):
    """An order with its lines; one with many stands in several rows, each with some of them."""

    order: Name
    status: Annotated[Text, Field(description="open, held or cancelled")]
    lines: list[OpenLine]


class _Chunk(EventData):
    n: Annotated[int, Field(ge=1, description="1, 2, 3 … up to `of`")]
    of: Units


class LevelsChunk(_Chunk):
    levels: list[LevelCounts]


class PositionsChunk(_Chunk):
    positions: list[Position]


class OrdersChunk(_Chunk):
    orders: list[OpenOrder]


class SnapshotEnd(EventData):
    digest: Annotated[Hash, Field(description="SHA-256 over the bytes of all chunks, in lower-case hex")]


class Begin(EventData):
    begin: SnapshotBegin


class End(EventData):
    end: SnapshotEnd


class Snapshot(RootModel[Begin | LevelsChunk | PositionsChunk | OrdersChunk | End]):
    """One message of a snapshot: its beginning, its chunks in order, its end."""
