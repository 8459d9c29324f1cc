"""A receipt while very many lines wait, against the same with few in all: cost follows what moved."""

import statistics
import time
from pathlib import Path

from edge.domain import allocation
from tests.bench.table import Row, Scale
from tests.bench.warehouse import Warehouse

GOAL = 1.2
FEW = 1_000
LINES = 20
"""Lines of an order, each for another item."""


def measure(folder: Path, scale: Scale) -> Row:
    """Receive cases for one line each, alternately in a ledger where few lines wait and in one where many do."""
    few, many = Warehouse(folder / "few"), Warehouse(folder / "many")
    few_items = _wait(few, lines=FEW, items=min(scale.many_items, FEW // 10))
    many_items = _wait(many, lines=scale.many_lines, items=scale.many_items)
    few_s: list[float] = []
    many_s: list[float] = []
    for turn in range(scale.rounds):
        for warehouse, items, times in ((few, few_items, few_s), (many, many_items, many_s)):
            for n in range(max(1, scale.receipts // 6)):
                sku = items[(turn * 7 + n) % len(items)]
                began = time.perf_counter()
                warehouse.receive(sku)
                times.append(time.perf_counter() - began)
    few.close()
    many.close()

    ratio = statistics.median(many_s) / statistics.median(few_s)
    return Row(
        what=f"a receipt with {scale.many_lines:,} lines waiting, against {FEW:,}",
        figure=f"{1000 * statistics.median(many_s):.2f} ms",
        floor=f"{1000 * statistics.median(few_s):.2f} ms",
        ratio=f"{ratio:.2f}",
        goal=f"<= {GOAL}",
        is_reached=ratio <= GOAL,
        note=f"over {scale.many_items:,} items; here the floor is the same receipt with {FEW:,} lines waiting in all.",
        limit="the ledger is larger than SQLite's cache, so a receipt reads pages of indexes from the file.",
    )


def _wait(warehouse: Warehouse, *, lines: int, items: int) -> list[str]:
    """Let so many lines wait for so many items, as rows: a million commands would take longer than all the rest."""
    skus = [f"ITEM-{n:05}" for n in range(items)]
    warehouse.stock(skus, pack=1)
    db, keys = warehouse.engine.books.store.db, warehouse.engine.books.settings.allocation.order_by
    ranked = []
    for n in range(lines // LINES):
        values = {"express": n % 50 == 0, "tier": n % 10, "promised_at": None, "placed_at": n}
        order = f"SO-{n:06}"
        ranked.append((order, n, int(n % 50 == 0), n % 10, allocation.rank(keys, order, values)))
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO orders (id, placed_at, express, tier, rank, waiting, status, fill, content)"
        f" VALUES (?, ?, ?, ?, ?, {LINES}, 'open', 'partial', '{{}}')",
        ranked,
    )
    db.executemany(
        "INSERT INTO lines (order_id, line, sku, ordered, waiting, fill, rank) VALUES (?, ?, ?, 1, 1, 'partial', ?)",
        (
            (order, str(line), skus[(n * LINES + line) % items], allocation.line_rank(rank, line))
            for order, n, _, _, rank in ranked
            for line in range(LINES)
        ),
    )
    db.execute(
        "INSERT INTO levels (sku, waiting, seq, at) SELECT sku, sum(waiting), 1, 0 FROM lines GROUP BY sku"
    )
    db.execute("COMMIT")
    return skus
