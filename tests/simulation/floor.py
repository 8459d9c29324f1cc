"""What people do with a scanner once goods are in: an act for each thing, told as the scans of contract section 3."""

from collections.abc import Mapping

from edge.facts import Verdict
from tests.simulation import arrivals
from tests.simulation.accounts import Order
from tests.simulation.goods_for_sale import BY_SKU, item_code
from tests.simulation.wire import Claim, Counted, Learned, Left, Nothing
from tests.simulation.world import Act, Floor, Gun, Scan, World, is_booked


def miss(world: World, gun: Gun) -> Floor:
    """Goods are not where they should be: all of them, or some."""
    seen = world.stocked()
    if seen is None:
        return
    sku, place, lot, _ = seen
    lot = lot if world.chance(0.6) else ""
    yield Scan("CMD:MISSING")
    yield Scan(f"LOC:{place}")
    wanted = world.random.randint(1, 6) if world.chance(0.6) else None
    if wanted:
        yield Scan(f"QTY:{wanted}")
    there = world.books.at(sku, f"location:{place}", lot or None)
    gone = min(wanted or there, there)
    claim = Claim("stock.missing", sku, place, gone, lot or None)
    yield Scan(item_code(world.random, BY_SKU[sku], lot), claim, must=None if there else "not_here")


def find(world: World, gun: Gun) -> Floor:
    """What was missing is here again, or more than ever was."""
    seen = world.stocked("missing")
    if seen is None or world.chance(0.1):
        sku, place, lot, wanted = world.item().sku, world.place(), "", world.random.randint(1, 4)
    else:
        sku, place, lot, qty = seen
        wanted = world.random.randint(1, qty + 1) if world.chance(0.5) else 0
    yield Scan("CMD:FOUND")
    yield Scan(f"LOC:{place}")
    if wanted:
        yield Scan(f"QTY:{wanted}")
    missing = world.books.at(sku, f"missing:{place}", lot or None)
    claim = Claim("stock.found", sku, place, wanted or missing, lot or None)
    must = None if wanted or missing else "needs_quantity"
    yield Scan(item_code(world.random, BY_SKU[sku], lot), claim, must)


def move(world: World, gun: Gun) -> Floor:
    """Goods go to another place, their promises with them."""
    seen = world.stocked()
    target = world.place()
    if seen is None or seen[1] == target:
        return
    sku, place, lot, there = seen
    qty = world.random.randint(1, there)
    yield Scan("CMD:MOVE")
    yield Scan(f"LOC:{place}")
    yield Scan(f"QTY:{qty}")
    answer = yield Scan(item_code(world.random, BY_SKU[sku], lot))
    if not is_booked(answer):
        return
    if world.chance(0.1):
        yield Scan("CMD:CANCEL")
        return
    yield Scan(f"LOC:{target}", Claim("stock.moved", sku, target, qty, lot or None))


def move_label(world: World, gun: Gun) -> Floor:
    """A label stuck on goods is scanned instead of them."""
    jobs = list(world.site.paper.own_labels("backorder"))
    if not jobs:
        return
    fields = world.random.choice(jobs).content.fields
    order, sku, lot = fields["order"], fields["sku"], fields["lot"]
    known = world.books.orders[order]
    places = [
        at.place
        for line in known.lines.values()
        for at, qty in line.promises.items()
        if line.sku == sku and at.lot == lot and qty >= int(fields["quantity"])
    ]
    target = world.place()
    if not places or target in places:
        return
    yield Scan("CMD:MOVE")
    yield Scan(f"LOC:{places[0]}")
    answer = yield Scan(f"LBL:{fields['label']}")
    if is_booked(answer):
        claim = Claim("stock.moved", sku, target, int(fields["quantity"]), lot or None, order)
        yield Scan(f"LOC:{target}", claim)


def _to_pick(order: Order) -> bool:
    return not order.is_held and any(line.promises for line in order.lines.values())


def pick(world: World, gun: Gun) -> Floor:
    """Goods are taken for an order, as promised; sometimes there are not enough."""
    order = world.order(_to_pick)
    if order is None:
        return
    line = world.random.choice([line for line in order.lines.values() if line.promises])
    at, promised = world.random.choice(sorted(line.promises.items()))
    yield Scan("CMD:PICK")
    yield Scan(f"ORD:{order.id}")
    yield Scan(f"LOC:{at.place}")
    qty = world.random.randint(1, promised)
    if qty > 1:
        yield Scan(f"QTY:{qty}")
    claim = Claim("stock.picked", line.sku, at.place, qty, at.lot or None)
    answer = yield Scan(item_code(world.random, BY_SKU[line.sku], at.lot), claim)
    if is_booked(answer) and world.chance(0.2):
        yield Scan("CMD:SHORT")


