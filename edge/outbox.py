"""What a commit leaves to be done outside: rows for the printers and for central, and how they are read.

The ledger implements these readers; printer and sync threads get them handed in and know nothing of the ledger.
Each reader is used by one thread, which makes and closes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from edge.domain.labels import LabelContent
from edge.domain.requests import ReplayEvents, Scope, TakeSnapshot


@dataclass(frozen=True, slots=True)
class LabelJob:
    """A label that is not yet known to be printed, as things stand now.

    `copy`: it is marked, since it may be a second one. `hold`: its order is on hold.
    """

    job: int
    label: str
    content: LabelContent
    copy: bool
    hold: bool = False


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event: its place in the sequence, its type (`stock.received`) and its bytes as they go on the wire."""

    seq: int
    type: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class LevelRow:
    """An item's level as of event `seq`, the `number`th change of any level; an empty payload clears it."""

    number: int
    seq: int
    sku: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The answer to a command, and where it goes besides `res`."""

    number: int
    payload: bytes
    reply_topic: str | None
    correlation: bytes | None


@dataclass(frozen=True, slots=True)
class AskedRow:
    """What central asked for beside events: a replay, or a snapshot under the name `id`."""

    number: int
    id: str
    request: ReplayEvents | TakeSnapshot


@dataclass(frozen=True, slots=True)
class Head:
    """Where the ledger stands, for `state`. `hash` is the head of the chain in lower-case hex.

    `confirmed_seq` is the last event that central need not be told again: the broker has it, with confirm = "central"
    central itself.

    `first_seq` is the first event that is still here, the others were archived; `previous` the epoch from which the
    ledger was restored.
    """

    epoch: str
    session: int
    last_seq: int
    hash: str
    confirmed_seq: int
    levels_number: int
    answers_number: int
    asked_number: int = 0
    first_seq: int = 1
    previous: str | None = None


class LabelQueue(Protocol):
    """The label jobs of one printer."""

    def next(self) -> LabelJob | None:
        """The oldest job that is not settled, or None."""
        ...

    def close(self) -> None: ...


class SnapshotRows(Protocol):
    """What stood in the ledger at one moment, `as_of_seq` being the last event then.

    `counts` says how many levels, positions or orders there are; an order with many lines is told in several rows.

    It holds its moment from when it was made until it is closed, and the ledger's log grows meanwhile: be quick.
    """

    as_of_seq: int
    counts: dict[Scope, int]

    def pieces(self) -> Iterator[tuple[Scope, bytes]]:
        """Yield the rows, scope by scope, as JSON arrays of at most 80,000 bytes each."""
        ...

    def close(self) -> None: ...


class SyncOutbox(Protocol):
    """What central is still to be told. Every list is in order and at most `limit` long."""

    def head(self) -> Head: ...

    def events(self, *, after: int, limit: int) -> list[EventRow]: ...

    def levels(self, *, after: int, upto: int, limit: int) -> list[LevelRow]:
        """Levels whose `number` is above `after` and whose `seq` is not above `upto`, by number."""
        ...

    def answers(self, *, after: int, limit: int) -> list[AnswerRow]: ...

    def asked(self, *, after: int, limit: int) -> list[AskedRow]: ...

    def snapshot(self, scopes: Sequence[Scope]) -> SnapshotRows: ...

    def scratch(self) -> BinaryIO:
        """Open an empty file on the ledger's disk that is gone once it is closed; raises OSError."""
        ...

    def close(self) -> None: ...
