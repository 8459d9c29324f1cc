"""Goods announced: who can expect them when, and what comes otherwise than announced (sections 3, 4 and 6)."""

from typing import Any

from tests.integration.blackbox.shop import DOCK, Shop, new_sscc

SOON, LATER, LATE = "2038-12-01T09:00:00Z", "2038-12-08T09:00:00Z", "2038-12-15T09:00:00Z"


def announce(shop: Shop, asn: str, sku: str, qty: int, **fields: object) -> None:
    shop.central.do("asn.announce", **{"asn": asn, "lines": [{"line": 1, "sku": sku, "qty": qty}], **fields})


def eta(order: str, asn: str, was: str | None, now: str | None) -> tuple[str, dict[str, Any]]:
    told = {"order": order, "line": 1, "expected_at": now, "was": was}
    # Whose goods are withdrawn is told by no announcement, or by the one withdrawn.
    return "backorder.eta", told if now is None else {**told, "asn": asn}


def test_every_waiting_line_is_told_when_it_can_expect_its_goods_and_when_that_changes(shop: Shop) -> None:
    pen = shop.item()
    asn = f"ASN-{pen}"
    second, first = shop.order((pen, 2)), shop.order((pen, 2), express=True)
    shop.news()

    announce(shop, asn, pen, 4, eta=SOON)
    told = shop.expect(eta(first, asn, None, SOON), eta(second, asn, None, SOON))
    announce(shop, asn, pen, 4, eta=SOON)
    shop.expect()
    announce(shop, asn, pen, 4, eta=LATE)
    shop.expect(eta(first, asn, SOON, LATE), eta(second, asn, SOON, LATE))
    shop.level(pen, expected=4, waiting=4)
    shop.central.do("asn.cancel", asn=asn)
    shop.expect(eta(first, asn, LATE, None), eta(second, asn, LATE, None))

    assert [(event.data["sku"], event.data["qty"]) for event in told] == [(pen, 2), (pen, 2)]
    shop.level(pen, expected=0, waiting=4)


def test_goods_are_expected_in_the_order_of_service_and_only_as_far_as_they_go(shop: Shop) -> None:
    pen = shop.item()
    early, middle, late = (f"ASN-{pen}-{n}" for n in range(3))
    first, second, third = (shop.order((pen, 2)) for _ in range(3))
    shop.news()

    announce(shop, middle, pen, 2, eta=LATER)
    shop.expect(eta(first, middle, None, LATER))
    announce(shop, late, pen, 2, eta=LATE)
    shop.expect(eta(second, late, None, LATE))
    announce(shop, early, pen, 2, eta=SOON)

    # What comes sooner goes to the first, so that everyone moves up.
    shop.expect(
        eta(first, early, LATER, SOON),
        eta(second, middle, LATE, LATER),
        eta(third, late, None, LATE),
    )


def test_an_announcement_without_a_time_tells_nobody_one(shop: Shop) -> None:
    pen = shop.item()
    shop.order((pen, 2))
    shop.news()

    announce(shop, f"ASN-{pen}", pen, 2)

    shop.expect()


def test_an_order_placed_later_is_told_at_once_what_it_can_expect(shop: Shop) -> None:
    pen = shop.item()
    announce(shop, f"ASN-{pen}", pen, 5, eta=SOON)
    shop.news()

    order = shop.order((pen, 2))

    told = {event.type: event for event in shop.news()}
    (line,) = told["order.unfulfillable"].data["lines"]
    assert line["expected_at"] == SOON
    assert told["backorder.eta"].data["order"] == order
    assert told["backorder.eta"].data["expected_at"] == SOON


