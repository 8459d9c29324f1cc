"""The engine's statements: what it reads to decide and what a booking writes. One connection, one thread.

Plain SQL, since each scan passes here. Nothing begins or ends a transaction but `transaction` itself.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from edge.domain.allocation import Allocation, Promise, Stock, WaitingLine
from edge.domain.codes import Listed
from edge.domain.journal import Goods, Move

_WAITING = "lines.id, order_id, line, sku, waiting, fill, rank"
_STOCK = "id, sku, account, lot, expiry, pallet, qty - allocated, since"
# `;` follows `:` in ASCII: the range holds every account that begins with "location:".
_AT_PLACES = "account >= 'location:' AND account < 'location;'"


@dataclass(frozen=True, slots=True)
class Item:
    """What the catalogue says of an item."""

    sku: str
    name: str
    home: str | None
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: str
    status: str
    express: bool
    fill: str
    customer: str | None
    lane: str | None
    ext: Any
    content: str
    rank: str
    waiting: int


class Store:
    """The open ledger, as the engine uses it. Implements the catalogue that codes are read with."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._run = connection.execute

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. IMMEDIATE: one that reads first and then writes could not be waited for."""
        self._run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:
                self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    # -- the catalogue ---------------------------------------------------------------------------------------

    def by_code(self, code: str) -> Listed | None:
        row = self._run("SELECT sku, pack FROM codes WHERE code = ?", (code,)).fetchone()
        return Listed(*row) if row else None

    def by_gtin(self, gtin14: str) -> Listed | None:
        row = self._run(
            "SELECT sku, pack FROM codes WHERE gtin = ? AND gtin <> '' ORDER BY code LIMIT 1", (gtin14,)
        ).fetchone()
        return Listed(*row) if row else None

    def by_sku(self, sku: str) -> bool:
        return self._run("SELECT 1 FROM items WHERE sku = ?", (sku,)).fetchone() is not None

    def item(self, sku: str) -> Item:
        """What is known of an item; one that the catalogue lacks has no name."""
        row = self._run("SELECT name, home, alternatives FROM items WHERE sku = ?", (sku,)).fetchone()
        if row is None:
            return Item(sku, "", None, ())
        alternatives = () if row[2] == "[]" else tuple(json.loads(row[2]))
        return Item(sku, row[0], row[1], alternatives)

    def gtin_of(self, sku: str) -> str:
        """The GTIN of the item's single unit, 14 digits, or empty."""
        row = self._run(
            "SELECT gtin FROM codes WHERE sku = ? AND pack = 1 AND gtin <> '' ORDER BY code LIMIT 1", (sku,)
        ).fetchone()
        return str(row[0]) if row else ""

    # -- stock -----------------------------------------------------------------------------------------------

    def free_stock(self, sku: str, good_until: str) -> list[Stock]:
        """Free goods of an item that are good to the end of that day: first expiry, oldest, then place."""
        rows = self._run(
            f"SELECT {_STOCK} FROM positions WHERE sku = ? AND qty > allocated AND account LIKE 'location:%'"
            " AND (expiry = '' OR expiry >= ?) ORDER BY expiry = '', expiry, since, account, lot, pallet",
            (sku, good_until),
        )
        return [Stock(*row) for row in rows]

    def goods_at(
        self, account: str, sku: str, lot: str | None = None, expiry: str | None = None
    ) -> list[Stock]:
        """What an account has of an item, in the same order; `free` is what of it nobody was promised."""
        rows = self._run(
            f"SELECT {_STOCK} FROM positions WHERE sku = :sku AND account = :account AND qty > 0"
            " AND (:lot IS NULL OR lot = :lot) AND (:expiry IS NULL OR expiry = :expiry)"
            " ORDER BY expiry = '', expiry, since, lot, pallet",
            {"sku": sku, "account": account, "lot": lot, "expiry": expiry},
        )
        return [Stock(*row) for row in rows]

    def places_of(self, sku: str) -> list[str]:
        rows = self._run(
            f"SELECT DISTINCT account FROM positions WHERE sku = ? AND {_AT_PLACES} AND qty > 0 ORDER BY account",
            (sku,),
        )
        return [row[0].partition(":")[2] for row in rows]

    def was_booked_at(self, sku: str, accounts: Sequence[str]) -> bool:
        marks = ", ".join("?" * len(accounts))
        return (
            self._run(
                f"SELECT 1 FROM postings WHERE sku = ? AND account IN ({marks}) LIMIT 1", (sku, *accounts)
            ).fetchone()
            is not None
        )

    def booked_since(self, account: str, sku: str, lot: str | None, seq: int) -> int:
        """What bookings whose first event comes after `seq` did to an account."""
        row = self._run(
            "SELECT ifnull(sum(qty), 0) FROM postings JOIN entries USING (entry) WHERE sku = :sku"
            " AND account = :account AND (:lot IS NULL OR lot = :lot) AND booking > :seq",
            {"sku": sku, "account": account, "lot": lot, "seq": seq},
        ).fetchone()
        return int(row[0])

    def change_position(self, goods: Goods, account: str, qty: int, since: int) -> int:
        """Add to a position (or take away); the age is that of the oldest goods in it."""
        row = self._run(
            "INSERT INTO positions (sku, lot, expiry, pallet, account, qty, since) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (sku, account, lot, expiry, pallet) DO UPDATE SET qty = qty + excluded.qty,"
            " since = CASE WHEN qty <= 0 THEN excluded.since ELSE min(since, excluded.since) END RETURNING id",
            (goods.sku, goods.lot, goods.expiry, goods.pallet, account, qty, since),
        ).fetchone()
        return int(row[0])

    def take_position(self, goods: Goods, account: str, qty: int, since: int) -> None:
        """Take from a position; accounts outside the walls begin at nothing and go below."""
        changed = self._run(
            "UPDATE positions SET qty = qty - ?"
            " WHERE sku = ? AND account = ? AND lot = ? AND expiry = ? AND pallet = ?",
            (qty, goods.sku, account, goods.lot, goods.expiry, goods.pallet),
        ).rowcount
        if not changed:
            self._run(
                "INSERT INTO positions (sku, lot, expiry, pallet, account, qty, since) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (goods.sku, goods.lot, goods.expiry, goods.pallet, account, -qty, since),
            )

    def write_entry(self, fact: int, kind: str, booking: int, moves: Sequence[Move]) -> None:
        entry = self._run(
            "INSERT INTO entries (fact, kind, booking) VALUES (?, ?, ?)", (fact, kind, booking)
        ).lastrowid
        self.db.executemany(
            "INSERT INTO postings (entry, n, sku, lot, expiry, pallet, account, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (entry, 2 * n + side, m.goods.sku, m.goods.lot, m.goods.expiry, m.goods.pallet, account, qty)
                for n, m in enumerate(moves)
                for side, (account, qty) in enumerate(((m.source, -m.qty), (m.target, m.qty)))
            ],
        )

    # -- orders and promises ---------------------------------------------------------------------------------

    def waiting_lines(self, sku: str, free: int) -> Iterator[WaitingLine]:
        """Live lines that wait for an item, by rank; whole lines that `free` cannot fill are left out here."""
        rows = self._run(
            f"SELECT {_WAITING} FROM lines WHERE sku = ? AND waiting > 0 AND live = 1"
            " AND (fill = 'partial' OR waiting <= ?) ORDER BY rank",
            (sku, free),
        )
        return (WaitingLine(*row) for row in rows)

    def lines_of(self, order: str) -> list[WaitingLine]:
        """The lines of an order that wait, by rank."""
        rows = self._run(
            f"SELECT {_WAITING} FROM lines WHERE order_id = ? AND waiting > 0 ORDER BY rank", (order,)
        )
        return [WaitingLine(*row) for row in rows]

    def all_lines(self, order: str) -> list[tuple[WaitingLine, dict[str, int]]]:
        """Every line of an order with its quantities."""
        names = ("ordered", "allocated", "picked", "shipped", "cancelled")
        rows = self._run(
            f"SELECT {_WAITING}, {', '.join(names)} FROM lines WHERE order_id = ? ORDER BY rank", (order,)
        )
        return [(WaitingLine(*row[:7]), dict(zip(names, row[7:], strict=True))) for row in rows]

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

    def promised(self, order: str, sku: str, lot: str) -> int:
        """How much of a lot stands promised to an order."""
        row = self._run(
            "SELECT ifnull(sum(allocations.qty), 0) FROM allocations JOIN lines ON lines.id = line_id"
            " JOIN positions ON positions.id = position_id"
            " WHERE order_id = ? AND lines.sku = ? AND positions.lot = ? AND allocations.qty > 0",
            (order, sku, lot),
        ).fetchone()
        return int(row[0])

    def position(self, id: int) -> Stock:
        return Stock(*self._run(f"SELECT {_STOCK} FROM positions WHERE id = ?", (id,)).fetchone())

    def write_allocations(self, fact: int, given: Sequence[Allocation]) -> None:
        many = self.db.executemany
        many(
            "INSERT INTO allocations (line_id, position_id, qty, made, rank, fact) VALUES (?, ?, ?, ?, ?, ?)",
            [(a.line.id, a.stock.position, a.qty, a.qty, a.line.rank, fact) for a in given],
        )
        many(
            "UPDATE lines SET allocated = allocated + ?1, waiting = waiting - ?1 WHERE id = ?2",
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

    def end_promise(self, promise: Promise, qty: int, reason: str) -> None:
        """Take back `qty` of a promise: the line waits again."""
        self._run("UPDATE allocations SET qty = qty - ? WHERE id = ?", (qty, promise.id))
        self._run("UPDATE positions SET allocated = allocated - ? WHERE id = ?", (qty, promise.position))
        self._run(
            "UPDATE lines SET allocated = allocated - ?1, waiting = waiting + ?1, reason = ?3 WHERE id = ?2",
            (qty, promise.line.id, reason),
        )
        self._run("UPDATE orders SET waiting = waiting + ? WHERE id = ?", (qty, promise.line.order))

    def cancel_line(self, line: WaitingLine, qty: int) -> None:
        self._run(
            "UPDATE lines SET cancelled = cancelled + ?1, waiting = waiting - ?1 WHERE id = ?2",
            (qty, line.id),
        )
        self._run("UPDATE orders SET waiting = waiting - ? WHERE id = ?", (qty, line.order))

    def order(self, id: str) -> OrderRow | None:
        row = self._run(
            "SELECT id, status, express, fill, customer, lane, ext, content, rank, waiting FROM orders WHERE id = ?",
            (id,),
        ).fetchone()
        if row is None:
            return None
        ext = json.loads(row[6] or "null")
        return OrderRow(row[0], row[1], bool(row[2]), row[3], row[4], row[5], ext, row[7], row[8], row[9])

    def set_order(self, id: str, *, status: str, reason: str | None = None) -> None:
        self._run("UPDATE orders SET status = ?, hold_reason = ? WHERE id = ?", (status, reason, id))
        self._run("UPDATE lines SET live = ? WHERE order_id = ?", (status != "held", id))
