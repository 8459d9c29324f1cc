"""CMD:UNDO: this scanner's last booking is taken back by a counter-entry; nothing is ever deleted (contract 3).

Every move goes back the way it came. What was promised on those goods is released, and where goods go back to a
place, the promise of the order that had them goes back with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from edge.domain import journal
from edge.domain.allocation import Promise, Stock, WaitingLine
from edge.domain.codes import Code, gtin14
from edge.domain.dialogue import undoable
from edge.domain.journal import Goods, Move, kind_of, place_of
from edge.domain.picking import upto
from edge.engine import handover
from edge.engine.booking import Booking
from edge.engine.changes import EXPECTED
from edge.engine.label_jobs import settle_held
from edge.engine.refusals import RefusedError
from edge.engine.scans.moving import carry_over
from edge.engine.scene import Scan
from edge.engine.telling import LINES_TOLD
from edge.engine.words import short
from edge.ledger.records import CodeRow
from edge.ledger.store import EntryRow, Store


def undo(scan: Scan, code: Code) -> str:  # noqa: ARG001
    """Reverse this scanner's last booking; a second time the one before. Raises RefusedError."""
    recent = undoable(scan.dialogue, scan.at_ms)
    if not recent:
        raise RefusedError("nothing_to_undo", "This scanner has booked nothing in the last 15 minutes.")
    store = scan.books.store
    entry = store.entry(recent[-1][0])
    moves = store.moves_of(entry.entry)
    _refuse_if_built_upon(scan, entry, moves)
    _refuse_if_lines_went_on(scan, entry, moves)
    _refuse_if_taught_anew(scan, entry)
    booking = scan.begin("undo")
    booking.undoes = entry.entry
    lines: dict[int, list[tuple[int, int]]] = {}
    for line, n, qty in entry.undo.get("lines", ()):
        lines.setdefault(n, []).append((line, qty))
    for position, _ in entry.undo.get("identified", ()):
        # A pack that was corrected moved the difference, and served more than that.
        release_made(booking, position, entry, "undone")
    # The last move first: goods may have gone on within the booking.
    claims: list[_Claim] = []
    for n, move in reversed(list(enumerate(moves))):
        claims += _take_back(booking, entry, move, lines.get(n, ()))
    # Goods that were others' before are theirs again; the order that took them has a claim to the rest.
    for line, position, qty in [*entry.undo.get("lost", ()), *claims]:
        _promise_again(booking, line, position, qty)
    _forget(booking, scan, entry)
    for order in dict.fromkeys(place_of(each) for each in _accounts(booking) if kind_of(each) == "picked"):
        handover.settle_restock(booking, order)
    # Told once at least: a code that was learned may have moved nothing.
    for n in range(0, max(1, len(booking.moves)), LINES_TOLD):
        told = [move.told() for move in booking.moves[n : n + LINES_TOLD]]
        # A booking from before a restore has no number in this epoch.
        data = {"undoes": entry.booking or None, **scan.who(), "moves": told}
        booking.tell_stock("undo", scan.station.id, data)
    booking.serve(dict.fromkeys(move.goods.sku for move in moves))
    scan.dialogue = replace(scan.dialogue, bookings=tuple(recent[:-1]))
    return f"Undone: {_what(entry, moves)}."


def _what(entry: EntryRow, moves: Sequence[Move]) -> str:
    for code, sku, _, before in entry.undo.get("codes", ()):
        name = short(code)
        return f"{name} is {sku}, {before} to the pack again" if before else f"{name} is no code of {sku} now"
    items = ", ".join(dict.fromkeys(move.goods.sku for move in moves[:5]))
    return f"{entry.kind}, {sum(move.qty for move in moves)} pieces of {items}"


def _accounts(booking: Booking) -> Iterable[str]:
    return (account for move in booking.moves for account in (move.source, move.target))


def _refuse_if_built_upon(scan: Scan, entry: EntryRow, moves: Sequence[Move]) -> None:
    """Goods that went on since stay where they are; so does what was counted since. Raises RefusedError."""
    store = scan.books.store
    wanted: dict[tuple[Any, str], int] = {}
    for move in moves:
        wanted[move.goods, move.target] = wanted.get((move.goods, move.target), 0) + move.qty
        wanted[move.goods, move.source] = wanted.get((move.goods, move.source), 0) - move.qty
    for (goods, account), qty in wanted.items():
        went_on = went_on_since(store, entry, goods, account, qty)
        if went_on is not None:
            what, instead = went_on
            raise RefusedError("built_upon", f"{what} since: it cannot be undone, {instead}.")


