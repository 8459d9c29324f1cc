"""`crossdock orders SO-1 --why`: in plain words why an order got its stock, or who is before it and what it waits for.

What there is to tell is found by `edge.ledger.why`; here it becomes sentences, for people and beside the facts in JSON.
"""

import argparse
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from config.load import load
from edge.cli.commands import LEDGER
from edge.cli.tables import local_time, print_json, print_paragraphs, shown
from edge.clock import Calendar, SystemClock
from edge.errors import UsageError
from edge.ledger.reading import Row, moment
from edge.ledger.why import Why

_GIVEN = {
    "stock.received": "received",
    "stock.found": "found",
    "stock.returned": "returned",
    "stock.released": "released from quarantine",
    "stock.counted": "counted",
    "stock.missing": "given after a missing pick",
    "stock.damaged": "given after damage",
    "stock.scrapped": "given after scrapping",
    "stock.moved": "given after a move",
    "stock.picked": "given after a pick",
    "undo": "given after an undo",
}
"""How the first event of a scan says that goods came to be promised."""

_LOST = {
    "out_of_stock": "there was not enough when it was its turn",
    "not_found": "what it had was not found",
    "damaged": "what it had was damaged",
    "count": "what it had was counted away",
    "undone": "the booking that gave it goods was undone",
    "taken": "what it had was picked for another order",
    "cancelled": "what it had was cancelled",
    "amended": "it was amended",
    "expired": "what it had expired",
    "adjusted": "what it had was adjusted away",
}
"""The reasons of waiting (contract section 7)."""

_ONLY = {"complete": "all at once or not at all", "line": "the whole line or none of it"}


def why(args: argparse.Namespace) -> int:
    """Tell why one order stands as it does."""
    if args.order is None:
        raise UsageError("Why what? Name an order.", hint="For one: crossdock orders SO-1 --why.")
    settings = load(args.config)
    zone, policy = ZoneInfo(settings.timezone), settings.allocation
    today = Calendar(settings.timezone).day(SystemClock().now_ms())
    with moment(settings.data_dir / LEDGER) as connection:
        found = Why(connection, zone, today=today, min_shelf_life_days=policy.min_shelf_life_days).order(
            args.order
        )
    days = policy.min_shelf_life_days
    told = {
        **{name: value for name, value in found.items() if name != "lines"},
        "says": list(_order_says(found, zone)),
        "lines": [{**line, "says": list(_line_says(found, line, zone, days))} for line in found["lines"]],
    }
    if args.json:
        print_json(told)
    else:
        _print(told)
    return 0


def _print(told: Row) -> None:
    print_paragraphs(told["says"])
    for line in told["lines"]:
        figures = ", ".join(
            f"{line[name]} {name}"
            for name in ("ordered", "allocated", "picked", "shipped", "cancelled", "waiting")
            if line[name]
        )
        print()
        print(shown(f"Line {line['line']}: {line['sku']}, {figures}"))
        print_paragraphs(line["says"], indent="  ")


# -- the order -------------------------------------------------------------------------------------------------


def _order_says(order: Row, zone: ZoneInfo) -> Iterator[str]:
    name, lines = order["order"], order["lines"]
    if order["status"] == "cancelled":
        yield f"{name} is cancelled: it waits for nothing."
        return
    if all(line["shipped"] + line["cancelled"] == line["ordered"] for line in lines):
        yield f"All of {name} is shipped: it waits for nothing."
        return
    yield f"{name}: {order['stands']}."
    yield f"Orders are served by {', '.join(order['order_by'])}; where all is equal, by their id."
    if order["status"] == "held":
        because = f" ({order['hold_reason']})" if order["hold_reason"] else ""
        until = f" until {local_time(order['held_until'], zone)}" if order["held_until"] else ""
        yield f"It is on hold{because}{until}: it keeps what it has and its turn, and is given nothing more."
    if not order["waiting"]:
        yield "It waits for nothing: every line is allocated, picked or shipped."
    elif order["fill"] == "complete":
        yield f"It is served only complete, {_ONLY['complete']}: {_lacks(lines)}."


def _lacks(lines: list[Row]) -> str:
    """What a complete order wants of each item, and what is here for it."""
    items = {line["sku"]: line["waits"] for line in lines if line["waits"]}
    return ", ".join(
        f"of {waits['wanted']} {sku} {lack} {'is' if lack == 1 else 'are'} lacking"
        if (lack := _lack(waits)) > 0
        else f"{waits['wanted']} {sku} {'is' if waits['wanted'] == 1 else 'are'} here"
        for sku, waits in items.items()
    )


