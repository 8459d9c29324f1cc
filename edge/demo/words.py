"""The words for each event, in which the story says what it expects and central says what it heard."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Protocol


class Event(Protocol):
    """What is told of an event; its data are attributes named as in the contract."""

    @property
    def name(self) -> str: ...
    @property
    def data(self) -> Any: ...


def words_of(event: Event) -> str | None:
    """Say an event in a few words; None for those of which the story expects nothing in particular."""
    group, _, what = event.name.partition(".")
    match group:
        case "stock":
            return _stock(what, event.data)
        case "backorder":
            return _backorder(what, event.data)
        case "order":
            return _order(what, event.data)
        case "undo":
            moved = goods((move.qty, move.sku) for move in event.data.moves)
            return f"undone: {moved or 'what was learned'}"
        case "catalogue":
            return f"{event.data.code} is {event.data.sku}, {event.data.pack} to the pack"
        case "scan":
            return f"refused: {event.data.why}"
    return None


def settled_by(event: Event) -> str:
    """Name the exception that is settled with this event; empty for other events."""
    if event.name != "exception.cleared":
        return ""
    kind, about = event.data.kind, event.data.about
    return str(kind if about == kind else f"{kind} of {about}")


def goods(parts: Iterable[tuple[int, str]]) -> str:
    """Quantities and items, as one says them.

    >>> goods([(2, "PEN"), (1, "INK")])
    '2 PEN and 1 INK'
    """
    return " and ".join(f"{qty} {sku}" for qty, sku in parts)


def moment(at: datetime) -> str:
    """A time to the minute, in UTC as the demo's site has it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _stock(what: str, data: Any) -> str | None:
    match what:
        case "missing":
            return f"{data.qty} {data.sku} missing at {data.location}"
        case "picked":
            return f"{data.qty} {data.sku} picked at {data.location} for {data.order}"
        case "moved":
            return f"{data.qty} {data.sku} moved from {data.from_} to {data.to}"
        case "counted":
            return (
                f"{data.counted} {data.sku} counted at {data.location} where the ledger had {data.expected}"
            )
        case "adjusted":
            return f"{data.qty:+} {data.sku} at {data.location} ({data.reason})"
        case "damaged":
            return f"{data.qty} {data.sku} at {data.location} into quarantine"
        case "released":
            return f"{data.qty} {data.sku} at {data.location} out of quarantine"
        case "low":
            return f"{data.sku} runs low: {data.available} free, fewer than {data.threshold}"
        case "received" | "found" | "returned":
            lot = f", lot {data.lot}" if data.lot else ""
            return f"{what} {data.qty} {data.sku} at {data.location}{lot}"
        case "shipped":
            # `order.shipped` says it for all lines at once.
            return None
    # No act is about it: that it came is enough to end the demo.
    return f"{what} {data.sku}"


def _backorder(what: str, data: Any) -> str | None:
    match what:
        case "allocated":
            rest = f", {data.waiting} still waits" if data.waiting else ""
            return f"{data.qty} {data.sku} at {data.location} to {data.order}{rest}"
        case "released":
            return f"{data.qty} {data.sku} taken back from {data.order} ({data.reason})"
        case "eta":
            if data.expected_at is None:
                return f"{data.order} expects {data.sku} no more"
            at = datetime.fromtimestamp(data.expected_at / 1000, UTC)
            return f"{data.order} can expect {data.qty} {data.sku} on {moment(at)}"
    # `order.unfulfillable` says for a whole order what of it now waits.
    return None


def _order(what: str, data: Any) -> str:
    match what:
        case "unfulfillable":
            return f"{data.order} waits for {goods((line.qty, line.sku) for line in data.lines)}"
        case "shipped":
            whole = "complete" if data.complete else "a part of it"
            return f"{data.order} leaves, {whole}: {goods((line.qty, line.sku) for line in data.lines)}"
    return f"{data.order} {what}"
