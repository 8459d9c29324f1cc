"""What grows must not be felt: a long past in the ledger, the audit of it, a place and a pallet of very many items."""

import contextlib
import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from edge.domain.gs1 import check_digit
from edge.domain.requests import AnnounceAsn, AnnouncedLine, AnnouncedPallet
from edge.errors import EdgeError
from edge.local import calls
from tests.bench import history, untold
from tests.bench.table import Row, Scale
from tests.bench.warehouse import Warehouse, scan

AUDIT_GOAL_S, AUDIT_GOAL_MB = 60.0, 100.0
PAST_GOAL, PAST_GOAL_MB = 1.3, 80.0
AT_ONCE_GOAL_MS = 150.0
READY_WITHIN_S = 30.0

AUDITED = """
import sys
from edge.cli.program import main
code = main(sys.argv[1:])
print(*[line for line in open("/proc/self/status") if line.startswith("VmHWM:")])
sys.exit(code)
"""
"""`crossdock`, and the most memory it had: what the kernel tells a parent counts the parent's own before the start."""

CONFIGURATION = """
site = "bench"
node = "node-1"
data_dir = {data_dir}

[[stations]]
id = "dock-1"
location = "DOCK-1"
"""


def measure(folder: Path, scale: Scale, say: Callable[[str], None]) -> list[Row]:
    """Measure a ledger as it grows: the audit first, then receipts in one with a yet longer past."""
    # First, while nothing of the large ledger is still on its way to the disk.
    say(f"a place and a pallet of {scale.at_once} items")
    at_once = [_count(folder / "count", scale), _pallet(folder / "pallet", scale)]
    say(f"a ledger of {scale.audited_events:,} events")
    past = folder / "past" / "data"
    history.make(past, scale.audited_events)
    say("its audit")
    rows = [_audit(past, scale)]
    say(f"{scale.past_events:,} events")
    history.lengthen(past, scale.past_events)
    say("receipts in it")
    rows.append(_receipts(past, folder / "empty", scale))
    rows += untold.measure(folder / "untold", past, scale, say)
    return rows + at_once


