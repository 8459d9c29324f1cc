"""Why an order has what it has, and what it waits for: found by looking, from the ledger as it stands.

Read-only, as plain dicts, ready for JSON; the words are the command line's. What is asked of those who wait for an
item goes by the index in which they are served and stops at a bound, so that the answer costs little however many
wait.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from edge.domain.allocation import good_until, read_rank
from edge.domain.journal import place_of
from edge.domain.printable import visible
from edge.domain.service import decided, standing
from edge.errors import EdgeError
from edge.ledger.reading import Row, rows_of, time_of

NAMED = 3
"""Lines named of those that come before or after."""
COUNTED = 10_000
"""Lines counted of them: with a million in front of it nobody asks how many exactly, and a reader must be brief."""

_FIGURES = ("ordered", "allocated", "picked", "shipped", "cancelled", "waiting")


class Why:
    """The question for one moment: `today` is a day of `zone`, the site's time."""

    def __init__(
        self, connection: sqlite3.Connection, zone: tzinfo, *, today: str, min_shelf_life_days: int = 0
    ) -> None:
        self._db = connection
        self._zone = zone
        self._today = today
        self._good_until = good_until(today, min_shelf_life_days)
        self._causes: dict[int, Row] = {}
        # As the ledger has it: a configuration that was changed since the daemon started ranks nobody yet.
        self._keys: list[str] = json.loads(self._one("SELECT value FROM meta WHERE key = 'order_by'") or "[]")

    def order(self, id: str) -> Row:
        """Everything that decides about an order and each of its lines. Raises EdgeError if it is not known."""
        rows = self._all(
            'SELECT id AS "order", status, fill, hold_reason, waiting, rank FROM orders WHERE id = ?', id
        )
        if not rows:
            raise EdgeError(f"There is no order {id!r} in the ledger.", hint="See them: crossdock orders.")
        order, rank = rows[0], rows[0].pop("rank")
        # The timer of a hold that ends by itself.
        until = self._one("SELECT due_at FROM timers WHERE kind = 'hold' AND about = ?", id)
        lines = self._all(
            f"SELECT id, line, sku, rank, {', '.join(_FIGURES)}, reason, expected_at, expected_asn FROM lines"
            " WHERE order_id = ? ORDER BY rank",
            id,
        )
        return {
            **order,
            "held_until": time_of(until) if order["status"] == "held" else None,
            "order_by": self._keys,
            "stands": standing(read_rank(self._keys, rank), self._zone),
            "lines": [self._line(line, lines, rank) for line in lines],
        }

    def _line(self, line: Row, lines: Sequence[Row], order_rank: str) -> Row:
        same = [other for other in lines if other["sku"] == line["sku"]]
        told: Row = {
            "line": json.loads(line["line"]),
            **{name: line[name] for name in ("sku", *_FIGURES)},
            "has": self._has(line["id"]),
            "waits": None,
        }
        if line["allocated"]:
            told["after"] = self._others(line["sku"], order_rank, come_first=False)
        if line["waiting"]:
            own = sum(other["allocated"] for other in same)
            told["waits"] = {
                "qty": line["waiting"],
                "reason": line["reason"],
                "before": self._others(line["sku"], order_rank, come_first=True),
                # All that waits of the item for this order: what it needs at once if it is served complete.
                "wanted": sum(other["waiting"] for other in same),
                "stock": self._stock(line["sku"], own),
                "expected_at": time_of(line["expected_at"]),
                "expected_asn": line["expected_asn"],
            }
        return told

    # -- what it has -----------------------------------------------------------------------------------------

    def _has(self, line: int) -> list[Row]:
        """What is promised to a line: where, since when, by what, and where it stood in the order of service."""
        rows = self._all(
            "SELECT sum(a.qty) AS qty, account, NULLIF(lot, '') AS lot, NULLIF(expiry, '') AS expiry, rank, fact,"
            " order_by FROM allocations AS a JOIN positions ON positions.id = position_id"
            " LEFT JOIN rules ON rules.id = rule WHERE line_id = ? AND a.qty > 0"
            " GROUP BY fact, account, lot, expiry, rank ORDER BY min(a.id)",
            line,
        )
        for row in rows:
            keys = row.pop("order_by")
            rank = row.pop("rank")
            row["place"] = place_of(row.pop("account"))
            row["order_by"] = None if keys is None else keys.split(", ")
            row["stood"] = None if keys is None else standing(read_rank(row["order_by"], rank), self._zone)
            row.update(self._cause(row.pop("fact")))
        return rows

    def _cause(self, fact: int) -> Row:
        """By what a promise was made; all None where that is archived."""
        if fact not in self._causes:
            rows = self._all("SELECT at AS time, cause, source, body AS code FROM facts WHERE seq = ?", fact)
            row = rows[0] if rows else dict.fromkeys(("time", "cause", "source", "code"))
            event = self._first_event(fact)
            data = event.get("data", {})
            self._causes[fact] = {
                **row,
                "time": time_of(row["time"]),
                "code": row["code"] and visible(row["code"]),
                "event": event.get("type", "").removeprefix("crossdock.") or None,
                "station": data.get("station"),
                "operator": data.get("operator"),
            }
        return self._causes[fact]

    def _first_event(self, fact: int) -> Mapping[str, Any]:
        """The first event of a fact: there is no index for that, but later facts have later events."""
        low, high = self._db.execute("SELECT min(seq), max(seq) FROM events").fetchone()
        if low is None:
            return {}
        while low < high:
            middle = (low + high) // 2
            if self._one("SELECT fact FROM events WHERE seq = ?", middle) < fact:
                low = middle + 1
            else:
                high = middle
        payload = self._one("SELECT payload FROM events WHERE seq = ? AND fact = ?", low, fact)
        event: Mapping[str, Any] = json.loads(payload or "{}")
        return event

    # -- what it waits for -----------------------------------------------------------------------------------

    def _others(self, sku: str, rank: str, *, come_first: bool) -> Row:
        """Other orders' lines that wait for an item and may be served, before an order or after it; some by name."""
        # No line of another order has a rank between an order's own and those of its lines: the separator sorts below
        # every character of an id, and a space is the first of these.
        side = "rank < :rank" if come_first else "rank >= :rank || ' '"
        live = f"FROM lines WHERE sku = :sku AND waiting > 0 AND live = 1 AND {side}"
        named = self._all(
            f'SELECT order_id AS "order", line, waiting AS qty, fill, rank {live} ORDER BY rank LIMIT {NAMED}',
            sku=sku,
            rank=rank,
        )
        for other in named:
            first, second = (other["rank"], rank) if come_first else (rank, other["rank"])
            other["key"], other["because"] = decided(self._keys, first, second, self._zone)
            other["line"] = json.loads(other["line"])
            del other["rank"]
        (sums,) = self._all(
            "SELECT count(*) AS lines, ifnull(sum(waiting), 0) AS qty"
            f" FROM (SELECT waiting {live} ORDER BY rank LIMIT {COUNTED})",
            sku=sku,
            rank=rank,
        )
        return {**sums, "and_more": sums["lines"] == COUNTED, "first": named}

    def _stock(self, sku: str, own: int) -> Row:
        """What is here of an item, and why it may not be given; `own` of it this order has."""
        sums = dict.fromkeys(("free", "expired", "short_lived", "promised", "quarantine", "missing"), 0)
        for kind in ("location", "quarantine", "missing"):
            rows = self._db.execute(
                "SELECT expiry, sum(qty), sum(allocated) FROM positions"
                " WHERE sku = ? AND account >= ? AND account < ? AND qty > 0 GROUP BY expiry ORDER BY expiry",
                (sku, f"{kind}:", f"{kind};"),
            )
            for expiry, qty, allocated in rows:
                sums["promised"] += allocated
                sums[kind if kind != "location" else self._use(expiry)] += qty - allocated
        return {**sums, "promised": sums["promised"] - own}

    def _use(self, expiry: str) -> str:
        if not expiry or expiry >= self._good_until:
            return "free"
        return "expired" if expiry < self._today else "short_lived"

    # -- how a question is put -------------------------------------------------------------------------------

    def _all(self, statement: str, *values: Any, **named: Any) -> list[Row]:
        return rows_of(self._db, statement, named or values)

    def _one(self, statement: str, *values: Any) -> Any:
        row = self._db.execute(statement, values).fetchone()
        return None if row is None else row[0]
