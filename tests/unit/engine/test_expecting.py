"""Announced goods: who can expect them when, and what is over, short or was not expected (contract 3, 6)."""

from typing import Any

from edge.facts import Verdict
from tests.house import House

SOON, LATER = "2026-11-25T09:00:00Z", "2026-12-01T09:00:00Z"
SSCC = "376123450000000429"


def _announce(house: House, asn: str, eta: str | None, *goods: tuple[str, int], **fields: Any) -> None:
    lines = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(goods, 1)]
    house.done("asn.announce", {"asn": asn, "lines": lines, **({"eta": eta} if eta else {}), **fields})


def _etas(house: House) -> list[tuple[str, str | None, str | None, str | None, int]]:
    names = ("order", "expected_at", "was", "asn", "qty")
    return [tuple(told.data[name] for name in names) for told in house.told() if told.type == "backorder.eta"]


def test_announced_goods_are_expected_in_the_order_of_service(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2), tier=5)
    house.told()

    _announce(house, "ASN-1", SOON, ("PEN", 2))
    _announce(house, "ASN-2", LATER, ("PEN", 9))

    assert _etas(house) == [("SO-2", SOON, None, "ASN-1", 2), ("SO-1", LATER, None, "ASN-2", 2)]


def test_a_line_waits_for_the_last_of_its_goods(house: House) -> None:
    house.order("SO-1", ("PEN", 5))
    house.told()

    _announce(house, "ASN-1", SOON, ("PEN", 3))
    _announce(house, "ASN-2", LATER, ("PEN", 3))

    assert _etas(house) == [("SO-1", SOON, None, "ASN-1", 5), ("SO-1", LATER, SOON, "ASN-2", 5)]


def test_a_better_order_takes_the_place_and_an_order_is_told_with_its_lines(house: House) -> None:
    _announce(house, "ASN-1", SOON, ("PEN", 2))
    house.order("SO-1", ("PEN", 2))
    assert _etas(house) == [("SO-1", SOON, None, "ASN-1", 2)]

    house.order("SO-2", ("PEN", 2), express=True)

    told = house.told()
    assert [(t.type, t.data["order"]) for t in told] == [
        ("backorder.waiting", "SO-2"),
        ("backorder.eta", "SO-2"),
        ("backorder.eta", "SO-1"),
        ("order.unfulfillable", "SO-2"),
    ]
    assert told[2].data["expected_at"] is None
    assert told[3].data["lines"][0]["expected_at"] == SOON


