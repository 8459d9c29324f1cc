"""LEARN: a carton's code is taught, and from then on it is the item (contract section 3)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.facts import Verdict
from tests.house import PEN_GTIN, House, Told, settings

EAN = PEN_GTIN[1:]
X = "X-4711-B"
WHICH = "Now scan the item this code is of."


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(settings(tmp_path))
    ink = {"sku": "INK", "codes": [{"code": "7612345001029", "pack": 1}]}
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}, ink]})
    house.scans("CMD:LEARN")
    house.told()
    yield house
    house.audit()
    house.close()


def _codes(house: House, sku: str = "PEN") -> dict[str, int]:
    return dict(house.rows("SELECT code, pack FROM codes WHERE sku = ? ORDER BY code", sku))


def _learned(code: str = X, sku: str = "PEN", pack: int = 1) -> Told:
    return Told("catalogue.learned", {"code": code, "sku": sku, "pack": pack})


def _refused(house: House, code: str) -> tuple[str | None, str]:
    """Scan what must be refused, and change nothing but to be told so."""
    before, _ = house.rows("SELECT code, sku, pack FROM codes ORDER BY code"), house.told()
    answer = house.scan(code)
    assert answer.verdict is Verdict.REJECT
    assert house.types() == ["scan.rejected"]
    assert house.rows("SELECT code, sku, pack FROM codes ORDER BY code") == before
    return answer.why, answer.text


# -- the code, and the item ------------------------------------------------------------------------------------


def test_a_code_that_nobody_knows_is_the_item_from_then_on_and_central_hears_of_it(house: House) -> None:
    first = house.scan(X)
    second = house.scan("SKU:PEN")

    assert (first.verdict, first.text) == (Verdict.ACCEPT, WHICH)
    assert (second.verdict, second.text) == (
        Verdict.ACCEPT,
        "X-4711-B is PEN from now on, 1 to the pack. Another pack? Scan QTY now.",
    )
    assert house.told() == [_learned()]
    house.scans("CMD:RECEIVE", X)
    assert house.stock("PEN") == {("location:DOCK-1", ""): 1}


@pytest.mark.parametrize(
    ("scanned", "listed"),
    [
        (EAN, EAN),
        (f"]E0{EAN}", EAN),
        (f"]A0{X}", X),
        (f"]C101{PEN_GTIN}10B7", PEN_GTIN),
        (f"https://example.org/01/{PEN_GTIN}", PEN_GTIN),
        ("2012345678903", "2012345678903"),
        ("]C00112345678901231", "0112345678901231"),
        ("https://example.org/about", "https://example.org/about"),
        ("x" * 256, "x" * 256),
    ],
)
def test_a_code_is_taught_as_the_catalogue_lists_it(house: House, scanned: str, listed: str) -> None:
    house.scans(scanned, "SKU:PEN")

    assert _codes(house) == {listed: 1}
    assert house.told() == [_learned(listed)]
    house.scans("CMD:RECEIVE", scanned)
    assert house.level("PEN")["on_hand"] == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("7612345001013", "check_digit"),
        ("]C10112345", "bad_gs1"),
        ("A\x01", "bad_code"),
        ("CMD:DANCE", "unknown_command"),
        ("]C100376130321109103420", "needs_item"),
        ("LBL:ffff-1", "not_wanted"),
    ],
)
def test_what_is_misread_or_no_code_of_a_carton_is_not_taught(house: House, code: str, why: str) -> None:
    assert _refused(house, code)[0] == why
    assert house.scans(X).text == WHICH


def test_the_items_own_number_does_not_come_first(house: House) -> None:
    assert _refused(house, "SKU:PEN") == (
        "not_wanted",
        "LEARN begins with the code that the carton came with: scan that, then the item.",
    )


def test_a_label_of_ours_is_no_code_to_teach_and_stands_for_its_item(house: House) -> None:
    house.receive("PEN", 3)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:LEARN")

    assert _refused(house, f"LBL:{label}") == (
        "own_label",
        f"Label {label} is our own: it is known. Scan the code that the carton came with.",
    )
    house.scans(X, f"LBL:{label}")

    assert _codes(house) == {X: 1}


def test_a_label_that_is_void_stands_for_no_item(house: House) -> None:
    house.receive("PEN", 3)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:UNDO", "CMD:LEARN", X)

    assert _refused(house, f"LBL:{label}")[0] == "void_label"


@pytest.mark.parametrize("item", ["7612345001029", "]C10107612345001029", "SKU:INK"])
def test_the_item_is_named_by_any_code_of_it(house: House, item: str) -> None:
    house.scans(X, item)

    assert house.told() == [_learned(sku="INK")]


@pytest.mark.parametrize("unknown", ["accept", "reject"])
def test_only_an_item_of_the_catalogue_is_taught_and_the_code_stays_in_hand(
    tmp_path: Path, unknown: str
) -> None:
    house = House(settings(tmp_path, unknown=unknown))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.scans("CMD:LEARN", X)
    tail = "is no item that the catalogue knows: scan the item, by SKU: or by a code of it."

    assert _refused(house, "SKU:PENN") == ("unknown_item", f"PENN {tail}")
    assert _refused(house, EAN) == ("unknown_item", f"{PEN_GTIN} {tail}")
    assert _refused(house, "]A0X-4712-B") == ("unknown_item", f"X-4712-B {tail}")
    house.scans("SKU:PEN")

    assert _codes(house) == {X: 1}
    house.audit()
    house.close()


def test_a_label_of_goods_that_nobody_knows_stands_for_no_item(house: House) -> None:
    house.scans("CMD:RECEIVE", EAN)
    ((label,),) = house.rows("SELECT label FROM labels")
    house.scans("CMD:LEARN", X)

    assert _refused(house, f"LBL:{label}")[0] == "unknown_item"


def test_a_code_of_another_item_stays_that_ones(house: House) -> None:
    first = house.scan("07612345001029")

    assert first.text == f"7612345001029 is INK, 1 to the pack, until now. {WHICH}"
    assert _refused(house, "SKU:PEN") == (
        "duplicate",
        "7612345001029 is INK's already, and a code is one item's. Central can change that.",
    )


def test_a_code_that_is_the_items_already_books_nothing(house: House) -> None:
    house.scans("]C10107612345001029")
    answer = house.scan("SKU:INK")

    assert (answer.verdict, answer.text) == (
        Verdict.ACCEPT,
        "7612345001029 is INK's already, 1 to the pack. Another pack? Scan QTY now.",
    )
    assert house.told() == []
    assert house.scan("CMD:UNDO").why == "nothing_to_undo"


# -- how many --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scans", [("QTY:12", X, "SKU:PEN"), (X, "QTY:12", "SKU:PEN"), ("NUM:1", X, "NUM:2", "SKU:PEN")]
)
def test_a_quantity_before_the_item_is_its_pack(house: House, scans: tuple[str, ...]) -> None:
    house.scans(*scans)

    assert house.told() == [_learned(pack=12)]
    house.scans(X, "SKU:PEN")
    assert house.told() == [], "A pack that was said stays, where none is said."


def test_a_quantity_behind_the_item_is_its_pack_too(house: House) -> None:
    house.scans(X, "SKU:PEN")
    answer = house.scan("QTY:12")

    assert (answer.verdict, answer.text) == (Verdict.ACCEPT, "X-4711-B is PEN from now on, 12 to the pack.")
    assert house.told() == [_learned(), _learned(pack=12)]
    house.scans("CMD:RECEIVE", X)
    assert house.level("PEN")["on_hand"] == 12


def test_a_quantity_over_one_that_was_said_wants_to_be_looked_at(house: House) -> None:
    house.scans("QTY:12", X, "SKU:PEN")

    assert house.scan("QTY:6").verdict is Verdict.ATTENTION
    assert house.scan("QTY:6").text == "X-4711-B is PEN's already, 6 to the pack."
    assert house.told() == [_learned(pack=12), _learned(pack=6)]


def test_digits_behind_the_item_are_its_pack_digit_by_digit(house: House) -> None:
    house.scans("NUM:3")
    house.wait(31)
    assert house.scan(X).why == "lapsed"
    house.scans(X, "SKU:PEN")

    said = [house.scan(f"NUM:{digit}").text for digit in "12C24"]

    assert said == [
        "X-4711-B is PEN's already, 1 to the pack.",
        "X-4711-B is PEN from now on, 12 to the pack.",
        "X-4711-B is PEN, 12 to the pack, until you scan another number.",
        "X-4711-B is PEN from now on, 2 to the pack.",
        "X-4711-B is PEN from now on, 24 to the pack.",
    ]
    assert house.told()[1:] == [_learned(), *(_learned(pack=pack) for pack in (12, 2, 24))]


@pytest.mark.parametrize(
    ("scan", "why", "text"),
    [
        ("QTY:1000000", "bad_code", "This quantity code needs a whole number to 999999, got '1000000'."),
        ("QTY:0", "bad_code", "QTY goes from 1 to 999999, not 0."),
        ("NUM:0", "needs_quantity", "QTY 0 means nothing here: scan QTY from 1 to 999999."),
    ],
)
def test_a_pack_has_one_to_999999_pieces(house: House, scan: str, why: str, text: str) -> None:
    house.scans(X, "SKU:PEN")

    assert _refused(house, scan) == (why, text)
    house.scans("QTY:999999")
    assert _codes(house) == {X: 999_999}


def test_none_in_a_pack_is_refused_where_it_was_typed_before(house: House) -> None:
    house.scans("NUM:0", X)

    assert _refused(house, "SKU:PEN")[0] == "needs_quantity"


@pytest.mark.parametrize("between", ["LOC:A-01", "OP:alice", "LOT:B7", "CMD:DONE", "Y-1", "CMD:LEARN"])
def test_after_anything_else_a_quantity_is_the_next_codes(house: House, between: str) -> None:
    house.scans(X, "SKU:PEN", between, "QTY:12")

    assert _codes(house) == {X: 1}
    house.scans(*(() if between == "Y-1" else ("Y-1",)), "SKU:PEN")
    assert _codes(house) == {X: 1, "Y-1": 12}


def test_a_quantity_behind_a_code_that_central_took_away_is_the_next_codes(house: House) -> None:
    house.scans(X, "SKU:PEN")
    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": []}]})

    house.scans("QTY:12", "Y-1", "SKU:PEN")

    assert _codes(house) == {"Y-1": 12}


def test_a_quantity_behind_a_code_that_central_gave_to_another_item_is_the_next_codes(house: House) -> None:
    house.scans(X, "SKU:PEN")
    for sku, codes in (("PEN", []), ("INK", [{"code": X, "pack": 1}])):
        house.done("catalogue.upsert", {"items": [{"sku": sku, "codes": codes}]})

    house.scans("QTY:12")

    assert _codes(house, "INK") == {X: 1}


# -- the code in hand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop", ["CMD:CANCEL", "CMD:LEARN", "CMD:DONE"])
def test_a_code_in_hand_is_dropped(house: House, drop: str) -> None:
    house.scans("QTY:12", X, drop)

    assert _refused(house, "SKU:PEN")[0] == "not_wanted"
    house.scans("Y-1", "SKU:PEN")
    assert _codes(house) == {"Y-1": 1}


def test_a_code_in_hand_and_what_was_taught_go_on_after_a_restart(house: House) -> None:
    house.scans("QTY:12", X)
    house.restart()
    house.scans("SKU:PEN")
    house.restart()
    house.scans("QTY:24")

    assert _codes(house) == {X: 24}


def test_a_reset_that_drops_a_code_is_told_once(tmp_path: Path) -> None:
    stations = (settings(tmp_path).stations[0].model_copy(update={"mode": "learn", "location": None}),)
    house = House(settings(tmp_path, stations=stations))
    house.done("catalogue.upsert", {"items": [{"sku": "PEN"}]})
    house.scans(X)
    house.wait(121)

    assert _refused(house, "SKU:PEN") == (
        "lapsed",
        "This scanner was reset: it is in LEARN now. Scan again.",
    )
    house.scans(X)
    house.wait(90)
    house.scans("SKU:PEN")
    assert _codes(house) == {X: 1}
    house.audit()
    house.close()


# -- central owns the catalogue --------------------------------------------------------------------------------


def test_a_list_of_codes_from_central_replaces_those_that_were_learned(house: House) -> None:
    house.scans(X, "SKU:PEN")
    taken = house.command("catalogue.upsert", {"items": [{"sku": "INK", "codes": [{"code": X}]}]})

    house.done("catalogue.upsert", {"items": [{"sku": "PEN", "codes": [{"code": EAN}]}]})

    assert taken["error"]["code"] == "code_taken"
    assert _codes(house) == {EAN: 1}


def test_learning_books_an_entry_without_goods_that_the_audit_accepts(house: House) -> None:
    house.scans(X, "SKU:PEN", "CMD:UNDO")

    assert house.rows("SELECT kind, undoes FROM entries ORDER BY entry") == [("learned", None), ("undo", 1)]
    assert house.rows("SELECT count(*) FROM postings") == [(0,)]
    house.restart()
    house.audit()