def pick_label(world: World, gun: Gun) -> Floor:
    """A backorder label stands for order, place and item."""
    jobs = list(world.site.paper.own_labels("backorder"))
    if not jobs:
        return
    yield Scan("CMD:PICK")
    yield Scan(f"LBL:{world.random.choice(jobs).label}")


def pick_nothing(world: World, gun: Gun) -> Floor:
    """Nothing at all is where the picker was sent."""
    order = world.order(_to_pick)
    if order is None:
        return
    line = next(line for line in order.lines.values() if line.promises)
    at = next(iter(line.promises))
    yield Scan("CMD:PICK")
    yield Scan(f"ORD:{order.id}")
    yield Scan(f"LOC:{at.place}")
    yield Scan("QTY:0")
    answer = yield Scan(f"SKU:{line.sku}")
    if is_booked(answer):
        yield Scan("CMD:SHORT")


def pick_wrong(world: World, gun: Gun) -> Floor:
    """An item that the order does not want, or an order on hold or cancelled."""
    order = world.order(lambda order: True)
    if order is None:
        return
    wanted = {line.sku for line in order.lines.values()}
    other = next((sku for sku in BY_SKU if sku not in wanted), None)
    if other is None:
        return
    yield Scan("CMD:PICK")
    stops = order.is_held or order.is_cancelled
    answer = yield Scan(f"ORD:{order.id}")
    if is_booked(answer):
        yield Scan(f"LOC:{world.place()}")
        yield Scan(f"SKU:{other}", must="not_wanted" if not stops else "on_hold")


def ship(world: World, gun: Gun) -> Floor:
    """All that is picked or promised of an order leaves."""
    order = world.order(lambda order: any(line.picked or line.allocated for line in order.lines.values()))
    if order is None:
        return
    yield Scan("CMD:SHIP")
    is_stopped = order.is_held or order.is_cancelled
    yield Scan(f"ORD:{order.id}", None if is_stopped else Left(order.id), "on_hold" if is_stopped else None)


def count(world: World, gun: Gun) -> Floor:
    """A place is counted: a few of its items, or all there is."""
    place = world.place()
    counted: dict[str, int] = {}
    yield Scan("CMD:COUNT")
    answer = yield Scan(f"LOC:{place}")
    if answer is not None and answer.verdict is Verdict.ATTENTION:
        # Somebody left a count of this place here, and it would go on: begin anew.
        yield Scan("CMD:CANCEL")
        yield Scan("CMD:COUNT")
        yield Scan(f"LOC:{place}")
    here = [sku for sku in BY_SKU if world.books.at(sku, f"location:{place}")]
    for sku in world.random.sample(here or [world.item().sku], k=min(len(here) or 1, 2)):
        there = world.books.at(sku, f"location:{place}")
        counted[sku] = max(0, there + world.random.choice((0, 0, 0, -2, -1, 1, 3, -there)))
        yield Scan(f"QTY:{counted[sku]}")
        answer = yield Scan(f"SKU:{sku}")
        if not is_booked(answer):
            return
    lines: dict[tuple[str, str | None], int] = {(sku, None): qty for sku, qty in counted.items()}
    if world.chance(0.2):
        yield Scan("CMD:EMPTY")
        lines |= {(sku, None): 0 for sku in here if sku not in counted}
    yield Scan("CMD:DONE", Counted(place, lines))


def _set_aside(mode: str, type_: str, account: str) -> Act:
    def act(world: World, gun: Gun) -> Floor:
        seen = world.stocked(account)
        if seen is None:
            return
        sku, place, lot, there = seen
        qty = world.random.randint(1, there)
        yield Scan(f"CMD:{mode}")
        yield Scan(f"LOC:{place}")
        if qty > 1:
            yield Scan(f"QTY:{qty}")
        # Others were here meanwhile; without a lot, all lots are meant.
        there = world.books.at(sku, f"{account}:{place}", lot or None)
        claim = Claim(type_, sku, place, min(qty, there), lot or None)
        yield Scan(item_code(world.random, BY_SKU[sku], lot), claim if there else None)

    act.__doc__ = f"Goods out of {account}, by {mode}."
    return act


