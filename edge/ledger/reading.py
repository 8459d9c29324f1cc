"""What the command line reads: one consistent moment of the ledger as plain dicts, ready for JSON.

Read-only and brief, since an open reader keeps the log of the writer from being folded back. Times are RFC 3339,
empty text that stands for "none" is None.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge.clock import rfc3339
from edge.domain.printable import visible
from edge.errors import EdgeError, LedgerError
from edge.ledger.labels import STANDING, first_job
from edge.ledger.schema import open_reader
from edge.ledger.tables import LABEL_IS_OPEN

Row = dict[str, Any]


@contextmanager
def snapshot(path: Path) -> Iterator["Reading"]:
    """Open the ledger as it stands at this moment. Raises LedgerError if it cannot be opened or read."""
    with moment(path) as connection:
        yield Reading(connection)


@contextmanager
def moment(path: Path) -> Iterator[sqlite3.Connection]:
    """As `snapshot`, for who asks the ledger more than `Reading` has."""
    with opened(path) as connection:
        connection.execute("BEGIN")
        yield connection


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the ledger for many short reads, each of its own moment. Raises LedgerError as `snapshot` does."""
    connection = open_reader(path)
    try:
        yield connection
    except sqlite3.Error as error:
        raise LedgerError(
            f"The ledger {path} cannot be read: {error}.", hint="See what is wrong: crossdock verify."
        ) from error
    finally:
        connection.close()


