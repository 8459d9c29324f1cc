"""DAMAGE, RELEASE, SCRAP: goods set aside, back in stock, or gone (contract section 3)."""

from collections.abc import Sequence

import pytest

from edge.facts import Verdict
from tests.house import House, Told

PALLET = "]C100376123450000000429"
SSCC = "376123450000000429"


@pytest.fixture(autouse=True)
def _catalogue(house: House) -> None:
    house.done("catalogue.upsert", {"items": [{"sku": sku} for sku in ("PEN", "INK")]})


def _move(qty: int, source: str, target: str, **goods: str) -> dict[str, object]:
    of = {"sku": "PEN", "lot": None, "expiry": None, "pallet": None, **goods}
    return {**of, "qty": qty, "from": source, "to": target}


def _set_aside(house: House, qty: int, *scene: str) -> None:
    house.scans("CMD:DAMAGE", "LOC:A-01", *scene, f"QTY:{qty}", "SKU:PEN")


def _labels(house: House) -> list[tuple[str, str]]:
    return [
        (kind, qty) for kind, qty in house.rows("SELECT kind, content ->> '$.fields.quantity' FROM labels")
    ]


def _levels(house: House, **changed: int) -> dict[str, int]:
    return {**dict.fromkeys(house.level("NOTHING"), 0), **changed}


# -- DAMAGE -------------------------------------------------------------------------------------------------------


def test_damaged_goods_go_into_quarantine_one_by_one_where_no_quantity_says_otherwise(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    house.told()

    answer = house.scans("OP:eve", "CMD:DAMAGE", "LOC:A-01", "SKU:PEN")

    assert (answer.verdict, answer.text) == (Verdict.ATTENTION, "1 PEN set aside at A-01.")
    damaged, raised = house.told()
    assert damaged == Told(
        "stock.damaged",
        {
            **{"sku": "PEN", "qty": 1, "lot": "B7", "expiry": None, "location": "A-01"},
            **{"station": "dock-1", "scanner": "gun-1", "operator": "eve"},
            **{"serial": None, "pack": 1, "count": 1},
            "moves": [_move(1, "location:A-01", "quarantine:A-01", lot="B7")],
        },
    )
    assert (raised.data["kind"], raised.data["about"], raised.data["text"]) == (
        "damaged",
        "A-01 PEN",
        "1 PEN damaged at A-01: CMD:RELEASE or CMD:SCRAP takes them out of quarantine.",
    )
    assert house.level("PEN") == _levels(house, on_hand=4, quarantine=1)


def test_damaged_goods_get_a_label_for_each_lot(house: House) -> None:
    house.receive("PEN", 2, at="A-01", lot="B7")
    house.receive("PEN", 2, at="A-01", lot="C8")
    first = len(_labels(house))

    _set_aside(house, 3)

    assert _labels(house)[first:] == [("quarantine", "2"), ("quarantine", "1")]
    assert house.rows(
        "SELECT DISTINCT content ->> '$.fields.reason' FROM labels WHERE kind = 'quarantine'"
    ) == [("damaged",)]


def test_who_was_promised_damaged_goods_is_served_from_elsewhere(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 1), express=True)
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 1, at="A-02")
    house.told()

    _set_aside(house, 2)

    assert [(each.type, each.data.get("order"), each.data.get("reason")) for each in house.told()] == [
        ("stock.damaged", None, None),
        ("backorder.released", "SO-2", "damaged"),
        ("backorder.allocated", "SO-2", None),
        ("backorder.waiting", "SO-2", "damaged"),
        ("order.unfulfillable", "SO-2", None),
        ("exception.raised", None, None),
        ("exception.raised", None, None),
    ]
    assert house.promises("SO-1") == {("location:A-01", ""): 1}
    assert house.promises("SO-2") == {("location:A-02", ""): 1}


def test_a_lot_that_was_scanned_is_the_one_that_is_damaged(house: House) -> None:
    house.receive("PEN", 2, at="A-01", lot="B7")
    house.receive("PEN", 2, at="A-01", lot="C8")

    _set_aside(house, 1, "LOT:C8")

    assert house.stock("PEN")["quarantine:A-01", "C8"] == 1


