"""What a random day is held against: after each act the house's tables and the model must agree.

The acts are in `days_of_goods` and `days_of_orders`; each hands the law it stands under to `agree`.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from config.settings import Station
from edge.clock import rfc3339
from edge.facts import Answer, Verdict
from tests.house import settings as house_settings
from tests.simulation import shelf_laws as laws
from tests.simulation.recorded_house import RecordedHouse
from tests.simulation.shelf import Order, Pile, Promised, Shelf
from tests.simulation.shelf_laws import Said
from tests.simulation.shelf_undo import Booked

EXPIRY = {"": "", "NEAR": "2026-11-22", "SOON": "2026-11-25"}
"""The expiry of each lot; days begin on 2026-11-21."""
GUNS, SKUS, PLACES = ("gun-1", "gun-2"), ("PEN", "INK"), ("DOCK-1", "A-01")
HOUR_MS = 3_600_000
STATION = Station(id="dock-1", location="DOCK-1", printer="zebra-1", idle_reset_s=1800)

Item = tuple[str, str, int]
"""What is scanned of an item: SKU, lot (or none), quantity."""


class Where(NamedTuple):
    """Which goods somebody goes for: the n-th of those there are, or some that may well not be there."""

    n: int
    names_lot: bool
    place: str
    sku: str
    lot: str


gun, sku, place, lot = map(st.sampled_from, (GUNS, SKUS, PLACES, tuple(EXPIRY)))
few, many = st.integers(1, 4), st.integers(1, 9)
nth = st.integers(0, 11)
where = st.builds(Where, nth, st.booleans(), place, sku, lot)


class Beside(RuleBasedStateMachine):
    """A house and its model, side by side."""

    def open(self, order_by: tuple[str, ...], shelf_life_days: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.settings = house_settings(
            Path(self.folder.name),
            order_by=order_by,
            min_shelf_life_days=shelf_life_days,
            stations=(STATION,),
        )
        self.house = RecordedHouse(self.settings)
        self.shelf = Shelf(EXPIRY, order_by, shelf_life_days)
        self.n = 0
        """Numbers the bookings."""
        self.booked: dict[str, list[Booked]] = {gun: [] for gun in GUNS}
        self.touched: dict[tuple[str, str], int] = {}
        """The last booking that moved an item at an account."""
        self.counts: dict[tuple[str, str], list[int]] = {}
        """The bookings that counted an item at an account."""
        self.in_hand: dict[str, tuple[str, list[Item]]] = {}
        self.tallies: dict[str, tuple[str, int, list[tuple[Item, int]]]] = {}
        self.held_until: dict[str, int] = {}

    def teardown(self) -> None:
        if not hasattr(self, "house"):
            return
        try:
            self.house.audit()
            self._play_again()
        finally:
            self.house.close()
            self.folder.cleanup()

    def _play_again(self) -> None:
        """The same facts at the same times make the same books, to the byte, however they are batched."""
        with tempfile.TemporaryDirectory() as folder:
            again = RecordedHouse(self.settings.model_copy(update={"data_dir": Path(folder)}))
            again.play(self.house.facts)
            mine, theirs = self.house.books(), again.books()
            again.close()
        for table, rows in mine.items():
            assert theirs[table] == rows, f"{table} of the replay are other ones"

    @property
    def today(self) -> str:
        return rfc3339(self.house.clock.at_ms)[:10]

    def scans(self, gun: str, *codes: str) -> Answer:
        """Scan one after the other; only the last may be refused."""
        *scene, last = [code for code in codes if code]
        for code in scene:
            answer = self.house.scan(code, scanner=gun)
            assert answer.verdict is not Verdict.REJECT, (code, answer)
        return self.house.scan(last, scanner=gun)

    def begin(self, gun: str, mode: str, place: str, *items: tuple[str, str, int | None]) -> Answer:
        """Scan items at a place in a mode, with all that is known of them; a move in hand is dropped by that."""
        self.in_hand.pop(gun, None)
        codes = [code for item in items for code in scanned(*item)]
        return self.scans(gun, f"CMD:{mode}", f"LOC:{place}", *codes)

    def goods(self, where: Where, kind: str) -> tuple[str, str, str]:
        """Choose goods at accounts of a kind: place (or order), SKU, and a lot if one is scanned."""
        piles = sorted(pile for pile, qty in self.shelf.qty.items() if qty > 0 and pile.kind == kind)
        if not piles or not where.n:
            return where.place, where.sku, where.lot
        pile = piles[where.n % len(piles)]
        return pile.name, pile.sku, pile.lot if where.names_lot else ""

    def order(self, n: int) -> Order:
        """Choose an order, one of which something is to come if there is any."""
        orders = list(self.shelf.orders.values())
        alive = [order for order in orders if not order.is_cancelled and not order.is_over]
        return (alive or orders)[n % len(alive or orders)] if n else orders[0]

    def agree(
        self,
        law: Callable[[Said], Counter[Promised] | None] = lambda said: laws.whole(said, ()),
        *,
        ends: str = "",
        gun: str = "",
    ) -> None:
        """Hold one booking against the law for it, and all that follows from it against the model.

        Promises may end for the reason `ends` alone: none is ever taken away for a higher rank.
        """
        said = laws.read(self.house.told(), self.house.clock.at_ms)
        before, self.n = self.shelf.waiting(), self.n + 1
        assert said.reasons <= {ends}, f"promises ended because of {said.reasons}, which only {ends!r} may"
        back = law(said) or Counter()
        served = self.shelf.serve(self.today)
        assert said.given - back == served, f"given {dict(said.given)}, due were {dict(back + served)}"
        more = {id_: qty for id_, qty in self.shelf.waiting().items() if qty > before.get(id_, 0)}
        assert said.waits == more, f"told to wait {said.waits}, waiting are {more}"
        if said.moves and gun:
            self.booked[gun] = [*self.booked[gun], Booked.of(self.n, said)][-20:]
        for pile in {pile for move in said.moves for pile in (move.source, move.target)}:
            self.touched[pile.account, pile.sku] = self.n
        self._compare()

    def refused(self, answer: Answer, *why: str) -> bool:
        """Tell whether a scan was refused, which it must be for one of these reasons and only then."""
        if not why:
            assert answer.verdict is not Verdict.REJECT, answer
            return False
        assert answer.why in why, (answer, why)
        self.agree()
        return True

    def command(self, type_: str, data: dict[str, Any], code: str = "") -> bool:
        """Tell whether a command was done; with a code it must be refused by that."""
        answer = self.house.command(type_, data)
        assert answer.get("error", {}).get("code", "") == code, (answer, code)
        if code:
            self.agree()
        return not code

    def _compare(self) -> None:
        house, shelf = self.house, self.shelf
        goods = {
            Pile(account, sku, lot): (qty, since if account.startswith("location:") else None, expiry)
            for account, sku, lot, qty, since, expiry in house.rows(
                "SELECT account, sku, lot, qty, since, expiry FROM positions WHERE qty <> 0"
            )
        }
        mine = {
            pile: (qty, shelf.age[pile] if pile.kind == "location" else None, EXPIRY[pile.lot])
            for pile, qty in shelf.qty.items()
            if qty
        }
        _same("goods, their age and expiry", goods.items(), mine.items())
        promised = house.rows(
            "SELECT order_id, CAST(line AS INTEGER), account, p.sku, p.lot, sum(a.qty) FROM allocations a"
            " JOIN lines ON lines.id = line_id JOIN positions p ON p.id = position_id WHERE a.qty > 0"
            " GROUP BY 1, 2, 3, 4, 5"
        )
        _same("promises", promised, [(*id_, *pile, qty) for id_, pile, qty in shelf.promises()])
        lines = house.rows(
            "SELECT order_id, CAST(line AS INTEGER), ordered, allocated, picked, shipped, cancelled, waiting"
            " FROM lines"
        )
        told = [
            (*x.id, x.ordered, x.promised.total(), x.picked, x.shipped, x.cancelled, x.waiting)
            for x in shelf.lines()
        ]
        _same("lines", lines, told)
        for sku in SKUS:
            _same(f"the level of {sku}", house.level(sku).items(), shelf.level(sku).items())

    # -- what holds at any time, asked of the tables alone ---------------------------------------------------

    @invariant()
    def no_more_is_promised_than_there_is(self) -> None:
        promised = (
            "SELECT p.id, p.qty, p.allocated, sum(a.qty) AS promised FROM allocations a"
            " JOIN positions p ON p.id = position_id WHERE a.qty > 0 GROUP BY p.id"
        )
        assert (
            self.house.rows(f"SELECT * FROM ({promised}) WHERE promised > qty OR promised <> allocated") == []
        )

    @invariant()
    def nothing_is_made_and_nothing_is_lost(self) -> None:
        assert self.house.rows("SELECT sku, sum(qty) FROM positions GROUP BY sku HAVING sum(qty) <> 0") == []
        assert self.house.rows("SELECT sku, sum(qty) FROM postings GROUP BY sku HAVING sum(qty) <> 0") == []

    @invariant()
    def nobody_waits_beside_free_goods(self) -> None:
        until = max(self.today, rfc3339(self.house.clock.at_ms + self._life_ms())[:10])
        beside = self.house.rows(
            "SELECT order_id, lines.sku FROM lines JOIN orders ON orders.id = order_id WHERE lines.waiting > 0"
            " AND status = 'open' AND lines.fill = 'partial' AND EXISTS (SELECT 1 FROM positions p"
            " WHERE p.sku = lines.sku AND account LIKE 'location:%' AND qty > allocated"
            " AND (expiry = '' OR expiry >= ?))",
            until,
        )
        assert beside == []

    def _life_ms(self) -> int:
        return self.settings.allocation.min_shelf_life_days * 24 * HOUR_MS


def _same(what: str, theirs: Iterable[Any], mine: Iterable[Any]) -> None:
    theirs, mine = list(theirs), list(mine)
    odd = [each for each in theirs if each not in mine], [each for each in mine if each not in theirs]
    assert sorted(theirs) == sorted(mine), f"{what}: the house has {odd[0]}, the model {odd[1]}"


def scanned(sku: str, lot: str = "", qty: int | None = None) -> tuple[str, ...]:
    """The codes of an item; a lot is scanned with its expiry."""
    return (*_of_lot(lot), *(() if qty is None else (f"QTY:{qty}",)), f"SKU:{sku}")


def _of_lot(lot: str) -> tuple[str, ...]:
    return (f"LOT:{lot}", f"EXP:{EXPIRY[lot]}") if lot else ()


def listed(sku: str, lot: str, qty: int) -> dict[str, Any]:
    """An entry of a list command."""
    return {"sku": sku, "qty": qty, **({"lot": lot, "expiry": EXPIRY[lot]} if lot else {})}
