"""COUNT: what is at a place is scanned item by item, and `CMD:DONE` makes it so (contract section 3).

A count is open from its `LOC` on, in the dialogue and in the ledger's rows of what is begun, and goes on after a
restart or when it was left for less than half an hour. What a count makes of the books is `settling`'s.
"""

from collections.abc import Sequence
from dataclasses import replace

from edge.domain import journal
from edge.domain.codes import Code, SiteCode
from edge.domain.dialogue import Dialogue, used
from edge.domain.journal import Goods
from edge.engine import leaving
from edge.engine.leaving import COUNTED
from edge.engine.refusals import RefusedError
from edge.engine.scans import scenes
from edge.engine.scans.wanted import pallet_of, wanted
from edge.engine.scene import Scan
from edge.engine.settling import Counted, Settlement
from edge.ledger.desk import Begun


def begin(scan: Scan, code: Code) -> str:
    """A place to be counted, or one whose count was left open. Raises RefusedError."""
    assert isinstance(code, SiteCode)
    left, place = scan.dialogue, code.value
    if left.is_empty:
        # EMPTY said something of that place: it must not be lost by a scan of another.
        return go_on(scan, code)
    begun, dropped = scan.books.desk.begun(scan.fact.dialogue, COUNTED), ""
    if begun and left.counted_at == place:
        return _take_up(scan, begun)
    if begun:
        dropped = leaving.drop_count(scan.begin(""), scan.fact.dialogue, left)
    entry = scan.books.store.last_entry
    counting = replace(left, location=place, counted_at=place, count_entry=entry)
    scenes.close_pallet(scan, counting)
    return f"Counting {place}: scan what is there, then CMD:DONE. {dropped}".strip()


def _take_up(scan: Scan, begun: Sequence[Begun]) -> str:
    place = scan.dialogue.counted_at
    scenes.close_pallet(scan, replace(scan.dialogue, location=place, begun=len(begun)))
    # Whoever goes on must know what is counted already.
    scan.attention = True
    items = len({item.sku for item in begun})
    total = sum(item.qty for item in begun)
    return f"The count of {place} goes on: {total} pieces of {items} items are counted already."


def go_on(scan: Scan, code: Code) -> str:
    """A place while one is being counted: the same one is no news. Raises RefusedError."""
    assert isinstance(code, SiteCode)
    place = scan.dialogue.location
    if code.value != place:
        raise RefusedError(
            "not_wanted",
            f"{place} is being counted: CMD:DONE settles it, CMD:CANCEL drops it. Then scan {code.value}.",
        )
    return f"Still counting {place}: {scan.dialogue.begun} scans so far."


def tally(scan: Scan, code: Code) -> str:
    """So many of an item, or all of a pallet, are here: noted, not booked before DONE. Raises RefusedError."""
    place = _place(scan)
    begun, entry = scan.dialogue.begun, scan.books.store.last_entry
    is_none = scan.dialogue.quantity == 0
    items = wanted(scan, code, journal.location(place))
    for n, item in enumerate(items, begun):
        goods, qty = item.goods, 0 if is_none else item.scanned
        scan.books.desk.begin_item(
            scan.fact.dialogue,
            COUNTED,
            Begun(n, goods.sku, goods.lot, goods.expiry, goods.pallet, item.label, qty, entry),
        )
    scan.dialogue = replace(scan.dialogue, begun=begun + len(items))
    if is_none:
        return f"None of {', '.join(item.name for item in items[:3])} at {place}."
    told = ", ".join(f"{item.scanned} {item.name}" for item in items[:3])
    more = f" and {len(items) - 3} items more" if len(items) > 3 else ""
    what = f"pallet {pallet_of(code)} with {told}{more}" if pallet_of(code) else told
    return f"Counted at {place}: {what}."


def empty(scan: Scan, code: Code) -> str:  # noqa: ARG001
    """Nothing else is here: DONE settles the other items as none. Raises RefusedError."""
    place = _place(scan)
    scan.dialogue = replace(scan.dialogue, is_empty=True)
    return f"Nothing else at {place}: CMD:DONE settles it."


def _place(scan: Scan) -> str:
    """The place whose count is open; the station's own does not begin one. Raises RefusedError."""
    dialogue = scan.dialogue
    if not dialogue.location or dialogue.location != dialogue.counted_at:
        raise RefusedError("needs_place", "Which place is counted? Scan it first.")
    return dialogue.location