def test_more_damaged_than_the_ledger_has_is_what_it_has(house: House) -> None:
    house.receive("PEN", 2, at="A-01")
    house.scans("CMD:DAMAGE", "LOC:A-01")

    answer = house.scans("QTY:5", "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert answer.text == "The ledger had only 2 PEN at A-01, not 5: all of it is set aside."
    assert house.stock("PEN") == {("quarantine:A-01", ""): 2}


def test_what_the_ledger_does_not_have_there_cannot_be_damaged(house: House) -> None:
    house.receive("PEN", 2, at="A-02")
    house.scans("CMD:DAMAGE", "LOC:A-01")

    answer = house.scan("SKU:PEN")

    assert (answer.why, answer.text) == (
        "not_here",
        "A-01 has no PEN: scan the place. The ledger has it at A-02.",
    )


def _pallet(house: House, contents: Sequence[dict[str, object]]) -> None:
    house.done("asn.announce", {"asn": "ASN-1", "pallets": [{"sscc": SSCC, "contents": list(contents)}]})
    house.scans("CMD:RECEIVE", "LOC:A-01", PALLET)


def test_a_pallet_is_damaged_with_all_that_is_on_it_and_keeps_its_number(house: House) -> None:
    _pallet(house, [{"sku": "PEN", "qty": 4}, {"sku": "INK", "qty": 2}])
    house.told()

    answer = house.scans("CMD:DAMAGE", "LOC:A-01", PALLET)

    assert answer.text == "2 INK set aside at A-01. 4 PEN set aside at A-01."
    told = [each.data for each in house.told() if each.type == "stock.damaged"]
    assert [(data["sku"], data["qty"], data["sscc"]) for data in told] == [("INK", 2, SSCC), ("PEN", 4, SSCC)]
    assert house.rows("SELECT DISTINCT pallet FROM positions WHERE account = 'quarantine:A-01'") == [(SSCC,)]
    assert house.exceptions() == [("damaged", "A-01 INK"), ("damaged", "A-01 PEN")]


# -- RELEASE ------------------------------------------------------------------------------------------------------


def test_released_goods_serve_who_waits_and_the_rest_is_put_away(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    _set_aside(house, 5)
    house.order("SO-1", ("PEN", 2))
    house.told()
    first = len(_labels(house))

    answer = house.scans("CMD:RELEASE", "LOC:A-01", "QTY:4", "SKU:PEN")

    assert (answer.verdict, answer.text) == (Verdict.ACCEPT, "4 PEN back in stock at A-01.")
    told = house.told()
    assert [each.type for each in told] == ["stock.released", "backorder.allocated", "order.ready"]
    assert told[0].data["moves"] == [_move(4, "quarantine:A-01", "location:A-01")]
    assert _labels(house)[first:] == [("backorder", "2"), ("putaway", "2")]
    assert house.exceptions() == [("damaged", "A-01 PEN")]
    assert house.level("PEN") == _levels(house, on_hand=4, allocated=2, quarantine=1)


@pytest.mark.parametrize("mode", ["CMD:RELEASE", "CMD:SCRAP"])
def test_once_nothing_is_left_in_quarantine_there_the_exception_is_cleared(house: House, mode: str) -> None:
    house.receive("PEN", 3, at="A-01")
    _set_aside(house, 2)

    house.scans(mode, "LOC:A-01", "SKU:PEN")
    assert house.exceptions() == [("damaged", "A-01 PEN")]
    house.scans("SKU:PEN")

    assert house.exceptions() == []


@pytest.mark.parametrize("mode", ["CMD:RELEASE", "CMD:SCRAP"])
def test_more_than_is_in_quarantine_there_is_refused(house: House, mode: str) -> None:
    house.receive("PEN", 3, at="A-01")
    house.scans(mode, "LOC:A-01")
    none = house.scan("SKU:PEN")
    _set_aside(house, 2)

    house.scans(mode, "LOC:A-01", "QTY:3")
    more = house.scan("SKU:PEN")

    assert (none.why, none.text) == ("not_here", "No PEN is in quarantine at A-01: scan the place.")
    assert (more.why, more.text) == ("not_here", "Only 2 PEN are in quarantine at A-01, not 3.")


def test_first_expiry_comes_out_first_and_a_scanned_lot_itself(house: House) -> None:
    for lot, expiry in (("B7", "2028-01-31"), ("C8", "2027-01-31")):
        house.scans("CMD:RECEIVE", "LOC:A-01", f"LOT:{lot}", f"EXP:{expiry}", "QTY:3", "SKU:PEN")
    _set_aside(house, 6)

    house.scans("CMD:RELEASE", "LOC:A-01", "SKU:PEN", "CMD:SCRAP", "LOC:A-01", "LOT:B7", "SKU:PEN")

    assert house.stock("PEN") == {
        **{("location:A-01", "C8"): 1, ("quarantine:A-01", "C8"): 2},
        **{("quarantine:A-01", "B7"): 2, ("scrap", "B7"): 1},
    }


def test_a_quarantine_label_takes_its_goods_out(house: House) -> None:
    house.receive("PEN", 5, at="A-01", lot="B7")
    _set_aside(house, 3)
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'quarantine'")

    house.scans("CMD:RELEASE", "LOC:A-01", f"LBL:{label}")

    assert house.stock("PEN") == {("location:A-01", "B7"): 5}


def test_expired_goods_are_not_released(house: House) -> None:
    house.scans("CMD:RECEIVE", "LOC:A-01", "LOT:B7", "EXP:2026-11-20", "QTY:2", "SKU:PEN")
    house.receive("PEN", 1, at="A-01")
    house.scans("CMD:RELEASE", "LOC:A-01")
    all_of_it = house.scan("SKU:PEN")
    _set_aside(house, 1)
    house.scans("CMD:RELEASE", "LOC:A-01", "QTY:2")

    too_many = house.scan("SKU:PEN")
    house.scans("QTY:1", "SKU:PEN")

    assert (all_of_it.why, all_of_it.text) == (
        "not_wanted",
        "PEN expired on 2026-11-20, it cannot be released: CMD:SCRAP takes it out.",
    )
    assert (too_many.why, too_many.text) == (
        "not_wanted",
        "PEN expired on 2026-11-20, only 1 of PEN can be released: CMD:SCRAP takes it out.",
    )
    assert house.stock("PEN") == {("location:A-01", ""): 1, ("quarantine:A-01", "B7"): 2}


def test_of_a_pallet_what_has_expired_stays_in_quarantine(house: House) -> None:
    _pallet(house, [{"sku": "PEN", "qty": 4, "lot": "B7", "expiry": "2026-11-20"}, {"sku": "INK", "qty": 2}])
    house.scans("CMD:DAMAGE", "LOC:A-01", "QTY:2", "SKU:INK")

    answer = house.scans("CMD:RELEASE", "LOC:A-01", PALLET)

    assert answer.verdict is Verdict.ATTENTION
    assert answer.text.endswith("back in stock at A-01. 4 have expired: CMD:SCRAP takes them out.")
    assert house.stock("PEN") == {("quarantine:A-01", "B7"): 4}
    assert house.stock("INK") == {("location:A-01", ""): 2}
    assert house.exceptions() == [("expired", "PEN B7 A-01")]
    again = house.scan(PALLET)
    assert (again.why, again.text) == ("not_wanted", "All of it has expired: CMD:SCRAP takes it out.")


# -- SCRAP --------------------------------------------------------------------------------------------------------


def test_scrapped_goods_leave_the_ledger_for_good(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    _set_aside(house, 2)
    house.told()

    answer = house.scans("CMD:SCRAP", "LOC:A-01", "QTY:2", "SKU:PEN")

    assert (answer.verdict, answer.text) == (Verdict.ACCEPT, "2 PEN of A-01 scrapped.")
    scrapped, cleared = house.told()
    assert (scrapped.type, scrapped.data["moves"]) == (
        "stock.scrapped",
        [_move(2, "quarantine:A-01", "scrap")],
    )
    assert cleared.data["reason"] == "nothing of it is in quarantine there any more"
    assert house.level("PEN") == _levels(house, on_hand=1)


def test_expired_goods_are_seen_to_once_they_are_scrapped(house: House) -> None:
    house.scans("CMD:RECEIVE", "LOC:A-01", "LOT:B7", "EXP:2026-11-20", "QTY:2", "SKU:PEN")
    house.scans("CMD:RECEIVE", "LOC:A-01", "EXP:2026-11-20", "QTY:1", "SKU:PEN")
    assert house.exceptions() == [("expired", "PEN A-01"), ("expired", "PEN B7 A-01")]

    house.scans("CMD:SCRAP", "LOC:A-01", "LOT:B7", "QTY:2", "SKU:PEN")
    assert house.exceptions() == [("expired", "PEN A-01")]
    house.scans("SKU:PEN")

    assert house.exceptions() == []


# -- undo ---------------------------------------------------------------------------------------------------------


def test_damage_taken_back_gives_the_order_its_own_promise_again(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.order("SO-1", ("PEN", 3))
    _set_aside(house, 2)
    house.order("SO-2", ("PEN", 2), express=True)

    house.scans("CMD:UNDO")

    assert house.promises("SO-1") == {("location:A-01", ""): 3}
    assert house.level("PEN") == _levels(house, on_hand=3, allocated=3, waiting=2)
    assert house.exceptions() == []


def test_a_release_taken_back_ends_what_was_promised_of_it(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    _set_aside(house, 3)
    house.order("SO-1", ("PEN", 2))
    house.scans("CMD:RELEASE", "LOC:A-01", "QTY:3", "SKU:PEN")

    house.scans("CMD:UNDO")

    assert house.promises("SO-1") == {}
    assert house.level("PEN") == _levels(house, waiting=2, quarantine=3)
    assert ("damaged", "A-01 PEN") in house.exceptions()
    assert house.rows("SELECT kind FROM labels WHERE void = 1 ORDER BY job") == [("backorder",), ("putaway",)]


def test_what_was_scrapped_by_mistake_comes_back_into_quarantine(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    _set_aside(house, 3)
    house.scans("CMD:SCRAP", "LOC:A-01", "QTY:3", "SKU:PEN")

    house.scans("CMD:UNDO")

    assert house.stock("PEN") == {("quarantine:A-01", ""): 3}
    assert house.exceptions() == [("damaged", "A-01 PEN")]
