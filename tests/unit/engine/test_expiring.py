"""What expires on the shelf goes into quarantine at the turn of the day, and its orders are served again."""

from tests.house import House, settings

HOUR_S = 3600


def _lot(house: House, lot: str, expiry: str, qty: int, *, at: str = "DOCK-1") -> None:
    house.scans("CMD:RECEIVE", f"LOC:{at}", f"LOT:{lot}", f"EXP:{expiry}", f"QTY:{qty}", "SKU:PEN")


def test_goods_are_good_to_the_end_of_their_day(house: House) -> None:
    _lot(house, "B7", "2026-11-21", 5)
    house.order("SO-1", ("PEN", 2))
    assert house.promises("SO-1") == {("location:DOCK-1", "B7"): 2}

    house.wait(14 * HOUR_S)  # 23:00 UTC
    house.tick()
    assert house.level("PEN")["on_hand"] == 5

    house.wait(2 * HOUR_S)
    house.tick()
    assert house.level("PEN")["quarantine"] == 5


def test_its_promises_are_released_and_served_from_what_is_still_good(house: House) -> None:
    _lot(house, "B7", "2026-11-21", 2)
    _lot(house, "B8", "2027-01-31", 1, at="A-01")
    house.order("SO-1", ("PEN", 2))
    house.told()
    house.wait(24 * HOUR_S)

    house.tick()

    told = house.told()
    assert [(t.type, t.data.get("reason")) for t in told] == [
        ("stock.damaged", "expired"),
        ("backorder.released", "expired"),
        ("backorder.allocated", None),
        ("backorder.waiting", "expired"),
        ("order.unfulfillable", None),
        ("exception.raised", None),
        ("exception.raised", None),
    ]
    assert {t.data["kind"] for t in told[-2:]} == {"expired", "unfulfillable"}
    assert house.promises("SO-1") == {("location:A-01", "B8"): 1}
    (cause,) = {cause for (cause,) in house.rows("SELECT cause FROM facts WHERE source = 'clock'")}
    assert cause == "clock/2026-11-22"


def test_a_box_that_was_off_at_midnight_catches_up_before_the_first_scan(house: House) -> None:
    _lot(house, "B7", "2026-11-21", 2)
    house.wait(24 * HOUR_S)
    house.restart()

    house.order("SO-1", ("PEN", 2))

    assert house.promises("SO-1") == {}
    assert house.stock("PEN") == {("quarantine:DOCK-1", "B7"): 2}


def test_a_day_on_which_nothing_expires_leaves_no_trace(house: House) -> None:
    house.receive("PEN", 2)
    before = house.rows("SELECT count(*) FROM facts")
    house.wait(24 * HOUR_S)

    house.tick()

    assert house.rows("SELECT count(*) FROM facts") == before


def test_goods_with_too_little_life_left_are_not_promised(house: House) -> None:
    given = settings(house.settings.data_dir, min_shelf_life_days=30)
    house.restart(given)
    _lot(house, "B7", "2026-12-20", 2)
    _lot(house, "B8", "2026-12-21", 2)

    house.order("SO-1", ("PEN", 4))

    assert house.promises("SO-1") == {("location:DOCK-1", "B8"): 2}
