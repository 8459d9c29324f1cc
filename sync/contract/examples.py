"""An example or more of each message, by the contract's own names: what an integrator looks at first."""

from collections.abc import Mapping
from typing import Any

from sync.events import EVENTS
from sync.messages import COMMANDS
from sync.reading import PREFIX

Json = dict[str, Any]

EPOCH = "2f9c6a1d"
HASH = "9b2f1c0e5a7d4836b1e0f2d3c4a5968778695a4c3d2e1f0b6384d7a5e0c1f2b9"
BY = {"station": "dock-1", "scanner": "gun-1", "operator": "alice"}
GOODS = {"sku": "SKU-1", "lot": "B7", "expiry": "2027-03-01"}
LINE = {"order": "SO-1", "line": 1, "sku": "SKU-1"}
COUNTS = {
    "sku": "SKU-1",
    "on_hand": 12,
    "allocated": 2,
    "available": 10,
    "waiting": 0,
    "missing": 0,
    "quarantine": 0,
    "expected": 24,
}


def _move(from_: str, to: str, qty: int, **changed: object) -> Json:
    return {**GOODS, "pallet": None, "qty": qty, "from": from_, "to": to, **changed}


def _booked(from_: str, to: str, qty: int, **more: object) -> Json:
    """Goods scanned at A-01, unless told otherwise."""
    return {**GOODS, "qty": qty, "location": "A-01", **BY, **more, "moves": [_move(from_, to, qty)]}


_EVENTS: Mapping[str, Json] = {
    "stock.received": _booked(
        "supplier:4711", "location:DOCK-1", 12, location="DOCK-1", po="4711", sscc=None
    ),
    "stock.found": _booked("adjustment", "location:A-01", 1),
    "stock.returned": _booked("customer:SO-1", "location:A-01", 1, order="SO-1", line=1),
    "stock.damaged": _booked("location:A-01", "quarantine:A-01", 1),
    "stock.released": _booked("quarantine:A-01", "location:A-01", 1),
    "stock.scrapped": _booked("quarantine:A-01", "scrap", 1),
    "stock.picked": _booked("location:A-01", "picked:SO-1", 2, order="SO-1", line=1),
    "stock.shipped": _booked("picked:SO-1", "customer:SO-1", 2, location=None, order="SO-1", line=1),
    "stock.missing": {
        **_booked("location:A-01", "missing:A-01", 3, order="SO-1"),
        "released": [{"order": "SO-1", "line": 1, "qty": 2}],
    },
    "stock.moved": {
        **{"sku": "SKU-1", "qty": 10, "lot": "B7", "from": "DOCK-1", "to": "A-01"},
        **BY,
        "moves": [_move("location:DOCK-1", "location:A-01", 10)],
    },
    "stock.counted": {
        **{"location": "A-01", "sku": "SKU-1", "lot": "B7", "expected": 10, "counted": 9},
        **BY,
        "moves": [_move("location:A-01", "adjustment", 1)],
    },
    "stock.adjusted": {
        **{
            "sku": "SKU-1",
            "qty": -1,
            "lot": "B7",
            "location": "A-01",
            "reason": "command",
            "note": "broken glass",
        },
        "moves": [_move("location:A-01", "adjustment", 1)],
    },
    "stock.identified": {
        **{"code": "09501101530003", "sku": "SKU-1", "qty": 12},
        "moves": [
            _move("location:DOCK-1", "identified", 1, sku="09501101530003"),
            _move("identified", "location:DOCK-1", 12),
        ],
    },
    "stock.low": {"sku": "SKU-1", "available": 2, "threshold": 5},
    "backorder.waiting": {**LINE, "qty": 2, "reason": "out_of_stock"},
    "backorder.allocated": {
        **{**LINE, "qty": 2, "lot": "B7", "expiry": "2027-03-01", "location": "DOCK-1", "waiting": 0},
        "rank": "1 5 ~ 01001793606400000 SO-1 001000000000000000001",
    },
    "backorder.released": {**LINE, "qty": 2, "location": "A-01", "lot": "B7", "reason": "not_found"},
    "backorder.eta": {
        **{**LINE, "qty": 2, "expected_at": "2026-12-01T09:00:00Z", "was": None},
        "asn": "ASN-9",
    },
    "order.ready": {"order": "SO-1"},
    "order.cancelled": {"order": "SO-1", "complete": False, "lines": [1]},
    "order.held": {"order": "SO-1", "reason": "credit", "until": "2026-11-25T08:00:00Z"},
    "order.resumed": {"order": "SO-1"},
    "order.late": {"order": "SO-1", "due_at": "2026-11-24T12:00:00Z"},
    "order.shipped": {"order": "SO-1", "complete": True, "lines": [{"line": 1, "sku": "SKU-1", "qty": 2}]},
    "order.unfulfillable": {
        "order": "SO-1",
        "lines": [
            {
                **{"line": 1, "sku": "SKU-1", "qty": 2, "reason": "not_found"},
                **{"expected_at": "2026-12-01T09:00:00Z", "alternatives": ["SKU-2"]},
            }
        ],
    },
    "catalogue.learned": {"code": "9501101530003", "sku": "SKU-1", "pack": 12},
    "label.printed": {"label": "L-7", "kind": "putaway", "printer": "zebra-1", "copy": False},
    "label.failed": {"label": "L-7", "kind": "putaway", "printer": "zebra-1", "error": "out of paper"},
    "exception.raised": {
        **{"exception": "E-3", "kind": "short", "about": "ASN-9"},
        "text": "ASN-9 came short: 2 of SKU-1 are missing.",
    },
    "exception.cleared": {
        "exception": "E-3",
        "kind": "short",
        "about": "ASN-9",
        "reason": "came with the next",
    },
    "scan.rejected": {
        **{"station": "dock-1", "scanner": "gun-1", "code": "9501101530004", "why": "check_digit"},
        "reason": "The check digit of 9501101530004 is wrong: scan it again.",
    },
    "undo": {"undoes": 41, **BY, "moves": [_move("location:DOCK-1", "supplier:4711", 12)]},
}

