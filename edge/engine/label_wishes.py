"""What a person wants of labels: one once more, one from another printer, one never. One rule for every door.

What comes through central (`label.reprint`) and what is said at the command line; CMD:REPRINT is a scan's.
"""

from collections.abc import Mapping
from typing import assert_never

from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.label_jobs import give_up as give_job_up
from edge.engine.own_labels import voided
from edge.engine.printing import reprint_job
from edge.engine.refusals import CommandError
from edge.facts import Answer, LabelGivenUp, LabelsRedirected, ReprintAsked, Verdict
from edge.ledger.labels import LabelRow

Wish = ReprintAsked | LabelsRedirected | LabelGivenUp

_KINDS: Mapping[type[Wish], str] = {
    ReprintAsked: "label.reprint",
    LabelsRedirected: "label.redirect",
    LabelGivenUp: "label.give_up",
}
"""What each is called in the journal."""


def reprint(booking: Booking, label: str) -> str:
    """Print a label of ours once more, marked, or one that is held; say what happens. Raises CommandError."""
    found = _named(booking.books, label)
    if (refused := voided(booking.books, found)) is not None:
        raise CommandError("bad_value", refused.reason, "label")
    comes, text = reprint_job(booking, found)
    booking.attention = booking.attention or not comes
    return text


def redirect(booking: Booking, label: str | None, *, printer: str, to: str) -> str:
    """Leave one label that waits for a printer, or all of them, to another, in order. Raises CommandError."""
    books = booking.books
    known = [one.id for one in books.settings.printers]
    # A printer that was taken out of the configuration may still have labels that wait for it.
    for key, id, is_there in (
        ("from", printer, printer in known or books.labels.is_awaited(printer)),
        ("to", to, to in known),
    ):
        if not is_there:
            raise CommandError(
                "bad_value", f"There is no printer {id} here; there is {', '.join(known) or 'none'}.", key
            )
    if printer == to:
        raise CommandError("bad_value", f"Its labels wait for {to} already: name another printer.", "to")
    if label is not None:
        _named(books, label)
    moved = books.labels.redirect(printer, to, label)
    if not moved:
        raise CommandError("bad_value", _why_none(books, label, printer), "label")
    if label is not None:
        return f"Label {label} waits for {to} now."
    return f"{moved} label{' waits' if moved == 1 else 's wait'} for {to} now, in the order booked."


def give_up(booking: Booking, label: str, reason: str) -> str:
    """A label that waits, or is held, shall never come out. Raises CommandError."""
    labels = booking.books.labels
    found = _named(booking.books, label)
    jobs = sorted([*labels.jobs_open(label), *labels.jobs_held(label)], key=lambda job: job.job)
    if any(job.status == "sending" for job in jobs):
        raise CommandError("bad_value", _being_sent(label), "label")
    if not jobs:
        raise CommandError("bad_value", f"Label {label} does not wait: it is {found.status}.", "label")
    for job in jobs:
        give_job_up(booking, job, reason)
    return f"Label {label} is given up."


def wished(books: Books, fact: Wish, number: int, at_ms: int) -> Answer:
    """Book what a person said at the command line. There is no answer to central: it hears the events."""
    kind = _KINDS[type(fact)]
    body = f"{kind} {fact.label or 'all'}"
    booking = Booking(books, number, at_ms, f"command/{fact.by}", "cli", body, kind=kind)
    try:
        match fact:
            case ReprintAsked():
                text = reprint(booking, fact.label)
            case LabelsRedirected():
                text = redirect(booking, fact.label, printer=fact.printer, to=fact.to)
            case LabelGivenUp():
                text = give_up(booking, fact.label, fact.reason)
            case _:
                assert_never(fact)
    except CommandError as error:
        # Refused before anything was written: there is nothing to take back.
        return Answer(Verdict.REJECT, error.text, error.code)
    booking.close("ok", text)
    return Answer(Verdict.ATTENTION if booking.attention else Verdict.ACCEPT, text)


def _named(books: Books, label: str) -> LabelRow:
    found = books.labels.named(label)
    if found is None:
        raise CommandError("unknown_label", f"Label {label} is none of this node's.", "label")
    return found


def _why_none(books: Books, label: str | None, printer: str) -> str:
    if label is None:
        return f"No label waits for {printer}."
    for job in books.labels.jobs_open(label):
        return _being_sent(label) if job.printer == printer else f"Label {label} waits for {job.printer}."
    return f"Label {label} does not wait for {printer}."


def _being_sent(label: str) -> str:
    return f"Label {label} is being sent to its printer: try again once that has said what became of it."
