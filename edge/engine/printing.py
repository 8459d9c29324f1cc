"""Which labels a booking prints, and what they say. Where no printer is set, none."""

from collections.abc import Mapping, Sequence

from edge.domain import labels
from edge.domain.allocation import Allocation
from edge.domain.gs1 import GS, format_fault, iso_date
from edge.domain.journal import Goods, location, place_of
from edge.domain.labels import LabelContent
from edge.engine import fallback
from edge.engine.booking import Booking
from edge.engine.fallback import printer_at
from edge.engine.label_jobs import settle_held
from edge.engine.scene import Scan
from edge.ledger.labels import LabelRow


def backorders(scan: Scan, booking: Booking, given: Sequence[Allocation]) -> None:
    """A label for each allocation, in the order of service: it takes the goods to whom they are due."""
    printer = printer_at(scan.books, scan.station.id)
    if printer is None:
        return
    names: dict[str, str] = {}
    for each in given:
        sku, stock = each.line.sku, each.stock
        order = booking.orders[each.line.order].row
        if sku not in names:
            names[sku] = scan.books.store.item(sku).name
        fields = {
            "label": booking.next_label(),
            "order": order.id,
            "line": each.line.line.strip('"'),
            "to": order.customer or order.lane or "",
            "sku": sku,
            "name": names[sku],
            "quantity": str(each.qty),
            "lot": stock.lot,
            "expiry": stock.expiry,
            "place": place_of(stock.account),
            "express": "EXPRESS" if order.express else "",
        }
        content = LabelContent(labels.BACKORDER, fields)
        booking.print(
            printer,
            content,
            stock=(sku, stock.lot, stock.expiry, each.qty),
            order=order.id,
            station=scan.station.id,
        )


def arrived(
    scan: Scan,
    booking: Booking,
    given: Sequence[Allocation],
    goods: Mapping[Goods, int],
    place: str,
) -> None:
    """Labels for goods that came to a place: for whom they are, and for the rest of each where it should go."""
    backorders(scan, booking, given)
    left, account = dict(goods), location(place)
    for each in given:
        if each.stock.account == account and each.stock.goods in left:
            left[each.stock.goods] -= each.qty
    for of, qty in left.items():
        if qty > 0:
            putaway(scan, booking, of, qty, place)


def putaway(scan: Scan, booking: Booking, goods: Goods, qty: int, place: str) -> None:
    """What is left of a receipt goes to its place; its symbol is read as a scan again."""
    printer = printer_at(scan.books, scan.station.id)
    if printer is None:
        return
    item, label = scan.books.store.item(goods.sku), booking.next_label()
    fields = {
        **{"label": label, "sku": goods.sku, "name": item.name, "quantity": str(qty), "lot": goods.lot},
        **{"expiry": goods.expiry, "place": place, "home": item.home or ""},
        "symbol": symbol(scan.books.store.gtin_of(goods.sku), goods, label, year=int(booking.today[:4])),
    }
    stock = (goods.sku, goods.lot, goods.expiry, qty)
    booking.print(printer, LabelContent(labels.PUTAWAY, fields), stock=stock, station=scan.station.id)


def symbol(gtin: str, goods: Goods, label: str, *, year: int) -> str:
    """Our GS1 element string: item, expiry, lot, label; without a count. A GS ends a variable element.

    What GS1 cannot write is left out, and what it would read as another: a lot with other characters or too many, an
    expiry half a century away. The label's number still tells both.

    >>> symbol("07612345001012", Goods("INK", "I7", "2029-06-30"), "2f9c-17", year=2026).replace(GS, "|")
    '01076123450010121729063010I7|912f9c-17'
    """
    # AI 01, 17 (YYMMDD), 10 and 91; GS1 General Specifications 3 and 7.8.
    parts = [f"01{gtin}"] if gtin else []
    expiry = goods.expiry.replace("-", "")[2:]
    if gtin and expiry and iso_date(expiry, year) == goods.expiry:
        parts.append(f"17{expiry}")
    if gtin and format_fault("10", goods.lot) is None:
        parts.append(f"10{goods.lot}{GS}")
    return "".join([*parts, f"91{label}"])


