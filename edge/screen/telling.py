"""What a screen shows, as one JSON document for a station and one for all: pure, from a moment of the ledger.

All text from outside is cut and has its control characters made visible; that it is no markup is the page's to see to.
Fields are only ever added, since scripts may read the documents too.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from config.settings import Scanner, Settings, Station
from edge import __version__
from edge.clock import rfc3339
from edge.domain import dialogue as dialogues
from edge.domain.printable import visible
from edge.ledger.reading import Row, time_of
from edge.ledger.watching import Seen

TEXT_MAX = 400
"""Characters of one text: the longest sentences of ours are half of it."""
DIALOGUES_MAX = 6
"""Conversations of one scanner: those of a network scanner that were used last. More cannot be read from afar."""
SHIFT_MS = 12 * 3_600_000
"""Of a network scanner's peers, one that said nothing for so long is left out beside others: it may never come back."""
EXCEPTIONS_MAX = 20

_NOBODY = Seen({}, {}, (), {}, {}, 0, {})
"""Of a ledger that cannot be read nothing is known."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known now: `seen` is None while the ledger cannot be read, and `trouble` says why."""

    seen: Seen | None
    at_ms: int
    is_running: bool
    trouble: str = ""


def tell_station(settings: Settings, station: Station, moment: Moment) -> Row:
    """All that concerns one station: its scanners with what each was answered last, its printer, its exceptions."""
    seen = moment.seen or _NOBODY
    scanners = [one for one in settings.scanners if one.station == station.id]
    exceptions = _exceptions(settings, station, scanners, seen)
    return {
        **_node(settings, moment),
        "station": station.id,
        "location": station.location,
        "mode": station.mode,
        "scanners": [_scanner(settings, station, one, moment) for one in scanners],
        "printer": _printer(settings, station, moment),
        "exceptions": [
            {
                "kind": row["kind"],
                "about": told(row["about"]),
                "text": told(row["text"]),
                "since": rfc3339(row["raised_at"]),
            }
            for row in exceptions[:EXCEPTIONS_MAX]
        ],
        "more_exceptions": max(0, len(exceptions) - EXCEPTIONS_MAX),
    }


def tell_all(settings: Settings, moment: Moment) -> Row:
    """The stations, each in a few figures, and how many exceptions the whole node has."""
    return {
        **_node(settings, moment),
        "stations": [_summary(tell_station(settings, station, moment)) for station in settings.stations],
        "exceptions": (moment.seen or _NOBODY).open_exceptions,
    }


def told(text: str) -> str:
    """Text as people read it: cut, and with a name for each character that cannot be seen or turns what is beside it.

    >>> told("Café" + chr(27) + chr(0x202E) + "<b>")
    'Café<ESC><0x202E><b>'
    """
    cut = text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(
        visible(one) if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") else one for one in cut
    )


def _node(settings: Settings, moment: Moment) -> Row:
    broker = (moment.seen or _NOBODY).devices.get(("broker", "broker"), {"state": "lost"})
    connected = None if settings.mqtt is None else moment.is_running and broker["state"] == "ready"
    return {
        "site": settings.site,
        "node": settings.node,
        "version": __version__,
        "timezone": settings.timezone,
        "running": moment.is_running,
        "connected": connected,
        "shadow": settings.shadow_told,
        "trouble": told(moment.trouble),
    }


def _scanner(settings: Settings, station: Station, scanner: Scanner, moment: Moment) -> Row:
    kept = (moment.seen or _NOBODY).dialogues
    # Over TCP each peer has a dialogue: gun-1@10.0.0.9 (`drivers/listening`).
    own = [(id, state) for id, state in kept.items() if id.partition("@")[0] == scanner.id]
    own.sort(key=lambda one: (-int(one[1].get("last_at", 0)), one[0]))
    own[1:] = [one for one in own[1:] if moment.at_ms - int(one[1].get("last_at", 0)) < SHIFT_MS]
    return {
        "id": scanner.id,
        **_device("scanner", scanner.id, moment),
        "shadow": settings.is_shadow(scanner.id),
        "dialogues": [_dialogue(id, state, station, moment.at_ms) for id, state in own[:DIALOGUES_MAX]],
    }


def _dialogue(id: str, state: Mapping[str, Any], station: Station, at_ms: int) -> Row:
    """What was answered last in a dialogue, and what the next scan will find: what has lapsed by now is over."""
    known = dialogues.restore(state, station)
    now = dialogues.wake(known, station, at_ms)
    return {
        "dialogue": told(id),
        "answer": known.last_answer or None,
        "code": visible(known.last_code),
        "text": told(known.last_text),
        "at": time_of(known.last_at or None),
        "mode": now.mode,
        "place": told(dialogues.where(now, station)) or None,
        "operator": told(now.operator) or None,
        "order": told(now.order) or None,
        "po": told(now.po) or None,
        "pallet": told(now.pallet) or None,
        "quantity": now.quantity,
        "lot": told(now.lot) or None,
        "expiry": told(now.expiry) or None,
        "begun": now.begun,
        "lapsed": told(dialogues.refusal(now)) or None,
    }


def _printer(settings: Settings, station: Station, moment: Moment) -> Row | None:
    printer = settings.printer_of(station)
    if printer is None:
        return None
    queue = (moment.seen or _NOBODY).queues.get(printer, {"waiting": 0, "since": None})
    return {
        "id": printer,
        **_device("printer", printer, moment),
        "waiting": queue["waiting"],
        "waiting_since": time_of(queue["since"]),
    }


def _device(kind: str, id: str, moment: Moment) -> Row:
    """How a device is. Nobody knows while no daemon looks after it."""
    row = (moment.seen or _NOBODY).devices.get((kind, id)) if moment.is_running else None
    if row is None:
        return {"state": "unknown", "text": "", "since": None}
    return {"state": row["state"], "text": told(row["text"]), "since": time_of(row["since"])}


def _exceptions(settings: Settings, station: Station, scanners: Sequence[Scanner], seen: Seen) -> list[Row]:
    """Those that people at a station can do something about, latest first."""
    printers = {settings.printer_of(station), settings.fallback_of(station)} - {None}
    guns = {one.id for one in scanners}
    mine = {("scanner", name) for one in scanners for name in (one.id, one.forward_id)}
    mine |= {("printer", printer) for printer in printers if printer}

    def concerns(row: Row) -> bool:
        match row["kind"]:
            case "label":
                # About a label that failed, or about a printer of which some are held.
                return seen.label_printers.get(row["about"], row["about"]) in printers
            case "dropped":
                return row["about"].partition("@")[0] in guns
            case kind:
                return (kind, row["about"]) in mine

    found = [row for row in seen.exceptions if concerns(row)]
    found += seen.at_places.get(station.location or "", ())
    return sorted(found, key=lambda row: -row["raised_at"])


def _summary(station: Row) -> Row:
    """A station in few words: its last answer, what is lost, what waits."""
    heard = [talk for scanner in station["scanners"] for talk in scanner["dialogues"] if talk["at"]]
    last = max(heard, key=lambda talk: talk["at"], default=None)
    printer = station["printer"]
    return {
        "station": station["station"],
        "location": station["location"],
        "mode": last["mode"] if last else station["mode"],
        "last": last and {name: last[name] for name in ("answer", "text", "at")},
        "scanners": len(station["scanners"]),
        "lost": [
            one["id"] for one in (*station["scanners"], *filter(None, [printer])) if one["state"] == "lost"
        ],
        "labels_waiting": printer["waiting"] if printer else 0,
        "exceptions": len(station["exceptions"]) + station["more_exceptions"],
    }
