"""A call of `crossdock scan` is a dialogue of its own, in memory alone: over when the call is (contract 1)."""

from edge.engine.scans.answering import CALLS_AT_ONCE
from tests.house import House


def test_what_a_call_says_goes_on_within_it_and_is_not_kept(house: House) -> None:
    house.scan("LOC:A-01", scanner="cli-1")
    house.scan("SKU:PEN", scanner="cli-1")
    house.scan("SKU:PEN", scanner="cli-2")

    assert house.stock("PEN") == {("location:A-01", ""): 1, ("location:DOCK-1", ""): 1}
    assert house.rows("SELECT id FROM dialogues") == []
    house.restart()
    house.scan("SKU:INK", scanner="cli-1")
    assert house.stock("INK") == {("location:DOCK-1", ""): 1}


def test_so_many_calls_are_remembered_and_then_the_oldest_is_forgotten(house: House) -> None:
    for n in range(CALLS_AT_ONCE + 1):
        house.scan_now("LOC:A-01", scanner=f"cli-{n}")

    house.scan_now("SKU:PEN", scanner="cli-1")
    house.scan_now("SKU:INK", scanner="cli-0")

    assert house.stock("PEN") == {("location:A-01", ""): 1}
    assert house.stock("INK") == {("location:DOCK-1", ""): 1}


def test_what_a_call_left_in_hand_is_dropped_and_told(house: House) -> None:
    house.receive("PEN", 3)
    for code in ("CMD:MOVE", "LOC:DOCK-1", "SKU:PEN"):
        house.scan(code, scanner="cli-1")
    house.wait(600)
    house.told()

    house.tick()

    (raised,) = house.told()
    assert (raised.data["kind"], raised.data["text"]) == (
        "dropped",
        "Somebody at cli-1 left 1 PEN from a place: the move is not booked.",
    )
    assert house.rows("SELECT count(*) FROM begun") == [(0,)]
    assert house.stock("PEN") == {("location:DOCK-1", ""): 3}
