"""A scan: read, taken into its dialogue, booked or refused. One scan, one answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from edge.domain import stations
from edge.domain.codes import Code, Gs1Code, ItemCode, Refused, SiteCode, SiteKind, visible
from edge.domain.stations import Dialogue
from edge.engine.booking import Booking
from edge.engine.books import Books
from edge.engine.items import RefusedError
from edge.engine.receiving import close_pallet, receive
from edge.engine.scene import Scan
from edge.engine.searching import find, miss
from edge.facts import Answer, CodeScanned, Verdict

REJECTIONS_PER_MINUTE = 60
"""Events of refused scans from one scanner; more are counted in the next (contract section 6)."""

CALL = "cli-"
"""A call of `crossdock scan` is a dialogue of its own, and is over when the call is: it is not kept on disk."""
CALLS_AT_ONCE = 64

_BOOKERS: Mapping[str, Callable[[Scan, Code], str]] = {
    stations.RECEIVE: receive,
    stations.MISSING: miss,
    stations.FOUND: find,
}
"""What an item scan books in each mode."""

_CLOSES_PALLET = {SiteKind.LOCATION, SiteKind.PURCHASE_ORDER}


@dataclass(slots=True)
class Rejections:
    """How many refusals of one scanner were told in this minute, and how many were not."""

    minute: int = 0
    told: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Scans:
    """Decides scans. Dialogues are in the ledger; here are only the count of refusals, and calls of the moment."""

    books: Books
    _calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    _rejections: dict[str, Rejections] = field(default_factory=dict)

    def book(self, fact: CodeScanned, number: int, at_ms: int) -> Answer:
        """Book a scan and tell its answer. Everything it wrote is in the open transaction."""
        station = self.books.settings.station(fact.station)
        state = self._kept(fact.dialogue)
        known = stations.begin(station) if state is None else stations.restore(state, station)
        code = self.books.reader.read(fact.code, self.books.store, today=self.books.calendar.day(at_ms))
        if not _is_quantity(code) and stations.is_bounce(known, fact.code, at_ms, fact.debounce_ms):
            # Our answer came late and the scanner sent again: the same answer, and nothing is booked.
            self._keep(fact, replace(known, last_at=at_ms))
            return Answer(Verdict(known.last_answer), known.last_text)
        scan = Scan(fact, number, at_ms, self.books, station, stations.wake(known, station, at_ms))
        before = scan.dialogue
        try:
            answer = self._accepted(scan, self._decide(scan, code))
        except RefusedError as refused:
            # A refusal comes before the first posting: there is nothing to take back.
            assert scan.booking is None
            scan.dialogue = replace(before, refuse="" if refused.why == "lapsed" else before.refuse)
            answer = Answer(Verdict.REJECT, refused.reason, refused.why)
            self._rejected(scan, refused)
        self._keep(
            fact,
            replace(
                scan.dialogue,
                last_at=at_ms,
                last_code=fact.code,
                last_answer=answer.verdict.value,
                last_text=answer.text,
            ),
        )
        return answer

    def _kept(self, dialogue: str) -> dict[str, Any] | None:
        return self._calls.get(dialogue) or self.books.desk.dialogue(dialogue)

    def _keep(self, fact: CodeScanned, dialogue: Dialogue) -> None:
        state = stations.kept(dialogue)
        if not fact.dialogue.startswith(CALL):
            self.books.desk.write_dialogue(fact.dialogue, state)
            return
        self._calls[fact.dialogue] = state
        while len(self._calls) > CALLS_AT_ONCE:
            del self._calls[next(iter(self._calls))]

    def _decide(self, scan: Scan, code: Code) -> str:
        if isinstance(code, Refused):
            raise RefusedError(code.why, code.reason)
        if isinstance(code, SiteCode) and code.kind in stations.SCENE_KINDS:
            return self._set_scene(scan, code)
        if scan.dialogue.refuse and isinstance(code, ItemCode | Gs1Code | SiteCode):
            raise RefusedError("lapsed", scan.dialogue.refuse)
        text = _BOOKERS[scan.dialogue.mode](scan, code)
        if scan.booking is not None:
            scan.dialogue = stations.used(scan.dialogue)
        return text

    def _set_scene(self, scan: Scan, code: SiteCode) -> str:
        if code.kind is SiteKind.ORDER and self.books.store.order(code.value) is None:
            raise RefusedError("unknown_order", f"There is no order {code.value} here.")
        scene = stations.set_scene(scan.dialogue, scan.station, code, scan.at_ms)
        if isinstance(scene, Refused):
            raise RefusedError(scene.why, scene.reason)
        is_done = code.kind is SiteKind.COMMAND and code.value == "DONE"
        if is_done or code.kind in _CLOSES_PALLET:
            po, short = scan.dialogue.po, ""
            if is_done and po and (open_lines := self.books.records.still_open(po)):
                short = f" {po} is short of {', '.join(f'{qty} {sku}' for sku, qty in open_lines[:5])}."
            close_pallet(scan, scene.dialogue)
            return scene.text + short
        scan.dialogue = scene.dialogue
        return scene.text

    def _accepted(self, scan: Scan, text: str) -> Answer:
        booking = scan.booking or Booking(
            self.books,
            scan.number,
            scan.at_ms,
            f"scan/{scan.number}",
            scan.fact.scanner,
            visible(scan.fact.code),
        )
        # Events are made before it is known whether an exception asks for attention.
        attention = scan.attention or booking.attention or booking.will_ask()
        verdict = Verdict.ATTENTION if attention else Verdict.ACCEPT
        booking.close(verdict.value, text)
        return Answer(verdict, text)

    def _rejected(self, scan: Scan, refused: RefusedError) -> None:
        fact, minute = scan.fact, scan.at_ms // 60_000
        count = self._rejections.setdefault(fact.scanner, Rejections())
        if count.minute != minute:
            count.minute, count.told = minute, 0
        if count.told >= REJECTIONS_PER_MINUTE:
            count.dropped += 1
            return
        booking = scan.begin("")
        data: dict[str, object] = {
            **{"station": fact.station, "scanner": fact.scanner, "code": visible(fact.code)},
            **{"why": refused.why, "reason": refused.reason},
        }
        if count.dropped:
            data["dropped"] = count.dropped
        count.told, count.dropped = count.told + 1, 0
        booking.tell_stock("scan.rejected", fact.station, data)
        booking.close(Verdict.REJECT.value, refused.reason)


def _is_quantity(code: Code) -> bool:
    return isinstance(code, SiteCode) and code.kind in (SiteKind.QUANTITY, SiteKind.DIGIT)
