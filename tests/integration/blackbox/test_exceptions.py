"""Exceptions: raised, listed, ended by their cause or by a person (contract sections 1, 6 and 7)."""

from typing import Any

from tests.integration.blackbox.events import Event
from tests.integration.blackbox.shop import DOCK, Shop, new_gtin


def raise_one(shop: Shop) -> Event:
    """An item that no catalogue knows: the exception that asks for its master data."""
    gtin = new_gtin()
    assert shop.take("CMD:RECEIVE", gtin, gun=DOCK) == "attention"
    return raised(shop, "unknown_item")


def raised(shop: Shop, kind: str) -> Event:
    (event,) = [e for e in shop.news() if e.type == "exception.raised" and e.data["kind"] == kind]
    return event


def listed(shop: Shop, event: Event) -> bool:
    told: Any = shop.node.json("exceptions")
    return f"'{event.data['exception']}'" in str(told)


def test_an_exception_says_what_it_is_about_and_is_listed_until_central_clears_it(shop: Shop) -> None:
    before = shop.node.status()["exceptions"]
    event = raise_one(shop)
    during, was_listed = shop.node.status()["exceptions"], listed(shop, event)

    shop.central.do("exception.clear", exception=event.data["exception"], reason="learned by hand")

    told = [e for e in shop.news() if e.type == "exception.cleared"]
    assert [(e.data["exception"], e.data["reason"]) for e in told] == [
        (event.data["exception"], "learned by hand")
    ]
    assert event.data["about"]
    assert event.data["text"]
    assert (during - before, was_listed, listed(shop, event)) == (1, True, False)


def test_a_person_clears_one_with_a_reason_at_the_command_line(shop: Shop) -> None:
    event = raise_one(shop)
    table = shop.node.cli("exceptions")

    done = shop.node.cli("exceptions", "clear", event.data["exception"], "--reason", "seen to")

    assert (table.returncode, event.data["exception"] in table.stdout) == (0, True)
    assert done.returncode == 0, done.stderr
    cleared = shop.central.event("exception.cleared", after=event.seq)
    assert (cleared.data["exception"], cleared.data["reason"]) == (event.data["exception"], "seen to")
    assert not listed(shop, event)


def test_an_exception_that_is_not_there_cannot_be_cleared(shop: Shop) -> None:
    unknown = shop.error("exception.clear", exception="no-such-thing", reason="seen to")
    by_hand = shop.node.cli("exceptions", "clear", "no-such-thing", "--reason", "seen to")

    assert unknown["code"] == "unknown_exception"
    assert by_hand.returncode != 0
    assert "no-such-thing" in by_hand.stderr
    assert "Traceback" not in by_hand.stderr


def test_clearing_one_needs_a_reason(shop: Shop) -> None:
    event = raise_one(shop)

    without = shop.error("exception.clear", exception=event.data["exception"])
    blank = shop.error("exception.clear", exception=event.data["exception"], reason=" ")

    assert (without["code"], blank["code"]) == ("missing_field", "bad_value")
    assert listed(shop, event)


def test_master_data_make_the_goods_the_items_and_end_the_question_for_them(shop: Shop) -> None:
    gtin, place = new_gtin(), shop.place()
    shop.take("CMD:RECEIVE", f"LOC:{place}", "QTY:2", gtin, gun=DOCK)
    asked = raised(shop, "unknown_item")
    pen = shop.item()
    order = shop.order((pen, 20))
    shop.news()

    shop.central.do("catalogue.upsert", items=[{"sku": pen, "codes": [{"code": gtin, "pack": 12}]}])

    identified, *_ = shop.expect(
        ("stock.identified", {"code": gtin, "sku": pen}),
        ("backorder.allocated", {"order": order, "qty": 20, "location": place, "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    # Out of the old number into `identified`, out of that into the new, times pack.
    moves = [(m["sku"], m["qty"], m["from"], m["to"]) for m in identified.data["moves"]]
    assert moves == [
        (f"{gtin:0>14}", 2, f"location:{place}", "identified"),
        (pen, 24, "identified", f"location:{place}"),
    ]
    cleared = shop.central.event("exception.cleared", after=asked.seq)
    assert cleared.data["exception"] == asked.data["exception"]
    shop.level(pen, on_hand=24, allocated=20, available=4, waiting=0)


def test_an_order_that_lost_its_goods_and_is_served_again_is_no_exception_any_more(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.news()
    shop.take("CMD:MISSING", f"LOC:{place}", f"SKU:{pen}")
    lost = raised(shop, "unfulfillable")

    shop.stock(pen, 2, place)

    shop.news()
    assert order in str(lost.data["about"])
    assert "unfulfillable" in shop.cleared()
    assert "count_needed" not in shop.cleared()
