"""What each act must have done to the shelf: the rules of sections 3 and 4, one function for each way goods move.

Where the contract leaves a choice (which of two equal lots was picked), the act's own events say which it was, and
here is checked that it was allowed. All else is derived; afterwards the caller lets the shelf serve who waits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from tests.house import Told
from tests.simulation.shelf import Line, LineId, Move, Order, Pile, Promised, Shelf


@dataclass(slots=True)
class Said:
    """What the events of one booking say: moves, and promises that went along, ended or were made."""

    at_ms: int
    moves: list[Move] = field(default_factory=list)
    carried: Counter[Promised] = field(default_factory=Counter)
    released: Counter[Promised] = field(default_factory=Counter)
    reasons: set[str] = field(default_factory=set)
    given: Counter[Promised] = field(default_factory=Counter)
    waits: dict[LineId, int] = field(default_factory=dict)
    refusals: int = 0

    def off(self, piles: Iterable[Pile]) -> Counter[Pile]:
        """How much left each of these piles."""
        there, off = set(piles), Counter[Pile]()
        for move in self.moves:
            if move.source in there:
                off[move.source] += move.qty
        return off

    def ended_on(self, piles: Iterable[Pile]) -> Counter[Promised]:
        there = set(piles)
        return Counter({key: qty for key, qty in self.released.items() if key[1] in there})

    def total(self, source: str, target: str, sku: str, lot: str = "") -> int:
        """How much of an item went from one account to another."""
        return sum(
            move.qty
            for move in self.moves
            if (move.source.account, move.target.account, move.source.sku) == (source, target, sku)
            and lot in ("", move.source.lot)
        )


def read(events: Iterable[Told], at_ms: int) -> Said:
    """Gather what was told of one booking."""
    said = Said(at_ms)
    for event in events:
        data = event.data
        moves = [_move(move, data) for move in data.get("moves", ())]
        said.moves += moves
        for kept in data.get("promised", ()):
            said.carried[(kept["order"], kept["line"]), moves[0].source] += kept["qty"]
        match event.type:
            case "backorder.released":
                said.released[_promised(data)] += data["qty"]
                said.reasons.add(data["reason"])
            case "backorder.allocated":
                said.given[_promised(data)] += data["qty"]
            case "backorder.waiting":
                said.waits[data["order"], data["line"]] = data["qty"]
            case "scan.rejected":
                said.refusals += 1
    return said


def _promised(data: Mapping[str, Any]) -> Promised:
    pile = Pile(f"location:{data['location']}", data["sku"], data["lot"] or "")
    return (data["order"], data["line"]), pile


def _move(move: Mapping[str, Any], data: Mapping[str, Any]) -> Move:
    source = Pile(move["from"], move["sku"], move["lot"] or "")
    line = (data["order"], data["line"]) if data.get("line") is not None else None
    return Move(source, source.to(move["to"]), move["qty"], line)


def carry_out(shelf: Shelf, said: Said) -> None:
    """Goods go as told."""
    for move in said.moves:
        shelf.move(move, said.at_ms)


def whole(said: Said, due: Iterable[tuple[Pile, str, int]]) -> None:
    """Nothing else moved than these goods to these accounts."""
    went, wanted = Counter[tuple[Pile, str]](), Counter[tuple[Pile, str]]()
    for move in said.moves:
        went[move.source, move.target.account] += move.qty
    for pile, account, qty in due:
        wanted[pile, account] += qty
    assert went == wanted, f"moved {dict(went)}, due were {dict(wanted)}"


# -- goods come and go ---------------------------------------------------------------------------------------


def comes(shelf: Shelf, said: Said, pile: Pile, source: str, qty: int) -> None:
    """RECEIVE: so many came from somewhere into a pile, and that is all."""
    whole(said, [(pile.to(source), pile.account, qty)])
    carry_out(shelf, said)


def leaves(shelf: Shelf, said: Said, piles: Sequence[Pile], target: str, qty: int) -> None:
    """MISSING, DAMAGE, `stock.adjust` below nothing: so many of these goods leave, whoever they were promised to."""
    moved = said.off(piles)
    whole(said, [(pile, target, part) for pile, part in moved.items()])
    assert moved.total() == min(qty, shelf.has(piles)), (moved, qty)
    shelf.give_up(piles, moved, said.released)
    carry_out(shelf, said)


def comes_back(shelf: Shelf, said: Said, piles: Sequence[Pile], target: str, qty: int) -> None:
    """FOUND, RELEASE, SCRAP: so many of these goods go to an account; nobody is promised any of them."""
    moved = said.off(piles)
    assert moved.total() == min(qty, shelf.has(piles)), (moved, qty)
    assert all(part <= shelf.qty[pile] for pile, part in moved.items())
    assert all(move.target.account == target for move in said.moves)
    carry_out(shelf, said)


def found(shelf: Shelf, said: Said, here: Pile, qty: int | None) -> None:
    """FOUND: out of what is missing there first; what never was is a discrepancy."""
    sku, lot = here.sku, here.lot
    missing = f"missing:{here.name}"
    piles = shelf.at(missing, sku, lot)
    asked = shelf.has(piles) if qty is None else qty
    assert said.total("adjustment", here.account, sku, lot) == max(0, asked - shelf.has(piles))
    assert sum(move.qty for move in said.moves) == asked
    comes_back(shelf, said, piles, here.account, asked)


def _beyond(shelf: Shelf, said: Said, place: str, target: str, goods: tuple[str, str], qty: int) -> None:
    """Goods that the ledger does not have at a place come out of its missing first, the rest out of nowhere."""
    missing = f"missing:{place}"
    there = shelf.has(shelf.at(missing, *goods))
    assert said.total(missing, target, *goods) == min(there, qty)
    assert said.total("adjustment", target, *goods) == max(0, qty - there)


def moved(
    shelf: Shelf, said: Said, source: str, target: str, in_hand: Sequence[tuple[str, str, int]]
) -> None:
    """MOVE: items, each once; promises go along with their goods."""
    for sku, lot, qty in in_hand:
        piles = shelf.at(f"location:{source}", sku, lot)
        here, off = shelf.has(piles), said.off(piles)
        assert off.total() == min(qty, here)
        _beyond(shelf, said, source, f"location:{target}", (sku, lot), max(0, qty - here))
        along = Counter({key: part for key, part in said.carried.items() if key[1].sku == sku})
        shelf.give_up(piles, off, along)
        for (line, pile), part in along.items():
            shelf.line(line).promised[pile.to(f"location:{target}")] += part
    assert sum(move.qty for move in said.moves) == sum(qty for _, _, qty in in_hand)
    carry_out(shelf, said)


# -- orders and their goods ----------------------------------------------------------------------------------


def picked(shelf: Shelf, said: Said, order: Order, place: str, goods: tuple[str, str], qty: int) -> None:
    """PICK: what the order is promised there, the lower line first; then nobody's, others', and beyond the ledger."""
    lines = [line for _, line in sorted(order.lines.items()) if line.sku == goods[0]]
    piles, target = shelf.at(f"location:{place}", *goods), f"picked:{order.id}"
    here, off = shelf.has(piles), said.off(piles)
    own = {line.id: sum(line.promised[pile] for pile in piles) for line in lines}
    kept = _kept(said, lines, piles, min(qty, sum(own.values())), own)
    assert off.total() == min(qty, here)
    _beyond(shelf, said, place, target, goods, max(0, qty - here))
    others = Counter({key: part for key, part in said.released.items() if key[0][0] != order.id})
    shelf.give_up(piles, off, others, kept)
    # What the order got beyond its promises there is for lines that wait, then for those with goods elsewhere.
    extra = qty - kept.total()
    elsewhere = Counter({key: part for key, part in said.released.items() if key[0][0] == order.id})
    waited = sum(line.waiting for line in lines) - kept.total()
    assert elsewhere.total() == max(0, extra - waited), (elsewhere, extra, waited)
    shelf.end(elsewhere)
    assert sum(move.qty for move in said.moves) == qty
    for move in said.moves:
        assert move.line is not None
        assert move.target.account == target
        shelf.line(move.line).picked += move.qty
    assert all(line.waiting >= 0 for line in lines)
    carry_out(shelf, said)


def _kept(
    said: Said, lines: Sequence[Line], piles: Sequence[Pile], qty: int, own: Mapping[LineId, int]
) -> Counter[Promised]:
    """Which promises were kept by a pick: all that the order has there, or as many as its events say."""
    if qty == sum(own.values()):
        return Counter(
            {(line.id, pile): line.promised[pile] for line in lines for pile in piles if line.promised[pile]}
        )
    kept, left = Counter[Promised](), qty
    for move in said.moves:
        assert move.line is not None
        kept[move.line, move.source] += move.qty
    for line in lines:
        part = sum(part for (id_, _), part in kept.items() if id_ == line.id)
        assert part == min(left, own[line.id]), "the lower line goes first"
        left -= part
    return kept


def shipped(shelf: Shelf, said: Said, order: Order, chosen: Sequence[int]) -> None:
    """SHIP, `order.ship`: all that these lines have leaves."""
    target = f"customer:{order.id}"
    for n in chosen:
        line = order.lines[n]
        of_it = [move for move in said.moves if move.line == line.id]
        promised = Counter[Pile]()
        for move in of_it:
            assert move.target == Pile(target, line.sku, move.source.lot)
            if move.source.kind == "location":
                promised[move.source] += move.qty
        assert promised == +line.promised
        assert sum(move.qty for move in of_it) == line.promised.total() + line.picked
        line.shipped += line.promised.total() + line.picked
        line.promised.clear()
        line.picked = 0
    assert all(move.line and move.line[1] in chosen for move in said.moves)
    carry_out(shelf, said)


def returned(shelf: Shelf, said: Said, order: Order, goods: tuple[str, str], qty: int) -> None:
    """RETURN: picked goods first; a live line waits for them again, a dead one is rid of them."""
    from_picked = sum(move.qty for move in said.moves if move.source.kind == "picked")
    assert from_picked == min(qty, shelf.has(shelf.at(f"picked:{order.id}", *goods)))
    assert sum(move.qty for move in said.moves) == qty
    for move in said.moves:
        assert move.source.account in (f"picked:{order.id}", f"customer:{order.id}")
        if move.source.kind == "picked":
            assert move.line is not None
            line = shelf.line(move.line)
            line.picked -= move.qty
            line.cancelled += move.qty if line.is_dead else 0
            assert line.picked >= 0
    carry_out(shelf, said)


def cut(shelf: Shelf, said: Said, due: Mapping[LineId, int]) -> None:
    """An order is cut: so much of each line's promises ends, wherever the goods are; none of them moves."""
    whole(said, ())
    went = Counter[LineId]()
    for (line, _), qty in said.released.items():
        went[line] += qty
    assert went == +Counter(due), (went, due)
    shelf.end(said.released)


