"""The referee can say no to what is told of codes: a morning of learning with one thing wrong in it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.house import MORNING_MS, StandingClock
from tests.house import settings as house_settings
from tests.simulation.referee import Referee
from tests.simulation.site import Site
from tests.simulation.streams import Stream, data, judge, with_event
from tests.simulation.wire import Claim, Foul, Learned, ScanSaid

CARTON = "CARTON-1"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    """Three cartons that nobody knows are taken in and taught, their pack is put right, and all of it is undone."""
    stream: Stream = []
    folder = tmp_path_factory.mktemp("morning")
    site = Site(folder, house_settings(folder), StandingClock(MORNING_MS), Referee(), record=stream.append)
    items = [{"sku": "PEN"}, {"sku": "INK", "codes": [{"code": "X-INK", "pack": 1}]}]
    site.command("catalogue.upsert", {"items": items})
    for code, claim in (
        ("QTY:3", None),
        (f"SKU:{CARTON}", Claim("stock.received", CARTON, "DOCK-1", 3)),
        ("CMD:LEARN", None),
        (CARTON, None),
        ("SKU:PEN", Learned(CARTON, "PEN", 1)),
        ("QTY:4", Learned(CARTON, "PEN", 4)),
        ("CMD:UNDO", None),
        ("CMD:UNDO", None),
        (CARTON, None),
        ("SKU:PEN", Learned(CARTON, "PEN", 1)),
    ):
        site.wait(1)
        site.scan("dock-1", "gun-1", code, claim)
    site.close()
    return stream


def _more(event: dict[str, Any]) -> None:
    event["data"]["moves"][-1]["qty"] += 1


def test_a_good_morning_of_learning_has_no_foul(morning: Stream) -> None:
    referee = judge(morning)

    assert referee.bookings.codes.means[CARTON] == ("PEN", 1)
    assert referee.bookings.level("PEN")["on_hand"] == 3


@pytest.mark.parametrize(
    ("type_", "nth", "change", "words"),
    [
        ("catalogue.learned", 1, data(sku="PENN"), "no such item is in the catalogue"),
        ("catalogue.learned", 1, data(pack=0), "no such item is in the catalogue"),
        ("catalogue.learned", 1, data(code="X-INK"), "it is INK's"),
        ("catalogue.learned", 2, data(pack=1), "it was so before"),
        ("catalogue.learned", 2, data(pack=5), "3 with CARTON-1 became 12, not 5 for each"),
        ("stock.identified", 1, _more, "3 with CARTON-1 became 4, not 1 for each"),
        ("stock.identified", 2, _more, "3 with CARTON-1 became 13, not 4 for each"),
        ("stock.identified", 1, data(code="CARTON-9"), "CARTON-9 is None"),
        ("undo", 1, data(moves=[]), "moved goods, and its undo moves none"),
        ("undo", 1, data(undoes=99), "there is no such booking"),
    ],
)
def test_what_is_learned_wrongly_is_a_foul(
    morning: Stream, type_: str, nth: int, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    stream = with_event(morning, type_, change, nth=nth)

    with pytest.raises(Foul) as foul:
        judge(stream)
    assert words in str(foul.value)


def test_a_code_that_was_taught_and_is_told_otherwise_is_a_foul(morning: Stream) -> None:
    other = [
        replace(said, claim=Learned(CARTON, "PEN", 9)) if isinstance(said, ScanSaid) and said.claim else said
        for said in morning[-1:]
    ]

    with pytest.raises(Foul, match="was accepted: expected Learned"):
        judge([*morning[:-1], *other])
