"""Who is promised what, as plainly as section 4 of the contract says it: dicts and loops, no ledger and no speed.

A small second opinion, told what was done and what was said of it; it knows nothing of how the engine works.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

LineId = tuple[str, int]
"""An order and a line of it."""


class Pile(NamedTuple):
    """Goods of one item and lot at one account; an empty lot is none."""

    account: str
    sku: str
    lot: str

    @property
    def kind(self) -> str:
        return self.account.partition(":")[0]

    @property
    def name(self) -> str:
        """The place or order in the account's name."""
        return self.account.partition(":")[2]

    def to(self, account: str) -> "Pile":
        return self._replace(account=account)


Promised = tuple[LineId, Pile]
"""A line, and the goods that are promised to it."""


class Move(NamedTuple):
    """Goods that went; `line` is the one they were for, where that was said."""

    source: Pile
    target: Pile
    qty: int
    line: LineId | None = None


@dataclass(slots=True)
class Line:
    id: LineId
    sku: str
    ordered: int
    picked: int = 0
    shipped: int = 0
    cancelled: int = 0
    is_dead: bool = False
    promised: Counter[Pile] = field(default_factory=Counter)

    @property
    def waiting(self) -> int:
        return self.ordered - self.promised.total() - self.picked - self.shipped - self.cancelled

    @property
    def lacks(self) -> int:
        return self.waiting + self.promised.total()


