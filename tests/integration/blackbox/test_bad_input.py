"""What nobody may book: each a clear refusal with its code, and nothing half done (contract sections 3, 6, 7)."""

from typing import Any

from tests.integration.blackbox.shop import AISLE, DOCK, Shop

ABSURD = ("QTY:-1", "QTY:1.5", "QTY:1000000", "QTY:1e3", "QTY:", "QTY:0x10")


def test_no_mode_takes_a_quantity_that_is_none(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)

    for mode in ("CMD:RECEIVE", "CMD:PICK", "CMD:MOVE", "CMD:COUNT", "CMD:DAMAGE"):
        shop.take(mode, gun=AISLE)
        verdicts = [shop.node.scan(AISLE, code) for code in ABSURD]
        assert verdicts == ["reject"] * len(ABSURD), mode

    refused = [event.type for event in shop.news() if event.type.startswith(("stock.", "scan."))]
    assert refused == ["stock.received"] + ["scan.rejected"] * 5 * len(ABSURD)
    assert shop.balance(pen) == {f"location:{place}": 5}


def test_zero_is_a_quantity_only_where_nothing_can_be_found(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)

    for mode in ("CMD:RECEIVE", "CMD:MOVE", "CMD:DAMAGE", "CMD:FOUND"):
        assert shop.refused(mode, f"LOC:{place}", "QTY:0", f"SKU:{pen}", gun=DOCK) == "bad_code", mode

    # Refused was the quantity itself: in COUNT and PICK it is none.
    for mode in ("CMD:COUNT", "CMD:PICK"):
        shop.take(mode, "QTY:0", "CMD:CANCEL", gun=DOCK)
    assert shop.balance(pen) == {f"location:{place}": 5}


def line(qty: object, n: object = 1) -> dict[str, Any]:
    return {"line": n, "sku": "PEN", "qty": qty}


def test_orders_without_lines_with_a_line_twice_or_absurd_quantities_are_none(shop: Shop) -> None:
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({}, "missing_field", "lines"),
        ({"lines": []}, "bad_value", "lines"),
        ({"lines": {}}, "bad_value", "lines"),
        ({"lines": [line(1), line(2)]}, "bad_value", "lines[1].line"),
        ({"lines": [line(1, "A"), line(2, "B"), line(2, "A")]}, "bad_value", "lines[2].line"),
        *(
            ({"lines": [line(1), line(qty, 2)]}, "bad_value", "lines[1].qty")
            for qty in (-1, 0, 1.5, 3.0, "3", True, None, 1_000_001, 10**30)
        ),
    ]

    for data, code, at in wrong:
        error = shop.error("order.place", order="SO-BAD", **data)
        assert (error["code"], error["at"]) == (code, at), data

    # Nothing of any is there: all or nothing.
    assert shop.error("order.cancel", order="SO-BAD")["code"] == "unknown_order"


def test_counts_and_adjustments_of_absurd_quantities_book_nothing(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.stock(pen, 5, place)

    for qty in (1.5, "3", None, True, 10**12):
        for kind, more in (("stock.adjust", {"reason": "x"}), ("stock.count", {})):
            error = shop.error(kind, location=place, lines=[{"sku": pen, "qty": qty, **more}])
            assert (error["code"], error["at"]) == ("bad_value", "lines[0].qty"), (kind, qty)
    # More than there is cannot be taken away.
    error = shop.error("stock.adjust", location=place, lines=[{"sku": pen, "qty": -9, "reason": "x"}])

    assert (error["code"], error["at"]) == ("out_of_range", "lines[0].qty")
    assert shop.balance(pen) == {f"location:{place}": 5}


def test_a_list_without_entries_or_with_too_many_is_refused(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    entry = {"sku": pen, "lot": "B1", "qty": 1}

    none = shop.error("stock.count", location=place, lines=[])
    many = shop.error("stock.count", location=place, lines=[{**entry, "lot": f"B{n}"} for n in range(501)])

    assert none["code"] == "bad_value"
    assert many["code"] in ("bad_value", "too_large")


def test_what_is_shipped_is_neither_cancelled_nor_amended_away_nor_picked_again(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1))
    shop.stock(pen, 3, place)
    label = shop.label(order, pen)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}", "CMD:SHIP", f"ORD:{order}")

    cancelled = shop.error("order.cancel", order=order)
    no_lines = [{"line": 1, "sku": pen, "qty": 0}]
    amended = shop.error("order.amend", order=order, lines=no_lines)
    picked = shop.refused("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}")
    by_label = shop.refused("CMD:PICK", label.code)

    assert cancelled["code"] == "shipped"
    assert amended["code"] in ("shipped", "already_picked")
    # Picked by its item, the label is spent or void: it stands for nothing either way.
    assert picked == "not_wanted"
    assert by_label in ("duplicate", "void_label")


def test_what_is_on_hold_is_neither_picked_nor_shipped_until_it_is_resumed(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 1))
    shop.stock(pen, 1, place)
    shop.central.do("order.hold", order=order, reason="credit")

    picked = shop.refused("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}")
    shipped = shop.refused("CMD:SHIP", f"ORD:{order}")
    shop.central.do("order.resume", order=order)
    shop.take("CMD:PICK", f"ORD:{order}", f"LOC:{place}", f"SKU:{pen}")

    assert (picked, shipped) == ("on_hold", "on_hold")
    assert shop.balance(pen) == {f"picked:{order}": 1}


def test_a_label_of_another_ledger_or_of_nothing_is_unknown(shop: Shop) -> None:
    for mode in ("CMD:PICK", "CMD:MOVE", "CMD:INFO"):
        assert shop.refused(mode, "LOC:A-01", "LBL:0000-1") == "unknown_label"


def test_a_mode_that_does_not_exist_is_no_mode(shop: Shop) -> None:
    assert shop.refused("CMD:DANCE") == "unknown_command"


def test_a_fill_a_tier_or_a_time_that_does_not_exist_is_refused(shop: Shop) -> None:
    wrong = {"fill": "most", "tier": 10, "promised_at": "2026-02-30T00:00:00Z", "express": "yes"}

    for field, value in wrong.items():
        error = shop.error("order.place", order="SO-BAD", lines=[line(1)], **{field: value})
        assert (error["code"], error["at"]) == ("bad_value", field)
