"""Orders, their lines, and what is promised to them: the engine's statements, on the same connection as `store`."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain.allocation import Allocation, Promise, WaitingLine
from edge.domain.requests import PlaceOrder
from edge.ledger.records import encode

_WAITING = "lines.id, order_id, line, sku, waiting, fill, rank"
_QUANTITIES = ("ordered", "allocated", "picked", "shipped", "cancelled", "waiting")
_HAS = f"{', '.join(_QUANTITIES)}, is_cancelled"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order. `ext` is what central keeps with it, as JSON; `is_unfulfillable` tells of the open exception."""

    id: str
    status: str
    express: bool
    fill: str
    customer: str | None
    lane: str | None
    ext: str | None
    content: str
    rank: str
    waiting: int
    hold_reason: str | None
    is_unfulfillable: bool
    tier: int
    promised_at: int | None
    placed_at: int
    ship_by: int | None
    revision: int | None

    @property
    def due_at(self) -> int | None:
        """By when it is to leave, ms UTC."""
        return self.promised_at if self.ship_by is None else self.ship_by

    @property
    def wishes(self) -> dict[str, int | None]:
        """What its rank is made of."""
        return {
            **{"express": int(self.express), "tier": self.tier},
            **{"promised_at": self.promised_at, "placed_at": self.placed_at},
        }


Line = tuple[WaitingLine, dict[str, int]]
"""A line with its quantities: ordered, allocated, picked, shipped, cancelled, waiting, and `is_cancelled` (0 or 1)."""


