"""DAMAGE, RELEASE and SCRAP: goods set aside, put back or thrown away (contract section 3)."""

from tests.integration.blackbox.shop import CART, DOCK, Shop, new_sscc


def test_damaged_goods_are_set_aside_and_who_was_promised_them_is_served_from_elsewhere(shop: Shop) -> None:
    pen, place, elsewhere = shop.item(), shop.place(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.stock(pen, 5, elsewhere)
    shop.news()

    verdict = shop.take("CMD:DAMAGE", f"LOC:{place}", f"SKU:{pen}")

    damaged, *_ = shop.expect(
        ("stock.damaged", {"sku": pen, "qty": 1, "location": place, "station": "aisle-1"}),
        ("backorder.released", {"order": order, "line": 1, "qty": 1, "location": place, "reason": "damaged"}),
        ("backorder.allocated", {"order": order, "line": 1, "qty": 1, "location": elsewhere}),
    )
    (move,) = damaged.data["moves"]
    assert (move["from"], move["to"], move["qty"]) == (f"location:{place}", f"quarantine:{place}", 1)
    assert (verdict, "damaged" in shop.raised()) == ("attention", True)
    assert shop.central.event("label.printed", after=damaged.seq, kind="quarantine")
    shop.level(pen, on_hand=6, allocated=2, available=4, waiting=0, quarantine=1)


def test_of_damaged_goods_those_go_first_that_nobody_was_promised_then_the_last_promise(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.order((pen, 2), express=True)
    last = shop.order((pen, 2))
    shop.stock(pen, 5, place)
    shop.news()

    shop.take("CMD:DAMAGE", f"LOC:{place}", f"SKU:{pen}")
    shop.expect(("stock.damaged", {"sku": pen, "qty": 1}))
    shop.take("QTY:2", f"SKU:{pen}")

    shop.expect(
        ("stock.damaged", {"sku": pen, "qty": 2}),
        ("backorder.released", {"order": last, "qty": 2, "reason": "damaged"}),
        ("backorder.waiting", {"order": last, "qty": 2, "reason": "damaged"}),
        ("order.unfulfillable", {"order": last}),
    )


def test_goods_that_turn_out_sound_serve_who_waits(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 3, place)
    shop.take("CMD:DAMAGE", f"LOC:{place}", "QTY:3", f"SKU:{pen}")
    order = shop.order((pen, 2))
    shop.news()

    shop.take("CMD:RELEASE", f"LOC:{place}", "QTY:3", f"SKU:{pen}")

    released, *_ = shop.expect(
        ("stock.released", {"sku": pen, "qty": 3, "location": place}),
        ("backorder.allocated", {"order": order, "qty": 2, "location": place, "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    (move,) = released.data["moves"]
    assert (move["from"], move["to"]) == (f"quarantine:{place}", f"location:{place}")
    assert shop.label(order, pen)
    assert "damaged" in shop.cleared()
    shop.level(pen, on_hand=3, allocated=2, available=1, waiting=0, quarantine=0)


def test_goods_thrown_away_leave_the_ledger(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 2, place)
    shop.take("CMD:DAMAGE", f"LOC:{place}", "QTY:2", f"SKU:{pen}")
    shop.news()

    shop.take("CMD:SCRAP", f"LOC:{place}", f"SKU:{pen}")

    (scrapped,) = shop.expect(("stock.scrapped", {"sku": pen, "qty": 1, "location": place}))
    (move,) = scrapped.data["moves"]
    assert (move["from"], move["to"]) == (f"quarantine:{place}", "scrap")
    assert shop.balance(pen) == {f"quarantine:{place}": 1}


def test_only_what_is_set_aside_is_released_or_scrapped_and_only_what_is_there_damaged(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    shop.stock(pen, 2, place)

    released = shop.refused("CMD:RELEASE", f"LOC:{place}", f"SKU:{pen}")
    scrapped = shop.refused("CMD:SCRAP", f"LOC:{place}", f"SKU:{pen}")
    damaged = shop.refused("CMD:DAMAGE", f"LOC:{place}", f"SKU:{ink}")
    modes = ("CMD:DAMAGE", "CMD:RELEASE", "CMD:SCRAP")
    nowhere = [shop.refused(mode, f"SKU:{pen}", gun=CART) for mode in modes]

    assert (released, scrapped, damaged) == ("not_here", "not_here", "not_here")
    assert nowhere == ["needs_place"] * 3


def test_a_damaged_pallet_is_set_aside_with_all_that_is_on_it(shop: Shop) -> None:
    pen, ink, sscc = shop.item(), shop.item(), new_sscc()
    contents = [{"sku": pen, "qty": 4}, {"sku": ink, "qty": 2}]
    shop.central.do("asn.announce", asn=f"ASN-{sscc}", pallets=[{"sscc": sscc, "contents": contents}])
    shop.take("CMD:RECEIVE", "LOC:DOCK-1", f"00{sscc}", gun=DOCK)
    shop.news()

    shop.take("CMD:DAMAGE", "LOC:DOCK-1", f"00{sscc}")

    told = shop.expect(("stock.damaged", {}), ("stock.damaged", {}))
    assert {(event.data["sku"], event.data["qty"]) for event in told} == {(pen, 4), (ink, 2)}
    assert shop.balance(pen) == {"quarantine:DOCK-1": 4}
    assert shop.balance(ink) == {"quarantine:DOCK-1": 2}


def test_what_arrived_expired_can_be_scrapped_where_it_arrived(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 2, place, lot="OLD", expiry="2020-01-31")
    shop.news()

    shop.take("CMD:SCRAP", f"LOC:{place}", "QTY:2", "LOT:OLD", "EXP:2020-01-31", f"SKU:{pen}")

    shop.expect(("stock.scrapped", {"sku": pen, "qty": 2, "lot": "OLD", "expiry": "2020-01-31"}))
    assert shop.balance(pen) == {}
    assert "expired" in shop.cleared()
