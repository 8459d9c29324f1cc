"""Hebrew and Arabic on a label: in the order in which they are read, Arabic letters joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.right_to_left import as_seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("INK 7 (é)", "INK 7 (é)"),
        ("דיו", "ויד"),
        ("דיו 12 L", "L 12 ויד"),
        ("INK דיו (שחור) 700 ml", "INK 700 (רוחש) ויד ml"),
        ("Lot דיו (1)", "Lot (1) ויד"),
        ("חדש 2027-03-01 A-1", "A-1 2027-03-01 שדח"),
        ("שָׁלוֹם", "םוֹלשָׁ"),
    ],
)
def test_letters_stand_in_the_order_in_which_they_are_read(text: str, seen: str) -> None:
    assert as_seen(text) == seen


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        # seen, lam with alef, meem: initial, final, isolated (Unicode, Arabic Presentation Forms-B).
        ("سلام", "\ufee1\ufefc\ufeb3"),
        # hah, beh, reh: initial, medial, final.
        ("حبر", "\ufeae\ufe92\ufea3"),
        # alef reaches nothing behind it.
        ("اب", "\ufe8f\ufe8d"),
    ],
)
def test_arabic_letters_have_the_form_that_their_neighbours_ask_for(word: str, forms: str) -> None:
    assert as_seen(word) == forms


@given(st.text(alphabet="abאבגשלום12 .,-()[]é", max_size=40))
def test_no_letter_is_lost_and_none_is_added(text: str) -> None:
    plain = str.maketrans(")]", "([")

    assert sorted(as_seen(text).translate(plain)) == sorted(text.translate(plain))
