"""Judges a booking as a whole: the order of its events, and that what it left is told, all of it and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.clock import Calendar
from tests.simulation.accounts import Books, Line, Order
from tests.simulation.central import Central
from tests.simulation.codes import Codes
from tests.simulation.goods import Booking, Goods
from tests.simulation.rules import ANYWHERE, EXCEPTION_KINDS, PHASES, REASONS
from tests.simulation.service import Service
from tests.simulation.wire import Claim, CommandSaid, Event, Foul

DEFAULT_ORDER = ("express", "tier", "promised_at", "placed_at")


@dataclass(slots=True)
class Bookings:
    """The referee's books, and those who keep them. `exceptions`: the open ones, by id."""

    order_by: tuple[str, ...] = DEFAULT_ORDER
    timezone: str = "UTC"
    min_shelf_life_days: int = 0
    books: Books = field(default_factory=Books)
    codes: Codes = field(init=False)
    central: Central = field(init=False)
    goods: Goods = field(init=False)
    service: Service = field(init=False)
    exceptions: dict[str, tuple[str, str]] = field(default_factory=dict)
    _past_exceptions: set[str] = field(default_factory=set)
    _etas: dict[tuple[str, int], Any] = field(default_factory=dict)
    _told_low: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.codes = Codes(self.books)
        self.central = Central(self.books, self.order_by, self.codes)
        self.goods = Goods(self.books, self.central)
        self.service = Service(self.books, Calendar(self.timezone), self.min_shelf_life_days)

    def level(self, sku: str) -> dict[str, int]:
        return {**self.books.level(sku), "expected": self.central.still_expected(sku)}

    def judge(
        self,
        events: Sequence[Event],
        claim: Claim | None = None,
        command: CommandSaid | None = None,
        refused: Iterable[str] = (),
    ) -> None:
        """Take a booking into the books, made by a scan or a command or by itself. Raises Foul."""
        booking = self._begin(events)
        if command is not None:
            self.central.apply(command.type, command.data, refused, events[0].at_ms)
        self._resume(events)
        phase = 0
        for event in events:
            now = phase if event.type in ANYWHERE else PHASES.get(event.type, 0)
            if now < phase:
                raise Foul(f"{event} comes too late in its booking.")
            if phase < PHASES["backorder.allocated"] <= now:
                self.goods.settle(booking)
            phase = now
            self._event(event, booking, claim)
        if phase < PHASES["backorder.allocated"]:
            self.goods.settle(booking)
        self._after(events, booking)

    def _begin(self, events: Sequence[Event]) -> Booking:
        booking = self.goods.bookings[events[0].seq] = Booking(events[0].seq)
        booking.station = events[0].data.get("station") or ""
        booking.types = {event.type for event in events}
        booking.to_come = self.service.to_come(events)
        booking.waiting = {line: line.waiting for order in self._live() for line in order.lines.values()}
        booking.ready = {order.id for order in self.books.orders.values() if order.is_ready}
        booking.thresholds = dict(self.central.thresholds)
        booking.available = {sku: self._available(sku) for sku in self.central.thresholds}
        return booking

    def _resume(self, events: Sequence[Event]) -> None:
        """A hold ends at its time without a command; who is served in that booking is so as one that is not held."""
        for event in events:
            if event.type == "order.resumed" and event.cause.startswith("clock/"):
                order = self.books.orders[event.data["order"]]
                if not order.is_held or order.held_until is None or order.held_until > event.at_ms:
                    raise Foul(f"{event}: it was not held until then.")
                order.is_held = False

    def _live(self) -> list[Order]:
        return [order for order in self.books.orders.values() if not order.is_over]

    def _available(self, sku: str) -> int:
        return self.books.level(sku)["available"]

    def _event(self, event: Event, booking: Booking, claim: Claim | None) -> None:
        match event.type:
            case "backorder.released":
                self.service.released(event, booking)
            case "backorder.allocated":
                self.service.allocated(event, booking)
            case "backorder.eta":
                self._eta(event)
            case "exception.raised" | "exception.cleared":
                self._exception(event, booking)
            case "catalogue.learned":
                self.codes.learned(event, booking.seq)
            case _ if "moves" in event.data:
                self.goods.happened(event, booking, claim)
                if event.type == "stock.identified":
                    self.codes.identified(event, booking.seq)
                if event.type == "undo":
                    self.codes.undone(event.data["undoes"], event.data["moves"])
            case _ if event.type.startswith("stock.") and event.type != "stock.low":
                raise Foul(f"{event} has no moves.")
            case _:
                pass

    # -- what stands afterwards ------------------------------------------------------------------------------

    def _after(self, events: Sequence[Event], booking: Booking) -> None:
        self.codes.judge(booking.seq)
        at_ms = events[0].at_ms
        touched = booking.skus | {
            line.sku for line in booking.waiting if line.waiting != booking.waiting[line]
        }
        for order in self._live():
            for line in order.lines.values():
                if line.waiting < 0:
                    raise Foul(f"After booking {booking.seq} {line} waits for {line.waiting}.")
                if line not in booking.waiting:
                    touched.add(line.sku)
        if any(event.type == "order.resumed" for event in events):
            touched |= set(self.books.stock)
        for sku in touched:
            for at, promised, there in self.books.over_promised(sku):
                raise Foul(
                    f"Booking {booking.seq}: {promised} {sku} are promised at {at}, {there} are there."
                )
        self.service.nobody_waits_beside_free_goods(sorted(touched), at_ms)
        # What else was due at the turn of a day may be booked before it is turned.
        if not events[0].cause.startswith("clock/"):
            self.service.nothing_expired_is_promised(sorted(touched), at_ms)
        more = {
            line: line.waiting
            for order in self._live()
            for line in order.lines.values()
            if line.waiting > booking.waiting.get(line, 0)
        }
        self._waits(events, booking, more)
        self._ready(events, booking)
        self._unfulfillable(events, booking, more)
        self._low(events, booking)
        self.forget_served()

    def _waits(self, events: Sequence[Event], booking: Booking, more: dict[Line, int]) -> None:
        told: dict[Line, int] = {}
        for event in events:
            if event.type != "backorder.waiting":
                continue
            line = self.books.line(event.data["order"], event.data["line"])
            if line in told or event.data["reason"] not in REASONS or event.data["sku"] != line.sku:
                raise Foul(f"{event} is told twice, of another item or for no reason of the list.")
            told[line] = event.data["qty"]
        if told != more:
            raise Foul(f"Booking {booking.seq}: {_named(more)} wait for more, told {_named(told)}.")
        for event in events:
            if event.type == "backorder.allocated":
                line = self.books.line(event.data["order"], event.data["line"])
                if event.data["waiting"] != line.waiting:
                    raise Foul(f"{event}: {line} waits for {line.waiting}.")

    def _ready(self, events: Sequence[Event], booking: Booking) -> None:
        told = [event.data["order"] for event in events if event.type == "order.ready"]
        ready = [order for order in self._live() if order.is_ready and order.id not in booking.ready]
        due = [order.id for order in sorted(ready, key=lambda order: order.rank)]
        if told != due:
            raise Foul(f"Booking {booking.seq}: {due} are ready that were not, told {told}.")

    def _unfulfillable(self, events: Sequence[Event], booking: Booking, more: dict[Line, int]) -> None:
        told: dict[str, set[tuple[int, int]]] = {}
        for event in events:
            if event.type == "order.unfulfillable":
                if event.data["order"] in told:
                    raise Foul(f"{event} is told twice in its booking.")
                told[event.data["order"]] = {(line["line"], line["qty"]) for line in event.data["lines"]}
        worse: dict[str, set[tuple[int, int]]] = {}
        for line, qty in more.items():
            worse.setdefault(line.order.id, set()).add((line.name, qty))
        for order, lines in worse.items():
            known = self.books.orders[order]
            total = sum(line.waiting - booking.waiting.get(line, 0) for line in known.lines.values())
            # A line that waits for more while another of its order waits for less: the contract leaves that open.
            if total > 0 and told.get(order) != lines:
                raise Foul(f"Booking {booking.seq}: {order} is worse off by {lines}, told {told.get(order)}.")
        if told.keys() - worse.keys():
            raise Foul(f"Booking {booking.seq}: {told} told unfulfillable, {worse} are worse off.")

    def _low(self, events: Sequence[Event], booking: Booking) -> None:
        """Low stock is told once when it falls below, again only after it rose."""
        told = [event.data["sku"] for event in events if event.type == "stock.low"]
        for sku, threshold in self.central.thresholds.items():
            available = self._available(sku)
            if sku in told and (available >= threshold or told.count(sku) > 1 or sku in self._told_low):
                raise Foul(f"Booking {booking.seq}: {sku} is told low at {available}, and was before.")
            # Where a command just changed the threshold, the contract leaves open whether that is a fall.
            fell = (
                booking.thresholds.get(sku) == threshold and booking.available[sku] >= threshold > available
            )
            if fell and sku not in told:
                raise Foul(f"Booking {booking.seq}: {sku} fell below {threshold}, and nobody is told.")
            if available >= threshold:
                self._told_low.discard(sku)
            elif sku in told:
                self._told_low.add(sku)

    # -- exceptions and expected dates -----------------------------------------------------------------------

    def _exception(self, event: Event, booking: Booking) -> None:
        id_, told = event.data["exception"], (event.data["kind"], event.data["about"])
        if event.type == "exception.cleared":
            if self.exceptions.pop(id_, None) != told:
                raise Foul(f"{event}: no such exception is open.")
            return
        if told[0] not in EXCEPTION_KINDS or id_ in self._past_exceptions or told in self.exceptions.values():
            raise Foul(f"{event}: of no kind of the list, or open already.")
        self._past_exceptions.add(id_)
        self.exceptions[id_] = told
        # Whether an order has lost what it was promised when the pick of it is undone, the contract leaves open.
        if (
            told[0] == "unfulfillable"
            and booking.undone is None
            and not any(line.order.id == told[1] for line, _, _ in booking.released)
        ):
            raise Foul(f"{event}: an order that lost nothing it was promised raises no exception.")

    def forget_served(self) -> None:
        """A line that waits no more has no expected date any more, and nobody needs to be told."""
        for order, name in list(self._etas):
            if self.books.line(order, name).waiting == 0:
                del self._etas[order, name]

    def _eta(self, event: Event) -> None:
        key = (event.data["order"], event.data["line"])
        line = self.books.line(*key)
        if event.data["was"] != self._etas.get(key) or event.data["expected_at"] == event.data["was"]:
            raise Foul(f"{event}: it was {self._etas.get(key)}, and only a change is told.")
        if event.data["expected_at"] is not None and event.data["sku"] != line.sku:
            raise Foul(f"{event}: {line} is of {line.sku}.")
        self._etas[key] = event.data["expected_at"]


def _named(lines: dict[Line, int]) -> dict[str, int]:
    return {str(line): qty for line, qty in lines.items()}
