"""What a put-away label's GS1 symbol says: all that GS1 can write, and nothing that it would read as another."""

import pytest

from edge.domain.gs1 import read_message
from edge.domain.journal import Goods
from edge.engine.printing import symbol

GTIN, LABEL = "07612345001012", "2f9c-17"


def test_it_says_item_expiry_lot_and_label() -> None:
    said = read_message(symbol(GTIN, Goods("INK", "B7", "2029-06-30"), LABEL, year=2026), 2026)

    assert (said.gtin, said.expiry, said.lot, said.label) == (GTIN, "2029-06-30", "B7", LABEL)


@pytest.mark.parametrize("lot", ["", "B 7", "B#7", "B" * 21])
def test_a_lot_that_gs1_cannot_write_is_left_out(lot: str) -> None:
    assert symbol(GTIN, Goods("INK", lot, ""), LABEL, year=2026) == f"01{GTIN}91{LABEL}"


@pytest.mark.parametrize(
    ("expiry", "is_said"), [("2076-12-31", True), ("2077-01-01", False), ("1976-12-31", False)]
)
def test_an_expiry_that_would_be_read_in_another_century_is_left_out(expiry: str, is_said: bool) -> None:
    said = read_message(symbol(GTIN, Goods("INK", "", expiry), LABEL, year=2026), 2026)

    assert said.expiry == (expiry if is_said else None)


def test_goods_without_a_gtin_have_a_symbol_of_their_label_alone() -> None:
    assert symbol("", Goods("INK", "B7", "2029-06-30"), LABEL, year=2026) == f"91{LABEL}"