@dataclass(slots=True)
class Order:
    id: str
    placed_at: int
    fill: str = "partial"
    express: bool = False
    tier: int = 0
    promised_at: int | None = None
    is_held: bool = False
    is_cancelled: bool = False
    lines: dict[int, Line] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Nothing of it is still to be shipped."""
        return all(line.is_dead or line.shipped == line.ordered for line in self.lines.values())


class Shelf:
    """All goods wherever they are, all orders, and what stands promised. `expiry` is that of each lot, or empty."""

    def __init__(self, expiry: Mapping[str, str], order_by: Sequence[str], shelf_life_days: int) -> None:
        self.qty: Counter[Pile] = Counter()
        self.age: dict[Pile, int] = {}
        self.orders: dict[str, Order] = {}
        self._expiry, self._order_by, self._shelf_life_days = expiry, order_by, shelf_life_days

    # -- goods -----------------------------------------------------------------------------------------------

    def expires(self, pile: Pile) -> str:
        """The last day on which it is good, or a day beyond all others."""
        return self._expiry[pile.lot] or "9999"

    def at(self, account: str, sku: str, lot: str = "") -> list[Pile]:
        """What of an item is there: of one lot, or of any."""
        return sorted(
            pile
            for pile, qty in self.qty.items()
            if qty > 0 and pile.account == account and pile.sku == sku and lot in ("", pile.lot)
        )

    def has(self, piles: Iterable[Pile]) -> int:
        return sum(self.qty[pile] for pile in piles)

    def move(self, move: Move, at_ms: int, *, is_back: bool = False) -> None:
        """Goods keep their age; where some are already, the oldest tell it. Those from outside are new.

        `is_back`: they come back to where they were, and are not.
        """
        source, target, qty, _ = move
        age = self.age.setdefault(source, at_ms)
        if source.kind in ("supplier", "adjustment") and not is_back:
            age = at_ms
        self.qty[source] -= qty
        old = self.age.get(target, age)
        self.age[target] = age if self.qty[target] <= 0 else min(old, age)
        self.qty[target] += qty
        assert self.qty[source] >= 0 or source.kind in ("supplier", "adjustment"), (source, self.qty[source])

    # -- promises --------------------------------------------------------------------------------------------

    def lines(self) -> list[Line]:
        """Every line, in the order of service."""
        return [
            line
            for order in sorted(self.orders.values(), key=self._rank)
            for _, line in sorted(order.lines.items())
        ]

    def _rank(self, order: Order) -> tuple[object, ...]:
        keys = {
            "express": not order.express,
            "tier": -order.tier,
            "promised_at": float("inf") if order.promised_at is None else order.promised_at,
            "placed_at": order.placed_at,
        }
        return *(keys[key] for key in self._order_by), order.id

    def line(self, id: LineId) -> Line:
        return self.orders[id[0]].lines[id[1]]

    def promised(self, pile: Pile) -> int:
        return sum(line.promised[pile] for order in self.orders.values() for line in order.lines.values())

    def free(self, pile: Pile) -> int:
        return self.qty[pile] - self.promised(pile)

    def good(self, sku: str, today: str) -> list[Pile]:
        """What may be promised: first expiry, then oldest receipt, then place."""
        until = (date.fromisoformat(today) + timedelta(days=self._shelf_life_days)).isoformat()
        return sorted(
            (
                pile
                for pile in self.qty
                if pile.sku == sku and pile.kind == "location" and self.expires(pile) >= until
            ),
            key=lambda pile: (self.expires(pile), self.age[pile], pile.account, pile.lot),
        )

    def serve(self, today: str) -> Counter[Promised]:
        """Give what is free to whoever waits and is not held, in the order of service; tells who got what."""
        given: Counter[Promised] = Counter()
        for line in self.lines():
            order = self.orders[line.id[0]]
            wanted = [line] if line.waiting and not order.is_held else []
            if wanted and order.fill == "complete":
                wanted = [each for _, each in sorted(order.lines.items()) if each.waiting]
            if order.fill == "partial" or self._covers(wanted, today):
                for each in wanted:
                    given += self._give(each, today)
        return given

    def _covers(self, wanted: Sequence[Line], today: str) -> bool:
        needs: Counter[str] = Counter()
        for line in wanted:
            needs[line.sku] += line.waiting
        return all(sum(map(self.free, self.good(sku, today))) >= qty for sku, qty in needs.items())

    def _give(self, line: Line, today: str) -> Counter[Promised]:
        given: Counter[Promised] = Counter()
        for pile in self.good(line.sku, today):
            if part := min(line.waiting, self.free(pile)):
                line.promised[pile] += part
                given[line.id, pile] += part
        return given

    def end(self, ended: Mapping[Promised, int]) -> None:
        """Promises end; nobody has more taken than was theirs."""
        for (id_, pile), qty in ended.items():
            promised = self.line(id_).promised
            assert 0 < qty <= promised[pile], (id_, pile, qty, promised)
            promised[pile] -= qty

    def give_up(
        self,
        piles: Sequence[Pile],
        moved: Mapping[Pile, int],
        ended: Mapping[Promised, int],
        kept: Mapping[Promised, int] | None = None,
    ) -> None:
        """End the promises on goods that are leaving: free goods had to go first, then those of the last in line.

        Of which lot or pile goods are is free to choose among equals: `moved` and `ended` tell. Promises that are
        `kept` go with their goods and before all others.
        """
        free, spare = {pile: self.free(pile) for pile in piles}, Counter(moved)
        for (_, pile), qty in (kept or {}).items():
            spare[pile] -= qty
        self.end(kept or {})
        left = max(0, sum(spare.values()) - sum(free.values()))
        due, went = {}, Counter[LineId]()
        for line in reversed(self.lines()):
            if part := min(left, sum(line.promised[pile] for pile in piles)):
                due[line.id] = part
                left -= part
        for (id_, pile), qty in ended.items():
            went[id_] += qty
            spare[pile] -= qty
        assert went == due, f"released {dict(went)}, due were {due}"
        for pile in piles:
            assert 0 <= spare[pile] <= free[pile], (pile, spare, free)
            assert not due or spare[pile] == free[pile], f"{pile} had free goods when promises were broken"
        self.end(ended)

    # -- what is told of it ----------------------------------------------------------------------------------

    def waiting(self) -> dict[LineId, int]:
        return {line.id: line.waiting for line in self.lines()}

    def level(self, sku: str) -> dict[str, int]:
        def all_at(kind: str) -> int:
            return sum(qty for pile, qty in self.qty.items() if pile.sku == sku and pile.kind == kind)

        of_it = [line for line in self.lines() if line.sku == sku]
        return {
            "on_hand": all_at("location"),
            "allocated": sum(line.promised.total() for line in of_it),
            "waiting": sum(line.waiting for line in of_it),
            "missing": all_at("missing"),
            "quarantine": all_at("quarantine"),
            "expected": 0,
        }

    def promises(self) -> Iterator[tuple[LineId, Pile, int]]:
        for line in self.lines():
            for pile, qty in sorted(line.promised.items()):
                if qty:
                    yield line.id, pile, qty
