"""Label jobs: what each stands for, for which printer it waits, what became of it.

The engine's statements, on the same connection as `store`. What a printer works off is `outbox`'s.
"""

import sqlite3
from dataclasses import KW_ONLY, dataclass
from typing import Any

from edge.ledger.tables import LABEL_IS_OPEN


@dataclass(frozen=True, slots=True)
class LabelRow:
    """What a label of ours stands for. `spent` of it was picked; `is_void`: its booking was undone.

    `standing` is how it stood when it was looked up: see STANDING.
    """

    job: int
    label: str
    kind: str
    printer: str
    sku: str
    lot: str
    expiry: str
    qty: int
    order: str
    spent: int
    is_void: bool
    status: str
    content: str
    station: str
    standing: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job: to print a label, or print it again. `since` is the time from which its age counts, ms UTC."""

    job: int
    label: str
    kind: str
    printer: str
    status: str
    _: KW_ONLY
    copy: bool
    since: int

    @property
    def is_settled(self) -> bool:
        return self.status in ("printed", "failed", "shadow")


_JOB = "SELECT job, label, kind, printer, status, copy, max(at, ifnull(asked_at, at)) FROM labels"

# Named, since SQLite would rather walk through all that was ever printed than sort the few that wait.
_OPEN, _HELD = f"{_JOB} INDEXED BY labels_open", f"{_JOB} INDEXED BY labels_held"

WAITS = f"{LABEL_IS_OPEN} AND status <> 'sending'"
"""A job of which no byte is on its way now: a person, or a printer that is lost, may leave it to another printer."""

STANDING = (
    "CASE WHEN own.void = 1 THEN 'void' WHEN own.order_id = '' THEN 'stands' WHEN own.qty <= own.spent THEN 'spent'"
    " WHEN own.qty - own.spent <= (SELECT ifnull(sum(allocations.qty), 0) FROM allocations"
    " JOIN lines ON lines.id = line_id JOIN positions ON positions.id = position_id"
    " WHERE lines.order_id = own.order_id AND lines.sku = own.sku AND positions.lot = own.lot AND allocations.qty > 0)"
    " THEN 'stands'"
    # All that the order wanted of the item is picked: so are the label's goods, if by another code.
    " WHEN EXISTS (SELECT 1 FROM lines WHERE order_id = own.order_id AND sku = own.sku AND picked <> ordered)"
    " THEN 'void' ELSE 'spent' END"
)
"""How it stands with a label (`own`, its first job): it stands for goods, is spent, or void, its goods another's."""


def first_job(column: str) -> str:
    """The job that first printed the label of a column, as SQL. Its number ends the id, which so needs no index."""
    return f"CAST(substr({column}, instr({column}, '-') + 1) AS INTEGER)"


