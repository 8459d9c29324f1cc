"""What one scanner has said so far, and when it is forgotten (contract section 3, "Whose dialogue").

Pure values: kept on disk after every scan, so that what is begun goes on after a restart. What a scan does to a
dialogue is `stations`'.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.settings import Station

QUANTITY_LAPSES_MS = 30_000
PERSON_FORGOTTEN_MS = 30 * 60_000
COUNT_WAITS_MS = 30 * 60_000
"""How long an open count waits for `CMD:COUNT` and its `LOC` to go on."""
AT_THE_STATION = frozenset({"receive", "return"})
"""Modes in which goods come in, and so to the station's own location; all others want a place scanned."""
UNDONE_WITHIN_MS = 15 * 60_000
UNDO_DEPTH = 20
"""Bookings of a scanner that can be undone one after the other."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What one scanner has said so far. Times are ms UTC; empty text stands for none.

    `location` is empty until a place was scanned. `pallet` is an SSCC nobody announced, whose items follow.
    `refuse` is the sentence by which the next item scan is refused once, after a reset; `lapsed` is a quantity that
    nobody used in time, for which it is refused once, too. `begun` items of a MOVE or COUNT are in
    hand or counted, and not booked yet; `counted_at` is the place of a count that was left open, `count_entry` the
    journal's last entry when it began. `picked` is the last item picked, for SHORT: order, place, SKU, lot.
    `teaching` is the code that LEARN has in hand; `taught` the one just taught, with its item: QTY is its pack.
    `bookings` are this scanner's last entries with their times, for UNDO; `job` its last label, for REPRINT.
    """

    mode: str
    location: str = ""
    order: str = ""
    po: str = ""
    pallet: str = ""
    quantity: int | None = None
    quantity_at: int = 0
    is_typed: bool = False
    lapsed: int | None = None
    lot: str = ""
    expiry: str = ""
    operator: str = ""
    operator_at: int = 0
    refuse: str = ""
    begun: int = 0
    is_empty: bool = False
    counted_at: str = ""
    count_entry: int = 0
    picked: tuple[str, ...] = ()
    teaching: str = ""
    taught: tuple[str, ...] = ()
    bookings: tuple[tuple[int, int], ...] = ()
    job: int = 0
    last_at: int = 0
    last_code: str = ""
    last_answer: str = ""
    last_text: str = ""


_NOTHING = [(name, known.default) for name, known in Dialogue.__dataclass_fields__.items() if name != "mode"]
_KEPT_BY_A_RESET = (
    *("operator", "operator_at", "counted_at", "count_entry", "bookings", "job"),
    *("last_at", "last_code", "last_answer", "last_text"),
)


def begin(station: Station) -> Dialogue:
    return Dialogue(mode=station.mode)


def restore(state: Mapping[str, Any], station: Station) -> Dialogue:
    """A dialogue as it was kept, or as at the start."""
    return Dialogue(**{"mode": station.mode, **known_of(state)})