def test_goods_that_come_are_no_longer_expected(shop: Shop) -> None:
    pen, sscc = shop.item(), new_sscc()
    order = shop.order((pen, 2))
    shop.central.do(
        "asn.announce",
        asn=f"ASN-{pen}",
        po=f"PO-{pen}",
        eta=SOON,
        pallets=[{"sscc": sscc, "contents": [{"sku": pen, "qty": 3}]}],
    )
    shop.level(pen, expected=3)
    shop.news()

    shop.take("CMD:RECEIVE", "LOC:DOCK-1", f"00{sscc}", gun=DOCK)

    shop.expect(
        ("stock.received", {"sku": pen, "qty": 3, "asn": f"ASN-{pen}", "po": f"PO-{pen}", "sscc": sscc}),
        ("backorder.allocated", {"order": order, "qty": 2}),
        ("order.ready", {"order": order}),
    )
    shop.level(pen, expected=0, on_hand=3)


def test_an_announcement_said_again_replaces_what_is_not_yet_received(shop: Shop) -> None:
    pen, asn = shop.item(), f"ASN-{new_sscc()}"
    received, to_come = ({"sscc": new_sscc(), "contents": [{"sku": pen, "qty": qty}]} for qty in (3, 5))
    shop.central.do("asn.announce", asn=asn, pallets=[received, to_come])
    shop.level(pen, expected=8)
    shop.take("CMD:RECEIVE", f"00{received['sscc']}", gun=DOCK)
    shop.level(pen, expected=5, on_hand=3)

    more = {**to_come, "contents": [{"sku": pen, "qty": 7}]}
    shop.central.do("asn.announce", asn=asn, pallets=[received, more])

    shop.level(pen, expected=7, on_hand=3)
    assert shop.refused("CMD:RECEIVE", f"00{received['sscc']}", gun=DOCK) == "duplicate"
    shop.take(f"00{to_come['sscc']}", gun=DOCK)
    shop.level(pen, expected=0, on_hand=10)


def test_a_delivery_knows_over_and_unexpected_and_tells_what_is_short(shop: Shop) -> None:
    pen, ink, cap = shop.item(), shop.item(), shop.item()
    po = f"PO-{pen}"
    lines = [{"line": 1, "sku": pen, "qty": 5}, {"line": 2, "sku": ink, "qty": 3}]
    shop.central.do("asn.announce", asn=f"ASN-{pen}", po=po, supplier="ACME", lines=lines)
    shop.take("CMD:RECEIVE", f"PO:{po}", gun=DOCK)
    shop.news()
    verdicts, raised = {}, {}
    deliveries = {
        "announced": ("QTY:5", f"SKU:{pen}"),
        "over": (f"SKU:{pen}",),
        "unexpected": (f"SKU:{cap}",),
        "in part": (f"SKU:{ink}",),
        "short": ("CMD:DONE",),
    }

    for what, codes in deliveries.items():
        verdicts[what] = shop.take(*codes, gun=DOCK)
        told = shop.news()
        received = [event.data for event in told if event.type == "stock.received"]
        assert all(data["po"] == po for data in received), what
        raised[what] = [kind for kind in shop.raised() if kind in ("over", "unexpected", "short")]

    assert raised == {
        "announced": [],
        "over": ["over"],
        "unexpected": ["unexpected"],
        "in part": [],
        "short": ["short"],
    }
    assert {what for what, verdict in verdicts.items() if verdict == "attention"} == {
        "over",
        "unexpected",
        "short",
    }
    # It is booked all the same: a scan is evidence.
    assert (shop.balance(pen), shop.balance(cap)) == ({"location:DOCK-1": 6}, {"location:DOCK-1": 1})


def test_a_delivery_as_announced_raises_nothing(shop: Shop) -> None:
    pen = shop.item()
    po = f"PO-{pen}"
    announce(shop, f"ASN-{pen}", pen, 2, po=po)
    shop.news()

    verdict = shop.take("CMD:RECEIVE", f"PO:{po}", "QTY:2", f"SKU:{pen}", "CMD:DONE", gun=DOCK)

    shop.expect(("stock.received", {"sku": pen, "qty": 2, "po": po}))
    assert (verdict, shop.raised()) == ("accept", [])
    shop.level(pen, expected=0, on_hand=2)
