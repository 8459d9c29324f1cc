"""What every event of every test must be, whatever it is about (contract section 6), and the sum of moves."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable

from tests.integration.blackbox.central import NODE, SITE, Heard
from tests.integration.blackbox.closed_lists import EXCEPTION_KINDS, REASONS, WHY
from tests.integration.blackbox.events import Event, JsonObject
from tests.schemas import faults, kept

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_CAUSE = re.compile(r"(scan|command|label|device)/.+|clock/\d{4}-\d\d-\d\d")
_WITHOUT_MOVES = ("stock.low",)
_MAX_BYTES = 100 * 1024


def check_heard(heard: Heard) -> None:
    """Fail on the first breach: order, envelopes, bookings, moves, levels before their events."""
    assert not heard.faults, "\n".join(heard.faults)
    for event in heard.events:
        check_envelope(event)
        check_closed_lists(event)
    check_bookings(heard.events)
    check_schemas(heard)


def check_schemas(heard: Heard) -> None:
    """Hold what was heard against the contract's schemas, of the events one of each shape: there are thousands."""
    shapes = {(e.type, *((key, value is None) for key, value in e.data.items())): e for e in heard.events}
    told: list[tuple[str, JsonObject]] = [("evt", event.envelope) for event in shapes.values()]
    told += [("state", state) for state in heard.states]
    told += [("stock", level) for level in heard.levels.values()]
    told += [("res", json.loads(answers[0])) for answers in heard.answers.values()]
    told += [("snap", json.loads(each)) for snapshot in heard.snapshots.values() for each in snapshot]
    for topic, document in told:
        assert faults(topic, document) == [], document
    for event in shapes.values():
        # A reader may pass over what it does not know; an integrator is told of all that there is.
        assert event.data.keys() <= kept(event.type)["properties"].keys(), event


def check_envelope(event: Event) -> None:
    """CloudEvents 1.0, structured, on one line, with our extensions."""
    envelope = event.envelope
    assert b"\n" not in event.payload, event
    assert len(event.payload) <= _MAX_BYTES, event
    assert event.topic == "evt/" + event.type.replace(".", "/"), event.topic
    fixed = {
        "specversion": "1.0",
        "id": f"{SITE}/{NODE}/{envelope['epoch']}/{event.seq}",
        "source": f"/crossdock/{SITE}/{NODE}",
        "type": f"crossdock.{event.type}",
        "datacontenttype": "application/json",
    }
    assert {key: envelope.get(key) for key in fixed} == fixed
    assert isinstance(envelope["subject"], str), event
    assert envelope["subject"], event
    assert _TIME.fullmatch(envelope["time"]), envelope["time"]
    assert envelope["dataschema"].endswith(f"/{event.type}/1"), envelope["dataschema"]
    assert isinstance(envelope["data"], dict), event
    assert _CAUSE.fullmatch(envelope["cause"]), envelope["cause"]
    if (event.type.startswith("stock.") and event.type not in _WITHOUT_MOVES) or event.type == "undo":
        check_moves(event)
    if event.type == "catalogue.learned":
        assert event.data.keys() >= {"code", "sku", "pack"}, event
        assert type(event.data["pack"]) is int, event


def check_closed_lists(event: Event) -> None:
    """What is from a closed list is in it (contract section 7)."""
    match event.type:
        case "scan.rejected":
            assert event.data["why"] in WHY, event
        case "exception.raised":
            assert event.data["kind"] in EXCEPTION_KINDS, event
        case "backorder.waiting" | "backorder.released":
            assert event.data["reason"] in REASONS, event


def check_moves(event: Event) -> None:
    """Whole units from one account to another, in the contract's names."""
    # A count that finds what the ledger says is worth telling and moves nothing; so is the undo of what was learned.
    assert event.data["moves"] or event.type in ("stock.counted", "undo"), f"{event} moves nothing"
    for move in event.data["moves"]:
        keys = {"sku", "lot", "expiry", "pallet", "qty", "from", "to"}
        assert keys <= move.keys(), f"{event} lacks {keys - move.keys()} in a move"
        assert type(move["qty"]) is int, event
        assert move["qty"] > 0, event
        for account in (move["from"], move["to"]):
            assert _ACCOUNT.fullmatch(account), f"{account!r} in {event} is no account"


_ACCOUNT = re.compile(
    r"(location|supplier|picked|customer|missing|quarantine):.*|adjustment|identified|scrap"
)


def check_bookings(events: list[Event]) -> None:
    """One epoch; a booking is named by its first event and has one cause, its events stand in their order."""
    assert len({event.envelope["epoch"] for event in events}) <= 1
    booking, cause, place = 0, "", 0
    for event in events:
        if event.envelope["booking"] != booking:
            booking, cause, place = event.envelope["booking"], event.envelope["cause"], 0
            assert booking == event.seq, f"{event} is in booking {booking}, but not its first event."
        assert event.envelope["cause"] == cause, f"{event} has another cause than its booking: {cause}"
        own = _place(event)
        assert own is None or own >= place, f"{event} stands behind what comes after it in a booking."
        place = place if own is None else own


_ORDER_IN_A_BOOKING = (
    ("stock.", "undo", "catalogue.learned"),
    ("backorder.released",),
    ("backorder.allocated",),
    ("backorder.waiting",),
    ("order.cancelled", "order.held", "order.resumed"),
    ("order.ready", "order.unfulfillable"),
    ("stock.low",),
    ("exception.",),
)


def _place(event: Event) -> int | None:
    """Where the contract puts it; None for what it gives no place: labels, refused scans, expected dates."""
    if event.type in _WITHOUT_MOVES:
        return 6
    return next((n for n, kinds in enumerate(_ORDER_IN_A_BOOKING) if event.type.startswith(kinds)), None)


def hash_at(events: Iterable[Event], seq: int) -> str:
    """The chain of hashes after event `seq`, from the bytes that came: 64 zeros before the first."""
    head = bytes(32)
    for event in events:
        if event.seq > seq:
            break
        head = hashlib.sha256(head + event.payload).digest()
    return head.hex()


def positions(events: Iterable[Event]) -> dict[str, Counter[str]]:
    """Add up `moves` and nothing else: for each item what is on hand, missing and in quarantine."""
    names = {"location": "on_hand", "missing": "missing", "quarantine": "quarantine"}
    totals: dict[str, Counter[str]] = {}
    for event in events:
        for move in event.data.get("moves", []):
            total = totals.setdefault(move["sku"], Counter())
            for account, sign in ((move["from"], -1), (move["to"], 1)):
                if name := names.get(account.split(":", 1)[0]):
                    total[name] += sign * move["qty"]
    return totals
