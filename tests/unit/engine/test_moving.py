"""MOVE: goods go from one place to another, and their promises with them."""

from edge.facts import Verdict
from tests.house import House, Told


def _move(house: House, *codes: str, frm: str = "DOCK-1", to: str = "A-01") -> None:
    house.scans("CMD:MOVE", f"LOC:{frm}", *codes, f"LOC:{to}")


def test_what_is_in_hand_is_booked_at_the_second_place(house: House) -> None:
    house.receive("PEN", 5)
    house.told()

    _move(house, "QTY:2", "SKU:PEN", "SKU:PEN")

    move = {"sku": "PEN", "lot": None, "expiry": None, "pallet": None}
    assert house.told() == [
        Told(
            "stock.moved",
            {
                **{"sku": "PEN", "qty": 3, "lot": None, "expiry": None, "from": "DOCK-1", "to": "A-01"},
                **{"station": "dock-1", "scanner": "gun-1", "operator": None},
                "moves": [
                    {**move, "qty": 2, "from": "location:DOCK-1", "to": "location:A-01"},
                    {**move, "qty": 1, "from": "location:DOCK-1", "to": "location:A-01"},
                ],
            },
        )
    ]
    assert house.stock("PEN") == {("location:A-01", ""): 3, ("location:DOCK-1", ""): 2}


def test_nothing_is_booked_before_the_second_place_and_it_goes_on_after_a_restart(house: House) -> None:
    house.receive("PEN", 5)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "QTY:2", "SKU:PEN")
    assert house.stock("PEN") == {("location:DOCK-1", ""): 5}

    house.restart()
    house.scans("LOC:A-01")

    assert house.stock("PEN") == {("location:A-01", ""): 2, ("location:DOCK-1", ""): 3}


def test_after_the_second_place_the_next_is_a_new_first(house: House) -> None:
    house.receive("PEN", 5)
    _move(house, "SKU:PEN")

    assert house.scan("SKU:PEN").why == "needs_place"
    house.scans("LOC:A-01", "SKU:PEN", "LOC:B-01")

    assert house.stock("PEN") == {("location:B-01", ""): 1, ("location:DOCK-1", ""): 4}


def test_goods_need_two_different_places(house: House) -> None:
    house.receive("PEN", 5)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "SKU:PEN")

    assert house.scan("LOC:DOCK-1").why == "needs_place"
    assert house.scan("LOC:A-01").verdict is Verdict.ACCEPT


def test_free_goods_go_first_then_promises_follow_from_the_last(house: House) -> None:
    house.order("SO-1", ("PEN", 2), tier=5)
    house.order("SO-2", ("PEN", 2))
    house.receive("PEN", 5)
    house.told()

    _move(house, "QTY:2", "SKU:PEN")

    assert house.promises("SO-1") == {("location:DOCK-1", ""): 2}
    assert house.promises("SO-2") == {("location:A-01", ""): 1, ("location:DOCK-1", ""): 1}
    assert [(told.type, told.data["promised"]) for told in house.told()] == [
        ("stock.moved", [{"order": "SO-2", "line": 1, "qty": 1}])
    ]


def test_an_own_label_takes_its_own_promise_along(house: House) -> None:
    house.order("SO-1", ("PEN", 2), tier=5)
    house.receive("PEN", 5)
    ((label,),) = house.rows("SELECT label FROM labels WHERE kind = 'backorder'")

    _move(house, f"LBL:{label}")

    assert house.promises("SO-1") == {("location:A-01", ""): 2}
    assert house.stock("PEN") == {("location:A-01", ""): 2, ("location:DOCK-1", ""): 3}


def test_goods_keep_lot_age_and_pallet(house: House) -> None:
    house.done(
        "asn.announce",
        {
            "asn": "ASN-1",
            "pallets": [
                {
                    "sscc": "376123450000000429",
                    "contents": [{"sku": "PEN", "qty": 4, "lot": "B7"}, {"sku": "INK", "qty": 2}],
                }
            ],
        },
    )
    house.scans("]C100376123450000000429")
    house.told()

    _move(house, "]C100376123450000000429")

    assert house.types() == ["stock.moved", "stock.moved"]
    assert house.rows(
        "SELECT sku, lot, pallet, qty FROM positions WHERE account = 'location:A-01' ORDER BY sku"
    ) == [
        ("INK", "", "376123450000000429", 2),
        ("PEN", "B7", "376123450000000429", 4),
    ]
    ages = house.rows("SELECT DISTINCT since FROM positions WHERE account LIKE 'location:%'")
    assert len(ages) == 1


