"""The labels that came out of the printers, and whether they are those that had to come out."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from edge.domain.labels import BACKORDER
from edge.outbox import LabelJob
from tests.simulation.goods import Booking
from tests.simulation.wire import Foul

BRINGS_LABELS = frozenset(("stock.received", "stock.found", "stock.returned", "stock.released"))


class _Served(NamedTuple):
    order: str
    sku: str
    place: str
    lot: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A label on paper. `is_known`: its end was told to the box."""

    printer: str
    job: LabelJob
    is_known: bool


@dataclass(slots=True)
class Paper:
    """All sheets, in the order they came out. `reprints`: how many somebody asked for again."""

    sheets: list[Sheet] = field(default_factory=list)
    reprints: int = 0
    _last: dict[str, int] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)
    _open: dict[str, int] = field(default_factory=dict)

    def came_out(self, printer: str, job: LabelJob, *, is_known: bool) -> None:
        """Judge a sheet: in the order booked, each job until its end is known, any second one marked."""
        self.sheets.append(Sheet(printer, job, is_known))
        is_second = job.label in self._seen
        if job.copy and self.reprints and (job.job in self._done or not is_second):
            # Somebody asked for it again, whether it had come out by then or not.
            self.reprints -= 1
            self._done.discard(job.job)
            is_second = True
        elif job.job in self._done or job.job < self._last.get(printer, 0):
            raise Foul(f"{printer}: job {job.job} comes out after job {self._last.get(printer)}.")
        else:
            self._last[printer] = job.job
        if (open_job := self._open.get(printer, job.job)) != job.job:
            raise Foul(f"{printer}: job {job.job} comes out while the end of job {open_job} is unknown.")
        if job.copy != is_second:
            raise Foul(f"{printer}: label {job.label} copy={job.copy}, it came out before: {is_second}.")
        self._seen.add(job.label)
        if is_known:
            self._done.add(job.job)
            self._open.pop(printer, None)
        else:
            self._open[printer] = job.job

    def names_who_was_served(self, bookings: Iterable[Booking], stations: Container[str]) -> None:
        """Judge, once all labels are out: a backorder label for each allocation that a receipt, find, return or
        release made at a station with a printer. Those of a booking that was undone may be out or not.
        """
        due: Counter[_Served] = Counter()
        perhaps: Counter[_Served] = Counter()
        for booking in bookings:
            if booking.station in stations and booking.types & BRINGS_LABELS:
                for line, at, qty in booking.allocated:
                    served = _Served(line.order.id, line.sku, at.place, at.lot)
                    (due if booking.undone is None else perhaps)[served] += qty
        printed: Counter[_Served] = Counter()
        for job in {sheet.job.label: sheet.job for sheet in self.sheets}.values():
            if job.content.kind == BACKORDER:
                fields = job.content.fields
                served = _Served(fields["order"], fields["sku"], fields["place"], fields["lot"])
                printed[served] += int(fields["quantity"])
        for served in due | perhaps | printed:
            if not due[served] <= printed[served] <= due[served] + perhaps[served]:
                raise Foul(
                    f"{served}: {due[served]} were promised (and {perhaps[served]} undone), labels for"
                    f" {printed[served]} came out."
                )

    def own_labels(self, kind: str) -> Iterable[LabelJob]:
        """The labels of a kind that a person may find on goods."""
        return (sheet.job for sheet in self.sheets if sheet.job.content.kind == kind)
