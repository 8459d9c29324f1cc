"""Acts on orders, and the laws they stand under: placed, changed, held, cancelled, picked, shipped and taken back."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from edge.clock import from_rfc3339, rfc3339
from tests.simulation import days, shelf_laws
from tests.simulation.days import HOUR_MS, Where
from tests.simulation.days_of_goods import Goods
from tests.simulation.shelf import Line, LineId, Order
from tests.simulation.shelf_laws import Said

lines = st.lists(st.tuples(days.sku, days.many), min_size=1, max_size=3)
fill = st.sampled_from(("partial", "partial", "line", "complete"))
_promised = st.sampled_from((None, "2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"))
_placed = st.sampled_from((None, "2026-11-20T08:00:00Z"))
_only = st.none() | st.integers(1, 3)
"""One line of an order, or all of it."""


class Orders(Goods):
    """What central does with orders, and what people do for them."""

    @rule(
        lines=lines,
        fill=fill,
        tier=st.sampled_from((0, 0, 5)),
        express=st.booleans(),
        promised=_promised,
        placed=_placed,
    )
    def place_order(
        self,
        lines: list[tuple[str, int]],
        fill: str,
        tier: int = 0,
        express: bool = False,
        promised: str | None = None,
        placed: str | None = None,
    ) -> None:
        name = f"SO-{len(self.shelf.orders) + 1}"
        data = {
            **{"order": name, "fill": fill, "tier": tier, "express": express},
            "lines": [{"line": n, "sku": sku, "qty": qty} for n, (sku, qty) in enumerate(lines, 1)],
            **({"promised_at": promised} if promised else {}),
            **({"placed_at": placed} if placed else {}),
        }
        self.command("order.place", data)

        def law(said: Said) -> None:
            shelf_laws.whole(said, ())
            order = Order(name, _ms(placed) or said.at_ms, fill, express, tier, _ms(promised))
            order.lines = {n: Line((name, n), sku, qty) for n, (sku, qty) in enumerate(lines, 1)}
            self.shelf.orders[name] = order

        self.agree(law)

    @rule(
        nth=days.nth,
        wanted=st.dictionaries(st.integers(1, 3), st.integers(0, 9), min_size=1),
        sku=days.sku,
        fill=st.none() | fill,
    )
    def amend(self, nth: int, wanted: dict[int, int], sku: str, fill: str | None) -> None:
        order = self.order(nth)
        known = {n: qty for n, qty in wanted.items() if n in order.lines}
        new = {n: qty for n, qty in wanted.items() if n not in order.lines and qty}
        if not known | new:
            return
        lines: list[dict[str, Any]] = [{"line": n, "qty": qty} for n, qty in known.items()]
        lines += [{"line": n, "qty": qty, "sku": sku} for n, qty in new.items()]
        code = _why_not_amended(order, known, adds=bool(new))
        data = {"order": order.id, "lines": lines, **({"fill": fill} if fill else {})}
        if self.command("order.amend", data, code):
            new_lines = {n: Line((order.id, n), sku, qty) for n, qty in new.items()}
            self.agree(lambda said: self._amended(said, order, known, new_lines, fill), ends="amended")

    def _amended(
        self, said: Said, order: Order, known: dict[int, int], new: dict[int, Line], fill: str | None
    ) -> None:
        due: dict[LineId, int] = {}
        for n, qty in known.items():
            line = order.lines[n]
            has = line.promised.total()
            due[line.id] = min(has, max(0, has + line.picked + line.shipped - qty))
        shelf_laws.cut(self.shelf, said, due)
        order.fill = fill or order.fill
        for n, qty in known.items():
            line = order.lines[n]
            if qty:
                line.ordered, line.cancelled, line.is_dead = qty, 0, False
            elif not line.is_dead:
                shelf_laws.cancel_line(line)
        order.lines |= new

    @rule(nth=days.nth, express=st.booleans(), tier=st.sampled_from((0, 5, 9)), promised=_promised)
    def prioritise(self, nth: int, express: bool, tier: int, promised: str | None) -> None:
        order = self.order(nth)
        data: dict[str, Any] = {"order": order.id, "express": express, "tier": tier}
        data |= {"promised_at": promised} if promised else {}
        if self.command("order.prioritise", data, "bad_value" if order.is_cancelled else ""):
            order.express, order.tier = express, tier
            order.promised_at = _ms(promised) or order.promised_at
            self.agree()

    @rule(nth=days.nth, hours=st.none() | st.integers(1, 20))
    def hold(self, nth: int, hours: int | None) -> None:
        order, until = self.order(nth), self.house.clock.at_ms + (hours or 0) * HOUR_MS
        code = "bad_value" if order.is_cancelled else "shipped" if order.is_over else ""
        data = {"order": order.id, "reason": "credit", **({"until": rfc3339(until)} if hours else {})}
        if self.command("order.hold", data, code):
            order.is_held = True
            self.held_until.pop(order.id, None)
            if hours:
                self.held_until[order.id] = until
            self.agree()

    @rule(nth=days.nth)
    def resume(self, nth: int) -> None:
        held = [id_ for id_, order in self.shelf.orders.items() if order.is_held]
        id_ = held[nth % len(held)] if held else self.order(nth).id
        self.command("order.resume", {"order": id_})
        self.agree(lambda said: self.resumed(said, id_))

    def resumed(self, said: Said, id_: str) -> None:
        """A hold has ended, by a command or because its time had come."""
        shelf_laws.whole(said, ())
        self.shelf.orders[id_].is_held = False
        self.held_until.pop(id_, None)

    @rule(nth=days.nth, only=_only)
    def cancel(self, nth: int, only: int | None) -> None:
        order = self.order(nth)
        chosen = [n for n in order.lines if only in (None, n)]
        live = [order.lines[n] for n in chosen if not order.lines[n].is_dead]
        is_shipped = bool(live) and all(line.shipped == line.ordered for line in live)
        data = {"order": order.id} if only is None else {"order": order.id, "lines": chosen}
        if chosen and self.command("order.cancel", data, "shipped" if is_shipped else ""):
            self.agree(lambda said: self._cancelled(said, order, live, whole=only is None), ends="cancelled")

    def _cancelled(self, said: Said, order: Order, live: list[Line], *, whole: bool) -> None:
        shelf_laws.cut(self.shelf, said, {line.id: line.promised.total() for line in live})
        for line in live:
            shelf_laws.cancel_line(line)
        if whole or all(line.is_dead for line in order.lines.values()):
            order.is_cancelled, order.is_held = True, False
            self.held_until.pop(order.id, None)

    # -- orders leave, and come back -------------------------------------------------------------------------

    @rule(gun=days.gun, nth=days.nth, where=days.where, qty=st.integers(0, 4), short=st.booleans())
    def pick(self, gun: str, nth: int, where: Where, qty: int, short: bool) -> None:
        order, place, sku, lot = self._to_pick(nth, where)
        self.in_hand.pop(gun, None)
        answer = self.scans(gun, "CMD:PICK", f"ORD:{order.id}")
        if self.refused(answer, *_why_closed(order)):
            return
        lines = [line for line in order.lines.values() if line.sku == sku]
        lacks = sum(line.lacks for line in lines)
        # Mostly what is wanted, so that picks are more often booked than refused.
        qty = min(qty, lacks) if nth else qty
        answer = self.scans(gun, f"LOC:{place}", *days.scanned(sku, lot, qty))
        is_wanted = bool(lines) and qty <= lacks
        if self.refused(answer, *([] if is_wanted else ["not_wanted"])):
            return
        if qty:
            goods = (sku, lot)
            self.agree(
                lambda said: shelf_laws.picked(self.shelf, said, order, place, goods, qty),
                ends="taken",
                gun=gun,
            )
        if short:
            answer = self.scans(gun, "CMD:SHORT")
            if self.shelf.at(f"location:{place}", sku, lot):
                self.leave(gun, answer, (place, sku, lot), "missing", None, ends="not_found")
            else:
                self.refused(answer)

    def _to_pick(self, nth: int, where: Where) -> tuple[Order, str, str, str]:
        """Which goods for which order: those promised to it, or any that somebody takes instead."""
        promises = list(self.shelf.promises())
        if promises and where.n % 3:
            (id_, _), pile, _ = promises[where.n % len(promises)]
            return self.shelf.orders[id_], pile.name, pile.sku, pile.lot if where.names_lot else ""
        order = self.order(nth)
        place, sku, lot = self.goods(where, "location")
        lacking = [line.sku for line in order.lines.values() if line.lacks]
        return order, place, lacking[0] if lacking else sku, lot

    @rule(gun=days.gun, nth=days.nth)
    def ship(self, gun: str, nth: int) -> None:
        order = self.order(nth)
        self.in_hand.pop(gun, None)
        answer = self.scans(gun, "CMD:SHIP", f"ORD:{order.id}")
        nothing = [] if _to_ship(order, list(order.lines)) else ["nothing_to_ship"]
        if not self.refused(answer, *(_why_closed(order) or nothing)):
            self.agree(lambda said: shelf_laws.shipped(self.shelf, said, order, list(order.lines)), gun=gun)

    @rule(nth=days.nth, only=_only)
    def ship_by_command(self, nth: int, only: int | None) -> None:
        order = self.order(nth)
        chosen = [n for n in order.lines if only in (None, n)]
        code = "bad_value" if _why_closed(order) else ""
        if not code and not _to_ship(order, chosen):
            is_all = all(order.lines[n].shipped == order.lines[n].ordered for n in chosen)
            code = "shipped" if is_all else "bad_value"
        data = {"order": order.id} if only is None else {"order": order.id, "lines": chosen}
        if chosen and self.command("order.ship", data, code):
            self.agree(lambda said: shelf_laws.shipped(self.shelf, said, order, chosen))

    @rule(gun=days.gun, where=days.where, place=days.place, qty=days.few, was_shipped=st.booleans())
    def take_back(self, gun: str, where: Where, place: str, qty: int, was_shipped: bool) -> None:
        id_, sku, lot = self.goods(where, "customer" if was_shipped else "picked")
        order = self.shelf.orders.get(id_) or self.order(where.n)
        self.in_hand.pop(gun, None)
        accounts = (f"picked:{order.id}", f"customer:{order.id}")
        theirs = sum(self.shelf.has(self.shelf.at(account, sku, lot)) for account in accounts)
        qty = min(qty, theirs) or qty
        scene = ("CMD:RETURN", f"ORD:{order.id}", f"LOC:{place}")
        answer = self.scans(gun, *scene, *days.scanned(sku, lot, qty))
        if not self.refused(answer, *([] if qty <= theirs else ["not_wanted"])):
            self.agree(lambda said: self._taken_back(said, order, place, (sku, lot), qty), gun=gun)

    def _taken_back(self, said: Said, order: Order, place: str, goods: tuple[str, str], qty: int) -> None:
        for move in said.moves:
            is_expired = self.shelf.expires(move.source) < self.today
            assert move.target.account == f"{'quarantine' if is_expired else 'location'}:{place}"
        shelf_laws.returned(self.shelf, said, order, goods, qty)


def _ms(text: str | None) -> int | None:
    return None if text is None else from_rfc3339(text)


def _why_closed(order: Order) -> list[str]:
    return ["cancelled"] if order.is_cancelled else ["on_hold"] if order.is_held else []


def _to_ship(order: Order, chosen: Sequence[int]) -> int:
    return sum(order.lines[n].picked + order.lines[n].promised.total() for n in chosen)


def _why_not_amended(order: Order, known: dict[int, int], *, adds: bool) -> str:
    lines = [(order.lines[n], qty) for n, qty in known.items()]
    if order.is_cancelled:
        return "bad_value"
    if any(qty < line.picked + line.shipped and (qty or not line.is_dead) for line, qty in lines):
        return "already_picked"
    adds = adds or any(qty > line.ordered - line.cancelled for line, qty in lines)
    is_shipped = order.is_over and any(line.shipped for line in order.lines.values())
    return "shipped" if is_shipped and not adds else ""
