"""The labels that came out of the printers, and whether they are those that had to come out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from edge.outbox import LabelJob
from tests.simulation.wire import Foul


@dataclass(frozen=True, slots=True)
class Sheet:
    """A label on paper. `is_known`: its end was told to the box."""

    printer: str
    job: LabelJob
    is_known: bool


@dataclass(slots=True)
class Paper:
    """All sheets, in the order they came out. `reprints`: labels that somebody asked for again."""

    sheets: list[Sheet] = field(default_factory=list)
    reprints: set[str] = field(default_factory=set)
    _last: dict[str, int] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)

    def came_out(self, printer: str, job: LabelJob, *, is_known: bool) -> None:
        """Judge a sheet: in the order booked, each job until its end is known, any second one marked."""
        if job.job in self._done or job.job < self._last.get(printer, 0):
            raise Foul(f"{printer}: job {job.job} comes out after job {self._last[printer]}.")
        is_second = job.label in self._seen
        if job.copy != is_second:
            raise Foul(f"{printer}: label {job.label} copy={job.copy}, it came out before: {is_second}.")
        self._last[printer] = job.job
        self._seen.add(job.label)
        if is_known:
            self._done.add(job.job)
        self.sheets.append(Sheet(printer, job, is_known))

    def own_labels(self, kind: str) -> Iterable[LabelJob]:
        """The labels of a kind that a person may find on goods."""
        return (sheet.job for sheet in self.sheets if sheet.job.content.kind == kind)
