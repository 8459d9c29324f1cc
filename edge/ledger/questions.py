"""What people ask at a scanner (INFO): where goods are, what is announced, what an order is promised. Reads only."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    on_hand: int
    allocated: int
    waiting: int
    missing: int
    quarantine: int
    expected: int


@dataclass(frozen=True, slots=True)
class Held:
    """So much of an item at an account."""

    sku: str
    account: str
    qty: int


@dataclass(frozen=True, slots=True)
class Announced:
    """So much of an item is announced on a pallet; `eta` is ms UTC."""

    asn: str
    eta: int | None
    sku: str
    qty: int


class Questions:
    """The questions, on the engine's own connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute

    def level(self, sku: str) -> Level | None:
        """An item's level; None where the ledger never had to do with it."""
        row = self._run(
            "SELECT on_hand, allocated, waiting, missing, quarantine, expected FROM levels WHERE sku = ?",
            (sku,),
        ).fetchone()
        return Level(*row) if row else None

    def where(self, sku: str, lot: str | None = None) -> list[Held]:
        """Where goods of an item are, of one lot or of all: every account that has some."""
        rows = self._run(
            "SELECT sku, account, sum(qty) FROM positions WHERE sku = :sku AND qty > 0"
            " AND (:lot IS NULL OR lot = :lot) GROUP BY account ORDER BY account",
            {"sku": sku, "lot": lot},
        )
        return [Held(*row) for row in rows]

    def held_by(self, account: str) -> list[Held]:
        """What an account has of each item."""
        rows = self._run(
            "SELECT sku, account, sum(qty) FROM positions WHERE account = ? AND qty > 0 GROUP BY sku ORDER BY sku",
            (account,),
        )
        return [Held(*row) for row in rows]

    def on_pallet(self, sscc: str) -> list[Held]:
        """What came on a pallet and has its number still, wherever it is."""
        rows = self._run(
            "SELECT sku, account, sum(qty) FROM positions WHERE pallet = ? AND pallet <> '' AND qty > 0"
            " GROUP BY account, sku ORDER BY account, sku",
            (sscc,),
        )
        return [Held(*row) for row in rows]

    def announced_on(self, sscc: str) -> list[Announced]:
        """What is announced on a pallet and not received."""
        rows = self._run(
            "SELECT asn, eta, sku, sum(open) FROM asn_lines JOIN asns ON asns.id = asn"
            " WHERE sscc = ? AND sscc <> '' AND open > 0 GROUP BY asn, sku ORDER BY asn, sku",
            (sscc,),
        )
        return [Announced(*row) for row in rows]

    def promised_to(self, order: str) -> dict[int, list[Held]]:
        """Where the goods are that an order is promised, by the number of its line."""
        promised: dict[int, list[Held]] = {}
        rows = self._run(
            "SELECT line_id, positions.sku, account, sum(allocations.qty) FROM allocations"
            " JOIN lines ON lines.id = line_id JOIN positions ON positions.id = position_id"
            " WHERE order_id = ? AND allocations.qty > 0 GROUP BY line_id, account ORDER BY line_id, account",
            (order,),
        )
        for line, *held in rows:
            promised.setdefault(line, []).append(Held(*held))
        return promised

    def label_made_at(self, job: int) -> int:
        """When a label was booked to be printed, ms UTC."""
        return int(self._run("SELECT at FROM labels WHERE job = ?", (job,)).fetchone()[0])
