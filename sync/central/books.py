"""What an event does to central's books: positions by its moves, lines of orders, exceptions. Pure.

Events are what `json.loads` made of them, told in good order by whoever calls. What is gathered here goes into the
database with the events themselves (`store`).
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]
Goods = tuple[str, str, str, str]
"""SKU, lot, expiry, pallet; empty for none."""
Position = tuple[str, str, str, str, str]
"""Goods and their account."""
LineKey = tuple[str, str]
"""An order and its line as JSON."""

NAME_MAX = 80
"""Names have 64 characters at most (contract section 3); accounts a word more."""
UNITS_MAX = 10**12
"""More units than this of one position are no truth."""


@dataclass(slots=True)
class Line:
    """How a line of an order stands, as far as was told. `ordered` is None until somebody said."""

    sku: str
    ordered: int | None = None
    allocated: int = 0
    picked: int = 0
    shipped: int = 0
    cancelled: int = 0
    waiting: int = 0

    def settle(self) -> None:
        """What was ordered and went nowhere waits."""
        if self.ordered is not None:
            gone = self.allocated + self.picked + self.shipped + self.cancelled
            self.waiting = max(0, self.ordered - gone)


@dataclass(slots=True)
class Books:
    """What one node's events changed since it was last emptied.

    `line_of` finds a line as it stands in the database, `booking_of` the events of a booking by its number.
    """

    line_of: Callable[[str, str], Line | None]
    lines_of: Callable[[str], Iterable[tuple[str, Line]]]
    booking_of: Callable[[int], Iterable[Event]]
    moved: dict[Position, int] = field(default_factory=dict)
    lines: dict[LineKey, Line] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    exceptions: dict[str, str | None] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Take one event in, its moves wholly or not at all. Raises ValueError with what of it cannot be read."""
        try:
            type_, data = event["type"].removeprefix("crossdock."), event["data"]
            for position, qty in changes(data.get("moves") or ()):
                self.moved[position] = self.moved.get(position, 0) + qty
            if (tell := _TOLD.get(type_)) is not None:
                tell(self, data, event)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error

    def clear(self) -> None:
        for each in (self.moved, self.lines, self.statuses, self.exceptions):
            each.clear()

    def line(self, order: str, line: str, sku: str | None) -> Line:
        """The line as it stands now, for changing; a new one if nobody told of it."""
        found = self.lines.get((order, line))
        if found is None:
            found = self.line_of(order, line) or Line(sku or "")
            self.lines[order, line] = found
        if sku:
            found.sku = sku
        self.statuses.setdefault(order, "")
        return found

    def place(self, data: Mapping[str, Any]) -> None:
        """Take in an order that the node accepted of us, or what an amendment of it changed."""
        order = name(data["order"])
        for each in data.get("lines") or ():
            line = self.line(order, line_id(each["line"]), optional(each.get("sku")))
            line.ordered = units(each["qty"])
            line.settle()
        self.statuses[order] = "open"

    # -- what each type of event tells of an order ---------------------------------------------------------

    def _allocated(self, data: Event, _: Event) -> None:
        line = self._line(data)
        line.allocated += units(data["qty"])
        line.waiting = units(data["waiting"])

    def _released(self, data: Event, _: Event) -> None:
        line = self._line(data)
        line.allocated = max(0, line.allocated - units(data["qty"]))
        line.settle()

    def _waiting(self, data: Event, _: Event) -> None:
        self._line(data).waiting = units(data["qty"])

    def _picked(self, data: Event, _: Event) -> None:
        if data.get("order") is not None and data.get("line") is not None:
            self._hand_over(self._line(data), units(data["qty"]), "picked")

    def _hand_over(self, line: Line, qty: int, to: str) -> None:
        """Goods promised to the line go first; what was picked beyond that had been waited for."""
        promised = min(line.allocated, qty)
        line.allocated -= promised
        line.waiting = max(0, line.waiting - (qty - promised))
        setattr(line, to, getattr(line, to) + qty)
        line.settle()

    def _shipped(self, data: Event, _: Event) -> None:
        if data.get("line") is None:
            return
        line = self._line(data)
        for _goods, source, _target, qty in moves(data["moves"]):
            if source.startswith("picked:"):
                line.picked = max(0, line.picked - qty)
                line.shipped += qty
            else:
                self._hand_over(line, qty, "shipped")
        line.settle()

    def _returned(self, data: Event, _: Event) -> None:
        if data.get("order") is None or data.get("line") is None:
            return
        line = self._line(data)
        back = sum(qty for _, source, _, qty in moves(data["moves"]) if source.startswith("picked:"))
        line.picked = max(0, line.picked - back)
        line.settle()

    def _undone(self, data: Event, event: Event) -> None:
        """Take back what was picked and shipped; the promises that go back with it are told by themselves."""
        if event["booking"] != event["seq"]:
            return  # the second of several events that undo one booking
        if data["undoes"] is None:
            return  # it was booked before a restore: no event of this ledger tells for which lines
        for each in self.booking_of(units(data["undoes"])):
            told = each["data"]
            if each["type"] not in _UNDOABLE or told.get("order") is None or told.get("line") is None:
                continue
            line = self._line(told)
            for _, source, target, qty in moves(told["moves"]):
                if target.startswith("customer:"):
                    line.shipped = max(0, line.shipped - qty)
                if target.startswith("picked:"):
                    line.picked = max(0, line.picked - qty)
                elif source.startswith("picked:"):
                    line.picked += qty
            line.settle()

    def _status(self, data: Event, event: Event) -> None:
        self.statuses[name(data["order"])] = _STATUSES[event["type"].removeprefix("crossdock.")]

    def _order_shipped(self, data: Event, _: Event) -> None:
        if data["complete"]:
            self.statuses[name(data["order"])] = "shipped"

    def _cancelled(self, data: Event, _: Event) -> None:
        order = name(data["order"])
        named = data.get("lines")
        if data.get("complete", True):
            self.statuses[order] = "cancelled"
        for key in [line_id(each) for each in named] if named else [key for key, _ in self.lines_of(order)]:
            line = self.line(order, key, None)
            if line.ordered is not None:
                line.cancelled = max(0, line.ordered - line.picked - line.shipped)
            line.allocated = line.waiting = 0

    def _raised(self, data: Event, _: Event) -> None:
        told = {key: data.get(key) for key in ("exception", "kind", "about", "text")}
        self.exceptions[name(data["exception"])] = json.dumps(told)

    def _cleared(self, data: Event, _: Event) -> None:
        self.exceptions[name(data["exception"])] = None

    def _line(self, data: Event) -> Line:
        return self.line(name(data["order"]), line_id(data["line"]), optional(data.get("sku")))


