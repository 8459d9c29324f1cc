"""The table of what each scan does in each mode, and the scans that only set the scene (contract section 3).

Pure: a dialogue goes in with a scan and its time, and a changed one comes out with words, or a refusal. What the
rules book is the engine's, by the names in the column `does`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import get_args

from config.settings import Mode, Station
from edge.domain.codes import MAX_QUANTITY_EA, Code, Refused, SiteCode, SiteKind
from edge.domain.dialogue import Dialogue, afresh, reset, used

RECEIVE, MISSING, FOUND, MOVE, PICK, SHIP, COUNT = (
    "receive",
    "missing",
    "found",
    "move",
    "pick",
    "ship",
    "count",
)
DAMAGE, RELEASE, SCRAP, RETURN, LEARN, INFO = "damage", "release", "scrap", "return", "learn", "info"
MODES: tuple[str, ...] = get_args(Mode)
EVERY = "every"
"""A rule of every mode that has no rule of its own for the scan."""


class Kind(StrEnum):
    """What a scan is to a dialogue. An item is goods by any code: a GTIN, an SKU, an SSCC, a label of ours."""

    ITEM = "item"
    PLACE = "LOC"
    ORDER = "ORD"
    PURCHASE_ORDER = "PO"
    PERSON = "OP"
    QUANTITY = "QTY"
    DIGIT = "NUM"
    LOT = "LOT"
    EXPIRY = "EXP"
    MODE = "CMD:mode"
    DONE = "CMD:DONE"
    CANCEL = "CMD:CANCEL"
    SHORT = "CMD:SHORT"
    EMPTY = "CMD:EMPTY"
    UNDO = "CMD:UNDO"
    REPRINT = "CMD:REPRINT"


class When(StrEnum):
    """On what a rule depends: whether items of a MOVE or COUNT are begun, or a code to teach is in hand."""

    ALWAYS = ""
    NOTHING_BEGUN = "nothing begun"
    BEGUN = "begun"


@dataclass(frozen=True, slots=True)
class Rule:
    """In this mode this scan does that. `why` is set where it is refused, and `told` is the reason then."""

    mode: str
    kind: Kind
    does: str
    told: str
    when: When = When.ALWAYS
    why: str = ""


TABLE: tuple[Rule, ...] = (
    Rule(EVERY, Kind.PERSON, "scene", "the person; another one begins anew"),
    Rule(EVERY, Kind.QUANTITY, "scene", "how many the next item is"),
    Rule(EVERY, Kind.DIGIT, "scene", "how many, digit by digit"),
    Rule(EVERY, Kind.LOT, "scene", "the lot of the next item"),
    Rule(EVERY, Kind.EXPIRY, "scene", "the expiry of the next item"),
    Rule(EVERY, Kind.PLACE, "place", "here from now on"),
    Rule(EVERY, Kind.ORDER, "order", "for this order"),
    Rule(EVERY, Kind.PURCHASE_ORDER, "place", "against this purchase order"),
    Rule(EVERY, Kind.MODE, "mode", "this mode; the rest is forgotten, but for the person"),
    Rule(EVERY, Kind.DONE, "done", "the pallet or order is closed"),
    Rule(EVERY, Kind.CANCEL, "cancel", "what is begun is dropped"),
    Rule(EVERY, Kind.UNDO, "undo", "the last booking is reversed"),
    Rule(EVERY, Kind.REPRINT, "reprint", "the last label again, marked"),
    Rule(RECEIVE, Kind.ITEM, "receive", "stock in, backorders served, labels"),
    Rule(MISSING, Kind.ITEM, "miss", "not found here: goes to missing"),
    Rule(FOUND, Kind.ITEM, "find", "out of missing, backorders served"),
    Rule(MOVE, Kind.ITEM, "carry", "in hand, until the next place"),
    Rule(MOVE, Kind.PLACE, "place", "from here", When.NOTHING_BEGUN),
    Rule(MOVE, Kind.PLACE, "put", "all in hand is here now", When.BEGUN),
    Rule(PICK, Kind.ITEM, "pick", "taken for the order"),
    Rule(PICK, Kind.SHORT, "short", "no more is here: the rest goes missing"),
    Rule(SHIP, Kind.ORDER, "ship", "all picked or allocated leaves"),
    Rule(SHIP, Kind.ITEM, "", "SHIP takes whole orders: scan the order.", why="needs_order"),
    Rule(COUNT, Kind.PLACE, "count", "what is here is counted", When.NOTHING_BEGUN),
    Rule(COUNT, Kind.PLACE, "count_on", "only the same place goes on", When.BEGUN),
    Rule(COUNT, Kind.ITEM, "tally", "so many are here"),
    Rule(COUNT, Kind.EMPTY, "empty", "nothing else is here"),
    Rule(COUNT, Kind.DONE, "settle", "the items counted are settled"),
    Rule(DAMAGE, Kind.ITEM, "damage", "into quarantine"),
    Rule(RELEASE, Kind.ITEM, "release", "out of quarantine, backorders served"),
    Rule(SCRAP, Kind.ITEM, "scrap", "out of quarantine, for good"),
    Rule(RETURN, Kind.ITEM, "take_back", "back into stock, backorders served"),
    Rule(LEARN, Kind.ITEM, "teach", "the code to teach", When.NOTHING_BEGUN),
    Rule(LEARN, Kind.ITEM, "learn", "from now on the code is this item", When.BEGUN),
    Rule(LEARN, Kind.QUANTITY, "pack", "so many to the pack"),
    Rule(LEARN, Kind.DIGIT, "pack", "so many, digit by digit"),
    Rule(INFO, Kind.ITEM, "tell", "where it is and who waits for it"),
    Rule(INFO, Kind.PLACE, "tell", "what is there"),
    Rule(INFO, Kind.ORDER, "tell", "how it stands"),
)
"""Every scan in every mode. The picture in ARCHITECTURE.md is drawn from it."""

_RULES: Mapping[tuple[str, Kind], tuple[Rule, ...]] = {
    (mode, kind): own
    for mode in MODES
    for kind in Kind
    if (own := tuple(r for r in TABLE if r.mode == mode and r.kind is kind))
    or (own := tuple(r for r in TABLE if r.mode == EVERY and r.kind is kind))
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A scan that only sets the scene: the dialogue after it, and words for the person."""

    dialogue: Dialogue
    text: str


