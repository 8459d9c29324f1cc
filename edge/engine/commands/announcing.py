"""Commands about announcements: goods that are to come, and that do not come after all (contract section 6)."""

from edge.domain.requests import AnnounceAsn, CancelAsn
from edge.engine.announced import ONCE_FOR_MS, OVERDUE, settle_short
from edge.engine.booking import Booking
from edge.engine.changes import EXPECTED
from edge.engine.refusals import CommandError


def announce(booking: Booking, request: AnnounceAsn) -> None:
    """Book an announcement, in place of what it said before and is not yet received. Raises CommandError."""
    _refuse_unknown(booking, request)
    changes = booking.books.records.write_asn(request, received_since=booking.at_ms - ONCE_FOR_MS)
    for sku, change in changes.items():
        if change:
            booking.change_level(sku, EXPECTED, change)
    # As much as before may come at another time.
    booking.requeue(changes)
    desk = booking.books.desk
    if request.eta_ms is None:
        desk.end_timer(OVERDUE, request.asn)
    else:
        desk.set_timer(OVERDUE, request.asn, request.eta_ms)
    if request.eta_ms is None or request.eta_ms > booking.at_ms:
        booking.clear_exception("asn_overdue", request.asn, "it is announced for another time")


def _refuse_unknown(booking: Booking, request: AnnounceAsn) -> None:
    """Where the site refuses items that the catalogue lacks, it expects none. Raises CommandError."""
    announced = [(f"lines[{n}].sku", line.sku) for n, line in enumerate(request.lines)]
    for n, pallet in enumerate(request.pallets):
        announced += [(f"pallets[{n}].contents[{i}].sku", x.sku) for i, x in enumerate(pallet.contents)]
    for at, sku in announced:
        if booking.books.refuses(sku):
            raise CommandError("unknown_item", f"{sku} is not in the catalogue.", at)


def cancel(booking: Booking, request: CancelAsn) -> None:
    """What was announced and is not yet received is expected no more. Raises CommandError."""
    records = booking.books.records
    if not records.has_asn(request.asn):
        raise CommandError("bad_value", f"There is no announcement {request.asn}.", "asn")
    for sku, change in records.withdraw_asn(request.asn).items():
        booking.change_level(sku, EXPECTED, change)
    booking.books.desk.end_timer(OVERDUE, request.asn)
    booking.clear_exception("asn_overdue", request.asn, "it is cancelled")
    settle_short(booking, request.asn, "the rest of it is cancelled")
