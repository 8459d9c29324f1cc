"""Cases in which warehouse systems fail: each as a person at the rack would meet it."""

import pytest

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import PEN, order
from tests.integration.blackbox.node import Node
from tests.integration.blackbox.shop import DESK, DOCK, Shop, held, new_gtin, new_sscc
from tests.integration.blackbox.waits import wait_for


def test_two_lines_of_one_item_in_one_order_with_stock_for_one(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1), (pen, 1))
    shop.news()

    shop.stock(pen, 1, place)

    shop.expect(
        ("stock.received", {"sku": pen, "qty": 1}),
        ("backorder.allocated", {"order": order, "line": 1, "qty": 1, "waiting": 0}),
    )
    shop.level(pen, on_hand=1, allocated=1, available=0, waiting=1)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}")
    shop.take("CMD:SHIP", f"ORD:{order}")
    (shipped,) = [event for event in shop.news() if event.type == "order.shipped"]
    assert shipped.data["complete"] is False
    assert shipped.data["lines"] == [{"line": 1, "sku": pen, "qty": 1}]


def test_two_identical_cartons_are_two_bookings(shop: Shop) -> None:
    gtin = new_gtin()
    pen = shop.item(codes=[{"code": gtin, "pack": 12}])
    shop.news()

    shop.take("CMD:RECEIVE", gtin, gtin, gun=DOCK)

    shop.expect(("stock.received", {"sku": pen, "qty": 12}), ("stock.received", {"sku": pen, "qty": 12}))
    shop.level(pen, on_hand=24)


def test_a_missing_pick_of_a_half_picked_order_keeps_what_is_picked(shop: Shop) -> None:
    pen, place, elsewhere = shop.item(), shop.place(), shop.place()
    order = shop.order((pen, 4))
    shop.stock(pen, 4, place)
    shop.stock(pen, 1, elsewhere)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", "QTY:2", f"SKU:{pen}")
    shop.news()

    verdict = shop.take("CMD:MISSING", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}")

    shop.expect(
        (
            "stock.missing",
            {
                "sku": pen,
                "qty": 2,
                "location": place,
                "order": order,
                "released": [{"order": order, "line": 1, "qty": 2}],
            },
        ),
        ("backorder.released", {"order": order, "qty": 2, "reason": "not_found"}),
        ("backorder.allocated", {"order": order, "qty": 1, "location": elsewhere, "waiting": 1}),
        ("backorder.waiting", {"order": order, "qty": 1, "reason": "not_found"}),
        ("order.unfulfillable", {"order": order}),
    )
    assert verdict == "attention"
    assert shop.balance(pen) == {
        f"picked:{order}": 2,
        f"missing:{place}": 2,
        f"location:{elsewhere}": 1,
    }
    shop.level(pen, on_hand=1, allocated=1, available=0, waiting=1, missing=2)


def test_a_picker_who_finds_nothing_at_all_says_zero(shop: Shop) -> None:
    pen, place, elsewhere = shop.item(), shop.place(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 3, place)
    shop.stock(pen, 2, elsewhere)
    shop.news()

    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", "QTY:0", f"SKU:{pen}")
    shop.expect()
    shop.take("CMD:SHORT")

    shop.expect(
        ("stock.missing", {"sku": pen, "qty": 3, "location": place, "order": order}),
        ("backorder.released", {"order": order, "qty": 2, "reason": "not_found"}),
        ("backorder.allocated", {"order": order, "qty": 2, "location": elsewhere, "waiting": 0}),
    )
    assert shop.balance(pen) == {f"missing:{place}": 3, f"location:{elsewhere}": 2}