def test_a_pallet_is_moved_from_where_it_is(house: House) -> None:
    house.scans("CMD:MOVE", "LOC:A-01")

    refused = house.scan("]C100376123450000000429")

    assert (refused.why, refused.text) == (
        "not_here",
        "Pallet 376123450000000429 is not at A-01, it is nowhere here: receive it first.",
    )


def test_goods_beyond_the_ledger_come_out_of_missing_then_out_of_nowhere(house: House) -> None:
    house.receive("PEN", 4)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "QTY:2", "SKU:PEN")
    house.told()

    _move(house, "QTY:5", "SKU:PEN")

    assert house.stock("PEN") == {("location:A-01", ""): 5}
    assert house.level("PEN")["missing"] == 0
    told = house.told()
    assert [move["from"] for move in told[0].data["moves"]] == [
        "location:DOCK-1",
        "missing:DOCK-1",
        "adjustment",
    ]
    assert [(t.type, t.data["kind"]) for t in told[1:]] == [
        ("exception.raised", "contradiction"),
        ("exception.cleared", "count_needed"),
    ]


def test_goods_out_of_nowhere_serve_who_waits(house: House) -> None:
    house.order("SO-1", ("PEN", 2))

    _move(house, "QTY:2", "SKU:PEN")

    assert house.promises("SO-1") == {("location:A-01", ""): 2}


def test_a_move_that_is_left_is_dropped_and_told(house: House) -> None:
    house.receive("PEN", 5)
    house.scans("OP:alice", "CMD:MOVE", "LOC:DOCK-1", "QTY:2", "SKU:PEN")
    house.told()
    house.wait(121)

    house.tick()

    (told,) = house.told()
    assert (told.type, told.data["kind"], told.data["text"]) == (
        "exception.raised",
        "dropped",
        "alice at gun-1 left 2 PEN from DOCK-1: the move is not booked.",
    )
    assert house.scan("SKU:PEN").text == "This scanner was reset: it is in RECEIVE at DOCK-1 now. Scan again."
    assert house.stock("PEN") == {("location:DOCK-1", ""): 5}


def test_another_mode_or_person_drops_the_move(house: House) -> None:
    house.receive("PEN", 5)
    for scan in ("CMD:RECEIVE", "OP:bob"):
        house.scans("CMD:MOVE", "OP:alice", "CMD:MOVE", "LOC:DOCK-1", "SKU:PEN")
        house.told()

        assert house.scan(scan).verdict is Verdict.ATTENTION
        assert [told.data["kind"] for told in house.told()] == ["dropped"]
        house.rows("UPDATE exceptions SET cleared_at = 1, reason = 'seen'")

    assert house.rows("SELECT * FROM begun") == []


def test_a_move_that_a_person_cancels_is_nobodys_business(house: House) -> None:
    house.receive("PEN", 5)
    house.scans("CMD:MOVE", "LOC:DOCK-1", "SKU:PEN", "CMD:CANCEL")

    assert house.exceptions() == [("unknown_item", "PEN")]
    assert house.scan("LOC:A-01").verdict is Verdict.ACCEPT
    assert house.stock("PEN") == {("location:DOCK-1", ""): 5}


def test_of_several_lots_the_first_to_expire_goes_and_the_others_stay(house: House) -> None:
    house.receive("PEN", 2, lot="B7")
    house.receive("PEN", 2, lot="C8")

    _move(house, "QTY:1", "SKU:PEN")

    assert house.stock("PEN") == {
        **{("location:A-01", "B7"): 1, ("location:DOCK-1", "B7"): 1, ("location:DOCK-1", "C8"): 2}
    }


def test_goods_that_were_all_missing_are_no_contradiction(house: House) -> None:
    house.receive("PEN", 3)
    house.scans("CMD:MISSING", "LOC:DOCK-1", "SKU:PEN")
    house.told()

    _move(house, "QTY:2", "SKU:PEN")

    (moved,) = house.told()
    assert [(move["qty"], move["from"]) for move in moved.data["moves"]] == [(2, "missing:DOCK-1")]
    assert house.stock("PEN") == {("location:A-01", ""): 2, ("missing:DOCK-1", ""): 1}
