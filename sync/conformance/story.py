"""What the played node has to tell: events as bytes, in a chain of hashes, under an epoch of its own.

One pen after the other is received, promised, picked and shipped, so that a central that adds up `moves` ends
with nothing at any place. `PlayedLedger` also notes what was published, for whoever judges the acks.
"""

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.clock import SystemClock, rfc3339
from sync.fields import MAX_BYTES

PEN = {"sku": "PEN", "qty": 1, "lot": "B7"}
EXPIRY = "2099-12-31"
PLACE = "DOCK-1"


@dataclass(frozen=True, slots=True)
class Told:
    """One event before it has a number. `begins` a booking, or belongs to that of the event before it."""

    type: str
    data: Mapping[str, Any]
    subject: str = "PEN"
    begins: bool = True
    envelope: Mapping[str, Any] = field(default_factory=dict)
    """Further fields beside `data`."""


class PlayedLedger:
    """The books of the played node from one restore to the next.

    `sent_upto` is the last event published so far; `held_back` one before it that was not, if there is one.
    """

    def __init__(self, site: str, node: str, *, previous: str | None = None) -> None:
        self.epoch = uuid.uuid4().hex
        self.previous = previous
        self.sent_upto = 0
        self.held_back: int | None = None
        self._name = f"{site}/{node}"
        self._events: list[tuple[str, bytes]] = []
        self._hashes = [bytes(32)]
        self._booking = 1
        self._story = story()

    @property
    def last_seq(self) -> int:
        return len(self._events)

    def event(self, seq: int) -> tuple[str, bytes]:
        """The type and the bytes of an event."""
        return self._events[seq - 1]

    def hash(self, seq: int) -> str:
        """The head of the chain once this event is in it; 64 zeros for 0."""
        return self._hashes[seq].hex()

    def go_on(self, count: int) -> None:
        """Let so many more events of the story happen."""
        for told in itertools.islice(self._story, count):
            self.add(told)

    def add(self, told: Told) -> None:
        """Let something happen: it becomes the next event."""
        seq = self.last_seq + 1
        self._booking = seq if told.begins else self._booking
        event = {
            "specversion": "1.0",
            "id": f"{self._name}/{self.epoch}/{seq}",
            "source": f"/crossdock/{self._name}",
            "type": f"crossdock.{told.type}",
            "subject": told.subject,
            "time": rfc3339(SystemClock().now_ms()),
            "datacontenttype": "application/json",
            "dataschema": f"urn:crossdock:schema/{told.type}/1",
            "epoch": self.epoch,
            "seq": seq,
            "booking": self._booking,
            "cause": f"scan/{seq}",
            **told.envelope,
            "data": told.data,
        }
        payload = json.dumps(event, separators=(",", ":")).encode()
        self._events.append((told.type, payload))
        self._hashes.append(hashlib.sha256(self._hashes[-1] + payload).digest())

    def add_large(self) -> None:
        """Let something happen that takes all the bytes that a message may have."""
        self.add(exception(text=""))
        spare = MAX_BYTES - len(self._events.pop()[1])
        self._hashes.pop()
        self.add(exception(text="x" * spare))


def story() -> Iterator[Told]:
    """Tell of pens, each five events long, without end."""
    for number in itertools.count(1):
        order = {"order": f"SO-{number}", "line": 1}
        customer = f"SO-{number}"
        yield Told("stock.received", _stock("supplier:4711", f"location:{PLACE}") | {"po": "4711"})
        yield Told(
            "backorder.allocated",
            {**order, **PEN, "location": PLACE, "waiting": 0, "rank": customer},
            subject=customer,
            begins=False,
        )
        yield Told("stock.picked", _stock(f"location:{PLACE}", f"picked:{customer}") | order)
        yield Told(
            "stock.shipped",
            _stock(f"picked:{customer}", f"customer:{customer}") | order | {"location": None},
        )
        yield Told(
            "order.shipped",
            {"order": customer, "complete": True, "lines": [{"line": 1, "sku": "PEN", "qty": 1}]},
            subject=customer,
            begins=False,
        )


def unknown() -> Iterator[Told]:
    """Tell what no reader of today knows: a type, a field of the envelope, fields of the data."""
    yield Told("conformance.told", {"colour": "red", "shades": [1, None, {"deep": True}]}, subject="colour")
    known = exception(text="A field that a later version may add.")
    yield Told(known.type, {**known.data, "colour": "red"}, subject=known.subject, envelope={"colour": "red"})


def exception(*, text: str) -> Told:
    """Tell of something that asks for a person."""
    data = {"exception": "X-1", "kind": "printer", "about": "zebra-1", "text": text}
    return Told("exception.raised", data, subject="zebra-1")


def _stock(from_: str, to: str) -> dict[str, Any]:
    goods = {**PEN, "expiry": EXPIRY}
    who = {"station": "dock-1", "scanner": "gun-1", "operator": None}
    return {**goods, "location": PLACE, **who, "moves": [{**goods, "pallet": None, "from": from_, "to": to}]}
