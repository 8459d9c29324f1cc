"""Days nobody planned, act by act beside a small model of the contract; each day is then played again from its facts.

`MODEL_DAYS=2000 pytest tests/simulation/test_days_against_a_model.py` lives through more of them, others each time.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from tests.simulation import days, days_of_orders, shelf_laws, shelf_undo
from tests.simulation.days import GUNS, HOUR_MS
from tests.simulation.days_of_orders import Orders
from tests.simulation.shelf_laws import Said

ORDERS_BY = (("express", "tier", "promised_at", "placed_at"), ("placed_at",), ("promised_at", "tier"))
WITHIN_MS = 15 * 60_000
"""A booking can be undone for so long."""

_goods = st.lists(st.tuples(days.sku, days.lot, days.many, days.place), min_size=2, max_size=5)
_orders = st.lists(st.tuples(days_of_orders.lines, days_of_orders.fill), min_size=1, max_size=3)


class Days(Orders):
    """What people, central and the clock do, in any order."""

    @initialize(
        order_by=st.sampled_from(ORDERS_BY),
        shelf_life_days=st.sampled_from((0, 0, 3)),
        goods=_goods,
        orders=_orders,
    )
    def begins(
        self,
        order_by: tuple[str, ...],
        shelf_life_days: int,
        goods: list[tuple[str, str, int, str]],
        orders: list[tuple[list[tuple[str, int]], str]],
    ) -> None:
        self.open(order_by, shelf_life_days)
        self.midnight = self._next_midnight()
        for sku, lot, qty, place in goods:
            self.receive(GUNS[0], sku, lot, qty, place)
        for lines, fill in orders:
            self.place_order(lines, fill)

    @rule(nth=days.nth)
    def undo(self, nth: int) -> None:
        # Whoever has something to undo, now and then somebody who has not.
        guns = [gun for gun in GUNS if self.booked[gun]] or list(GUNS)
        gun = guns[nth % len(guns)] if nth else GUNS[-1]
        answer = self.scans(gun, "CMD:UNDO")
        now = self.house.clock.at_ms
        recent = [booked for booked in self.booked[gun] if now - booked.at_ms <= WITHIN_MS]
        if not recent:
            self.refused(answer, "nothing_to_undo")
            return
        last = recent[-1]
        is_possible = shelf_undo.may_be_undone(self.shelf, last, self.counts)
        if self.refused(answer, *([] if is_possible else ["built_upon"])):
            return
        self.agree(lambda said: shelf_undo.undone(self.shelf, said, last, self.today), ends="undone")
        self.booked[gun] = recent[:-1]
        for numbers in self.counts.values():
            if last.n in numbers:
                numbers.remove(last.n)

    @rule()
    def restart(self) -> None:
        self.house.restart()
        self.agree()

    @rule(hours=st.sampled_from((1, 14, 24)))
    def time_goes_by(self, hours: int) -> None:
        until = self.house.clock.at_ms + hours * HOUR_MS
        # Nobody comes back to what was begun so long ago.
        self.in_hand.clear()
        self.tallies.clear()
        ends = {id_: at for id_, at in self.held_until.items() if at <= until}
        for id_, at in sorted(ends.items(), key=lambda end: end[1]):
            self._days_turn(at)
            self._tick(at)
            self.agree(lambda said, id_=id_: self.resumed(said, id_))  # type: ignore[misc]
        self._days_turn(until)
        self._tick(until)
        self.agree()

    def _tick(self, at_ms: int) -> None:
        self.house.clock.at_ms = at_ms
        self.house.tick()

    def _next_midnight(self) -> int:
        return (self.house.clock.at_ms // (24 * HOUR_MS) + 1) * 24 * HOUR_MS

    def _days_turn(self, until: int) -> None:
        while self.midnight <= until:
            self._tick(self.midnight)
            self.agree(self._expired, ends="expired")
            self.midnight = self._next_midnight()

    def _expired(self, said: Said) -> None:
        """What was good to the end of a day that is over goes into quarantine, with all promises on it ended."""
        over = [
            pile
            for pile, qty in self.shelf.qty.items()
            if qty > 0 and pile.kind == "location" and self.shelf.expires(pile) < self.today
        ]
        shelf_laws.whole(said, [(pile, f"quarantine:{pile.name}", self.shelf.qty[pile]) for pile in over])
        ended = {(id_, pile): qty for id_, pile, qty in self.shelf.promises() if pile in over}
        assert said.released == ended
        self.shelf.end(ended)
        shelf_laws.carry_out(self.shelf, said)


MORE = int(os.environ.get("MODEL_DAYS", "0"))
_DAYS = settings(
    max_examples=MORE or 50,
    stateful_step_count=30,
    deadline=None,
    derandomize=not MORE,
    suppress_health_check=list(HealthCheck),
)


def test_after_every_act_of_any_day_the_house_and_the_model_agree() -> None:
    run_state_machine_as_test(Days, settings=_DAYS)
