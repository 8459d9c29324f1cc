"""INFO: what the books say of an item, a place, an order, a label, a pallet; nothing is booked (contract section 3)."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from edge.domain.dialogue import Dialogue
from edge.facts import LabelPrinted, Verdict
from tests.house import PEN_GTIN, House, settings

PALLET = "]C100376123450000000429"
SSCC = "376123450000000429"


@pytest.fixture(autouse=True)
def _catalogue(house: House) -> None:
    items = [
        {"sku": "PEN", "name": "Pen, blue", "codes": [{"code": PEN_GTIN, "pack": 10}]},
        {"sku": "INK", "name": "Ink"},
    ]
    house.done("catalogue.upsert", {"items": items})


def _info(house: House, code: str) -> str:
    house.told()
    before = house.rows("SELECT count(*) FROM entries")
    house.scans("CMD:INFO")

    answer = house.scan(code)

    assert answer.verdict is Verdict.ACCEPT, answer
    assert house.told() == []
    assert house.rows("SELECT count(*) FROM entries") == before
    return answer.text


# -- an item ------------------------------------------------------------------------------------------------------


def test_an_item_tells_where_it_is_and_who_waits_for_it(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.receive("PEN", 2, at="A-02")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:1", "SKU:PEN")
    house.scans("CMD:DAMAGE", "LOC:A-02", "SKU:PEN")
    for n in range(1, 6):
        house.order(f"SO-{n}", ("PEN", 3))
    asn = {"asn": "ASN-1", "lines": [{"line": 1, "sku": "PEN", "qty": 7}]}
    house.done("asn.announce", asn)

    assert _info(house, "SKU:PEN") == (
        "PEN Pen, blue: 5 on hand, 0 available. At A-01 4, A-02 1. Missing at A-01 1. In quarantine at A-02 1."
        " 10 wait, first SO-2 for 1, SO-3 for 3, SO-4 for 3. 7 announced."
    )


def test_an_item_may_be_asked_for_by_any_of_its_codes_whatever_they_count(house: House) -> None:
    house.receive("PEN", 5, at="A-01")

    plain = _info(house, PEN_GTIN)
    # A count that could not be booked is no reason not to tell.
    counted = _info(house, f"]C101{PEN_GTIN}3012")

    assert plain == counted == "PEN Pen, blue: 5 on hand, 5 available. At A-01 5."


def test_many_places_are_not_all_named(house: House) -> None:
    for n in range(1, 8):
        house.receive("PEN", 1, at=f"A-0{n}")

    assert _info(house, "SKU:PEN").endswith("At A-01 1, A-02 1, A-03 1, A-04 1, A-05 1 and 2 more.")


def test_an_item_that_only_waits_or_was_never_here_is_told_as_such(house: House) -> None:
    house.order("SO-1", ("NIB", 3))

    assert _info(house, "SKU:NIB") == "NIB: 0 on hand, 0 available. 3 wait, first SO-1 for 3."
    assert _info(house, "SKU:INK") == "INK Ink: there was never any of it here."


@pytest.mark.parametrize("code", ["SKU:NIB", "07612345009995"])
def test_what_neither_catalogue_nor_stock_knows_is_refused(house: House, code: str) -> None:
    house.scans("CMD:INFO")

    answer = house.scan(code)

    assert (answer.why, answer.text) == (
        "unknown_item",
        f"Neither catalogue nor stock knows {code.removeprefix('SKU:')}.",
    )


def test_stock_of_an_item_that_would_not_be_taken_in_any_more_is_told(house: House, tmp_path: Path) -> None:
    house.receive("NIB", 2, at="A-01")
    house.restart(settings(tmp_path, unknown="reject"))

    assert _info(house, "SKU:NIB") == "NIB: 2 on hand, 2 available. At A-01 2."


# -- a place ------------------------------------------------------------------------------------------------------


def test_a_place_tells_what_is_there_and_what_is_missing_or_set_aside(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.receive("PEN", 5, at="A-01", lot="C8")
    house.receive("INK", 3, at="A-01")
    house.scans("CMD:MISSING", "LOC:A-01", "QTY:1", "SKU:INK", "CMD:DAMAGE", "LOC:A-01", "SKU:PEN")

    assert _info(house, "LOC:A-01") == (
        "A-01: 2 INK, 9 PEN. Missing there: 1 INK. In quarantine there: 1 PEN."
    )


def test_a_place_with_nothing_is_empty_and_with_much_names_the_first_five(house: House) -> None:
    for n in range(1, 8):
        house.receive(f"SKU-{n}", 1, at="A-01")

    assert _info(house, "LOC:A-02") == "A-02 is empty."
    assert _info(house, "LOC:A-01") == "A-01: 1 SKU-1, 1 SKU-2, 1 SKU-3, 1 SKU-4, 1 SKU-5 and 2 more."


# -- an order -----------------------------------------------------------------------------------------------------


def test_an_order_tells_how_it_stands_line_by_line(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 5), ("INK", 2), customer="ACME")
    pen = {"line": 1, "sku": "INK", "qty": 9}
    house.done("asn.announce", {"asn": "ASN-1", "eta": "2026-11-22T10:00:00Z", "lines": [pen]})
    house.scans("CMD:PICK", "ORD:SO-1", "LOC:A-01", "QTY:2", "SKU:PEN")

    assert _info(house, "ORD:SO-1") == (
        "SO-1 for ACME waits: line 1: 5 PEN, allocated 3 at A-01, 2 picked;"
        " line 2: 2 INK, 2 waiting (expected 2026-11-22 10:00)."
    )


def test_an_order_on_hold_ready_shipped_or_cancelled_says_so(house: House) -> None:
    house.receive("PEN", 9, at="A-01")
    for n in range(1, 6):
        house.order(f"SO-{n}", ("PEN", 1))
    house.done("order.hold", {"order": "SO-1", "reason": "unpaid"})
    house.done("order.hold", {"order": "SO-2"})
    house.done("order.cancel", {"order": "SO-3"})
    house.scans("CMD:SHIP", "ORD:SO-4")

    said = [_info(house, f"ORD:SO-{n}").partition(":")[0] for n in range(1, 6)]

    assert said == [
        *(
            "SO-1 is on hold (unpaid)",
            "SO-2 is on hold",
            "SO-3 is cancelled",
            "SO-4 is shipped",
            "SO-5 is ready",
        )
    ]


def test_an_order_with_many_lines_names_the_first_five(house: House) -> None:
    house.order("SO-1", *(("PEN", 1) for _ in range(7)))

    assert _info(house, "ORD:SO-1").endswith("line 5: 1 PEN, 1 waiting; and 2 lines more.")


def test_an_order_that_is_not_here_is_refused(house: House) -> None:
    house.scans("CMD:INFO")

    answer = house.scan("ORD:SO-9")

    assert (answer.why, answer.text) == ("unknown_order", "There is no order SO-9 here.")


# -- a label ------------------------------------------------------------------------------------------------------


def test_a_backorder_label_tells_its_order_and_where_its_goods_are(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 3, lot="B7")
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'backorder'")
    house.receive("PEN", 3, at="A-02", lot="B7")
    house.post(LabelPrinted(1))

    assert _info(house, f"LBL:{label}") == (
        f"Label {label}, backorder for SO-1: 2 PEN of lot B7; of 2026-11-21 09:00, printed. At DOCK-1 2."
    )


def test_a_putaway_label_is_known_by_its_symbol_too(house: House) -> None:
    house.receive("PEN", 3)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:3", "SKU:PEN", "LOC:A-01")

    said = _info(house, f"]C191{label}")

    assert said == f"Label {label}, putaway: 3 PEN; of 2026-11-21 09:00, waiting to be printed. At A-01 3."


def test_a_label_that_is_void_is_told_with_the_reason_and_where_its_goods_are_now(house: House) -> None:
    house.receive("PEN", 3)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:UNDO")
    house.receive("PEN", 3, at="A-01")

    assert _info(house, f"LBL:{label}") == (
        f"Label {label}, putaway: 3 PEN; of 2026-11-21 09:00, not printed."
        f" Label {label} is void: what it was printed for was undone. At A-01 3."
    )


def test_a_label_that_is_spent_tells_whose_its_goods_are(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.receive("PEN", 2)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:PICK", f"LBL:{label}")

    assert _info(house, f"LBL:{label}").endswith(
        f"Label {label} was picked already: its goods are SO-1's. Picked for SO-1 2."
    )


def test_a_label_that_is_none_of_ours_is_refused(house: House) -> None:
    house.scans("CMD:INFO")

    assert house.scan("LBL:feed-1").why == "unknown_label"


# -- a pallet -----------------------------------------------------------------------------------------------------


def _announce(house: House, eta: str | None) -> None:
    contents = [{"sku": "PEN", "qty": 4}, {"sku": "INK", "qty": 2}]
    pallets = [{"sscc": SSCC, "contents": contents}]
    house.done("asn.announce", {"asn": "ASN-1", "pallets": pallets, **({"eta": eta} if eta else {})})


def test_an_announced_pallet_tells_by_whom_and_when_it_is_expected(house: House) -> None:
    _announce(house, None)
    assert _info(house, PALLET) == f"Pallet {SSCC} is announced by ASN-1: 2 INK, 4 PEN."

    _announce(house, "2026-11-22T10:00:00Z")
    assert _info(house, PALLET) == (
        f"Pallet {SSCC} is announced by ASN-1, expected 2026-11-22 10:00: 2 INK, 4 PEN."
    )


def test_a_pallet_that_is_here_tells_what_is_on_it_and_where_the_rest_went(house: House) -> None:
    _announce(house, None)
    house.scans("CMD:RECEIVE", "LOC:A-01", PALLET, "CMD:MISSING", "LOC:A-01", "QTY:1", "SKU:PEN")

    assert _info(house, PALLET) == f"Pallet {SSCC}. At A-01: 2 INK, 3 PEN. Missing at A-01: 1 PEN."


def test_a_pallet_that_nobody_knows_is_refused(house: House) -> None:
    house.scans("CMD:INFO")

    answer = house.scan(PALLET)

    assert (answer.why, answer.text) == ("not_here", f"Pallet {SSCC} is not here, and nobody announced it.")


# -- the dialogue -------------------------------------------------------------------------------------------------


def test_a_place_or_order_that_is_asked_for_is_not_that_of_the_dialogue(house: House) -> None:
    house.order("SO-1", ("PEN", 1))

    _info(house, "LOC:A-01")
    _info(house, "ORD:SO-1")

    ((kept,),) = house.rows("SELECT state FROM dialogues WHERE id = 'gun-1'")
    assert "A-01" not in kept.replace('"LOC:A-01"', "").replace("A-01 is empty", "")
    assert '"order"' not in kept
    state = json.loads(kept)
    assert (state["mode"], state["last_code"]) == ("info", "ORD:SO-1")
    assert {"location", "order"} <= {field.name for field in fields(Dialogue)}
    assert {"location", "order"}.isdisjoint(state)
