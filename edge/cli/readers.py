"""The commands that read: status, stock, orders, journal, inbox. The ledger is closed before a line is printed."""

import argparse
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from config.load import load
from config.settings import Scanner, Settings
from edge import __version__
from edge.cli.commands import LEDGER, SOCKET
from edge.cli.tables import goods, local_time, print_facts, print_json, print_table
from edge.cli.why import why
from edge.clock import SystemClock, from_rfc3339
from edge.ledger.reading import Reading, Row, snapshot
from edge.local import calls


def status(args: argparse.Namespace) -> int:
    """Tell how the node is. Devices are unknown while no daemon looks after them."""
    settings = load(args.config)
    is_running = calls.ping(settings.data_dir / SOCKET) is not None
    with snapshot(settings.data_dir / LEDGER) as ledger:
        told = _status(settings, ledger, is_running=is_running)
    if args.json:
        print_json(told)
    else:
        _print_status(told, ZoneInfo(settings.timezone), settings.shadow_told)
    return 0


def _status(settings: Settings, ledger: Reading, *, is_running: bool) -> dict[str, Any]:
    labels, waiting = ledger.label_counts(), ledger.labels_waiting()
    scanners, printers = ledger.devices("scanner"), ledger.devices("printer")
    return {
        "site": settings.site,
        "node": settings.node,
        "running": is_running,
        "version": __version__,
        "sync": {**_link(settings, ledger, is_running=is_running), **_events(ledger)},
        "scanners": [
            {**_scanner(one, scanners, is_running=is_running), "shadow": settings.is_shadow(one.id)}
            for one in settings.scanners
        ],
        "printers": [
            {
                "id": one.id,
                **(_UNOPENED if settings.shadow else _state(printers.get(one.id), is_running=is_running)),
                "queued": waiting.get(one.id, 0),
            }
            for one in settings.printers
        ],
        "labels": {
            "queued": sum(waiting.values()),
            "unknown": labels.get("unknown", 0),
            "held": labels.get("held", 0),
            "printed": labels.get("printed", 0),
            "failed": labels.get("failed", 0),
            "shadow": labels.get("shadow", 0),
        },
        "shadow": settings.shadow,
        **ledger.counts(),
    }


def _link(settings: Settings, ledger: Reading, *, is_running: bool) -> Row:
    """Whether central can be reached, since when, and why not; `text` is empty where all is well."""
    if settings.mqtt is None:
        return {"connected": None, "text": "", "since": None, "confirm": None}
    broker = _state(ledger.devices("broker").get("broker"), is_running=is_running)
    text = broker["text"] if is_running else "the daemon is not running"
    confirm = settings.mqtt.confirm
    return {
        "connected": broker["state"] == "ready",
        "text": text,
        "since": broker["since"],
        "confirm": confirm,
    }


