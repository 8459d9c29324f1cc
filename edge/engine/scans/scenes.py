"""Scans that set the scene: they book nothing, but for what is left behind when a dialogue begins anew."""

from dataclasses import replace

from edge.domain import stations
from edge.domain.codes import Code, Refused, SiteCode, SiteKind
from edge.domain.dialogue import Dialogue
from edge.domain.stations import MOVE, PICK, Scene
from edge.engine import leaving
from edge.engine.refusals import RefusedError
from edge.engine.scene import Scan
from edge.engine.words import on_hold, pieces
from edge.ledger.orders import OrderRow


def set_scene(scan: Scan, code: Code) -> str:
    """The person, a quantity, a lot, an expiry."""
    scene, before = scene_of(scan, code), scan.dialogue
    if before.begun and not scene.dialogue.begun:
        leaving.leave(scan, before)
    scan.dialogue = scene.dialogue
    return scene.text


def place(scan: Scan, code: Code) -> str:
    """A place or purchase order; what came with a pallet may be scanned by itself from here on."""
    scene = scene_of(scan, code)
    close_pallet(scan, scene.dialogue)
    return scene.text


def order(scan: Scan, code: Code) -> str:
    """A customer order that the ledger knows; to be picked, one that may be."""
    assert isinstance(code, SiteCode)
    known = order_named(scan, code.value)
    if scan.dialogue.mode == PICK:
        refuse_unless_open(known, "picked")
    scene = scene_of(scan, code)
    scan.dialogue = scene.dialogue
    return scene.text


def mode(scan: Scan, code: Code) -> str:
    """Another mode: what is begun is left."""
    scene, before = scene_of(scan, code), scan.dialogue
    left = leaving.leave(scan, before) if before.begun else ""
    scan.dialogue = scene.dialogue
    return f"{scene.text} {left}".strip()


def done(scan: Scan, code: Code) -> str:
    """Close the pallet or order, and tell what of it is short."""
    scene, po = scene_of(scan, code), scan.dialogue.po
    short = scan.books.records.still_open(po) if po else []
    close_pallet(scan, scene.dialogue)
    if not short:
        return scene.text
    text = f"{po} is short of {pieces(short)}."
    scan.begin("").raise_exception("short", po, text)
    return f"{scene.text} {text}"


def cancel(scan: Scan, code: Code) -> str:
    """Drop what is begun: a person says so, nobody needs to be told."""
    scene = scene_of(scan, code)
    what = leaving.MOVED if scan.dialogue.mode == MOVE else leaving.COUNTED
    scan.books.desk.end_begun(scan.fact.dialogue, what)
    scan.books.desk.end_timer(what, scan.fact.dialogue)
    scan.dialogue = replace(
        scene.dialogue, counted_at="" if what == leaving.COUNTED else scan.dialogue.counted_at
    )
    return scene.text


def close_pallet(scan: Scan, dialogue: Dialogue) -> None:
    """CMD:DONE, LOC, PO or another SSCC at the station: items scanned from now on are goods of their own."""
    if scan.books.desk.station(scan.station.id):
        scan.books.desk.write_station(scan.station.id, {})
    scan.dialogue = dialogue


def order_named(scan: Scan, name: str) -> OrderRow:
    """An order of this node. Raises RefusedError."""
    known = scan.books.orders.order(name)
    if known is None:
        raise RefusedError("unknown_order", f"There is no order {name} here.")
    return known


def refuse_unless_open(known: OrderRow, verb: str) -> None:
    """Goods of an order that is on hold or cancelled are not picked or shipped. Raises RefusedError."""
    if known.status == "held":
        raise RefusedError("on_hold", f"{on_hold(known)} It is not {verb}.")
    if known.status == "cancelled":
        raise RefusedError("cancelled", f"Order {known.id} is cancelled. It is not {verb}.")


def scene_of(scan: Scan, code: Code) -> Scene:
    """What a scan that sets the scene makes of the dialogue. Raises RefusedError."""
    assert isinstance(code, SiteCode)
    assert code.kind is not SiteKind.SKU
    scene = stations.set_scene(scan.dialogue, scan.station, code, scan.at_ms)
    if isinstance(scene, Refused):
        raise RefusedError(scene.why, scene.reason)
    return scene