def went_on_since(
    store: Store, entry: EntryRow, goods: Goods, account: str, qty: int
) -> tuple[str, str] | None:
    """Whether so many goods that an entry brought to an account are not simply there any more.

    If so, what became of them, and what can be done about that.
    """
    # Accounts outside the walls may go below nothing.
    if qty > 0 and kind_of(account) in journal.WITHIN and store.stock(goods, account).here < qty:
        return f"{goods.sku} has moved on from {place_of(account)}", "book it back"
    if store.counted_since(goods.sku, account, entry.fact):
        return f"{goods.sku} was counted at {place_of(account)}", "count again"
    return None


def _refuse_if_taught_anew(scan: Scan, entry: EntryRow) -> None:
    """What the catalogue says of a code by now, it says since. Raises RefusedError."""
    for code, sku, pack, _ in entry.undo.get("codes", ()):
        if scan.books.records.code_listed(code, "") != CodeRow(code, sku, pack):
            text = f"The catalogue has {short(code)} otherwise since: it cannot be undone, teach it anew."
            raise RefusedError("built_upon", text)


def _refuse_if_lines_went_on(scan: Scan, entry: EntryRow, moves: Sequence[Move]) -> None:
    """What a line had is another's now, or is not wanted any more. Raises RefusedError.

    Which goods are for which line of an order is in its lines alone: others may have come back since.
    """
    needs: dict[tuple[int, str], int] = {}
    for line_id, n, qty in entry.undo.get("lines", ()):
        target, source = kind_of(moves[n].target), kind_of(moves[n].source)
        if target in _COLUMN or source == "picked":
            key = line_id, _COLUMN.get(target, "")
            needs[key] = needs.get(key, 0) + qty
    for (line_id, column), qty in needs.items():
        line, has = scan.books.orders.line_with(line_id)
        # A return is undone: its line must still want the goods, or have been rid of them.
        wants = has["cancelled"] if has["is_cancelled"] else has["waiting"] + has["allocated"]
        if (has[column] if column else wants) < qty:
            text = f"Order {line.order} has changed since: it cannot be undone, book it back."
            raise RefusedError("built_upon", text)


_Claim = tuple[int, int, int]
"""A line, a position, and how much of it is the line's again."""


def _take_back(
    booking: Booking, entry: EntryRow, move: Move, own: Sequence[tuple[int, int]]
) -> Iterable[_Claim]:
    """Move goods back to where they came from, with what hangs on them; tells who has a claim to them there."""
    back = Move(move.goods, move.qty, move.target, move.source, move.since)
    if kind_of(move.target) == "location":
        stock = booking.books.store.stock(move.goods, move.target)
        if kind_of(move.source) == "location":
            _carry_back(booking, stock, back, _by_line(own), entry)
            return []
        _release(booking, stock, move.qty, entry)
    position = booking.move(back)
    return [(line_id, position, qty) for line_id, qty in own if _give_back(booking, line_id, qty, back)]


def _by_line(own: Sequence[tuple[int, int]]) -> dict[int, int]:
    """How much of each line went along: a line may have had several promises on the goods."""
    total: dict[int, int] = {}
    for line, qty in own:
        total[line] = total.get(line, 0) + qty
    return total


def _carry_back(booking: Booking, stock: Stock, back: Move, own: dict[int, int], entry: EntryRow) -> None:
    """A move between places: the promises that came along go back along; later ones are released."""
    going: list[tuple[Promise, int]] = []
    for promise in booking.promises_on([stock]):
        if part := min(promise.qty, own.get(promise.line.id, 0)):
            own[promise.line.id] -= part
            going.append((promise, part))
    along = sum(qty for _, qty in going)
    _release(booking, stock, back.qty - along, entry, but={p.id: q for p, q in going})
    carry_over(booking, stock, back.qty, going, back.target)


def _release(
    booking: Booking, stock: Stock, qty: int, entry: EntryRow, *, but: Mapping[int, int] | None = None
) -> None:
    """End the promises made on goods by the booking itself, then as many later ones as stand in the way."""
    promises = booking.promises_on([stock])
    free, left = stock.free, dict(but or {})
    made = booking.books.orders.made_by([promise.id for promise in promises], entry.fact)
    wanted = qty
    # The last in the order of service first.
    for own_only in (True, False):
        for promise in reversed(promises):
            if (promise.id in made) is not own_only:
                continue
            may_end = promise.qty - left.get(promise.id, 0)
            part = min(may_end, wanted if own_only else qty - free)
            if part > 0:
                booking.release(promise, part, "undone")
                free, wanted = free + part, wanted - part


def release_made(booking: Booking, position: int, entry: EntryRow, reason: str) -> list[_Claim]:
    """End all promises that an entry's booking made on a position; tells whose they were."""
    promises = booking.promises_on([booking.books.store.position(position)])
    made = booking.books.orders.made_by([promise.id for promise in promises], entry.fact)
    ended = [promise for promise in promises if promise.id in made]
    for promise in ended:
        booking.release(promise, promise.qty, reason)
    return [(promise.line.id, promise.position, promise.qty) for promise in ended]


