"""The measurements of `make bench`: one run, one disk, each figure beside a floor measured in turns with it.

    .venv/bin/python tests/bench/run.py [--small]

The floor is a plain `sqlite3` loop with as many small writes in one durable transaction (WAL, synchronous
FULL). `--small` shows in seconds that everything can be measured; its figures mean nothing. Exit code 0
whatever the figures are, 1 where one could not be taken.
"""

import argparse
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Called as a file: Python knows the folder of this file only.
sys.path.insert(0, str(ROOT))

from edge.errors import EdgeError  # noqa: E402
from tests.bench import (  # noqa: E402
    catalogue,
    codes,
    daemon,
    dead_printer,
    draining,
    first_byte,
    guns,
    labels,
    large,
    receipts,
    streams,
    waiting,
)
from tests.bench.table import FULL, SMALL, Row, Scale, table  # noqa: E402

Say = Callable[[str], None]

BEGAN = time.monotonic()


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure Crossdock against a bare SQLite loop on this disk.")
    parser.add_argument("--small", action="store_true", help="only show that all can be measured")
    scale = SMALL if parser.parse_args().small else FULL
    # On the disk of the repository, where it is built: a folder in memory would flatter both sides.
    (ROOT / "build" / "bench").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=ROOT / "build" / "bench"))
    try:
        rows = measure(folder, scale, _say)
    except EdgeError as error:
        print(f"It could not be measured: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    print()
    print(
        f"Crossdock {version('crossdock')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores{', --small: these figures mean nothing' if scale is SMALL else ''}"
    )
    print()
    print(table(rows))
    return 0


def measure(folder: Path, scale: Scale, say: Say) -> list[Row]:
    """Take all measurements, each in a folder of its own."""
    say("receipts with waiting backorders")
    rows = [receipts.measure(folder / "receipts", scale)]
    say(f"{streams.STREAMS} streams")
    rows.append(streams.measure(folder / "streams", scale))
    say("codes read")
    rows += codes.measure(folder / "codes", scale)
    say("labels drawn")
    rows += labels.measure(scale)
    # The daemon before the largest ledger, whose pages would stand in the machine's cache.
    scanner, memory, start = daemon.measure(folder / "daemon", scale, say)
    several = guns.measure(folder / "guns", scale, say)
    first = first_byte.measure(folder / "first-byte", scale, say)
    dead = dead_printer.measure(folder / "dead-printer", scale, say)
    say("a backlog drained to a broker, and to a central")
    drained = draining.measure(folder / "draining", scale)
    loaded = catalogue.measure(folder / "catalogue", scale, say)
    say(f"{scale.many_lines:,} lines waiting over {scale.many_items:,} items")
    rows += [
        scanner,
        *several,
        first,
        *dead,
        *drained,
        loaded,
        waiting.measure(folder / "waiting", scale),
        memory,
        start,
    ]
    return rows + large.measure(folder / "large", scale, say)


def _say(what: str) -> None:
    print(f"{time.monotonic() - BEGAN:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
