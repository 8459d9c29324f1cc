"""Twenty weeks out of twenty seeds; `make simulate` lives through thousands."""

import pytest

from tests.simulation.week import Week

ACTS_A_DAY = 18
"""Fewer than in `make simulate`: all twenty take well under a minute."""


@pytest.mark.parametrize("seed", range(1, 21))
def test_after_any_week_the_referee_has_nothing_to_say(seed: int) -> None:
    week = Week(seed, ACTS_A_DAY)

    week.run()

    assert week.world.site.referee.wire.payloads, "A week without an event judges nothing."
