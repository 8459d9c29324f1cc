"""What the referee hears, and how it reads events: their envelope, their sequence, their bookings and their hashes.

Nothing here knows how Crossdock works inside: a `Said` is something a person, central or a printer could have seen.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edge.clock import from_rfc3339

_ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema")
_CAUSES = ("scan/", "command/", "label/", "device/", "clock/")


class Foul(AssertionError):  # noqa: N818 - it is called by a referee
    """The contract was broken; the text says what was expected and what was seen."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an accepted scan must have done: so many of an item, in events of this type, at this place.

    `lot` None: the scan named no lot, so all lots of the item were meant. `order` is the one whose label was scanned.
    """

    type: str
    sku: str
    place: str
    qty: int
    lot: str | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What must lie at a place once a count is settled: quantities by item and lot (None: of all lots)."""

    place: str
    lines: dict[tuple[str, str | None], int]


@dataclass(frozen=True, slots=True)
class Left:
    """An order that was shipped: nothing picked or promised is left of it."""

    order: str


@dataclass(frozen=True, slots=True)
class Learned:
    """A code that was taught: from now on it is the item, so many to the pack."""

    code: str
    sku: str
    pack: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """A question: it books nothing."""


Expected = Claim | Counted | Left | Learned | Nothing
"""What is known beforehand of a scan that is accepted."""


@dataclass(frozen=True, slots=True)
class ScanSaid:
    """A scan, its answer (verdict None: nobody heard it, the power was gone) and the events it left."""

    station: str
    scanner: str
    code: str
    verdict: str | None
    why: str | None
    events: tuple[bytes, ...]
    claim: Expected | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class CommandSaid:
    """A command, the bytes of its answer (None: the power was gone) and the events it left."""

    id: str
    type: str
    data: dict[str, Any]
    answer: bytes | None
    events: tuple[bytes, ...]
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class NoteSaid:
    """Events that no scan and no command left: labels, devices, the turn of a day."""

    events: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LevelsSaid:
    """Messages of `stock/{sku}` that were due."""

    levels: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class StateSaid:
    """What `state` shows of the chain."""

    epoch: str
    last_seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class AgainSaid:
    """Events published again after a break."""

    events: tuple[tuple[int, bytes], ...]


Said = ScanSaid | CommandSaid | NoteSaid | LevelsSaid | StateSaid | AgainSaid


@dataclass(frozen=True, slots=True)
class Event:
    seq: int
    booking: int
    type: str
    cause: str
    at_ms: int
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.seq} {self.type} {json.dumps(self.data)}"


@dataclass(slots=True)
class Wire:
    """Reads the stream of events and holds on to its bytes."""

    epoch: str = ""
    payloads: list[bytes] = field(default_factory=list)
    head: bytes = bytes(32)

    def read(self, payloads: Iterable[bytes]) -> list[list[Event]]:
        """Take events as they came; returns them by booking. Raises Foul."""
        bookings: list[list[Event]] = []
        for payload in payloads:
            event = self._event(payload)
            if event.booking == event.seq:
                bookings.append([event])
                continue
            if not bookings or bookings[-1][0].seq != event.booking:
                raise Foul(f"Event {event.seq} says booking {event.booking}, which is not the one going on.")
            first = bookings[-1][0]
            if (event.cause, event.at_ms) != (first.cause, first.at_ms):
                raise Foul(f"Event {event.seq} has another cause or time than its booking {event.booking}.")
            bookings[-1].append(event)
        return bookings

    def _event(self, payload: bytes) -> Event:
        if b"\n" in payload or len(payload) > 100 * 1024:
            raise Foul(f"An event must be one line of at most 100 KiB: {payload[:80]!r}.")
        told = json.loads(payload)
        missing = [name for name in _ATTRIBUTES if not told.get(name)]
        if missing:
            raise Foul(f"An event lacks {', '.join(missing)}: {payload[:200]!r}.")
        self.epoch = self.epoch or told["epoch"]
        seq = len(self.payloads) + 1
        if (told["seq"], told["epoch"]) != (seq, self.epoch):
            raise Foul(f"Expected event {seq} of epoch {self.epoch}, got {told['seq']} of {told['epoch']}.")
        if not told["id"].endswith(f"/{self.epoch}/{seq}"):
            raise Foul(f"Event {seq} has the id {told['id']}.")
        if not told["cause"].startswith(_CAUSES):
            raise Foul(f"Event {seq} has the cause {told['cause']!r}.")
        if not told["type"].startswith("crossdock."):
            raise Foul(f"Event {seq} has the type {told['type']!r}.")
        self.payloads.append(payload)
        self.head = hashlib.sha256(self.head + payload).digest()
        type_ = told["type"].removeprefix("crossdock.")
        return Event(seq, told["booking"], type_, told["cause"], from_rfc3339(told["time"]), told["data"])

    def state(self, said: StateSaid) -> None:
        """Compare the head of the chain with what `state` says."""
        here = (self.epoch or said.epoch, len(self.payloads), self.head.hex())
        if (said.epoch, said.last_seq, said.hash) != here:
            raise Foul(f"state says {said.epoch} {said.last_seq} {said.hash}, the events say {here}.")

    def again(self, said: AgainSaid) -> None:
        """Compare what is published again with what it was."""
        for seq, payload in said.events:
            if self.payloads[seq - 1] != payload:
                raise Foul(f"Event {seq} is not byte for byte what it was when it is told again.")
