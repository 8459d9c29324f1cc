"""Acts on goods, and the laws they stand under: they come, go missing, are found, moved, set aside and counted."""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from edge.facts import Answer
from tests.simulation import days, shelf_laws
from tests.simulation.days import PLACES, SKUS, Beside, Item, Where, listed
from tests.simulation.shelf import Pile
from tests.simulation.shelf_laws import Said

_item = st.tuples(days.sku, st.just("") | days.lot, days.few)
_items = st.lists(_item, min_size=1, max_size=2, unique_by=lambda item: item[0])
_seen = st.lists(st.tuples(days.sku, st.just("") | days.lot, st.integers(0, 9)), min_size=1, max_size=3)


class Goods(Beside):
    """Whatever happens to goods that are nobody's yet, or whoever's they are."""

    @rule(gun=days.gun, sku=days.sku, lot=days.lot, qty=days.many, place=days.place)
    def receive(self, gun: str, sku: str, lot: str, qty: int, place: str) -> None:
        self.refused(self.begin(gun, "RECEIVE", place, (sku, lot, qty)))
        pile = Pile(f"location:{place}", sku, lot)
        if self.shelf.expires(pile) < self.today:
            pile = pile.to(f"quarantine:{place}")
        self.agree(lambda said: shelf_laws.comes(self.shelf, said, pile, "supplier:-", qty), gun=gun)

    @rule(gun=days.gun, where=days.where, qty=st.none() | days.few)
    def missing(self, gun: str, where: Where, qty: int | None) -> None:
        place, sku, lot = self.goods(where, "location")
        answer = self.begin(gun, "MISSING", place, (sku, lot, qty))
        self.leave(gun, answer, (place, sku, lot), "missing", qty, ends="not_found")

    @rule(gun=days.gun, where=days.where, qty=days.few)
    def damage(self, gun: str, where: Where, qty: int) -> None:
        place, sku, lot = self.goods(where, "location")
        answer = self.begin(gun, "DAMAGE", place, (sku, lot, qty))
        self.leave(gun, answer, (place, sku, lot), "quarantine", qty, ends="damaged")

    def leave(
        self, gun: str, answer: Answer, what: tuple[str, str, str], to: str, qty: int | None, *, ends: str
    ) -> None:
        """Goods left a place for one of its other accounts, all of them where no quantity was scanned."""
        place, sku, lot = what
        piles = self.shelf.at(f"location:{place}", sku, lot)
        if self.refused(answer, *([] if piles else ["not_here"])):
            return
        asked, target = self.shelf.has(piles) if qty is None else qty, f"{to}:{place}"
        self.agree(lambda said: shelf_laws.leaves(self.shelf, said, piles, target, asked), ends=ends, gun=gun)

    @rule(gun=days.gun, where=days.where, qty=st.none() | days.few)
    def found(self, gun: str, where: Where, qty: int | None) -> None:
        place, sku, lot = self.goods(where, "missing")
        answer = self.begin(gun, "FOUND", place, (sku, lot, qty))
        is_there = qty is not None or self.shelf.at(f"missing:{place}", sku, lot)
        if not self.refused(answer, *([] if is_there else ["needs_quantity"])):
            pile = Pile(f"location:{place}", sku, lot)
            self.agree(lambda said: shelf_laws.found(self.shelf, said, pile, qty), gun=gun)

    @rule(gun=days.gun, mode=st.sampled_from(("RELEASE", "SCRAP")), where=days.where, qty=days.few)
    def out_of_quarantine(self, gun: str, mode: str, where: Where, qty: int) -> None:
        place, sku, lot = self.goods(where, "quarantine")
        answer = self.begin(gun, mode, place, (sku, lot, qty))
        piles = self.shelf.at(f"quarantine:{place}", sku, lot)
        why = ["not_here"] if self.shelf.has(piles) < qty else []
        if mode == "RELEASE":
            piles = [pile for pile in piles if self.shelf.expires(pile) >= self.today]
            why = why or (["not_wanted"] if self.shelf.has(piles) < qty else [])
        target = f"location:{place}" if mode == "RELEASE" else "scrap"
        if not self.refused(answer, *why):
            self.agree(lambda said: shelf_laws.comes_back(self.shelf, said, piles, target, qty), gun=gun)

    # -- moves: others act while goods are in somebody's hands -----------------------------------------------

    @rule(gun=days.gun, where=days.where, qty=days.few, more=st.none() | _item)
    def pick_up(self, gun: str, where: Where, qty: int, more: Item | None) -> None:
        place, sku, lot = self.goods(where, "location")
        items = [(sku, lot, qty), *([more] if more and more[0] != sku else [])]
        self.refused(self.begin(gun, "MOVE", place, *items))
        self.in_hand[gun] = (place, items)
        self.agree()

    @precondition(lambda self: self.in_hand)
    @rule(nth=days.nth)
    def put_down(self, nth: int) -> None:
        gun, (source, items) = next(iter(self.in_hand.items()))
        place = next(place for place in PLACES if place != source) if nth else source
        answer = self.scans(gun, f"LOC:{place}")
        if self.refused(answer, *([] if nth else ["needs_place"])):
            return
        del self.in_hand[gun]
        self.agree(lambda said: shelf_laws.moved(self.shelf, said, source, place, items), gun=gun)

    # -- counts ----------------------------------------------------------------------------------------------

    @rule(gun=days.gun, place=days.place, items=_seen)
    def count(self, gun: str, place: str, items: list[Item]) -> None:
        self.refused(self.begin(gun, "COUNT", place, *items))
        if gun not in self.tallies or self.tallies[gun][0] != place:
            self.tallies[gun] = (place, self.n, [])
        self.tallies[gun][2].extend((item, self.n) for item in items)
        self.agree()

    @precondition(lambda self: self.tallies)
    @rule(is_empty=st.booleans())
    def count_done(self, is_empty: bool) -> None:
        gun = next(iter(self.tallies))
        place, begun, seen = self.tallies.pop(gun)
        self.in_hand.pop(gun, None)
        rest = ["CMD:EMPTY"] if is_empty else []
        self.refused(self.scans(gun, "CMD:COUNT", f"LOC:{place}", *rest, "CMD:DONE"))
        items = shelf_laws.by_sku(item for item, _ in seen)
        if is_empty:
            items = {sku: {"": 0} for sku in SKUS if self._booked(place, sku)} | items
        first = {item[0]: n for item, n in reversed(seen)}
        # What was booked there since it was seen is for the next count.
        here = f"location:{place}"
        items = {
            sku: lots
            for sku, lots in items.items()
            if self.touched.get((here, sku), 0) <= first.get(sku, begun)
        }
        self.agree(lambda said: self._settled(said, place, items), ends="count", gun=gun)

    def _booked(self, place: str, sku: str) -> Sequence[Pile]:
        return self.shelf.at(f"location:{place}", sku) + self.shelf.at(f"missing:{place}", sku)

    @rule(place=days.place, items=_items, force=st.booleans())
    def count_by_command(self, place: str, items: list[Item], force: bool) -> None:
        accounts = (f"location:{place}", f"missing:{place}")
        good = [x for x in items if force or not any((account, x[0]) in self.touched for account in accounts)]
        data = {"location": place, "lines": [listed(*item) for item in items], "force": force}
        if self.command("stock.count", data, "" if good else "stale"):
            self.agree(lambda said: self._settled(said, place, shelf_laws.by_sku(good)), ends="count")

    def _settled(self, said: Said, place: str, items: dict[str, dict[str, int]]) -> None:
        shelf_laws.counted(self.shelf, said, place, items)
        for sku in items:
            self.counts.setdefault((f"location:{place}", sku), []).append(self.n)

    @rule(where=days.where, qty=st.integers(-4, 4).filter(bool))
    def adjust(self, where: Where, qty: int) -> None:
        place, sku, lot = self.goods(where, "location")
        piles = self.shelf.at(f"location:{place}", sku, lot)
        data = {"location": place, "lines": [listed(sku, lot, qty) | {"reason": "found it so"}]}
        if not self.command("stock.adjust", data, "out_of_range" if self.shelf.has(piles) < -qty else ""):
            return
        pile = Pile(f"location:{place}", sku, lot)
        if qty > 0:
            self.agree(lambda said: shelf_laws.comes(self.shelf, said, pile, "adjustment", qty))
        else:
            self.agree(
                lambda said: shelf_laws.leaves(self.shelf, said, piles, "adjustment", -qty), ends="adjusted"
            )
