"""SHIP and RETURN: what leaves, what comes back, and for whom (contract sections 3 and 4)."""

from tests.integration.blackbox.shop import AISLE, DOCK, Shop


def test_an_order_leaves_with_all_that_is_picked_or_allocated(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    order = shop.order((pen, 3), (ink, 1))
    shop.stock(pen, 4, place)
    shop.stock(ink, 1, place)
    shop.pick(order, place, pen, 1)
    shop.news()

    shop.take("CMD:SHIP", f"ORD:{order}")

    told = shop.news()
    left = [event for event in told if event.type == "stock.shipped"]
    assert {event.data["order"] for event in left} == {order}
    assert sum(event.data["qty"] for event in left if event.data["sku"] == pen) == 3
    (shipped,) = [event for event in told if event.type == "order.shipped"]
    assert shipped.data["order"] == order
    assert shipped.data["complete"] is True
    assert shipped.data["lines"] == [
        {"line": 1, "sku": pen, "qty": 3},
        {"line": 2, "sku": ink, "qty": 1},
    ]
    # An allocation that ends by a shipment is not released.
    assert {event.type for event in told} - {"label.printed"} == {"stock.shipped", "order.shipped"}
    assert shop.balance(pen) == {f"location:{place}": 1, f"customer:{order}": 3}
    shop.level(pen, on_hand=1, allocated=0, available=1, waiting=0)


def test_what_is_there_leaves_and_the_rest_follows(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 3))
    shop.stock(pen, 2, place)

    shop.take("CMD:SHIP", f"ORD:{order}")
    shop.stock(pen, 1, place)
    shop.take("CMD:SHIP", f"ORD:{order}")

    first, second = [e for e in shop.news() if e.type == "order.shipped"]
    assert (first.data["complete"], second.data["complete"]) == (False, True)
    assert first.data["lines"] == [{"line": 1, "sku": pen, "qty": 2}]
    assert shop.balance(pen) == {f"customer:{order}": 3}
    assert shop.refused("CMD:SHIP", f"ORD:{order}") == "nothing_to_ship"


def test_an_order_that_has_nothing_is_not_shipped(shop: Shop) -> None:
    pen = shop.item()
    order = shop.order((pen, 3))

    waiting = shop.refused("CMD:SHIP", f"ORD:{order}")
    unknown = shop.refused("CMD:SHIP", "ORD:SO-NEVER")

    assert (waiting, unknown) == ("nothing_to_ship", "unknown_order")


def test_an_order_on_hold_or_cancelled_is_not_shipped(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.pick(order, place, pen, 1)

    shop.central.do("order.hold", order=order, reason="credit")
    held = shop.refused("CMD:SHIP", f"ORD:{order}")
    shop.central.do("order.cancel", order=order)
    cancelled = shop.refused("CMD:SHIP", f"ORD:{order}")

    assert (held, cancelled) == ("on_hold", "cancelled")


def test_central_may_ship_without_a_scan_and_by_the_line(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    order = shop.order((pen, 2), (ink, 1))
    shop.stock(pen, 2, place)
    shop.stock(ink, 1, place)
    shop.news()

    shop.central.do("order.ship", order=order, lines=[2])
    (_, one) = shop.expect(("stock.shipped", {"sku": ink, "qty": 1}), ("order.shipped", {"order": order}))
    shop.central.do("order.ship", order=order)
    (_, rest) = shop.expect(("stock.shipped", {"sku": pen, "qty": 2}), ("order.shipped", {"order": order}))

    assert (one.data["complete"], rest.data["complete"]) == (False, True)
    assert one.envelope["cause"].startswith("command/")
    assert shop.balance(pen) == {f"customer:{order}": 2}


def test_an_order_that_was_shipped_is_not_cancelled(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.take("CMD:SHIP", f"ORD:{order}")

    assert shop.error("order.cancel", order=order)["code"] == "shipped"


def test_goods_that_come_back_serve_who_waits_and_reopen_no_line(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    sent = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.take("CMD:SHIP", f"ORD:{sent}")
    waits = shop.order((pen, 1))
    shop.news()

    shop.take("CMD:RETURN", f"ORD:{sent}", f"SKU:{pen}")

    returned, *_ = shop.expect(
        ("stock.returned", {"sku": pen, "qty": 1, "order": sent, "location": "AISLE"}),
        ("backorder.allocated", {"order": waits, "line": 1, "qty": 1, "location": "AISLE", "waiting": 0}),
        ("order.ready", {"order": waits}),
    )
    (move,) = returned.data["moves"]
    assert (move["from"], move["to"]) == (f"customer:{sent}", "location:AISLE")
    assert shop.label(waits, pen)
    shop.level(pen, on_hand=1, allocated=1, available=0, waiting=0)


def test_goods_are_booked_back_at_the_station_where_they_are_scanned(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.take("CMD:SHIP", f"ORD:{order}")

    shop.take("CMD:RETURN", f"ORD:{order}", f"SKU:{pen}", gun=DOCK)
    shop.take("CMD:RETURN", f"ORD:{order}", f"SKU:{pen}", gun=AISLE)

    assert shop.balance(pen) == {"location:DOCK-1": 1, "location:AISLE": 1}


def test_what_a_live_order_gives_back_it_waits_for_again(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1))
    shop.stock(pen, 1, place)
    shop.pick(order, place, pen, 1)
    better = shop.order((pen, 1), express=True)
    shop.news()

    shop.take("CMD:RETURN", f"ORD:{order}", f"SKU:{pen}")

    # The goods go to who is first now, and that is another.
    shop.expect(
        ("stock.returned", {"sku": pen, "qty": 1, "order": order, "line": 1}),
        ("backorder.allocated", {"order": better, "qty": 1, "location": "AISLE"}),
        ("backorder.waiting", {"order": order, "line": 1, "qty": 1}),
        ("order.ready", {"order": better}),
        ("order.unfulfillable", {"order": order}),
    )
    shop.level(pen, on_hand=1, allocated=1, available=0, waiting=1)


def test_what_is_picked_comes_back_before_what_is_shipped(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 3))
    shop.stock(pen, 2, place)
    shop.take("CMD:SHIP", f"ORD:{order}")
    shop.stock(pen, 1, place)
    shop.pick(order, place, pen, 1)

    shop.take("CMD:RETURN", f"ORD:{order}", f"SKU:{pen}")
    first = shop.balance(pen)
    shop.take(f"SKU:{pen}")

    assert first == {f"customer:{order}": 2, "location:AISLE": 1}
    assert shop.balance(pen) == {f"customer:{order}": 1, "location:AISLE": 2}
    # The picked one it lacks again and gets again, the shipped one it has had.
    shop.level(pen, on_hand=2, allocated=1, available=1, waiting=0)


def test_a_return_names_an_order_and_an_item_of_it(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    order = shop.order((pen, 1))
    shop.stock(pen, 1, place)
    shop.take("CMD:SHIP", f"ORD:{order}")

    without = shop.refused("CMD:RETURN", f"SKU:{pen}")
    unknown = shop.refused("CMD:RETURN", "ORD:SO-NEVER", f"SKU:{pen}")

    assert (without, unknown) == ("needs_order", "unknown_order")
    # What the order never had cannot come back from it.
    assert shop.take("CMD:RETURN", f"ORD:{order}") == "accept"
    assert shop.refused(f"SKU:{ink}") == "not_wanted"
    assert shop.balance(ink) == {}