_COMMANDS: Mapping[str, Json] = {
    "order.place": {
        **{"order": "SO-1", "placed_at": "2026-11-20T08:00:00Z", "tier": 5},
        "lines": [{"line": 1, "sku": "SKU-1", "qty": 2}],
    },
    "order.amend": {"order": "SO-1", "revision": 2, "lines": [{"line": 1, "qty": 3}]},
    "order.cancel": {"order": "SO-1", "lines": [1]},
    "order.hold": {"order": "SO-1", "reason": "credit", "until": "2026-11-25T08:00:00Z"},
    "order.resume": {"order": "SO-1"},
    "order.prioritise": {"order": "SO-1", "express": True},
    "order.ship": {"order": "SO-1"},
    "shipment.update": {"order": "SO-1", "status": "in_transit", "carrier": "ACME", "tracking": "1Z-1"},
    "asn.announce": {
        **{"asn": "ASN-9", "po": "4711", "supplier": "ACME", "eta": "2026-12-01T09:00:00Z"},
        "pallets": [{"sscc": "376123450000000429", "contents": [{**GOODS, "qty": 24}]}],
    },
    "asn.cancel": {"asn": "ASN-9"},
    "catalogue.upsert": {
        "items": [
            {
                **{"sku": "SKU-1", "name": "Blue ink", "low_stock": 5, "home": "A-01"},
                "codes": [{"code": "9501101530003"}, {"code": "19501101530000", "pack": 12}],
            }
        ]
    },
    "stock.count": {
        **{"location": "A-01", "lines": [{**GOODS, "qty": 9}]},
        "as_of": {"epoch": EPOCH, "seq": 42},
    },
    "stock.adjust": {
        "location": "A-01",
        "lines": [{"sku": "SKU-1", "lot": "B7", "qty": -1, "reason": "broken glass"}],
    },
    "exception.clear": {"exception": "E-3", "reason": "seen to"},
    "label.reprint": {"label": "L-7"},
    "sync.replay": {"from_seq": 40, "to_seq": 42},
    "sync.snapshot": {"scope": ["levels", "positions", "orders"]},
}

