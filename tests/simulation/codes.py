"""The referee's own list of codes: what central gave, what was learned here, and what goods became by them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.simulation.accounts import Books
from tests.simulation.wire import Event, Foul


class Meaning(NamedTuple):
    """What a code is: an item, so many to the pack."""

    sku: str
    pack: int


def digits(code: str) -> str:
    """The number under which goods stand whose code nobody knows."""
    return code.zfill(14) if code.isdecimal() else code


@dataclass(slots=True)
class Codes:
    """Judges what is learned and identified. `made` is what became of goods by each code, in pieces of its item."""

    books: Books
    means: dict[str, Meaning] = field(default_factory=dict)
    items: set[str] = field(default_factory=set)
    made: dict[str, int] = field(default_factory=dict)
    _before: dict[int, tuple[str, Meaning | None]] = field(default_factory=dict)
    _changed: dict[int, list[tuple[str, int]]] = field(default_factory=dict)

    def upsert(self, item: dict[str, Any]) -> None:
        """Central's list of an item's codes replaces the one before, what was learned too."""
        self.items.add(item["sku"])
        if item.get("codes") is not None:
            for code in [code for code, means in self.means.items() if means.sku == item["sku"]]:
                del self.means[code]
            self.means |= {each["code"]: Meaning(item["sku"], each["pack"]) for each in item["codes"]}

    def learned(self, event: Event, booking: int) -> None:
        """A code is an item of the catalogue from now on, and was not another's."""
        code, means = event.data["code"], Meaning(event.data["sku"], event.data["pack"])
        before = self.means.get(code)
        if means.sku not in self.items or means.pack < 1:
            raise Foul(f"{event}: no such item is in the catalogue.")
        if before is not None and before.sku != means.sku:
            raise Foul(f"{event}: it is {before.sku}'s.")
        if before == means:
            raise Foul(f"{event}: it was so before.")
        self.means[code] = means
        self._before[booking] = (code, before)

    def identified(self, event: Event, booking: int) -> None:
        """Goods that came out of `identified` are what went in, times pack; after a correction in all."""
        code, sku = event.data["code"], event.data["sku"]
        if self.means.get(code) is None or self.means[code].sku != sku:
            raise Foul(f"{event}: {code} is {self.means.get(code)}.")
        pieces = _out_of_identified(event.data["moves"], sku)
        self.made[code] = self.made.get(code, 0) + pieces
        self._changed.setdefault(booking, []).append((code, pieces))

    def judge(self, booking: int) -> None:
        """After the events of the stock: all goods that a code named are as many as its pack says."""
        for code in {code for code, _ in self._changed.get(booking, ())}:
            cartons = self.books.at(digits(code), "identified")
            if self.made[code] != cartons * self.means[code].pack:
                raise Foul(
                    f"Booking {booking}: {cartons} with {code} became {self.made[code]}, not"
                    f" {self.means[code].pack} for each."
                )

    def undone(self, booking: int, moves: Sequence[dict[str, Any]]) -> None:
        """A learning is taken back: the code is what it was, and so are the goods."""
        if booking in self._before:
            code, before = self._before[booking]
            if before is None:
                self.means.pop(code, None)
            else:
                self.means[code] = before
        if not moves and (booking not in self._before or booking in self._changed):
            raise Foul(f"Booking {booking} moved goods, and its undo moves none.")
        for code, pieces in self._changed.get(booking, ()):
            self.made[code] -= pieces


def _out_of_identified(moves: Sequence[dict[str, Any]], sku: str) -> int:
    """How many pieces of an item came out of `identified`, less those that went back into it."""
    own = [move for move in moves if move["sku"] == sku]
    came = sum(move["qty"] for move in own if move["from"] == "identified")
    return int(came - sum(move["qty"] for move in own if move["to"] == "identified"))
