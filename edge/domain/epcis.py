"""Our events in the words of EPCIS 2.0 and its vocabulary, the CBV 2.0: which business step, of what, where, for whom.

Values are those that GS1's schema lists (ref.gs1.org/standards/epcis, ref.gs1.org/cbv). What things are called is
`epcis_names`'. Only the trade is told: for labels, scanners, exceptions and what merely waits there are no words.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from edge.domain.epcis_names import Names
from edge.domain.journal import kind_of

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

Event = Mapping[str, Any]
"""An event of ours as it went to central (contract section 6)."""
Told = dict[str, Any]
"""An event of EPCIS."""


@dataclass(frozen=True, slots=True)
class Step:
    """How goods are told: CBV's business step and disposition. `stays`: they are at the place afterwards."""

    name: str
    disposition: str | None = None
    stays: bool = True
    action: str = "OBSERVE"


_STEPS = {
    "stock.received": Step("receiving", "in_progress"),
    "stock.found": Step("inspecting", "available"),
    "stock.returned": Step("receiving", "returned"),
    "stock.damaged": Step("inspecting", "damaged"),
    "stock.released": Step("inspecting", "available"),
    "stock.scrapped": Step("destroying", "destroyed", stays=False, action="DELETE"),
    "stock.picked": Step("picking", "in_progress", stays=False),
    "stock.shipped": Step("shipping", "in_transit", stays=False),
    "stock.missing": Step("inspecting", "unavailable", stays=False),
    "stock.moved": Step("storing", "in_progress"),
    "stock.counted": Step("cycle_counting"),
    # A correction of the books is no step of the trade: what is less is gone, what is more is there.
    "stock.adjusted": Step("other"),
}
_PUT_BACK = Step("storing", "in_progress")
_GONE = Step("other", stays=False, action="DELETE")
_TRANSACTIONS = {"backorder.allocated": "ADD", "backorder.released": "DELETE"}
UNDO = "undo"

TYPES = frozenset({*_STEPS, *_TRANSACTIONS, UNDO})
"""The types of our events that are told; all others have no meaning there."""