def come_back(world: World, gun: Gun) -> Floor:
    """Goods of an order come back: they were picked, or shipped."""
    order = world.order(lambda order: any(line.picked or line.shipped for line in order.lines.values()))
    if order is None:
        return
    line = next(line for line in order.lines.values() if line.picked or line.shipped)
    qty = world.random.randint(1, line.picked or line.shipped)
    yield Scan("CMD:RETURN")
    yield Scan(f"ORD:{order.id}")
    if qty > 1:
        yield Scan(f"QTY:{qty}")
    yield Scan(f"SKU:{line.sku}", Claim("stock.returned", line.sku, gun.place, qty) if gun.place else None)


def learn(world: World, gun: Gun) -> Floor:
    """A carton's own code is taught; some of these cartons were taken in before anybody knew what they were."""
    world.last_carton += 1
    code, sku, pack = f"CARTON-{world.last_carton}", world.item().sku, world.random.randint(2, 9)
    if world.chance(0.5):
        qty = world.random.randint(2, 6)
        yield Scan("CMD:RECEIVE")
        yield Scan(f"QTY:{qty}")
        yield Scan(f"SKU:{code}", Claim("stock.received", code, gun.place, qty))
    yield Scan("CMD:LEARN")
    is_stated = world.chance(0.4)
    if is_stated:
        yield Scan(f"QTY:{pack}")
    yield Scan(world.random.choice([code, f"]A0{code}"]))
    yield Scan(f"SKU:{sku}", Learned(code, sku, pack if is_stated else 1))
    # Central may list the item's codes anew in between, and what was learned is gone.
    means = world.site.referee.bookings.codes.means
    if code in means and (not is_stated or world.chance(0.3)):
        pack = world.random.choice([each for each in range(2, 10) if each != means[code].pack])
        yield Scan(f"QTY:{pack}", Learned(code, sku, pack))
    if world.chance(0.3):
        yield Scan("CMD:UNDO")
        return
    yield Scan("CMD:RECEIVE")
    if code in means:
        yield Scan(code, Claim("stock.received", sku, gun.place, means[code].pack))


def undo(world: World, gun: Gun) -> Floor:
    """The last thing done here was a mistake; perhaps the one before too."""
    answer = yield Scan("CMD:UNDO")
    if is_booked(answer) and world.chance(0.2):
        yield Scan("CMD:UNDO")


def reprint(world: World, gun: Gun) -> Floor:
    yield Scan("CMD:REPRINT")


def ask(world: World, gun: Gun) -> Floor:
    """Questions book nothing."""
    yield Scan("CMD:INFO")
    yield Scan(f"LOC:{world.place()}", Nothing())
    yield Scan(f"SKU:{world.item().sku}", Nothing())
    if order := world.order(lambda order: True):
        yield Scan(f"ORD:{order.id}", Nothing())


def nonsense(world: World, gun: Gun) -> Floor:
    """Whatever a scanner may read that means nothing here."""
    wrong = [
        "7612345001013",
        "CMD:DANCE",
        "ORD:NOBODY-1",
        "LBL:ffff-999999",
        "QTY:1000000",
        "QTY:-1",
        "EXP:2026-02-30",
    ]
    odd = [
        "]C10176123450",
        "\x01\x02\x7f",
        "x" * 257,
        "LOC:",
        "hello world",
        "]d2(01)123",
        "é",
        "NUM:X",
    ]
    yield Scan(world.random.choice([*wrong, *odd]), must="any")


def walk_away(world: World, gun: Gun) -> Floor:
    """Something is begun and left."""
    yield Scan("CMD:FOUND")
    yield Scan(f"LOC:{world.place()}")
    yield Scan("QTY:2")
    world.site.wait(200)
    yield Scan(f"SKU:{world.item().sku}", must="lapsed")


ACTS: Mapping[str, tuple[int, Act]] = {
    **arrivals.ACTS,
    "miss": (8, miss),
    "find": (6, find),
    "nonsense": (4, nonsense),
    "walk_away": (1, walk_away),
    "move": (10, move),
    "move_label": (4, move_label),
    "pick": (16, pick),
    "pick_label": (5, pick_label),
    "pick_nothing": (2, pick_nothing),
    "pick_wrong": (3, pick_wrong),
    "ship": (8, ship),
    "count": (6, count),
    "damage": (4, _set_aside("DAMAGE", "stock.damaged", "location")),
    "release": (3, _set_aside("RELEASE", "stock.released", "quarantine")),
    "scrap": (2, _set_aside("SCRAP", "stock.scrapped", "quarantine")),
    "come_back": (4, come_back),
    "learn": (4, learn),
    "undo": (8, undo),
    "reprint": (2, reprint),
    "ask": (2, ask),
}
"""What may happen at a scanner, and how often."""
