"""Receipts for which five backorders wait, through the engine in this process, against the floor."""

import statistics
import time
from pathlib import Path

from tests.bench.floor import Floor
from tests.bench.table import Row, Scale
from tests.bench.warehouse import Warehouse

GOAL = 0.6
WAITING = 5
"""Backorders of each receipt: a case of five, an order for one each."""


def measure(folder: Path, scale: Scale) -> Row:
    """Book a case of an item of its own again and again: stock, five allocations, five labels, the events."""
    floor, warehouse = Floor(folder), Warehouse(folder / "ledger")
    # One more: a first receipt that tells how many rows one writes, and is not timed.
    skus = [f"ITEM-{n:05}" for n in range(scale.rounds * scale.receipts + 1)]
    warehouse.stock(skus, pack=WAITING)
    warehouse.place([(f"SO-{sku}-{n}", [sku]) for sku in skus for n in range(WAITING)])
    before = warehouse.writes()
    warehouse.receive(skus.pop())
    writes = warehouse.writes() - before

    floors, engines = [], []
    for _ in range(scale.rounds):
        # By turns, so that a disk or a machine that is slow for a moment is slow for both.
        for _ in range(scale.receipts):
            floors.append(floor.commit(writes))
            began = time.perf_counter()
            warehouse.receive(skus.pop())
            engines.append(time.perf_counter() - began)
    floor.close()
    warehouse.close()

    floor_s, engine_s = statistics.median(floors), statistics.median(engines)
    ratio = floor_s / engine_s
    return Row(
        what="receipts with 5 waiting backorders each",
        figure=f"{1 / engine_s:,.0f}/s",
        floor=f"{1 / floor_s:,.0f}/s",
        ratio=f"{ratio:.2f}",
        goal=f">= {GOAL}",
        is_reached=ratio >= GOAL,
        note=f"{writes} rows written for each, by the floor too; measured elsewhere on one machine: "
        "InvenTree 5/s, Tryton 2/s, the cosmicpython example 31/s, floor 4,300/s.",
        limit="Python decides and encodes on one thread before each flush (events, hashes, label fields); "
        "the floor binds one text again and again, so the quicker the disk, the more that counts.",
    )
