"""Master data of items from central: what they are called, which codes they have (contract section 6)."""

from collections.abc import Sequence

from edge.domain.codes import gtin14
from edge.domain.requests import CatalogueItem, RefusedEntry, UpsertCatalogue
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.identifying import identify
from edge.engine.refusals import CommandError


def upsert(booking: Booking, request: UpsertCatalogue) -> Sequence[RefusedEntry]:
    """Write what is right of a list, and tell what was refused of it. Raises CommandError if nothing was right."""
    refused = list(request.refused)
    good: list[CatalogueItem] = []
    for item in request.items:
        if (problem := _code_taken(booking.books, item)) is None:
            _write_item(booking, item)
            good.append(item)
        else:
            refused.append(problem)
    if not good:
        raise CommandError.of_all(refused)
    for item in good:
        booking.clear_exception("unknown_item", item.sku, "the catalogue has it now")
    booking.serve([item.sku for item in good if identify(booking, item.sku, item.codes)])
    return refused


def _code_taken(books: Books, item: CatalogueItem) -> RefusedEntry | None:
    for n, code in enumerate(item.codes):
        known = books.records.code_listed(code.code, gtin14(code.code) or "")
        if known is not None and known.sku != item.sku:
            text = f"{code.code} is a code of {known.sku} already."
            return RefusedEntry(f"{item.at}.codes[{n}].code", "code_taken", text)
    return None


def _write_item(booking: Booking, item: CatalogueItem) -> None:
    records = booking.books.records
    records.write_item(item)
    if "low_stock" in item.given:
        threshold, available = records.low_stock(item.sku) or (0, 0)
        if max(0, available) >= threshold:
            booking.clear_exception("low_stock", item.sku, "its threshold is another one")
    if "codes" in item.given:
        codes: Sequence[tuple[str, int, str]] = [
            (code.code, code.pack, gtin14(code.code) or "") for code in item.codes
        ]
        records.write_codes(item.sku, list({code[0]: code for code in codes}.values()))
