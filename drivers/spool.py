"""The spool of one printer: works off its label jobs, in order, and tells what became of each.

A label is printed at least once whatever fails, and never twice unmarked: that its bytes are about to go is
on disk before the first one leaves, and a job whose end is unknown comes again as a copy. Which job is next
is the ledger's; how the printer is opened again the supervisor's; whether it can tell how it is, `asking`'s.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Final

from config.layouts import Layout, Paper
from config.settings import Printer
from drivers.asking import ANSWER_S, SILENT, Asking
from drivers.languages import language_of
from drivers.transport import LostLineError, Transport, check_printer_url, open_transport
from edge.errors import DeviceError
from edge.facts import (
    Answer,
    DeviceKind,
    DeviceReady,
    Fact,
    LabelFailed,
    LabelPrinted,
    LabelSending,
    LabelUnsettled,
    Verdict,
)
from edge.inbox import Post
from edge.outbox import LabelJob, LabelQueue

PAPERS: Mapping[str, Paper] = {"zpl": "label", "escpos": "receipt"}
"""The paper that a printer of each language has, and so the layouts that it is given."""

IDLE_S = 0.25
"""How long the spool waits to be woken before it looks for itself, at the queue and at the line."""

TROUBLE_S = 5.0
"""A printer that has a label may be silent or in trouble so long before the label's end counts as unknown."""

OUT_WITHIN_S = 60.0
"""A printer that took a label and has no trouble is believed after so long, whatever it still counts."""

POLL_FIRST_S, POLL_MAX_S = 0.02, 0.5
"""Between two questions whether a label is out."""

STEADY_S = 5.0
"""A connection that lasted so long and was closed while idle is opened again without a word."""

BOOKED_WITHIN_S = 30.0
"""A fact that is not on disk by then stops this printer: something is very wrong."""

LAST_BOOKED_S = 2.0
"""What a fact may still take once the daemon ends."""

log = logging.getLogger(__name__)