def test_an_order_that_wants_everything_at_once_blocks_nobody_and_keeps_what_it_has(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    whole = shop.order((pen, 2), (ink, 2), fill="complete", express=True)
    behind = shop.order((pen, 1))
    shop.news()

    shop.stock(pen, 3, place)
    shop.expect(("stock.received", {}), ("backorder.allocated", {"order": behind}), ("order.ready", {}))
    shop.stock(ink, 2, place)
    shop.expect(
        ("stock.received", {"sku": ink}),
        ("backorder.allocated", {"order": whole, "line": 1, "qty": 2}),
        ("backorder.allocated", {"order": whole, "line": 2, "qty": 2}),
        ("order.ready", {"order": whole}),
    )

    # It loses two inks, keeps its pens, and gets no single ink: it waits for what it lost as a whole.
    shop.take("CMD:MISSING", f"LOC:{place}", f"SKU:{ink}")
    shop.news()
    shop.stock(ink, 1, place)
    shop.expect(("stock.received", {"sku": ink, "qty": 1}))
    shop.level(pen, allocated=3, waiting=0)
    shop.level(ink, on_hand=1, allocated=0, available=1, waiting=2)
    shop.stock(ink, 1, place)
    told = shop.expect(
        ("stock.received", {}), ("backorder.allocated", {"order": whole, "line": 2}), ("order.ready", {})
    )
    assert told[1].data["qty"] == 2


def test_what_is_missing_is_taken_from_the_last_and_never_from_anyone_at_random(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    orders = [shop.order((pen, 1), tier=tier) for tier in (3, 9, 0, 6)]
    shop.stock(pen, 4, place)
    shop.news()

    shop.take("CMD:MISSING", f"LOC:{place}")
    lost = []
    for _ in orders:
        shop.take("QTY:1", f"SKU:{pen}")
        lost += [event.data["order"] for event in shop.news() if event.type == "backorder.released"]

    assert lost == [orders[2], orders[0], orders[3], orders[1]]


def test_a_carton_scanned_after_its_pallet_came_with_it_until_the_pallet_is_closed(shop: Shop) -> None:
    gtin, sscc = new_gtin(), new_sscc()
    pen = shop.item(codes=[{"code": gtin, "pack": 12}])
    pallet = {"sscc": sscc, "contents": [{"sku": pen, "qty": 24}]}
    shop.central.do("asn.announce", asn=f"ASN-{sscc}", pallets=[pallet])

    shop.take("CMD:RECEIVE", f"00{sscc}", gun=DOCK)
    carton = shop.refused(gtin, gun=DOCK)
    # It is the station that knows, not the gun: another one there, by hand.
    by_hand = shop.node.cli("scan", "dock-1", gtin)
    elsewhere = shop.take("CMD:RECEIVE", gtin, gun=DESK)
    shop.take("CMD:DONE", gtin, gun=DOCK)

    assert (carton, by_hand.returncode, elsewhere) == ("came_with_pallet", 1, "accept")
    assert by_hand.stdout.split()[0].rstrip(":").lower() == "reject"
    assert shop.balance(pen) == {"location:DOCK-1": 36, "location:DESK": 12}


def test_our_own_label_is_no_delivery(shop: Shop) -> None:
    gtin, place = new_gtin(), shop.place()
    pen = shop.item(codes=[{"code": gtin, "pack": 1}])
    order = shop.order((pen, 2))
    shop.stock(pen, 5, place)
    backorder = shop.label(order, pen)
    putaway = wait_for(
        # Of the whole file's labels, the one of these goods: another test's would be refused just so.
        lambda: next(
            (each for each in shop.printer.labels if pen in each.text and order not in each.text), None
        ),
        f"the putaway label of {pen}",
    )
    assert putaway.gs1_scans()

    codes = (backorder.code, putaway.code, *putaway.gs1_scans())
    refusals = {shop.refused("CMD:RECEIVE", code, gun=DOCK) for code in codes}

    assert refusals == {"own_label"}
    assert shop.balance(pen) == {f"location:{place}": 5}


@pytest.mark.parametrize(("counted", "waits"), [(5, 0), (3, 0), (1, 1), (0, 2)])
def test_a_count_after_a_missing_pick_counts_nothing_twice(shop: Shop, counted: int, waits: int) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 5, place)
    shop.take("CMD:MISSING", f"LOC:{place}", f"SKU:{pen}")
    shop.news()

    shop.take("CMD:COUNT", f"LOC:{place}", f"QTY:{counted}", f"SKU:{pen}", "CMD:DONE")

    told = shop.news()
    assert "contradiction" not in shop.raised()
    assert "count_needed" in shop.cleared()
    served = [(e.data["order"], e.data["qty"]) for e in told if e.type == "backorder.allocated"]
    assert served == ([(order, 2 - waits)] if waits < 2 else [])
    assert shop.balance(pen) == ({f"location:{place}": counted} if counted else {})
    shop.level(pen, on_hand=counted, allocated=2 - waits, waiting=waits, missing=0)


def test_a_find_of_what_was_never_missing_needs_a_quantity_and_is_a_discrepancy(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))

    without = shop.refused("CMD:FOUND", f"LOC:{place}", f"SKU:{pen}")
    verdict = shop.take("CMD:FOUND", f"LOC:{place}", "QTY:3", f"SKU:{pen}")

    shop.expect(
        ("stock.found", {"sku": pen, "qty": 3, "location": place}),
        ("backorder.allocated", {"order": order, "qty": 2, "location": place, "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    assert (without, verdict) == ("needs_quantity", "attention")
    assert "contradiction" in shop.raised()
    # Counted again, it is counted once.
    shop.take("CMD:COUNT", f"LOC:{place}", "QTY:3", f"SKU:{pen}", "CMD:DONE")
    assert shop.balance(pen) == {f"location:{place}": 3}


def test_goods_picked_for_a_cancelled_order_can_only_come_back(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    label = shop.label(order, pen)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}")

    answer = shop.central.do("order.cancel", order=order)
    refusals = [
        shop.refused("CMD:SHIP", f"ORD:{order}"),
        shop.refused("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}"),
    ]
    by_label = shop.refused("CMD:PICK", label.code)
    # Counted, the place does not have what the picker still holds.
    shop.take("CMD:COUNT", f"LOC:{place}", f"SKU:{pen}", "CMD:DONE")
    shop.take("CMD:RETURN", f"ORD:{order}", f"SKU:{pen}")

    assert answer["picked"] == [{"line": 1, "sku": pen, "qty": 1}]
    assert refusals == ["cancelled", "cancelled"]
    assert by_label in ("void_label", "cancelled", "duplicate")
    assert shop.balance(pen) == {f"location:{place}": 1, "location:AISLE": 1}
    shop.level(pen, on_hand=2, allocated=0, available=2, waiting=0)


def test_a_power_cut_inside_a_move_a_count_or_a_pick_loses_nothing_of_it(
    node: Node, central: Central
) -> None:
    order(central, "SO-1", ("PEN", 3))
    node.take("gun-1", "LOC:A-01", "QTY:9", PEN, "OP:alice")
    starts = iter(range(2, 9))

    def power_cut() -> None:
        node.kill9()
        node.launch()
        central.state("online", session=next(starts))

    node.take("gun-2", "OP:bob", "CMD:MOVE", "LOC:A-01", "QTY:2", PEN)
    power_cut()
    node.take("gun-2", PEN)
    power_cut()
    node.take("gun-2", "LOC:B-02")
    moved = central.event("stock.moved")
    central.level("PEN", on_hand=9, allocated=3)

    node.take("gun-2", "CMD:COUNT", "LOC:B-02", PEN)
    power_cut()
    node.take("gun-2", PEN, "CMD:DONE")
    counted = central.event("stock.counted", location="B-02")

    node.take("gun-2", "CMD:PICK", "ORD:SO-1", "LOC:A-01", PEN, "QTY:2")
    power_cut()
    node.take("gun-2", PEN)
    first, second = central.event("stock.picked", qty=1), central.event("stock.picked", qty=2)

    assert (first.data["order"], second.data["order"]) == ("SO-1", "SO-1")
    assert first.seq < second.seq
    assert (moved.data["qty"], counted.data["expected"], counted.data["counted"]) == (3, 3, 2)
    # The person goes on too.
    assert {e.data["operator"] for e in central.events("stock.moved", "stock.picked")} == {"bob"}
    assert held(central.events(), "PEN") == {"location:A-01": 3, "location:B-02": 2, "picked:SO-1": 3}
    assert node.stop() == 0
    audit = node.cli("verify")
    assert audit.returncode == 0, audit.stdout + audit.stderr
