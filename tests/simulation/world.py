"""The people of the simulation and their hands: scanners with someone at each, central, and what they know by now.

An act is a generator: it yields what is scanned or sent, and gets the answer. Acts of several scanners interleave.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from edge.facts import Answer, Verdict
from tests.simulation.accounts import Books, Order
from tests.simulation.goods_for_sale import BY_SKU, ITEMS, PLACES, Item
from tests.simulation.site import Site
from tests.simulation.wire import Expected, Foul


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan to be made. `must`: it has to be refused, for this reason."""

    code: str
    claim: Expected | None = None
    must: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """A command to be sent. `must`: it has to be refused with this code."""

    type: str
    data: dict[str, Any]
    must: str | None = None


@dataclass(frozen=True, slots=True)
class Gun:
    """A scanner, its station, and where that books what it receives."""

    scanner: str
    station: str
    place: str
    idle_reset_s: int


def is_booked(answer: Answer | None) -> bool:
    """It was heard, and not refused."""
    return answer is not None and answer.verdict is not Verdict.REJECT


Floor = Generator[Scan, Answer | None, None]
Office = Generator[Command, dict[str, Any], None]


@dataclass(slots=True)
class Running:
    """What goes on at a scanner, and what was scanned and answered last."""

    act: Floor
    answer: Answer | None = None
    code: str = ""
    at_ms: int = 0


@dataclass(slots=True)
class World:
    """What there is and who is at it. All chance comes out of `random`."""

    site: Site
    random: Random
    guns: tuple[Gun, ...]
    busy: dict[str, Running] = field(default_factory=dict)
    last_command: tuple[str, dict[str, Any]] | None = None
    last_order: int = 0
    last_serial: int = 0
    last_pallet: int = 0
    last_carton: int = 0
    announced: dict[str, list[str]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    step: int = 0

    @property
    def books(self) -> Books:
        """People may know what the referee knows."""
        return self.site.referee.bookings.books

    # -- choices ---------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def item(self) -> Item:
        return self.random.choice(ITEMS)

    def place(self) -> str:
        return self.random.choice(PLACES)

    def stocked(self, account: str = "location") -> tuple[str, str, str, int] | None:
        """Goods that are somewhere: item, place, lot, how many; None where there are none."""
        found: dict[tuple[str, str, str], int] = {}
        for sku, spots in self.books.stock.items():
            for spot, qty in spots.items():
                kind, _, place = spot.account.partition(":")
                if kind == account and qty > 0 and sku in BY_SKU:
                    found[sku, place, spot.lot] = found.get((sku, place, spot.lot), 0) + qty
        if not found:
            return None
        sku, place, lot = self.random.choice(sorted(found))
        return sku, place, lot, found[sku, place, lot]

    def order(self, fits: Callable[[Order], bool]) -> Order | None:
        """Some order of which this is true."""
        orders = [order for order in self.books.orders.values() if fits(order)]
        return self.random.choice(orders) if orders else None

    # -- what happens ----------------------------------------------------------------------------------------

    def begin(self, gun: Gun, act: Floor) -> None:
        """Somebody begins something at a scanner."""
        self.busy[gun.scanner] = Running(act)

    def advance(self, gun: Gun, cut_after: int | None = None) -> Answer | None:
        """Make the next scan of what goes on at a scanner; None when the act is over or the power went."""
        running = self.busy[gun.scanner]
        try:
            scan = running.act.send(running.answer)
        except StopIteration:
            del self.busy[gun.scanner]
            return None
        # After the idle time a dialogue is as at the start: a place or command is then the first of a new one.
        is_new = self.site.clock.at_ms - running.at_ms > gun.idle_reset_s * 1000
        if is_new and scan.code.startswith(("LOC:", "ORD:", "CMD:", "QTY:")):
            scan = Scan(scan.code)
        answer = self.site.scan(gun.station, gun.scanner, scan.code, scan.claim, cut_after=cut_after)
        running.answer, running.code, running.at_ms = answer, scan.code, self.site.clock.at_ms
        if scan.code == "CMD:REPRINT" and (answer is None or answer.verdict is not Verdict.REJECT):
            self.site.paper.reprints += 1
        said = (answer.verdict.value, answer.why, answer.text) if answer else "the power was gone"
        self.note(f"{gun.scanner} {scan.code!r} -> {said}")
        if answer is not None and scan.must and answer.verdict is not Verdict.REJECT:
            raise Foul(f"{scan.code!r} had to be refused ({scan.must}), and was answered {answer}.")
        # Who is refused without having asked for it, or hears nothing, stops and begins something else.
        if answer is None or (answer.verdict is Verdict.REJECT and not scan.must):
            del self.busy[gun.scanner]
        return answer

    def bounce(self, gun: Gun) -> None:
        """The scanner sends its last code again, since the answer was late."""
        running = self.busy.get(gun.scanner)
        if running is None or running.code.startswith(("QTY:", "NUM:")):
            return
        self.site.wait(0.1)
        answer = self.site.scan(gun.station, gun.scanner, running.code, is_repeat=True)
        self.note(f"{gun.scanner} {running.code!r} once more -> {answer}")
        if running.answer is None or answer is None or answer.verdict is not running.answer.verdict:
            raise Foul(f"A bounce of {running.code!r} was answered {answer}, before {running.answer}.")

    def send(self, act: Office, cut_after: int | None = None) -> None:
        """Send all commands of an act."""
        answer: dict[str, Any] | None = None
        while True:
            try:
                command = next(act) if answer is None else act.send(answer)
            except StopIteration:
                return
            self.last_command = (command.type, command.data)
            answer = self.site.command(command.type, command.data, cut_after=cut_after)
            self.note(f"central {command.type} {command.data} -> {answer}")
            if command.must is not None and answer.get("error", {}).get("code") != command.must:
                raise Foul(f"{command} had to be refused ({command.must}), and was answered {answer}.")

    def repeat_command(self) -> None:
        """Central did not hear the answer."""
        if self.last_command is not None:
            self.site.repeat_command(*self.last_command)
            self.note("central sends it again")

    def note(self, line: str) -> None:
        self.log.append(f"step {self.step}: {line}")


Act = Callable[[World, Gun], Floor]
"""Something that a person does at a scanner."""