def known_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept of a dialogue; names that this version does not know are passed over."""
    known = {name: state[name] for name in Dialogue.__dataclass_fields__ if name in state}
    for name in ("picked", "taught"):
        if name in known:
            known[name] = tuple(known[name])
    if "bookings" in known:
        known["bookings"] = tuple((entry, at) for entry, at in known["bookings"])
    return known


def kept(dialogue: Dialogue) -> dict[str, Any]:
    """A dialogue as it is kept: what is not as at the start."""
    state: dict[str, Any] = {"mode": dialogue.mode}
    for name, nothing in _NOTHING:
        value = getattr(dialogue, name)
        if value != nothing:
            state[name] = value
    return state


def wake(dialogue: Dialogue, station: Station, at_ms: int) -> Dialogue:
    """Forget what has lapsed by now: the person, the quantity, after the idle time all of it."""
    if dialogue.operator and at_ms - dialogue.operator_at > PERSON_FORGOTTEN_MS:
        dialogue = replace(dialogue, operator="")
    if dialogue.quantity is not None and at_ms - dialogue.quantity_at > QUANTITY_LAPSES_MS:
        dialogue = replace(dialogue, quantity=None, lapsed=dialogue.quantity)
    # After the quantity: a reset must not forget it without a word.
    if dialogue.last_at and at_ms - dialogue.last_at > station.idle_reset_s * 1000:
        dialogue = reset(dialogue, station)
    return dialogue


def reset(dialogue: Dialogue, station: Station) -> Dialogue:
    """Begin anew, but for the person; the next item scan is refused once if that changed mode, place or order.

    A purchase order is an order, too, and neither goods nor a code to teach may get lost without a word.
    """
    fresh = afresh(dialogue, station.mode)
    if _scene(dialogue, station) == _scene(fresh, station):
        return replace(fresh, refuse=dialogue.refuse, lapsed=dialogue.lapsed)
    place = where(fresh, station)
    at = f" at {place}" if place else ""
    return replace(
        fresh, refuse=f"This scanner was reset: it is in {fresh.mode.upper()}{at} now. Scan again."
    )


def where(dialogue: Dialogue, station: Station) -> str:
    """The place of what is scanned next: the one scanned, else where goods come in the station's own, else none."""
    return dialogue.location or (station.location or "" if dialogue.mode in AT_THE_STATION else "")


def _scene(dialogue: Dialogue, station: Station) -> tuple[str, ...]:
    place = where(dialogue, station)
    return dialogue.mode, place, dialogue.order, dialogue.po, dialogue.pallet, dialogue.teaching


def refusal(dialogue: Dialogue) -> str:
    """Why the next item scan is refused, once; empty if it is not."""
    if dialogue.refuse or dialogue.lapsed is None:
        return dialogue.refuse
    return (
        f"QTY {dialogue.lapsed} was scanned more than 30 s ago and has lapsed. Scan it again if it is meant."
    )


def refused_once(dialogue: Dialogue) -> Dialogue:
    """The person was told that something lapsed: the next item scan is taken."""
    return replace(dialogue, refuse="", lapsed=None)


def afresh(dialogue: Dialogue, mode: str) -> Dialogue:
    """Forget all of a dialogue but the person, an open count, and what UNDO and REPRINT need."""
    return Dialogue(mode=mode, **{name: getattr(dialogue, name) for name in _KEPT_BY_A_RESET})


def is_bounce(dialogue: Dialogue, code: str, at_ms: int, debounce_ms: int, *, is_early: bool = False) -> bool:
    """Tell whether a scan is the last one again, too soon to be meant.

    `is_early`: before the last one was answered, however long that took.
    """
    if debounce_ms <= 0 or code != dialogue.last_code:
        return False
    return is_early or 0 <= at_ms - dialogue.last_at <= debounce_ms


def used(dialogue: Dialogue) -> Dialogue:
    """After an item scan: quantity, lot and expiry were for that one; a code to teach is none yet."""
    if dialogue.teaching:
        return dialogue
    if dialogue.quantity is None and not dialogue.lot and not dialogue.expiry:
        return dialogue
    return replace(dialogue, quantity=None, quantity_at=0, is_typed=False, lot="", expiry="")


def undoable(dialogue: Dialogue, at_ms: int) -> list[tuple[int, int]]:
    """The bookings of a scanner that are recent enough to be undone, the last one last."""
    return [pair for pair in dialogue.bookings if at_ms - pair[1] <= UNDONE_WITHIN_MS]


def booked(dialogue: Dialogue, entry: int, at_ms: int) -> Dialogue:
    """Remember a booking, so that it can be undone for a while."""
    recent = undoable(dialogue, at_ms)
    return replace(dialogue, bookings=(*recent[1 - UNDO_DEPTH :], (entry, at_ms)))
