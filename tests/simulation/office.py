"""What central sends: orders and what becomes of them, announcements, the catalogue, counts; good and bad."""

from collections.abc import Callable, Mapping
from typing import Any

from edge.clock import rfc3339
from tests.simulation.accounts import Order
from tests.simulation.goods_for_sale import ITEMS, LATE_ITEM, LOTS, sscc
from tests.simulation.world import Command, Office, World

Act = Callable[[World], Office]

HOUR_MS = 3_600_000


def _lines(world: World) -> list[dict[str, Any]]:
    skus = [LATE_ITEM.sku] if world.chance(0.03) else []
    # The same item may stand on two lines.
    skus += [world.item().sku for _ in range(world.random.randint(1, 3))]
    return [{"line": n, "sku": sku, "qty": world.random.randint(1, 9)} for n, sku in enumerate(skus, 1)]


def _wishes(world: World) -> dict[str, Any]:
    now = world.site.clock.at_ms
    wishes: dict[str, Any] = {}
    if world.chance(0.15):
        wishes["express"] = True
    if world.chance(0.5):
        wishes["tier"] = world.random.randint(0, 9)
    if world.chance(0.4):
        wishes["promised_at"] = rfc3339(now + world.random.randint(1, 96) * HOUR_MS)
    if world.chance(0.7):
        wishes["placed_at"] = rfc3339(now - world.random.randint(0, 48) * HOUR_MS)
    return wishes


def place(world: World) -> Office:
    world.last_order += 1
    data: dict[str, Any] = {"order": f"SO-{world.last_order}", "lines": _lines(world), **_wishes(world)}
    if world.chance(0.4):
        data["fill"] = world.random.choice(["partial", "line", "complete"])
    if world.chance(0.1):
        data["ext"] = {"shop": "north"}
    yield Command("order.place", data)
    if world.chance(0.1):
        # Sent again under another id: it changes nothing; with other content it is refused.
        yield Command("order.place", data)
        yield Command("order.place", {**data, "lane": "other"}, must="exists")


def _can_change(order: Order) -> bool:
    return not order.is_cancelled and not any(line.shipped for line in order.lines.values())


def cancel(world: World) -> Office:
    order = world.order(_can_change)
    if order is None:
        return
    open_lines = [line.name for line in order.lines.values() if not line.is_cancelled and not line.picked]
    if open_lines and world.chance(0.4):
        yield Command("order.cancel", {"order": order.id, "lines": [world.random.choice(open_lines)]})
    else:
        yield Command("order.cancel", {"order": order.id})


def cancel_shipped(world: World) -> Office:
    order = world.order(lambda order: all(line.shipped == line.ordered for line in order.lines.values()))
    if order is not None:
        yield Command("order.cancel", {"order": order.id}, must="shipped")


def hold(world: World) -> Office:
    order = world.order(lambda order: not order.is_held and not order.is_over)
    if order is None:
        return
    data: dict[str, Any] = {"order": order.id, "reason": "address unclear"}
    if world.chance(0.3):
        data["until"] = rfc3339(world.site.clock.at_ms + world.random.randint(1, 30) * HOUR_MS)
    yield Command("order.hold", data)


def resume(world: World) -> Office:
    order = world.order(lambda order: order.is_held)
    if order is not None:
        yield Command("order.resume", {"order": order.id})


def amend(world: World) -> Office:
    """More, less or none of a line; a new line; another wish."""
    order = world.order(lambda order: not order.is_over and not order.is_cancelled)
    if order is None:
        return
    line = world.random.choice(list(order.lines.values()))
    taken = line.picked + line.shipped
    data: dict[str, Any] = {"order": order.id, **(_wishes(world) if world.chance(0.3) else {})}
    if taken and world.chance(0.3):
        yield Command(
            "order.amend", {**data, "lines": [_line(line.name, line.sku, taken - 1)]}, "already_picked"
        )
        return
    qty = world.random.randint(max(1, taken), taken + 9) if taken or world.chance(0.8) else 0
    lines = [_line(line.name, line.sku, qty)]
    if world.chance(0.3):
        lines.append(_line(max(order.lines) + 1, world.item().sku, world.random.randint(1, 5)))
    yield Command("order.amend", {**data, "lines": lines})


def _line(name: int, sku: str, qty: int) -> dict[str, Any]:
    return {"line": name, "sku": sku, "qty": qty}


def prioritise(world: World) -> Office:
    order = world.order(lambda order: not order.is_over)
    if order is not None:
        yield Command("order.prioritise", {"order": order.id, "express": True, "tier": 9})


def ship(world: World) -> Office:
    """An order left without a scan."""
    order = world.order(
        lambda order: (
            not order.is_held and any(line.picked or line.allocated for line in order.lines.values())
        )
    )
    if order is not None:
        yield Command("order.ship", {"order": order.id})