def quarantine(scan: Scan, booking: Booking, goods: Goods, qty: int, place: str, *, text: str) -> None:
    printer = printer_at(scan.books, scan.station.id)
    if printer is None:
        return
    fields = {
        **{
            "label": booking.next_label(),
            "place": place,
            "sku": goods.sku,
            "quantity": str(qty),
            "reason": text,
        },
        **{"name": scan.books.store.item(goods.sku).name, "lot": goods.lot, "expiry": goods.expiry},
    }
    stock = (goods.sku, goods.lot, goods.expiry, qty)
    booking.print(printer, LabelContent(labels.QUARANTINE, fields), stock=stock, station=scan.station.id)


def restock(booking: Booking, order: str, goods: Goods, qty: int) -> None:
    """Goods picked for an order that was cancelled: what, why, and where they belong."""
    printer = printer_at(booking.books)
    if printer is None:
        return
    item = booking.books.store.item(goods.sku)
    fields = {
        **{"label": booking.next_label(), "order": order, "home": item.home or "", "sku": goods.sku},
        **{"name": item.name, "quantity": str(qty), "lot": goods.lot, "expiry": goods.expiry},
        "reason": f"{order}: cancelled",
    }
    # Not the order's label: it stands for the goods, that they can be put back by it.
    stock = (goods.sku, goods.lot, goods.expiry, qty)
    booking.print(printer, LabelContent(labels.RESTOCK, fields), stock=stock)


def reprint_job(booking: Booking, label: LabelRow) -> tuple[bool, str]:
    """Have a label printed once more, marked; return whether it comes, and say so.

    One that still waits to be printed is not printed twice. One that was held goes on, without the mark if it was
    never sent. One that was made in shadow gets the mark, too: the system beside us has labelled the goods.
    """
    books, labels, name = booking.books, booking.books.labels, label.label
    if waiting := labels.jobs_open(name):
        return False, f"Label {name} waits for {waiting[0].printer} still: see to the printer."
    if held := labels.jobs_held(name):
        printer = fallback.now(books, held[0].printer, label.station)
        labels.let_go(held[0].job, booking.at_ms, printer)
        settle_held(booking, held[0].printer)
        return True, f"Label {name} was held, and is printed by {printer}."
    # A job of its own: an older one must not come between a label whose end is unknown and its copy.
    books.records.job += 1
    printer = fallback.now(books, label.printer, label.station)
    labels.copy(
        label.job, books.records.job, booking.number, booking.at_ms, booking.label_status, printer=printer
    )
    if booking.is_shadow:
        whose = "this scanner" if booking.scanner and not books.settings.shadow else "this node"
        return True, f"Label {name} is not printed again: {whose} is in shadow."
    return True, f"Label {name} is printed again, marked COPY."


def missing(scan: Scan, booking: Booking, sku: str, qty: int, place: str) -> None:
    """Tell the picker of each order that was hit where its goods are now, or that it waits."""
    printer = printer_at(scan.books, scan.station.id)
    if printer is None:
        return
    lost: dict[int, int] = {}
    order_of: dict[int, str] = {}
    for line, released in booking.released.values():
        if line.sku == sku:
            lost[line.id] = lost.get(line.id, 0) + released
            order_of[line.id] = line.order
    told = []
    for line_id, gone in lost.items():
        again = [each for each in booking.given if each.line.id == line_id]
        told += [f"{order_of[line_id]}: now {each.qty} from {place_of(each.stock.account)}" for each in again]
        if (rest := gone - sum(each.qty for each in again)) > 0:
            told.append(f"{order_of[line_id]}: {rest} waits")
    fields = {
        **{
            "label": booking.next_label(),
            "place": place,
            "sku": sku,
            "name": scan.books.store.item(sku).name,
        },
        **{"quantity": str(qty), "orders": "\n".join(told)},
    }
    content = LabelContent(labels.MISSING, fields)
    booking.print(printer, content, stock=(sku, "", "", qty), station=scan.station.id)
