"""Catalogue and announcements (contract sections 4 and 6)."""

from tests.house import PEN_GTIN, House

EAN = PEN_GTIN[1:]


def _item(sku: str, *codes: tuple[str, int], **fields: object) -> dict[str, object]:
    return {"sku": sku, "codes": [{"code": code, "pack": pack} for code, pack in codes], **fields}


def test_a_code_stands_for_its_item_times_pack(house: House) -> None:
    house.done("catalogue.upsert", {"items": [_item("PEN", ("CARTON-9", 12))]})

    answer = house.scan("CARTON-9")

    assert answer.text == "12 PEN at DOCK-1."
    assert house.level("PEN")["on_hand"] == 12


def test_a_code_that_another_item_holds_is_refused_and_the_others_applied(house: House) -> None:
    house.done("catalogue.upsert", {"items": [_item("PEN", (EAN, 1))]})

    answer = house.done("catalogue.upsert", {"items": [_item("INK", (PEN_GTIN, 1)), _item("CAP", ("C", 1))]})

    (refused,) = answer["refused"]
    assert (refused["at"], refused["code"]) == ("items[0].codes[0].code", "code_taken")
    assert house.rows("SELECT sku FROM items ORDER BY sku") == [("CAP",), ("PEN",)]


def test_an_upsert_of_which_nothing_is_good_is_refused(house: House) -> None:
    house.done("catalogue.upsert", {"items": [_item("PEN", (EAN, 1))]})

    answer = house.command("catalogue.upsert", {"items": [_item("INK", (EAN, 1))]})

    assert (answer["ok"], answer["error"]["code"], len(answer["refused"])) == (False, "code_taken", 1)


def test_fields_left_out_stay_and_codes_given_replace_the_list(house: House) -> None:
    house.done("catalogue.upsert", {"items": [_item("PEN", ("A", 1), name="Pen", home="A-01")]})

    house.done("catalogue.upsert", {"items": [_item("PEN", ("B", 2))]})
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "home": "A-02"}]})

    assert house.rows("SELECT name, home FROM items") == [("Pen", "A-02")]
    assert house.rows("SELECT code, pack FROM codes") == [("B", 2)]


def test_stock_under_a_codes_digits_becomes_the_items_and_serves_its_orders(house: House) -> None:
    house.order("SO-1", ("PEN", 5))
    house.scans("QTY:3", EAN)
    assert house.level(PEN_GTIN)["on_hand"] == 3
    house.told()

    house.done("catalogue.upsert", {"items": [_item("PEN", (EAN, 2))]})

    identified, *rest = house.told()
    assert (identified.type, identified.data["code"], identified.data["qty"]) == ("stock.identified", EAN, 6)
    assert [(move["sku"], move["qty"]) for move in identified.data["moves"]] == [(PEN_GTIN, 3), ("PEN", 6)]
    assert [told.type for told in rest] == [
        "backorder.allocated",
        "order.ready",
        "exception.cleared",
        "exception.cleared",
    ]
    assert (house.level(PEN_GTIN)["on_hand"], house.level("PEN")["on_hand"]) == (0, 6)
    assert house.exceptions() == []


def test_what_is_announced_is_expected_until_it_is_received(house: House) -> None:
    pallet = {"sscc": "376130321109103420", "contents": [{"sku": "PEN", "qty": 10, "lot": "B7"}]}
    house.done("asn.announce", {"asn": "ASN-1", "po": "4711", "pallets": [pallet]})
    assert house.level("PEN")["expected"] == 10

    house.scans("]C100376130321109103420")

    assert (house.level("PEN")["expected"], house.level("PEN")["on_hand"]) == (0, 10)
    assert house.stock("PEN") == {("location:DOCK-1", "B7"): 10}


def test_an_announcement_sent_again_replaces_what_is_not_received(house: House) -> None:
    house.done(
        "asn.announce", {"asn": "ASN-1", "po": "4711", "lines": [{"line": 1, "sku": "PEN", "qty": 10}]}
    )
    house.scans("PO:4711", "QTY:4", "SKU:PEN")
    assert house.level("PEN")["expected"] == 6

    house.done("asn.announce", {"asn": "ASN-1", "po": "4711", "lines": [{"line": 1, "sku": "INK", "qty": 2}]})

    assert (house.level("PEN")["expected"], house.level("INK")["expected"]) == (0, 2)


def test_an_announced_pallet_is_received_once_and_its_items_came_with_it(house: House) -> None:
    pallet = {"sscc": "376130321109103420", "contents": [{"sku": "PEN", "qty": 10}]}
    house.done("asn.announce", {"asn": "ASN-1", "pallets": [pallet]})
    house.scans("00376130321109103420")

    assert house.scan("00376130321109103420").why == "duplicate"
    assert house.scan("SKU:PEN").why == "came_with_pallet"
    house.scans("CMD:DONE", "SKU:PEN")
    assert house.level("PEN")["on_hand"] == 11


def test_a_pallet_on_two_announcements_is_that_of_the_last(house: House) -> None:
    sscc = "376130321109103420"
    for asn, qty in (("ASN-1", 10), ("ASN-2", 12)):
        pallet = {"sscc": sscc, "contents": [{"sku": "PEN", "qty": qty}]}
        house.done("asn.announce", {"asn": asn, "pallets": [pallet]})
    assert house.level("PEN")["expected"] == 12

    house.scans(f"00{sscc}")

    assert (house.level("PEN")["expected"], house.level("PEN")["on_hand"]) == (0, 12)


def test_goods_under_a_number_that_is_an_items_own_stay_that_items(house: House) -> None:
    house.scans(PEN_GTIN)
    house.told()

    house.done("catalogue.upsert", {"items": [{"sku": PEN_GTIN, "codes": [{"code": PEN_GTIN, "pack": 1}]}]})

    assert house.types() == ["exception.cleared"]
    assert house.stock(PEN_GTIN) == {("location:DOCK-1", ""): 1}
