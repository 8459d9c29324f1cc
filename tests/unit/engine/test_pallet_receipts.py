"""Pallets at the door: announced or not, scanned again, and items that name the pallet they are on (contract 3)."""

from typing import Any

from edge.facts import Verdict
from tests.house import PEN_GTIN, House

SSCC, OTHER = "376130321109103420", "376123450000000429"


def _announce(house: House, *contents: dict[str, Any], **fields: Any) -> None:
    house.done("asn.announce", {"asn": "ASN-1", "pallets": [{"sscc": SSCC, "contents": contents}], **fields})


def _on_pallets(house: House) -> list[tuple[Any, ...]]:
    return house.rows("SELECT sku, pallet, qty FROM positions WHERE qty > 0 ORDER BY sku, pallet")


def test_a_pallet_nobody_announced_books_nothing_and_the_items_that_follow_are_on_it(house: House) -> None:
    answer = house.scan(f"]C100{SSCC}")
    assert (answer.verdict, answer.text) == (
        Verdict.ACCEPT,
        f"Nobody announced pallet {SSCC}: scan what is on it, then CMD:DONE.",
    )
    assert house.told() == []

    house.scans("QTY:3", "SKU:PEN", "CMD:DONE", "SKU:PEN")

    assert _on_pallets(house) == [("PEN", "", 1), ("PEN", SSCC, 3)]


def test_a_pallet_nobody_announced_goes_on_when_it_is_scanned_again(house: House) -> None:
    house.scans(f"]C100{SSCC}", "SKU:PEN", "CMD:DONE")

    again = house.scan(f"]C100{SSCC}")
    house.scans("SKU:INK")

    assert (again.verdict, again.text) == (Verdict.ATTENTION, f"Pallet {SSCC} goes on: scan what is on it.")
    assert _on_pallets(house) == [("INK", SSCC, 1), ("PEN", SSCC, 1)]


def test_another_pallet_ends_the_one_that_is_open(house: House) -> None:
    house.scans(f"]C100{SSCC}", "SKU:PEN", f"]C100{OTHER}", "SKU:INK")

    assert _on_pallets(house) == [("INK", OTHER, 1), ("PEN", SSCC, 1)]


def test_an_item_that_names_its_pallet_is_on_it_and_received_once(house: House) -> None:
    code = f"]C100{SSCC}02{PEN_GTIN}3712"

    answer = house.scans(code)

    assert answer.text == f"12 {PEN_GTIN} at DOCK-1."
    assert _on_pallets(house) == [(PEN_GTIN, SSCC, 12)]
    assert [told.data["sscc"] for told in house.told() if told.type == "stock.received"] == [SSCC]
    again = house.scan(code)
    assert (again.why, again.text) == ("duplicate", f"Pallet {SSCC} was received already.")


def test_an_item_that_names_an_announced_pallet_stands_for_all_that_is_on_it(house: House) -> None:
    _announce(house, {"sku": "PEN", "qty": 5}, {"sku": "INK", "qty": 2})
    code = f"]C100{SSCC}02{PEN_GTIN}3712"

    house.scans(code)

    assert _on_pallets(house) == [("INK", SSCC, 2), ("PEN", SSCC, 5)]
    assert house.scan(code).why == "duplicate"


def test_a_pallet_that_is_announced_no_more_is_one_that_nobody_announced(house: House) -> None:
    _announce(house, {"sku": "PEN", "qty": 5})
    house.done("asn.cancel", {"asn": "ASN-1"})

    assert house.scans(f"]C100{SSCC}").text.startswith(f"Nobody announced pallet {SSCC}")


def test_a_pallet_that_is_here_is_not_expected_when_it_is_announced_again(house: House) -> None:
    """Central sends a late correction: the pallet stays received, and its time passes without a word."""
    _announce(house, {"sku": "PEN", "qty": 5})
    house.scans(f"]C100{SSCC}")

    _announce(house, {"sku": "PEN", "qty": 5}, eta="2026-11-21T09:30:00Z")
    house.told()
    house.wait(3600)
    house.tick()

    assert (house.told(), house.level("PEN")["expected"]) == ([], 0)
    assert house.scan(f"]C100{SSCC}").why == "duplicate"


def test_what_of_a_pallet_goes_missing_is_told_item_by_item_on_labels_of_their_own(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("INK", 1))
    _announce(house, {"sku": "PEN", "qty": 5}, {"sku": "INK", "qty": 2})
    house.scans(f"]C100{SSCC}")

    house.scans("CMD:MISSING", "LOC:DOCK-1", f"]C100{SSCC}")

    labels = house.rows(
        "SELECT sku, qty, content ->> '$.fields.orders' FROM labels WHERE kind = 'missing' ORDER BY job"
    )
    assert labels == [("INK", 2, "SO-2: 1 waits"), ("PEN", 5, "SO-1: 2 waits")]
