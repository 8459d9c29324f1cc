"""Who gets the goods: order of service, fill, holds and cancellations (contract section 4)."""

from typing import Any

from tests.integration.blackbox.central import Central
from tests.integration.blackbox.goods import INK, PEN, order
from tests.integration.blackbox.node import Node


def allocations(central: Central, after: int) -> list[tuple[Any, ...]]:
    """Order, line and quantity of each allocation beyond that event, in order."""
    return [
        (event.data["order"], event.data["line"], event.data["qty"])
        for event in central.events("backorder.allocated")
        if event.seq > after
    ]


def receive(node: Node, central: Central, qty: int, code: str = PEN) -> list[tuple[Any, ...]]:
    """Receive goods at the dock and return whom they went to."""
    before = len(central.events())
    if qty != 1:
        node.take("gun-1", f"QTY:{qty}")
    node.take("gun-1", code)
    # A refused scan is told behind everything that the receipt did.
    assert node.scan("gun-2", "#end") == "reject"
    central.event("scan.rejected", after=before)
    return allocations(central, before)


def test_express_goes_first_then_tier_then_promise_then_age(node: Node, central: Central) -> None:
    order(central, "A-OLD", ("PEN", 1), placed_at="2026-11-01T08:00:00Z")
    order(central, "B-YOUNG", ("PEN", 1), placed_at="2026-11-05T08:00:00Z")
    order(
        central,
        "C-PROMISED",
        ("PEN", 1),
        placed_at="2026-11-06T08:00:00Z",
        promised_at="2026-12-24T12:00:00+01:00",
    )
    order(
        central,
        "D-SOONER",
        ("PEN", 1),
        placed_at="2026-11-07T08:00:00Z",
        promised_at="2026-12-24T11:30:00+01:00",
    )
    order(central, "E-TIER", ("PEN", 1), placed_at="2026-11-08T08:00:00Z", tier=9)
    order(central, "F-EXPRESS", ("PEN", 1), placed_at="2026-11-09T08:00:00Z", express=True)

    served = [receive(node, central, 1)[0][0] for _ in range(6)]

    assert served == ["F-EXPRESS", "E-TIER", "D-SOONER", "C-PROMISED", "A-OLD", "B-YOUNG"]


def test_one_receipt_serves_several_in_that_order_and_ties_go_by_the_bytes_of_the_id(
    node: Node, central: Central
) -> None:
    for id in ("SO-9", "SO-10", "so-1"):
        order(central, id, ("PEN", 2))

    served = receive(node, central, 5)

    assert served == [("SO-10", 1, 2), ("SO-9", 1, 2), ("so-1", 1, 1)]
    central.level("PEN", on_hand=5, allocated=5, available=0, waiting=1)


def test_what_is_promised_is_not_taken_for_a_higher_rank_that_comes_later(
    node: Node, central: Central
) -> None:
    order(central, "SO-1", ("PEN", 2))
    receive(node, central, 3)

    order(central, "SO-2", ("PEN", 2), express=True)

    assert allocations(central, 0) == [("SO-1", 1, 2), ("SO-2", 1, 1)]
    central.level("PEN", allocated=3, available=0, waiting=1)


def test_fill_line_takes_only_a_whole_line_and_blocks_nobody(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 5), fill="line")
    order(central, "SO-2", ("PEN", 4))

    first = receive(node, central, 3)
    second = receive(node, central, 6)

    assert first == [("SO-2", 1, 3)]
    assert second == [("SO-1", 1, 5), ("SO-2", 1, 1)]


def test_fill_complete_takes_the_whole_order_at_once_or_nothing(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2), ("INK", 1), fill="complete")

    pens = receive(node, central, 3)
    ink = receive(node, central, 1, INK)

    assert pens == []
    assert sorted(ink) == [("SO-1", 1, 2), ("SO-1", 2, 1)]
    central.event("order.ready", order="SO-1")
    central.level("PEN", on_hand=3, allocated=2, available=1, waiting=0)


def test_an_order_placed_when_goods_are_there_is_served_at_once(node: Node, central: Central) -> None:
    receive(node, central, 3)

    order(central, "SO-1", ("PEN", 2))

    central.expect(
        ("stock.received", {"sku": "PEN", "qty": 3}),
        ("scan.rejected", {}),
        ("backorder.allocated", {"order": "SO-1", "line": 1, "qty": 2, "location": "DOCK-1", "waiting": 0}),
        ("order.ready", {"order": "SO-1"}),
    )


def test_an_order_on_hold_is_skipped_and_keeps_its_rank(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2), express=True)
    order(central, "SO-2", ("PEN", 2))
    order(central, "SO-3", ("PEN", 2))

    central.do("order.hold", order="SO-1", reason="credit")
    held = receive(node, central, 2)
    central.do("order.resume", order="SO-1")
    resumed = receive(node, central, 2)

    assert held == [("SO-2", 1, 2)]
    assert resumed == [("SO-1", 1, 2)]
    assert [event.data["order"] for event in central.events("order.held", "order.resumed")] == ["SO-1"] * 2


def test_an_order_on_hold_keeps_what_it_has(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2))
    order(central, "SO-2", ("PEN", 2))
    receive(node, central, 2)

    central.do("order.hold", order="SO-1", reason="credit")

    assert receive(node, central, 1) == [("SO-2", 1, 1)]
    assert central.events("backorder.released") == []


def test_a_cancelled_order_gives_back_and_the_next_is_served(node: Node, central: Central) -> None:
    order(central, "SO-1", ("PEN", 2))
    order(central, "SO-2", ("PEN", 3))
    node.take("gun-1", "QTY:2", PEN)

    central.do("order.cancel", order="SO-1")

    central.expect(
        ("backorder.waiting", {"order": "SO-1", "line": 1, "qty": 2, "reason": "out_of_stock"}),
        ("order.unfulfillable", {"order": "SO-1", "lines": [{"line": 1, "sku": "PEN", "qty": 2}]}),
        ("backorder.waiting", {"order": "SO-2", "line": 1, "qty": 3, "reason": "out_of_stock"}),
        ("order.unfulfillable", {"order": "SO-2"}),
        ("stock.received", {"sku": "PEN", "qty": 2}),
        ("backorder.allocated", {"order": "SO-1", "line": 1, "qty": 2, "waiting": 0}),
        ("order.ready", {"order": "SO-1"}),
        ("backorder.released", {"order": "SO-1", "line": 1, "qty": 2, "reason": "cancelled"}),
        ("backorder.allocated", {"order": "SO-2", "line": 1, "qty": 2, "waiting": 1}),
        ("order.cancelled", {"order": "SO-1"}),
    )
    central.level("PEN", on_hand=2, allocated=2, available=0, waiting=1)


def test_the_earlier_expiry_is_promised_first_and_none_comes_last(node: Node, central: Central) -> None:
    node.take("gun-1", PEN)
    node.take("gun-1", f"]C101{PEN:0>14}1729063010LATE")
    node.take("gun-1", f"]C101{PEN:0>14}1728063010SOON")

    order(central, "SO-1", ("PEN", 3))

    promised = [event.data["lot"] for event in central.events("backorder.allocated")]
    assert promised == ["SOON", "LATE", None]