class SpooledPrinter:
    """One printer with its queue. `wake` is set whenever there may be something new for it.

    `layouts` are those for the paper of its language (`PAPERS`). `queue_factory` is called in the thread that
    runs the printer, for that thread alone. Raises UsageError for a device that cannot be, or paper too small.
    """

    kind: Final = DeviceKind.PRINTER

    def __init__(
        self,
        settings: Printer,
        layouts: Mapping[str, Layout],
        queue_factory: Callable[[], LabelQueue],
        post: Post,
        wake: threading.Event,
    ) -> None:
        check_printer_url(settings.device)
        self.id = settings.id
        self._device = settings.device
        self._name = f"Printer {settings.id}"
        self._language = language_of(settings, layouts)
        self._asking = Asking(self._language, name=self._name, asks=settings.status == "auto")
        self._queue_factory = queue_factory
        self._post = post
        self._wake = wake
        # What the printer was seen to be; kept from one connection to the next.
        self._hangs_up = False
        self._may_have_half = False
        self._complained = ""

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Serve the printer, as `drivers.device.Device` says; a label not out by then comes again."""
        self._complained = ""
        with closing(self._queue_factory()) as queue:
            while not stop.is_set():
                with closing(open_transport(self._device, name=self._name, stop=stop)) as line:
                    self._end_half(line, queue)
                    self._asking.greet(line)
                    ready()
                    self._language.prepare()
                    self._serve(line, queue, stop)

    def _serve(self, line: Transport, queue: LabelQueue, stop: threading.Event) -> None:
        """Print what comes until `stop`; return too when the line is to be opened anew."""
        opened_at = time.monotonic()
        while not stop.is_set():
            self._complain()
            self._wake.clear()
            job = queue.next()
            try:
                # Before a label too: on a line that is gone nothing is begun, and nothing becomes a copy.
                self._asking.listen(line)
            except LostLineError:
                if time.monotonic() - opened_at < STEADY_S and not self._hangs_up:
                    raise
                log.info("printer=%s closed the idle connection: opening it again", self.id)
                return
            if job is None:
                self._asking.ask_again(line)
                self._wake.wait(IDLE_S)
            else:
                self._print(line, job, stop)

    def _print(self, line: Transport, job: LabelJob, stop: threading.Event) -> None:
        try:
            data = self._language.draw(job)
        except Exception as error:
            # Broad with intent: a label that cannot be drawn must never hold up those behind it.
            log.exception("job=%s label=%s cannot be drawn on printer=%s", job.job, job.label, self.id)
            self._tell(LabelFailed(job.job, str(error) or type(error).__name__, self.id), stop)
            return
        self._asking.check(line)
        answer = self._tell(LabelSending(job.job, self.id, copy=job.copy), stop)
        if answer.verdict is Verdict.REJECT:
            # Another printer has it by now or may have printed it, or it is void, too old, given up.
            log.info("job=%s is not sent to printer=%s: %s", job.job, self.id, answer.text)
            return
        try:
            line.write(data + (self._language.end_question() if self._asking.can_tell else b""))
            self._see_out(line, job, stop)
        except DeviceError as error:
            self._may_have_half = True
            if not stop.is_set():
                log.warning("job=%s label=%s unsettled on printer=%s", job.job, job.label, self.id)
                self._tell(LabelUnsettled(job.job, error.text), stop)
            raise
        self._tell(LabelPrinted(job.job), stop)
        copy = " COPY" if job.copy else ""
        log.info("job=%s label=%s%s printed on printer=%s", job.job, job.label, copy, self.id)

    def _end_half(self, line: Transport, queue: LabelQueue) -> None:
        """Have the printer end what it may have got of a label on the line before; until then it may not answer."""
        # A copy that is next may be of a label that was being sent when the daemon was killed.
        if self._may_have_half or ((job := queue.next()) is not None and job.copy):
            line.write(self._language.end_of_half())
        self._may_have_half = False

    def _complain(self) -> None:
        """Tell once that what the printer answers is nonsense, and once that it is not any more."""
        if self._complained != self._asking.complaint:
            self._complained = self._asking.complaint
            self._post(DeviceReady(self.kind, self.id, self._complained))

    def _see_out(self, line: Transport, job: LabelJob, stop: threading.Event) -> None:
        """Return once the label is out as far as one can tell; raises DeviceError if its end is unknown."""
        if self._asking.can_tell:
            self._ask_until_out(line, stop)
        else:
            self._settle(line, job)

    def _ask_until_out(self, line: Transport, stop: threading.Event) -> None:
        pause_s = POLL_FIRST_S
        sent_at = well_at = time.monotonic()
        while True:
            report = self._language.ask(line, within_s=ANSWER_S)
            now = time.monotonic()
            if report.heard and not report.told:
                self._asking.heed(report)
                return line.settle()
            trouble = report.trouble if report.told else SILENT
            if trouble is None:
                well_at = now
                if not report.waiting:
                    return None
                if now - sent_at > OUT_WITHIN_S:
                    log.warning("printer=%s counts a label as waiting for a minute: believed out", self.id)
                    return None
            elif now - well_at > TROUBLE_S:
                raise self._asking.not_ready(trouble)
            if stop.wait(pause_s):
                raise DeviceError(f"{self._name} was left before its label was out: the daemon is stopping.")
            pause_s = min(2 * pause_s, POLL_MAX_S)

    def _settle(self, line: Transport, job: LabelJob) -> None:
        try:
            line.settle()
        except LostLineError as error:
            # Taken in order and then closed: a printer that failed, or a print server that hangs up behind
            # each job. That is found out by one copy: were its end unknown too, it would go on for ever.
            if not error.in_order or not (job.copy or self._hangs_up):
                raise
            self._hangs_up = True
            log.info("printer=%s closes the connection behind each label", self.id)

    def _tell(self, fact: Fact, stop: threading.Event) -> Answer:
        """Post a fact and return what is said to it once it is on disk. Raises EdgeError if it does not get there."""
        future = self._post(fact)
        deadline = time.monotonic() + BOOKED_WITHIN_S
        while True:
            try:
                return future.result(timeout=IDLE_S)
            except TimeoutError:
                if stop.is_set():
                    deadline = min(deadline, time.monotonic() + LAST_BOOKED_S)
                if time.monotonic() >= deadline:
                    break
        raise DeviceError(
            f"{self._name} stands still: what became of its label was not booked in {BOOKED_WITHIN_S:.0f} s.",
            hint="See the log for what holds up the ledger.",
        )
