"""A very long backlog: what a scan waits while it drains, and what memory the daemon takes for it."""

import time
from collections.abc import Callable
from pathlib import Path

from edge.errors import EdgeError
from tests.bench import history
from tests.bench.node import Node
from tests.bench.table import Row, Scale, p50_p99

P99_GOAL = 2.0
MEMORY_GOAL_MB = 80.0
FLAT_WITHIN_MB = 5.0
"""What else comes and goes in a daemon that works: SQLite's cache fills, Python keeps what it once had."""
ROUNDS = 3
WARM_UP = 10
PAUSE_S = 0.015
"""Between two scans: quicker than any person."""
LOOK_S = 1.0
DRAINED_WITHIN_S = 600.0


def measure(folder: Path, data: Path, scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Measure the daemon on the ledger in `data`, of whose events the last ones are left to be told."""
    with Node(folder, data=data) as node:
        say(
            f"daemon: {scale.paced_scans} scans while {scale.untold:,} events drain, and as many while none does"
        )
        scans = _scans(node, data, scale)
        say(f"daemon: {scale.untold:,} events drain to the end")
        return [scans, _memory(node, data, scale)]


def _scans(node: Node, data: Path, scale: Scale) -> Row:
    """Scan with nothing to be told and with everything, by turns."""
    idle: list[float] = []
    draining: list[float] = []
    left = scale.untold
    for _ in range(ROUNDS):
        for untold, times in ((0, idle), (scale.untold, draining)):
            history.leave_untold(data, untold)
            node.start()
            times.extend(_paced(node, max(1, scale.paced_scans // ROUNDS)))
            if untold:
                left = min(left, node.untold(0))
            node.stop()
    (idle_50, idle_99), (draining_50, draining_99) = p50_p99(idle), p50_p99(draining)
    return Row(
        what=f"scan to accept while {scale.untold:,} events drain, p50 / p99",
        figure=f"{draining_50:.2f} / {draining_99:.2f} ms",
        floor=f"{idle_50:.2f} / {idle_99:.2f} ms",
        ratio=f"{draining_50 / idle_50:.2f} / {draining_99 / idle_99:.2f}",
        goal=f"p99 <= {P99_GOAL:.0f}",
        # With nothing left to drain it was no measurement of draining.
        is_reached=draining_99 / idle_99 <= P99_GOAL and left > 0,
        note=f"{len(idle)} scans each; the floor is the same daemon on the same ledger with nothing to be told. "
        f"{left:,} events or more were left each time when the last one was scanned.",
        limit="the link publishes without a pause, and Python's one lock goes to and fro between it and the engine.",
    )


def _paced(node: Node, count: int) -> list[float]:
    times = []
    for n in range(count + WARM_UP):
        time.sleep(PAUSE_S)
        times.append(1000 * node.scan(f"SKU:ITEM-{n % 100:05}"))
    return times[WARM_UP:]


def _memory(node: Node, data: Path, scale: Scale) -> Row:
    """Keep the broker away for a moment, then let everything drain."""
    history.leave_untold(data, scale.untold)
    node.start()
    node.broker.stop()
    _paced(node, WARM_UP)
    waiting = node.memory_mb()["VmRSS"]
    before = node.untold(0)
    node.broker.start()
    began, seen = time.monotonic(), []
    while left := node.untold(0):
        if time.monotonic() - began > DRAINED_WITHIN_S:
            raise EdgeError(f"{left:,} events were not told within {DRAINED_WITHIN_S:.0f} s.")
        seen.append(node.memory_mb()["VmRSS"])
        time.sleep(LOOK_S)
    took = time.monotonic() - began
    memory = node.memory_mb()
    node.stop()
    growth = memory["VmRSS"] - waiting
    return Row(
        what=f"memory with {scale.untold:,} undelivered events",
        figure=f"{memory['VmHWM']:.0f} MB, {growth:+.1f} MB",
        floor="",
        ratio="",
        goal=f"<= {MEMORY_GOAL_MB:.0f} MB, flat",
        is_reached=memory["VmHWM"] <= MEMORY_GOAL_MB and growth <= FLAT_WITHIN_MB,
        note=f"at its highest (VmHWM), and what was more resident (VmRSS) once all were told than while {before:,} "
        f"waited without a broker ({waiting:.0f} MB); in between {min(seen, default=waiting):.0f} to "
        f"{max(seen, default=waiting):.0f} MB. They drained at {before / took:,.0f}/s. Flat: within "
        f"{FLAT_WITHIN_MB:.0f} MB.",
        limit="nothing of a backlog is in memory but a batch: look at what else grew.",
    )
