"""CMD:LEARN: the box is taught a carton's code, and central hears of it (sections 3, 4 and 6)."""

import itertools

import pytest

from tests.integration.blackbox.events import Event
from tests.integration.blackbox.shop import DESK, DOCK, Shop, new_gtin

_cartons = itertools.count(1)


def carton() -> str:
    """A supplier's own code that no catalogue has."""
    return f"X-{next(_cartons):04}-B"


def told(shop: Shop) -> Event:
    """The last code that was learned, among whatever else was told meanwhile."""
    return [event for event in shop.news() if event.type == "catalogue.learned"][-1]


def test_a_code_that_nobody_knows_is_the_item_once_it_was_taught(shop: Shop) -> None:
    pen, code = shop.item(), carton()
    assert shop.refused("CMD:RECEIVE", code, gun=DOCK) == "unknown_code"

    shop.take("CMD:LEARN", code, f"SKU:{pen}")

    shop.expect(("catalogue.learned", {"code": code, "sku": pen, "pack": 1}))
    shop.take("CMD:RECEIVE", code, gun=DOCK)
    assert shop.balance(pen) == {"location:DOCK-1": 1}


def test_a_quantity_says_how_many_are_in_the_pack_before_the_item_or_behind_it(shop: Shop) -> None:
    pen, before, behind = shop.item(), carton(), carton()
    shop.news()

    shop.take("CMD:LEARN", "QTY:12", before, f"SKU:{pen}")
    shop.expect(("catalogue.learned", {"code": before, "sku": pen, "pack": 12}))
    shop.take(behind, f"SKU:{pen}", "QTY:12")

    last = told(shop)
    assert (last.type, last.data) == ("catalogue.learned", {"code": behind, "sku": pen, "pack": 12})
    shop.take("CMD:RECEIVE", before, behind, gun=DOCK)
    assert shop.balance(pen) == {"location:DOCK-1": 24}


def test_a_pack_may_be_typed_digit_by_digit(shop: Shop) -> None:
    pen, code = shop.item(), carton()

    shop.take("CMD:LEARN", code, f"SKU:{pen}", "NUM:2", "NUM:4")

    last = told(shop)
    assert (last.type, last.data) == ("catalogue.learned", {"code": code, "sku": pen, "pack": 24})


def test_of_a_gs1_code_the_gtin_is_taught_and_the_item_may_be_named_by_a_code_of_it(shop: Shop) -> None:
    known, gtin = new_gtin(), new_gtin()
    pen = shop.item(codes=[{"code": known, "pack": 1}])
    shop.news()

    shop.take("CMD:LEARN", f"]C101{gtin:0>14}10B7", known)

    shop.expect(("catalogue.learned", {"sku": pen, "pack": 1}))
    shop.take("CMD:RECEIVE", gtin, gun=DOCK)
    assert shop.balance(pen) == {"location:DOCK-1": 1}


