"""Judges what happened to the stock: that moves add up, go where they may, and take promises along as they should."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.accounts import Books, Line, Lot
from tests.simulation.central import Central, Expected
from tests.simulation.rules import FROM_TO, SUMS_UP
from tests.simulation.wire import Claim, Event, Foul

GIVES_BACK = frozenset(f"stock.{told}" for told in ("missing", "damaged", "counted", "adjusted", "picked"))
"""Events that take goods away from those they were promised to."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event did to a line: so many picked or shipped, and where its promise was used up or carried."""

    line: Line
    picked: int = 0
    shipped: int = 0
    used_at: Lot | None = None
    used: int = 0
    carried_to: Lot | None = None


@dataclass(slots=True)
class Before:
    """A lot at a place as it was before a booking touched it."""

    promises: list[tuple[Line, int]]
    promised: int


@dataclass(slots=True)
class Booking:
    """One booking while it is judged, and afterwards what an undo needs of it."""

    seq: int
    station: str = ""
    waiting: dict[Line, int] = field(default_factory=dict)
    ready: set[str] = field(default_factory=set)
    available: dict[str, int] = field(default_factory=dict)
    thresholds: dict[str, int] = field(default_factory=dict)
    skus: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    effects: list[Effect] = field(default_factory=list)
    arrived: list[tuple[Expected, int]] = field(default_factory=list)
    lots: dict[tuple[str, Lot], Before] = field(default_factory=dict)
    released: list[tuple[Line, Lot, int]] = field(default_factory=list)
    allocated: list[tuple[Line, Lot, int]] = field(default_factory=list)
    told_released: dict[tuple[str, int], int] = field(default_factory=dict)
    to_come: dict[tuple[Line, Lot], int] = field(default_factory=dict)
    undone: "Booking | None" = None
    is_settled: bool = False

    def will_allocate(self, line: Line, at: Lot) -> int:
        """How many the events of this booking promise to a line there."""
        return self.to_come.get((line, at), 0)


