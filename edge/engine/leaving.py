"""What is begun and left: a move in somebody's hands is dropped and told, an open count waits for a while."""

from dataclasses import replace
from typing import Any

from edge.domain import dialogue as dialogues
from edge.domain.dialogue import COUNT_WAITS_MS, Dialogue
from edge.domain.stations import MOVE
from edge.engine.booking import Booking
from edge.engine.scene import Scan
from edge.engine.words import pieces

MOVED, COUNTED = "move", "count"
"""What can be begun, as the ledger names it and its timers."""


def keep_waiting(scan: Scan) -> None:
    """Set the time at which what is begun is given up: after the idle time a move, after half an hour a count.

    Again with every scan, also one that is refused: whoever scans is there.
    """
    if not scan.dialogue.begun:
        return
    is_move = scan.dialogue.mode == MOVE
    wait = scan.station.idle_reset_s * 1000 if is_move else COUNT_WAITS_MS
    # As `dialogue.wake` has it: a dialogue is idle once more than the idle time has gone by.
    scan.books.desk.set_timer(MOVED if is_move else COUNTED, scan.fact.dialogue, scan.at_ms + wait + 1)


def leave(scan: Scan, left: Dialogue) -> str:
    """Another mode or person while something is begun: tell what becomes of it."""
    if left.mode == MOVE:
        return _drop_move(scan.begin(""), scan.fact.dialogue, left)
    scan.attention = True
    return f"The count of {left.counted_at} is open: CMD:COUNT and LOC:{left.counted_at} go on with it."


def time_is_up(booking: Booking, what: str, dialogue: str) -> None:
    """The timer of what is begun has run out: nobody goes on with it."""
    desk = booking.books.desk
    state: dict[str, Any] = desk.dialogue(dialogue) or {}
    known = Dialogue(**{"mode": what, **dialogues.known_of(state)})
    if what == MOVED:
        _drop_move(booking, dialogue, known)
    else:
        drop_count(booking, dialogue, known)
    if not state:
        return
    changed = replace(known, counted_at="") if what == COUNTED else known
    if known.mode == what:
        changed = replace(changed, begun=0, is_empty=False)
    desk.write_dialogue(dialogue, dialogues.kept(changed))


def _drop_move(booking: Booking, dialogue: str, left: Dialogue) -> str:
    what = _listed(booking, dialogue, MOVED)
    # A call of the command line is over, and so is what it said of the place.
    place = left.location or "a place"
    text = f"{left.operator or 'Somebody'} at {dialogue} left {what} from {place}: the move is not booked."
    booking.raise_anew("dropped", dialogue, text)
    booking.books.desk.end_begun(dialogue, MOVED)
    booking.books.desk.end_timer(MOVED, dialogue)
    return text


def drop_count(booking: Booking, dialogue: str, left: Dialogue) -> str:
    """Give up a count that is open."""
    what = _listed(booking, dialogue, COUNTED)
    place = left.counted_at or "a place"
    text = (
        f"{left.operator or 'Somebody'} at {dialogue} left the count of {place} open: {what} are not settled."
    )
    booking.raise_anew("dropped", dialogue, text)
    booking.books.desk.end_begun(dialogue, COUNTED)
    booking.books.desk.end_timer(COUNTED, dialogue)
    return text


def _listed(booking: Booking, dialogue: str, what: str) -> str:
    return pieces((item.sku, item.qty) for item in booking.books.desk.begun(dialogue, what)) or "nothing"
