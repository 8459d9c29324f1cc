"""Twenty scanners at once, and one that is pulled out and put in again and again; at the daemon's own process."""

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from edge.domain.gs1 import check_digit
from edge.errors import EdgeError
from tests.bench.node import Node
from tests.bench.table import Row, Scale

GUNS = 20
SCANS_PER_S = 2.0
P99_GOAL = 3.0
MEMORY_GOAL_MB = 2.0
"""What plugging may seem to take: pages that the allocator keeps; a leak would grow with every plug."""
WARM_PLUGS = 20

FOUND_WITHIN_S = 10.0


def measure(folder: Path, scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Measure one daemon with twenty scanners at pseudo-terminals."""
    with Node(folder / "node", scanners=GUNS) as node:
        node.start()
        guns = _Guns(node)
        say(
            f"daemon: {GUNS} scanners at {SCANS_PER_S:.0f} scans/s for {scale.guns_for_s:.0f} s, and one alone"
        )
        # Half of the lonely ones before and half after: the machine's good and bad minutes are shared.
        alone = guns.work(1, scale.guns_for_s / 2)
        together = guns.work(GUNS, scale.guns_for_s)
        alone += guns.work(1, scale.guns_for_s / 2)
        several = _several(guns, alone, together)
        say(f"daemon: a scanner pulled out and put in {scale.plugs} times")
        plugs = _plugs(node, scale)
        node.stop()
    return [several, plugs]


class _Guns:
    """Scanners at work, each at its own pace; what each sent is kept, to be held against the ledger."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.sent: dict[str, list[str]] = {f"gun-{n}": [] for n in range(1, GUNS + 1)}
        self._serials = itertools.count(1)
        self._lock = threading.Lock()

    def work(self, guns: int, for_s: float) -> list[float]:
        """Scan with so many of them for a while; return each scan's seconds to its answer."""
        began = time.perf_counter()
        with ThreadPoolExecutor(guns) as pool:
            took = list(
                pool.map(lambda n: self._one(n, began + n / guns / SCANS_PER_S, for_s), range(1, guns + 1))
            )
        return [one for each in took for one in each]

    def _one(self, n: int, first_at: float, for_s: float) -> list[float]:
        took = []
        for tick in range(round(for_s * SCANS_PER_S)):
            # At its moment, whatever the last one took: a slow answer must not thin out the load.
            time.sleep(max(0.0, first_at + tick / SCANS_PER_S - time.perf_counter()))
            with self._lock:
                serial = next(self._serials)
            code = f"]C1010950110153000321{serial:08}"
            self.sent[f"gun-{n}"].append(code)
            took.append(self.node.scan(code, gun=n))
        return took

    def booked(self) -> dict[str, list[str]]:
        """What the ledger has of each, in its order."""
        facts = self.node.journal(99_999)
        return {
            gun: [fact["code"] for fact in facts if fact["source"] == gun and _is_scan(fact)]
            for gun in self.sent
        }


def _is_scan(fact: dict[str, Any]) -> bool:
    return str(fact["cause"]).startswith("scan/")


def _several(guns: _Guns, alone: list[float], together: list[float]) -> Row:
    if guns.booked() != guns.sent:
        raise EdgeError("The ledger has not every scan of every scanner, right and in its order.")
    alone_ms, together_ms = (1000 * _p99(samples) for samples in (alone, together))
    ratio = together_ms / alone_ms
    return Row(
        what=f"{GUNS} scanners at {SCANS_PER_S:.0f} scans/s each, scan to accept, p99",
        figure=f"{together_ms:.2f} ms",
        floor=f"{alone_ms:.2f} ms",
        ratio=f"{ratio:.2f}",
        goal=f"<= {P99_GOAL:.0f}",
        is_reached=ratio <= P99_GOAL,
        note=f"{len(together):,} scans, every one in the ledger, right and in its scanner's order; the floor is one "
        f"of them alone at its pace, {len(alone)} scans; medians {1000 * statistics.median(together):.2f} and "
        f"{1000 * statistics.median(alone):.2f} ms.",
        limit="two scans that come at once wait for each other's commit, and the measuring threads share two cores "
        "with the daemon.",
    )


def _plugs(node: Node, scale: Scale) -> Row:
    """Pull a scanner out and put it in; the others stay as they are."""
    gun, codes = node.scanners[0], _codes()
    _plug(node, gun.unplug, gun.plug, codes, min(WARM_PLUGS, scale.plugs))
    threads, files = node.held()
    memory = node.memory_mb()["VmRSS"]
    found_s = _plug(node, gun.unplug, gun.plug, codes, scale.plugs)
    threads_after, files_after = node.held()
    grown = node.memory_mb()["VmRSS"] - memory
    return Row(
        what=f"a scanner pulled out and put in {scale.plugs} times",
        figure=f"{threads_after - threads:+} threads, {files_after - files:+} files, {grown:+.1f} MB",
        floor="",
        ratio="",
        goal=f"+0, +0, <= +{MEMORY_GOAL_MB:.0f} MB",
        is_reached=threads_after <= threads and files_after <= files and grown <= MEMORY_GOAL_MB,
        note=f"found again and answering within {max(found_s):.1f} s at most, {statistics.median(found_s):.1f} s in "
        f"the middle; {threads} threads and {files} files before.",
        limit="something is left behind with each plug.",
    )


def _plug(
    node: Node, unplug: Callable[[], None], plug: Callable[[], None], codes: Iterator[str], times: int
) -> list[float]:
    """Unplug and plug, and scan until it is answered; return how long each took from the plug on."""
    found = []
    for _ in range(times):
        unplug()
        plug()
        began = time.perf_counter()
        # What is sent before the port is opened is lost, as with a real one: it is scanned again.
        while not _is_answered(node, next(codes)):
            if time.perf_counter() - began > FOUND_WITHIN_S:
                raise EdgeError(f"The scanner was not found again within {FOUND_WITHIN_S:.0f} s.")
        found.append(time.perf_counter() - began)
    return found


def _is_answered(node: Node, code: str) -> bool:
    return node.scanners[0].scan(code, 0.1) != b""


def _codes() -> Iterator[str]:
    stem = "950110153001"
    gtin = stem + check_digit(stem)
    return (f"]C1010{gtin}21P{n:08}" for n in itertools.count())


def _p99(samples: list[float]) -> float:
    return statistics.quantiles(samples, n=100, method="inclusive")[98]