def announce(world: World) -> Office:
    """Pallets on their way, each with a lot of its own, or loose goods of a purchase order."""
    world.last_pallet += 1
    number, asn = sscc(world.last_pallet), f"ASN-{world.last_pallet}"
    eta = rfc3339(world.site.clock.at_ms + world.random.randint(2, 72) * HOUR_MS)
    data: dict[str, Any] = {"asn": asn, "eta": eta, "supplier": "ACME"}
    if world.chance(0.3):
        data["po"] = f"47{world.random.randint(1, 5):02d}"
        data["lines"] = [{"line": 1, "sku": world.item().sku, "qty": world.random.randint(1, 40)}]
        yield Command("asn.announce", data)
        return
    contents: list[dict[str, Any]] = []
    for item in world.random.sample(ITEMS, k=world.random.randint(1, 3)):
        contents.append({"sku": item.sku, "qty": world.random.randint(1, 24), "lot": f"P{world.last_pallet}"})
    data["pallets"] = [{"sscc": number, "contents": contents}]
    yield Command("asn.announce", data)
    if world.chance(0.15):
        yield Command("asn.announce", {**data, "eta": rfc3339(world.site.clock.at_ms + 80 * HOUR_MS)})
    world.announced[number] = [line["sku"] for line in contents]


def cancel_asn(world: World) -> Office:
    """A pallet that was announced does not come."""
    if world.announced:
        number = world.random.choice(sorted(world.announced))
        del world.announced[number]
        yield Command("asn.cancel", {"asn": f"ASN-{int(number[8:-1])}"})


def catalogue(world: World) -> Office:
    """A threshold changes; one item of the list wants a code that another has."""
    item = world.item()
    items = [item.told(world.random.randint(0, 8))]
    answer = yield Command("catalogue.upsert", {"items": items})
    assert answer["ok"], answer
    other = next(each for each in ITEMS if each is not item)
    wrong = {"sku": other.sku, "codes": [{"code": item.gtin, "pack": 1}]}
    if world.chance(0.3):
        yield Command("catalogue.upsert", {"items": [wrong]}, must="code_taken")


def identify(world: World) -> Office:
    """The catalogue learns the item whose cartons came in before it."""
    yield Command("catalogue.upsert", {"items": [LATE_ITEM.told(2)]})


def count(world: World) -> Office:
    """Central counted a place, by lot, and says so whatever was booked there."""
    seen = world.stocked()
    if seen is None:
        return
    sku, place_, lot, there = seen
    qty = max(0, there + world.random.choice((0, -3, -1, 1, 4, -there)))
    line: dict[str, Any] = {"sku": sku, "qty": qty}
    if lot:
        line |= {"lot": lot, **({"expiry": LOTS[lot].isoformat()} if lot in LOTS else {})}
    else:
        qty = world.books.at(sku, f"location:{place_}") + world.random.randint(-2, 2)
        line["qty"] = max(0, qty)
    yield Command("stock.count", {"location": place_, "lines": [line], "force": True})


def adjust(world: World) -> Office:
    """Something broke and was thrown away, or turned up."""
    seen = world.stocked()
    if seen is None:
        return
    sku, place_, lot, there = seen
    # What turns up has no lot: an adjustment cannot name the lot's expiry.
    qty = world.random.choice((-1, -1, -there)) if lot else world.random.choice((-1, 1, 2, -there))
    line: dict[str, Any] = {"sku": sku, "qty": qty, "reason": "seen by chance"}
    if lot:
        line["lot"] = lot
    yield Command("stock.adjust", {"location": place_, "lines": [line]})


def bad(world: World) -> Office:
    """Commands that must be refused, each with its code."""
    good = {"line": 1, "sku": "PEN", "qty": 2}
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("order.place", {"order": "SO-X", "lines": [{**good, "qty": -1}]}, "bad_value"),
        ("order.place", {"order": "SO-X", "lines": [{**good, "qty": 2.5}]}, "bad_value"),
        ("order.place", {"order": "SO-X", "lines": [{**good, "qty": "2"}]}, "bad_value"),
        ("order.place", {"order": "SO-X", "lines": []}, "bad_value"),
        ("order.place", {"order": "SO-X", "lines": [good, good]}, "bad_value"),
        ("order.place", {"order": "SO-X", "lines": [good], "colour": "blue"}, "unknown_field"),
        ("order.place", {"lines": [good]}, "missing_field"),
        ("order.cancel", {"order": "NOBODY-1"}, "unknown_order"),
        ("order.dance", {}, "unknown_type"),
    ]
    yield Command(*world.random.choice(wrong))


ACTS: Mapping[str, tuple[int, Act]] = {
    "place": (30, place),
    "cancel": (5, cancel),
    "cancel_shipped": (1, cancel_shipped),
    "hold": (5, hold),
    "resume": (5, resume),
    "announce": (6, announce),
    "cancel_asn": (1, cancel_asn),
    "catalogue": (3, catalogue),
    "identify": (1, identify),
    "count_by_central": (4, count),
    "bad": (3, bad),
    "amend": (6, amend),
    "prioritise": (3, prioritise),
    "ship_by_central": (2, ship),
    "adjust": (3, adjust),
}
"""What central may send, and how often."""
