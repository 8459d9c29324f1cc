"""`label.reprint`: a label of ours once more, marked (contract section 6)."""

from edge.engine.booking import Booking
from edge.engine.own_labels import voided
from edge.engine.printing import reprint_job
from edge.engine.refusals import CommandError


def reprint(booking: Booking, label: str) -> None:
    """Print a label of ours once more, marked. Raises CommandError."""
    found = booking.books.desk.label_named(label)
    if found is None:
        raise CommandError("unknown_label", f"Label {label} is none of this node's.", "label")
    if (refused := voided(booking.books, found)) is not None:
        raise CommandError("bad_value", refused.reason, "label")
    reprint_job(booking, found)
