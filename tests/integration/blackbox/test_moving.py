"""MOVE: from the first place to the second, promises and pallets with the goods (contract section 3)."""

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.conftest import StartNode
from tests.integration.blackbox.goods import PEN
from tests.integration.blackbox.node import Layout, Station
from tests.integration.blackbox.shop import AISLE, DESK, DOCK, Shop, all_moves, new_sscc


def test_a_move_is_booked_at_its_second_place_and_not_before(shop: Shop) -> None:
    pen, ink = shop.item(), shop.item()
    here, there = shop.place(), shop.place()
    shop.stock(pen, 5, here)
    shop.stock(ink, 2, here)
    shop.news()

    shop.take("CMD:MOVE", f"LOC:{here}", "QTY:3", f"SKU:{pen}", f"SKU:{ink}")
    shop.expect()
    shop.take(f"LOC:{there}")

    told = shop.expect(("stock.moved", {"lot": None}), ("stock.moved", {"lot": None}))
    assert sorted((event.data["sku"], event.data["qty"]) for event in told) == [(pen, 3), (ink, 1)]
    assert all(event.data["from"].endswith(here) and event.data["to"].endswith(there) for event in told)
    assert shop.balance(pen) == {f"location:{here}": 2, f"location:{there}": 3}
    assert shop.balance(ink) == {f"location:{here}": 1, f"location:{there}": 1}


def test_the_place_after_a_move_begins_the_next_one(shop: Shop) -> None:
    pen = shop.item()
    here, there, elsewhere = shop.place(), shop.place(), shop.place()
    shop.stock(pen, 2, here)

    shop.take("CMD:MOVE", f"LOC:{here}", "QTY:2", f"SKU:{pen}", f"LOC:{there}")
    shop.take(f"LOC:{there}", f"SKU:{pen}", f"LOC:{elsewhere}")

    assert shop.balance(pen) == {f"location:{there}": 1, f"location:{elsewhere}": 1}


def test_what_was_promised_moves_with_the_goods_and_stays_promised(shop: Shop) -> None:
    pen, here, there = shop.item(), shop.place(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 3, here)
    shop.news()

    shop.take("CMD:MOVE", f"LOC:{here}", "QTY:3", f"SKU:{pen}", f"LOC:{there}")

    # Neither released nor allocated anew: it is the same promise at another place.
    shop.expect(("stock.moved", {"sku": pen, "qty": 3}))
    shop.level(pen, on_hand=3, allocated=2, available=1, waiting=0)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{there}", "QTY:2", f"SKU:{pen}")
    shop.expect(("stock.picked", {"order": order, "qty": 2, "location": there}))


def test_what_nobody_was_promised_moves_first_then_from_the_last_in_the_order_of_service(shop: Shop) -> None:
    pen, here, there = shop.item(), shop.place(), shop.place()
    shop.order((pen, 2), express=True)
    last = shop.order((pen, 2))
    shop.stock(pen, 5, here)

    shop.take("CMD:MOVE", f"LOC:{here}", "QTY:2", f"SKU:{pen}", f"LOC:{there}")
    shop.news()
    shop.take("CMD:MISSING", f"LOC:{there}", f"SKU:{pen}")

    # A label of what came before may be told in between.
    (missing,) = [event for event in shop.news() if event.type == "stock.missing"]
    assert missing.data["released"] == [{"order": last, "line": 1, "qty": 1}]
    assert shop.balance(pen) == {f"location:{here}": 3, f"missing:{there}": 2}


def test_an_own_label_moves_its_own_promise(shop: Shop) -> None:
    pen, here, there = shop.item(), shop.place(), shop.place()
    first = shop.order((pen, 2), express=True)
    shop.order((pen, 2))
    shop.stock(pen, 4, here)
    label = shop.label(first, pen)
    shop.news()

    shop.take("CMD:MOVE", f"LOC:{here}", label.code, f"LOC:{there}")
    shop.expect(("stock.moved", {"sku": pen, "qty": 2}))
    shop.take("CMD:MISSING", f"LOC:{there}", f"SKU:{pen}")

    # A label of what came before may be told in between.
    (missing,) = [event for event in shop.news() if event.type == "stock.missing"]
    assert missing.data["released"] == [{"order": first, "line": 1, "qty": 2}]


