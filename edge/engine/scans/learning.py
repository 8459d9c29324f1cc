"""LEARN: the box is taught a carton's code, and central hears of it (contract section 3).

The code comes first, then the item that it is of, and only then anything is booked. QTY says how many are in the pack,
before the item or right behind it. Goods that were taken in before under the code's digits become the item's.
"""

from dataclasses import replace

from edge.domain import journal
from edge.domain.codes import MAX_QUANTITY_EA, Code, Gs1Code, ItemCode, Refused, SiteCode, bare, gtin14
from edge.domain.dialogue import undoable
from edge.domain.journal import Move
from edge.domain.requests import ItemCode as Listing
from edge.engine import identifying
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.own_labels import voided
from edge.engine.refusals import RefusedError
from edge.engine.scans import scenes
from edge.engine.scans.items import gtin_in, item_of, named, own_label, refuse_none
from edge.engine.scans.undoing import release_made, went_on_since
from edge.engine.scene import Scan
from edge.engine.words import short
from edge.ledger.desk import BegunRow
from edge.ledger.records import CodeRow
from edge.ledger.store import EntryRow


def teach(scan: Scan, code: Code) -> str:
    """Take the code to teach in hand. Raises RefusedError."""
    wanted = _code_in(scan, code)
    known = _listed(scan.books, wanted)
    scan.dialogue = replace(scan.dialogue, teaching=wanted, taught=())
    until_now = f"{short(known.code)} is {known.sku}, {known.pack} to the pack, until now. " if known else ""
    return f"{until_now}Now scan the item this code is of."


def learn(scan: Scan, code: Code) -> str:
    """From now on the code in hand is this item; tells it in words. Raises RefusedError."""
    books, wanted, stated = scan.books, scan.dialogue.teaching, scan.dialogue.quantity
    sku = _item_in(scan, code)
    refuse_none(scan.dialogue)
    known = _listed(books, wanted)
    if known is not None and known.sku != sku:
        text = f"{short(known.code)} is {known.sku}'s already, and a code is one item's. Central can change that."
        raise RefusedError("duplicate", text)
    row = CodeRow(known.code if known else wanted, sku, stated or (known.pack if known else 1))
    hint = "" if stated else " Another pack? Scan QTY now."
    # Digits that follow are another number.
    scan.dialogue = replace(scan.dialogue, teaching="", taught=(row.code, sku), is_typed=False)
    if row == known:
        return f"{short(row.code)} is {sku}'s already, {row.pack} to the pack.{hint}"
    wrong = _last(scan, known)
    went_on = _went_on(books, wrong) if wrong is not None else ""
    # Who scans all of it anew must get on: the code is right from now on, and somebody counts.
    wrong = None if went_on else wrong
    _refuse_too_many(books, row, wrong)
    scan.attention = bool(went_on)
    return _book(scan, row, known, wrong) + (f" {went_on} meanwhile: count it." if went_on else hint)


def repack(scan: Scan, code: Code) -> str:
    """Behind the item QTY and NUM say how many are in its pack; else they wait for the item. Raises RefusedError."""
    before = scan.dialogue
    known = _listed(scan.books, before.taught[0]) if before.taught else None
    if known is None or (known.code, known.sku) != before.taught:
        return scenes.set_scene(scan, code)
    if before.is_typed:
        # The digits before this one are the pack by now.
        scan.dialogue = replace(before, quantity=known.pack)
    scene = scenes.scene_of(scan, code).dialogue
    scan.dialogue = replace(before, is_typed=scene.is_typed)
    if scene.quantity is None:
        return f"{short(known.code)} is {known.sku}, {known.pack} to the pack, until you scan another number."
    refuse_none(scene)
    row = replace(known, pack=scene.quantity)
    if row == known:
        return f"{short(row.code)} is {row.sku}'s already, {row.pack} to the pack."
    wrong = _last(scan, known)
    if wrong is not None and (went_on := _went_on(scan.books, wrong)):
        text = f"{went_on} since. Scan QTY, the code and the item for what comes from now on, and count it."
        raise RefusedError("built_upon", text)
    _refuse_too_many(scan.books, row, wrong)
    # Whoever scans QTY first meant it for the next code, perhaps: a number that was said is not lost unseen.
    scan.attention = known.pack != 1 and not before.is_typed
    return _book(scan, row, known, wrong)


# -- what is scanned -------------------------------------------------------------------------------------------


def _code_in(scan: Scan, code: Code) -> str:
    """The code to teach, as the catalogue will list it: without AIM identifier, of a GS1 code its GTIN."""
    if (label := own_label(scan.books, code)) is not None:
        text = f"Label {label.label} is our own: it is known. Scan the code that the carton came with."
        raise RefusedError("own_label", text)
    if isinstance(code, SiteCode):
        text = "LEARN begins with the code that the carton came with: scan that, then the item."
        raise RefusedError("not_wanted", text)
    if isinstance(code, Gs1Code):
        return gtin_in(code)
    return code.code if isinstance(code, ItemCode) else bare(scan.fact.code)