def _events(ledger: Reading) -> Row:
    """Where the events stand, and for how long the oldest that is not delivered has waited."""
    told = ledger.sync()
    if (oldest := told["oldest_at"]) is None:
        return {**told, "oldest_age_s": None}
    # The clock may have been set back since.
    return {**told, "oldest_age_s": max(0, SystemClock().now_ms() - from_rfc3339(oldest)) // 1000}


def _scanner(one: Scanner, known: Mapping[str, Row], *, is_running: bool) -> Row:
    told = {"id": one.id, "station": one.station, **_state(known.get(one.id), is_running=is_running)}
    if one.forward is not None:
        told["forward"] = _state(known.get(one.forward_id), is_running=is_running)
    return told


_UNOPENED = {"state": "unknown", "text": "not opened: the node is in shadow", "since": None}
"""How a printer is that a node in shadow leaves to the system beside it."""


def _state(row: Row | None, *, is_running: bool) -> Row:
    if row is None or not is_running:
        return {"state": "unknown", "text": "", "since": None}
    return {name: row[name] for name in ("state", "text", "since")}


def _print_status(told: dict[str, Any], zone: ZoneInfo, shadow: str) -> None:
    sync, labels = told["sync"], told["labels"]
    connected = {None: "not configured", True: "connected", False: "not connected"}[sync["connected"]]
    if sync["since"]:
        connected += f" since {local_time(sync['since'], zone)}"
    if sync["text"]:
        connected += f": {sync['text']}"
    oldest = f", oldest of {local_time(sync['oldest_at'], zone)}" if sync["oldest_at"] else ""
    at_broker = sync["published_seq"] - sync["confirmed_seq"]
    unconfirmed = f" ({at_broker} of them at the broker)" if at_broker else ""
    print_facts(
        [
            ("node", f"{told['site']}/{told['node']}, crossdock {told['version']}"),
            ("daemon", "running" if told["running"] else "not running"),
            *([("shadow", shadow)] if shadow else []),
            ("central", connected),
            ("events", f"{sync['last_seq']}, of which {sync['backlog']} not delivered{unconfirmed}{oldest}"),
            (
                "refused",
                f"{sync['refused']} messages of central: see crossdock inbox" if sync["refused"] else 0,
            ),
            ("ledger", f"epoch {sync['epoch']}, session {sync['session']}, {told['facts']} facts"),
            ("labels", ", ".join(f"{count} {name}" for name, count in labels.items())),
            ("exceptions", told["exceptions"]),
        ]
    )
    other_terminals = [
        {"id": f"{one['id']} also to", **one["forward"]} for one in told["scanners"] if "forward" in one
    ]
    devices = [
        (kind, one["id"], one["state"], local_time(one["since"], zone), one.get(own, ""), one["text"])
        for kind, own, ones in (
            ("scanner", "station", told["scanners"]),
            ("forward", "station", other_terminals),
            ("printer", "queued", told["printers"]),
        )
        for one in ones
    ]
    print()
    titles = ("device", "id", "state", "since", "station/queued", "text")
    print_table(titles, devices, empty="No scanners and no printers are configured.")


_LEVEL = ("on_hand", "allocated", "available", "waiting", "missing", "quarantine", "expected")


def stock(args: argparse.Namespace) -> int:
    """List levels; of one item also where it lies and what codes it has."""
    settings = load(args.config)
    with snapshot(settings.data_dir / LEDGER) as ledger:
        levels = ledger.stock(args.sku)
    if args.json:
        print_json(levels)
        return 0
    titles = ("sku", "name", *(name.replace("_", " ") for name in _LEVEL))
    rows = [[level["sku"], level["name"], *(level[name] for name in _LEVEL)] for level in levels]
    print_table(titles, rows, empty="The ledger knows no items yet.")
    if args.sku is not None:
        columns = ("account", "lot", "expiry", "pallet", "qty", "allocated")
        print()
        rows = [[position[name] for name in columns] for position in levels[0]["positions"]]
        print_table(columns, rows, empty="None of it is here.")
        print()
        rows = [[code["code"], code["pack"]] for code in levels[0]["codes"]]
        print_table(("code", "pack"), rows, empty="It has no codes but its own number.")
    return 0


_FIGURES = ("ordered", "allocated", "picked", "shipped", "cancelled", "waiting")


def orders(args: argparse.Namespace) -> int:
    """List orders by their place in the order of service; one in detail with where its goods lie, or why."""
    if args.why:
        return why(args)
    settings = load(args.config)
    with snapshot(settings.data_dir / LEDGER) as ledger:
        found = ledger.orders(args.order, limit=args.limit)
    if args.json:
        print_json(found)
        return 0
    zone = ZoneInfo(settings.timezone)
    titles = ("order", "status", "fill", "express", "tier", "promised", "placed", *_FIGURES)
    print_table(titles, [_order_row(order, zone) for order in found], empty="The ledger knows no orders yet.")
    if args.order is not None:
        _print_order(found[0], zone)
    return 0


def _order_row(order: Row, zone: ZoneInfo) -> list[object]:
    times = [local_time(order[name], zone) for name in ("promised_at", "placed_at")]
    facts = [order[name] for name in ("order", "status", "fill", "express", "tier")]
    return [*facts, *times, *(sum(line[name] for line in order["lines"]) for name in _FIGURES)]


def _print_order(order: Row, zone: ZoneInfo) -> None:
    print()
    print_facts(
        [
            ("customer", order["customer"]),
            ("lane", order["lane"]),
            ("not before", local_time(order["not_before"], zone)),
            ("ship by", local_time(order["ship_by"], zone)),
            ("hold reason", order["hold_reason"]),
        ]
    )
    print()
    titles = ("line", "sku", "name", *_FIGURES, "reason")
    rows = [[line[name] for name in titles] for line in order["lines"]]
    print_table(titles, rows, empty="It has no lines.")
    columns = ("place", "lot", "expiry", "pallet", "qty")
    rows = [
        [line["line"], line["sku"], *(one[name] for name in columns)]
        for line in order["lines"]
        for one in line["allocations"]
    ]
    print()
    print_table(("line", "sku", *columns), rows, empty="Nothing is allocated to it.")


def journal(args: argparse.Namespace) -> int:
    """List what came in, and below each what it moved."""
    settings = load(args.config)
    with snapshot(settings.data_dir / LEDGER) as ledger:
        facts = ledger.journal(limit=args.limit)
    if args.json:
        print_json(facts)
        return 0
    zone = ZoneInfo(settings.timezone)
    rows: list[list[object]] = []
    for fact in facts:
        when = local_time(fact["time"], zone)
        rows.append(
            [fact["seq"], when, *(fact[name] for name in ("cause", "source", "code", "answer", "text"))]
        )
        rows += [[*[" "] * 5, f"{move['qty']:+}", _moved(move)] for move in fact["moves"]]
    titles = ("seq", "time", "cause", "source", "code", "answer", "text")
    print_table(titles, rows, empty="Nothing has come in yet.")
    return 0


def _moved(move: Row) -> str:
    named = goods(move)
    return f"{move['sku']} {move['account']}" + (f" ({named})" if named else "")


def inbox(args: argparse.Namespace) -> int:
    """List what came from central and was refused."""
    settings = load(args.config)
    with snapshot(settings.data_dir / LEDGER) as ledger:
        refused = ledger.refused(limit=args.limit)
    if args.json:
        print_json(refused)
        return 0
    zone = ZoneInfo(settings.timezone)
    columns = ("times", "topic", "source", "id", "code", "text", "at", "head")
    rows = [[local_time(row["time"], zone), *(row[name] for name in columns)] for row in refused]
    print_table(("time", *columns[:-1], "begins"), rows, empty="Nothing that central sent was refused.")
    return 0
