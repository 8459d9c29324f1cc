"""Who gets what, and who gives back (contract section 4)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.allocation import (
    Pool,
    Promise,
    Stock,
    WaitingLine,
    give_back,
    line_rank,
    rank,
    serve,
)

KEYS = ("express", "tier", "promised_at", "placed_at")


def _rank(order: str, keys: Sequence[str] = KEYS, **values: int | None) -> str:
    return rank(keys, order, {"express": 0, "tier": 0, "promised_at": None, "placed_at": 0, **values})


def _line(id: int, order: str, qty: int, *, sku: str = "PEN", fill: str = "partial") -> WaitingLine:
    return WaitingLine(id, order, str(id), sku, qty, fill, line_rank(_rank(order), id))


def _stock(position: int, free: int, *, sku: str = "PEN") -> Stock:
    return Stock(position, sku, "location:A-01", "", "", "", free, 0)


def _served(lines: list[WaitingLine], stock: list[Stock]) -> list[tuple[str, int, int]]:
    """Serve them all; tells order, position and quantity of each allocation."""
    return [(each.line.order, each.stock.position, each.qty) for each in _serve(lines, stock)]


def _serve(lines: list[WaitingLine], stock: list[Stock]) -> list[Any]:
    ranked = sorted(lines, key=lambda line: line.rank)
    skus = dict.fromkeys(line.sku for line in ranked)
    return serve(
        [(sku, [line for line in ranked if line.sku == sku]) for sku in skus],
        Pool(lambda sku: [each for each in stock if each.sku == sku]),
        lambda order: [line for line in ranked if line.order == order],
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"express": 1}, {"express": 0, "tier": 9}),
        ({"tier": 9, "promised_at": None}, {"tier": 8, "promised_at": 1}),
        ({"promised_at": 1, "placed_at": 9}, {"promised_at": 2, "placed_at": 1}),
        ({"promised_at": 10**13}, {"promised_at": None}),
        ({"placed_at": 9}, {"placed_at": 10}),
        ({"placed_at": -5}, {"placed_at": 5}),
    ],
)
def test_service_goes_by_express_tier_promise_and_placing(
    before: dict[str, int | None], after: dict[str, int | None]
) -> None:
    assert _rank("Z", KEYS, **before) < _rank("A", KEYS, **after)


def test_ties_go_by_the_bytes_of_the_orders_id() -> None:
    assert sorted(map(_rank, ["b", "a-1", "a", "B", "a 1", "10", "9"])) == list(
        map(_rank, ["10", "9", "B", "a", "a 1", "a-1", "b"])
    )


def test_an_order_whose_id_begins_another_comes_first_with_all_its_lines() -> None:
    assert line_rank(_rank("SO-1"), "zzz") < line_rank(_rank("SO-1 "), 1)


def test_the_site_decides_what_counts() -> None:
    keys = ("placed_at",)

    assert _rank("B", keys, express=0, placed_at=1) < _rank("A", keys, express=1, placed_at=2)


def test_line_numbers_go_by_value_before_texts_by_bytes() -> None:
    order = _rank("SO-1")

    assert [line_rank(order, line) for line in (-1, 2, 10, 10**12, "10", "2", "a")] == sorted(
        line_rank(order, line) for line in ("a", 10, "2", 2, 10**12, "10", -1)
    )


def test_stock_is_used_in_the_order_it_comes() -> None:
    assert _served([_line(1, "A", 3), _line(2, "B", 3)], [_stock(7, 2), _stock(8, 9)]) == [
        ("A", 7, 2),
        ("A", 8, 1),
        ("B", 8, 3),
    ]


def test_partial_takes_what_there_is() -> None:
    assert _served([_line(1, "A", 5)], [_stock(7, 2)]) == [("A", 7, 2)]


def test_a_whole_line_that_cannot_be_met_does_not_block_those_behind_it() -> None:
    assert _served([_line(1, "A", 5, fill="line"), _line(2, "B", 3, fill="line")], [_stock(7, 4)]) == [
        ("B", 7, 3)
    ]


def test_a_complete_order_takes_all_its_items_or_nothing() -> None:
    lines = [_line(1, "A", 2, fill="complete"), _line(2, "A", 1, sku="INK", fill="complete")]
    pens, ink = _stock(7, 2), _stock(8, 1, sku="INK")

    assert _served(lines, [_stock(7, 2)]) == []
    assert _served(lines, [pens, ink]) == [("A", 7, 2), ("A", 8, 1)]


def test_two_lines_of_a_complete_order_for_one_item_count_together() -> None:
    lines = [_line(1, "A", 2, fill="complete"), _line(2, "A", 2, fill="complete"), _line(3, "B", 1)]

    assert _served(lines, [_stock(7, 3)]) == [("B", 7, 1)]


def test_reading_stops_when_the_stock_is_gone() -> None:
    read: list[int] = []

    def lines() -> Iterator[WaitingLine]:
        for id in range(1, 1000):
            read.append(id)
            yield _line(id, f"SO-{id:04}", 1)

    given = serve([("PEN", lines())], Pool(lambda _: [_stock(7, 2)]), lambda _: [])

    assert (len(given), read) == (2, [1, 2])


def _naive(lines: Iterable[WaitingLine], free: dict[str, int]) -> dict[int, int]:
    """Who gets how much, told as the contract does: one order after the other, from piles."""
    ranked, got = sorted(lines, key=lambda line: line.rank), dict[int, int]()
    for line in ranked:
        if line.id in got:
            continue
        group = (
            [other for other in ranked if other.order == line.order] if line.fill == "complete" else [line]
        )
        piles = dict(free)
        for each in group:
            piles[each.sku] -= each.waiting
        if line.fill != "partial" and min(piles.values()) < 0:
            got |= {each.id: 0 for each in group}
            continue
        for each in group:
            got[each.id] = min(each.waiting, free[each.sku])
            free[each.sku] -= got[each.id]
    return got


_SKU = st.sampled_from(["PEN", "INK", "CAP"])
_ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["partial", "line", "complete"]),
        st.lists(st.tuples(_SKU, st.integers(1, 5)), min_size=1, max_size=3),
    ),
    max_size=6,
)
_STOCK = st.lists(st.tuples(_SKU, st.integers(1, 6)), max_size=6)


@settings(max_examples=150, deadline=None)
@given(orders=_ORDERS, stock=_STOCK)
def test_everybody_gets_what_a_clerk_with_piles_would_give(
    orders: list[tuple[str, list[tuple[str, int]]]], stock: list[tuple[str, int]]
) -> None:
    lines = [
        _line(10 * n + m, f"SO-{n}", qty, sku=sku, fill=fill)
        for n, (fill, wanted) in enumerate(orders)
        for m, (sku, qty) in enumerate(wanted)
    ]
    goods = [_stock(n, free, sku=sku) for n, (sku, free) in enumerate(stock)]
    free = {sku: sum(qty for its, qty in stock if its == sku) for sku in ("PEN", "INK", "CAP")}

    given = _serve(lines, goods)

    got = dict.fromkeys((line.id for line in lines), 0)
    left = {n: qty for n, (_, qty) in enumerate(stock)}
    for each in given:
        assert each.qty > 0
        assert each.line.sku == each.stock.sku
        got[each.line.id] += each.qty
        left[each.stock.position] -= each.qty
    assert min(left.values(), default=0) >= 0
    assert got == _naive(lines, free)


def test_what_nobody_was_promised_goes_first() -> None:
    first, second = _stock(7, 1), _stock(8, 2)
    promise = Promise(1, 7, _line(1, "A", 0), 4)

    assert give_back([first, second], [promise], 3) == ({7: 1, 8: 2}, [])


def test_promises_are_taken_back_from_the_last_in_the_order_of_service() -> None:
    goods = [_stock(7, 1)]
    promises = [Promise(n, 7, _line(n, order, 0), 2) for n, order in enumerate("ABC", 1)]

    taken, ended = give_back(goods, promises, 4)

    assert taken == {7: 4}
    assert [(promise.line.order, qty) for promise, qty in ended] == [("C", 2), ("B", 1)]


def test_no_more_is_taken_than_there_is() -> None:
    promise = Promise(1, 7, _line(1, "A", 0), 2)

    assert give_back([_stock(7, 1)], [promise], 99) == ({7: 3}, [(promise, 2)])