def test_a_change_of_the_announcement_is_told_again(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    _announce(house, "ASN-1", SOON, ("PEN", 2))
    house.told()

    _announce(house, "ASN-1", LATER, ("PEN", 2))
    _announce(house, "ASN-1", LATER, ("PEN", 3))
    house.done("asn.cancel", {"asn": "ASN-1"})

    assert _etas(house) == [("SO-1", LATER, SOON, "ASN-1", 2), ("SO-1", None, LATER, None, 2)]
    assert house.level("PEN")["expected"] == 0


def test_who_is_served_expects_nothing_more_and_hears_nothing(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    _announce(house, "ASN-1", SOON, ("PEN", 2), po="4711")
    _announce(house, "ASN-2", LATER, ("PEN", 2))
    house.told()

    house.scans("PO:4711", "QTY:2", "SKU:PEN")

    # SO-1 has its goods; SO-2 is first now, and waits for the same announcement as before.
    assert _etas(house) == []
    assert house.rows("SELECT order_id, expected_asn FROM lines ORDER BY order_id") == [
        ("SO-1", None),
        ("SO-2", "ASN-2"),
    ]


def test_goods_that_come_otherwise_move_everybody_up(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.order("SO-2", ("PEN", 2))
    _announce(house, "ASN-1", SOON, ("PEN", 2))
    _announce(house, "ASN-2", LATER, ("PEN", 2))
    house.told()

    house.receive("PEN", 2)

    assert _etas(house) == [("SO-2", SOON, LATER, "ASN-1", 2)]


def test_an_announcement_without_a_time_promises_nothing(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.told()

    _announce(house, "ASN-1", None, ("PEN", 2))

    assert _etas(house) == []
    assert house.level("PEN")["expected"] == 2


def test_a_line_that_wants_all_at_once_expects_nothing_of_a_part(house: House) -> None:
    house.order("SO-1", ("PEN", 5), fill="line")
    house.order("SO-2", ("PEN", 2))
    house.told()

    _announce(house, "ASN-1", SOON, ("PEN", 3))

    assert _etas(house) == [("SO-2", SOON, None, "ASN-1", 2)]


def test_an_order_on_hold_expects_nothing_until_it_is_resumed(house: House) -> None:
    house.order("SO-1", ("PEN", 2))
    house.done("order.hold", {"order": "SO-1"})
    _announce(house, "ASN-1", SOON, ("PEN", 2))
    assert _etas(house) == []

    house.done("order.resume", {"order": "SO-1"})

    assert _etas(house) == [("SO-1", SOON, None, "ASN-1", 2)]


def test_receiving_against_a_purchase_order_knows_its_announcement(house: House) -> None:
    _announce(house, "ASN-1", SOON, ("PEN", 5), po="4711")
    house.told()

    house.scans("PO:4711", "QTY:3", "SKU:PEN")

    (received,) = [told for told in house.told() if told.type == "stock.received"]
    assert {name: received.data[name] for name in ("po", "po_line", "asn", "qty")} == {
        **{"po": "4711", "po_line": 1, "asn": "ASN-1", "qty": 3}
    }
    assert house.level("PEN")["expected"] == 2


def test_an_announcement_is_received_against_by_its_own_name(house: House) -> None:
    _announce(house, "ASN-1", SOON, ("PEN", 5))

    house.scans("PO:ASN-1", "QTY:5", "SKU:PEN")

    assert house.level("PEN")["expected"] == 0
    assert house.rows("SELECT account FROM positions WHERE qty < 0") == [("supplier:ASN-1",)]


def test_more_than_announced_is_over_and_what_nobody_announced_unexpected(house: House) -> None:
    _announce(house, "ASN-1", SOON, ("PEN", 2), po="4711")
    house.scans("PO:4711")
    house.told()

    over = house.scans("QTY:5", "SKU:PEN")
    unexpected = house.scans("SKU:INK")

    assert (over.verdict, over.text) == (
        Verdict.ATTENTION,
        "5 PEN at DOCK-1. 3 PEN more than 4711 has announced.",
    )
    assert unexpected.text == "1 INK at DOCK-1. 4711 has announced no INK."
    received = [told.data for told in house.told() if told.type == "stock.received"]
    assert (received[0]["over"], received[1]["unexpected"]) == (3, 1)
    assert [about for about in house.exceptions() if about[0] in ("over", "unexpected")] == [
        ("over", "4711 PEN"),
        ("unexpected", "4711 INK"),
    ]


def test_a_purchase_order_that_nobody_announced_expects_anything(house: House) -> None:
    answer = house.scans("PO:4711", "SKU:PEN")

    assert answer.text == "1 PEN at DOCK-1."


def test_done_tells_what_is_short_until_it_comes(house: House) -> None:
    _announce(house, "ASN-1", SOON, ("PEN", 5), ("INK", 1), po="4711")

    short = house.scans("PO:4711", "QTY:3", "SKU:PEN", "CMD:DONE")

    assert (short.verdict, short.text) == (Verdict.ATTENTION, "Done. 4711 is short of 1 INK, 2 PEN.")
    assert ("short", "4711") in house.exceptions()
    house.scans("PO:4711", "QTY:2", "SKU:PEN", "SKU:INK")
    assert ("short", "4711") not in house.exceptions()


def test_an_announcement_that_does_not_come_is_overdue(house: House) -> None:
    _announce(house, "ASN-1", "2026-11-21T09:30:00Z", ("PEN", 5), po="4711")
    house.wait(3600)
    house.tick()
    assert house.exceptions() == [("asn_overdue", "ASN-1")]

    house.scans("PO:4711", "QTY:5", "SKU:PEN")

    assert ("asn_overdue", "ASN-1") not in house.exceptions()


def test_a_pallet_that_came_is_not_overdue(house: House) -> None:
    pallet = {"sscc": SSCC, "contents": [{"sku": "PEN", "qty": 2}]}
    house.done("asn.announce", {"asn": "ASN-1", "eta": "2026-11-21T09:30:00Z", "pallets": [pallet]})
    house.scans(f"]C100{SSCC}")
    house.wait(3600)
    house.tick()

    assert ("asn_overdue", "ASN-1") not in house.exceptions()


def test_a_line_that_wants_all_at_once_expects_nothing_of_what_others_leave(house: House) -> None:
    house.order("SO-1", ("PEN", 2), tier=5)
    house.order("SO-2", ("PEN", 3), fill="line", tier=4)
    house.order("SO-3", ("PEN", 1))
    house.told()

    _announce(house, "ASN-1", SOON, ("PEN", 4))

    assert _etas(house) == [("SO-1", SOON, None, "ASN-1", 2), ("SO-3", SOON, None, "ASN-1", 1)]


def test_an_announcement_for_another_time_that_has_passed_stays_overdue(house: House) -> None:
    _announce(house, "ASN-1", "2026-11-21T09:30:00Z", ("PEN", 5))
    house.wait(3600)
    house.tick()
    house.told()

    _announce(house, "ASN-1", "2026-11-21T09:45:00Z", ("PEN", 5))
    house.tick()
    assert (house.exceptions(), house.told()) == ([("asn_overdue", "ASN-1")], [])

    _announce(house, "ASN-1", SOON, ("PEN", 5))
    assert house.exceptions() == []


def test_a_receipt_that_was_undone_before_its_time_is_overdue_then(house: House) -> None:
    _announce(house, "ASN-1", "2026-11-21T09:30:00Z", ("PEN", 5))
    house.scans("PO:ASN-1", "QTY:5", "SKU:PEN", "CMD:UNDO")

    house.wait(3600)
    house.tick()

    assert ("asn_overdue", "ASN-1") in house.exceptions()


def test_what_is_cancelled_is_short_no_more(house: House) -> None:
    _announce(house, "ASN-1", SOON, ("PEN", 5))
    house.scans("PO:ASN-1", "SKU:PEN", "CMD:DONE")
    assert ("short", "ASN-1") in house.exceptions()

    house.done("asn.cancel", {"asn": "ASN-1"})

    assert ("short", "ASN-1") not in house.exceptions()
