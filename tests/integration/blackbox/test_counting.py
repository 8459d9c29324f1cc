"""COUNT and `stock.count`, `stock.adjust`: what is there, said by who looked (contract sections 3, 4 and 6)."""

from tests.integration.blackbox.closed_lists import ERROR_CODES
from tests.integration.blackbox.shop import DESK, Shop, all_moves


def count(place: str, *codes: str) -> tuple[str, ...]:
    return ("CMD:COUNT", f"LOC:{place}", *codes, "CMD:DONE")


def test_less_than_the_ledger_has_is_taken_off_at_the_end_of_the_count(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)
    shop.news()

    shop.take("CMD:COUNT", f"LOC:{place}", "QTY:2", f"SKU:{pen}", f"SKU:{pen}")
    shop.expect()
    shop.take("CMD:DONE")

    shop.expect(("stock.counted", {"location": place, "sku": pen, "lot": None, "expected": 5, "counted": 3}))
    assert shop.balance(pen) == {f"location:{place}": 3}
    shop.level(pen, on_hand=3, available=3, missing=0)


def test_what_is_counted_away_is_taken_from_nobody_first_then_from_the_last(shop: Shop) -> None:
    pen, place, elsewhere = shop.item(), shop.place(), shop.place()
    shop.order((pen, 2), express=True)
    last = shop.order((pen, 2))
    shop.stock(pen, 5, place)
    shop.news()

    shop.take(*count(place, "QTY:4", f"SKU:{pen}"))
    shop.expect(("stock.counted", {"expected": 5, "counted": 4}))
    shop.take(*count(place, "QTY:3", f"SKU:{pen}"))
    shop.expect(
        ("stock.counted", {"expected": 4, "counted": 3}),
        ("backorder.released", {"order": last, "line": 1, "qty": 1, "location": place, "reason": "count"}),
        ("backorder.waiting", {"order": last, "line": 1, "qty": 1, "reason": "count"}),
        ("order.unfulfillable", {"order": last}),
    )
    shop.stock(pen, 2, elsewhere)
    shop.news()
    shop.take(*count(place, "QTY:2", f"SKU:{pen}"))

    shop.expect(
        ("stock.counted", {"expected": 3, "counted": 2}),
        ("backorder.released", {"order": last, "qty": 1, "location": place, "reason": "count"}),
        ("backorder.allocated", {"order": last, "qty": 1, "location": elsewhere, "waiting": 0}),
    )


def test_more_than_the_ledger_has_comes_out_of_missing_and_the_rest_of_that_is_written_off(
    shop: Shop,
) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)
    shop.take("CMD:MISSING", f"LOC:{place}", "QTY:2", f"SKU:{pen}")
    shop.news()

    shop.take(*count(place, "QTY:4", f"SKU:{pen}"))

    counted, written_off = shop.expect(
        ("stock.counted", {"location": place, "sku": pen, "expected": 3, "counted": 4}),
        ("stock.adjusted", {"location": place, "sku": pen, "reason": "written_off"}),
    )
    (found,), (lost,) = counted.data["moves"], written_off.data["moves"]
    assert (found["from"], found["to"], found["qty"]) == (f"missing:{place}", f"location:{place}", 1)
    assert (lost["from"], lost["to"], lost["qty"]) == (f"missing:{place}", "adjustment", 1)
    assert "count_needed" in shop.cleared()
    shop.level(pen, on_hand=4, available=4, missing=0)