def _audit(data: Path, scale: Scale) -> Row:
    config = _config(data)
    began = time.perf_counter()
    audit = subprocess.run(
        [sys.executable, "-c", AUDITED, "verify", "-c", str(config)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    took = time.perf_counter() - began
    if audit.returncode:
        raise EdgeError("The ledger of the bench is not sound.", hint=audit.stdout[-300:])
    resident = int(audit.stdout.split()[-2]) / 1024
    return Row(
        what=f"verify over {scale.audited_events:,} events",
        figure=f"{took:.1f} s, {resident:.0f} MB",
        floor="",
        ratio="",
        goal=f"<= {AUDIT_GOAL_S:.0f} s, {AUDIT_GOAL_MB:.0f} MB",
        is_reached=took <= AUDIT_GOAL_S and resident <= AUDIT_GOAL_MB,
        note="receipts and their labels, found sound; the process from its start to its end, its memory at its "
        "highest (VmHWM).",
        limit="each event is hashed, read as JSON and compared with the journal in Python, on one core.",
    )


def _receipts(past: Path, empty: Path, scale: Scale) -> Row:
    """Receipts in process, alternately in a new ledger and in the old one; then the daemon on the old one."""
    new, old = Warehouse(empty), Warehouse(past)
    news: list[float] = []
    olds: list[float] = []
    for _ in range(scale.rounds):
        for warehouse, times in ((new, news), (old, olds)):
            for n in range(scale.receipts):
                began = time.perf_counter()
                warehouse.book([scan(f"SKU:ITEM-{n:05}")])
                times.append(time.perf_counter() - began)
    new.close()
    old.close()
    resident = _daemon_mb(past)
    ratio = statistics.median(olds) / statistics.median(news)
    return Row(
        what=f"a receipt with {scale.past_events:,} events in the ledger, against none",
        figure=f"{1000 * statistics.median(olds):.2f} ms, {resident:.0f} MB",
        floor=f"{1000 * statistics.median(news):.2f} ms",
        ratio=f"{ratio:.2f}",
        goal=f"<= {PAST_GOAL}, {PAST_GOAL_MB:.0f} MB",
        is_reached=ratio <= PAST_GOAL and resident <= PAST_GOAL_MB,
        note="p50 in process, the floor is the same receipt in an empty ledger; memory is the daemon's (VmRSS) "
        "after 200 scans.",
        limit="indexes deeper by a level, whose pages are not in SQLite's cache.",
    )


def _daemon_mb(data: Path) -> float:
    process = subprocess.Popen(
        [sys.executable, "-m", "edge.cli", "run", "-c", str(_config(data))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        socket, deadline = data / "crossdock.sock", time.monotonic() + READY_WITHIN_S
        while calls.ping(socket) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise EdgeError(f"The daemon did not start with the ledger in {data}.")
            time.sleep(0.05)
        for answer in calls.scan(socket, "dock-1", [f"SKU:ITEM-{n:05}" for n in range(200)]):
            assert answer.why is None, answer
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(READY_WITHIN_S)
        process.kill()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


def _config(data: Path) -> Path:
    path = data.parent / "crossdock.toml"
    path.write_text(CONFIGURATION.format(data_dir=json.dumps(str(data.resolve()))), encoding="utf-8")
    return path


def _count(folder: Path, scale: Scale) -> Row:
    """A count settles all items of a place: half of them are as the ledger has it, of the others one is gone."""
    warehouse, times = Warehouse(folder), []
    skus = [f"ITEM-{n:05}" for n in range(scale.at_once)]
    warehouse.stock(skus, pack=2)
    for sku in skus:
        warehouse.receive(sku)
    for _ in range(scale.rounds_at_once):
        warehouse.book([scan("CMD:COUNT"), scan("LOC:DOCK-1")])
        for n, sku in enumerate(skus):
            warehouse.book([scan(f"CASE-{sku}" if n % 2 else f"SKU:{sku}")])
        began = time.perf_counter()
        warehouse.book([scan("CMD:DONE")])
        times.append(time.perf_counter() - began)
        # What one count took away is there again for the next.
        warehouse.book([scan("CMD:UNDO")])
    warehouse.close()
    return _at_once(f"a COUNT of {scale.at_once} items, settled", times)


def _pallet(folder: Path, scale: Scale) -> Row:
    warehouse, times = Warehouse(folder), []
    skus = [f"ITEM-{n:05}" for n in range(scale.at_once)]
    warehouse.stock(skus, pack=1)
    for n in range(scale.rounds_at_once):
        # Extension digit and GS1 company prefix of the contract's example, a serial, the check digit.
        digits = f"37612345{n:09}"
        sscc = digits + check_digit(digits)
        lines = tuple(AnnouncedLine(sku, 2) for sku in skus)
        request = AnnounceAsn(asn=f"ASN-{n}", pallets=(AnnouncedPallet(sscc, lines),))
        warehouse.command([("asn.announce", request)])
        began = time.perf_counter()
        warehouse.book([scan(f"]C100{sscc}")])
        times.append(time.perf_counter() - began)
    warehouse.close()
    return _at_once(f"a pallet of {scale.at_once} lines, received", times)


def _at_once(what: str, times: list[float]) -> Row:
    worst_ms = 1000 * max(times)
    return Row(
        what=what,
        figure=f"{worst_ms:.0f} ms",
        floor="",
        ratio="",
        goal=f"<= {AT_ONCE_GOAL_MS:.0f} ms",
        is_reached=worst_ms <= AT_ONCE_GOAL_MS,
        note=f"the longest of {len(times)}, each one transaction; their median is "
        f"{1000 * statistics.median(times):.0f} ms.",
        limit="each item is moved, told, counted and (where goods are left of a receipt) given a label in Python.",
    )
