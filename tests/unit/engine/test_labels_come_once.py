"""Whatever happens to two printers that stand in for each other, no label is lost and no second one is unmarked."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from config.settings import Labels, Printer, Station
from edge.facts import (
    DeviceKind,
    DeviceLost,
    DeviceReady,
    LabelGivenUp,
    LabelPrinted,
    LabelSending,
    LabelsRedirected,
    LabelUnsettled,
    ReprintAsked,
    Verdict,
)
from edge.ledger.labels import JobRow
from edge.ledger.outbox import LabelRows
from edge.outbox import LabelJob
from tests.house import House, settings

PRINTERS = ("zebra-1", "zebra-2")
STATIONS = (
    Station(id="dock-1", location="DOCK-1", printer="zebra-1", fallback="zebra-2"),
    Station(id="dock-2", location="DOCK-2", printer="zebra-2", fallback="zebra-1"),
)
ENDED = ("printed", "failed", "held")


class Floor:
    """A house with two printers, what lies on their paper, and what may lie there."""

    def __init__(self, folder: Path) -> None:
        printers = tuple(
            Printer(id=name, language="zpl", device=f"tcp://127.0.0.1:{port}")
            for name, port in zip(PRINTERS, (9100, 9101), strict=True)
        )
        update = {"printers": printers, "labels": Labels(fallback_after_s=30, max_age_h=12)}
        self.house = House(settings(folder, stations=STATIONS).model_copy(update=update))
        self.sheets: list[tuple[str, bool]] = []
        """Each label that came out, and whether it was marked."""
        self.may_be_second: set[str] = set()
        """Labels that were sent once, or asked for again."""
        self.up: set[str] = set()
        self._orders = 0
        self._drawn: dict[str, LabelJob] = {}
        """What a printer has drawn and not yet asked to send: others may print, move or end it meanwhile."""
        for name in PRINTERS:
            self.ready(name)

    # -- what people do --------------------------------------------------------------------------------------

    def receive(self, n: int) -> None:
        """Goods come in, in every second case for an order, which then may be cancelled."""
        self._orders += 1
        if n % 2:
            self.house.order(f"SO-{self._orders}", ("PEN", 2))
        self.house.receive("PEN", 2)
        if n == 1:
            self.house.done("order.cancel", {"order": f"SO-{self._orders}"})

    def undo(self, n: int) -> None:
        self.house.scan("CMD:UNDO")

    def reprint(self, n: int) -> None:
        if label := self._label(n):
            self.house.post(ReprintAsked(label, "cli-1"))
            self.may_be_second.add(label)

    def give_up(self, n: int) -> None:
        if label := self._label(n):
            self.house.post(LabelGivenUp(label, "torn", "cli-1"))

    def redirect(self, n: int) -> None:
        one, other = self._turned(n)
        self.house.post(LabelsRedirected(self._label(n) if n > 3 else None, one, other, "cli-1"))

    # -- what happens to printers ----------------------------------------------------------------------------

    def lose(self, n: int) -> None:
        self.lost(self._turned(n)[0])

    def mend(self, n: int) -> None:
        self.ready(self._turned(n)[0])

    def lost(self, name: str) -> None:
        self.up.discard(name)
        self._drawn.pop(name, None)
        self.house.post(DeviceLost(DeviceKind.PRINTER, name, f"Printer {name} is out of paper."))

    def ready(self, name: str) -> None:
        self.up.add(name)
        self.house.post(DeviceReady(DeviceKind.PRINTER, name))

    def wait(self, n: int) -> None:
        self.house.wait((1, 29, 31, 600, 3600, 14 * 3600)[n])
        self.house.tick()

    def kill(self, n: int) -> None:
        """The daemon dies, in every second case while a label is on its way, which in every third came out."""
        if n % 2 and self.up:
            self._send(min(self.up), comes_out=n == 3)
        self.up.clear()
        self._drawn.clear()
        self.house.restart()
        for name in PRINTERS:
            self.ready(name)

    def well(self, n: int) -> None:
        """A printer prints a label, and says so."""
        name = self._turned(n)[0]
        if (job := self._send(name, comes_out=True)) is not None:
            self.house.post(LabelPrinted(job))

    def draw(self, n: int) -> None:
        """A printer draws what is next for it, and takes its time."""
        name = self._turned(n)[0]
        if name in self.up and (job := self._next(name)) is not None:
            self._drawn.setdefault(name, job)

    def ill(self, n: int) -> None:
        """A printer dies within a label, before or after that came out."""
        name = self._turned(n)[0]
        if (job := self._send(name, comes_out=n > 3)) is not None:
            self.house.post(LabelUnsettled(job, "The line broke."))
            self.lost(name)

    def _send(self, name: str, *, comes_out: bool) -> int | None:
        """A printer that is up sends what is next for it, if that may go: the first of those that wait for it."""
        job = self._drawn.pop(name, None) or (self._next(name) if name in self.up else None)
        if job is None:
            return None
        if self.house.post(LabelSending(job.job, name, copy=job.copy)).verdict is Verdict.REJECT:
            return None
        is_second = any(label == job.label for label, _ in self.sheets)
        assert job.copy or not is_second, f"{job.label} comes out again without the mark."
        assert not job.copy or job.label in self.may_be_second, f"{job.label} is marked for nothing."
        self.may_be_second.add(job.label)
        if comes_out:
            self.sheets.append((job.label, job.copy))
        return job.job

    def _next(self, name: str) -> LabelJob | None:
        """What is next for a printer: the first of those that wait for it."""
        rows = LabelRows(self.house.settings.data_dir / "ledger.db", name)
        job = rows.next()
        rows.close()
        waiting = [row.job for row in self.jobs() if row.printer == name and row.status not in ENDED]
        assert (job.job if job else None) == min(waiting, default=None)
        return job

    # -- what there is ---------------------------------------------------------------------------------------

    def jobs(self) -> list[JobRow]:
        rows = self.house.rows("SELECT job FROM labels ORDER BY job")
        return [row for (job,) in rows if (row := self.house.engine.books.labels.job(job)) is not None]

    def settle(self) -> None:
        """All is mended, and printers print until nothing waits."""
        for name in PRINTERS:
            self.ready(name)
        for _ in range(2 * len(self.jobs()) + 1):
            for name in PRINTERS:
                self.well(PRINTERS.index(name))

    def _label(self, n: int) -> str | None:
        jobs = self.jobs()
        return jobs[-1 - n].label if n < len(jobs) else None

    @staticmethod
    def _turned(n: int) -> tuple[str, str]:
        return (PRINTERS[n % 2], PRINTERS[1 - n % 2])


ACTS: Mapping[str, Callable[[Floor, int], None]] = {
    act.__name__: act
    for act in (
        *(Floor.receive, Floor.undo, Floor.reprint, Floor.give_up, Floor.redirect),
        *(Floor.lose, Floor.mend, Floor.wait, Floor.kill, Floor.draw, Floor.well, Floor.ill),
    )
}


BACK_FROM_ONE_THAT_DIED = [
    *(("receive", 0), ("draw", 0), ("redirect", 0), ("ill", 5), ("mend", 1), ("redirect", 1), ("well", 0)),
]
"""A label that a printer has drawn goes to the other, which dies once it came out, and comes back."""

HELD_AND_MAY_BE_ON_PAPER = [
    *(("receive", 0), ("ill", 4), ("mend", 0), ("wait", 5), ("well", 0), ("reprint", 0)),
]
HELD_AND_GIVEN_UP = [("receive", 0), ("wait", 5), ("well", 0), ("give_up", 0)]


@example(HELD_AND_GIVEN_UP)
@example(HELD_AND_MAY_BE_ON_PAPER)
@example(BACK_FROM_ONE_THAT_DIED)
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 5)), max_size=30))
def test_no_label_is_lost_and_no_second_one_is_unmarked_whatever_happens(days: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        floor = Floor(Path(folder))
        for act, n in days:
            ACTS[act](floor, n)
        floor.settle()

        out = {label for label, _ in floor.sheets}
        for job in floor.jobs():
            assert job.status in ENDED, job
            assert job.status != "printed" or job.label in out, job
        held = {job.printer for job in floor.jobs() if job.status == "held"}
        told = {about for kind, about in floor.house.exceptions() if kind == "label"}
        floor.house.close()
        assert told == held
