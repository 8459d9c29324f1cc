"""Very many labels waiting for a printer that is off: what a scan takes meanwhile, memory, and how they come out."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge.errors import EdgeError
from tests.bench.floor import Floor
from tests.bench.label_printer import Heard, StampingPrinter
from tests.bench.node import Node
from tests.bench.table import Row, Scale, p50_p99

GUNS = 8
"""Scanners that fill the queue; the daemon answers several at once with one commit."""

SLOWER_GOAL = 1.1
MEMORY_GOAL_MB = 1.0
WARM = 0.7
"""Of the labels: by then SQLite's cache is full (8 MB, the same with a printer that prints), and all is flat."""

PAUSE_S = 0.015
"""Between two measured scans: quicker than any person."""

TOLD_WITHIN_S, DRAINED_WITHIN_S = 60.0, 300.0
COMMITS = 2
"""Of each label: that its bytes are about to go, and that it is out."""


def measure(folder: Path, scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Measure two daemons by turns, both with a printer that is off: few labels wait in one, very many in the other.

    By turns, because a machine's good and bad minutes would say more than the labels do.
    """
    dead, many = StampingPrinter(), StampingPrinter()
    with (
        Node(folder / "few", printer=dead.url) as few_node,
        Node(folder / "many", scanners=GUNS, printer=many.url) as node,
    ):
        few_node.start()
        node.start()
        say(f"daemon: {scale.waiting_labels:,} labels for a printer that is off")
        memory_mb = _fill(node, scale.waiting_labels)
        for each in (few_node, node):
            each.untold(TOLD_WITHIN_S)
        scans = _scans(few_node, node, scale, memory_mb)
        few_node.stop()
        waiting = int(node.status()["labels"]["queued"])
        say(f"daemon: {waiting:,} labels come out")
        floor = Floor(folder / "floor")
        drained = _drain(many, waiting, floor)
        floor.close()
        node.stop()
    many.off()
    return [scans, drained]


def _fill(node: Node, labels: int) -> list[float]:
    """Scan at all scanners at once, a put-away label each; return the memory before, on the way and at the end."""
    memory_mb = [node.memory_mb()["VmRSS"]]
    warm = int(WARM * labels)
    for first, last in ((0, warm), (warm, labels)):

        def work(gun: int, first: int = first, last: int = last) -> None:
            for n in range(first + gun, last, GUNS):
                node.scan(f"SKU:ITEM-{n % 100:03}", gun=gun + 1)

        with ThreadPoolExecutor(GUNS) as pool:
            list(pool.map(work, range(GUNS)))
        memory_mb.append(node.memory_mb()["VmRSS"])
    return memory_mb


def _scans(few_node: Node, node: Node, scale: Scale, memory_mb: list[float]) -> Row:
    few: list[float] = []
    many: list[float] = []
    for n in range(scale.first_bytes):
        for each, samples in ((few_node, few), (node, many)):
            time.sleep(PAUSE_S)
            samples.append(1000 * each.scan(f"SKU:ITEM-{n % 100:03}"))
    empty_mb, warm_mb, full_mb = memory_mb
    grown_mb = full_mb - warm_mb
    (few_50, few_99), (many_50, many_99) = p50_p99(few), p50_p99(many)
    return Row(
        what=f"a scan with {scale.waiting_labels:,} labels waiting for a dead printer, p50 / p99",
        figure=f"{many_50:.2f} / {many_99:.2f} ms, {grown_mb:+.1f} MB",
        floor=f"{few_50:.2f} / {few_99:.2f} ms",
        ratio=f"{many_50 / few_50:.2f} / {many_99 / few_99:.2f}",
        goal=f"p50 <= {SLOWER_GOAL}, <= {MEMORY_GOAL_MB:+.0f} MB",
        is_reached=many_50 <= SLOWER_GOAL * few_50 and grown_mb <= MEMORY_GOAL_MB,
        note=f"by turns with another daemon whose printer is off, too, and for which at most {len(few)} labels wait; "
        f"VmRSS {empty_mb:.1f} MB with none, {warm_mb:.1f} with {WARM:.0%} of them, {full_mb:.1f} with all: "
        "between the last two it is to be flat, SQLite's cache of 8 MB is full by then.",
        limit="something is kept for each label or scan.",
    )


def _drain(printer: StampingPrinter, waiting: int, floor: Floor) -> Row:
    # Half of the floor before and half after: the machine's good and bad minutes are shared.
    commits = max(1, COMMITS * waiting // 40)
    floor_s = floor.commits(commits, writes=1)
    began_s = time.perf_counter()
    printer.on()
    if not printer.wait_for(waiting, DRAINED_WITHIN_S):
        raise EdgeError(f"{len(printer.heard):,} of {waiting:,} labels came within {DRAINED_WITHIN_S:.0f} s.")
    floor_s = (floor_s + floor.commits(commits, writes=1)) / (2 * commits) * COMMITS
    heard = printer.heard
    took_s = heard[-1].at_s - heard[0].at_s
    per_s = (len(heard) - 1) / took_s
    wrong = _wrong(heard, waiting)
    return Row(
        what=f"{waiting:,} labels out once the printer is back",
        figure=f"{per_s:,.0f}/s, {wrong or 'in order'}",
        floor=f"{1 / floor_s:,.0f}/s",
        ratio=f"{per_s * floor_s:.2f}",
        goal="in order",
        is_reached=not wrong,
        note=f"each once, none marked as a copy; the first came {heard[0].at_s - began_s:.1f} s after the printer was "
        f"on, the last {took_s:.0f} s later. The floor makes {COMMITS} bare commits for each and prints nothing.",
        limit="a label is missing, twice, marked or out of its turn.",
    )


def _wrong(heard: list[Heard], waiting: int) -> str:
    """Say what is wrong with what came out; empty where nothing is. Label numbers have no gap here."""
    if not all(each.label for each in heard):
        return "without their code"
    numbers = [int(each.label.rpartition("-")[2]) for each in heard]
    if numbers != list(range(numbers[0], numbers[0] + waiting)):
        return "not in order"
    copies = sum(each.copy for each in heard)
    return f"{copies} marked" if copies else ""
