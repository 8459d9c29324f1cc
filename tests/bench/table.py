"""What a measurement comes to, and how it is shown. A figure that is not reached stands as it is."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside its floor and its goal; `limit` says what holds it back where it is not reached.

    `note` belongs to the figure whatever it is. `floor` is empty where there is none.
    """

    what: str
    figure: str
    floor: str
    ratio: str
    goal: str
    is_reached: bool
    limit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured. Rounds alternate with the floor's, so that a noisy machine is noisy for both."""

    rounds: int
    receipts: int
    """In a round."""
    scans_per_stream: int
    """In a round."""
    paced_scans: int
    daemon_scans: int
    starts: int
    many_lines: int
    many_items: int
    """Items that these lines wait for."""
    audited_events: int
    past_events: int
    at_once: int
    """Items of one count, lines of one pallet."""
    rounds_at_once: int
    guns_for_s: float
    """How long twenty scanners work."""
    plugs: int
    """How often a scanner is pulled out and put in."""
    labels_drawn: int
    """In each language."""
    first_bytes: int
    """Labels at an idle printer, and scans by turns beside a dead one."""
    waiting_labels: int
    """Labels that wait for a printer which is off."""
    backlog: int
    """Events that wait for a broker, in a round."""
    untold: int
    """Events of the largest ledger that are still to be told."""
    catalogue: int
    """Items that are loaded over MQTT, and half as many positions."""


FULL = Scale(
    rounds=20,
    receipts=30,
    scans_per_stream=25,
    paced_scans=600,
    daemon_scans=10_000,
    starts=5,
    many_lines=1_000_000,
    many_items=10_000,
    audited_events=1_000_000,
    past_events=5_000_000,
    at_once=500,
    rounds_at_once=5,
    guns_for_s=60.0,
    plugs=200,
    labels_drawn=600,
    first_bytes=300,
    waiting_labels=10_000,
    backlog=20_000,
    untold=1_000_000,
    catalogue=100_000,
)
SMALL = Scale(
    rounds=2,
    receipts=5,
    scans_per_stream=5,
    paced_scans=10,
    daemon_scans=50,
    starts=1,
    many_lines=2_000,
    many_items=10,
    audited_events=1_000,
    past_events=2_000,
    at_once=20,
    rounds_at_once=2,
    guns_for_s=2.0,
    plugs=2,
    labels_drawn=20,
    first_bytes=10,
    waiting_labels=50,
    backlog=400,
    untold=1_000,
    catalogue=2_000,
)


def p50_p99(samples: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(samples, n=100, method="inclusive")
    return cuts[49], cuts[98]


HEADINGS = ("what", "figure", "floor", "ratio", "goal", "reached")


def table(rows: Sequence[Row]) -> str:
    """Draw the table, then a sentence for each figure that needs one."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    told = [f"- {row.what}: {text}" for row in rows for text in _texts(row)]
    return "\n".join([*(line.rstrip() for line in lines), "", *told])


def _cells(row: Row) -> tuple[str, ...]:
    return (row.what, row.figure, row.floor, row.ratio, row.goal, "yes" if row.is_reached else "no")


def _texts(row: Row) -> list[str]:
    texts = [row.note] if row.note else []
    return texts if row.is_reached else [*texts, f"not reached: {row.limit}"]
