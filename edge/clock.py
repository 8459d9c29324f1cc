"""Time, injected: nothing below the inbox reads a clock of its own.

Times inside are whole milliseconds UTC since 1970 (`at_ms`); outside they are RFC 3339 texts.
"""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Whoever tells the time."""

    def now_ms(self) -> int:
        """Milliseconds UTC since 1970."""
        ...


class SystemClock:
    """The clock of the box."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def rfc3339(at_ms: int) -> str:
    """Write a time as the contract does, with milliseconds and Z.

    >>> rfc3339(1_763_717_400_123)
    '2025-11-21T09:30:00.123Z'
    """
    seconds, ms = divmod(at_ms, 1000)
    return f"{_to_the_second(seconds)}.{ms:03}Z"


@lru_cache(maxsize=64)
def _to_the_second(seconds: int) -> str:
    """Most times are of the second in hand: a receipt writes several, the audit of a ledger millions."""
    t = time.gmtime(seconds)
    return f"{t[0]:04}-{t[1]:02}-{t[2]:02}T{t[3]:02}:{t[4]:02}:{t[5]:02}"


def date_time(at_ms: int | None) -> str | None:
    """Write a time that a person set as they would: a whole second has no fraction. None stays none.

    >>> date_time(1_796_115_600_000)
    '2026-12-01T09:00:00Z'
    """
    if at_ms is None:
        return None
    text = rfc3339(at_ms)
    return f"{text[:-5]}Z" if text.endswith(".000Z") else text


def from_rfc3339(text: str) -> int:
    """Read an RFC 3339 time with an offset into milliseconds UTC; raises ValueError without one.

    >>> from_rfc3339("2025-11-21T10:30:00.123+01:00")
    1763717400123
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"Expected a time with an offset, such as 2026-11-20T08:00:00Z, got {text!r}.")
    delta = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * 86_400_000 + delta.seconds * 1000 + delta.microseconds // 1000


class Calendar:
    """Turns moments into days of the site's time zone; a day's name is ISO 8601, e.g. 2026-11-21."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._quarter = -1
        self._day = ""

    def day(self, at_ms: int) -> str:
        """Name the day. No zone changes its offset within a quarter of an hour, so that much is remembered."""
        quarter = at_ms // 900_000
        if quarter != self._quarter:
            self._day = datetime.fromtimestamp(quarter * 900, self._zone).date().isoformat()
            self._quarter = quarter
        return self._day

    def moment(self, at_ms: int) -> str:
        """Name a moment as people there do, e.g. 2026-11-21 10:30."""
        return datetime.fromtimestamp(at_ms / 1000, self._zone).strftime("%Y-%m-%d %H:%M")

    def next_day(self, at_ms: int) -> int:
        """When the next day begins, ms UTC."""
        return self.begins(date.fromisoformat(self.day(at_ms)) + timedelta(days=1))

    def begins(self, day: date) -> int:
        """When a day begins there, ms UTC."""
        return round(datetime.combine(day, midnight(), self._zone).timestamp() * 1000)
