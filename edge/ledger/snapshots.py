"""A snapshot for central (`edge.outbox.SnapshotRows`): levels, positions and orders of one moment, as JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from edge.domain.requests import Scope
from edge.ledger.records import encode
from edge.ledger.schema import open_reader

PIECE_BYTES = 80_000
"""A piece has no more: with what stands around it in its message it is far from 100 KiB."""
ORDER_LINES = 200
"""Lines of an order in one row: each has at most 400 bytes."""

_COUNTS: dict[Scope, str] = {
    "levels": "SELECT count(*) FROM levels",
    "positions": "SELECT count(*) FROM positions WHERE qty <> 0",
    "orders": "SELECT count(*) FROM orders",
}

_LEVELS = """
SELECT sku, on_hand, allocated, max(0, on_hand - allocated) AS available, waiting, missing, quarantine, expected
FROM levels ORDER BY sku
"""
# In the order of the index, by the columns and not by what they are told as: nothing has to be sorted.
_POSITIONS = """
SELECT sku, nullif(lot, '') AS lot, nullif(expiry, '') AS expiry, nullif(pallet, '') AS pallet, account, qty, allocated
FROM positions AS p WHERE qty <> 0 ORDER BY p.sku, p.account, p.lot, p.expiry, p.pallet
"""
_ORDERS = """
SELECT orders.id, orders.status, lines.line, lines.sku, lines.ordered, lines.allocated, lines.picked, lines.shipped,
    lines.cancelled, lines.waiting
FROM orders LEFT JOIN lines ON lines.order_id = orders.id ORDER BY orders.id, lines.id
"""


class Snapshot:
    """One moment of the ledger, held by a read transaction of its own until it is closed."""

    def __init__(self, ledger: Path, scopes: Sequence[Scope]) -> None:
        self._db = open_reader(ledger)
        self._scopes = scopes
        self._db.execute("BEGIN")
        self.as_of_seq = int(self._one("SELECT ifnull(max(seq), 0) FROM events"))
        self.counts: dict[Scope, int] = {scope: int(self._one(_COUNTS[scope])) for scope in scopes}

    def _one(self, sql: str) -> Any:
        return self._db.execute(sql).fetchone()[0]

    def pieces(self) -> Iterator[tuple[Scope, bytes]]:
        """Yield the rows, scope by scope, as JSON arrays of at most `PIECE_BYTES` each.

        An order with many lines is told in several rows, each with some of them.
        """
        for scope in self._scopes:
            for piece in _packed(self._rows(scope)):
                yield scope, piece

    def _rows(self, scope: Scope) -> Iterator[bytes]:
        if scope == "orders":
            yield from self._orders()
            return
        cursor = self._db.execute(_LEVELS if scope == "levels" else _POSITIONS)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield encode(dict(zip(names, row, strict=True))).encode()

    def _orders(self) -> Iterator[bytes]:
        names = ("sku", "ordered", "allocated", "picked", "shipped", "cancelled", "waiting")
        for (order, status), rows in groupby(self._db.execute(_ORDERS), key=lambda row: (row[0], row[1])):
            lines = [
                {"line": json.loads(row[2]), **dict(zip(names, row[3:], strict=True))}
                for row in rows
                if row[2]
            ]
            for first in range(0, max(1, len(lines)), ORDER_LINES):
                some = lines[first : first + ORDER_LINES]
                yield encode({"order": order, "status": status, "lines": some}).encode()

    def close(self) -> None:
        self._db.close()


def _packed(rows: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for row in rows:
        if held and size + len(row) + 2 > PIECE_BYTES:
            yield b"[" + b",".join(held) + b"]"
            held, size = [], 0
        held.append(row)
        size += len(row) + 1
    if held:
        yield b"[" + b",".join(held) + b"]"
