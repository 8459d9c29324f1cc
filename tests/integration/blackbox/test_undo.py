"""CMD:UNDO and CMD:REPRINT: the last booking of this scanner taken back, the last label again (section 3)."""

from tests.integration.blackbox.shop import AISLE, DESK, DOCK, Shop, new_gtin, new_sscc
from tests.integration.blackbox.waits import wait_for
from tests.integration.blackbox.zpl import Label


def copies(shop: Shop, order: str) -> list[Label]:
    """Wait for the copies of an order's labels."""

    def look() -> list[Label] | None:
        return [label for label in shop.printer.labels if label.is_copy and order in label.text] or None

    return wait_for(look, f"a copy of a label of {order}")


def test_a_receipt_taken_back_releases_what_was_promised_of_it_and_voids_its_labels(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.news()
    shop.stock(pen, 3, place)
    received, *_ = shop.expect(("stock.received", {}), ("backorder.allocated", {}), ("order.ready", {}))
    label = shop.label(order, pen)

    shop.take("CMD:UNDO", gun=DOCK)

    undo, *_ = shop.expect(
        ("undo", {"undoes": received.seq}),
        ("backorder.released", {"order": order, "line": 1, "qty": 2, "reason": "undone"}),
        ("backorder.waiting", {"order": order, "line": 1, "qty": 2, "reason": "undone"}),
        ("order.unfulfillable", {"order": order}),
    )
    (there,), (back,) = received.data["moves"], undo.data["moves"]
    assert back == {**there, "from": there["to"], "to": there["from"]}
    assert shop.balance(pen) == {}
    assert shop.refused("CMD:PICK", label.code) == "void_label"
    shop.level(pen, on_hand=0, allocated=0, available=0, waiting=2, missing=0)


def test_what_was_promised_of_it_later_is_released_too(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 3, place)
    order = shop.order((pen, 2))
    shop.news()

    shop.take("CMD:UNDO", gun=DOCK)

    shop.expect(
        ("undo", {}),
        ("backorder.released", {"order": order, "qty": 2, "reason": "undone"}),
        ("backorder.waiting", {"order": order, "qty": 2}),
        ("order.unfulfillable", {"order": order}),
    )


def test_a_second_undo_takes_the_booking_before(shop: Shop) -> None:
    pen, ink, place = shop.item(), shop.item(), shop.place()
    shop.stock(pen, 1, place)
    shop.stock(ink, 1, place)

    shop.take("CMD:UNDO", gun=DOCK)
    after_one = shop.balance(pen), shop.balance(ink)
    shop.take("CMD:UNDO", gun=DOCK)

    assert after_one == ({f"location:{place}": 1}, {})
    assert (shop.balance(pen), shop.balance(ink)) == ({}, {})


def test_a_scanner_takes_back_its_own_bookings_and_no_others(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 1, place)

    assert shop.refused("CMD:UNDO", gun=DESK) == "nothing_to_undo"

    assert shop.balance(pen) == {f"location:{place}": 1}


def test_goods_that_have_moved_on_refuse_it(shop: Shop) -> None:
    told = {}
    for way in ("picked", "moved", "counted", "shipped"):
        pen, place, elsewhere = shop.item(), shop.place(), shop.place()
        order = shop.order((pen, 3))
        shop.stock(pen, 3, place)
        codes = {
            "picked": ("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}"),
            "moved": ("CMD:MOVE", f"LOC:{place}", f"SKU:{pen}", f"LOC:{elsewhere}"),
            "counted": ("CMD:COUNT", f"LOC:{place}", "QTY:1", f"SKU:{pen}", "CMD:DONE"),
            "shipped": ("CMD:SHIP", f"ORD:{order}"),
        }
        shop.take(*codes[way])
        told[way] = shop.refused("CMD:UNDO", gun=DOCK)

    assert set(told.values()) == {"built_upon"}, told


def test_a_serial_and_a_pallet_may_be_received_again_once_taken_back(shop: Shop) -> None:
    gtin, sscc = new_gtin(), new_sscc()
    pen = shop.item(codes=[{"code": gtin, "pack": 1}])
    pallet = {"sscc": sscc, "contents": [{"sku": pen, "qty": 4}]}
    shop.central.do("asn.announce", asn=f"ASN-{sscc}", pallets=[pallet])
    for code in (f"]C101{gtin:0>14}21{sscc[-8:]}", f"]C100{sscc}"):
        shop.take("CMD:RECEIVE", code, gun=DOCK)
        assert shop.refused(code, gun=DOCK) == "duplicate"

        shop.take("CMD:UNDO", gun=DOCK)
        shop.take("CMD:RECEIVE", code, gun=DOCK)

    assert shop.balance(pen) == {"location:DOCK-1": 5}


def test_a_pick_taken_back_gives_the_order_its_own_promise_again(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    better = shop.order((pen, 2), express=True)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", "QTY:2", f"SKU:{pen}")
    shop.news()

    shop.take("CMD:UNDO")

    undo, *rest = [event for event in shop.news() if not event.type.startswith(("label.", "exception."))]
    assert undo.type == "undo"
    assert better not in [event.data.get("order") for event in rest]
    assert shop.balance(pen) == {f"location:{place}": 2}
    shop.level(pen, on_hand=2, allocated=2, available=0, waiting=2)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", "QTY:2", f"SKU:{pen}")
    shop.expect(("stock.picked", {"order": order, "qty": 2}))


def test_a_missing_pick_taken_back_gives_the_order_its_promise_again(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    shop.take("CMD:MISSING", f"LOC:{place}", f"SKU:{pen}")
    shop.news()

    shop.take("CMD:UNDO")

    shop.expect(
        ("undo", {}),
        ("backorder.allocated", {"order": order, "line": 1, "qty": 2, "location": place, "waiting": 0}),
        ("order.ready", {"order": order}),
    )
    assert "count_needed" in shop.cleared()
    shop.level(pen, on_hand=2, allocated=2, available=0, waiting=0, missing=0)


def test_a_move_and_a_count_can_be_taken_back(shop: Shop) -> None:
    pen, place, elsewhere = shop.item(), shop.place(), shop.place()
    shop.stock(pen, 3, place)
    order = shop.order((pen, 2))

    shop.take("CMD:MOVE", f"LOC:{place}", "QTY:3", f"SKU:{pen}", f"LOC:{elsewhere}", "CMD:UNDO")
    moved_back = shop.balance(pen)
    shop.level(pen, on_hand=3, allocated=2, available=1, waiting=0)
    shop.take("CMD:COUNT", f"LOC:{place}", "QTY:1", f"SKU:{pen}", "CMD:DONE", "CMD:UNDO")

    assert moved_back == shop.balance(pen) == {f"location:{place}": 3}
    shop.level(pen, on_hand=3, allocated=2, available=1, waiting=0)
    shop.news()
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", "QTY:2", f"SKU:{pen}")
    shop.expect(("stock.picked", {"order": order, "qty": 2, "location": place}))


def test_damaged_goods_can_be_taken_back_out_of_quarantine(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 3, place)

    shop.take("CMD:DAMAGE", f"LOC:{place}", "QTY:2", f"SKU:{pen}", "CMD:UNDO")

    assert shop.balance(pen) == {f"location:{place}": 3}
    shop.level(pen, on_hand=3, available=3, quarantine=0)


def test_nothing_is_ever_deleted(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 3, place)
    shop.take("CMD:UNDO", gun=DOCK)
    shop.stock(pen, 3, place)

    told = [e.type for e in shop.news() if any(m["sku"] == pen for m in e.data.get("moves", []))]

    assert told == ["stock.received", "undo", "stock.received"]
    assert shop.balance(pen) == {f"location:{place}": 3}


def test_reprint_prints_the_last_label_again_with_the_mark(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    first = shop.label(order, pen)
    shop.news()

    shop.take("CMD:REPRINT", gun=DOCK)

    shop.expect()
    again = copies(shop, order)
    assert [label.code for label in again] == [first.code]
    assert not first.is_copy
    # The copy stands for the same goods.
    shop.take("CMD:PICK", again[0].code, gun=AISLE)
    shop.expect(("stock.picked", {"order": order, "qty": 2}))


def test_central_may_have_a_label_printed_again(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 2, place)
    first = shop.label(order, pen)

    shop.central.do("label.reprint", label=first.code.removeprefix("LBL:"))

    again = copies(shop, order)
    assert [label.code for label in again] == [first.code]
    assert shop.error("label.reprint", label="0000-1")["code"] == "unknown_label"