def _give_back(booking: Booking, line_id: int, qty: int, back: Move) -> bool:
    """A pick, shipment or return is taken back: its line stands as before. Tells whether it claims the goods."""
    line, has = booking.books.orders.line_with(line_id)
    is_over = has["is_cancelled"] > 0
    left, came = kind_of(back.source), kind_of(back.target)
    if left in _COLUMN:
        changes = {_COLUMN[left]: -qty}
        if came in _COLUMN:
            changes[_COLUMN[came]] = qty
        elif is_over:
            changes["cancelled"] = qty
        booking.change_line(line, reason="undone", **changes)
        return came == "location" and not is_over
    if came == "picked":
        _pick_again(booking, line, has, qty)
    return False


def _promise_again(booking: Booking, line_id: int, position: int, qty: int) -> None:
    """Goods are back where they were promised to a line: so is its promise, as far as it waits and they are free."""
    line, has = booking.books.orders.line_with(line_id)
    stock = booking.books.store.position(position)
    part = min(qty, has["waiting"], stock.free)
    if part > 0 and not (stock.expiry and stock.expiry < booking.good_until):
        booking.promise(line, stock, part)


_COLUMN = {"picked": "picked", "customer": "shipped"}
"""The column of a line that goods in an account of this kind count for."""


def _pick_again(booking: Booking, line: WaitingLine, has: Mapping[str, int], qty: int) -> None:
    """A return of picked goods is taken back: they are the order's again, what it was served since is not needed."""
    if has["is_cancelled"]:
        booking.change_line(line, cancelled=-qty, picked=qty)
        return
    promises = reversed(booking.books.orders.promises_to(line.id))
    for promise, part in upto(max(0, qty - has["waiting"]), [(promise, promise.qty) for promise in promises]):
        booking.release(promise, part, "undone")
    booking.change_line(line, picked=qty)


def _forget(booking: Booking, scan: Scan, entry: EntryRow) -> None:
    """What the booking noted beside goods: serials, announcements, labels, exceptions, codes."""
    records, desk, store, undo = scan.books.records, scan.books.desk, scan.books.store, entry.undo
    records.forget_received(undo.get("keys", ()))
    for line, qty in undo.get("asn", ()):
        booking.change_level(records.expect_again(line, qty), EXPECTED, qty)
    if f"sscc:{desk.station(scan.station.id).get('pallet')}" in undo.get("keys", ()):
        desk.write_station(scan.station.id, {})
    if first := undo.get("jobs", (0, 0))[0]:
        for printer in scan.books.labels.void(first, undo["jobs"][1]):
            settle_held(booking, printer)
    for job, qty in undo.get("spent", ()):
        scan.books.labels.spend(job, -qty)
    for sku, account, before in undo.get("counts", ()):
        store.forget_count(sku, account, entry.fact, before)
    for code, sku, _, pack in undo.get("codes", ()):
        if pack:
            records.write_code(CodeRow(code, sku, pack), gtin14(code) or "")
        else:
            records.remove_code(code)
    for was, _ in desk.still_begun(undo.get("begun", ()), entry.entry):
        desk.change_begun(was)
    _settle_exceptions(booking, undo)


def _settle_exceptions(booking: Booking, undo: Mapping[str, Any]) -> None:
    """What the booking raised is over, unless its cause is not; what it cleared is as it was before."""
    desk = booking.books.desk
    for id_ in undo.get("raised", ()):
        known = desk.exception(id_)
        if known is None or known.kind in _FOLLOWING or known.kind in _ENDS.values():
            continue
        # An undo before this one may have raised it anew, under another id.
        open_id = desk.open_exception(known.kind, known.about)
        same = desk.exception(open_id) if open_id is not None else None
        is_wanted = known.kind == "unknown_item" and booking.waiting_for(known.about)
        if same is not None and same.text == known.text and not is_wanted:
            booking.clear_by_id(same.id, known.kind, known.about, _UNDONE)
    for move in booking.moves:
        kind = _ENDS.get(kind_of(move.source))
        if kind is not None and not booking.books.store.goods_at(move.source, move.goods.sku):
            booking.clear_exception(kind, f"{place_of(move.source)} {move.goods.sku}", _UNDONE)
    for id_ in undo.get("cleared", ()):
        known = desk.exception(id_)
        if known is not None and known.kind not in _FOLLOWING:
            booking.raise_exception(known.kind, known.about, known.text)


_UNDONE = "what raised it was undone"
_ENDS = {"missing": "count_needed", "quarantine": "damaged"}
"""The exceptions that are over when nothing is left in an account of the place, whoever brought it there."""
_FOLLOWING = frozenset({"unfulfillable", "low_stock", "restock"})
"""Whether orders and items are short is found out anew anyway."""