def _item_in(scan: Scan, code: Code) -> str:
    """The item that is scanned behind a code; the catalogue must have it, or a typo would teach nonsense."""
    books = scan.books
    if isinstance(code, Refused):
        raise _unknown(bare(scan.fact.code))
    if (label := own_label(books, code)) is not None:
        if (refused := voided(books, label)) is not None:
            raise refused
        sku = item_of(books, label).sku
    else:
        sku = named(books, code).sku
    if not books.store.by_sku(sku):
        raise _unknown(sku)
    return sku


def _unknown(name: str) -> RefusedError:
    text = f"{short(name)} is no item that the catalogue knows: scan the item, by SKU: or by a code of it."
    return RefusedError("unknown_item", text)


def _listed(books: Books, code: str) -> CodeRow | None:
    return books.records.code_listed(code, gtin14(code) or "")


# -- what is booked --------------------------------------------------------------------------------------------


def _last(scan: Scan, known: CodeRow | None) -> EntryRow | None:
    """This scanner's last booking, if it was the one that made the code what it is."""
    recent = undoable(scan.dialogue, scan.at_ms)
    if known is None or not recent:
        return None
    entry = scan.books.store.entry(recent[-1][0])
    made = [CodeRow(code, sku, pack) for code, sku, pack, _ in entry.undo.get("codes", ())]
    return entry if known in made else None


def _came(entry: EntryRow) -> list[tuple[int, int]]:
    """The positions to which goods came by an entry that named them, and how many cartons that was."""
    return [(position, qty) for position, qty in entry.undo.get("identified", ())]


def _pack_in(entry: EntryRow) -> int:
    ((_, _, pack, _),) = entry.undo["codes"]
    return int(pack)


def _went_on(books: Books, entry: EntryRow) -> str:
    """What became of goods that a learning named, if they are not simply there any more; else empty."""
    for position, qty in _came(entry):
        stock = books.store.position(position)
        if went_on := went_on_since(books.store, entry, stock.goods, stock.account, qty * _pack_in(entry)):
            return went_on[0]
    return ""


def _refuse_too_many(books: Books, row: CodeRow, wrong: EntryRow | None) -> None:
    """What is named at once is one booking, and that has a limit. Raises RefusedError."""
    _, stock = identifying.unknown_under(books.store, row.sku, row.code)
    cartons = sum(each.here for each in stock) + sum(qty for _, qty in (_came(wrong) if wrong else ()))
    if cartons * row.pack > MAX_QUANTITY_EA:
        text = (
            f"{cartons} cartons with {short(row.code)} are here: that makes {cartons * row.pack} pieces, more than"
            f" {MAX_QUANTITY_EA}. Count them, and scan QTY again."
        )
        raise RefusedError("count_differs", text)


def _book(scan: Scan, row: CodeRow, known: CodeRow | None, wrong: EntryRow | None) -> str:
    booking = scan.begin("learned")
    scan.books.records.write_code(row, gtin14(row.code) or "")
    booking.undo.codes.append((row.code, row.sku, row.pack, known.pack if known else 0))
    booking.tell_stock("catalogue.learned", row.sku, {"code": row.code, "sku": row.sku, "pack": row.pack})
    came: list[tuple[int, int]] = []
    if wrong is not None:
        came += _correct(booking, row, wrong)
    came += identifying.identify(booking, row.sku, [Listing(row.code, row.pack)])
    booking.undo.identified += came
    # As where central names them: no labels, since the goods are on their shelves.
    given = booking.serve([row.sku])
    cartons = sum(qty for _, qty in came)
    here = f" {cartons} that were here are {cartons * row.pack} {row.sku} now." if cartons else ""
    served = f" {sum(each.qty for each in given)} of it for waiting orders." if given else ""
    return f"{short(row.code)} is {row.sku} from now on, {row.pack} to the pack.{here}{served}"


def _correct(booking: Booking, row: CodeRow, wrong: EntryRow) -> list[tuple[int, int]]:
    """Goods that were named with another pack are what they would be had this one been said at once."""
    books, came, said = booking.books, _came(wrong), _pack_in(wrong)
    for position, qty in came:
        # Who was served by the mistake is served anew, in the order of service.
        booking.undo.lost += release_made(booking, position, wrong, "adjusted")
        stock, more = books.store.position(position), qty * (row.pack - said)
        if more > 0:
            moves = [Move(stock.goods, more, journal.IDENTIFIED, stock.account, stock.since)]
            booking.move(moves[0])
        else:
            moves = booking.move_all(booking.take_away([stock], -more, "adjusted"), journal.IDENTIFIED)
        identifying.tell(booking, Listing(row.code, row.pack), row.sku, qty * row.pack, moves)
    for was, now in books.desk.still_begun(wrong.undo.get("begun", ()), wrong.entry):
        booking.undo.begun.append(now)
        books.desk.change_begun(BegunRow(*was[:3], now.sku, now.qty // said * row.pack))
    return came
