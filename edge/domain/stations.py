"""The dialogue at a scanner: what scans set the scene, what they set, and when it is forgotten (contract section 3).

Pure: a dialogue goes in with a scan and its time, and a changed one comes out with words, or a refusal. What item
scans then book is the engine's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.settings import Station
from edge.domain.codes import MAX_QUANTITY_EA, Refused, SiteCode, SiteKind

QUANTITY_LAPSES_MS = 30_000
PERSON_FORGOTTEN_MS = 30 * 60_000

RECEIVE, MISSING, FOUND = "receive", "missing", "found"
MODES = (RECEIVE, MISSING, FOUND)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What one scanner has said so far. Times are ms UTC; empty text stands for none.

    `location` is empty while the station's own holds. `pallet` is an SSCC nobody announced, whose items follow.
    `refuse` is the sentence by which the next item scan is refused once.
    """

    mode: str
    location: str = ""
    order: str = ""
    po: str = ""
    pallet: str = ""
    quantity: int | None = None
    quantity_at: int = 0
    is_typed: bool = False
    lot: str = ""
    expiry: str = ""
    operator: str = ""
    operator_at: int = 0
    refuse: str = ""
    last_at: int = 0
    last_code: str = ""
    last_answer: str = ""
    last_text: str = ""


_NOTHING = [(name, known.default) for name, known in Dialogue.__dataclass_fields__.items() if name != "mode"]


@dataclass(frozen=True, slots=True)
class Scene:
    """A scan that only sets the scene: the dialogue after it, and words for the person."""

    dialogue: Dialogue
    text: str


def begin(station: Station) -> Dialogue:
    return Dialogue(mode=station.mode)


def restore(state: Mapping[str, Any], station: Station) -> Dialogue:
    """A dialogue as it was kept; names that this version does not know are passed over."""
    known = {name: state[name] for name in Dialogue.__dataclass_fields__ if name in state}
    return Dialogue(**{"mode": station.mode, **known})


def kept(dialogue: Dialogue) -> dict[str, Any]:
    """A dialogue as it is kept: what is not as at the start."""
    state = {"mode": dialogue.mode}
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
        said = f"QTY {dialogue.quantity} was scanned more than 30 s ago and has lapsed. Scan it again if it is meant."
        dialogue = replace(dialogue, quantity=None, refuse=dialogue.refuse or said)
    # After the quantity: a reset must not forget it without a word.
    if dialogue.last_at and at_ms - dialogue.last_at > station.idle_reset_s * 1000:
        dialogue = reset(dialogue, station)
    return dialogue


def reset(dialogue: Dialogue, station: Station) -> Dialogue:
    """Begin anew, but for the person; the next item scan is refused once if that changed mode, place or order."""
    fresh = replace(
        begin(station),
        operator=dialogue.operator,
        operator_at=dialogue.operator_at,
        last_at=dialogue.last_at,
        last_code=dialogue.last_code,
        last_answer=dialogue.last_answer,
        last_text=dialogue.last_text,
    )
    # The station's own place is the same place, scanned or not.
    was = dialogue.location or station.location
    same = (dialogue.mode, was, dialogue.order) == (fresh.mode, station.location, fresh.order)
    if same:
        return replace(fresh, refuse=dialogue.refuse)
    place = f" at {station.location}" if station.location else ""
    return replace(
        fresh, refuse=f"This scanner was reset: it is in {fresh.mode.upper()}{place} now. Scan again."
    )


def is_bounce(dialogue: Dialogue, code: str, at_ms: int, debounce_ms: int) -> bool:
    """Tell whether a scan is the last one again, too soon to be meant."""
    return debounce_ms > 0 and code == dialogue.last_code and 0 <= at_ms - dialogue.last_at <= debounce_ms


def used(dialogue: Dialogue) -> Dialogue:
    """After an item scan: quantity, lot and expiry were for that one."""
    return replace(dialogue, quantity=None, quantity_at=0, is_typed=False, lot="", expiry="")


def set_scene(dialogue: Dialogue, station: Station, code: SiteCode, at_ms: int) -> Scene | Refused:
    """Take a scan that sets the scene; the caller has seen to it that an order exists."""
    return _SETTERS[code.kind](dialogue, station, code.value, at_ms)


def _place(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, location=value, pallet=""), f"At {value}: {dialogue.mode.upper()}.")


def _order(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, order=value), f"Order {value}.")


def _purchase_order(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, po=value, pallet=""), f"Purchase order {value}.")


def _operator(dialogue: Dialogue, station: Station, value: str, at: int) -> Scene:
    if dialogue.operator and dialogue.operator != value:
        dialogue = reset(dialogue, station)
    return Scene(
        replace(dialogue, operator=value, operator_at=at), f"Hello {value}: {dialogue.mode.upper()}."
    )


def _quantity(dialogue: Dialogue, _station: Station, value: str, at: int) -> Scene | Refused:
    number = int(value)
    if not 1 <= number <= 999_999:
        return Refused("bad_code", f"QTY goes from 1 to 999999, not {value}.")
    return Scene(
        replace(dialogue, quantity=number, quantity_at=at, is_typed=False), f"{number} of the next item."
    )


def _digit(dialogue: Dialogue, _station: Station, value: str, at: int) -> Scene | Refused:
    if value == "C":
        return Scene(replace(dialogue, quantity=None, is_typed=False), "No quantity.")
    number = (dialogue.quantity or 0) * 10 + int(value) if dialogue.is_typed else int(value)
    if number > min(999_999, MAX_QUANTITY_EA):
        return Refused("bad_code", f"QTY goes from 1 to 999999, not {number}.")
    return Scene(
        replace(dialogue, quantity=number, quantity_at=at, is_typed=True), f"{number} of the next item."
    )


def _lot(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, lot=value), f"Lot {value} for the next item.")


def _expiry(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, expiry=value), f"Expiry {value} for the next item.")


def _command(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene | Refused:
    mode = value.lower()
    if value.isupper() and mode in MODES:
        # A mode scan clears all but the person.
        fresh = Dialogue(mode=mode, operator=dialogue.operator, operator_at=dialogue.operator_at)
        return Scene(fresh, f"{value}.")
    if value == "DONE":
        return Scene(replace(used(dialogue), pallet="", po="", order=""), "Done.")
    if value == "CANCEL":
        return Scene(replace(used(dialogue), pallet=""), "Dropped what was begun.")
    return Refused(
        "unknown_command", f"{value} is no command here. Commands: RECEIVE, MISSING, FOUND, DONE, CANCEL."
    )


_SETTERS: Mapping[SiteKind, Callable[[Dialogue, Station, str, int], Scene | Refused]] = {
    SiteKind.LOCATION: _place,
    SiteKind.ORDER: _order,
    SiteKind.PURCHASE_ORDER: _purchase_order,
    SiteKind.OPERATOR: _operator,
    SiteKind.QUANTITY: _quantity,
    SiteKind.DIGIT: _digit,
    SiteKind.LOT: _lot,
    SiteKind.EXPIRY: _expiry,
    SiteKind.COMMAND: _command,
}
"""What a scan of each kind does to the dialogue; items and labels are not here, they book."""
SCENE_KINDS = frozenset(_SETTERS)
