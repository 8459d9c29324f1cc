"""PICK: promised goods are taken for their order, and what is not there is told (contract sections 3 and 4)."""

from tests.integration.blackbox.shop import CART, Shop, all_moves


def pick(order: str, place: str, *codes: str) -> tuple[str, ...]:
    return ("CMD:PICK", f"ORD:{order}", f"LOC:{place}", *codes)


def test_a_pick_takes_what_was_promised_to_the_order(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 3, place)
    shop.news()

    shop.take(*pick(order, place, f"SKU:{pen}"))
    shop.take(f"SKU:{pen}")

    # Ready it was before: that is not told again.
    first, _ = shop.expect(
        ("stock.picked", {"sku": pen, "qty": 1, "order": order, "line": 1, "location": place}),
        ("stock.picked", {"sku": pen, "qty": 1, "order": order, "line": 1, "station": "aisle-1"}),
    )
    (move,) = first.data["moves"]
    assert (move["from"], move["to"], move["qty"]) == (f"location:{place}", f"picked:{order}", 1)
    assert shop.balance(pen) == {f"location:{place}": 1, f"picked:{order}": 2}
    shop.level(pen, on_hand=1, allocated=0, available=1, waiting=0)


def test_no_more_is_picked_than_the_order_still_lacks_and_nothing_it_did_not_ask_for(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 5, place)
    shop.stock(ink, 5, place)
    shop.take(*pick(order, place))

    too_many = shop.refused("QTY:3", f"SKU:{pen}")
    # A refused scan leaves the quantity in the dialogue.
    other = shop.refused(f"SKU:{ink}")
    shop.take("QTY:2", f"SKU:{pen}")
    one_more = shop.refused(f"SKU:{pen}")

    assert (too_many, other, one_more) == ("not_wanted", "not_wanted", "not_wanted")
    assert shop.balance(pen) == {f"location:{place}": 3, f"picked:{order}": 2}


def test_the_lower_line_is_picked_first(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2), (pen, 1))
    shop.stock(pen, 3, place)
    shop.news()

    shop.take(*pick(order, place, "QTY:3", f"SKU:{pen}"))

    shop.expect(
        ("stock.picked", {"order": order, "line": 1, "qty": 2}),
        ("stock.picked", {"order": order, "line": 2, "qty": 1}),
    )


def test_the_promised_lot_is_picked_first(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 2, place, lot="LATE", expiry="2039-06-30")
    shop.stock(pen, 2, place, lot="SOON", expiry="2038-06-30")
    order = shop.order((pen, 2))
    shop.news()

    shop.take(*pick(order, place, f"SKU:{pen}"))

    shop.expect(("stock.picked", {"order": order, "qty": 1, "lot": "SOON", "expiry": "2038-06-30"}))
    shop.level(pen, on_hand=3, allocated=1, available=2, waiting=0)


def test_a_backorder_label_alone_is_a_whole_pick_and_is_spent_by_it(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    label = shop.label(order, pen)
    shop.news()

    shop.take("CMD:PICK", label.code)

    shop.expect(("stock.picked", {"sku": pen, "qty": 2, "order": order, "line": 1, "location": place}))
    assert shop.refused("CMD:PICK", label.code) == "duplicate"
    assert shop.balance(pen) == {f"picked:{order}": 2}


def test_a_pick_needs_an_order_then_a_place(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1))
    shop.stock(pen, 1, place)

    without_order = shop.refused(f"LOC:{place}", f"SKU:{pen}", gun=CART)
    without_place = shop.refused("CMD:PICK", f"ORD:{order}", f"SKU:{pen}", gun=CART)
    unknown = shop.refused("CMD:PICK", "ORD:SO-NEVER", f"LOC:{place}", f"SKU:{pen}", gun=CART)

    assert (without_order, without_place, unknown) == ("needs_order", "needs_place", "unknown_order")


