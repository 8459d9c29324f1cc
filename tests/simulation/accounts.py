"""The referee's own books: goods by adding up `moves`, orders by the commands, promises by the events.

Goods lie at spots (account, lot, expiry, pallet) of an item. A promise is kept by line, place and lot, as events
name it. What waits is never written down: it is reckoned as the contract says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.simulation.wire import Foul

INSIDE = ("location:", "missing:", "quarantine:", "picked:")
"""Accounts inside the walls: there is no less than nothing in them."""

ANY_AGE = (0, 2**62)
"""Of goods that came back from outside the contract does not say how old they are."""

NO_DAY = "9999-12-31"
"""Stands for no expiry: it comes last."""


class Spot(NamedTuple):
    account: str
    lot: str
    expiry: str
    pallet: str


class Lot(NamedTuple):
    """Where a promise stands, as events name it."""

    place: str
    lot: str


@dataclass(slots=True, eq=False)
class Line:
    """A line of an order. `promises` by place and lot."""

    order: "Order"
    name: int
    sku: str
    ordered: int
    picked: int = 0
    shipped: int = 0
    is_cancelled: bool = False
    promises: dict[Lot, int] = field(default_factory=dict)

    @property
    def allocated(self) -> int:
        return sum(self.promises.values())

    @property
    def waiting(self) -> int:
        return 0 if self.is_cancelled else self.ordered - self.allocated - self.picked - self.shipped

    @property
    def rank(self) -> tuple[Any, ...]:
        return (*self.order.rank, self.name)

    def __str__(self) -> str:
        return f"{self.order.id}/{self.name}"


@dataclass(slots=True, eq=False)
class Order:
    id: str
    order_by: tuple[str, ...]
    express: bool = False
    tier: int = 0
    promised_at: int | None = None
    placed_at: int = 0
    fill: str = "partial"
    is_held: bool = False
    held_until: int | None = None
    lines: dict[int, Line] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[Any, ...]:
        """Its place in the order of service (contract section 4)."""
        keys = {
            "express": (not self.express,),
            "tier": (-self.tier,),
            "promised_at": (self.promised_at is None, self.promised_at or 0),
            "placed_at": (self.placed_at,),
        }
        return (*(keys[name] for name in self.order_by), self.id.encode())

    @property
    def is_cancelled(self) -> bool:
        return all(line.is_cancelled for line in self.lines.values())

    @property
    def is_over(self) -> bool:
        """Nothing can be given to it any more, nor taken back from it but by a return or an undo."""
        return all(line.is_cancelled or line.shipped == line.ordered for line in self.lines.values())

    @property
    def is_ready(self) -> bool:
        return not self.is_cancelled and not any(line.waiting for line in self.lines.values())


@dataclass(slots=True)
class Books:
    """Who has what, who is promised what, and all lines of an item."""

    stock: dict[str, dict[Spot, int]] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    lines_of: dict[str, list[Line]] = field(default_factory=dict)
    _ages: dict[tuple[str, Spot], tuple[int, int]] = field(default_factory=dict)
    _on: dict[tuple[str, Lot], dict[Line, int]] = field(default_factory=dict)

    # -- goods -----------------------------------------------------------------------------------------------

    def move(self, move: dict[str, Any], came_at: int | None) -> None:
        """Move goods, and their age with them: it begins when they come in (None: they only come back)."""
        spots = self.stock.setdefault(move["sku"], {})
        goods = (move["lot"] or "", move["expiry"] or "", move["pallet"] or "")
        source, target = Spot(move["from"], *goods), Spot(move["to"], *goods)
        age = self._ages.get((move["sku"], source), ANY_AGE)
        if source.account.startswith("supplier:") or source.account == "adjustment":
            age = ANY_AGE if came_at is None else (came_at, came_at)
        if spots.get(target, 0) > 0:
            before = self._ages.get((move["sku"], target), ANY_AGE)
            age = (min(age[0], before[0]), max(age[1], before[1]))
        self._ages[move["sku"], target] = age
        for account, qty in ((move["from"], -move["qty"]), (move["to"], move["qty"])):
            spot = Spot(account, *goods)
            spots[spot] = spots.get(spot, 0) + qty
            if spots[spot] == 0:
                del spots[spot]

    def age(self, sku: str, at: Lot) -> tuple[int, int]:
        """When goods of a lot at a place came in: the oldest and the newest of them, as far as moves tell."""
        ages = [
            self._ages.get((sku, spot), ANY_AGE)
            for spot, qty in self.stock.get(sku, {}).items()
            if qty > 0 and spot.account == f"location:{at.place}" and spot.lot == at.lot
        ]
        return min((age[0] for age in ages), default=0), max((age[1] for age in ages), default=0)

    def below_zero(self, sku: str) -> Iterator[tuple[Spot, int]]:
        for spot, qty in self.stock.get(sku, {}).items():
            if qty < 0 and spot.account.startswith(INSIDE):
                yield spot, qty

    def at(self, sku: str, account: str, lot: str | None = None) -> int:
        """What lies in an account, of one lot or of all."""
        return sum(
            qty
            for spot, qty in self.stock.get(sku, {}).items()
            if spot.account == account and lot in (None, spot.lot)
        )

    def sum(self, sku: str, kind: str) -> int:
        """What lies in all accounts of a kind, such as `missing`."""
        return sum(
            qty for spot, qty in self.stock.get(sku, {}).items() if spot.account.startswith(f"{kind}:")
        )

    def lots_at(self, sku: str, place: str) -> dict[str, int]:
        """What lies at a place, by lot."""
        lots: dict[str, int] = {}
        for spot, qty in self.stock.get(sku, {}).items():
            if spot.account == f"location:{place}":
                lots[spot.lot] = lots.get(spot.lot, 0) + qty
        return lots

    def expiry_of(self, sku: str, at: Lot) -> str:
        """The first expiry of a lot at a place; a lot has one, where people label with care."""
        days = [
            spot.expiry or NO_DAY
            for spot, qty in self.stock.get(sku, {}).items()
            if qty > 0 and spot.account == f"location:{at.place}" and spot.lot == at.lot
        ]
        return min(days, default=NO_DAY)

    def free(self, sku: str, good_until: str) -> dict[Lot, int]:
        """Goods that may be promised: at places, promised to nobody, good to the end of that day."""
        free: dict[Lot, int] = {}
        bad: set[Lot] = set()
        for spot, qty in self.stock.get(sku, {}).items():
            kind, _, place = spot.account.partition(":")
            if kind == "location":
                at = Lot(place, spot.lot)
                free[at] = free.get(at, 0) + qty
                if spot.expiry and spot.expiry < good_until:
                    bad.add(at)
        return {
            at: left
            for at, qty in free.items()
            if at not in bad and (left := qty - self.promised(sku, at)) > 0
        }

    # -- promises --------------------------------------------------------------------------------------------

    def promised(self, sku: str, at: Lot) -> int:
        return sum(self._on.get((sku, at), {}).values())

    def promises_at(self, sku: str, at: Lot) -> list[tuple[Line, int]]:
        """The lines promised goods of a lot at a place, in the order of service."""
        return sorted(self._on.get((sku, at), {}).items(), key=lambda pair: pair[0].rank)

    def promise(self, line: Line, at: Lot, qty: int) -> None:
        """Promise so many more, or fewer; never less than none."""
        left = line.promises.get(at, 0) + qty
        on = self._on.setdefault((line.sku, at), {})
        if left < 0:
            raise Foul(f"{line} is to give back {-qty} {line.sku} at {at}, and has {left - qty} there.")
        if left:
            line.promises[at] = on[line] = left
        else:
            line.promises.pop(at, None)
            on.pop(line, None)

    def over_promised(self, sku: str) -> Iterator[tuple[Lot, int, int]]:
        """Lots of which more is promised than there is: where, promised, there."""
        for other, at in list(self._on):
            if other == sku and (promised := self.promised(sku, at)):
                there = self.at(sku, f"location:{at.place}", at.lot)
                if promised > there:
                    yield at, promised, there

    # -- orders ----------------------------------------------------------------------------------------------

    def add_line(self, order: Order, name: int, sku: str, qty: int) -> None:
        order.lines[name] = line = Line(order, name, sku, qty)
        self.lines_of.setdefault(sku, []).append(line)

    def line(self, order: Any, name: Any) -> Line:
        known = self.orders.get(order)
        if known is None or name not in known.lines:
            raise Foul(f"There is no line {name!r} of an order {order!r}.")
        return known.lines[name]

    def waiting_lines(self, sku: str) -> list[Line]:
        """The lines that may be served, in the order of service."""
        lines = [line for line in self.lines_of.get(sku, []) if line.waiting > 0 and not line.order.is_held]
        return sorted(lines, key=lambda line: line.rank)

    def level(self, sku: str) -> dict[str, int]:
        on_hand = self.sum(sku, "location")
        allocated = sum(line.allocated for line in self.lines_of.get(sku, []))
        waiting = sum(line.waiting for line in self.lines_of.get(sku, []))
        return {
            **{"on_hand": on_hand, "allocated": allocated, "available": max(0, on_hand - allocated)},
            **{"waiting": waiting, "missing": self.sum(sku, "missing")},
            **{"quarantine": self.sum(sku, "quarantine")},
        }
