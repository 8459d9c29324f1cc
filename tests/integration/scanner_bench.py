"""What the tests of scanners share: a real inbox with a thread that answers, and a scanner at work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from config.settings import Scanner
from drivers.scanners import devices_of
from drivers.simulated import PtyScanner
from drivers.supervisor import Supervisor
from edge.clock import SystemClock
from edge.errors import LedgerError
from edge.facts import (
    Answer,
    CodeScanned,
    DeviceKind,
    DeviceLost,
    DeviceReady,
    Fact,
    Verdict,
)
from edge.inbox import Inbox, Stamped

TIMEOUT_S = 10.0
BUSY_MACHINE_S = 0.3
ACCEPT, ATTENTION, REJECT = b"\x06", b"\x06\x07", b"\x07"

Decide = Callable[[Stamped], None]


def by_code(stamped: Stamped) -> None:
    """Answer as the code asks: `attention`, `reject`; `fail` is not booked, `silent` never answered."""
    code = stamped.fact.code if isinstance(stamped.fact, CodeScanned) else ""
    if code == "silent":
        return
    if code == "fail":
        stamped.answer.set_exception(LedgerError("The disk is full."))
        return
    verdict = Verdict(code) if code in set(Verdict) else Verdict.ACCEPT
    stamped.answer.set_result(Answer(verdict))


class Engine:
    """Takes facts from a real inbox, keeps them in order, and answers each as `decide` says."""

    def __init__(self, decide: Decide = by_code) -> None:
        self.inbox = Inbox(SystemClock())
        self._decide = decide
        self._facts: list[Fact] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while batch := self.inbox.take(100):
            for stamped in batch:
                with self._changed:
                    self._facts.append(stamped.fact)
                    self._changed.notify_all()
                self._decide(stamped)

    def wait(self, wanted: Callable[[list[Fact]], bool], timeout_s: float = TIMEOUT_S) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: wanted(self._facts), timeout_s), self._facts

    def wait_for(self, fact: Fact, times: int = 1, timeout_s: float = TIMEOUT_S) -> None:
        self.wait(lambda facts: facts.count(fact) >= times, timeout_s)

    def codes(self, n: int, scanner: str = "gun-1") -> list[str]:
        """Wait for so many scans of a scanner and return the codes of all of them."""
        self.wait(lambda facts: len(scans(facts, scanner)) >= n)
        with self._changed:
            return scans(self._facts, scanner)

    def facts(self) -> list[Fact]:
        with self._changed:
            return list(self._facts)

    def losses(self) -> list[str]:
        with self._changed:
            return [fact.text for fact in self._facts if isinstance(fact, DeviceLost)]

    def close(self) -> None:
        self.inbox.close()
        self._thread.join(TIMEOUT_S)


def scans(facts: list[Fact], scanner: str) -> list[str]:
    return [fact.code for fact in facts if isinstance(fact, CodeScanned) and fact.scanner == scanner]


def settings(device: str, *, id: str = "gun-1", **options: Any) -> Scanner:
    """A scanner as the configuration has it; `accept`, `attention` and `reject` may be texts or lists."""
    answers = {"accept": "\x06", "attention": "\x06\x07", "reject": "\x07"}
    return Scanner.model_validate(
        {"id": id, "device": device, "station": "dock-1", "debounce_ms": 250, **answers, **options}
    )


def ready(id: str = "gun-1") -> DeviceReady:
    return DeviceReady(DeviceKind.SCANNER, id)


@contextmanager
def served(scanner: Scanner, engine: Engine) -> Iterator[Supervisor]:
    post = engine.inbox.post
    supervisors = [Supervisor(device, post) for device in devices_of(scanner, post)]
    for supervisor in supervisors:
        supervisor.start()
    try:
        yield supervisors[0]
    finally:
        for supervisor in supervisors:
            supervisor.stop()
        for supervisor in supervisors:
            assert supervisor.join(TIMEOUT_S)


@contextmanager
def at_work(
    gun: PtyScanner,
    engine: Engine,
    **options: Any,
) -> Iterator[Supervisor]:
    scanner = settings(gun.url, **options)
    with served(scanner, engine) as supervisor:
        engine.wait_for(ready())
        yield supervisor
