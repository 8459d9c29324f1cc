"""INFO books nothing and answers in words; the person at a scanner stands in what is booked (section 3)."""

from tests.integration.blackbox.shop import DESK, Shop


def words(shop: Shop, *codes: str) -> str:
    """What a person at dock-1 is told, all lines."""
    done = shop.node.cli("scan", "dock-1", *codes)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_info_tells_of_an_item_a_place_an_order_and_a_label_and_books_nothing(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    order = shop.order((pen, 2))
    shop.stock(pen, 3, place)
    label = shop.label(order, pen)
    shop.news()

    told = {
        code: words(shop, "CMD:INFO", code).splitlines()[-1]
        for code in (f"SKU:{pen}", f"LOC:{place}", f"ORD:{order}", label.code)
    }

    shop.expect()
    assert place in told[f"SKU:{pen}"]
    assert pen in told[f"LOC:{place}"]
    assert pen in told[f"ORD:{order}"]
    assert order in told[label.code]
    shop.level(pen, on_hand=3, allocated=2, available=1, waiting=0)


def test_info_at_a_gun_is_accepted_and_an_order_that_is_not_there_refused(shop: Shop) -> None:
    pen = shop.item()

    assert shop.take("CMD:INFO", f"SKU:{pen}") == "accept"
    assert shop.refused("CMD:INFO", "ORD:SO-NEVER") == "unknown_order"


def test_the_person_stands_in_what_is_booked_until_another_comes(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.news()

    shop.take("OP:alice", "CMD:RECEIVE", f"LOC:{place}", f"SKU:{pen}", gun=DESK)
    shop.take("CMD:DAMAGE", f"LOC:{place}", f"SKU:{pen}", gun=DESK)
    shop.take("OP:bob", "CMD:SCRAP", f"LOC:{place}", f"SKU:{pen}", gun=DESK)

    # A mode scan clears all of the dialogue but the person.
    shop.expect(
        ("stock.received", {"operator": "alice"}),
        ("stock.damaged", {"operator": "alice"}),
        ("stock.scrapped", {"operator": "bob"}),
    )


def test_another_person_finds_the_scanner_as_at_the_start(shop: Shop) -> None:
    pen, place = shop.item(), shop.place()
    shop.take("OP:alice", "CMD:RECEIVE", f"LOC:{place}", "QTY:5", gun=DESK)

    shop.take("OP:bob", gun=DESK)

    # Once it is refused, since the person may not have seen that the place is another now.
    assert shop.refused(f"SKU:{pen}", gun=DESK) == "lapsed"
    shop.take(f"SKU:{pen}", gun=DESK)
    assert shop.balance(pen) == {"location:DESK": 1}
