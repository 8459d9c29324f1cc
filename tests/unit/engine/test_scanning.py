"""Scans: RECEIVE, MISSING, FOUND, what is refused, and that each is booked once (contract section 3)."""

from concurrent.futures import Future
from typing import Any

import pytest

from edge.errors import LedgerError
from edge.facts import Answer, CodeScanned, Verdict
from edge.inbox import Stamped
from edge.ledger.labels import Labels
from tests.house import PEN_GTIN, House


def _missing(house: House, *codes: str) -> Answer:
    return house.scans("CMD:MISSING", "LOC:A-01", *codes)


def test_goods_that_arrive_expired_go_into_quarantine(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.told()

    answer = house.scans("QTY:2", "LOT:B7", "EXP:2026-11-20", "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert house.stock("PEN") == {("quarantine:DOCK-1", "B7"): 2}
    assert house.promises("SO-1") == {}
    assert house.types() == ["stock.received", "exception.raised"]
    assert house.rows("SELECT kind FROM labels") == [("quarantine",)]


def test_goods_are_good_to_the_end_of_their_expiry_day(house: House) -> None:
    house.scans("EXP:2026-11-21", "SKU:PEN")

    assert house.stock("PEN") == {("location:DOCK-1", ""): 1}


def test_a_serial_is_received_once(house: House) -> None:
    house.scans(f"]C101{PEN_GTIN}21S-1")

    again = house.scan(f"]C101{PEN_GTIN}21S-1")

    assert (again.why, again.text) == ("duplicate", f"Serial S-1 of {PEN_GTIN} was received already.")
    house.scans(f"]C101{PEN_GTIN}21S-2")
    assert house.level(PEN_GTIN)["on_hand"] == 2


def test_a_serial_may_come_again_after_twelve_months(house: House) -> None:
    house.scans(f"]C101{PEN_GTIN}21S-1")
    house.wait(366 * 86_400)

    house.scans("LOC:DOCK-1", f"]C101{PEN_GTIN}21S-1")

    assert house.level(PEN_GTIN)["on_hand"] == 2


def test_two_cartons_with_the_same_code_are_two_bookings(house: House) -> None:
    house.scans("SKU:PEN", "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 2


def test_missing_without_a_quantity_is_all_the_ledger_has_there(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.receive("PEN", 5, at="A-02")

    answer = _missing(house, "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert house.stock("PEN") == {("location:A-02", ""): 5, ("missing:A-01", ""): 5}


def test_missing_goods_that_nobody_was_promised_go_first(house: House) -> None:
    house.receive("PEN", 5, at="A-01")
    house.order("SO-1", ("PEN", 3))
    house.told()

    _missing(house, "QTY:2", "SKU:PEN")

    missing, raised = house.told()
    assert (missing.data["qty"], missing.data["released"]) == (2, [])
    assert (raised.type, raised.data["kind"]) == ("exception.raised", "count_needed")
    assert house.promises("SO-1") == {("location:A-01", ""): 3}


def test_an_order_hit_by_missing_goods_is_served_from_elsewhere(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.receive("PEN", 1, at="A-02")
    house.order("SO-1", ("PEN", 3))
    house.told()

    _missing(house, "ORD:SO-1", "SKU:PEN")

    told = house.told()
    assert told[0].data["released"] == [{"order": "SO-1", "line": 1, "qty": 3}]
    assert [each.type for each in told] == [
        *("stock.missing", "backorder.released", "backorder.allocated", "backorder.waiting"),
        *("order.unfulfillable", "exception.raised", "exception.raised"),
    ]
    assert house.promises("SO-1") == {("location:A-02", ""): 1}
    ((orders,),) = house.rows("SELECT content ->> '$.fields.orders' FROM labels WHERE kind = 'missing'")
    assert orders == "SO-1: now 1 from A-02\nSO-1: 2 waits"


def test_more_missing_than_the_ledger_has_is_what_it_has(house: House) -> None:
    house.receive("PEN", 2, at="A-01")

    answer = _missing(house, "QTY:5", "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert house.level("PEN")["missing"] == 2


def test_what_the_ledger_does_not_have_there_cannot_be_missing(house: House) -> None:
    house.receive("PEN", 2, at="A-02")
    house.scans("CMD:MISSING", "LOC:A-01")

    answer = house.scan("SKU:PEN")

    assert (answer.why, answer.text) == (
        "not_here",
        "A-01 has no PEN: scan the place. The ledger has it at A-02.",
    )


def test_missing_tells_an_event_for_each_lot(house: House) -> None:
    house.receive("PEN", 2, at="A-01", lot="B7")
    house.receive("PEN", 3, at="A-01", lot="C8")
    house.told()

    _missing(house, "SKU:PEN")

    lots = [(t.data["lot"], t.data["qty"]) for t in house.told() if t.type == "stock.missing"]
    assert lots == [("B7", 2), ("C8", 3)]


def test_found_goods_come_back_and_serve_who_waits(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    _missing(house, "SKU:PEN")
    house.order("SO-1", ("PEN", 2))
    house.told()

    house.scans("CMD:FOUND", "LOC:A-01", "SKU:PEN")

    assert house.types() == ["stock.found", "backorder.allocated", "order.ready", "exception.cleared"]
    assert (house.level("PEN")["missing"], house.level("PEN")["on_hand"]) == (0, 3)


def test_more_found_than_was_missing_is_a_contradiction(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    _missing(house, "SKU:PEN")

    answer = house.scans("CMD:FOUND", "LOC:A-01", "QTY:5", "SKU:PEN")

    assert answer.verdict is Verdict.ATTENTION
    assert house.level("PEN")["on_hand"] == 5
    assert ("contradiction", "A-01 PEN") in house.exceptions()


def test_where_nothing_is_missing_something_is_found_only_with_a_quantity(house: House) -> None:
    house.scans("CMD:FOUND", "LOC:A-01")

    assert house.scan("SKU:PEN").why == "needs_quantity"
    assert house.scans("QTY:2", "SKU:PEN").verdict is Verdict.ATTENTION
    assert house.level("PEN")["on_hand"] == 2


def test_the_first_item_after_a_reset_that_changed_the_mode_is_refused_once(house: House) -> None:
    house.receive("PEN", 3, at="A-01")
    house.scans("CMD:MISSING", "LOC:A-01")
    house.wait(121)

    lapsed, again = house.scan("SKU:PEN"), house.scan("SKU:PEN")

    assert lapsed.why == "lapsed"
    assert lapsed.text == "This scanner was reset: it is in RECEIVE at DOCK-1 now. Scan again."
    assert (again.verdict, again.text) == (Verdict.ATTENTION, "1 PEN at DOCK-1.")


def test_a_quantity_that_lapsed_refuses_the_next_item_once(house: House) -> None:
    for waited in (31, 121):
        house.scans("QTY:5")
        house.wait(waited)

        lapsed = house.scan("SKU:PEN")

        assert lapsed.why == "lapsed", waited
        assert lapsed.text.startswith("QTY 5 was scanned more than 30 s ago")
        house.scans("SKU:PEN")
    assert house.level("PEN")["on_hand"] == 2


def test_a_refused_scan_leaves_quantity_lot_and_expiry(house: House) -> None:
    house.scans("QTY:5", "LOT:B7", "EXP:2027-03-01")

    assert house.scan("NONSENSE").why == "unknown_code"
    assert house.scan("ORD:SO-9").why == "unknown_order"
    house.scans("SKU:PEN")

    assert house.stock("PEN") == {("location:DOCK-1", "B7"): 5}


def test_beyond_sixty_in_a_minute_refusals_are_counted_and_not_told(house: House) -> None:
    for _ in range(63):
        assert house.scan_now("NONSENSE").verdict is Verdict.REJECT
    assert len(house.told()) == 60
    house.scan_now("NONSENSE", scanner="gun-2")
    assert len(house.told()) == 1

    house.wait(60)
    house.scan_now("NONSENSE")
    house.scan_now("NONSENSE")

    assert [told.data.get("dropped") for told in house.told()] == [3, None]


def test_the_same_code_at_once_is_a_bounce_and_booked_once(house: House) -> None:
    first = house.scan("SKU:PEN", debounce_ms=300)
    house.wait(0.2)

    bounce = house.scan_now("SKU:PEN", debounce_ms=300)
    house.wait(0.301)
    meant = house.scan_now("SKU:PEN", debounce_ms=300)

    assert bounce == first
    assert meant.text == first.text
    assert house.level("PEN")["on_hand"] == 2


def test_a_digit_twice_at_once_is_no_bounce(house: House) -> None:
    for _ in range(2):
        house.scan_now("NUM:1", debounce_ms=300)
    house.scans("SKU:PEN")

    assert house.level("PEN")["on_hand"] == 11


def test_two_scanners_at_a_station_have_two_dialogues(house: House) -> None:
    house.scan("QTY:5", scanner="gun-1")

    house.scan("SKU:PEN", scanner="gun-2")
    house.scan("SKU:PEN", scanner="gun-1")

    assert house.level("PEN")["on_hand"] == 6


def test_a_dialogue_goes_on_after_a_restart(house: House) -> None:
    house.scans("LOC:A-01", "QTY:5")

    house.restart()
    house.scans("SKU:PEN")

    assert house.stock("PEN") == {("location:A-01", ""): 5}


def test_a_mistake_of_ours_books_nothing_and_the_next_scan_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.scans("QTY:5")
    books = house.rows("SELECT count(*) FROM facts"), house.rows("SELECT state FROM dialogues")

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        # At the very end of the booking, when its events are written already.
        patched.setattr("edge.ledger.labels.Labels.write", broken)
        with pytest.raises(LedgerError, match=r"A mistake inside crossdock: nothing was booked"):
            house.scan("SKU:PEN")

    assert (house.rows("SELECT count(*) FROM facts"), house.rows("SELECT state FROM dialogues")) == books
    assert house.level("PEN")["on_hand"] == 0
    house.scans("SKU:PEN")
    assert house.level("PEN")["on_hand"] == 5


def test_a_mistake_of_ours_takes_no_other_fact_of_its_commit_along(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Labels.write

    def broken_for_ink(labels: Labels, rows: list[tuple[Any, ...]]) -> None:
        if "INK" in rows[0]:
            raise ZeroDivisionError
        write(labels, rows)

    monkeypatch.setattr(Labels, "write", broken_for_ink)
    now = house.clock.now_ms()
    batch = [
        Stamped(CodeScanned(gun, "dock-1", gun, code), now, Future())
        for gun, code in (("gun-1", "SKU:PEN"), ("gun-2", "SKU:INK"), ("gun-3", "SKU:PEN"))
    ]

    house.engine.handle(batch)

    with pytest.raises(LedgerError, match=r"A mistake inside crossdock: nothing was booked"):
        batch[1].answer.result(timeout=0)
    assert Verdict.REJECT not in [batch[n].answer.result(timeout=0).verdict for n in (0, 2)]
    assert (house.level("PEN")["on_hand"], house.stock("INK")) == (2, {})
    house.audit()


@pytest.mark.parametrize("mode", ["MISSING", "FOUND", "DAMAGE", "RELEASE", "SCRAP"])
def test_where_goods_do_not_come_in_a_place_has_to_be_scanned(house: House, mode: str) -> None:
    house.receive("PEN", 5)
    house.scans("CMD:DAMAGE", "LOC:DOCK-1", "SKU:PEN", f"CMD:{mode}", "QTY:1")

    assert house.scan("SKU:PEN").why == "needs_place"
    assert house.scans("LOC:DOCK-1", "SKU:PEN").verdict is not Verdict.REJECT


def test_found_goods_are_told_as_they_were_scanned(house: House) -> None:
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": [{"code": "BOX", "pack": 12}]}]})
    house.receive("PEN", 12, at="A-01")
    _missing(house, "SKU:PEN")
    house.told()

    house.scans("CMD:FOUND", "LOC:A-01", "QTY:2", "BOX")

    found = [told.data for told in house.told() if told.type == "stock.found"]
    assert [(data["qty"], data["pack"], data["count"]) for data in found] == [(12, 12, 2), (12, 12, 2)]


def test_a_quantity_that_lapsed_and_is_scanned_again_is_meant(house: House) -> None:
    house.scans("QTY:5")
    house.wait(31)

    house.scans("QTY:5", "SKU:PEN")

    assert house.level("PEN")["on_hand"] == 5


def test_goods_do_not_leave_their_purchase_order_without_a_word(house: House) -> None:
    house.scans("PO:4711", "SKU:PEN")
    house.wait(121)

    assert house.scan("SKU:PEN").why == "lapsed"
    house.scans("PO:4711", "SKU:PEN")

    assert house.rows("SELECT account, -qty FROM positions WHERE account LIKE 'supplier:%'") == [
        ("supplier:4711", 2)
    ]