def cancel_line(line: Line) -> None:
    """What of a line is neither picked nor shipped is not wanted any more. Its promises have ended."""
    line.cancelled += line.waiting
    line.is_dead = True


# -- counts --------------------------------------------------------------------------------------------------


def counted(shelf: Shelf, said: Said, place: str, items: Mapping[str, Mapping[str, int]]) -> None:
    """COUNT, `stock.count`: for each item so many of each lot, or of all its lots together (lot empty)."""
    here, missing = f"location:{place}", f"missing:{place}"
    for sku, lots in items.items():
        for lot, qty in lots.items():
            piles = shelf.at(here, sku, lot)
            more, off = qty - shelf.has(piles), said.off(piles)
            assert off.total() == max(0, -more)
            shelf.give_up(piles, off, said.ended_on(piles))
            _beyond(shelf, said, place, here, (sku, lot), max(0, more))
        # What is missing there still is written off.
        gone = shelf.has(shelf.at(missing, sku)) - said.total(missing, here, sku)
        assert said.total(missing, "adjustment", sku) == gone
    assert {move.source.sku for move in said.moves} <= items.keys()
    carry_out(shelf, said)


def by_sku(items: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """What was counted: of each lot where every scan of an item named one, else all of it together."""
    told: dict[str, dict[str, int]] = {}
    for sku, scans in groupby(sorted(items), key=lambda item: item[0]):
        lots = [(lot, qty) for _, lot, qty in scans]
        sums = Counter[str]()
        for lot, qty in lots:
            sums[lot if all(name for name, _ in lots) else ""] += qty
        told[sku] = dict(sums)
    return told