def rule_for(dialogue: Dialogue, code: Code) -> Rule | Refused:
    """Find what a scan does in this dialogue."""
    # A code that nobody knows yet is what LEARN is for; as the item it is refused there, in better words.
    if isinstance(code, Refused) and not (dialogue.mode == LEARN and code.why == "unknown_code"):
        return code
    kind = _kind(code)
    if isinstance(kind, Refused):
        return kind
    state = When.BEGUN if dialogue.begun or dialogue.teaching else When.NOTHING_BEGUN
    for rule in _RULES.get((dialogue.mode, kind), ()):
        if rule.when in (When.ALWAYS, state):
            return Refused(rule.why, rule.told) if rule.why else rule
    owner = next(rule.mode for rule in TABLE if rule.kind is kind).upper()
    return Refused(
        "unknown_command", f"{kind} belongs to {owner}; this scanner is in {dialogue.mode.upper()}."
    )


def mode_named(code: Code) -> str | None:
    """The mode that a command names, if it names one."""
    is_mode = isinstance(code, SiteCode) and code.value.isupper() and code.value.lower() in MODES
    return code.value.lower() if isinstance(code, SiteCode) and is_mode else None


def _kind(code: Code) -> Kind | Refused:
    if not isinstance(code, SiteCode) or code.kind not in _KINDS:
        return Kind.ITEM
    if code.kind is not SiteKind.COMMAND:
        return _KINDS[code.kind]
    if mode_named(code) is not None:
        return Kind.MODE
    name = f"CMD:{code.value}"
    if name in _ACTIONS:
        return Kind(name)
    modes, actions = ", ".join(MODES).upper(), ", ".join(name[4:] for name in _ACTIONS)
    return Refused("unknown_command", f"{code.value} is no command. Modes: {modes}; actions: {actions}.")


_ACTIONS = tuple(kind.value for kind in Kind if kind.startswith("CMD:") and kind is not Kind.MODE)

_KINDS: Mapping[SiteKind, Kind] = {
    SiteKind.LOCATION: Kind.PLACE,
    SiteKind.ORDER: Kind.ORDER,
    SiteKind.PURCHASE_ORDER: Kind.PURCHASE_ORDER,
    SiteKind.OPERATOR: Kind.PERSON,
    SiteKind.QUANTITY: Kind.QUANTITY,
    SiteKind.DIGIT: Kind.DIGIT,
    SiteKind.LOT: Kind.LOT,
    SiteKind.EXPIRY: Kind.EXPIRY,
    SiteKind.COMMAND: Kind.MODE,
}
"""Site codes that are no item."""


def set_scene(dialogue: Dialogue, station: Station, code: SiteCode, at_ms: int) -> Scene | Refused:
    """Take a scan that sets the scene; the caller has seen to it that an order exists."""
    # What was taught is done once anything else is scanned.
    return _SETTERS[code.kind](replace(dialogue, taught=()), station, code.value, at_ms)


def _place(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(
        replace(dialogue, location=value, pallet="", picked=()), f"At {value}: {dialogue.mode.upper()}."
    )


def _order(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, order=value, picked=()), f"Order {value}.")


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
    least = 0 if dialogue.mode in (COUNT, PICK) else 1
    if not least <= number <= 999_999:
        return Refused("bad_code", f"QTY goes from {least} to 999999, not {value}.")
    return Scene(
        replace(dialogue, quantity=number, quantity_at=at, is_typed=False, lapsed=None),
        f"{number} of the next item.",
    )


def _digit(dialogue: Dialogue, _station: Station, value: str, at: int) -> Scene | Refused:
    if value == "C":
        return Scene(replace(dialogue, quantity=None, is_typed=False, lapsed=None), "No quantity.")
    number = (dialogue.quantity or 0) * 10 + int(value) if dialogue.is_typed else int(value)
    if number > min(999_999, MAX_QUANTITY_EA):
        return Refused("bad_code", f"QTY goes from 1 to 999999, not {number}.")
    # Not for the digits that lapsed: they may have been the first of this number.
    return Scene(
        replace(dialogue, quantity=number, quantity_at=at, is_typed=True), f"{number} of the next item."
    )


def _lot(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, lot=value), f"Lot {value} for the next item.")


def _expiry(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    return Scene(replace(dialogue, expiry=value), f"Expiry {value} for the next item.")


def _command(dialogue: Dialogue, _station: Station, value: str, _at: int) -> Scene:
    match value:
        case "DONE":
            dialogue = used(replace(dialogue, teaching=""))
            return Scene(replace(dialogue, pallet="", po="", order="", picked=()), "Done.")
        case "CANCEL":
            dialogue = used(replace(dialogue, teaching=""))
            return Scene(replace(dialogue, pallet="", begun=0, is_empty=False), "Dropped what was begun.")
        case _:
            # A mode scan clears all but the person.
            return Scene(afresh(dialogue, value.lower()), f"{value}.")


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
"""What a scan of each kind does to the dialogue."""
