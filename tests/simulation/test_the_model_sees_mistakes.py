"""The model is worth something only if it sees what goes wrong: engines with one mistake each, all found out."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from edge.domain import allocation
from edge.domain.allocation import Allocation, Promise, Stock, WaitingLine
from edge.engine.booking import Booking
from edge.engine.scans import undoing
from edge.ledger.orders import Orders
from edge.ledger.store import Store
from tests.simulation.test_days_against_a_model import Days

_UNTIL_FOUND = settings(
    max_examples=400,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    # That it fails is enough to know: no smaller failure is looked for.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Mistake = Callable[[pytest.MonkeyPatch], None]


def the_last_in_line_is_served_first(patch: pytest.MonkeyPatch) -> None:
    lines = Orders.waiting_lines

    def backwards(self: Orders, sku: str, free: int) -> Iterator[WaitingLine]:
        return iter(list(lines(self, sku, free))[::-1])

    patch.setattr(Orders, "waiting_lines", backwards)


def a_held_order_is_served(patch: pytest.MonkeyPatch) -> None:
    def held_or_not(self: Orders, sku: str, free: int) -> Iterator[WaitingLine]:
        rows = self.db.execute(
            "SELECT id, order_id, line, sku, waiting, fill, rank FROM lines WHERE sku = ? AND waiting > 0"
            " ORDER BY rank",
            (sku,),
        )
        return (WaitingLine(*row) for row in rows)

    patch.setattr(Orders, "waiting_lines", held_or_not)


def an_order_that_wants_all_at_once_is_served_in_part(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(allocation, "_covers", lambda pool, lines: True)


def goods_are_used_by_place_and_not_by_expiry(patch: pytest.MonkeyPatch) -> None:
    free_stock = Store.free_stock

    def by_place(self: Store, sku: str, good_until: str) -> list[Stock]:
        return sorted(free_stock(self, sku, good_until), key=lambda stock: stock.account)

    patch.setattr(Store, "free_stock", by_place)


def the_first_in_line_gives_back_first(patch: pytest.MonkeyPatch) -> None:
    give_back = allocation.give_back

    def from_the_first(
        goods: Sequence[Stock], promises: Sequence[Promise], qty: int
    ) -> tuple[dict[int, int], list[tuple[Promise, int]]]:
        return give_back(goods, promises[::-1], qty)

    patch.setattr(allocation, "give_back", from_the_first)


def whoever_comes_gets_what_others_were_promised(patch: pytest.MonkeyPatch) -> None:
    serve = Booking.serve

    def deal_anew(self: Booking, skus: Iterable[str]) -> list[Allocation]:
        orders, skus = self.books.orders, list(skus)
        for sku in skus:
            promised = orders.db.execute("SELECT id FROM positions WHERE sku = ? AND allocated > 0", (sku,))
            for promise in orders.promises_on([row[0] for row in promised.fetchall()]):
                self.release(promise, promise.qty, "taken")
        return serve(self, skus)

    patch.setattr(Booking, "serve", deal_anew)


def who_waits_is_forgotten_when_goods_come_back(patch: pytest.MonkeyPatch) -> None:
    serve = Booking.serve

    def only_receipts(self: Booking, skus: Iterable[str]) -> list[Allocation]:
        return [] if self.kind in ("found", "released", "returned") else serve(self, skus)

    patch.setattr(Booking, "serve", only_receipts)


def an_undo_forgets_whose_the_goods_were(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(undoing, "_promise_again", lambda *claim: None)


def a_move_makes_goods_new(patch: pytest.MonkeyPatch) -> None:
    move = Booking.move

    def as_if_received(self: Booking, moved: Any) -> int:
        object.__setattr__(moved, "since", self.at_ms)
        return move(self, moved)

    patch.setattr(Booking, "move", as_if_received)


def a_clock_is_read_inside(patch: pytest.MonkeyPatch) -> None:
    raise_exception = Booking.raise_exception

    def with_time(self: Booking, kind: str, about: str, text: str) -> None:
        raise_exception(self, kind, about, f"{text} ({time.perf_counter_ns()})")

    patch.setattr(Booking, "raise_exception", with_time)


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (the_last_in_line_is_served_first, "^given .* due were"),
        (a_held_order_is_served, "^given .* due were"),
        (an_order_that_wants_all_at_once_is_served_in_part, "^given .* due were"),
        (goods_are_used_by_place_and_not_by_expiry, "^given .* due were"),
        (the_first_in_line_gives_back_first, "^released .* due were"),
        (whoever_comes_gets_what_others_were_promised, "^promises ended because of {'taken'}"),
        (who_waits_is_forgotten_when_goods_come_back, "^given {}, due were"),
        (an_undo_forgets_whose_the_goods_were, "before, and are not again"),
        (a_move_makes_goods_new, "^goods, their age and expiry: the house has"),
        (a_clock_is_read_inside, "of the replay are other ones"),
    ],
)
def test_an_engine_that_makes_a_mistake_does_not_agree_with_the_model(
    mistake: Mistake, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistake(monkeypatch)

    with pytest.raises(AssertionError, match=told):
        run_state_machine_as_test(Days, settings=_UNTIL_FOUND)