def _lack(waits: Row) -> int:
    lack: int = waits["wanted"] - waits["stock"]["free"]
    return lack


# -- a line ----------------------------------------------------------------------------------------------------


def _line_says(order: Row, line: Row, zone: ZoneInfo, days: int) -> Iterator[str]:
    for part in line["has"]:
        yield _has(order, part, zone)
    if line["has"]:
        yield from _after(order["order"], line)
    if line["waits"]:
        yield from _waits(order, line, zone, days)


def _has(order: Row, part: Row, zone: ZoneInfo) -> str:
    goods = "".join(f", {name} {part[name]}" for name in ("lot", "expiry") if part[name])
    when = local_time(part["time"], zone)
    given = f"{_given(part)} on {when}" if when else "given before the history was archived"
    said = f"Has {part['qty']} at {part['place']}{goods}: {given}."
    if part["order_by"] is None:
        return f"{said} The rule of that time was not kept."
    if part["order_by"] != order["order_by"]:
        return f"{said} Orders were served by {', '.join(part['order_by'])} then, and it was {part['stood']}."
    if part["stood"] != order["stands"]:
        return f"{said} It was {part['stood']} then."
    return said


def _given(part: Row) -> str:
    source, code = part["source"], part["code"]
    match part["cause"].partition("/")[0]:
        case "scan":
            at = f" at {part['station']}" if part["station"] else ""
            by = f" for {part['operator']}" if part["operator"] else ""
            return f"{_GIVEN.get(part['event'], 'given')} by {source}{at}{by} ({code})"
        case "command":
            return f"given with the command {code} of {source}"
        case _:
            return f"given when it was time ({code})"


def _after(name: str, line: Row) -> Iterator[str]:
    after = line["after"]
    if not after["lines"]:
        yield f"Nobody waits for {line['sku']} behind it now."
        return
    first = after["first"][0]
    yield (
        f"{_lines(after)} for {line['sku']} behind it now. {name} is before {first['order']}, the next of them,"
        f" because {first['because']}."
    )


def _waits(order: Row, line: Row, zone: ZoneInfo, days: int) -> Iterator[str]:
    waits, sku = line["waits"], line["sku"]
    free = waits["stock"]["free"]
    is_here = order["fill"] == "complete" and _lack(waits) <= 0
    because = (
        "they are here, the rest of the order is not"
        if is_here
        else _LOST.get(waits["reason"], waits["reason"])
    )
    yield f"Waits for {waits['qty']}: {because}."
    if order["fill"] == "line" and free:
        yield f"It takes {_ONLY['line']}: {waits['qty']} are wanted, {free} free."
    yield from _before(order["order"], line)
    yield _here(sku, waits["stock"], days)
    if waits["expected_at"]:
        yield f"Expected {local_time(waits['expected_at'], zone)} with {waits['expected_asn']}."
    else:
        yield f"No announcement brings {sku} for it yet."


def _before(name: str, line: Row) -> Iterator[str]:
    before = line["waits"]["before"]
    if not before["lines"]:
        yield f"Nobody waits for {line['sku']} before it."
        return
    yield f"{_lines(before)} for {line['sku']} before it, for {_least(before)}{before['qty']} in all:"
    for other in before["first"]:
        only = f", {_ONLY[other['fill']]}" if other["fill"] in _ONLY else ""
        yield (
            f"- {other['order']} line {other['line']} wants {other['qty']}{only}: before {name} because"
            f" {other['because']}."
        )
    if more := before["lines"] - len(before["first"]):
        yield f"- and {_least(before)}{more} more."


def _lines(queue: Row) -> str:
    return (
        "1 line of another order waits"
        if queue["lines"] == 1
        else f"{_least(queue).capitalize()}{queue['lines']} lines of other orders wait"
    )


def _least(queue: Row) -> str:
    return "at least " if queue["and_more"] else ""


def _here(sku: str, stock: Row, days: int) -> str:
    """What is here of the item, and why it is not for this order."""
    told = {
        "free": "free",
        "promised": "promised to others",
        "short_lived": f"good for less than {days} days",
        "expired": "expired",
        "quarantine": "in quarantine",
        "missing": "missing",
    }
    parts = [f"{stock[name]} {words}" for name, words in told.items() if stock[name] > 0]
    return f"Of {sku} here: {', '.join(parts)}." if parts else f"There is no other {sku} here."