class Translator:
    """Tells the events of one node. `zone` is the site's."""

    def __init__(self, names: Names, zone: ZoneInfo) -> None:
        self._names = names
        self._zone = zone

    def events(self, event: Event, undone: Sequence[Event] = ()) -> list[Told]:
        """Tell one event; nothing for one of another type. `undone` are the events that an `undo` takes back."""
        name, data = type_of(event), event["data"]
        if name == UNDO:
            return list(self._taken_back(event, undone))
        if name in _TRANSACTIONS:
            return [self._promise(event, data, _TRANSACTIONS[name])]
        return list(self._goods(event, data, name)) if name in _STEPS else []

    # -- goods -----------------------------------------------------------------------------------------------

    def _goods(self, event: Event, data: Mapping[str, Any], name: str) -> Iterator[Told]:
        moves = data["moves"]
        if name == "stock.counted":
            counted = [{"sku": data["sku"], "lot": data["lot"], "qty": data["counted"]}]
            yield self._object(event, data, _STEPS[name], counted)
            return
        if name == "stock.returned":
            # Goods that were picked and never left are put back; only what had left is received again.
            unpicked = [move for move in moves if kind_of(move["from"]) == "picked"]
            if unpicked:
                yield self._object(event, data, _PUT_BACK, unpicked, part="unpicked")
            moves = [move for move in moves if kind_of(move["from"]) != "picked"]
            if not moves:
                return
        step = _step(name, data)
        yield self._object(event, data, step, moves)
        if name == "stock.received":
            for pallet in dict.fromkeys(move["pallet"] for move in moves if move["pallet"]):
                yield self._pallet(event, data, step, pallet)

    def _object(
        self,
        event: Event,
        data: Mapping[str, Any],
        step: Step,
        goods: Iterable[Mapping[str, Any]],
        part: str = "goods",
    ) -> Told:
        units, quantities = self._of_what(data, goods)
        return {
            **self._head("ObjectEvent", event, part),
            "action": step.action,
            **({"epcList": units} if units else {"quantityList": quantities}),
            **self._business(data, step),
            **self._papers(data),
        }

    def _pallet(self, event: Event, data: Mapping[str, Any], step: Step, pallet: str) -> Told:
        """Goods that came on a pallet: it is seen with them. Whoever loaded it has told that they were put on it."""
        on_it = (move for move in data["moves"] if move["pallet"] == pallet)
        units, quantities = self._of_what(data, on_it)
        return {
            **self._head("AggregationEvent", event, f"pallet {pallet}"),
            "parentID": self._names.pallet(pallet),
            "action": "OBSERVE",
            **({"childEPCs": units} if units else {"childQuantityList": quantities}),
            **self._business(data, step),
            **self._papers(data),
        }

    def _of_what(
        self, data: Mapping[str, Any], goods: Iterable[Mapping[str, Any]]
    ) -> tuple[list[str], list[dict[str, Any]]]:
        """One piece by its serial, else how many eaches of each item and lot."""
        sums: dict[tuple[str, str | None], int] = {}
        for each in goods:
            key = each["sku"], each["lot"]
            sums[key] = sums.get(key, 0) + each["qty"]
        # The serial of a carton of twelve is none of its pieces'.
        if (serial := data.get("serial")) and [*sums.values()] == [1]:
            return [self._names.unit(data["sku"], serial)], []
        return [], [
            {"epcClass": self._names.item(sku, lot), "quantity": qty} for (sku, lot), qty in sums.items()
        ]

    # -- promises and undo -----------------------------------------------------------------------------------

    def _promise(self, event: Event, data: Mapping[str, Any], action: str) -> Told:
        """Goods are an order's, or are not any more, other than by a pick or shipment."""
        step = Step("reserving", "reserved" if action == "ADD" else None, stays=action == "ADD")
        _, quantities = self._of_what(data, [data])
        return {
            **self._head("TransactionEvent", event, "order"),
            "action": action,
            "quantityList": quantities,
            **self._business(data, step),
            **self._papers(data),
        }

    def _taken_back(self, event: Event, undone: Sequence[Event]) -> Iterator[Told]:
        """An undo declares that what was told did not occur: the same events, each with an `ErrorDeclaration`.

        Allocations that it ends, or makes anew, are told by events of their own. One that moves much is told in
        several events, of which the first speaks for all.
        """
        if event["seq"] != event["booking"]:
            return
        wrong = {"declarationTime": event["time"], "reason": "did_not_occur"}
        for each in undone:
            name = type_of(each)
            for told in self._goods(each, each["data"], name) if name in _STEPS else ():
                yield {**told, "errorDeclaration": wrong}

    # -- what all events say ---------------------------------------------------------------------------------

    def _head(self, type_: str, event: Event, part: str) -> Told:
        at = datetime.fromisoformat(event["time"]).astimezone(self._zone)
        return {
            "type": type_,
            "eventID": event_id(event, part),
            "eventTime": event["time"],
            "eventTimeZoneOffset": at.isoformat()[-6:],
        }

    def _business(self, data: Mapping[str, Any], step: Step) -> Told:
        place = data.get("location") or data.get("to")
        station = data.get("station")
        told: Told = {"bizStep": step.name}
        if step.disposition:
            told["disposition"] = step.disposition
        if place:
            told["readPoint"] = {"id": self._names.own("location", place)}
            if step.stays:
                told["bizLocation"] = {"id": self._names.own("location", place)}
        elif station:
            # What was picked before leaves from the station where its order is scanned.
            told["readPoint"] = {"id": self._names.own("station", station)}
        return told

    def _papers(self, data: Mapping[str, Any]) -> Told:
        papers = [
            {"type": type_, "bizTransaction": self._names.own(kind, data[kind])}
            for kind, type_ in _PAPER_TYPES.items()
            if data.get(kind)
        ]
        return {"bizTransactionList": papers} if papers else {}


# A sales order, which is what central's orders are, is in the CBV the confirmation of the customer's own.
_PAPER_TYPES = {"po": "po", "asn": "desadv", "order": "poc"}


def type_of(event: Event) -> str:
    """The type of an event of ours without its prefix."""
    return str(event["type"]).removeprefix("crossdock.")


def event_id(event: Event, part: str) -> str:
    """The eventID: a UUID of version 5 in the namespace of URLs over `urn:crossdock:event:ID PART` (RFC 9562, 5.5).

    ID is our event's own, so it is the same however often and with whatever else an event is exported. PART is
    `goods`, `unpicked`, `order` or `pallet` with its number.

    >>> event_id({"id": "par1/dock-a/2f9c/42"}, "goods")
    'urn:uuid:735dcbbd-d08b-5f56-bef2-e189d4b2254a'
    """
    return uuid5(NAMESPACE_URL, f"urn:crossdock:event:{event['id']} {part}").urn


def document(events: Iterable[Told], *, created: str) -> Iterator[str]:
    """Write an EPCIS document piece by piece, an event to the line; `created` is an RFC 3339 time."""
    head = {"@context": [CONTEXT], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": created}
    yield f'{json.dumps(head)[:-1]}, "epcisBody": {{"eventList": ['
    separator = "\n"
    for event in events:
        yield f"{separator}{json.dumps(event)}"
        separator = ",\n"
    yield "\n]}}\n"


def _step(name: str, data: Mapping[str, Any]) -> Step:
    step = _STEPS[name]
    if name == "stock.received" and any(kind_of(move["to"]) == "quarantine" for move in data["moves"]):
        # Goods arrive in quarantine for this reason alone.
        return replace(step, disposition="expired")
    if name == "stock.damaged" and data.get("reason") == "expired":
        return replace(step, name="holding", disposition="expired")
    if name == "stock.adjusted" and data["qty"] < 0:
        return _GONE
    return step
