"""What a booking records beside stock and promises: facts, events, levels, labels, orders, announcements, the rest.

The engine's statements too, on the same connection as `store`.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain.requests import AnnounceAsn, CatalogueItem

# Nothing here holds itself, so that need not be looked for at each value.
encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
"""JSON on one line."""


@dataclass(frozen=True, slots=True)
class AnnouncedRow:
    """A line announced without a pallet; `open` of it is not received, `line` is the supplier's own as JSON."""

    id: int
    asn: str
    po: str
    sku: str
    line: str | None
    open: int


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code as the catalogue lists it, its item, and how many are in the pack."""

    code: str
    sku: str
    pack: int


class Records:
    """The rest of the open ledger, as the engine uses it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._run = connection.execute
        self.epoch = str(self._one("SELECT value FROM meta WHERE key = 'epoch'"))
        self.rule = 0
        """The rule by which promises are made from now on."""
        self.load_tail()

    def load_tail(self) -> None:
        """Find the ends of the sequences; again after a booking that was rolled back."""
        self.fact = int(self._one("SELECT ifnull(max(seq), 0) FROM facts"))
        row = self._run("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
        self.seq, self.hash = (int(row[0]), bytes(row[1])) if row else (0, bytes(32))
        self.levels = int(self._one("SELECT ifnull(max(n), 0) FROM levels"))
        self.job = int(self._one("SELECT ifnull(max(job), 0) FROM labels"))
        self.exceptions = int(self._one("SELECT count(*) FROM exceptions"))

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._run(sql, values).fetchone()
        return row[0] if row else None

    def meta(self, key: str) -> str | None:
        value = self._one("SELECT value FROM meta WHERE key = ?", key)
        return None if value is None else str(value)

    def set_meta(self, key: str, value: str) -> None:
        self._run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    # -- facts, events, levels -------------------------------------------------------------------------------

    def write_fact(
        self, seq: int, at: int, cause: str, source: str, body: str, answer: str, text: str
    ) -> None:
        self._run(
            "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", (seq, at, cause, source, body, answer, text)
        )
        self.fact = seq

    def write_events(self, fact: int, events: Sequence[tuple[str, bytes]]) -> None:
        """Append events (type, bytes) to the sequence, each hashed onto the one before."""
        rows = []
        for type_, payload in events:
            self.seq += 1
            self.hash = hashlib.sha256(self.hash + payload).digest()
            rows.append((self.seq, type_, fact, payload, self.hash))
        self.db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)

    def change_levels(self, changes: Mapping[str, Sequence[int]], seq: int, at: int) -> None:
        """Add to levels: on_hand, allocated, waiting, missing, quarantine, expected."""
        self.db.executemany(
            "INSERT INTO levels VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (sku) DO UPDATE SET"
            " on_hand = on_hand + ?2, allocated = allocated + ?3, waiting = waiting + ?4, missing = missing + ?5,"
            " quarantine = quarantine + ?6, expected = expected + ?7, seq = ?8, at = ?9, n = ?10",
            [(sku, *change, seq, at, n) for n, (sku, change) in enumerate(changes.items(), self.levels + 1)],
        )
        self.levels += len(changes)

    # -- orders and catalogue --------------------------------------------------------------------------------

    def write_item(self, item: CatalogueItem) -> None:
        """Add an item or change the fields that were given."""
        values: dict[str, Any] = {
            "sku": item.sku,
            "name": item.name or "",
            "low_stock": item.low_stock,
            "home": item.home,
            "alternatives": encode(item.alternatives),
            "track": item.track,
            "supplier": item.supplier,
            "lead_days": item.lead_days,
            "reorder_to": item.reorder_to,
            "discontinued": item.discontinued,
        }
        # One statement for all of them: a list has five hundred items, and a scan may be waiting.
        columns = ["sku", *sorted(item.given & values.keys() - {"sku"})]
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
        self._run(
            f"INSERT INTO items ({names}) VALUES ({marks}) ON CONFLICT (sku) DO UPDATE SET {changes}",
            [values[column] for column in columns],
        )

    def write_codes(self, sku: str, codes: Sequence[tuple[str, int, str]]) -> None:
        """Replace the item's codes: code, pack, GTIN-14 or empty."""
        self._run("DELETE FROM codes WHERE sku = ?", (sku,))
        self.db.executemany(
            "INSERT INTO codes (code, sku, pack, gtin) VALUES (?, ?, ?, ?)",
            [(code, sku, pack, gtin) for code, pack, gtin in codes],
        )

    def write_code(self, code: CodeRow, gtin: str) -> None:
        """Add one code to its item's, or change its pack."""
        self._run(
            "INSERT INTO codes (code, sku, pack, gtin) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (code) DO UPDATE SET pack = excluded.pack",
            (code.code, code.sku, code.pack, gtin),
        )

    def remove_code(self, code: str) -> None:
        self._run("DELETE FROM codes WHERE code = ?", (code,))

    def code_listed(self, code: str, gtin: str) -> CodeRow | None:
        """A code as the catalogue has it: as written, or else as the same GTIN."""
        row = self._run(
            "SELECT code, sku, pack FROM codes WHERE code = ?1 OR (gtin = ?2 AND gtin <> '')"
            " ORDER BY code <> ?1, code LIMIT 1",
            (code, gtin),
        ).fetchone()
        return CodeRow(*row) if row else None

    def rule_named(self, order_by: str) -> int:
        """The number of an order of service, which is noted if it is new."""
        self._run("INSERT INTO rules (order_by) VALUES (?) ON CONFLICT DO NOTHING", (order_by,))
        return int(self._one("SELECT id FROM rules WHERE order_by = ?", order_by))

    def low_stock(self, sku: str) -> tuple[int, int] | None:
        """An item's threshold and what is available of it, if it has a threshold."""
        row = self._run(
            "SELECT low_stock, ifnull(on_hand - allocated, 0) FROM items LEFT JOIN levels USING (sku)"
            " WHERE sku = ? AND low_stock IS NOT NULL",
            (sku,),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def waiting(self, sku: str) -> int:
        """How much of an item waits in all."""
        return int(self._one("SELECT waiting FROM levels WHERE sku = ?", sku) or 0)

    # -- announcements, serials ------------------------------------------------------------------------------

    def write_asn(self, request: AnnounceAsn, *, received_since: int) -> dict[str, int]:
        """Announce, in place of what is not yet received; tell by how much what is expected changes.

        Pallets that were received since that time are here, and not expected.
        """
        change = self.withdraw_asn(request.asn)
        self._run(
            "INSERT OR REPLACE INTO asns (id, po, supplier, eta) VALUES (?, ?, ?, ?)",
            (request.asn, request.po or "", request.supplier, request.eta_ms),
        )
        rows = [("", line) for line in request.lines]
        for pallet in request.pallets:
            if not self.was_received(f"sscc:{pallet.sscc}", since=received_since):
                # A pallet is on one announcement: the last that names it.
                for _, _, _, sku, _, _, qty in self.announced(pallet.sscc):
                    change[sku] = change.get(sku, 0) - qty
                self._run("UPDATE asn_lines SET open = 0 WHERE sscc = ?", (pallet.sscc,))
                rows += [(pallet.sscc, line) for line in pallet.contents]
        for sscc, line in rows:
            self._run(
                "INSERT INTO asn_lines (asn, sscc, sku, lot, expiry, line, qty, open)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
                (request.asn, sscc, line.sku, line.lot, line.expiry, encode(line.line), line.qty),
            )
            change[line.sku] = change.get(line.sku, 0) + line.qty
        return change

    def announced(self, sscc: str) -> list[tuple[int, str, str, str, str, str, int]]:
        """What is announced on a pallet and not received: id, asn, po, SKU, lot, expiry, quantity."""
        return self._run(
            "SELECT asn_lines.id, asn, po, sku, lot, expiry, open FROM asn_lines JOIN asns ON asns.id = asn"
            " WHERE sscc = ? AND sscc <> '' AND open > 0 ORDER BY asn_lines.id",
            (sscc,),
        ).fetchall()

    def announced_of(self, sku: str, good_until: str) -> list[tuple[int, str, int]]:
        """What is announced of an item with a time, the earliest first: time, announcement, quantity."""
        return self._run(
            "SELECT eta, asn, sum(open) FROM asn_lines JOIN asns ON asns.id = asn WHERE sku = ? AND open > 0"
            " AND eta IS NOT NULL AND (expiry = '' OR expiry >= ?) GROUP BY asn ORDER BY eta, asn",
            (sku, good_until),
        ).fetchall()

    def announcer_of(self, sscc: str) -> str | None:
        """The announcement that first named a pallet."""
        name = self._one("SELECT asn FROM asn_lines WHERE sscc = ? AND sscc <> '' ORDER BY id LIMIT 1", sscc)
        return None if name is None else str(name)

    def announced_by(self, name: str) -> list[AnnouncedRow]:
        """The lines announced without pallets under a purchase order, or by an announcement of that name."""
        rows = self._run(
            "SELECT asn_lines.id, asn, po, sku, line, open FROM asns JOIN asn_lines ON asn = asns.id"
            " WHERE (po = ?1 OR asns.id = ?1) AND sscc = '' ORDER BY asn_lines.id",
            (name,),
        )
        return [AnnouncedRow(*row) for row in rows]

    def still_open(self, name: str) -> list[tuple[str, int]]:
        """What is announced under a purchase order or announcement and not received: SKU and quantity."""
        return self._run(
            "SELECT sku, sum(open) FROM asns JOIN asn_lines ON asn = asns.id WHERE (po = ?1 OR asns.id = ?1)"
            " AND open > 0 GROUP BY sku ORDER BY sku",
            (name,),
        ).fetchall()

    def open_of(self, asn: str) -> list[tuple[str, int]]:
        """What an announcement has that is not received: SKU and quantity."""
        return self._run(
            "SELECT sku, sum(open) FROM asn_lines WHERE asn = ? AND open > 0 GROUP BY sku ORDER BY sku",
            (asn,),
        ).fetchall()

    def has_asn(self, asn: str) -> bool:
        return self._one("SELECT 1 FROM asns WHERE id = ?", asn) is not None

    def po_of(self, asn: str) -> str:
        """An announcement's purchase order, else its own name."""
        return str(self._one("SELECT CASE po WHEN '' THEN id ELSE po END FROM asns WHERE id = ?", asn) or asn)

    def withdraw_asn(self, asn: str) -> dict[str, int]:
        """Expect no more what is not received; tells by how much less is expected."""
        change = {sku: -qty for sku, qty in self.open_of(asn)}
        self._run("DELETE FROM asn_lines WHERE asn = ? AND open = qty", (asn,))
        self._run("UPDATE asn_lines SET open = 0 WHERE asn = ?", (asn,))
        return change

    def receive_announced(self, line: int, qty: int) -> None:
        self._run("UPDATE asn_lines SET open = open - ? WHERE id = ?", (qty, line))

    def expect_again(self, line: int, qty: int) -> str:
        """What came in of an announced line was undone; returns the item. A line of which something came in stays."""
        sku = self._one("UPDATE asn_lines SET open = open + ? WHERE id = ? RETURNING sku", qty, line)
        assert sku is not None, f"No announced line {line}."
        return str(sku)

    def forget_received(self, keys: Sequence[str]) -> None:
        """What was undone may be received again."""
        self.db.executemany("DELETE FROM received WHERE key = ?", [(key,) for key in keys])

    def was_received(self, key: str, *, since: int = 0) -> bool:
        return self._one("SELECT 1 FROM received WHERE key = ? AND at >= ?", key, since) is not None

    def write_received(self, key: str, at: int, fact: int) -> None:
        self._run("INSERT OR REPLACE INTO received VALUES (?, ?, ?)", (key, at, fact))