def test_goods_that_came_before_their_code_become_the_items_and_backorders_are_served(shop: Shop) -> None:
    pen, gtin = shop.item(), new_gtin()
    order = shop.order((pen, 30))
    shop.take("CMD:RECEIVE", "QTY:5", gtin, gun=DOCK)
    shop.news()

    shop.take("CMD:LEARN", gtin, "QTY:12", f"SKU:{pen}")

    _, identified, _, _ = shop.expect(
        ("catalogue.learned", {"code": gtin, "sku": pen, "pack": 12}),
        ("stock.identified", {"code": gtin, "sku": pen, "qty": 60}),
        ("backorder.allocated", {"order": order, "qty": 30, "location": "DOCK-1", "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    assert {move["sku"] for move in identified.data["moves"]} == {f"{gtin:0>14}", pen}
    assert (shop.balance(f"{gtin:0>14}"), shop.balance(pen)) == ({}, {"location:DOCK-1": 60})
    shop.level(pen, on_hand=60, allocated=30, available=30, waiting=0)


def test_a_pack_said_behind_the_item_holds_for_goods_that_were_here_too(shop: Shop) -> None:
    pen, gtin = shop.item(), new_gtin()
    order = shop.order((pen, 60))
    shop.take("CMD:RECEIVE", "QTY:5", gtin, gun=DOCK)

    shop.take("CMD:LEARN", gtin, f"SKU:{pen}", "QTY:12")

    assert (shop.balance(f"{gtin:0>14}"), shop.balance(pen)) == ({}, {"location:DOCK-1": 60})
    shop.level(pen, on_hand=60, allocated=60, available=0, waiting=0)
    shop.pick(order, "DOCK-1", pen, 60)


def test_only_an_item_of_the_catalogue_can_be_taught_and_the_code_stays_in_hand(shop: Shop) -> None:
    pen, code = shop.item(), carton()

    assert shop.refused("CMD:LEARN", code, "SKU:NO-SUCH-ITEM") == "unknown_item"
    assert shop.refused(carton()) == "unknown_item"
    shop.take(f"SKU:{pen}")

    shop.expect(("catalogue.learned", {"code": code, "sku": pen, "pack": 1}))


def test_a_misread_gtin_is_not_taught(shop: Shop) -> None:
    gtin = new_gtin()
    wrong = f"{gtin[:-1]}{(int(gtin[-1]) + 1) % 10}"

    assert shop.refused("CMD:LEARN", wrong) == "check_digit"


def test_a_code_of_another_item_is_refused_and_stays_that_ones(shop: Shop) -> None:
    gtin = new_gtin()
    pen, ink = shop.item(codes=[{"code": gtin, "pack": 1}]), shop.item()

    shop.refused("CMD:LEARN", gtin, f"SKU:{ink}")

    assert pen in str(shop.central.events("scan.rejected")[-1].data["reason"])
    shop.take("CMD:RECEIVE", gtin, gun=DOCK)
    assert (shop.balance(pen), shop.balance(ink)) == ({"location:DOCK-1": 1}, {})


def test_central_owns_the_catalogue_what_was_learned_too(shop: Shop) -> None:
    pen, ink, code = shop.item(), shop.item(), carton()
    shop.take("CMD:LEARN", code, f"SKU:{pen}")

    taken = shop.error("catalogue.upsert", items=[{"sku": ink, "codes": [{"code": code, "pack": 1}]}])
    shop.item(pen, codes=[])

    assert taken["code"] == "code_taken"
    assert shop.refused("CMD:RECEIVE", code, gun=DOCK) == "unknown_code"


def test_an_undo_takes_the_code_back_and_the_goods_are_what_they_were(shop: Shop) -> None:
    pen, gtin = shop.item(), new_gtin()
    order = shop.order((pen, 3))
    shop.take("CMD:RECEIVE", "QTY:5", gtin, gun=DOCK)
    shop.news()
    shop.take("CMD:LEARN", gtin, f"SKU:{pen}")
    learned = told(shop)

    shop.take("CMD:UNDO")

    shop.expect(
        ("undo", {"undoes": learned.seq}),
        ("backorder.released", {"order": order, "qty": 3, "reason": "undone"}),
        ("backorder.waiting", {"order": order, "qty": 3, "reason": "undone"}),
        ("order.unfulfillable", {"order": order}),
    )
    assert (shop.balance(f"{gtin:0>14}"), shop.balance(pen)) == ({"location:DOCK-1": 5}, {})


def test_a_code_without_goods_is_taken_back_too(shop: Shop) -> None:
    pen, code = shop.item(), carton()
    shop.take("CMD:LEARN", code, f"SKU:{pen}")
    learned = told(shop)

    shop.take("CMD:UNDO")

    shop.expect(("undo", {"undoes": learned.seq, "moves": []}))
    assert shop.refused("CMD:RECEIVE", code, gun=DOCK) == "unknown_code"


def test_a_learning_whose_goods_have_moved_on_is_not_taken_back(shop: Shop) -> None:
    pen, gtin, elsewhere = shop.item(), new_gtin(), shop.place()
    shop.take("CMD:RECEIVE", "QTY:5", gtin, gun=DOCK)
    shop.take("CMD:LEARN", gtin, f"SKU:{pen}")
    shop.take("CMD:MOVE", "LOC:DOCK-1", "QTY:2", f"SKU:{pen}", f"LOC:{elsewhere}", gun=DESK)

    assert shop.refused("CMD:UNDO") == "built_upon"
    assert shop.refused("QTY:12") == "built_upon"

    assert shop.balance(pen) == {"location:DOCK-1": 3, f"location:{elsewhere}": 2}


@pytest.mark.parametrize("drop", ["CMD:CANCEL", "CMD:LEARN"])
def test_a_code_in_hand_is_dropped_by_cancel_and_by_a_mode(shop: Shop, drop: str) -> None:
    pen, dropped, code = shop.item(), carton(), carton()
    shop.take("CMD:LEARN", dropped, drop)
    shop.news()

    shop.take(code, f"SKU:{pen}")

    shop.expect(("catalogue.learned", {"code": code, "sku": pen, "pack": 1}))
    assert shop.refused("CMD:RECEIVE", dropped, gun=DOCK) == "unknown_code"
