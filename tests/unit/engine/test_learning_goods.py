"""LEARN names goods that were taken in before: they become the item's, and all of it can be undone (contract 3, 4)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.facts import Verdict
from tests.house import PEN_GTIN, House, settings

EAN = PEN_GTIN[1:]
DOCK = "location:DOCK-1"


def _begin(folder: Path) -> House:
    house = House(settings(folder))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    return house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = _begin(tmp_path)
    yield house
    house.audit()
    house.close()


def _teach(house: House, *scans: str) -> None:
    """Teach a pen's code; five cartons of it are at the dock, taken in before anybody knew them."""
    house.scans("QTY:5", EAN, "CMD:LEARN")
    house.told()
    for scan in scans:
        house.scans(scan)


def _codes(house: House) -> dict[str, int]:
    return dict(house.rows("SELECT code, pack FROM codes ORDER BY code"))


def _as_it_stands(house: House) -> list[list[tuple[Any, ...]]]:
    """Positions, promises, lines, levels and codes, as far as they matter from now on."""
    return [
        house.rows(sql)
        for sql in (
            "SELECT sku, account, lot, expiry, qty, allocated FROM positions WHERE qty <> 0 ORDER BY sku, account, lot",
            "SELECT line_id, position_id, sum(qty) FROM allocations GROUP BY line_id, position_id HAVING sum(qty) > 0"
            " ORDER BY line_id, position_id",
            "SELECT order_id, line, allocated, waiting FROM lines ORDER BY id",
            "SELECT sku, on_hand, allocated, waiting, missing, quarantine FROM levels ORDER BY sku",
            "SELECT code, sku, pack FROM codes ORDER BY code",
            # Who lost a promise by a correction is told so, and nobody was promised anything who was served at once.
            "SELECT kind, about FROM exceptions WHERE cleared_at IS NULL AND kind <> 'unfulfillable'"
            " ORDER BY kind, about",
            "SELECT sku, qty FROM begun ORDER BY dialogue, n",
        )
    ]


# -- what is here ----------------------------------------------------------------------------------------------


def test_goods_under_the_codes_digits_become_the_items_and_who_waits_is_served(house: House) -> None:
    house.order("SO-1", ("PEN", 50))
    _teach(house, EAN, "QTY:12")

    answer = house.scans("SKU:PEN")

    assert (answer.verdict, answer.text) == (
        Verdict.ACCEPT,
        "7612345001012 is PEN from now on, 12 to the pack. 5 that were here are 60 PEN now."
        " 50 of it for waiting orders.",
    )
    assert (house.stock(PEN_GTIN), house.stock("PEN")) == ({}, {(DOCK, ""): 60})
    told = house.told()
    assert [each.type for each in told] == [
        "catalogue.learned",
        "stock.identified",
        "backorder.allocated",
        "order.ready",
        "exception.cleared",
    ]
    goods = {"lot": None, "expiry": None, "pallet": None}
    moves = [
        {"sku": PEN_GTIN, **goods, "qty": 5, "from": DOCK, "to": "identified"},
        {"sku": "PEN", **goods, "qty": 60, "from": "identified", "to": DOCK},
    ]
    assert told[1].data == {"code": EAN, "sku": "PEN", "qty": 60, "moves": moves}
    assert house.promises("SO-1") == {(DOCK, ""): 50}


def test_no_label_is_printed_for_goods_that_are_on_their_shelves(house: House) -> None:
    house.order("SO-1", ("PEN", 5))
    _teach(house)
    before = house.rows("SELECT count(*) FROM labels")

    house.scans(EAN, "SKU:PEN")

    assert house.promises("SO-1")
    assert house.rows("SELECT count(*) FROM labels") == before


def test_more_than_a_million_pieces_are_not_named_at_once(house: House) -> None:
    _teach(house, EAN, "QTY:200001")

    before = _as_it_stands(house)
    answer = house.scan("SKU:PEN")

    assert (answer.why, answer.text) == (
        "count_differs",
        "5 cartons with 7612345001012 are here: that makes 1000005 pieces, more than 1000000."
        " Count them, and scan QTY again.",
    )
    assert _as_it_stands(house) == before
    house.scans("QTY:200000", "SKU:PEN")
    assert house.scan("QTY:200001").why == "count_differs"
    assert house.stock("PEN") == {(DOCK, ""): 1_000_000}


# -- another pack ----------------------------------------------------------------------------------------------


