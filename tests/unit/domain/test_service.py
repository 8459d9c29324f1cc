"""The order of service in words: where a rank stands, and by which key one is before another."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import from_rfc3339
from edge.domain.allocation import line_rank, rank, read_rank
from edge.domain.service import decided, standing

KEYS = ("express", "tier", "promised_at", "placed_at")
PARIS = ZoneInfo("Europe/Paris")
VALUES = {"express": 0, "tier": 5, "promised_at": from_rfc3339("2026-11-25T00:00:00+01:00"), "placed_at": 0}


def ranked(order: str = "SO-1", **changed: int | None) -> str:
    return rank(KEYS, order, {**VALUES, **changed})


def at(text: str) -> int:
    return from_rfc3339(text)


@given(
    st.permutations(KEYS),
    st.integers(0, 1),
    st.integers(0, 9),
    st.none() | st.integers(-(10**14), 10**15),
    st.integers(-(10**14), 10**15),
)
def test_a_rank_can_be_read_back(
    keys: list[str], express: int, tier: int, promised_at: int | None, placed_at: int
) -> None:
    values = {"express": express, "tier": tier, "promised_at": promised_at, "placed_at": placed_at}
    order = rank(keys, "SO-1", values)

    assert read_rank(keys, order) == values
    assert read_rank(keys, line_rank(order, 7)) == values
    assert list(read_rank(keys, order)) == keys


def test_a_standing_tells_every_key_with_times_of_the_site() -> None:
    values = {**VALUES, "express": 1, "placed_at": at("2026-11-02T08:30:00Z")}

    assert standing(values, PARIS) == "express, tier 5, promised for 2026-11-25, placed 2026-11-02 09:30"


def test_who_is_not_express_and_has_no_promise_is_said_so() -> None:
    told = standing({"promised_at": None, "express": 0}, PARIS)

    assert told == "promised for no day, not express"


@pytest.mark.parametrize(
    ("first", "second", "key", "because"),
    [
        ({"express": 1, "tier": 0}, {}, "express", "it is express"),
        ({}, {"tier": 2}, "tier", "its tier 5 is higher than 2"),
        (
            {},
            {"promised_at": at("2026-11-26T09:00:00Z")},
            "promised_at",
            "it is promised for 2026-11-25, the other for 2026-11-26",
        ),
        ({}, {"promised_at": None}, "promised_at", "it is promised for 2026-11-25, the other for no day"),
        (
            {"placed_at": at("2026-11-02T08:30:00Z")},
            {"placed_at": at("2026-11-02T08:31:00Z")},
            "placed_at",
            "it was placed 2026-11-02 09:30, the other 2026-11-02 09:31",
        ),
    ],
)
def test_the_first_key_that_differs_decides(
    first: dict[str, int | None], second: dict[str, int | None], key: str, because: str
) -> None:
    # The id would decide the other way.
    assert ranked("SO-9", **first) < ranked("SO-1", **second)
    assert decided(KEYS, ranked("SO-9", **first), ranked("SO-1", **second), PARIS) == (key, because)


def test_orders_that_are_equal_are_decided_by_their_id() -> None:
    told = decided(KEYS, ranked("SO-1"), ranked("SO-7"), PARIS)

    assert told == ("order", "all else is equal and its id comes first")


@pytest.mark.parametrize(
    ("later", "first", "second"),
    [
        ("2026-10-25T00:30:00.001Z", "2026-10-25 02:30:00.000+02:00", "2026-10-25 02:30:00.001+02:00"),
        ("2026-10-25T00:30:01Z", "2026-10-25 02:30:00", "2026-10-25 02:30:01"),
        # The hour that comes twice: the clocks of the site show the same.
        ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00.000+02:00", "2026-10-25 02:30:00.000+01:00"),
    ],
)
def test_times_are_as_exact_as_it_takes_to_tell_them_apart(later: str, first: str, second: str) -> None:
    early, late = (ranked(placed_at=at(text)) for text in ("2026-10-25T00:30:00Z", later))

    assert decided(KEYS, early, late, PARIS) == ("placed_at", f"it was placed {first}, the other {second}")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_either_end_of_time_can_be_told(moment: str) -> None:
    year = moment[:4].lstrip("0")

    for zone in (PARIS, ZoneInfo("America/Los_Angeles")):
        assert standing({"placed_at": at(moment)}, zone).startswith(f"placed {year}-")
