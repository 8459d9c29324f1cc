"""The engine's statements: what it reads to decide and what a booking writes. One connection, one thread.

Plain SQL, since each scan passes here. Nothing begins or ends a transaction but `transaction` itself.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from edge.domain.allocation import Stock
from edge.domain.codes import Listed
from edge.domain.journal import Goods, Move

STOCK = "id, sku, account, lot, expiry, pallet, qty - allocated, since, allocated"
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
class EntryRow:
    """An entry of the journal; `booking` is its first event, `undo` what it changed beside goods."""

    entry: int
    fact: int
    kind: str
    booking: int
    undo: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Booked:
    """What some entries did to goods at an account: how much came (or went), and the last of these entries."""

    sku: str
    lot: str
    expiry: str
    qty: int
    entry: int


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
            self.db.rollback()
            raise
        self._run("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Part of a transaction: what fails in it is taken back, and the transaction goes on."""
        self._run("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:
                self._run("ROLLBACK TO attempt")
                self._run("RELEASE attempt")
            raise
        self._run("RELEASE attempt")

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
            f"SELECT {STOCK} FROM positions WHERE sku = ? AND qty > allocated AND account LIKE 'location:%'"
            " AND (expiry = '' OR expiry >= ?) ORDER BY expiry = '', expiry, since, account, lot, pallet",
            (sku, good_until),
        )
        return [Stock(*row) for row in rows]

    def goods_at(
        self, account: str, sku: str, lot: str | None = None, expiry: str | None = None
    ) -> list[Stock]:
        """What an account has of an item, in the same order; `free` is what of it nobody was promised."""
        rows = self._run(
            f"SELECT {STOCK} FROM positions WHERE sku = :sku AND account = :account AND qty > 0"
            " AND (:lot IS NULL OR lot = :lot) AND (:expiry IS NULL OR expiry = :expiry)"
            " ORDER BY expiry = '', expiry, since, lot, pallet",
            {"sku": sku, "account": account, "lot": lot, "expiry": expiry},
        )
        return [Stock(*row) for row in rows]

    def goods_within(self, sku: str) -> list[Stock]:
        """What there is of an item at places, in quarantine and missing, by account, first expiry first."""
        rows = self._run(
            f"SELECT {STOCK} FROM positions WHERE sku = ? AND qty > 0 AND (account LIKE 'location:%'"
            " OR account LIKE 'quarantine:%' OR account LIKE 'missing:%')"
            " ORDER BY account, expiry = '', expiry, since, lot, pallet",
            (sku,),
        )
        return [Stock(*row) for row in rows]

    def expired(self, today: str) -> list[Stock]:
        """Goods at places whose expiry is before a day."""
        rows = self._run(
            f"SELECT {STOCK} FROM positions WHERE expiry <> '' AND expiry < ? AND qty > 0 AND {_AT_PLACES}"
            " ORDER BY sku, expiry, account, lot, pallet",
            (today,),
        )
        return [Stock(*row) for row in rows]

    def goods_on(self, pallet: str, kind: str) -> list[Stock]:
        """What is on a pallet, at accounts of a kind ("location", "missing"): by account, item, lot."""
        rows = self._run(
            f"SELECT {STOCK} FROM positions WHERE pallet = ? AND pallet <> '' AND qty > 0"
            " AND account >= ? AND account < ? ORDER BY account, sku, lot, expiry",
            (pallet, f"{kind}:", f"{kind};"),
        )
        return [Stock(*row) for row in rows]

    def skus_at(self, account: str) -> list[str]:
        """The items that an account holds."""
        rows = self._run(
            "SELECT DISTINCT sku FROM positions WHERE account = ? AND qty > 0 ORDER BY sku", (account,)
        )
        return [row[0] for row in rows]

    def places_of(self, sku: str) -> list[str]:
        rows = self._run(
            f"SELECT DISTINCT account FROM positions WHERE sku = ? AND {_AT_PLACES} AND qty > 0 ORDER BY account",
            (sku,),
        )
        return [row[0].partition(":")[2] for row in rows]

    def was_booked_at(self, sku: str, accounts: Sequence[str]) -> bool:
        """Tell whether goods of an item ever were in one of these accounts: a position stays, if empty."""
        marks = ", ".join("?" * len(accounts))
        return (
            self._run(
                f"SELECT 1 FROM positions WHERE sku = ? AND account IN ({marks}) LIMIT 1", (sku, *accounts)
            ).fetchone()
            is not None
        )

    @property
    def last_entry(self) -> int:
        return int(self._run("SELECT ifnull(max(entry), 0) FROM entries").fetchone()[0])

    def entry_before(self, seq: int) -> int:
        """The last entry whose booking is told by event `seq` or earlier."""
        row = self._run("SELECT entry FROM entries WHERE booking <= ? ORDER BY entry DESC LIMIT 1", (seq,))
        return int((row.fetchone() or (0,))[0])

    def booked_since(self, account: str, entry: int) -> list[Booked]:
        """What entries after this one did to an account; reads them all, since few are asked for."""
        rows = self._run(
            "SELECT sku, lot, expiry, sum(qty), max(entry) FROM postings WHERE entry > ? AND account = ?"
            " GROUP BY sku, lot, expiry ORDER BY sku, lot, expiry",
            (entry, account),
        )
        return [Booked(*row) for row in rows]

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

    def write_entry(
        self,
        fact: int,
        kind: str,
        booking: int,
        moves: Sequence[Move],
        *,
        undo: str | None,
        undoes: int | None,
    ) -> int:
        """Write an entry with its postings; `booking` is its first event, `undo` what it takes to undo it."""
        entry = self._run(
            "INSERT INTO entries (fact, kind, booking, undo, undoes) VALUES (?, ?, ?, ?, ?)",
            (fact, kind, booking, undo, undoes),
        ).lastrowid
        self.db.executemany(
            "INSERT INTO postings (entry, n, sku, lot, expiry, pallet, account, qty) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (entry, 2 * n + side, m.goods.sku, m.goods.lot, m.goods.expiry, m.goods.pallet, account, qty)
                for n, m in enumerate(moves)
                for side, (account, qty) in enumerate(((m.source, -m.qty), (m.target, m.qty)))
            ],
        )
        assert entry is not None
        return entry

    def entry(self, entry: int) -> EntryRow:
        row = self._run(
            "SELECT entry, fact, kind, booking, undo FROM entries WHERE entry = ?", (entry,)
        ).fetchone()
        return EntryRow(row[0], row[1], row[2], row[3], json.loads(row[4] or "{}"))

    def moves_of(self, entry: int) -> list[Move]:
        """The moves of an entry as they were booked; their age is that of the goods where they are now."""
        rows = self._run(
            "SELECT a.sku, a.lot, a.expiry, a.pallet, b.qty, a.account, b.account FROM postings a JOIN postings b"
            " ON b.entry = a.entry AND b.n = a.n + 1 WHERE a.entry = ? AND a.n % 2 = 0 ORDER BY a.n",
            (entry,),
        ).fetchall()
        return [
            Move(goods := Goods(*row[:4]), row[4], row[5], row[6], self.stock(goods, row[6]).since)
            for row in rows
        ]

    def stock(self, goods: Goods, account: str) -> Stock:
        """The position of some goods at an account; it must have been booked before."""
        row = self._run(
            f"SELECT {STOCK} FROM positions"
            " WHERE sku = ? AND account = ? AND lot = ? AND expiry = ? AND pallet = ?",
            (goods.sku, account, goods.lot, goods.expiry, goods.pallet),
        ).fetchone()
        return Stock(*row)

    def write_count(self, sku: str, account: str, fact: int) -> None:
        """Note that an item was counted at a place."""
        self._run("INSERT OR REPLACE INTO counts (sku, account, fact) VALUES (?, ?, ?)", (sku, account, fact))

    def forget_count(self, sku: str, account: str, fact: int, before: int) -> None:
        """A count was undone: the one before it holds again, unless the item was counted since."""
        self._run(
            "UPDATE counts SET fact = ? WHERE sku = ? AND account = ? AND fact = ?",
            (before, sku, account, fact),
        )

    def last_count(self, sku: str, account: str) -> int:
        """The fact by which an item was last counted at a place, 0 for never."""
        row = self._run("SELECT fact FROM counts WHERE sku = ? AND account = ?", (sku, account)).fetchone()
        return int(row[0]) if row else 0

    def counted_since(self, sku: str, account: str, fact: int) -> bool:
        row = self._run(
            "SELECT 1 FROM counts WHERE sku = ? AND account = ? AND fact > ?", (sku, account, fact)
        ).fetchone()
        return row is not None

    def position(self, id: int) -> Stock:
        return Stock(*self._run(f"SELECT {STOCK} FROM positions WHERE id = ?", (id,)).fetchone())