@dataclass(slots=True)
class Goods:
    """Takes stock events into the books. `bookings` keeps all of them by their seq."""

    books: Books
    central: Central
    bookings: dict[int, Booking] = field(default_factory=dict)

    def happened(self, event: Event, booking: Booking, claim: Claim | None) -> None:
        """Judge and apply one event of the stock."""
        moves = event.data["moves"]
        if event.type not in FROM_TO:
            raise Foul(f"{event}: {event.type} moves no goods.")
        for move in moves:
            self._remember(booking, move)
            self._may_move(event, move)
        if event.type in SUMS_UP:
            self._adds_up(event, moves)
        carried = self._carried(event, moves, claim) if event.type == "stock.moved" else []
        for move in moves:
            self.books.move(move, None if event.type == "undo" else event.at_ms)
            booking.skus.add(move["sku"])
        for sku in {move["sku"] for move in moves}:
            for spot, qty in self.books.below_zero(sku):
                raise Foul(f"After {event}: there are {qty} {sku} at {spot}.")
        match event.type:
            case "stock.received":
                booking.arrived += self.central.arrived(event.data)
            case "stock.picked":
                booking.effects += self._picked(event, moves)
            case "stock.shipped":
                booking.effects += self._shipped(event, moves)
            case "stock.returned":
                booking.effects += self._returned(event, moves)
            case "stock.missing":
                for hit in event.data["released"]:
                    key = (hit["order"], hit["line"])
                    booking.told_released[key] = booking.told_released.get(key, 0) + hit["qty"]
            case "undo":
                self._undone(event, booking)
            case _:
                pass
        for effect in carried:
            self._carry(effect)
        booking.effects += carried

    def _remember(self, booking: Booking, move: dict[str, Any]) -> None:
        """Write down how a lot at a place stood before this booking."""
        for account in (move["from"], move["to"]):
            kind, _, place = account.partition(":")
            at = Lot(place, move["lot"] or "")
            if kind == "location" and (move["sku"], at) not in booking.lots:
                promises = self.books.promises_at(move["sku"], at)
                booking.lots[move["sku"], at] = Before(promises, sum(qty for _, qty in promises))

    def _may_move(self, event: Event, move: dict[str, Any]) -> None:
        if not isinstance(move["qty"], int) or move["qty"] < 1:
            raise Foul(f"{event}: a move has the quantity {move['qty']!r}.")
        if move["from"] == move["to"]:
            raise Foul(f"{event}: a move goes from {move['from']} to itself.")
        sources, targets = FROM_TO[event.type]
        if not move["from"].startswith(sources) or not move["to"].startswith(targets):
            raise Foul(f"{event}: goods cannot go from {move['from']} to {move['to']} by {event.type}.")
        if event.type not in ("undo", "stock.identified") and move["sku"] != event.data["sku"]:
            raise Foul(f"{event}: a move is of {move['sku']}.")

    def _adds_up(self, event: Event, moves: list[dict[str, Any]]) -> None:
        """What reaches the accounts at the end of the moves is what the event says."""
        arriving: dict[str, int] = {}
        for move in moves:
            arriving[move["to"]] = arriving.get(move["to"], 0) + move["qty"]
            arriving[move["from"]] = arriving.get(move["from"], 0) - move["qty"]
        # Goods that pass through a place on their way (missing, then the place, then picked) count at the end.
        total = sum(qty for qty in arriving.values() if qty > 0)
        if total != event.data["qty"]:
            raise Foul(f"{event}: its moves bring {total}.")
        lots = {move["lot"] for move in moves}
        if lots != {event.data["lot"]}:
            raise Foul(f"{event}: its moves are of the lots {lots}.")

    # -- promises that go with goods -------------------------------------------------------------------------

    def _carried(self, event: Event, moves: list[dict[str, Any]], claim: Claim | None) -> list[Effect]:
        """Which promises follow moved goods: what nobody was promised stays behind last, the last served go first."""
        taken: dict[tuple[Lot, Lot], int] = {}
        for move in moves:
            source, target = (move[end].partition(":") for end in ("from", "to"))
            if source[0] == "location":
                key = (Lot(source[2], move["lot"] or ""), Lot(target[2], move["lot"] or ""))
                taken[key] = taken.get(key, 0) + move["qty"]
        effects: list[Effect] = []
        sku = event.data["sku"]
        for (source_at, target_at), qty in taken.items():
            there = self.books.at(sku, f"location:{source_at.place}", source_at.lot)
            free, own = there - self.books.promised(sku, source_at), 0
            promises = self.books.promises_at(sku, source_at)
            if claim is not None and claim.order:
                # An own label takes its own order's promise along, before anything that is free; of two lines
                # of that order the contract names none, and the lower one goes, as in PICK.
                its = [pair for pair in promises if pair[0].order.id == claim.order]
                promises = [*its, *(pair for pair in promises[::-1] if pair not in its)]
                own = min(qty, sum(has for line, has in promises if line.order.id == claim.order))
            else:
                promises.reverse()
            left = own + max(0, qty - own - free)
            for line, has in promises:
                if (part := min(has, left)) > 0:
                    effects.append(Effect(line, used_at=source_at, used=part, carried_to=target_at))
                    left -= part
        self._told_carried(event, effects)
        return effects

    def _told_carried(self, event: Event, effects: list[Effect]) -> None:
        """The event says whose promises went along."""
        told: dict[tuple[str, int], int] = {}
        for hit in event.data.get("promised", ()):
            told[hit["order"], hit["line"]] = told.get((hit["order"], hit["line"]), 0) + hit["qty"]
        seen: dict[tuple[str, int], int] = {}
        for effect in effects:
            key = (effect.line.order.id, effect.line.name)
            seen[key] = seen.get(key, 0) + effect.used
        if told != seen:
            raise Foul(f"{event}: {seen} go along with the goods.")

    def _carry(self, effect: Effect) -> None:
        assert effect.used_at is not None
        assert effect.carried_to is not None
        self.books.promise(effect.line, effect.used_at, -effect.used)
        self.books.promise(effect.line, effect.carried_to, effect.used)

    # -- lines -----------------------------------------------------------------------------------------------

    def _picked(self, event: Event, moves: list[dict[str, Any]]) -> Iterator[Effect]:
        line = self.books.line(event.data["order"], event.data["line"])
        if line.order.is_held or line.is_cancelled:
            raise Foul(f"{event}: {line} is on hold or cancelled.")
        at = Lot(event.data["location"], event.data["lot"] or "")
        used = min(line.promises.get(at, 0), event.data["qty"])
        yield self._affect(Effect(line, picked=event.data["qty"], used_at=at, used=used))
        if line.picked + line.shipped > line.ordered:
            raise Foul(f"{event}: {line} wants {line.ordered} and has {line.picked + line.shipped} picked.")

    def _shipped(self, event: Event, moves: list[dict[str, Any]]) -> Iterator[Effect]:
        line = self.books.line(event.data["order"], event.data["line"])
        for move in moves:
            kind, _, place = move["from"].partition(":")
            if kind == "picked":
                yield self._affect(Effect(line, picked=-move["qty"], shipped=move["qty"]))
            else:
                at = Lot(place, move["lot"] or "")
                yield self._affect(Effect(line, shipped=move["qty"], used_at=at, used=move["qty"]))

    def _returned(self, event: Event, moves: list[dict[str, Any]]) -> Iterator[Effect]:
        for move in moves:
            if move["from"].startswith("picked:"):
                line = self.books.line(event.data["order"], event.data["line"])
                if line.picked < move["qty"]:
                    raise Foul(f"{event}: only {line.picked} are picked for {line}.")
                yield self._affect(Effect(line, picked=-move["qty"]))

    def _affect(self, effect: Effect) -> Effect:
        effect.line.picked += effect.picked
        effect.line.shipped += effect.shipped
        if effect.used and effect.used_at is not None:
            self.books.promise(effect.line, effect.used_at, -effect.used)
        return effect

    # -- undo ------------------------------------------------------------------------------------------------

    def _undone(self, event: Event, booking: Booking) -> None:
        undone = self.bookings.get(event.data["undoes"])
        if undone is None:
            raise Foul(f"{event}: there is no such booking.")
        if undone.undone is not None:
            raise Foul(f"{event}: that booking is an undo or was undone.")
        booking.undone, undone.undone = undone, booking
        for expected, qty in undone.arrived:
            expected.qty += qty
            self.central.received_ssccs.discard(expected.sscc)
        for effect in undone.effects:
            effect.line.picked -= effect.picked
            effect.line.shipped -= effect.shipped

    def settle(self, booking: Booking) -> None:
        """Releases are told: promises of an undone booking go back, and what was taken away must be the right part."""
        booking.is_settled = True
        if booking.undone is not None:
            for effect in booking.undone.effects:
                self._go_back(effect, booking)
        for sku in booking.skus:
            for at, promised, there in self.books.over_promised(sku):
                raise Foul(
                    f"Booking {booking.seq}: {promised} {sku} are promised at {at}, {there} are there."
                )
        if booking.types & GIVES_BACK and booking.undone is None:
            for (sku, at), before in booking.lots.items():
                self._gave_back(booking, sku, at, before)
        self._hits(booking)

    def _go_back(self, effect: Effect, booking: Booking) -> None:
        """A carried promise goes back with its goods; one that a pick used up is there again."""
        if effect.used_at is None or not effect.used:
            return
        line = effect.line
        if effect.carried_to is None:
            back = min(effect.used - booking.will_allocate(line, effect.used_at), line.waiting)
            self.books.promise(line, effect.used_at, max(0, back))
        else:
            part = min(effect.used, line.promises.get(effect.carried_to, 0))
            if part:
                self.books.promise(line, effect.carried_to, -part)
                self.books.promise(line, effect.used_at, part)

    def _gave_back(self, booking: Booking, sku: str, at: Lot, before: Before) -> None:
        used = {effect.line: effect.used for effect in booking.effects if effect.used_at == at}
        there = self.books.at(sku, f"location:{at.place}", at.lot)
        promised = before.promised - sum(used.values())
        if self.books.promised(sku, at) != min(promised, there):
            raise Foul(
                f"Booking {booking.seq}: {promised} {sku} were promised at {at}, {there} are left there, and"
                f" {self.books.promised(sku, at)} stay promised: what nobody was promised goes first."
            )
        gave = [line for line, where, _ in booking.released if where == at and line.sku == sku]
        if gave:
            first = min(gave, key=lambda line: line.rank)
            for line, _ in self.books.promises_at(sku, at):
                if line.rank > first.rank and line not in used:
                    raise Foul(f"Booking {booking.seq}: {first} gave back {sku} at {at} before {line} did.")

    def _hits(self, booking: Booking) -> None:
        """`stock.missing` names the lines from which the goods were taken."""
        if "stock.missing" not in booking.types:
            return
        seen: dict[tuple[str, int], int] = {}
        for line, _, qty in booking.released:
            key = (line.order.id, line.name)
            seen[key] = seen.get(key, 0) + qty
        if seen != booking.told_released:
            raise Foul(
                f"Booking {booking.seq}: stock.missing tells {booking.told_released}, released {seen}."
            )
