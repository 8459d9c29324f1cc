"""A label job on its way: its turn comes, its bytes go, it is out; or it does not come out, and why."""

import logging

from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.own_labels import voided
from edge.facts import Answer, LabelFailed, LabelPrinted, LabelSending, LabelUnsettled, Verdict
from edge.ledger.labels import JobRow

HOUR_MS = 3_600_000
DONE = Answer(Verdict.ACCEPT)

log = logging.getLogger(__name__)


def follow(
    books: Books, fact: LabelSending | LabelPrinted | LabelUnsettled | LabelFailed, number: int, at_ms: int
) -> Answer:
    """Follow a label job to its end. A reject says that it is none of this printer's, or is not to be sent."""
    job = books.labels.job(fact.job)
    assert job is not None, f"No label job {fact.job}."
    if isinstance(fact, LabelSending | LabelFailed) and fact.printer not in ("", job.printer):
        return Answer(Verdict.REJECT, f"Label {job.label} is for {job.printer} by now.")
    if isinstance(fact, LabelSending):
        if job.copy and not fact.copy:
            # Since it was drawn it went to another printer, which may have printed it, and came back.
            return Answer(Verdict.REJECT, f"Label {job.label} is to be marked by now.")
        return _its_turn(books, job, number, at_ms)
    if job.is_settled:
        return DONE
    if isinstance(fact, LabelUnsettled):
        books.labels.set(job.job, "unknown", copy=True, error=fact.text)
        return DONE
    booking = _booking(books, job, number, at_ms)
    if isinstance(fact, LabelPrinted):
        books.labels.set(job.job, "printed")
        booking.tell_stock("label.printed", job.label, {**_told(job), "copy": job.copy})
        booking.clear_exception("label", job.label, "it is printed")
    else:
        _fail(booking, job, fact.text)
        booking.raise_exception("label", job.label, f"Label {job.label} cannot be printed: {fact.text}")
    booking.close("ok", "")
    return DONE


def give_up(booking: Booking, job: JobRow, error: str) -> None:
    """A job shall not come out any more: it has failed, and asks nobody for anything."""
    _fail(booking, job, error)
    booking.clear_exception("label", job.label, error)
    settle_held(booking, job.printer)


def settle_held(booking: Booking, printer: str) -> None:
    """Once nothing for a printer is held any more, nobody needs to decide about it."""
    if not booking.books.labels.has_held(printer):
        booking.clear_exception("label", printer, "none of its labels is held any more")


def _its_turn(books: Books, job: JobRow, number: int, at_ms: int) -> Answer:
    """Say whether a job is to be sent now: one that is void or too old by its turn is not."""
    if job.is_settled or job.status == "held":
        return Answer(Verdict.REJECT, f"Label {job.label} is not to be printed any more.")
    if (where := _void(books, job)) is not None:
        booking = _booking(books, job, number, at_ms)
        give_up(booking, job, "void before it was printed")
        text = f"It is not printed: {where}"
    elif (limit_h := books.settings.labels.max_age_h) is not None and at_ms - job.since > limit_h * HOUR_MS:
        booking = _booking(books, job, number, at_ms)
        books.labels.set(job.job, "held", error=f"older than {limit_h} h")
        text = (
            f"A label for {job.printer} was older than {limit_h} h when its turn came, and is held."
            " See them: crossdock labels. Print each (labels reprint) or give it up (labels give-up)."
        )
        booking.raise_exception("label", job.printer, text)
    else:
        books.labels.set(job.job, "sending")
        return DONE
    booking.close("ok", text)
    log.info("seq=%d job=%d label=%s is not sent: %s", number, job.job, job.label, text)
    return Answer(Verdict.REJECT, text)


def _void(books: Books, job: JobRow) -> str | None:
    """Why a label would send a picker for nothing; None for one whose goods are its order's, picked or not."""
    label = books.labels.named(job.label)
    refused = voided(books, label) if label is not None else None
    return refused.reason if refused is not None and refused.why == "void_label" else None


def _fail(booking: Booking, job: JobRow, error: str) -> None:
    booking.books.labels.set(job.job, "failed", error=error)
    booking.tell_stock("label.failed", job.label, {**_told(job), "error": error})


def _told(job: JobRow) -> dict[str, str]:
    return {"label": job.label, "kind": job.kind, "printer": job.printer}


def _booking(books: Books, job: JobRow, number: int, at_ms: int) -> Booking:
    return Booking(books, number, at_ms, f"label/{job.label}", job.printer, job.label)