class Orders:
    """The open orders, as the engine uses them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._run = connection.execute

    # -- orders and promises ---------------------------------------------------------------------------------

    def waiting_lines(self, sku: str, free: int) -> Iterator[WaitingLine]:
        """Live lines that wait for an item, by rank; whole lines that `free` cannot fill are left out here."""
        rows = self._run(
            f"SELECT {_WAITING} FROM lines WHERE sku = ? AND waiting > 0 AND live = 1"
            " AND (fill = 'partial' OR waiting <= ?) ORDER BY rank",
            (sku, free),
        )
        return (WaitingLine(*row) for row in rows)

    def awaited(self, skus: Collection[str]) -> list[str]:
        """Those of some items that a live line waits for, or was told when to expect; in the order given."""
        if len(skus) <= 1:
            return list(skus)
        rows = self._run(
            "SELECT DISTINCT value FROM json_each(?) WHERE"
            " EXISTS (SELECT 1 FROM lines WHERE sku = value AND waiting > 0 AND live = 1)"
            " OR EXISTS (SELECT 1 FROM lines WHERE sku = value AND expected_at IS NOT NULL) ORDER BY key",
            (encode([*skus]),),
        )
        return [row[0] for row in rows]

    def lines_of(self, order: str) -> list[WaitingLine]:
        """The lines of an order that wait, by rank."""
        rows = self._run(
            f"SELECT {_WAITING} FROM lines WHERE order_id = ? AND waiting > 0 ORDER BY rank", (order,)
        )
        return [WaitingLine(*row) for row in rows]

    def all_lines(self, order: str) -> list[Line]:
        """Every line of an order with its quantities, as `line_with` has them."""
        rows = self._run(f"SELECT {_WAITING}, {_HAS} FROM lines WHERE order_id = ? ORDER BY rank", (order,))
        return [_line_with(row) for row in rows]

    def line_with(self, id: int) -> Line:
        """A line with its quantities: ordered, allocated, picked, shipped, cancelled, waiting.

        `is_cancelled` stands beside them, 0 or 1: what comes back of such a line is not wanted again.
        """
        return _line_with(self._run(f"SELECT {_WAITING}, {_HAS} FROM lines WHERE id = ?", (id,)).fetchone())

    def made_by(self, promises: Sequence[int], fact: int) -> set[int]:
        """Those of some promises that were made by a fact."""
        marks = ", ".join("?" * len(promises))
        return {
            row[0]
            for row in self._run(
                f"SELECT id FROM allocations WHERE id IN ({marks}) AND fact = ?", (*promises, fact)
            )
        }

    def promises_on(self, positions: Iterable[int]) -> list[Promise]:
        """Promises that stand on these positions, in the order of service."""
        return [p for position in positions for p in self._promises("position_id = ?", position)]

    def promises_to(self, line: int) -> list[Promise]:
        return self._promises("line_id = ?", line)

    def _promises(self, where: str, value: int) -> list[Promise]:
        rows = self._run(
            f"SELECT allocations.id, position_id, qty, {_WAITING.replace('rank', 'lines.rank')} FROM allocations"
            f" JOIN lines ON lines.id = line_id WHERE {where} AND qty > 0 ORDER BY lines.rank, allocations.id",
            (value,),
        )
        return [Promise(row[0], row[1], WaitingLine(*row[3:]), row[2]) for row in rows]

    def places_promised(self, order: str, sku: str, lot: str) -> list[str]:
        """The places where a lot stands promised to an order, by name."""
        rows = self._run(
            "SELECT DISTINCT account FROM allocations JOIN lines ON lines.id = line_id"
            " JOIN positions ON positions.id = position_id"
            " WHERE order_id = ? AND lines.sku = ? AND positions.lot = ? AND allocations.qty > 0 ORDER BY account",
            (order, sku, lot),
        )
        return [row[0].partition(":")[2] for row in rows]

    def write_allocations(self, fact: int, given: Sequence[Allocation], rule: int) -> None:
        many = self.db.executemany
        many(
            "INSERT INTO allocations (line_id, position_id, qty, made, rank, fact, rule) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(a.line.id, a.stock.position, a.qty, a.qty, a.line.rank, fact, rule) for a in given],
        )
        many(
            "UPDATE lines SET allocated = allocated + ?1, waiting = waiting - ?1,"
            # What was lost is back: who waits again, waits for another reason.
            " reason = CASE waiting WHEN ?1 THEN 'out_of_stock' ELSE reason END WHERE id = ?2",
            [(a.qty, a.line.id) for a in given],
        )
        many("UPDATE orders SET waiting = waiting - ? WHERE id = ?", [(a.qty, a.line.order) for a in given])
        taken: dict[int, int] = {}
        for a in given:
            taken[a.stock.position] = taken.get(a.stock.position, 0) + a.qty
        many(
            "UPDATE positions SET allocated = allocated + ? WHERE id = ?",
            [(qty, position) for position, qty in taken.items()],
        )

    def change_promise(self, promise: Promise, qty: int) -> None:
        """Add to a promise, or take from it, and to what is promised of its position. Its line is not touched."""
        self._run("UPDATE allocations SET qty = qty + ? WHERE id = ?", (qty, promise.id))
        self._run("UPDATE positions SET allocated = allocated + ? WHERE id = ?", (qty, promise.position))

    def follow(self, promise: Promise, position: int, qty: int) -> None:
        """Let what was taken from a promise stand on another position; it stays the promise it was."""
        self._run(
            "INSERT INTO allocations (line_id, position_id, qty, made, rank, fact, rule)"
            " SELECT line_id, ?1, ?2, ?2, rank, fact, rule FROM allocations WHERE id = ?3",
            (position, qty, promise.id),
        )
        self._run("UPDATE positions SET allocated = allocated + ? WHERE id = ?", (qty, position))

    def change_line(
        self,
        line: WaitingLine,
        *,
        ordered: int = 0,
        allocated: int = 0,
        picked: int = 0,
        shipped: int = 0,
        cancelled: int = 0,
        reason: str | None = None,
    ) -> int:
        """Add to a line's quantities; returns by how much more of it waits. `reason` is why it does."""
        waits = ordered - allocated - picked - shipped - cancelled
        self._run(
            "UPDATE lines SET ordered = ordered + ?1, allocated = allocated + ?2, picked = picked + ?3,"
            " shipped = shipped + ?4, cancelled = cancelled + ?5, waiting = waiting + ?6,"
            " reason = ifnull(?7, reason) WHERE id = ?8",
            (ordered, allocated, picked, shipped, cancelled, waits, reason, line.id),
        )
        if waits:
            self._run("UPDATE orders SET waiting = waiting + ? WHERE id = ?", (waits, line.order))
        return waits

    # -- what lines can expect -------------------------------------------------------------------------------

    def lines_expecting(self, sku: str) -> dict[int, tuple[WaitingLine, int, str]]:
        """Lines of an item that were told when to expect their goods, with that time and announcement."""
        rows = self._run(
            f"SELECT {_WAITING}, expected_at, expected_asn FROM lines"
            " WHERE sku = ? AND expected_at IS NOT NULL ORDER BY rank",
            (sku,),
        )
        return {row[0]: (WaitingLine(*row[:7]), row[7], row[8]) for row in rows.fetchall()}

    def expect(self, line: int, at_ms: int | None, asn: str | None) -> None:
        self._run("UPDATE lines SET expected_at = ?, expected_asn = ? WHERE id = ?", (at_ms, asn, line))

    def expected_at(self, line: int) -> int | None:
        row = self._run("SELECT expected_at FROM lines WHERE id = ?", (line,)).fetchone()
        return None if row is None else row[0]

    # -- orders ----------------------------------------------------------------------------------------------

    def order(self, id: str) -> OrderRow | None:
        return self.orders([id]).get(id)

    def orders(self, ids: Sequence[str]) -> dict[str, OrderRow]:
        """The orders of these ids; those that are not there are left out."""
        rows = self._run(
            "SELECT id, status, express, fill, customer, lane, ext, content, rank, waiting, hold_reason, EXISTS"
            " (SELECT 1 FROM exceptions WHERE kind = 'unfulfillable' AND about = orders.id AND cleared_at IS NULL),"
            " tier, promised_at, placed_at, ship_by, revision"
            f" FROM orders WHERE id IN ({', '.join('?' * len(ids))})",
            ids,
        )
        return {row[0]: OrderRow(*row) for row in rows}

    def set_order(self, id: str, *, status: str, reason: str | None = None) -> None:
        self._run("UPDATE orders SET status = ?, hold_reason = ? WHERE id = ?", (status, reason, id))
        self._run("UPDATE lines SET live = ? WHERE order_id = ?", (status != "held", id))

    def change_order(self, id: str, values: Mapping[str, Any]) -> None:
        """Set columns of an order; its lines are filled as it is."""
        names = ", ".join(f"{column} = ?" for column in values)
        self._run(f"UPDATE orders SET {names} WHERE id = ?", (*values.values(), id))
        if "fill" in values:
            self._run("UPDATE lines SET fill = ? WHERE order_id = ?", (values["fill"], id))

    def is_over(self, id: str) -> bool:
        """Nothing of an order is still to be shipped: every line is cancelled or shipped in full."""
        row = self._run(
            "SELECT 1 FROM lines WHERE order_id = ? AND is_cancelled = 0 AND shipped < ordered LIMIT 1", (id,)
        ).fetchone()
        return row is None

    def mark_cancelled(self, line: int, is_cancelled: bool) -> None:
        """A line was cancelled, or lives again."""
        self._run("UPDATE lines SET is_cancelled = ? WHERE id = ?", (is_cancelled, line))

    def to_put_back(self, order: str) -> list[tuple[str, int]]:
        """What is picked for cancelled lines of an order: SKU and quantity."""
        return self._run(
            "SELECT sku, sum(picked) FROM lines WHERE order_id = ? AND is_cancelled = 1 AND picked > 0"
            " GROUP BY sku ORDER BY min(rank)",
            (order,),
        ).fetchall()

    def write_order(
        self, request: PlaceOrder, placed_at: int, rank: str, lines: Sequence[tuple[str, str, int, str]]
    ) -> None:
        """Write a new order; `lines` are line (JSON), SKU, quantity and rank."""
        self._run(
            "INSERT INTO orders (id, status, express, tier, promised_at, placed_at, not_before, ship_by, fill,"
            " customer, lane, ext, content, rank, waiting)"
            " VALUES (?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(request.order, request.express, request.tier, request.promised_at_ms, placed_at),
                *(request.not_before_ms, request.ship_by_ms, request.fill, request.customer, request.lane),
                None if request.ext is None else encode(request.ext),
                *(request.content, rank, sum(qty for _, _, qty, _ in lines)),
            ),
        )
        self.db.executemany(
            "INSERT INTO lines (order_id, line, sku, ordered, waiting, fill, rank) VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)",
            [(request.order, line, sku, qty, request.fill, rank) for line, sku, qty, rank in lines],
        )

    def write_line(self, order: OrderRow, line: str, sku: str, qty: int, rank: str) -> WaitingLine:
        """Add a line to an order; all of it waits."""
        row = self._run(
            "INSERT INTO lines (order_id, line, sku, ordered, waiting, fill, rank, live)"
            " VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7) RETURNING id",
            (order.id, line, sku, qty, order.fill, rank, order.status != "held"),
        ).fetchone()
        self._run("UPDATE orders SET waiting = waiting + ? WHERE id = ?", (qty, order.id))
        return WaitingLine(int(row[0]), order.id, line, sku, qty, order.fill, rank)

    def order_ranks(self) -> list[tuple[str, dict[str, int | None]]]:
        """Every order with what its rank is made of."""
        rows = self._run("SELECT id, express, tier, promised_at, placed_at FROM orders ORDER BY id")
        names = ("express", "tier", "promised_at", "placed_at")
        return [(row[0], dict(zip(names, row[1:], strict=True))) for row in rows]

    def line_names(self, order: str) -> list[tuple[int, str]]:
        return self._run("SELECT id, line FROM lines WHERE order_id = ? ORDER BY id", (order,)).fetchall()

    def write_rank(self, order: str, rank: str, lines: Sequence[tuple[int, str]]) -> None:
        self._run("UPDATE orders SET rank = ? WHERE id = ?", (rank, order))
        self.db.executemany("UPDATE lines SET rank = ? WHERE id = ?", [(rank, id) for id, rank in lines])


def _line_with(row: tuple[Any, ...]) -> Line:
    return WaitingLine(*row[:7]), dict(zip((*_QUANTITIES, "is_cancelled"), row[7:], strict=True))
