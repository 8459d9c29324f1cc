"""From a commit to the first byte of its label at a printer that has nothing to do."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from edge.errors import EdgeError
from tests.bench.floor import Floor
from tests.bench.label_printer import StampingPrinter
from tests.bench.node import Node
from tests.bench.table import Row, Scale, p50_p99

GOAL_MS = 30.0
PAUSE_S = 0.03
"""Behind each label: its end is asked for and booked by then, so that the printer is idle again."""

COMES_WITHIN_S = 10.0
LABEL = b"^XA" + b"x" * 700 + b"^FDLBL:floor^FS^XZ"


def measure(folder: Path, scale: Scale, say: Callable[[str], None]) -> Row:
    """Scan one by one, each a receipt with a put-away label, at the daemon's own process.

    Whoever scans cannot see the commit itself: it lies between the sending of the scan and its accept. Judged is
    the longer one, from the sending on. The floor has a commit too, and one label over a connection of its own.
    """
    say(f"daemon: {scale.first_bytes} labels at an idle printer")
    printer, plain = StampingPrinter(), StampingPrinter()
    printer.on()
    plain.on()
    floor = Floor(folder / "floor")
    floors, scans, accepts = [], [], []
    with (
        Node(folder / "node", printer=printer.url) as node,
        socket.create_connection(plain.address) as line,
    ):
        node.start()
        for n in range(-1, scale.first_bytes):
            began_s = time.perf_counter()
            floor.commit(1)
            line.sendall(LABEL)
            floors.append(1000 * (_arrived(plain, n + 2) - began_s))
            began_s = time.perf_counter()
            accepted_s = began_s + node.scan(f"SKU:ITEM-{n % 100:03}")
            arrived_s = _arrived(printer, n + 2)
            scans.append(1000 * (arrived_s - began_s))
            accepts.append(1000 * (arrived_s - accepted_s))
            time.sleep(PAUSE_S)
        node.stop()
    for each in (printer, plain):
        each.off()
    floor.close()
    # The first one warms up: what is asked of a printer once, and modules that are loaded.
    return _row(*(sample[1:] for sample in (floors, scans, accepts)))


def _arrived(printer: StampingPrinter, count: int) -> float:
    if not printer.wait_for(count, COMES_WITHIN_S):
        raise EdgeError(f"No label came to an idle printer within {COMES_WITHIN_S:.0f} s.")
    return printer.heard[count - 1].at_s


def _row(floors: list[float], scans: list[float], accepts: list[float]) -> Row:
    (floor_50, floor_99), (scan_50, scan_99) = p50_p99(floors), p50_p99(scans)
    accept_50, accept_99 = p50_p99(accepts)
    return Row(
        what="commit to first byte at an idle printer, p50 / p99",
        figure=f"{scan_50:.1f} / {scan_99:.1f} ms",
        floor=f"{floor_50:.1f} / {floor_99:.1f} ms",
        ratio=f"+{scan_50 - floor_50:.1f} / {scan_99 - floor_99:+.1f} ms",
        goal=f"p99 <= {GOAL_MS:.0f} ms",
        is_reached=scan_99 <= GOAL_MS,
        note=f"{len(scans)} scans, each timed from its sending, so with its own commit; from its accept on "
        f"{accept_50:.1f} / {accept_99:.1f} ms. The floor is a bare commit and a label over TCP. This printer answers "
        "`~HS` at once: what a real one takes for that comes on top.",
        limit="in this time the label is drawn, the printer is asked how it is, and that its bytes are about to go is "
        "a commit of its own.",
    )