def test_a_move_keeps_the_age_of_the_goods(shop: Shop) -> None:
    pen = shop.item()
    old, new, last = shop.place(), shop.place(), f"Z-{shop.place()}"
    shop.stock(pen, 1, old)
    shop.stock(pen, 1, new)
    shop.take("CMD:MOVE", f"LOC:{old}", f"SKU:{pen}", f"LOC:{last}")
    shop.news()

    order = shop.order((pen, 1))

    shop.expect(
        ("backorder.allocated", {"order": order, "location": last}),
        ("order.ready", {"order": order}),
    )


def test_a_pallet_moves_goes_missing_and_is_found_with_all_that_is_on_it(shop: Shop) -> None:
    pen, ink, there = shop.item(), shop.item(), shop.place()
    sscc = new_sscc()
    contents = [{"sku": pen, "qty": 24}, {"sku": ink, "qty": 10, "lot": "I7", "expiry": "2039-06-30"}]
    shop.central.do("asn.announce", asn=f"ASN-{sscc}", pallets=[{"sscc": sscc, "contents": contents}])
    shop.take("CMD:RECEIVE", "LOC:DOCK-1", f"00{sscc}", gun=DOCK)
    shop.news()

    shop.take("CMD:MOVE", "LOC:DOCK-1", f"]C100{sscc}", f"LOC:{there}")
    moved = shop.expect(("stock.moved", {}), ("stock.moved", {}))
    at_there = shop.balance(pen), shop.balance(ink)
    shop.take("CMD:MISSING", f"LOC:{there}", f"00{sscc}")
    missing = shop.expect(("stock.missing", {}), ("stock.missing", {}))
    shop.take("CMD:FOUND", f"LOC:{there}", f"00{sscc}")
    found = shop.expect(("stock.found", {}), ("stock.found", {}))

    for told in (moved, missing, found):
        assert {(event.data["sku"], event.data["qty"]) for event in told} == {(pen, 24), (ink, 10)}
    assert at_there == ({f"location:{there}": 24}, {f"location:{there}": 10})
    assert (shop.balance(pen), shop.balance(ink)) == at_there
    # Goods keep their pallet's number wherever they go.
    assert {move["pallet"] for move in all_moves(moved + missing + found)} == {sscc}


def test_a_single_item_taken_off_a_pallet_keeps_the_pallets_number(shop: Shop) -> None:
    pen, there, sscc = shop.item(), shop.place(), new_sscc()
    contents = [{"sku": pen, "qty": 4}]
    shop.central.do("asn.announce", asn=f"ASN-{sscc}", pallets=[{"sscc": sscc, "contents": contents}])
    shop.take("CMD:RECEIVE", "LOC:DOCK-1", f"00{sscc}", gun=DOCK)
    shop.news()

    shop.take("CMD:MOVE", "LOC:DOCK-1", f"SKU:{pen}", f"LOC:{there}")

    (moved,) = shop.expect(("stock.moved", {"sku": pen, "qty": 1}))
    assert [move["pallet"] for move in moved.data["moves"]] == [sscc]


