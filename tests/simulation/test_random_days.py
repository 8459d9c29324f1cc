"""Days nobody planned: whatever happens in whatever order, the books balance and no one waits beside free goods."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.facts import Verdict
from tests.house import House
from tests.house import settings as house_settings

SKUS = ("PEN", "INK", "CAP")
PLACES = ("DOCK-1", "A-01", "A-02")
LOTS = ("", "B7")
ORDERS = tuple(f"SO-{n}" for n in range(1, 7))

Act = Callable[[House], None]

_sku, _place, _lot = st.sampled_from(SKUS), st.sampled_from(PLACES), st.sampled_from(LOTS)
_order, _qty = st.sampled_from(ORDERS), st.integers(1, 9)
_EXPECTED = {"not_here", "needs_quantity", "void_label"}
"""Why a random scan may be refused: any other reason is a mistake of ours."""


def _scan_item(mode: str, place: str, lot: str, sku: str, qty: int | None) -> Act:
    def act(house: House) -> None:
        house.scans(f"CMD:{mode}", f"LOC:{place}", *([f"LOT:{lot}"] if lot else []))
        if qty is not None:
            house.scans(f"QTY:{qty}")
        answer = house.scan(f"SKU:{sku}")
        assert answer.verdict is not Verdict.REJECT or answer.why in _EXPECTED, answer

    return act


def _command(type_: str, data: dict[str, Any]) -> Act:
    def act(house: House) -> None:
        answer = house.command(type_, data)
        code = answer.get("error", {}).get("code")
        assert code in (None, "unknown_order", "exists", "bad_value", "stale"), answer

    return act


def _place_order(order: str, lines: list[tuple[str, int]], fill: str, tier: int, express: bool) -> Act:
    listed = [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, 1)]
    return _command(
        "order.place", {"order": order, "lines": listed, "fill": fill, "tier": tier, "express": express}
    )


def _count(place: str, sku: str, lot: str, qty: int, force: bool) -> Act:
    line = {"sku": sku, "qty": qty, **({"lot": lot} if lot else {})}
    return _command("stock.count", {"location": place, "lines": [line], "force": force})


_ACTS: st.SearchStrategy[Act] = st.one_of(
    st.builds(
        _place_order,
        _order,
        st.lists(st.tuples(_sku, _qty), min_size=1, max_size=3),
        st.sampled_from(["partial", "partial", "line", "complete"]),
        st.integers(0, 9),
        st.booleans(),
    ),
    st.builds(_scan_item, st.just("RECEIVE"), _place, _lot, _sku, _qty),
    st.builds(_scan_item, st.sampled_from(["MISSING", "FOUND"]), _place, _lot, _sku, st.none() | _qty),
    st.builds(
        lambda type_, order: _command(type_, {"order": order}),
        st.sampled_from(["order.cancel", "order.hold", "order.resume"]),
        _order,
    ),
    st.builds(
        lambda order, line: _command("order.cancel", {"order": order, "lines": [line]}),
        _order,
        st.integers(1, 3),
    ),
    st.builds(_count, _place, _sku, _lot, st.integers(0, 12), st.booleans()),
)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(days=st.lists(st.lists(_ACTS, min_size=8, max_size=20), min_size=1, max_size=2))
def test_after_any_day_the_books_balance_and_nobody_waits_beside_free_goods(days: list[list[Act]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(house_settings(Path(folder)))
        _open(house)
        for day in days:
            for act in day:
                act(house)
                _check(house)
            house.audit()
            house.restart()
        house.close()


def _open(house: House) -> None:
    """Goods in two places and orders for most of them, so that what goes wrong hits somebody."""
    for sku in SKUS:
        house.receive(sku, 6, at="A-01")
        house.receive(sku, 3, at="A-02", lot="B7")
    house.order("SO-1", ("PEN", 4), ("INK", 5))
    house.order("SO-2", ("PEN", 3), ("CAP", 6), tier=5)
    house.order("SO-3", ("INK", 3), ("PEN", 4))


def _check(house: House) -> None:
    """What must hold after every act, asked of the tables and not of the engine."""
    overdrawn = "SELECT sku, account FROM positions WHERE allocated > max(qty, 0)"
    assert house.rows(overdrawn) == []
    free = dict(
        house.rows(
            "SELECT sku, sum(qty - allocated) FROM positions WHERE account LIKE 'location:%' GROUP BY sku"
        )
    )
    waiting = house.rows(
        "SELECT lines.sku, lines.waiting, lines.fill, order_id FROM lines JOIN orders ON orders.id = order_id"
        " WHERE lines.waiting > 0 AND status = 'open'"
    )
    orders: dict[str, dict[str, int]] = {}
    for sku, qty, fill, order in waiting:
        here = free.get(sku, 0)
        assert fill != "partial" or here == 0, (sku, qty, here)
        assert fill != "line" or here < qty, (sku, qty, here)
        if fill == "complete":
            wanted = orders.setdefault(order, {})
            wanted[sku] = wanted.get(sku, 0) + qty
    for order, wanted in orders.items():
        assert any(free.get(sku, 0) < qty for sku, qty in wanted.items()), (order, wanted, free)
