"""Judges each execution: an exception, 50 ms of processor time, memory that grows. What it finds it keeps as a line.

Time is the call's own on the processor, so that a machine that is busy with others is no fault of ours;
an input that takes too long is taken three times, and the least counts: a collection of garbage may fall into
any one. Memory is what the kernel holds resident for the process after the first quarter and at the end.
"""

import json
import mmap
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

from tests.fuzz.targets import Call, Target

LIMIT_MS = 50.0
TIMES = 3
STOPPED_AFTER_S = 2.0
"""Processor time after which a call is stopped, since it may never come back."""

WARM_UP = 0.25
"""The part of the runs or of the time after which memory counts: by then caches and imports have what they need."""

MAX_GROWTH_MB = 8.0
"""What memory may grow by behind the warm-up: ten times what was seen in minutes without a leak. That is what
libFuzzer keeps of inputs that went a new way, forms of elements kept as they come, and what the allocator does
not give back. A leak of 16 bytes a run passes this within half a million runs, a minute."""

MAX_INPUT = 1 << 16
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


@dataclass(frozen=True, slots=True)
class Found:
    """An input with which a target fails, as one line of JSON; each character of `input` is a byte."""

    target: str
    kind: Literal["crash", "slow", "memory"]
    what: str
    input: str

    def line(self) -> str:
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Tally:
    """What a target's run came to."""

    runs: int = 0
    seconds: float = 0.0
    slowest_ms: float = 0.0
    warm_mb: float = 0.0
    end_mb: float = 0.0
    found: Found | None = None


class Judge:
    """Executes one target again and again, within bounds. `now` is a file that holds the input in hand."""

    def __init__(self, name: str, target: Target, *, runs: int, seconds: float, now: Path) -> None:
        self._name, self._target = name, target
        self._runs, self._seconds = runs, seconds
        self._began = time.monotonic()
        self._slowest_s = 0.0
        self.tally = Tally()
        with now.open("w+b") as file:
            file.truncate(4 + MAX_INPUT)
            self._now = mmap.mmap(file.fileno(), 0)
        signal.signal(signal.SIGPROF, _stop)

    @property
    def is_done(self) -> bool:
        return self.tally.found is not None or self._part() >= 1

    def execute(self, data: bytes) -> None:
        """Run the target once, and keep what is found; it raises nothing."""
        self._now[:4] = len(data).to_bytes(4, "big")
        self._now[4 : 4 + len(data)] = data
        tally = self.tally
        tally.runs += 1
        if not tally.warm_mb and self._part() >= WARM_UP:
            tally.warm_mb = resident_mb()
        try:
            self._time(data)
        except _Stopped:
            self._keep("slow", data, f"did not end within {STOPPED_AFTER_S:g} s")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            self._keep("crash", data, f"{type(error).__name__}: {error}")
        if self.is_done:
            self._end()

    def _time(self, data: bytes) -> None:
        signal.setitimer(signal.ITIMER_PROF, STOPPED_AFTER_S)
        try:
            call = self._target(data)
            took_s = _took_s(call)
            if took_s <= self._slowest_s:
                return
            # Again whenever it is the slowest so far: what is shown is no accident either.
            took_s = min(took_s, *(_took_s(call) for _ in range(TIMES - 1)))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if took_s > self._slowest_s:
            self._slowest_s = took_s
            self.tally.slowest_ms = took_s * 1000
        if took_s * 1000 > LIMIT_MS:
            took = f"took {took_s * 1000:.0f} ms on the processor, {TIMES} times"
            self._keep("slow", data, f"{took}; the limit is {LIMIT_MS:g}")

    def _end(self) -> None:
        tally = self.tally
        tally.seconds, tally.end_mb = time.monotonic() - self._began, resident_mb()
        grown_mb = tally.end_mb - tally.warm_mb
        if tally.found is None and grown_mb > MAX_GROWTH_MB:
            # No input of its own: all of them together made it grow.
            grown = f"memory grew by {grown_mb:.0f} MB in {tally.runs:,} runs"
            self._keep("memory", b"", f"{grown}; the limit is {MAX_GROWTH_MB:g}")

    def _keep(self, kind: Literal["crash", "slow", "memory"], data: bytes, what: str) -> None:
        self.tally.found = Found(self._name, kind, what, data.decode("latin-1"))

    def _part(self) -> float:
        """Tell how much of the way is done, from 0 to 1."""
        return max(self.tally.runs / self._runs, (time.monotonic() - self._began) / self._seconds)


def in_hand(now: Path) -> bytes:
    """Read the input that a process had in hand when it died."""
    held = now.read_bytes() if now.exists() else b""
    return held[4 : 4 + int.from_bytes(held[:4], "big")]


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_MB


def _took_s(call: Call) -> float:
    # Of this thread, the only one: while a timer of the process runs, Linux knows the process's own time only
    # as of the last tick.
    began_s = time.thread_time()
    call()
    return time.thread_time() - began_s


class _Stopped(BaseException):
    """Taken too long. No Exception, so that no handler of the code under test takes it for one of its own."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stopped
