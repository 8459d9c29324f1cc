"""`stock.low`: told once when what is available falls below an item's threshold (contract section 6)."""

from tests.integration.blackbox.shop import Shop


def test_it_is_told_when_available_falls_below_and_before_anyone_waits(shop: Shop) -> None:
    pen, place = shop.item(low_stock=3), shop.place()
    shop.stock(pen, 5, place)
    shop.news()

    at_it = shop.order((pen, 2))
    shop.expect(("backorder.allocated", {"order": at_it}), ("order.ready", {"order": at_it}))
    below = shop.order((pen, 1))

    shop.expect(
        ("backorder.allocated", {"order": below}),
        ("order.ready", {"order": below}),
        ("stock.low", {"sku": pen, "available": 2, "threshold": 3}),
    )
    shop.level(pen, waiting=0)


def test_it_is_told_again_only_after_it_rose(shop: Shop) -> None:
    pen, place = shop.item(low_stock=3), shop.place()
    shop.stock(pen, 3, place)
    shop.order((pen, 1))
    shop.news()

    shop.order((pen, 1))
    still_low = [event.type for event in shop.news()]
    shop.stock(pen, 4, place)
    risen = [event.type for event in shop.news()]
    shop.order((pen, 3))
    again = [event.data for event in shop.news() if event.type == "stock.low"]

    assert "stock.low" not in still_low + risen
    assert [(data["available"], data["threshold"]) for data in again] == [(2, 3)]


def test_a_missing_pick_can_be_what_makes_it_low(shop: Shop) -> None:
    pen, place = shop.item(low_stock=3), shop.place()
    shop.stock(pen, 5, place)
    shop.news()

    shop.take("CMD:MISSING", f"LOC:{place}", "QTY:4", f"SKU:{pen}")

    shop.expect(
        ("stock.missing", {"sku": pen, "qty": 4}),
        ("stock.low", {"sku": pen, "available": 1, "threshold": 3}),
    )


def test_an_item_that_never_was_above_is_not_said_to_fall(shop: Shop) -> None:
    pen, place = shop.item(low_stock=10), shop.place()
    shop.order((pen, 2))
    shop.news()

    shop.stock(pen, 3, place)

    assert "stock.low" not in [event.type for event in shop.news()]


def test_an_item_without_a_threshold_is_never_low(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)

    shop.order((pen, 5))

    assert "stock.low" not in [event.type for event in shop.news()]
