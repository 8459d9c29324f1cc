"""What devices and central tell back: ready and lost, labels printed, rows delivered."""

from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.facts import (
    Answer,
    Delivered,
    DeviceLost,
    DeviceReady,
    LabelFailed,
    LabelPrinted,
    LabelSending,
    LabelUnsettled,
    Verdict,
)

DONE = Answer(Verdict.ACCEPT)


def ready(books: Books, fact: DeviceReady, number: int, at_ms: int) -> Answer:
    """A device can be used (again): its exception is over."""
    booking = _booking(books, number, at_ms, f"device/{fact.device}", fact.device, "ready")
    books.desk.write_device(fact.kind.value, fact.device, "ready", "", at_ms)
    booking.clear_exception(fact.kind.value, fact.device, "it is back")
    booking.close("ok", "")
    return DONE


def lost(books: Books, fact: DeviceLost, number: int, at_ms: int) -> Answer:
    """A device cannot be used: a person is told why."""
    booking = _booking(books, number, at_ms, f"device/{fact.device}", fact.device, "lost")
    books.desk.write_device(fact.kind.value, fact.device, "lost", fact.text, at_ms)
    booking.raise_exception(fact.kind.value, fact.device, fact.text)
    booking.close("ok", fact.text)
    return DONE


def label(
    books: Books, fact: LabelSending | LabelPrinted | LabelUnsettled | LabelFailed, number: int, at_ms: int
) -> Answer:
    """Follow a label job to its end."""
    desk = books.desk
    job = desk.label(fact.job)
    assert job is not None, f"No label job {fact.job}."
    name, kind, printer, copy, status = job
    if status in ("printed", "failed", "shadow"):
        return DONE
    if isinstance(fact, LabelSending):
        desk.set_label(fact.job, "sending")
        return DONE
    if isinstance(fact, LabelUnsettled):
        desk.set_label(fact.job, "unknown", copy=True, error=fact.text)
        return DONE
    booking = _booking(books, number, at_ms, f"label/{name}", printer, name)
    told = {"label": name, "kind": kind, "printer": printer}
    if isinstance(fact, LabelPrinted):
        desk.set_label(fact.job, "printed")
        booking.tell_stock("label.printed", name, {**told, "copy": copy})
        booking.clear_exception("label", name, "it is printed")
    else:
        desk.set_label(fact.job, "failed", error=fact.text)
        booking.tell_stock("label.failed", name, {**told, "error": fact.text})
        booking.raise_exception("label", name, f"Label {name} cannot be printed: {fact.text}")
    booking.close("ok", "")
    return DONE


def delivered(books: Books, fact: Delivered) -> Answer:
    """Central has rows of an outbox: they are not sent again."""
    books.desk.move_cursor(fact.outbox, fact.upto)
    if fact.outbox == "answers":
        books.desk.forget_answers(fact.upto)
    return DONE


def _booking(books: Books, number: int, at_ms: int, cause: str, source: str, body: str) -> Booking:
    return Booking(books, number, at_ms, cause, source, body)
