"""The referee: hears what was scanned, ordered, answered and told, and knows nothing but the contract.

It keeps books of its own (`accounts`) and calls a `Foul` at the first thing that is not as the contract says.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from edge.domain.codes import visible
from tests.simulation.bookings import Bookings
from tests.simulation.rules import ERROR_CODES, LEVEL_ATTRIBUTES, WHYS
from tests.simulation.wire import (
    AgainSaid,
    Claim,
    CommandSaid,
    Counted,
    Event,
    Foul,
    Learned,
    Left,
    LevelsSaid,
    NoteSaid,
    Nothing,
    Said,
    ScanSaid,
    StateSaid,
    Wire,
)


@dataclass(slots=True)
class Referee:
    """Judges one ledger from its first event on."""

    bookings: Bookings = field(default_factory=Bookings)
    wire: Wire = field(default_factory=Wire)
    answers: dict[str, bytes] = field(default_factory=dict)

    def hear(self, said: Said) -> None:
        """Judge one thing. Raises Foul."""
        match said:
            case ScanSaid():
                self._scan(said)
            case CommandSaid():
                self._command(said)
            case NoteSaid():
                for booking in self.wire.read(said.events):
                    self.bookings.judge(booking)
            case LevelsSaid():
                for level in said.levels:
                    self._level(json.loads(level))
            case StateSaid():
                self.wire.state(said)
            case AgainSaid():
                self.wire.again(said)
            case _:
                assert_never(said)

    # -- scans -----------------------------------------------------------------------------------------------

    def _scan(self, said: ScanSaid) -> None:
        bookings = self.wire.read(said.events)
        own = [booking for booking in bookings if booking[0].cause.startswith("scan/")]
        if said.is_repeat and own:
            raise Foul(f"{said.code!r} was a bounce, and booked {own[0][0]}.")
        if len(own) > 1:
            raise Foul(f"{said.code!r} made {len(own)} bookings.")
        claim = said.claim if isinstance(said.claim, Claim) else None
        for booking in bookings:
            self.bookings.judge(booking, claim if booking in own else None)
        events = own[0] if own else []
        if said.verdict == "reject":
            self._rejected(said, events)
        elif said.verdict and any(event.type == "scan.rejected" for event in events):
            raise Foul(f"{said.code!r} was answered {said.verdict}, and told as rejected.")
        elif said.verdict == "accept" and any(event.type == "exception.raised" for event in events):
            raise Foul(f"{said.code!r} raised an exception: it wants attention, not a plain accept.")
        is_refused = said.verdict == "reject" or any(event.type == "scan.rejected" for event in events)
        # Without an answer (the power was gone) only the events tell whether it was booked.
        is_booked = said.verdict is not None or bool(events)
        if said.claim is not None and is_booked and not said.is_repeat and not is_refused:
            self._claimed(said, events)

    def _rejected(self, said: ScanSaid, events: Sequence[Event]) -> None:
        if said.is_repeat:
            return
        if said.why not in WHYS:
            raise Foul(f"{said.code!r} was refused for {said.why!r}, which is no reason of the list.")
        told = [event for event in events if event.type == "scan.rejected"]
        moved = [event for event in events if event.data.get("moves")]
        if moved:
            raise Foul(f"{said.code!r} was refused, and moved goods: {moved[0]}.")
        if not told:
            raise Foul(f"{said.code!r} was refused, and no event tells it.")
        data = told[0].data
        here = (said.station, said.scanner, visible(said.code), said.why)
        if (data["station"], data["scanner"], data["code"], data["why"]) != here or not data["reason"]:
            raise Foul(f"{told[0]} is not what was refused: {here}.")

    def _claimed(self, said: ScanSaid, events: Sequence[Event]) -> None:
        """What was accepted was booked."""
        match said.claim:
            case Claim():
                self._booked(said.code, said.claim, events)
            case Counted():
                # Raised by this scan, or open since a count before it.
                again = [about for kind, about in self.bookings.exceptions.values() if kind == "count_again"]
                for (sku, lot), qty in said.claim.lines.items():
                    if f"{said.claim.place} {sku}" not in again:
                        self._settled(said.claim.place, sku, lot, qty)
            case Left():
                for line in self.bookings.books.orders[said.claim.order].lines.values():
                    if line.allocated or line.picked:
                        raise Foul(f"{said.code!r} was shipped, and {line} has still something to ship.")
            case Learned(code, sku, pack):
                told = [event.data for event in events if event.type == "catalogue.learned"]
                if told != [{"code": code, "sku": sku, "pack": pack}]:
                    raise Foul(f"{said.code!r} was accepted: expected {said.claim}, told {told}.")
            case Nothing() if events:
                raise Foul(f"{said.code!r} is a question, and told {events[0]}.")
            case _:
                pass

    def _booked(self, code: str, claim: Claim, events: Sequence[Event]) -> None:
        told = [event for event in events if event.type == claim.type and event.data["sku"] == claim.sku]
        qty = sum(event.data["qty"] for event in told)
        if not told or qty != claim.qty:
            raise Foul(f"{code!r} was accepted: expected {claim}, told {[str(event) for event in events]}.")
        place = "to" if claim.type == "stock.moved" else "location"
        for event in told:
            if event.data[place] != claim.place or (claim.lot and event.data["lot"] != claim.lot):
                raise Foul(f"{event}: expected it to be as in {claim}.")

    def _settled(self, place: str, sku: str, lot: str | None, qty: int) -> None:
        there = self.bookings.books.at(sku, f"location:{place}", lot)
        if there != qty:
            raise Foul(f"{qty} {sku} {lot or ''} were counted at {place}, and {there} are in the books.")
        if missing := self.bookings.books.at(sku, f"missing:{place}", lot):
            raise Foul(f"{sku} was counted at {place}, and {missing} are still missing there.")

    # -- commands --------------------------------------------------------------------------------------------

    def _command(self, said: CommandSaid) -> None:
        answer = json.loads(said.answer) if said.answer is not None else None
        if answer is not None:
            self._answered(said, answer)
        bookings = self.wire.read(said.events)
        own = [booking for booking in bookings if booking[0].cause.startswith("command/")]
        if len(own) > 1 or (own and said.is_repeat):
            raise Foul(f"Command {said.id} made {len(own)} bookings, repeat={said.is_repeat}.")
        is_ok = answer["ok"] if answer is not None else bool(own)
        if own and not is_ok:
            raise Foul(f"Command {said.id} was refused, and booked {own[0][0]}.")
        if own and answer is not None:
            told, seen = (answer.get("first_seq"), answer.get("last_seq")), (own[0][0].seq, own[0][-1].seq)
            if told != seen:
                raise Foul(f"Command {said.id} answers the events {told}, and told {seen}.")
        refused = {entry["at"] for entry in (answer or {}).get("refused", ())}
        for booking in bookings:
            self.bookings.judge(booking, command=said if booking in own else None, refused=refused)
        if is_ok and not own and not said.is_repeat:
            self.bookings.central.apply(said.type, said.data, refused, at_ms=0)
            # An amendment by which a line waits no more tells nothing.
            self.bookings.forget_served()
        if answer is not None and is_ok and said.type == "stock.count" and not said.is_repeat:
            for n, line in enumerate(() if said.data.get("as_of") else said.data["lines"]):
                if not any(at.startswith(f"lines[{n}]") for at in refused):
                    self._settled(said.data["location"], line["sku"], line.get("lot"), line["qty"])

    def _answered(self, said: CommandSaid, answer: dict[str, Any]) -> None:
        assert said.answer is not None
        if answer["id"] != said.id:
            raise Foul(f"Command {said.id} is answered as {answer['id']}.")
        if not answer["ok"] and answer["error"]["code"] not in ERROR_CODES:
            raise Foul(f"Command {said.id} is refused with {answer['error']['code']}: not in the list.")
        known = self.answers.setdefault(said.id, said.answer)
        if said.is_repeat and known != said.answer and answer.get("error", {}).get("code") != "conflict":
            raise Foul(f"Command {said.id} is answered {said.answer!r}, before {known!r}.")

    # -- levels ----------------------------------------------------------------------------------------------

    def _level(self, told: dict[str, Any]) -> None:
        """A level says what the events to its seq add up to."""
        seen = {name: told[name] for name in LEVEL_ATTRIBUTES}
        here = self.bookings.level(told["sku"])
        # A level may come before any event: an announcement that nobody waits for tells nothing else.
        epoch = self.wire.epoch or told["epoch"]
        if seen != here or told["epoch"] != epoch or told["seq"] > len(self.wire.payloads):
            raise Foul(f"stock/{told['sku']} says {told}, the events {here}.")