class Reading:
    """The questions, on one open snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    # -- status ----------------------------------------------------------------------------------------------

    def sync(self) -> Row:
        """Where the events stand: what the broker took, what is delivered, of when is the oldest that is not."""
        meta = dict(self._db.execute("SELECT key, value FROM meta ORDER BY key").fetchall())
        last = self._one("SELECT COALESCE(MAX(seq), 0) FROM events")
        cursors = dict(self._db.execute("SELECT name, value FROM cursors ORDER BY name").fetchall())
        done = cursors.get("events", 0)
        oldest = self._one(
            "SELECT facts.at FROM events JOIN facts ON facts.seq = events.fact WHERE events.seq > ?"
            " ORDER BY events.seq LIMIT 1",
            done,
        )
        return {
            "epoch": meta.get("epoch"),
            "session": int(meta.get("session", 0)),
            "last_seq": last,
            "published_seq": max(done, cursors.get("published", 0)),
            "confirmed_seq": done,
            "backlog": last - done,
            "oldest_at": time_of(oldest),
            "refused": cursors.get("refused", 0),
        }

    def devices(self, kind: str) -> dict[str, Row]:
        """How each device of a kind was when that last changed, by id."""
        rows = self._all("SELECT id, state, text, since FROM devices WHERE kind = ? ORDER BY id", kind)
        return {row["id"]: row | {"since": time_of(row["since"])} for row in rows}

    def label_counts(self) -> dict[str, int]:
        """Label jobs by status; those of no status are left out."""
        counted = "SELECT status, COUNT(*) FROM labels GROUP BY status ORDER BY status"
        return {_STATUS.get(status, status): count for status, count in self._db.execute(counted)}

    def labels_waiting(self) -> dict[str, int]:
        """For each printer the jobs that are not settled."""
        return dict(
            self._db.execute(
                f"SELECT printer, COUNT(*) FROM labels WHERE {LABEL_IS_OPEN} GROUP BY printer ORDER BY printer"
            )
        )

    def counts(self) -> dict[str, int]:
        """Open exceptions, and facts booked since the ledger was made."""
        return {
            "exceptions": self._one("SELECT COUNT(*) FROM exceptions WHERE cleared_at IS NULL"),
            "facts": self._one("SELECT COALESCE(MAX(seq), 0) FROM facts"),
        }

    # -- stock -----------------------------------------------------------------------------------------------

    def stock(self, sku: str | None = None) -> list[Row]:
        """The level of every item, or of one with its positions and codes; raises EdgeError if it is not known."""
        levels = self._all(
            "SELECT known.sku, COALESCE(name, '') AS name, COALESCE(on_hand, 0) AS on_hand,"
            " COALESCE(allocated, 0) AS allocated, MAX(0, COALESCE(on_hand - allocated, 0)) AS available,"
            " COALESCE(waiting, 0) AS waiting, COALESCE(missing, 0) AS missing,"
            " COALESCE(quarantine, 0) AS quarantine, COALESCE(expected, 0) AS expected"
            " FROM (SELECT sku FROM levels UNION SELECT sku FROM items) AS known"
            " LEFT JOIN items USING (sku) LEFT JOIN levels USING (sku)"
            " WHERE :sku IS NULL OR known.sku = :sku ORDER BY known.sku",
            sku=sku,
        )
        if sku is None:
            return levels
        if not levels:
            raise EdgeError(f"There is no item {sku!r} in the ledger.", hint="See them all: crossdock stock.")
        return [levels[0] | {"positions": self._positions(sku), "codes": self._codes(sku)}]

    def _positions(self, sku: str) -> list[Row]:
        """Where goods of an item are: at places, missing, in quarantine, picked; in the order they would be used."""
        return self._all(
            "SELECT account, substr(account, instr(account, ':') + 1) AS place, NULLIF(lot, '') AS lot,"
            " NULLIF(expiry, '') AS expiry, NULLIF(pallet, '') AS pallet, qty, allocated FROM positions"
            " WHERE sku = ? AND qty > 0 AND (account LIKE 'location:%' OR account LIKE 'missing:%'"
            " OR account LIKE 'quarantine:%' OR account LIKE 'picked:%')"
            " ORDER BY account NOT LIKE 'location:%', expiry = '', expiry, since, account, lot, pallet",
            sku,
        )

    def _codes(self, sku: str) -> list[Row]:
        return self._all("SELECT code, pack FROM codes WHERE sku = ? ORDER BY pack, code", sku)

    def catalogue(self) -> list[tuple[str, str]]:
        """The items of the catalogue, each with its name."""
        return self._db.execute("SELECT sku, name FROM items ORDER BY sku").fetchall()

    def places(self) -> list[str]:
        """Every place that goods are, were or belong at."""
        rows = self._db.execute(
            "SELECT substr(account, instr(account, ':') + 1) AS place FROM positions"
            " WHERE account LIKE 'location:%' OR account LIKE 'missing:%' OR account LIKE 'quarantine:%'"
            " UNION SELECT home FROM items WHERE home IS NOT NULL ORDER BY place"
        )
        return [place for (place,) in rows]

    # -- orders ----------------------------------------------------------------------------------------------

    def orders(self, order: str | None = None, *, limit: int) -> list[Row]:
        """Orders with their lines and what is promised to them: first those that wait, in the order of service.

        One order if it is named; raises EdgeError if it is not known.
        """
        rows = self._all(
            "SELECT id AS 'order', status, express, tier, promised_at, placed_at, not_before, ship_by, fill,"
            " customer, lane, ext, hold_reason, waiting FROM orders WHERE :order IS NULL OR id = :order"
            " ORDER BY status = 'cancelled', waiting = 0, rank LIMIT :limit",
            order=order,
            limit=limit,
        )
        if order is not None and not rows:
            raise EdgeError(f"There is no order {order!r} in the ledger.", hint="See them: crossdock orders.")
        for row in rows:
            row["express"] = bool(row["express"])
            row["ext"] = json.loads(row["ext"] or "null")
            row.update(
                {name: time_of(row[name]) for name in ("promised_at", "placed_at", "not_before", "ship_by")}
            )
            row["lines"] = self._lines(row["order"])
        return rows

    def _lines(self, order: str) -> list[Row]:
        lines = self._all(
            "SELECT lines.id, line, lines.sku, COALESCE(name, '') AS name, ordered, allocated, picked, shipped,"
            " cancelled, waiting, CASE WHEN waiting > 0 THEN reason END AS reason FROM lines"
            " LEFT JOIN items USING (sku) WHERE order_id = ? ORDER BY lines.rank, lines.id",
            order,
        )
        for line in lines:
            line["line"] = json.loads(line["line"])
            line["allocations"] = self._all(
                "SELECT substr(account, instr(account, ':') + 1) AS place, NULLIF(lot, '') AS lot,"
                " NULLIF(expiry, '') AS expiry, NULLIF(pallet, '') AS pallet, a.qty FROM allocations AS a"
                " JOIN positions ON positions.id = position_id WHERE line_id = ? AND a.qty > 0 ORDER BY a.id",
                line.pop("id"),
            )
        return lines

    # -- journal and labels ----------------------------------------------------------------------------------

    def journal(self, *, limit: int) -> list[Row]:
        """What came in and what it moved, the latest first.

        `read` is a scan's code as it was read, each byte one character; `code` what people read of it.
        """
        facts = self._all(
            "SELECT seq, at AS time, cause, source, body AS code, answer, text FROM facts"
            " ORDER BY seq DESC LIMIT ?",
            limit,
        )
        by_seq = {fact["seq"]: fact for fact in facts}
        for fact in facts:
            fact.update(time=time_of(fact["time"]), moves=[], read=None)
            if fact["cause"].startswith("scan/"):
                fact.update(code=visible(fact["code"]), read=fact["code"])
        # Entries have no index by fact, but later facts have later entries.
        entries = self._db.execute("SELECT entry, fact, kind FROM entries ORDER BY entry DESC")
        for entry, seq, kind in entries:
            if seq not in by_seq:
                break
            by_seq[seq]["moves"][:0] = self._postings(entry, kind)
        return facts

    def _postings(self, entry: int, kind: str) -> list[Row]:
        return self._all(
            "SELECT entry, ? AS kind, sku, NULLIF(lot, '') AS lot, NULLIF(expiry, '') AS expiry,"
            " NULLIF(pallet, '') AS pallet, account, qty FROM postings WHERE entry = ? ORDER BY n",
            kind,
            entry,
        )

    def labels(self, *, limit: int, waiting_only: bool = False) -> list[Row]:
        """Label jobs, the latest first; those that wait are still to come out, or are held.

        `void`: the label stands for nothing any more. One that waits is not printed once its turn comes.
        """
        waiting = f"WHERE {LABEL_IS_OPEN} OR status = 'held'" if waiting_only else ""
        rows = self._all(
            "WITH listed AS (SELECT job, label, at AS time, kind, status, printer, copy, error, sku,"
            " NULLIF(lot, '') AS lot, NULLIF(expiry, '') AS expiry, qty, NULLIF(order_id, '') AS 'order', content"
            f" FROM labels {waiting} ORDER BY job DESC LIMIT ?)"
            f" SELECT listed.*, coalesce({STANDING} = 'void', 0) AS void FROM listed LEFT JOIN labels AS own"
            # The first job knows what the label stands for.
            f" ON own.job = {first_job('listed.label')}"
            " AND own.label = listed.label ORDER BY listed.job DESC",
            limit,
        )
        for row in rows:
            content = json.loads(row.pop("content"))
            row.update(
                time=time_of(row["time"]),
                copy=bool(row["copy"]),
                void=bool(row["void"]),
                fields=content.get("fields", {}),
            )
            row["status"] = _STATUS.get(row["status"], row["status"])
        return rows

    # -- central ---------------------------------------------------------------------------------------------

    def refused(self, *, limit: int) -> list[Row]:
        """What came from central and was refused, the latest first; `times` the same came, at last at `time`."""
        rows = self._all(
            "SELECT last_at AS time, at AS first_at, times, topic, NULLIF(source, '') AS source,"
            " NULLIF(id, '') AS id, code, text, place AS 'at', size, head FROM refused"
            " ORDER BY last_at DESC, number DESC LIMIT ?",
            limit,
        )
        for row in rows:
            times = {name: time_of(row[name]) for name in ("time", "first_at")}
            row.update(times, head=visible(row["head"]))
        return rows

    # -- exceptions ------------------------------------------------------------------------------------------

    def exceptions(self, *, with_cleared: bool, limit: int) -> list[Row]:
        """Exceptions, the oldest first: those that are open, or all of them.

        If there are more than `limit`, the oldest that are open and then the latest that were cleared.
        """
        columns = "SELECT id AS exception, kind, about, text, raised_at, cleared_at, reason FROM exceptions"
        # Ids of one moment end in their number: the shorter is the older.
        by_age = "raised_at, length(id), id"
        rows = self._all(f"{columns} WHERE cleared_at IS NULL ORDER BY {by_age} LIMIT ?", limit)
        if with_cleared and (room := limit - len(rows)):
            rows += self._all(
                f"{columns} WHERE cleared_at IS NOT NULL ORDER BY cleared_at DESC LIMIT ?", room
            )
        rows.sort(key=lambda row: (row["raised_at"], len(row["exception"]), row["exception"]))
        for row in rows:
            row.update({name: time_of(row[name]) for name in ("raised_at", "cleared_at")})
        return rows

    # -- how a question is put -------------------------------------------------------------------------------

    def _all(self, statement: str, *values: Any, **named: Any) -> list[Row]:
        return rows_of(self._db, statement, named or values)

    def _one(self, statement: str, *values: Any) -> Any:
        row = self._db.execute(statement, values).fetchone()
        return None if row is None else row[0]


_STATUS = {"sending": "sent"}
"""What people and scripts read where the ledger has another word: its bytes are on the way, or may be there."""


def rows_of(db: sqlite3.Connection, statement: str, values: Any) -> list[Row]:
    """Put a question, and take each row as a dict by the names of its columns."""
    cursor = db.execute(statement, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def time_of(at_ms: int | None) -> str | None:
    """Write a time as the contract does, where there is one."""
    return None if at_ms is None else rfc3339(at_ms)
