"""What people do with a scanner when goods come in: cartons, serials, pallets, purchase orders, our own labels."""

from collections.abc import Mapping

from tests.simulation.goods_for_sale import BY_SKU, LATE_ITEM, LOTS, item_code, serial_code, sscc
from tests.simulation.wire import Claim
from tests.simulation.world import Act, Floor, Gun, Scan, World, is_booked


def receive(world: World, gun: Gun) -> Floor:
    """Cartons come in, one after the other or with a quantity."""
    item, place = world.item(), gun.place if world.chance(0.5) else world.place()
    lot = world.random.choice(list(LOTS)) if item.is_lotted and world.chance(0.9) else ""
    pack = 12 if world.chance(0.15) else 1
    yield Scan("CMD:RECEIVE")
    if place != gun.place:
        yield Scan(f"LOC:{place}")
    qty = 1
    if world.chance(0.7):
        qty = world.random.randint(1, 12)
        yield Scan(f"QTY:{qty}")
    code = item_code(world.random, item, lot, pack=pack)
    answer = yield Scan(code, Claim("stock.received", item.sku, place, qty * pack, lot or None))
    if is_booked(answer) and world.chance(0.3):
        # The second of two cartons that carry the same code.
        yield Scan(code, Claim("stock.received", item.sku, place, pack, lot or None))


def receive_typed(world: World, gun: Gun) -> Floor:
    """The quantity is typed digit by digit from a sheet."""
    item = world.item()
    yield Scan("CMD:RECEIVE")
    yield Scan("OP:alice" if world.chance(0.5) else "OP:bob")
    yield Scan("CMD:RECEIVE")
    yield Scan("NUM:1")
    yield Scan("NUM:2")
    if world.chance(0.3):
        yield Scan("NUM:C")
        yield Scan("NUM:7")
        yield Scan(item.gtin, Claim("stock.received", item.sku, gun.place, 7))
    else:
        yield Scan(item.gtin, Claim("stock.received", item.sku, gun.place, 12))


def receive_serial(world: World, gun: Gun) -> Floor:
    """A thing with a serial number is received once."""
    item = world.random.choice([item for item in BY_SKU.values() if not item.is_lotted])
    world.last_serial += 1
    code = serial_code(item, world.last_serial)
    yield Scan("CMD:RECEIVE")
    answer = yield Scan(
        code, Claim("stock.received", item.sku, gun.place, 1) if item is not LATE_ITEM else None
    )
    if is_booked(answer) and world.chance(0.5):
        yield Scan(code, must="duplicate")


def receive_pallet(world: World, gun: Gun) -> Floor:
    """A pallet that was announced, received in one scan and refused in the second."""
    if not world.announced:
        return
    number = world.random.choice(sorted(world.announced))
    skus = world.announced.pop(number)
    yield Scan("CMD:RECEIVE")
    answer = yield Scan(f"]C100{number}")
    if not is_booked(answer):
        return
    if world.chance(0.4):
        # As long as no other scanner of the station ended the pallet.
        yield Scan(BY_SKU[skus[0]].gtin)
    if world.chance(0.6):
        yield Scan("CMD:DONE")
    if world.chance(0.4):
        yield Scan(f"00{number}", must="duplicate")


def receive_unannounced(world: World, gun: Gun) -> Floor:
    """Nobody announced this pallet: what is on it is scanned."""
    world.last_pallet += 1
    item, place = world.random.choice([item for item in BY_SKU.values() if not item.is_lotted]), gun.place
    yield Scan("CMD:RECEIVE")
    answer = yield Scan(f"]C100{sscc(700_000 + world.last_pallet)}")
    if is_booked(answer) and item is not LATE_ITEM:
        yield Scan("QTY:5")
        yield Scan(item.gtin, Claim("stock.received", item.sku, place, 5))
    yield Scan("CMD:DONE")


def receive_order(world: World, gun: Gun) -> Floor:
    """Goods of a purchase order."""
    item = world.item()
    yield Scan("CMD:RECEIVE")
    yield Scan(f"PO:47{world.random.randint(1, 5):02d}")
    yield Scan(f"QTY:{(qty := world.random.randint(1, 20))}")
    answer = yield Scan(f"SKU:{item.sku}", Claim("stock.received", item.sku, gun.place, qty))
    if is_booked(answer):
        yield Scan("CMD:DONE")


def receive_unknown(world: World, gun: Gun) -> Floor:
    """An item that the catalogue does not have yet, by its GTIN."""
    yield Scan("CMD:RECEIVE")
    yield Scan(f"QTY:{world.random.randint(1, 6)}")
    yield Scan(LATE_ITEM.gtin)


def receive_own_label(world: World, gun: Gun) -> Floor:
    labels = [sheet.job.label for sheet in world.site.paper.sheets]
    if labels:
        yield Scan("CMD:RECEIVE")
        yield Scan(f"LBL:{world.random.choice(labels)}", must="own_label")


ACTS: Mapping[str, tuple[int, Act]] = {
    "receive": (26, receive),
    "receive_typed": (3, receive_typed),
    "receive_serial": (3, receive_serial),
    "receive_pallet": (5, receive_pallet),
    "receive_unannounced": (2, receive_unannounced),
    "receive_order": (5, receive_order),
    "receive_unknown": (2, receive_unknown),
    "receive_own_label": (2, receive_own_label),
}
"""What may happen in RECEIVE, and how often."""
