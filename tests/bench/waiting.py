"""A receipt while very many lines wait for its item, against the same with few: cost follows what moved."""

import itertools
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import Row, Scale
from tests.bench.warehouse import Warehouse

GOAL = 1.2
FEW = 100
LINES = 20
"""Lines of an order, all for the one item."""
SKU = "WANTED"


def measure(folder: Path, scale: Scale) -> Row:
    """Receive cases of one order's lines, alternately in a ledger where few wait and in one where many do.

    What was served is ordered again between two rounds, so that as many wait as before.
    """
    few, many = Warehouse(folder / "few"), Warehouse(folder / "many")
    orders = (f"SO-{n:06}" for n in itertools.count(1))
    receipts = max(1, scale.receipts // LINES)
    for warehouse, lines in ((few, FEW), (many, scale.many_lines)):
        warehouse.stock([SKU], pack=1)
        _order(warehouse, orders, count=lines // LINES)

    few_s: list[float] = []
    many_s: list[float] = []
    for _ in range(scale.rounds):
        for warehouse, times in ((few, few_s), (many, many_s)):
            for _ in range(receipts * LINES):
                began = time.perf_counter()
                warehouse.receive(SKU)
                times.append(time.perf_counter() - began)
            _order(warehouse, orders, count=receipts)
    few.close()
    many.close()

    ratio = statistics.median(many_s) / statistics.median(few_s)
    return Row(
        what=f"a receipt with {scale.many_lines:,} lines waiting, against {FEW}",
        figure=f"{1000 * statistics.median(many_s):.2f} ms",
        floor=f"{1000 * statistics.median(few_s):.2f} ms",
        ratio=f"{ratio:.2f}",
        goal=f"<= {GOAL}",
        is_reached=ratio <= GOAL,
        note=f"here the floor is the same receipt with {FEW} lines waiting.",
        limit="the ledger is larger than SQLite's cache, so a receipt reads pages of indexes from the file.",
    )


def _order(warehouse: Warehouse, orders: Iterator[str], *, count: int) -> None:
    warehouse.place([(next(orders), [SKU] * LINES) for _ in range(count)])
