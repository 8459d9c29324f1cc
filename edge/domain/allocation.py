"""Who gets what, and who gives back: the order of service and the ways to fill an order (contract 4).

Pure: waiting lines come in their order of service, stock in the order it is to be used; nothing is read or written.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from edge.domain.journal import Goods
from edge.domain.requests import LineId

SEPARATOR = "\x1f"
"""Divides the parts of a rank: below every printable character, so that a shorter id comes before a longer one."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A line of an order that waits for `waiting` eaches. `line` is its name as JSON, `rank` sorts by bytes."""

    id: int
    order: str
    line: str
    sku: str
    waiting: int
    fill: str
    rank: str


@dataclass(slots=True)
class Stock:
    """Goods of one position: `free` of them are promised to nobody, `promised` to somebody."""

    position: int
    sku: str
    account: str
    lot: str
    expiry: str
    pallet: str
    free: int
    since: int
    promised: int = 0

    @property
    def here(self) -> int:
        """All of it, promised or not."""
        return self.free + self.promised

    @property
    def goods(self) -> Goods:
        """What it is, wherever it lies."""
        return Goods(self.sku, self.lot, self.expiry, self.pallet)


@dataclass(frozen=True, slots=True)
class Allocation:
    line: WaitingLine
    stock: Stock
    qty: int


@dataclass(frozen=True, slots=True)
class Promise:
    """An allocation that stands: `qty` of a position for a line."""

    id: int
    position: int
    line: WaitingLine
    qty: int


@dataclass(slots=True)
class Pool:
    """The free stock of some items, in the order it is to be used; loaded item by item, used up as it is given."""

    load: Callable[[str], list[Stock]]
    _stock: dict[str, list[Stock]] = field(default_factory=dict)
    _free: dict[str, int] = field(default_factory=dict)

    def free(self, sku: str) -> int:
        if sku not in self._free:
            self._stock[sku] = self.load(sku)
            self._free[sku] = sum(stock.free for stock in self._stock[sku])
        return self._free[sku]

    def take(self, sku: str, qty: int) -> Iterator[tuple[Stock, int]]:
        """Give `qty`, or what there is, first things first."""
        qty = min(qty, self.free(sku))
        self._free[sku] -= qty
        for stock in self._stock[sku]:
            if qty == 0:
                return
            if part := min(stock.free, qty):
                stock.free -= part
                qty -= part
                yield stock, part


def rank(keys: Sequence[str], order: str, values: Mapping[str, int | None]) -> str:
    """Write an order's place in the order of service as a text that sorts by bytes.

    `values` has express (0 or 1), tier (0 to 9), promised_at and placed_at (ms or None).

    >>> keys = ["express", "tier"]
    >>> rank(keys, "SO-2", {"express": 1, "tier": 0}) < rank(keys, "SO-1", {"express": 0, "tier": 9})
    True
    """
    return SEPARATOR.join([*(_key(key, values[key]) for key in keys), order])


def line_rank(order_rank: str, line: LineId) -> str:
    """Add the line: numbers by their value, then texts by their bytes."""
    # Shifted to be positive, so that as many digits compare like numbers.
    name = f"0{line + 10**18:020d}" if isinstance(line, int) else f"1{line}"
    return f"{order_rank}{SEPARATOR}{name}"


def read_rank(keys: Sequence[str], rank: str) -> dict[str, int | None]:
    """Tell what the rank of an order or line was made of, by the keys it was made with: `rank` the other way.

    >>> read_rank(["tier", "express"], rank(["tier", "express"], "SO-1", {"express": 1, "tier": 5}))
    {'tier': 5, 'express': 1}
    """
    return {key: _value(key, part) for key, part in zip(keys, rank.split(SEPARATOR), strict=False)}


def _key(key: str, value: int | None) -> str:
    if key == "express":
        return "0" if value else "1"
    if key == "tier":
        return str(9 - (value or 0))
    # "~" sorts behind all digits: no promise comes after every promise.
    return "~" if value is None else f"{value + 10**15:017d}"


def _value(key: str, part: str) -> int | None:
    if key == "express":
        return int(part == "0")
    if key == "tier":
        return 9 - int(part)
    return None if part == "~" else int(part) - 10**15


def good_until(today: str, min_shelf_life_days: int) -> str:
    """The day to the end of which stock must be good to be given today."""
    if not min_shelf_life_days:
        return today
    return (date.fromisoformat(today) + timedelta(days=min_shelf_life_days)).isoformat()


def serve(
    queues: Iterable[tuple[str, Iterable[WaitingLine]]],
    pool: Pool,
    lines_of: Callable[[str], Sequence[WaitingLine]],
) -> list[Allocation]:
    """Give the free stock of some items to the lines that wait for them, in the order of service.

    `queues` has for each item its live waiting lines by rank; reading stops when the item's stock is gone, so the
    cost follows what is given, not what waits. `lines_of` tells all waiting lines of an order that is served
    complete. One that cannot be met does not block those behind it.
    """
    given: list[Allocation] = []
    closed: set[str] = set()
    queue = heapq.merge(
        *(_while_stock(sku, lines, pool) for sku, lines in queues), key=lambda line: line.rank
    )
    for line in queue:
        if line.order in closed:
            continue
        if line.fill == "complete":
            closed.add(line.order)
            wanted = lines_of(line.order)
            if not _covers(pool, wanted):
                continue
        elif line.fill == "line" and pool.free(line.sku) < line.waiting:
            continue
        else:
            wanted = (line,)
        given += (
            Allocation(each, stock, qty)
            for each in wanted
            for stock, qty in pool.take(each.sku, each.waiting)
        )
    return given


def _while_stock(sku: str, lines: Iterable[WaitingLine], pool: Pool) -> Iterator[WaitingLine]:
    rows = iter(lines)
    while pool.free(sku) > 0 and (line := next(rows, None)) is not None:
        yield line


def _covers(pool: Pool, lines: Sequence[WaitingLine]) -> bool:
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, 0) + line.waiting
    return all(pool.free(sku) >= qty for sku, qty in wanted.items())


def give_back(
    goods: Sequence[Stock], promises: Sequence[Promise], qty: int
) -> tuple[dict[int, int], list[tuple[Promise, int]]]:
    """Decide which goods go when `qty` of them are gone from a place: how many of each position, whose promises end.

    What nobody was promised goes first; then promises are taken back from the last in the order of service upwards.
    `promises` are all those on these goods, by rank.
    """
    taken: dict[int, int] = {}
    for stock in goods:
        if part := min(stock.free, qty):
            taken[stock.position] = part
            qty -= part
    ended: list[tuple[Promise, int]] = []
    for promise in reversed(promises):
        if qty == 0:
            break
        part = min(promise.qty, qty)
        taken[promise.position] = taken.get(promise.position, 0) + part
        ended.append((promise, part))
        qty -= part
    return taken, ended