def test_more_moved_than_the_ledger_has_comes_out_of_missing_and_then_out_of_adjustment(shop: Shop) -> None:
    pen, here, there = shop.item(), shop.place(), shop.place()
    shop.stock(pen, 2, here)
    shop.take("CMD:MISSING", f"LOC:{here}", "QTY:1", f"SKU:{pen}")
    shop.news()

    verdict = shop.take("CMD:MOVE", f"LOC:{here}", "QTY:4", f"SKU:{pen}", f"LOC:{there}")

    told = [event for event in shop.news() if event.type.startswith("stock.")]
    assert {event.type for event in told} == {"stock.moved"}
    drawn = sum(move["qty"] for move in all_moves(told) if move["from"] == "adjustment")
    assert (verdict, drawn, "contradiction" in shop.raised()) == ("attention", 2, True)
    assert shop.balance(pen) == {f"location:{there}": 4}
    shop.level(pen, on_hand=4, available=4, missing=0)


def test_a_move_without_a_place_is_refused(shop: Shop) -> None:
    pen = shop.item()

    assert shop.refused("CMD:MOVE", f"SKU:{pen}") == "needs_place"


def test_cancel_drops_a_move_that_was_begun(shop: Shop) -> None:
    pen, here, there = shop.item(), shop.place(), shop.place()
    shop.stock(pen, 2, here)
    shop.news()

    shop.take("CMD:MOVE", f"LOC:{here}", f"SKU:{pen}", "CMD:CANCEL", f"LOC:{there}")

    shop.expect()
    assert shop.balance(pen) == {f"location:{here}": 2}


def test_a_move_that_another_person_cuts_short_is_dropped_and_told_with_who_left_what(shop: Shop) -> None:
    pen, here = shop.item(), shop.place()
    shop.stock(pen, 2, here)
    shop.take("CMD:RECEIVE", "OP:alice", "CMD:MOVE", f"LOC:{here}", f"SKU:{pen}", gun=DESK)
    shop.news()

    shop.take("OP:bob", gun=DESK)

    shop.expect()
    (left,) = shop.central.events("exception.raised")[-1:]
    assert left.data["kind"] == "dropped"
    assert "alice" in left.data["text"]
    assert pen in left.data["text"]
    # The reset changed mode and place: the next item scan is refused once, then it counts where the desk is.
    assert shop.refused(f"SKU:{pen}", gun=DESK) == "lapsed"
    shop.take(f"SKU:{pen}", gun=DESK)
    shop.expect(("stock.received", {"sku": pen, "qty": 1, "location": "DESK", "operator": "bob"}))
    assert shop.balance(pen) == {f"location:{here}": 2, "location:DESK": 1}


def test_each_gun_has_a_move_of_its_own(shop: Shop) -> None:
    pen, here, there, elsewhere = shop.item(), shop.place(), shop.place(), shop.place()
    shop.stock(pen, 3, here)

    shop.take("CMD:MOVE", f"LOC:{here}", f"SKU:{pen}", gun=AISLE)
    shop.take("CMD:MOVE", f"LOC:{here}", "QTY:2", f"SKU:{pen}", f"LOC:{elsewhere}", gun=DOCK)
    shop.take(f"LOC:{there}", gun=AISLE)

    assert shop.balance(pen) == {f"location:{there}": 1, f"location:{elsewhere}": 2}


def test_a_move_left_alone_is_dropped_by_itself_and_told_with_who_left_what(
    start_node: StartNode, central: Central
) -> None:
    station = Station("dock-1", "receive", "DOCK-1", idle_reset_s=1)
    node = start_node(Layout(stations=(station,), guns={"gun-1": "dock-1"}))
    node.take("gun-1", "OP:alice", "LOC:A-01", "QTY:2", PEN, "CMD:MOVE", "LOC:A-01", PEN)

    left = central.event("exception.raised", kind="dropped")

    assert "alice" in left.data["text"]
    assert node.scan("gun-1", PEN) == "reject"
    assert central.event("scan.rejected").data["why"] == "lapsed"
    # Refused once; then the station's own mode and place count, and the person is still the same.
    node.take("gun-1", PEN)
    central.event("stock.received", qty=1, location="DOCK-1", operator="alice")
    assert central.events("stock.moved") == []
    central.level("PEN", on_hand=3)
