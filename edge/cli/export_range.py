"""What `crossdock export FROM..TO` may name: events by number or by day, and which of the ledger's they are."""

import argparse
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from edge.clock import Calendar
from edge.errors import EdgeError

if TYPE_CHECKING:
    from edge.ledger.history import Span

_EXPECTED = "expected events FROM..TO such as 1..500, 1.. or 2026-11-01..2026-11-30, got {!r}"
_NUMBER = re.compile(r"[0-9]{1,15}")
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Events by number, both included; None is as far as there are any."""

    first: int | None
    last: int | None

    def within(self, span: "Span") -> tuple[int, int]:
        """The numbers that are meant, of those that are here. Raises EdgeError for some that were archived."""
        if self.first is not None and self.first < span.first_seq:
            raise archived(span)
        first = span.first_seq if self.first is None else self.first
        return first, span.last_seq if self.last is None else min(self.last, span.last_seq)


@dataclass(frozen=True, slots=True)
class Days:
    """Events by day of the site's time zone, both included; None is as far as there are any."""

    first: date | None
    last: date | None

    def within(self, span: "Span", calendar: Calendar) -> tuple[int | None, int | None]:
        """The time that is meant, ms UTC, its end left out. Raises EdgeError for days of which some was archived."""
        since = None if self.first is None else calendar.begins(self.first)
        if since is not None and span.archived_at is not None and since <= span.archived_at:
            raise archived(span)
        return since, None if self.last is None else calendar.begins(self.last + timedelta(days=1))


def archived(span: "Span") -> EdgeError:
    """Say from where on the ledger has events."""
    return EdgeError(
        f"Some of these events were archived: the ledger has them from {span.first_seq} on.",
        hint=f"Export {span.first_seq}.. instead; what came before is in the files that crossdock archive made.",
    )


def read_range(text: str) -> Numbers | Days:
    """Read FROM..TO; for argparse."""
    first, dots, last = text.partition("..")
    ends = [end for end in (first, last) if end]
    wrong = argparse.ArgumentTypeError(_EXPECTED.format(text))
    if not dots:
        raise wrong
    if all(map(_NUMBER.fullmatch, ends)):
        numbers = Numbers(*(int(end) if end else None for end in (first, last)))
        if numbers.first == 0 or numbers.last == 0:
            raise argparse.ArgumentTypeError(f"events are numbered from 1, got {text!r}")
        _refuse_backwards(text, numbers.first, numbers.last)
        return numbers
    if not all(map(_DAY.fullmatch, ends)):
        raise wrong
    try:
        days = Days(*(date.fromisoformat(end) if end else None for end in (first, last)))
    except ValueError:
        raise argparse.ArgumentTypeError(f"there is no such day in {text!r}") from None
    _refuse_backwards(text, days.first, days.last)
    return days


def _refuse_backwards(text: str, first: Any, last: Any) -> None:
    if first is not None and last is not None and first > last:
        raise argparse.ArgumentTypeError(f"{first} is after {last} in {text!r}: turn them round")
