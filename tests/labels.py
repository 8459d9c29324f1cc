"""Labels as a warehouse prints them, one of each kind, and a printer's queue that the ledger would keep.

`python -m tests.labels` writes the golden files and the pictures of the documents anew: look at what changed.
"""

import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import ImageOps

from config.layouts import Paper, load_layouts
from drivers.escpos_printer import draw_escpos
from drivers.label_picture import label_picture, save_label_picture
from drivers.raster import THRESHOLD, picture_of, raster_of
from drivers.zpl_printer import draw_zpl
from edge.domain.labels import BACKORDER, FIELDS, MISSING, PUTAWAY, QUARANTINE, RESTOCK, LabelContent
from edge.facts import (
    Answer,
    Fact,
    LabelFailed,
    LabelPrinted,
    LabelSending,
    Verdict,
)
from edge.outbox import LabelJob

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden" / "labels"
PICTURED = (BACKORDER, MISSING)
NAME = "Tintenpatrone für Großformatdrucker, schwarz, 700 ml"

CONTENTS = {
    BACKORDER: {
        "label": "L-000042",
        "order": "SO-1001",
        "line": "1",
        "to": "Café Müller, Lane 7",
        "sku": "INK-BLK-700",
        "name": NAME,
        "quantity": "12",
        "lot": "B7-2291",
        "expiry": "2027-03-01",
        "place": "DOCK-1",
        "express": "EXPRESS",
    },
    PUTAWAY: {
        "label": "L-000043",
        "sku": "INK-BLK-700",
        "name": NAME,
        "quantity": "144",
        "lot": "B7-2291",
        "expiry": "2027-03-01",
        "place": "DOCK-1",
        "home": "A-01-02",
        "symbol": "01095060001343521727030110B7-2291\x1d91L-000043",
    },
    MISSING: {
        "label": "L-000044",
        "place": "A-01-02",
        "sku": "INK-BLK-700",
        "name": NAME,
        "quantity": "6",
        "orders": "SO-1001: now 2 from B-07-01\nSO-1002: waits",
    },
    QUARANTINE: {
        "label": "L-000045",
        "place": "DOCK-1",
        "sku": "INK-BLK-700",
        "name": NAME,
        "quantity": "24",
        "lot": "B7-2291",
        "expiry": "2026-03-01",
        "reason": "Expired on arrival: 2026-03-01",
    },
    RESTOCK: {
        "label": "L-000046",
        "order": "SO-1001",
        "home": "A-01-02",
        "sku": "INK-BLK-700",
        "name": NAME,
        "quantity": "3",
        "lot": "B7-2291",
        "expiry": "2027-03-01",
        "reason": "SO-1001: cancelled",
    },
}


def content_of(kind: str, **changes: str) -> LabelContent:
    """A label of that kind as it should be, with other fields where a test wants them."""
    return LabelContent(kind, {**CONTENTS[kind], **changes})


def job_of(
    kind: str, changes: Mapping[str, str] | None = None, *, job: int = 1, copy: bool = False
) -> LabelJob:
    content = content_of(kind, **(changes or {}))
    return LabelJob(job, content.fields["label"], content, copy)


def golden_picture(kind: str, paper: Paper, *, copy: bool = False) -> bytes:
    """A label's picture as it comes out, in black and white: what is kept, small."""
    picture = label_picture(content_of(kind), load_layouts(FIELDS, paper=paper)[kind], copy=copy)
    saved = BytesIO()
    black_on_white = ImageOps.invert(picture_of(raster_of(picture, threshold=THRESHOLD)).convert("L"))
    black_on_white.convert("1").save(saved, format="PNG", optimize=True)
    return saved.getvalue()


def escpos_digests() -> str:
    """The bytes for a receipt printer, of each kind without and with the mark, as digests: a line each."""
    layouts = load_layouts(FIELDS, paper="receipt")
    lines = []
    for kind in FIELDS:
        for copy in (False, True):
            data = draw_escpos(job_of(kind, copy=copy), layouts[kind])
            name = f"{kind}-copy" if copy else kind
            lines.append(f"{hashlib.sha256(data).hexdigest()}  {name}, {len(data)} bytes\n")
    return "".join(lines)


class Queue:
    """The jobs of one printer as the ledger keeps them; also the engine that books what becomes of them."""

    def __init__(self, jobs: int = 0) -> None:
        self.wake = threading.Event()
        self.facts: list[Fact] = []
        self.closed = 0
        self.before: Callable[[Fact], None] = lambda fact: None
        """Called with each fact before it is booked, in the thread that tells it."""
        self._changed = threading.Condition()
        self._jobs: dict[int, LabelJob] = {}
        self._sent: set[int] = set()
        self._last = 0
        self.add(jobs)

    def add(self, count: int = 1, **changes: str) -> None:
        with self._changed:
            for _ in range(count):
                self._last += 1
                label = {"label": f"L-{self._last:06}", **changes}
                self._jobs[self._last] = job_of(BACKORDER, label, job=self._last)
        self.wake.set()

    def put(self, job: LabelJob) -> None:
        """Queue a label as it is, under the next number."""
        with self._changed:
            self._last += 1
            self._jobs[self._last] = replace(job, job=self._last)
        self.wake.set()

    def next(self) -> LabelJob | None:
        with self._changed:
            for job in self._jobs.values():
                return LabelJob(job.job, job.label, job.content, copy=job.copy or job.job in self._sent)
            return None

    def close(self) -> None:
        self.closed += 1

    def post(self, fact: Fact) -> "Future[Answer]":
        self.before(fact)
        with self._changed:
            self.facts.append(fact)
            match fact:
                case LabelSending():
                    self._sent.add(fact.job)
                case LabelPrinted() | LabelFailed():
                    self._jobs.pop(fact.job, None)
            self._changed.notify_all()
        answer: Future[Answer] = Future()
        answer.set_result(Answer(Verdict.ACCEPT))
        return answer

    def told(self, kind: type[Fact]) -> list[Fact]:
        with self._changed:
            return [fact for fact in self.facts if isinstance(fact, kind)]

    def wait_until_empty(self, *, timeout_s: float = 10.0) -> None:
        with self._changed:
            is_empty = self._changed.wait_for(lambda: not self._jobs, timeout_s)
            assert is_empty, f"Expected no job within {timeout_s} s, got {self._jobs} after {self.facts}."

    def wait_for(self, kind: type[Fact], count: int = 1, *, timeout_s: float = 10.0) -> None:
        """Wait until so many facts of that kind were told."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: sum(isinstance(fact, kind) for fact in self.facts) >= count, timeout_s
            )
            assert came, f"Expected {count} {kind.__name__} within {timeout_s} s, got {self.facts}."


def main() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    layouts = load_layouts(FIELDS)
    for kind in FIELDS:
        (GOLDEN / f"{kind}.zpl").write_bytes(draw_zpl(job_of(kind), layouts[kind]))
        (GOLDEN / f"{kind}-copy.zpl").write_bytes(draw_zpl(job_of(kind, copy=True), layouts[kind]))
        (GOLDEN / f"{kind}.png").write_bytes(golden_picture(kind, "label", copy=True))
        (GOLDEN / f"{kind}-receipt.png").write_bytes(golden_picture(kind, "receipt", copy=True))
    (GOLDEN / "escpos.sha256").write_text(escpos_digests())
    for kind in PICTURED:
        save_label_picture(content_of(kind), layouts[kind], ROOT / "docs" / f"label-{kind}.png")


if __name__ == "__main__":
    main()