def _busy(house: House) -> None:
    """Who waits for pens in many ways; cartons at the dock, in quarantine, missing, in hand, beside known pens."""
    house.receive("PEN", 7)
    house.order("SO-1", (PEN_GTIN, 2))
    for number, (qty, fill) in enumerate([(20, "partial"), (30, "line"), (9, "partial"), (50, "partial")], 2):
        house.order(f"SO-{number}", ("PEN", qty), fill=fill)
    house.scans("CMD:RECEIVE", "LOC:DOCK-1", "QTY:5", EAN, "LOT:B7", "QTY:4", EAN)
    house.scans("CMD:DAMAGE", "LOC:DOCK-1", EAN, "CMD:MISSING", "LOC:DOCK-1", "LOT:B7", "QTY:2", EAN)
    house.scan("CMD:MOVE", scanner="gun-2")
    house.scan("LOC:DOCK-1", scanner="gun-2")
    house.scan("QTY:2", scanner="gun-2")
    house.scan(EAN, scanner="gun-2")
    house.scans("CMD:LEARN")


@pytest.mark.parametrize(
    "packs", [(12,), (3, 12), (12, 3), (1, 2, 24, 6)], ids=lambda packs: "-".join(map(str, packs))
)
@pytest.mark.parametrize("again", [False, True], ids=["QTY", "all of it again"])
def test_a_pack_that_is_corrected_is_as_if_it_had_been_said_at_once(
    tmp_path: Path, packs: tuple[int, ...], again: bool
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    corrected, at_once = _begin(one), _begin(other)
    for house in (corrected, at_once):
        _busy(house)

    corrected.scans(EAN, "SKU:PEN")
    for pack in packs:
        pack_said = f"QTY:{pack}"
        corrected.scans(*(("CMD:LEARN", pack_said, EAN, "SKU:PEN") if again else (pack_said,)))
    at_once.scans(f"QTY:{packs[-1]}", EAN, "SKU:PEN")

    assert _as_it_stands(corrected) == _as_it_stands(at_once)
    for house in (corrected, at_once):
        house.audit()
        house.close()


def test_a_corrected_pack_is_told_by_what_it_changes(house: House) -> None:
    house.order("SO-1", ("PEN", 8))
    _teach(house, EAN, "SKU:PEN")
    house.told()

    answer = house.scan("QTY:12")

    assert answer.text == (
        "7612345001012 is PEN from now on, 12 to the pack. 5 that were here are 60 PEN now."
        " 8 of it for waiting orders."
    )
    learned, identified, *rest = house.told()
    assert learned.data == {"code": EAN, "sku": "PEN", "pack": 12}
    goods = {"sku": "PEN", "lot": None, "expiry": None, "pallet": None}
    move = {**goods, "qty": 55, "from": "identified", "to": DOCK}
    assert identified.data == {"code": EAN, "sku": "PEN", "qty": 60, "moves": [move]}
    assert [(each.type, each.data.get("reason")) for each in rest] == [
        ("backorder.released", "adjusted"),
        ("backorder.allocated", None),
        ("order.ready", None),
    ]


def test_a_pack_is_not_corrected_for_goods_that_moved_on(house: House) -> None:
    _teach(house, EAN, "SKU:PEN")
    for code in ("CMD:MOVE", "LOC:DOCK-1", "SKU:PEN", "LOC:A-01"):
        house.scan(code, scanner="gun-2")
    before = _as_it_stands(house)

    answer = house.scan("QTY:12")

    assert (answer.why, answer.text) == (
        "built_upon",
        "PEN has moved on from DOCK-1 since. Scan QTY, the code and the item for what comes from now on,"
        " and count it.",
    )
    assert _as_it_stands(house) == before


def test_who_teaches_a_code_anew_after_its_goods_moved_on_gets_on_and_is_told_to_count(house: House) -> None:
    _teach(house, EAN, "SKU:PEN")
    for code in ("CMD:COUNT", "LOC:DOCK-1", "QTY:5", "SKU:PEN", "CMD:DONE"):
        house.scan(code, scanner="gun-2")

    answer = house.scans("CMD:LEARN", "QTY:12", EAN, "SKU:PEN")

    assert (answer.verdict, answer.text) == (
        Verdict.ATTENTION,
        "7612345001012 is PEN from now on, 12 to the pack. PEN was counted at DOCK-1 meanwhile: count it.",
    )
    assert (house.stock("PEN"), _codes(house)) == ({(DOCK, ""): 5}, {EAN: 12})


def test_a_code_that_another_booking_has_come_after_is_taught_anew_for_what_comes(house: House) -> None:
    _teach(house, EAN, "SKU:PEN", "X-1", "SKU:PEN")

    house.scans("CMD:LEARN", "QTY:12", EAN, "SKU:PEN")

    assert (house.stock("PEN"), _codes(house)) == ({(DOCK, ""): 5}, {EAN: 12, "X-1": 1})


# -- taken back ------------------------------------------------------------------------------------------------


def test_an_undone_learning_leaves_the_code_as_it_was(house: House) -> None:
    house.scans("CMD:LEARN", "X-1", "SKU:PEN", "QTY:12")
    house.told()

    said = [house.scan("CMD:UNDO").text for _ in "ab"]

    assert said == ["Undone: X-1 is PEN, 1 to the pack again.", "Undone: X-1 is no code of PEN now."]
    assert _codes(house) == {}
    assert [(each.type, each.data["undoes"], each.data["moves"]) for each in house.told()] == [
        ("undo", house.rows("SELECT booking FROM entries WHERE entry = 2")[0][0], []),
        ("undo", house.rows("SELECT booking FROM entries WHERE entry = 1")[0][0], []),
    ]
    assert house.scan("CMD:UNDO").why == "nothing_to_undo"


@pytest.mark.parametrize("packs", [(), (12,), (3, 12), (12, 3)], ids=lambda packs: "-".join(map(str, packs)))
def test_an_undone_learning_is_as_if_it_had_never_been(house: House, packs: tuple[int, ...]) -> None:
    _busy(house)
    scans = [EAN, "SKU:PEN", *(f"QTY:{pack}" for pack in packs)]
    house.scans(*scans[:-1])
    before = _as_it_stands(house)
    house.scans(scans[-1])

    house.scans("CMD:UNDO")

    assert _as_it_stands(house) == before


def test_learnings_undone_one_after_the_other_leave_the_goods_as_they_were(house: House) -> None:
    _busy(house)
    before = house.stock(PEN_GTIN), house.stock("PEN"), house.rows("SELECT sku, qty FROM begun")
    house.scans(EAN, "SKU:PEN", "QTY:3", "QTY:12", "QTY:6")

    house.scans(*["CMD:UNDO"] * 4)

    assert (house.stock(PEN_GTIN), house.stock("PEN"), house.rows("SELECT sku, qty FROM begun")) == before
    assert _codes(house) == {}
    assert house.promises("SO-1") == {(DOCK, ""): 2}


def test_what_was_promised_of_it_is_released_by_the_undo(house: House) -> None:
    house.order("SO-1", ("PEN", 3))
    _teach(house, EAN, "SKU:PEN")
    house.told()

    answer = house.scan("CMD:UNDO")

    assert answer.verdict is Verdict.ATTENTION, "The item of the digits is one that nobody knows again."
    undo, *rest = house.told()
    assert [(move["sku"], move["from"], move["to"]) for move in undo.data["moves"]] == [
        ("PEN", DOCK, "identified"),
        (PEN_GTIN, "identified", DOCK),
    ]
    assert [(each.type, each.data.get("reason")) for each in rest[:3]] == [
        ("backorder.released", "undone"),
        ("backorder.waiting", "undone"),
        ("order.unfulfillable", None),
    ]
    assert house.stock(PEN_GTIN) == {(DOCK, ""): 5}


def test_a_learning_whose_goods_moved_on_is_not_undone(house: House) -> None:
    house.order("SO-1", ("PEN", 1))
    _teach(house, EAN, "SKU:PEN")
    for code in ("CMD:PICK", "ORD:SO-1", "LOC:DOCK-1", "SKU:PEN"):
        house.scan(code, scanner="gun-2")

    answer = house.scan("CMD:UNDO")

    assert (answer.why, answer.text) == (
        "built_upon",
        "PEN has moved on from DOCK-1 since: it cannot be undone, book it back.",
    )


@pytest.mark.parametrize("codes", [[], [{"code": EAN, "pack": 6}]])
def test_a_learning_is_not_undone_once_central_says_otherwise(house: House, codes: list[Any]) -> None:
    _teach(house, EAN, "SKU:PEN")
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": codes}]})

    answer = house.scan("CMD:UNDO")

    assert (answer.why, answer.text) == (
        "built_upon",
        "The catalogue has 7612345001012 otherwise since: it cannot be undone, teach it anew.",
    )


def test_goods_put_down_since_and_others_in_the_same_hands_stay_what_they_are(house: House) -> None:
    for code in ("CMD:MOVE", "LOC:A-01", EAN, "LOC:B-01", "CMD:MOVE", "LOC:B-01", EAN):
        house.scan(code, scanner="gun-2")
    house.scans("CMD:LEARN", EAN, "SKU:PEN")
    for code in ("CMD:CANCEL", "LOC:A-01", "QTY:3", "SKU:PEN"):
        house.scan(code, scanner="gun-2")

    house.scans("QTY:12")
    assert house.rows("SELECT sku, qty FROM begun") == [("PEN", 3)]
    house.scans("CMD:UNDO", "CMD:UNDO")

    assert house.rows("SELECT sku, qty FROM begun") == [("PEN", 3)]
    assert house.stock(PEN_GTIN) == {("location:B-01", ""): 1}
