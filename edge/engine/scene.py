"""One scan in the engine's hands: the station, the dialogue, the books, and the booking it makes, if it makes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.settings import Station
from edge.domain.dialogue import Dialogue, where
from edge.domain.journal import Move
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.refusals import RefusedError
from edge.facts import CodeScanned


@dataclass(slots=True)
class Scan:
    """A scan being decided. `dialogue` is replaced as it changes; `attention` asks someone to look."""

    fact: CodeScanned
    number: int
    at_ms: int
    books: Books
    station: Station
    dialogue: Dialogue
    booking: Booking | None = None
    attention: bool = False

    def begin(self, kind: str) -> Booking:
        """Open the scan's booking; from here on nothing is refused any more."""
        self.booking = Booking(
            self.books,
            self.number,
            self.at_ms,
            cause=f"scan/{self.number}",
            source=self.fact.scanner,
            body=self.fact.code,
            kind=kind,
            scanner=self.fact.scanner,
        )
        return self.booking

    def place(self) -> str:
        """Where this happens: the place scanned, else the station's own where goods come in. Raises RefusedError."""
        place = where(self.dialogue, self.station)
        if not place:
            raise RefusedError("needs_place", "Where? Scan the place first.")
        return place

    def told(self, moves: Sequence[Move], place: str) -> dict[str, Any]:
        """What every event of goods says first; the moves are of one item, lot and expiry."""
        goods, qty = moves[0].goods, sum(move.qty for move in moves)
        return {
            **{"sku": goods.sku, "qty": qty, "lot": goods.lot or None, "expiry": goods.expiry or None},
            **{"location": place, **self.who(), "moves": [move.told() for move in moves]},
        }

    def who(self) -> dict[str, Any]:
        return {
            "station": self.station.id,
            "scanner": self.fact.scanner,
            "operator": self.dialogue.operator or None,
        }
