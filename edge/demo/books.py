"""What the ledger says, read while the daemon writes it: the words of an answer, labels, devices, closing figures.

Each look opens the ledger for reading and closes it again: readers are brief.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from edge.errors import EdgeError
from edge.facts import DeviceKind
from edge.ledger.reading import Row, snapshot

T = TypeVar("T")

LOOK_AGAIN_S = 0.05
ALL = 10_000
"""More than a demo has of anything."""


class Books:
    """Looks into the ledger at `path`. `alive` is called while waiting and raises when that is in vain."""

    def __init__(self, path: Path, *, alive: Callable[[], None] = lambda: None) -> None:
        self._path, self._alive = path, alive

    def last_words(self, scanner: str) -> str:
        """The words of the answer to this scanner's last scan."""
        with snapshot(self._path) as ledger:
            facts = ledger.journal(limit=50)
        texts = [fact["text"] for fact in facts if fact["source"] == scanner]
        return str(texts[0]) if texts else ""

    def last_seq(self) -> int:
        """The seq of the last event."""
        with snapshot(self._path) as ledger:
            return int(ledger.sync()["last_seq"])

    def labels(self) -> list[Row]:
        """All labels so far, in the order booked: label, kind, order, sku, qty, fields and more."""
        with snapshot(self._path) as ledger:
            return ledger.labels(limit=ALL)[::-1]

    def open_labels(self) -> int:
        """Count the labels that are neither known to be printed nor given up."""
        with snapshot(self._path) as ledger:
            return sum(ledger.labels_waiting().values())

    def orders(self) -> list[Row]:
        """Every order with its lines: first those that wait, in the order of service."""
        with snapshot(self._path) as ledger:
            return ledger.orders(limit=ALL)

    def promised(self, sku: str, place: str) -> dict[str, int]:
        """To which orders how much of an item is promised at a place, by order."""
        sums: dict[str, int] = {}
        for order in self.orders():
            for line in order["lines"]:
                for one in line["allocations"]:
                    if (line["sku"], one["place"]) == (sku, place):
                        sums[order["order"]] = sums.get(order["order"], 0) + one["qty"]
        return dict(sorted(sums.items()))

    def stock(self) -> list[Row]:
        """Each item's level, by SKU."""
        with snapshot(self._path) as ledger:
            return ledger.stock()

    def wait_device(self, kind: DeviceKind, device: str, state: str, timeout_s: float) -> str:
        """Wait until the device is "ready" or "lost", and return what the daemon says of it."""

        def look() -> Row | None:
            with snapshot(self._path) as ledger:
                found = ledger.devices(kind).get(device)
            return found if found and found["state"] == state else None

        return str(self._wait(look, f"the {kind} {device} to be {state}", timeout_s)["text"])

    def wait_labels(self, timeout_s: float) -> None:
        """Wait until no label is open; raises EdgeError if one was given up."""
        self._wait(lambda: self.open_labels() == 0 or None, "every label to be printed", timeout_s)
        failed = [row for row in self.labels() if row["status"] == "failed"]
        if failed:
            raise EdgeError(
                f"Expected every label printed, got {len(failed)} given up; "
                f"the first is {failed[0]['label']}: {failed[0]['error']}"
            )

    def _wait(self, look: Callable[[], T | None], what: str, timeout_s: float) -> T:
        deadline = time.monotonic() + timeout_s
        while (found := look()) is None:
            self._alive()
            if time.monotonic() > deadline:
                raise EdgeError(f"Waited {timeout_s:g} s for {what}.")
            time.sleep(LOOK_AGAIN_S)
        return found
