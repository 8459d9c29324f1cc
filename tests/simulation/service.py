"""Judges who got the goods: the order of service, the ways to fill, and that nobody waits beside free goods."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from edge.clock import Calendar
from tests.simulation.accounts import Books, Line, Lot, Order
from tests.simulation.goods import Booking
from tests.simulation.rules import REASONS
from tests.simulation.wire import Event, Foul


@dataclass(slots=True)
class Service:
    """Takes releases and allocations into the books, and judges each at its moment."""

    books: Books
    calendar: Calendar
    min_shelf_life_days: int = 0

    def good_until(self, at_ms: int) -> str:
        """The day to the end of which goods must be good to be promised at this moment."""
        today = date.fromisoformat(self.calendar.day(at_ms))
        return (today + timedelta(days=self.min_shelf_life_days)).isoformat()

    def released(self, event: Event, booking: Booking) -> None:
        line = self.books.line(event.data["order"], event.data["line"])
        at = Lot(event.data["location"], event.data["lot"] or "")
        if event.data["reason"] not in REASONS or event.data["qty"] < 1:
            raise Foul(f"{event} has no reason of the list, or no quantity.")
        if event.data["sku"] != line.sku:
            raise Foul(f"{event}: {line} is of {line.sku}.")
        if any((line, at) == (other, where) for other, where, _ in booking.released):
            raise Foul(f"{event}: the release of {line} at {at} is told twice.")
        self.books.promise(line, at, -event.data["qty"])
        booking.released.append((line, at, event.data["qty"]))
        booking.skus.add(line.sku)

    def to_come(self, events: Iterable[Event]) -> dict[tuple[Line, Lot], int]:
        """What the events of a booking are going to promise."""
        promised: dict[tuple[Line, Lot], int] = {}
        for event in events:
            if event.type == "backorder.allocated" and event.data["order"] in self.books.orders:
                line = self.books.orders[event.data["order"]].lines.get(event.data["line"])
                if line is not None:
                    at = Lot(event.data["location"], event.data["lot"] or "")
                    promised[line, at] = promised.get((line, at), 0) + event.data["qty"]
        return promised

    def allocated(self, event: Event, booking: Booking) -> None:
        """Judge one allocation against all others who waited at that moment."""
        line = self.books.line(event.data["order"], event.data["line"])
        at, qty = Lot(event.data["location"], event.data["lot"] or ""), event.data["qty"]
        if event.data["sku"] != line.sku or qty < 1:
            raise Foul(f"{event}: {line} is of {line.sku}.")
        if any((line, at) == (other, where) for other, where, _ in booking.allocated):
            raise Foul(f"{event}: the allocation of {line} at {at} is told twice.")
        if booking.allocated and booking.allocated[-1][0].rank > line.rank:
            raise Foul(f"{event}: {booking.allocated[-1][0]} was served before it and comes after it.")
        if qty > line.waiting:
            raise Foul(f"{event}: {line} waits for {line.waiting}.")
        free = self.books.free(line.sku, self.good_until(event.at_ms))
        if qty > free.get(at, 0):
            raise Foul(f"{event}: of {line.sku} at {at} {free.get(at, 0)} can be promised.")
        if not self._is_own(line, booking):
            self._nobody_before(event, line, free)
            self._nothing_goes_before(event, line, at, free)
        self.books.promise(line, at, qty)
        booking.allocated.append((line, at, qty))
        booking.skus.add(line.sku)

    def _is_own(self, line: Line, booking: Booking) -> bool:
        """After an undo an order's own promise goes back with the goods, whatever its rank."""
        undone = booking.undone
        return undone is not None and any(
            line is other for other in [*(x.line for x in undone.effects), *(x[0] for x in undone.released)]
        )

    def _nobody_before(self, event: Event, line: Line, free: dict[Lot, int]) -> None:
        if line.order.is_held:
            raise Foul(f"{event}: order {line.order.id} is on hold.")
        for other in self.books.waiting_lines(line.sku):
            if other.rank >= line.rank:
                break
            at_once = other.order is line.order and line.order.fill == "complete"
            if not at_once and self._could_be_served(other, free, event.at_ms):
                raise Foul(f"{event}: {other} waits for {other.waiting} and comes before {line}.")

    def _could_be_served(self, line: Line, free: dict[Lot, int], at_ms: int) -> bool:
        here = sum(free.values())
        match line.order.fill:
            case "partial":
                return here > 0
            case "line":
                return here >= line.waiting
            case _:
                return self.covers(line.order, self.good_until(at_ms))

    def covers(self, order: Order, good_until: str) -> bool:
        """All that an order waits for is here at once."""
        wanted: dict[str, int] = {}
        for line in order.lines.values():
            wanted[line.sku] = wanted.get(line.sku, 0) + line.waiting
        return all(
            sum(self.books.free(sku, good_until).values()) >= qty for sku, qty in wanted.items() if qty
        )

    def _nothing_goes_before(self, event: Event, line: Line, at: Lot, free: dict[Lot, int]) -> None:
        """First expiry first, then the oldest receipt."""
        its, (oldest, _) = self.books.expiry_of(line.sku, at), self.books.age(line.sku, at)
        for other in free:
            day, (_, newest) = self.books.expiry_of(line.sku, other), self.books.age(line.sku, other)
            if day < its:
                raise Foul(f"{event}: it expires {its}, and {other} does {day}.")
            if day == its and newest < oldest:
                raise Foul(f"{event}: it came in at {oldest}, and {other} at {newest}.")

    def nobody_waits_beside_free_goods(self, skus: Iterable[str], at_ms: int) -> None:
        """Judge what stands after a booking."""
        good_until = self.good_until(at_ms)
        for sku in skus:
            free = self.books.free(sku, good_until)
            for line in self.books.waiting_lines(sku) if free else ():
                if self._could_be_served(line, free, at_ms):
                    raise Foul(f"{line} waits for {line.waiting} {sku} beside {free}.")

    def nothing_expired_is_promised(self, skus: Iterable[str], at_ms: int) -> None:
        """Goods are good to the end of their day; the promises on them end with it."""
        today = self.calendar.day(at_ms)
        for sku in skus:
            for line in self.books.lines_of.get(sku, []):
                for at in line.promises:
                    if self.books.expiry_of(sku, at) < today:
                        raise Foul(f"{line} is still promised {sku} at {at}, which expired before {today}.")