class Labels:
    """The label jobs of the ledger, as the engine uses them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = connection
        self._run = connection.execute

    # -- one label, one job ----------------------------------------------------------------------------------

    def write(self, rows: list[tuple[Any, ...]]) -> None:
        """Write jobs: job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order, status, station."""
        self.db.executemany(
            "INSERT INTO labels (job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id,"
            " status, station) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def job(self, job: int) -> JobRow | None:
        row = self._run(f"{_JOB} WHERE job = ?", (job,)).fetchone()
        return _job(row) if row else None

    def named(self, label: str) -> LabelRow | None:
        """A label of ours by the id on it."""
        # A label's id ends in its job's number: so it needs no index of its own.
        number = label.rpartition("-")[2]
        if not (number.isascii() and number.isdecimal() and len(number) <= 18):
            return None
        row = self._run(
            "SELECT job, label, kind, printer, sku, lot, expiry, qty, order_id, spent, void, status, content,"
            f" station, {STANDING} FROM labels AS own WHERE job = ? AND label = ?",
            (int(number), label),
        ).fetchone()
        return LabelRow(*row) if row else None

    def spend(self, job: int, qty: int) -> None:
        """So much was picked off a label (or put back, if less than 0)."""
        self._run("UPDATE labels SET spent = max(0, spent + ?) WHERE job = ?", (qty, job))

    def void(self, first: int, last: int) -> list[str]:
        """What these jobs were printed for is undone, and those that wait are not printed; return their printers."""
        # No IN: SQLite fills a table of its own with the list for each row written.
        waits = "(status = 'queued' OR status = 'held')"
        self._run(
            f"UPDATE labels SET void = 1, error = CASE WHEN {waits} THEN 'undone' ELSE error END,"
            f" status = CASE WHEN {waits} THEN 'failed' ELSE status END WHERE job BETWEEN ? AND ?",
            (first, last),
        )
        rows = self._run(
            "SELECT DISTINCT printer FROM labels WHERE job BETWEEN ? AND ? ORDER BY printer", (first, last)
        )
        return [printer for (printer,) in rows]

    def set(self, job: int, status: str, *, copy: bool = False, error: str | None = None) -> None:
        self._run(
            "UPDATE labels SET status = ?, copy = max(copy, ?), error = ? WHERE job = ?",
            (status, copy, error, job),
        )

    def copy(self, job: int, copy: int, fact: int, at: int, status: str, printer: str) -> None:
        """Write a label once more behind all others, as job `copy` with the mark; its goods are the first job's."""
        self._run(
            "INSERT INTO labels (job, label, fact, at, kind, printer, content, sku, lot, expiry, qty, order_id,"
            " status, station, copy)"
            " SELECT ?, label, ?, ?, kind, ?, content, sku, lot, expiry, qty, order_id, ?, station, 1"
            " FROM labels WHERE job = ?",
            (copy, fact, at, printer, status, job),
        )

    # -- what waits ------------------------------------------------------------------------------------------

    def jobs_open(self, label: str) -> list[JobRow]:
        """The jobs by which a label, or a copy of it, is still to come out, in order; held ones are not among them."""
        rows = self._run(f"{_OPEN} WHERE label = ? AND {LABEL_IS_OPEN} ORDER BY job", (label,))
        return [_job(row) for row in rows]

    def is_awaited(self, printer: str) -> bool:
        """Something waits for a printer, of this configuration or an older one."""
        return bool(
            self._run(f"SELECT 1 FROM labels WHERE printer = ? AND {LABEL_IS_OPEN}", (printer,)).fetchone()
        )

    def redirect(self, printer: str, to: str, label: str | None = None) -> int:
        """Leave what waits for a printer to another, where it stands by the number of its job; returns how many."""
        return self._run(
            "UPDATE labels SET printer = :to WHERE printer = :printer AND (:label IS NULL OR label = :label)"
            f" AND {WAITS}",
            {"to": to, "printer": printer, "label": label},
        ).rowcount

    def hand_over(self, printer: str, to: str, station: str) -> int:
        """Leave what waits for a printer of one station's labels to another printer; returns how many."""
        return self._run(
            f"UPDATE labels SET printer = ? WHERE printer = ? AND station = ? AND {WAITS}",
            (to, printer, station),
        ).rowcount

    def unsettle(self) -> int:
        """At start: what was being sent when the daemon ended may be on paper; it goes again, marked."""
        return self._run(
            f"UPDATE labels SET status = 'unknown', copy = 1 WHERE status = 'sending' AND {LABEL_IS_OPEN}"
        ).rowcount

    # -- what is held ----------------------------------------------------------------------------------------

    def jobs_held(self, label: str) -> list[JobRow]:
        """The jobs of a label that were too old when their turn came, in order."""
        rows = self._run(f"{_HELD} WHERE label = ? AND status = 'held' ORDER BY job", (label,))
        return [_job(row) for row in rows]

    def has_held(self, printer: str) -> bool:
        """Something for this printer waits for a person."""
        return bool(
            self._run("SELECT 1 FROM labels WHERE printer = ? AND status = 'held'", (printer,)).fetchone()
        )

    def let_go(self, job: int, at: int, printer: str) -> None:
        """A held job goes on to a printer, as a copy if it may be a second one; its age counts from now."""
        self._run(
            "UPDATE labels SET status = CASE copy WHEN 0 THEN 'queued' ELSE 'unknown' END, error = NULL,"
            " asked_at = ?, printer = ? WHERE job = ?",
            (at, printer, job),
        )


def _job(row: tuple[Any, ...]) -> JobRow:
    return JobRow(*row[:5], copy=bool(row[5]), since=row[6])
