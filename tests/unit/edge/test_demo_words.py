"""What the demo says of an event. What a day brings is told in `tests/integration/test_demo.py`."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from edge.demo.words import settled_by, words_of


@dataclass(frozen=True, slots=True)
class Told:
    name: str
    data: Any


def told(name: str, **data: object) -> Told:
    return Told(name, SimpleNamespace(**data))


SAID = {
    "SO-1 expects PEN no more": told("backorder.eta", order="SO-1", sku="PEN", qty=2, expected_at=None),
    "SO-1 can expect 2 PEN on 2026-11-23 08:00": told(
        "backorder.eta", order="SO-1", sku="PEN", qty=2, expected_at=1_795_420_800_000
    ),
    "2 PEN at A-01 to SO-1, 1 still waits": told(
        "backorder.allocated", order="SO-1", sku="PEN", qty=2, location="A-01", waiting=1
    ),
    "SO-1 leaves, a part of it: 2 PEN": told(
        "order.shipped", order="SO-1", complete=False, lines=[SimpleNamespace(sku="PEN", qty=2)]
    ),
    "X-1 is PEN, 12 to the pack": told("catalogue.learned", code="X-1", sku="PEN", pack=12),
    "undone: what was learned": told("undo", undoes=7, moves=[]),
    "identified PEN": told("stock.identified", sku="PEN", qty=2, code="4006381333931"),
}


@pytest.mark.parametrize("words", SAID)
def test_an_event_is_said_in_few_words(words: str) -> None:
    assert words_of(SAID[words]) == words


@pytest.mark.parametrize("name", ["label.printed", "exception.raised", "stock.shipped", "backorder.waiting"])
def test_what_another_event_says_or_the_story_does_not_foresee_is_left_out(name: str) -> None:
    assert words_of(told(name)) is None


def test_an_exception_that_ends_is_named_with_what_it_is_about() -> None:
    assert settled_by(told("exception.cleared", kind="restock", about="SO-1")) == "restock of SO-1"
    assert settled_by(told("exception.cleared", kind="broker", about="broker")) == "broker"
    assert settled_by(told("exception.raised", kind="broker", about="broker")) == ""
