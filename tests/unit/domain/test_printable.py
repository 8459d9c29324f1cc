"""Text from outside, made safe to show."""

from hypothesis import given
from hypothesis import strategies as st

from edge.domain.printable import visible


@given(st.text(max_size=400))
def test_visible_text_is_printable_ascii_of_bounded_length(text: str) -> None:
    shown = visible(text)

    assert shown.isascii()
    assert shown.isprintable() or shown == ""
    assert len(shown) <= 300


def test_visible_text_that_was_cut_ends_in_dots() -> None:
    assert visible("a" * 300) == "a" * 300
    assert visible("a" * 301) == "a" * 297 + "..."
    assert visible("\x1b" * 100) == ("<ESC>" * 60)[:297] + "..."


def test_the_last_control_character_has_its_name_and_what_is_beyond_its_number() -> None:
    assert visible("\x00\x1f\x7f\xff") == "<NUL><US><0x7F><0xFF>"
