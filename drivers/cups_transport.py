"""A printer behind a raw queue of CUPS on this box, as a byte channel: cups://QUEUE.

A queue takes whole jobs and nothing comes back of what the printer says: what is written is gathered, handed over as
one job by `settle`, and followed until CUPS says that it came out. What has not come out when we give up is cancelled,
so that it does not come out later without the mark of a second one.
"""

import threading
import time
from enum import IntEnum

from config.devices import cups_queue
from drivers import ipp
from drivers.ipp import Operation
from edge.errors import DeviceError

OUT_WITHIN_S = 60.0
"""What a job may stand in its queue, behind those of others too."""

LOOK_S = 1.0
"""How often, while nothing is printed, a look at the queue is taken."""

POLL_FIRST_S, POLL_MAX_S = 0.02, 0.5

MAX_JOB_BYTES = 16 * 1024 * 1024
"""Far beyond any label; what is asked for more is none."""


class JobState(IntEnum):
    """RFC 8011, 5.3.7, those after which nothing comes."""

    CANCELED, ABORTED, COMPLETED = 7, 8, 9


_STOPPED = 5
"""A queue's state (RFC 8011, 5.4.11)."""


class CupsTransport:
    """Raises DeviceError while the queue is stopped, or is not there."""

    def __init__(self, url: str, *, name: str, stop: threading.Event) -> None:
        self._queue = cups_queue(url)
        self._name = name
        self._stop = stop
        self._job = b""
        self._looked_at = time.monotonic()
        self._look()

    def write(self, data: bytes) -> None:
        if len(self._job) + len(data) > MAX_JOB_BYTES:
            raise DeviceError(f"{self._name} was sent more than {MAX_JOB_BYTES} bytes as one label.")
        self._job += data

    def read(self, timeout_s: float) -> bytes:
        """Nothing ever comes. Whoever listens has asked: a question is dropped, and no part of the next label."""
        self._job = b""
        if time.monotonic() - self._looked_at >= LOOK_S:
            self._look()
        self._stop.wait(timeout_s)
        self._check_stop()
        return b""

    def settle(self) -> None:
        data, self._job = self._job, b""
        if data:
            self._see_out(self._hand_over(data))

    def close(self) -> None:
        """Nothing is open between two requests."""

    def _look(self) -> None:
        """Raise DeviceError unless a job in the queue would go to the printer."""
        answer = self._ask(Operation.GET_PRINTER)
        self._looked_at = time.monotonic()
        if answer.status == ipp.NOT_FOUND:
            raise DeviceError(
                f"{self._name} cannot be used: CUPS has no queue {self._queue}.",
                hint=f"Make it with lpadmin -p {self._queue} -E -v URI -m raw, or correct the device.",
            )
        if answer.number("printer-state") == _STOPPED:
            raise DeviceError(
                f"{self._name} stands still: its CUPS queue {self._queue} is stopped{_said(answer)}.",
                hint=f"Mend that, then cupsenable {self._queue}; its labels wait and go on by themselves.",
            )
        if answer.is_good and not answer.number("printer-is-accepting-jobs"):
            raise self._refused()

    def _hand_over(self, data: bytes) -> int:
        answer = self._ask(Operation.PRINT_JOB, data=data)
        if answer.status == ipp.NOT_ACCEPTING:
            raise self._refused()
        if not answer.is_good:
            raise DeviceError(
                f"{self._name}: the CUPS queue {self._queue} did not take its label (IPP 0x{answer.status:04x}).",
                hint="See /var/log/cups/error_log.",
            )
        return answer.number("job-id")

    def _see_out(self, job: int) -> None:
        """Return once the job came out; else cancel it and raise DeviceError."""
        deadline = time.monotonic() + OUT_WITHIN_S
        pause_s = POLL_FIRST_S
        try:
            while not self._is_out(job):
                self._look()
                if time.monotonic() >= deadline:
                    raise self._stuck()
                self._stop.wait(pause_s)
                self._check_stop()
                pause_s = min(2 * pause_s, POLL_MAX_S)
        except DeviceError:
            if not self._was_out_after_all(job):
                raise

    def _is_out(self, job: int) -> bool:
        answer = self._ask(Operation.GET_JOB, job=job)
        # Where CUPS keeps no history a job that is done is not there any more.
        if answer.status == ipp.NOT_FOUND:
            return True
        match answer.number("job-state"):
            case JobState.COMPLETED:
                return True
            case JobState.CANCELED | JobState.ABORTED as state:
                raise DeviceError(
                    f"{self._name}: its label was {JobState(state).name.lower()} in the CUPS queue {self._queue}.",
                    hint="It comes again as a copy. See /var/log/cups/error_log if nobody did that.",
                )
        return False

    def _was_out_after_all(self, job: int) -> bool:
        """Cancel the job; tell whether it was too late for that, because it is out."""
        try:
            self._ask(Operation.CANCEL_JOB, job=job)
            return self._ask(Operation.GET_JOB, job=job).number("job-state") == JobState.COMPLETED
        except DeviceError:
            return False  # CUPS is gone, and why we gave up is told already

    def _ask(self, operation: Operation, *, job: int | None = None, data: bytes = b"") -> ipp.Answer:
        try:
            return ipp.ask(operation, self._queue, job=job, data=data)
        except (OSError, ipp.IppError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise DeviceError(
                f"{self._name} cannot be reached: CUPS on this box does not answer: {why}.",
                hint="See systemctl status cups; on Debian, apt-get install cups. Labels wait and go on by themselves.",
            ) from error

    def _stuck(self) -> DeviceError:
        answer = self._ask(Operation.GET_PRINTER)
        return DeviceError(
            f"{self._name} has not printed its label within {OUT_WITHIN_S:.0f} s: it was taken out of the CUPS queue "
            f"{self._queue} again{_said(answer)}.",
            hint=f"See whether the printer is on and has paper; lpstat -p {self._queue} -l tells more.",
        )

    def _refused(self) -> DeviceError:
        return DeviceError(
            f"{self._name} stands still: its CUPS queue {self._queue} takes no jobs.",
            hint=f"cupsaccept {self._queue} lets it; its labels wait and go on by themselves.",
        )

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise DeviceError(f"{self._name} was left: the daemon is stopping.")


def _said(answer: ipp.Answer) -> str:
    """What CUPS says of a queue, in brackets: its message, and what it names by keyword."""
    said = [text.rstrip(".") for text in answer.texts("printer-state-message") if text]
    said += [reason for reason in answer.texts("printer-state-reasons") if reason not in ("none", "paused")]
    return f" ({', '.join(said)})" if said else ""