def settle(scan: Scan, code: Code) -> str:  # noqa: ARG001
    """The count is done: what was counted becomes what is there. Raises RefusedError."""
    dialogue, desk = scan.dialogue, scan.books.desk
    if not dialogue.begun and not dialogue.is_empty:
        hint = f" LOC:{dialogue.counted_at} goes on with its count." if dialogue.counted_at else ""
        raise RefusedError(
            "needs_item", f"Nothing is counted: scan the place, what is there, or CMD:EMPTY.{hint}"
        )
    place = dialogue.location
    booking = scan.begin("counted")
    counted = _by_item(scan, dialogue, desk.begun(scan.fact.dialogue, COUNTED))
    moved_on = _booked_meanwhile(scan, dialogue, counted)
    good = {sku: items for sku, items in counted.items() if sku not in moved_on}
    settlement = Settlement(booking, place, by=scan.who())
    other = [sku for sku, items in good.items() if settlement.settle(sku, _parts(sku, items))]
    for sku in moved_on:
        text = f"{sku} was booked at {place} while it was counted: count it again."
        booking.raise_exception("count_again", f"{place} {sku}", text)
    booking.serve(other)
    _end(scan)
    return _told(place, len(good), len(other), moved_on)


def _by_item(scan: Scan, dialogue: Dialogue, begun: Sequence[Begun]) -> dict[str, list[Begun]]:
    """The scans of each item; after EMPTY also what else the ledger has there, or misses there, without any."""
    counted: dict[str, list[Begun]] = {}
    for item in begun:
        counted.setdefault(item.sku, []).append(item)
    if dialogue.is_empty:
        place, store = dialogue.location, scan.books.store
        others = {*store.skus_at(journal.location(place)), *store.skus_at(journal.missing(place))}
        for sku in sorted(others - counted.keys()):
            counted[sku] = []
    return counted


def _booked_meanwhile(scan: Scan, dialogue: Dialogue, counted: dict[str, list[Begun]]) -> list[str]:
    """Items that were booked at the place after they were first scanned: nobody knows if the count saw that."""
    last: dict[str, int] = {}
    since = scan.books.store.booked_since(journal.location(dialogue.location), dialogue.count_entry)
    for booked in since:
        last[booked.sku] = max(booked.entry, last.get(booked.sku, 0))
    return [
        sku
        for sku, items in counted.items()
        if last.get(sku, 0) > (items[0].entry if items else dialogue.count_entry)
    ]


def _parts(sku: str, items: Sequence[Begun]) -> list[Counted]:
    """What was counted of an item: each lot for itself if every scan named one, else all of it together.

    An expiry divides nothing: a lot has one, and one that was typed otherwise must not count goods twice.
    """
    seen = frozenset(item.pallet for item in items if item.pallet and item.qty)
    lots: dict[str, list[Begun]] = {}
    if by_lot := bool(items) and all(item.lot for item in items):
        for item in items:
            lots.setdefault(item.lot, []).append(item)
    else:
        lots[""] = list(items)
    return [
        Counted(
            sum(item.qty for item in scans), _unknown(sku, lot, scans), lot if by_lot else None, seen=seen
        )
        for lot, scans in lots.items()
    ]


def _unknown(sku: str, lot: str, items: Sequence[Begun]) -> Goods:
    """What more goods are where the ledger has none to go by: of the expiry that all scans named."""
    expiries = {item.expiry for item in items}
    return Goods(sku, lot, expiries.pop() if len(expiries) == 1 else "")


def _end(scan: Scan) -> None:
    """The next count begins with its place."""
    scan.books.desk.end_begun(scan.fact.dialogue, COUNTED)
    scan.books.desk.end_timer(COUNTED, scan.fact.dialogue)
    done = replace(used(scan.dialogue), location="", counted_at="", count_entry=0, begun=0, is_empty=False)
    scenes.close_pallet(scan, done)


def _told(place: str, settled: int, other: int, moved_on: Sequence[str]) -> str:
    counted = "1 item" if settled == 1 else f"{settled} items"
    words = f"{place} is counted: {counted}, {other or 'none'} other than in the ledger."
    if not moved_on:
        return words
    named = ", ".join(moved_on[:5]) + (f" and {len(moved_on) - 5} more" if len(moved_on) > 5 else "")
    return f"{words} Booked meanwhile, so count again: {named}."