_STATE = {"contract": 1, "session": 3, "epoch": EPOCH, "version": "0.1.0"}
_OTHERS: Mapping[str, Mapping[str, Json]] = {
    "state": {
        "online": {
            **{"status": "online", **_STATE, "first_seq": 1, "last_seq": 42, "confirmed_seq": 40},
            "hash": HASH,
        },
        "offline": {"status": "offline", **_STATE},
    },
    "stock": {"level": {**COUNTS, "epoch": EPOCH, "seq": 42, "time": "2026-11-21T09:30:00.123Z"}},
    "res": {
        "accepted": {"id": "c-881", "source": "/erp", "ok": True, "first_seq": 51, "last_seq": 53},
        "refused": {
            **{"id": "c-882", "source": "/erp", "ok": False},
            "error": {
                "code": "bad_value",
                "text": "qty must be a whole number from 1 to 1000000, got -1",
                "at": "lines[0].qty",
            },
        },
        "gap": {
            **{"id": "c-886", "source": "/erp", "ok": False},
            "error": {
                **{"code": "gap", "at": "cmdseq", "expected": 5},
                "text": "cmdseq must be 5, got 7: send the commands of this source again from there",
            },
        },
        "some-refused": {
            **{"id": "c-883", "source": "/erp", "ok": True},
            "refused": [
                {
                    "at": "items[1].codes[0].code",
                    "code": "code_taken",
                    "text": "9501101530003 is a code of SKU-1 already.",
                }
            ],
        },
        "picked": {
            **{"id": "c-884", "source": "/erp", "ok": True, "first_seq": 54, "last_seq": 55},
            "picked": [{"line": 1, "sku": "SKU-1", "qty": 2}],
        },
    },
    "ack": {"ack": {"epoch": EPOCH, "seq": 42, "hash": HASH}},
    "snap": {
        "begin": {
            "begin": {"epoch": EPOCH, "as_of_seq": 42, "counts": {"levels": 1, "positions": 1, "orders": 1}}
        },
        "levels": {"n": 1, "of": 3, "levels": [COUNTS]},
        "positions": {
            **{"n": 2, "of": 3},
            "positions": [{**GOODS, "pallet": None, "account": "location:DOCK-1", "qty": 12, "allocated": 2}],
        },
        "orders": {
            **{"n": 3, "of": 3},
            "orders": [
                {
                    **{"order": "SO-1", "status": "open"},
                    "lines": [
                        {
                            **{"line": 1, "sku": "SKU-1", "ordered": 2, "allocated": 2, "picked": 0},
                            **{"shipped": 0, "cancelled": 0, "waiting": 0},
                        }
                    ],
                }
            ],
        },
        "end": {"end": {"digest": HASH}},
    },
}


def examples(name: str) -> dict[str, Json]:
    """The examples of a message, whole, each by its own name; none of a type that has none yet."""
    if name in COMMANDS and name in _COMMANDS:
        return {name: _command(name, _COMMANDS[name])}
    if name in EVENTS and name in _EVENTS:
        return {name: _event(name, _EVENTS[name])}
    return {key if key == name else f"{name}.{key}": shown for key, shown in _OTHERS.get(name, {}).items()}


def _command(type_: str, data: Json) -> Json:
    return {
        **{"specversion": "1.0", "id": "c-881", "source": "/erp", "type": PREFIX + type_},
        **{"datacontenttype": "application/json", "data": data},
    }


def _event(type_: str, data: Json) -> Json:
    about = next((data[key] for key in ("sku", "order", "label", "exception", "code") if key in data), None)
    return {
        **{"specversion": "1.0", "id": f"par1/dock-a/{EPOCH}/42", "source": "/crossdock/par1/dock-a"},
        **{"type": PREFIX + type_, "subject": about, "time": "2026-11-21T09:30:00.123Z"},
        **{"datacontenttype": "application/json", "dataschema": f"urn:crossdock:schema/{type_}/1"},
        **{"epoch": EPOCH, "seq": 42, "booking": 42, "cause": "scan/7", "data": data},
    }
