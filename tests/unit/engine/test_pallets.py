"""Pallets: an SSCC that is here stands for what is on it, and nothing on it comes in twice (contract section 3)."""

from typing import Any

from edge.facts import Verdict
from tests.house import PEN_GTIN, House

SSCC, OTHER = "376123450000000429", "376130321109103420"
YEAR_S = 366 * 86_400


def _announce(house: House, sscc: str, *contents: tuple[str, int], asn: str = "ASN-1") -> None:
    listed: list[dict[str, Any]] = [{"sku": sku, "qty": qty} for sku, qty in contents]
    house.done("asn.announce", {"asn": asn, "pallets": [{"sscc": sscc, "contents": listed}]})


def _arrive(house: House, *contents: tuple[str, int]) -> None:
    _announce(house, SSCC, *contents)
    house.scans(f"00{SSCC}", "CMD:DONE")


def test_a_pallet_beside_its_content_is_the_pallet_once_it_is_here(house: House) -> None:
    _arrive(house, (PEN_GTIN, 4), ("INK", 2))

    house.scans("CMD:MOVE", "LOC:DOCK-1", f"]C100{SSCC}02{PEN_GTIN}374", "LOC:A-01")

    assert (house.stock(PEN_GTIN), house.stock("INK")) == (
        {("location:A-01", ""): 4},
        {("location:A-01", ""): 2},
    )


def test_a_pallet_that_is_not_here_stands_for_the_item_beside_it(house: House) -> None:
    house.scans("QTY:4", PEN_GTIN)

    house.scans("CMD:MOVE", "LOC:DOCK-1", f"]C100{SSCC}02{PEN_GTIN}373", "LOC:A-01")

    assert house.stock(PEN_GTIN) == {("location:A-01", ""): 3, ("location:DOCK-1", ""): 1}


def test_a_pallet_in_hand_is_put_down_with_what_is_left_on_it(house: House) -> None:
    _arrive(house, ("PEN", 4))
    house.scans("CMD:MOVE", "LOC:DOCK-1", f"00{SSCC}")
    for code in ("CMD:DAMAGE", "LOC:DOCK-1", "SKU:PEN"):
        house.scan(code, scanner="gun-2")
    house.told()

    answer = house.scans("LOC:A-01")

    assert (answer.verdict, answer.text) == (Verdict.ATTENTION, "3 pieces moved from DOCK-1 to A-01.")
    assert house.stock("PEN") == {("location:A-01", ""): 3, ("quarantine:DOCK-1", ""): 1}
    assert house.types() == ["stock.moved"]


def test_a_pallet_announced_after_its_goods_came_in_brings_them_no_second_time(house: House) -> None:
    house.scans(f"00{SSCC}", "QTY:4", "SKU:PEN", "CMD:DONE")

    _announce(house, SSCC, ("PEN", 4))
    answer = house.scans(f"00{SSCC}")

    assert answer.text == f"Pallet {SSCC} goes on: scan what is on it."
    assert (house.level("PEN")["on_hand"], house.level("PEN")["expected"]) == (4, 0)


def test_a_pallet_whose_goods_were_undone_may_be_announced(house: House) -> None:
    house.scans(f"00{SSCC}", "QTY:4", "SKU:PEN", "CMD:UNDO", "CMD:DONE")

    _announce(house, SSCC, ("PEN", 4))
    house.scans(f"00{SSCC}")

    assert house.level("PEN")["on_hand"] == 4


def test_the_number_of_a_pallet_may_be_announced_again_after_twelve_months(house: House) -> None:
    _arrive(house, ("PEN", 4))
    house.wait(YEAR_S)

    _announce(house, SSCC, ("PEN", 6), asn="ASN-2")
    assert house.level("PEN")["expected"] == 6
    house.scans(f"00{SSCC}")

    assert house.level("PEN")["on_hand"] == 10


def test_what_came_with_a_pallet_may_be_scanned_after_another_pallets_item(house: House) -> None:
    _announce(house, SSCC, ("PEN", 4))
    house.scans(f"00{SSCC}")
    assert house.scan("SKU:PEN").why == "came_with_pallet"

    house.scans(f"]C100{OTHER}02{PEN_GTIN}371", "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 5
    assert house.rows(
        "SELECT DISTINCT pallet FROM positions WHERE sku = 'PEN' AND qty > 0 ORDER BY pallet"
    ) == [
        ("",),
        (SSCC,),
    ]


def test_an_item_of_a_pallet_that_is_refused_ends_nothing(house: House) -> None:
    house.scans(f"]C100{OTHER}02{PEN_GTIN}371")
    _announce(house, SSCC, ("PEN", 4))
    house.scans(f"00{SSCC}")

    assert house.scan(f"]C100{OTHER}02{PEN_GTIN}371").why == "duplicate"
    assert house.scan("SKU:PEN").why == "came_with_pallet"