_UNDOABLE = ("crossdock.stock.picked", "crossdock.stock.shipped", "crossdock.stock.returned")
_STATUSES = {"order.ready": "ready", "order.held": "on hold", "order.resumed": "open"}
_TOLD: dict[str, Callable[[Books, Event, Event], None]] = {
    "backorder.allocated": Books._allocated,
    "backorder.released": Books._released,
    "backorder.waiting": Books._waiting,
    "stock.picked": Books._picked,
    "stock.shipped": Books._shipped,
    "stock.returned": Books._returned,
    "undo": Books._undone,
    "order.ready": Books._status,
    "order.held": Books._status,
    "order.resumed": Books._status,
    "order.shipped": Books._order_shipped,
    "order.cancelled": Books._cancelled,
    "exception.raised": Books._raised,
    "exception.cleared": Books._cleared,
}


def moves(told: Iterable[Mapping[str, Any]]) -> list[tuple[Goods, str, str, int]]:
    """Read moves: goods, where from, where to, how many. Raises ValueError or LookupError."""
    return [
        (
            (name(m["sku"]), optional(m.get("lot")), optional(m.get("expiry")), optional(m.get("pallet"))),
            name(m["from"]),
            name(m["to"]),
            units(m["qty"]),
        )
        for m in told
    ]


def changes(told: Iterable[Mapping[str, Any]]) -> list[tuple[Position, int]]:
    """What moves do to positions: less here, more there."""
    return [
        change
        for goods, source, target, qty in moves(told)
        for change in (((*goods, source), -qty), ((*goods, target), qty))
    ]


def name(value: object) -> str:
    """A name as the contract allows it, so that any database takes it. Raises ValueError."""
    if type(value) is str and 0 < len(value) <= NAME_MAX and value.isascii() and value.isprintable():
        return value
    raise ValueError(f"Expected a name of 1 to {NAME_MAX} printable ASCII characters, got {value!r:.200}")


def optional(value: object) -> str:
    """A name, or nothing where there is none."""
    return "" if value is None else name(value)


def units(value: object) -> int:
    """So many whole units, none or more. Raises ValueError."""
    if type(value) is int and 0 <= value <= UNITS_MAX:
        return value
    raise ValueError(f"Expected a whole number from 0 to {UNITS_MAX}, got {value!r:.200}")


def line_id(value: object) -> str:
    """A line's number or text as JSON. Raises ValueError."""
    return str(units(value)) if type(value) is int else json.dumps(name(value))
