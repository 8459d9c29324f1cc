"""What a booking gathers: how lines and orders change, and what it takes to undo it."""

from dataclasses import dataclass, field

from edge.domain.allocation import WaitingLine
from edge.ledger.desk import BegunRow
from edge.ledger.orders import OrderRow
from edge.ledger.records import encode

ON_HAND, ALLOCATED, WAITING, MISSING, QUARANTINE, EXPECTED = range(6)
"""The columns of a level."""
LEVEL_OF = {"location": ON_HAND, "missing": MISSING, "quarantine": QUARANTINE}
"""The column that an account's goods count for, by the first word of its name."""


@dataclass(slots=True)
class OrderChange:
    """An order that this booking touched, and how much of it waited before. `is_over`: it is cancelled now."""

    row: OrderRow
    waiting: int
    is_new: bool = False
    is_over: bool = False


@dataclass(slots=True)
class LineChange:
    """A line that this booking touched: `more` of it waits than before, `left` in all, for this reason."""

    line: WaitingLine
    more: int = 0
    reason: str = "out_of_stock"
    left: int = 0


@dataclass(slots=True)
class Undo:
    """What a booking changed beside goods and promises, as its entry keeps it.

    `lines` are line, move, quantity: for which line each move was (a pick, shipment or return), or whose promise
    went along. `keys` were noted as received, `asn` are announced lines and what was received of them, `jobs` the
    first and last label, `spent` labels and what was picked off them. `lost` are line, position, quantity: promises
    that ended because their goods left; `counts` are SKU, account and the fact by which that was counted before.
    `codes` are code, item, pack, and the pack before (0: it was no code); `identified` positions and how many goods,
    named by such a code, came to each; `begun` what was in somebody's hands, as it was.
    """

    lines: list[tuple[int, int, int]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    asn: list[tuple[int, int]] = field(default_factory=list)
    spent: list[tuple[int, int]] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    lost: list[tuple[int, int, int]] = field(default_factory=list)
    counts: list[tuple[str, str, int]] = field(default_factory=list)
    codes: list[tuple[str, str, int, int]] = field(default_factory=list)
    identified: list[tuple[int, int]] = field(default_factory=list)
    begun: list[BegunRow] = field(default_factory=list)
    jobs: tuple[int, int] = (0, 0)

    def told(self) -> str | None:
        """As JSON; None if there is nothing to tell."""
        all_of = {name: getattr(self, name) for name in self.__dataclass_fields__}
        some = {name: value for name, value in all_of.items() if value and value != (0, 0)}
        return encode(some) if some else None