def test_short_tells_that_no_more_is_here_and_the_rest_comes_from_elsewhere(shop: Shop) -> None:
    pen, place, elsewhere = shop.item(), shop.place(), shop.place()
    order = shop.order((pen, 3))
    shop.stock(pen, 4, place)
    shop.stock(pen, 5, elsewhere)
    shop.news()

    verdict = shop.take(*pick(order, place, f"SKU:{pen}", "CMD:SHORT"))

    # All that the ledger still has of it there goes, promised or not.
    shop.expect(
        ("stock.picked", {"order": order, "qty": 1}),
        (
            "stock.missing",
            {
                "sku": pen,
                "qty": 3,
                "location": place,
                "order": order,
                "released": [{"order": order, "line": 1, "qty": 2}],
            },
        ),
        ("backorder.released", {"order": order, "line": 1, "qty": 2, "reason": "not_found"}),
        ("backorder.allocated", {"order": order, "line": 1, "qty": 2, "location": elsewhere, "waiting": 0}),
    )
    assert verdict == "attention"
    assert "count_needed" in shop.raised()
    # Served again, nothing that was promised is lost.
    assert "unfulfillable" not in shop.raised()
    assert shop.label(order, f"now 2 from {elsewhere}", place)
    assert shop.balance(pen) == {
        f"picked:{order}": 1,
        f"missing:{place}": 3,
        f"location:{elsewhere}": 5,
    }


def test_short_before_any_item_is_refused(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1))
    shop.stock(pen, 1, place)

    assert shop.refused(*pick(order, place, "CMD:SHORT")) == "needs_item"


def test_a_pick_of_what_another_was_promised_releases_that(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    robbed = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    robber = shop.order((pen, 1))
    shop.news()

    verdict = shop.take(*pick(robber, place, f"SKU:{pen}"))

    shop.expect(
        ("stock.picked", {"order": robber, "qty": 1}),
        ("backorder.released", {"order": robbed, "line": 1, "qty": 1, "location": place, "reason": "taken"}),
        ("backorder.waiting", {"order": robbed, "line": 1, "qty": 1, "reason": "taken"}),
        ("order.unfulfillable", {"order": robbed}),
        ("order.ready", {"order": robber}),
    )
    assert verdict == "attention"
    assert "unfulfillable" in shop.raised()
    assert shop.balance(pen) == {f"location:{place}": 1, f"picked:{robber}": 1}
    shop.level(pen, on_hand=1, allocated=1, available=0, waiting=1)


def test_goods_picked_elsewhere_than_promised_leave_nothing_promised_twice(shop: Shop) -> None:
    pen, promised, other = shop.item(), shop.place(), shop.place()
    shop.stock(pen, 1, promised)
    order = shop.order((pen, 1))
    shop.stock(pen, 1, other)
    shop.news()

    shop.take(*pick(order, other, f"SKU:{pen}"))

    assert "stock.picked" in [event.type for event in shop.news()]
    assert shop.balance(pen) == {f"location:{promised}": 1, f"picked:{order}": 1}
    shop.level(pen, on_hand=1, allocated=0, available=1, waiting=0)


def test_what_is_picked_where_the_ledger_has_nothing_comes_out_of_missing_then_out_of_adjustment(
    shop: Shop,
) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 3))
    shop.stock(pen, 1, place)
    shop.take("CMD:MISSING", f"LOC:{place}", f"SKU:{pen}")
    shop.news()

    verdict = shop.take(*pick(order, place, "QTY:3", f"SKU:{pen}"))

    told = shop.news()
    picked = [event for event in told if event.type.startswith("stock.")]
    assert {event.type for event in picked} == {"stock.picked"}
    drawn = sum(move["qty"] for move in all_moves(picked) if move["from"] == "adjustment")
    assert (verdict, drawn, "contradiction" in shop.raised()) == ("attention", 2, True)
    assert [event.data["order"] for event in told if event.type == "order.ready"] == [order]
    assert shop.balance(pen) == {f"picked:{order}": 3}
    shop.level(pen, on_hand=0, allocated=0, available=0, waiting=0, missing=0)


def test_goods_of_an_order_on_hold_or_cancelled_are_not_picked(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    label = shop.label(order, pen)

    shop.central.do("order.hold", order=order, reason="credit")
    held = shop.refused(*pick(order, place, f"SKU:{pen}"))
    held_by_label = shop.refused("CMD:PICK", label.code)
    shop.central.do("order.cancel", order=order)
    cancelled = shop.refused(*pick(order, place, f"SKU:{pen}"))

    assert (held, held_by_label, cancelled) == ("on_hold", "on_hold", "cancelled")


def test_a_label_whose_goods_are_gone_is_void_in_every_mode(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    label = shop.label(order, pen)
    shop.take("CMD:MISSING", f"LOC:{place}", "QTY:1", f"SKU:{pen}")

    for mode in ("CMD:PICK", "CMD:MOVE", "CMD:MISSING", "CMD:DAMAGE", "CMD:COUNT"):
        # Less than its quantity is still promised, so that it stands for nothing.
        assert shop.refused(mode, f"LOC:{place}", label.code) == "void_label", mode
