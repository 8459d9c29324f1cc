"""What central changes in an order: amend, prioritise, hold, ship, cancel with goods picked (section 6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.blackbox.shop import Shop


def line(n: int, sku: str, qty: int) -> dict[str, Any]:
    return {"line": n, "sku": sku, "qty": qty}


def test_a_line_that_grows_takes_what_is_there_and_waits_for_the_rest(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 5, place)
    shop.news()

    shop.central.do("order.amend", order=order, lines=[line(1, pen, 4)])
    shop.expect(("backorder.allocated", {"order": order, "line": 1, "qty": 2, "waiting": 0}))
    shop.central.do("order.amend", order=order, lines=[line(1, pen, 7)])

    shop.expect(
        ("backorder.allocated", {"order": order, "line": 1, "qty": 1, "waiting": 2}),
        ("backorder.waiting", {"order": order, "line": 1, "sku": pen, "qty": 2}),
        ("order.unfulfillable", {"order": order}),
    )
    shop.level(pen, on_hand=5, allocated=5, available=0, waiting=2)


def test_a_line_that_shrinks_gives_back_and_the_next_is_served(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 4))
    shop.stock(pen, 4, place)
    waits = shop.order((pen, 3))
    shop.news()

    shop.central.do("order.amend", order=order, lines=[line(1, pen, 1)])

    shop.expect(
        ("backorder.released", {"order": order, "line": 1, "qty": 3, "location": place, "reason": "amended"}),
        ("backorder.allocated", {"order": waits, "line": 1, "qty": 3, "waiting": 0}),
        ("order.ready", {"order": waits}),
    )
    shop.level(pen, on_hand=4, allocated=4, available=0, waiting=0)


def test_of_a_line_that_shrinks_what_waits_goes_before_what_is_promised(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 5))
    shop.stock(pen, 2, place)
    shop.news()

    shop.central.do("order.amend", order=order, lines=[line(1, pen, 2)])

    shop.expect(("order.ready", {"order": order}))
    shop.level(pen, on_hand=2, allocated=2, available=0, waiting=0)


def test_lines_are_added_and_with_0_cancelled_and_those_not_named_stay(shop: Shop) -> None:
    pen, ink, cap, place = shop.item(), shop.item(), shop.item(), shop.place()
    order = shop.order((pen, 1), (ink, 1))
    for sku in (pen, ink, cap):
        shop.stock(sku, 1, place)
    shop.news()

    shop.central.do("order.amend", order=order, lines=[line(2, ink, 0), line(3, cap, 1)])

    shop.expect(
        ("backorder.released", {"order": order, "line": 2, "sku": ink, "qty": 1, "reason": "amended"}),
        ("backorder.allocated", {"order": order, "line": 3, "sku": cap, "qty": 1, "waiting": 0}),
    )
    for sku, allocated in ((pen, 1), (ink, 0), (cap, 1)):
        shop.level(sku, on_hand=1, allocated=allocated, waiting=0)


def test_what_is_picked_or_shipped_cannot_be_amended_away(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 4))
    shop.stock(pen, 1, place)
    shop.take("CMD:SHIP", f"ORD:{order}")
    shop.stock(pen, 3, place)
    shop.pick(order, place, pen, 1)

    too_few = shop.error("order.amend", order=order, lines=[line(1, pen, 1)])
    none = shop.error("order.amend", order=order, lines=[line(1, pen, 0)])
    shop.central.do("order.amend", order=order, lines=[line(1, pen, 2)])

    assert (too_few["code"], none["code"]) == ("already_picked", "already_picked")
    shop.level(pen, on_hand=2, allocated=0, available=2, waiting=0)


def test_an_older_revision_is_stale_and_changes_nothing(shop: Shop) -> None:
    pen = shop.item()
    order = shop.order((pen, 1))

    shop.central.do("order.amend", order=order, revision=2, lines=[line(1, pen, 3)])
    same = shop.error("order.amend", order=order, revision=2, lines=[line(1, pen, 9)])
    older = shop.error("order.amend", order=order, revision=1, lines=[line(1, pen, 9)])
    shop.central.do("order.amend", order=order, revision=3, lines=[line(1, pen, 4)])

    assert (same["code"], older["code"]) == ("stale", "stale")
    shop.level(pen, waiting=4)


def test_an_amended_rank_counts_from_the_next_goods_on(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    first, second = shop.order((pen, 1), tier=5), shop.order((pen, 1))

    shop.central.do("order.amend", order=second, express=True)
    shop.news()
    shop.stock(pen, 1, place)

    shop.expect(("stock.received", {}), ("backorder.allocated", {"order": second}), ("order.ready", {}))
    shop.level(pen, waiting=1)
    assert first < second


def test_a_prioritised_order_is_served_first_and_nothing_is_taken_away_for_it(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    served, waits, hurried = (shop.order((pen, 1)) for _ in range(3))
    shop.stock(pen, 1, place)
    shop.news()

    shop.central.do("order.prioritise", order=hurried, tier=9)
    shop.expect()
    shop.stock(pen, 1, place)

    shop.expect(("stock.received", {}), ("backorder.allocated", {"order": hurried}), ("order.ready", {}))
    shop.central.do("order.prioritise", order=waits, express=True, promised_at="2026-11-30T12:00:00+01:00")
    shop.central.do("order.cancel", order=served)
    shop.expect(
        ("backorder.released", {"order": served, "reason": "cancelled"}),
        ("backorder.allocated", {"order": waits}),
        ("order.cancelled", {"order": served}),
        ("order.ready", {"order": waits}),
    )


def test_a_hold_ends_by_itself_at_its_time_and_the_order_is_served(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1))
    until = datetime.now(UTC) + timedelta(seconds=2)

    shop.central.do("order.hold", order=order, reason="credit", until=until.isoformat())
    shop.news()
    shop.stock(pen, 1, place)
    (received,) = shop.expect(("stock.received", {}))

    resumed = shop.central.event("order.resumed", after=received.seq, order=order)
    assert resumed.envelope["cause"].startswith("clock/")
    assert datetime.fromisoformat(resumed.envelope["time"]) >= until - timedelta(milliseconds=1)
    shop.expect(
        ("backorder.allocated", {"order": order, "qty": 1}),
        ("order.resumed", {"order": order}),
        ("order.ready", {"order": order}),
    )


def test_what_is_picked_for_a_cancelled_order_is_named_and_waits_to_be_put_back(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 4))
    shop.stock(pen, 3, place)
    shop.pick(order, place, pen, 2)
    waits = shop.order((pen, 2))
    shop.news()

    answer = shop.central.do("order.cancel", order=order)

    told = shop.expect(
        ("backorder.released", {"order": order, "line": 1, "qty": 1, "reason": "cancelled"}),
        ("backorder.allocated", {"order": waits, "qty": 1, "waiting": 1}),
        ("order.cancelled", {"order": order}),
    )
    assert answer["picked"] == [line(1, pen, 2)]
    assert "restock" in shop.raised()
    assert shop.central.event("label.printed", after=told[0].seq, kind="restock")
    assert shop.balance(pen) == {f"location:{place}": 1, f"picked:{order}": 2}

    shop.take("CMD:RETURN", f"ORD:{order}", "QTY:2", f"SKU:{pen}")

    # The cancelled order wants nothing back: its goods serve who waits.
    shop.expect(
        ("stock.returned", {"order": order, "sku": pen, "qty": 2, "location": "AISLE"}),
        ("backorder.allocated", {"order": waits, "qty": 1, "location": "AISLE", "waiting": 0}),
        ("order.ready", {"order": waits}),
    )
    assert "restock" in shop.cleared()
    shop.level(pen, on_hand=3, allocated=2, available=1, waiting=0)


def test_some_lines_are_cancelled_and_the_others_stay(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    order = shop.order((pen, 1), (ink, 1))
    shop.stock(pen, 1, place)
    shop.stock(ink, 1, place)

    shop.central.do("order.cancel", order=order, lines=[1])

    shop.level(pen, on_hand=1, allocated=0, available=1, waiting=0)
    shop.level(ink, on_hand=1, allocated=1, available=0, waiting=0)
    shop.news()
    shop.take("CMD:SHIP", f"ORD:{order}")
    (_, shipped) = shop.expect(("stock.shipped", {"sku": ink, "qty": 1}), ("order.shipped", {}))
    assert (shipped.data["complete"], shipped.data["lines"]) == (True, [line(2, ink, 1)])


def test_what_an_order_carries_under_ext_comes_back_with_its_events(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1), ext={"shop": "blue-4711"})
    shop.stock(pen, 1, place)

    about = [event for event in shop.news() if event.data.get("order") == order]

    assert {"backorder.waiting", "backorder.allocated", "order.ready"} <= {event.type for event in about}
    assert all(b"blue-4711" in event.payload for event in about)


def test_a_change_that_is_wrong_or_about_nothing_changes_nothing(shop: Shop) -> None:
    pen = shop.item()
    order = shop.order((pen, 2))
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("order.amend", {"order": "SO-NEVER", "lines": [line(1, pen, 1)]}, "unknown_order"),
        ("order.amend", {"order": order, "lines": [line(1, pen, -1)]}, "bad_value"),
        ("order.amend", {"order": order, "lines": [line(1, pen, 1), line(1, pen, 2)]}, "bad_value"),
        ("order.amend", {"order": order, "lines": [{**line(1, pen, 1), "colour": "red"}]}, "unknown_field"),
        ("order.prioritise", {"order": order, "tier": 10}, "bad_value"),
        ("order.prioritise", {"order": "SO-NEVER", "tier": 1}, "unknown_order"),
        ("order.hold", {"order": "SO-NEVER", "reason": "credit"}, "unknown_order"),
        ("order.hold", {"order": order, "reason": "credit", "until": "soon"}, "bad_value"),
        ("order.resume", {"order": "SO-NEVER"}, "unknown_order"),
        ("order.ship", {"order": "SO-NEVER"}, "unknown_order"),
    ]

    for kind, data, code in wrong:
        assert shop.error(kind, **data)["code"] == code, (kind, data)

    shop.level(pen, waiting=2)
