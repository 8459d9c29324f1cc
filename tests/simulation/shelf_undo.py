"""What UNDO must do to the shelf: every move the other way, and promises as far as they can be what they were."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.simulation.shelf import Line, LineId, Move, Pile, Promised, Shelf
from tests.simulation.shelf_laws import Said, whole


@dataclass(slots=True)
class Booked:
    """A booking that can be undone: when it was, what moved, whose promises went along or were broken."""

    n: int
    at_ms: int
    moves: list[Move]
    carried: Counter[Promised]
    lost: Counter[Promised]

    @classmethod
    def of(cls, n: int, said: Said) -> "Booked":
        """Remember a booking. Promises that ended elsewhere than on its goods are not lost by it."""
        left = {move.source for move in said.moves}
        return cls(n, said.at_ms, said.moves, said.carried, said.ended_on(left))


def may_be_undone(shelf: Shelf, booked: Booked, counts: Mapping[tuple[str, str], Sequence[int]]) -> bool:
    """Goods must be where they went to, not counted since, and their lines as they left them.

    `counts` has the numbers of the bookings that counted an item at a place.
    """
    net, needs = Counter[Pile](), Counter[tuple[LineId, str]]()
    for move in booked.moves:
        net[move.target] += move.qty
        net[move.source] -= move.qty
        if move.line and (move.target.kind in ("picked", "customer") or move.source.kind == "picked"):
            needs[move.line, move.target.kind if move.target.kind in ("picked", "customer") else ""] += (
                move.qty
            )
    within = ("location", "missing", "quarantine", "picked", "customer", "scrap")
    if any(qty > 0 and pile.kind in within and shelf.qty[pile] < qty for pile, qty in net.items()):
        return False
    if any(n > booked.n for pile in net for n in counts.get((pile.account, pile.sku), ())):
        return False
    for (id_, kind), qty in needs.items():
        line = shelf.line(id_)
        wants = line.cancelled if line.is_dead else line.lacks
        if {"picked": line.picked, "customer": line.shipped}.get(kind, wants) < qty:
            return False
    return True


def undone(shelf: Shelf, said: Said, booked: Booked, today: str) -> Counter[Promised]:
    """UNDO: every move the other way, promises on the goods end, those that the goods had come back with them.

    Returns the promises that came back; the rest of what is given is for the shelf to serve.
    """
    whole(said, [(move.target, move.source.account, move.qty) for move in booked.moves])
    losing = {move.source for move in said.moves}
    again = {move.line for move in booked.moves if move.line and move.source.kind == "picked"}
    assert all(pile in losing or line in again for line, pile in said.released)
    shelf.end(said.released)
    claims = booked.lost.copy()
    for move in booked.moves:
        if move.line is not None and _stands_as_before(shelf.line(move.line), move):
            claims[move.line, move.source] += move.qty
    target = booked.moves[0].target.account
    for (id_, pile), qty in booked.carried.items():
        promised = shelf.line(id_).promised
        back = min(promised[pile.to(target)], qty)
        promised[pile.to(target)] -= back
        promised[pile] += back
    for move in said.moves:
        shelf.move(move, said.at_ms, is_back=True)
    return _claimed(shelf, said, claims, today)


def _stands_as_before(line: Line, move: Move) -> bool:
    """Take a pick, shipment or return out of a line; tells whether it has a claim to the goods."""
    came, went, qty = move.source.kind, move.target.kind, move.qty
    if went in ("picked", "customer"):
        line.picked += qty * ((came == "picked") - (went == "picked"))
        line.shipped -= qty if went == "customer" else 0
        line.cancelled += qty if line.is_dead and came != "picked" else 0
    elif came == "picked":
        line.picked += qty
        line.cancelled -= qty if line.is_dead else 0
    return came == "location" and not line.is_dead


def _claimed(shelf: Shelf, said: Said, claims: Counter[Promised], today: str) -> Counter[Promised]:
    back = said.given & claims
    for (id_, pile), qty in back.items():
        shelf.line(id_).promised[pile] += qty
    for (id_, pile), qty in (claims - back).items():
        line = shelf.line(id_)
        is_good = pile in shelf.good(line.sku, today)
        could = min(qty, line.waiting, shelf.free(pile)) if is_good else 0
        assert could <= 0, f"{could} at {pile} were {id_}'s before, and are not again"
    return back