def test_more_than_anybody_knew_of_is_drawn_from_adjustment_and_serves_who_waits(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 2, place)
    order = shop.order((pen, 4))
    shop.news()

    verdict = shop.take(*count(place, "QTY:5", f"SKU:{pen}"))

    counted, *_ = shop.expect(
        ("stock.counted", {"location": place, "sku": pen, "expected": 2, "counted": 5}),
        ("backorder.allocated", {"order": order, "qty": 2, "location": place, "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    (move,) = counted.data["moves"]
    assert (move["from"], move["to"], move["qty"]) == ("adjustment", f"location:{place}", 3)
    assert (verdict, "contradiction" in shop.raised()) == ("attention", True)
    shop.level(pen, on_hand=5, allocated=4, available=1, waiting=0)


def test_a_count_settles_the_items_scanned_and_no_others(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    shop.stock(pen, 3, place)
    shop.stock(ink, 2, place)

    shop.take(*count(place, "QTY:1", f"SKU:{pen}"))
    one_only = shop.balance(pen), shop.balance(ink)
    shop.take(*count(place, "QTY:0", f"SKU:{ink}"))
    none_left = shop.balance(ink)

    assert one_only == ({f"location:{place}": 1}, {f"location:{place}": 2})
    assert none_left == {}


def test_empty_says_that_nothing_else_is_there(shop: Shop) -> None:
    pen, ink, cap, place = shop.item(), shop.item(), shop.item(), shop.place()
    shop.stock(pen, 3, place)
    shop.stock(ink, 2, place)
    shop.stock(cap, 1, place)

    shop.take(*count(place, "QTY:3", f"SKU:{pen}", "CMD:EMPTY"))
    but_pens = shop.balance(pen), shop.balance(ink), shop.balance(cap)
    shop.take(*count(place, "CMD:EMPTY"))

    assert but_pens == ({f"location:{place}": 3}, {}, {})
    assert shop.balance(pen) == {}


def test_an_item_that_others_booked_meanwhile_is_not_adjusted(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    shop.stock(pen, 3, place)
    shop.stock(ink, 3, place)
    shop.take("CMD:COUNT", f"LOC:{place}", f"SKU:{pen}", f"SKU:{ink}")
    shop.stock(pen, 2, place)
    shop.news()

    verdict = shop.take("CMD:DONE")

    shop.news()
    assert (verdict, "count_again" in shop.raised()) == ("attention", True)
    assert shop.balance(pen) == {f"location:{place}": 5}
    assert shop.balance(ink) == {f"location:{place}": 1}


def test_more_without_a_lot_goes_to_missing_lots_first_and_the_rest_to_the_last_lot(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 2, place, lot="B1", expiry="2038-01-31")
    shop.stock(pen, 2, place, lot="B2", expiry="2039-01-31")
    shop.take("CMD:MISSING", f"LOC:{place}", "QTY:1", "LOT:B1", f"SKU:{pen}")
    shop.news()

    shop.take(*count(place, "QTY:5", f"SKU:{pen}"))

    moves = all_moves(e for e in shop.news() if e.type.startswith("stock."))
    assert {(move["from"], move["lot"], move["qty"]) for move in moves} == {
        (f"missing:{place}", "B1", 1),
        ("adjustment", "B2", 1),
    }
    assert shop.balance(pen) == {f"location:{place}": 5}


def test_a_count_with_a_lot_settles_that_lot(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 2, place, lot="B1", expiry="2038-01-31")
    shop.stock(pen, 2, place, lot="B2", expiry="2039-01-31")
    shop.news()

    shop.take(*count(place, "QTY:1", "LOT:B1", "EXP:2038-01-31", f"SKU:{pen}"))

    shop.expect(("stock.counted", {"location": place, "sku": pen, "lot": "B1", "expected": 2, "counted": 1}))
    assert shop.balance(pen) == {f"location:{place}": 3}


def test_a_count_that_another_person_interrupts_can_go_on(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)
    shop.take("CMD:RECEIVE", "OP:alice", "CMD:COUNT", f"LOC:{place}", "QTY:2", f"SKU:{pen}", gun=DESK)

    shop.take("OP:bob", "CMD:COUNT", f"LOC:{place}", "QTY:1", f"SKU:{pen}", "CMD:DONE", gun=DESK)

    assert shop.balance(pen) == {f"location:{place}": 3}


def test_a_count_needs_a_place(shop: Shop) -> None:
    pen = shop.item()

    assert shop.refused("CMD:COUNT", f"SKU:{pen}") == "needs_place"


def test_central_opens_a_place_with_a_count_and_without_a_date_only_there(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.news()

    shop.central.do("stock.count", location=place, lines=[{"sku": pen, "qty": 4}])
    told = shop.news()
    stale = shop.error("stock.count", location=place, lines=[{"sku": pen, "qty": 9}])
    shop.central.do("stock.count", location=place, lines=[{"sku": pen, "qty": 6}], force=True)

    assert ("backorder.allocated", order) in [(event.type, event.data.get("order")) for event in told]
    assert stale["code"] == "stale"
    assert shop.balance(pen) == {f"location:{place}": 6}
    shop.level(pen, on_hand=6, allocated=2, available=4, waiting=0)


def test_what_was_booked_since_centrals_count_is_added_to_it(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 4, place)
    told = shop.news()
    as_of = {"epoch": told[-1].envelope["epoch"], "seq": told[-1].seq}
    shop.stock(pen, 2, place)

    shop.central.do("stock.count", location=place, lines=[{"sku": pen, "qty": 6}], as_of=as_of)

    assert shop.balance(pen) == {f"location:{place}": 8}


def test_central_adjusts_by_a_difference_that_serves_or_releases(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 3))
    shop.news()

    shop.central.do(
        "stock.adjust", location=place, lines=[{"sku": pen, "lot": "B7", "qty": 3, "reason": "found"}]
    )
    more, *_ = shop.expect(
        ("stock.adjusted", {"sku": pen, "qty": 3, "lot": "B7", "location": place, "reason": "command"}),
        ("backorder.allocated", {"order": order, "qty": 3, "lot": "B7", "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    shop.central.do(
        "stock.adjust", location=place, lines=[{"sku": pen, "lot": "B7", "qty": -2, "reason": "broken"}]
    )
    less, *_ = shop.expect(
        ("stock.adjusted", {"sku": pen, "qty": -2, "lot": "B7", "location": place, "reason": "command"}),
        ("backorder.released", {"order": order, "line": 1, "qty": 2, "reason": "adjusted"}),
        ("backorder.waiting", {"order": order, "line": 1, "qty": 2, "reason": "adjusted"}),
        ("order.unfulfillable", {"order": order}),
    )

    assert [(m["from"], m["to"]) for m in more.data["moves"]] == [("adjustment", f"location:{place}")]
    assert [(m["from"], m["to"]) for m in less.data["moves"]] == [(f"location:{place}", "adjustment")]
    shop.level(pen, on_hand=1, allocated=1, available=0, waiting=2)


def test_good_entries_of_a_list_are_booked_and_the_others_named(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    bad = [{"sku": pen, "qty": qty} for qty in (-1, 3.5, "3", 1_000_001, True)]

    answer = shop.central.do("stock.count", location=place, lines=[{"sku": pen, "qty": 4}, *bad])
    error = shop.error("stock.adjust", location=place, lines=[{"sku": pen, "qty": 2.5, "reason": "x"}])

    assert [(entry["at"], entry["code"]) for entry in answer["refused"]] == [
        (f"lines[{n}].qty", "bad_value") for n in range(1, len(bad) + 1)
    ]
    assert all(entry["text"] for entry in answer["refused"])
    assert error["code"] in ERROR_CODES
    assert shop.balance(pen) == {f"location:{place}": 4}
