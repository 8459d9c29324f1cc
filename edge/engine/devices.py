"""What devices tell back: ready and lost. Labels are `label_jobs`', rows for central `confirming`'s."""

from edge.engine import fallback
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.facts import Answer, DeviceKind, DeviceLost, DeviceReady, Verdict

DONE = Answer(Verdict.ACCEPT)


def ready(books: Books, fact: DeviceReady, number: int, at_ms: int) -> Answer:
    """A device can be used (again): its exception is over, unless it is not as it should be."""
    booking = _booking(books, number, at_ms, fact.device, "ready")
    books.desk.write_device(fact.kind.value, fact.device, "ready", fact.text, at_ms)
    if fact.text:
        booking.raise_anew(fact.kind.value, fact.device, fact.text)
    else:
        booking.clear_exception(fact.kind.value, fact.device, "it is back")
    if fact.kind is DeviceKind.PRINTER:
        fallback.back(booking, fact.device)
    booking.close("ok", fact.text)
    return DONE


def lost(books: Books, fact: DeviceLost, number: int, at_ms: int) -> Answer:
    """A device cannot be used: a person is told why."""
    booking = _booking(books, number, at_ms, fact.device, "lost")
    if fact.kind is DeviceKind.PRINTER and books.desk.device_state("printer", fact.device) != "lost":
        fallback.lost(books, fact.device, at_ms)
    books.desk.write_device(fact.kind.value, fact.device, "lost", fact.text, at_ms)
    booking.raise_exception(fact.kind.value, fact.device, fact.text)
    booking.close("ok", fact.text)
    return DONE


def _booking(books: Books, number: int, at_ms: int, device: str, body: str) -> Booking:
    return Booking(books, number, at_ms, f"device/{device}", device, body)
