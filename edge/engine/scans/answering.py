"""A scan: read, taken into its dialogue, booked or refused. One scan, one answer.

What a scan does in which mode stands in `domain.stations.TABLE`; here each name in it has its function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.domain import dialogue as dialogues
from edge.domain import stations
from edge.domain.codes import Code, Gs1Code, Refused, SiteCode, SiteKind
from edge.domain.printable import visible
from edge.engine import leaving
from edge.engine.books import Books
from edge.engine.refusals import RefusedError
from edge.engine.scans import (
    counting,
    learning,
    moving,
    picking,
    quarantine,
    receiving,
    returning,
    scenes,
    searching,
    shipping,
    telling_people,
    undoing,
)
from edge.engine.scene import Scan
from edge.facts import Answer, CodeScanned, Verdict

REJECTIONS_PER_MINUTE = 60
"""Events of refused scans from one scanner; more are counted in the next (contract section 6)."""

CALL = "cli-"
"""A call of `crossdock scan` is a dialogue of its own, and is over when the call is: it is not kept on disk."""
CALLS_AT_ONCE = 64

DOES: Mapping[str, Callable[[Scan, Code], str]] = {
    "scene": scenes.set_scene,
    "place": scenes.place,
    "order": scenes.order,
    "mode": scenes.mode,
    "done": scenes.done,
    "cancel": scenes.cancel,
    "undo": undoing.undo,
    "reprint": telling_people.reprint,
    "receive": receiving.receive,
    "miss": searching.miss,
    "find": searching.find,
    "carry": moving.carry,
    "put": moving.put,
    "pick": picking.pick,
    "short": picking.short,
    "ship": shipping.ship,
    "take_back": returning.take_back,
    "count": counting.begin,
    "count_on": counting.go_on,
    "tally": counting.tally,
    "empty": counting.empty,
    "settle": counting.settle,
    "damage": quarantine.damage,
    "release": quarantine.release,
    "scrap": quarantine.scrap,
    "teach": learning.teach,
    "learn": learning.learn,
    "pack": learning.repack,
    "tell": telling_people.tell,
}
"""What the table's `does` names; each takes the scan and its code, returns words, raises RefusedError."""


@dataclass(slots=True)
class Rejections:
    """How many refusals of one scanner were told in this minute, and how many were not."""

    minute: int = 0
    told: int = 0
    dropped: int = 0


@dataclass(slots=True)
class Scans:
    """Decides scans. Dialogues are in the ledger; here are only the count of refusals, and calls of the moment.

    `failed` are the dialogues whose last scan could not be booked, with its time.
    """

    books: Books
    failed: dict[str, int] = field(default_factory=dict)
    _calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    _rejections: dict[str, Rejections] = field(default_factory=dict)

    def book(self, fact: CodeScanned, number: int, at_ms: int) -> Answer:
        """Book a scan and tell its answer. Everything it wrote is in the open transaction."""
        station = self.books.settings.station(fact.station)
        state = self._kept(fact.dialogue)
        known = dialogues.begin(station) if state is None else dialogues.restore(state, station)
        code = self.books.reader.read(fact.code, self.books.store, today=self.books.calendar.day(at_ms))
        # An early scan repeats the one before it: if that one failed, not the last that the dialogue knows, unless it
        # is on disk all the same.
        before_it = self.failed.pop(fact.dialogue, known.last_at)
        is_early = fact.is_early and before_it == known.last_at
        if not _is_quantity(code) and dialogues.is_bounce(
            known, fact.code, at_ms, fact.debounce_ms, is_early=is_early
        ):
            # Our answer came late and the scanner sent again: the same answer, and nothing is booked.
            self._keep(fact, dialogues.kept(known) | {"last_at": at_ms})
            return Answer(Verdict(known.last_answer), known.last_text)
        scan = Scan(fact, number, at_ms, self.books, station, dialogues.wake(known, station, at_ms))
        before = scan.dialogue
        try:
            answer = self._accepted(scan, self._decide(scan, code))
        except RefusedError as refused:
            # A refusal comes before the first posting: there is nothing to take back.
            assert scan.booking is None
            scan.dialogue = dialogues.refused_once(before) if refused.why == "lapsed" else before
            answer = Answer(Verdict.REJECT, refused.reason, refused.why)
            self._rejected(scan, refused)
        leaving.keep_waiting(scan)
        last = {"last_at": at_ms, "last_code": fact.code}
        last |= {"last_answer": answer.verdict.value, "last_text": answer.text}
        if scan.booking is not None and scan.booking.last_job:
            last["job"] = scan.booking.last_job
        self._keep(fact, dialogues.kept(scan.dialogue) | last)
        return answer

    def fail(self, fact: CodeScanned, at_ms: int) -> None:
        """A scan could not be booked: when it is sent again, that is no bounce."""
        # Each call of `crossdock scan` is a dialogue of its own, that nobody asks for again.
        if not fact.dialogue.startswith(CALL):
            self.failed[fact.dialogue] = at_ms

    def _kept(self, dialogue: str) -> dict[str, Any] | None:
        return self._calls.get(dialogue) or self.books.desk.dialogue(dialogue)

    def _keep(self, fact: CodeScanned, state: dict[str, Any]) -> None:
        if not fact.dialogue.startswith(CALL):
            self.books.desk.write_dialogue(fact.dialogue, state)
            return
        self._calls[fact.dialogue] = state
        while len(self._calls) > CALLS_AT_ONCE:
            del self._calls[next(iter(self._calls))]

    def _decide(self, scan: Scan, code: Code) -> str:
        rule = stations.rule_for(scan.dialogue, code)
        if isinstance(rule, Refused):
            raise RefusedError(rule.why, rule.reason)
        is_item = rule.kind is stations.Kind.ITEM
        if is_item and (lapsed := dialogues.refusal(scan.dialogue)):
            raise RefusedError("lapsed", lapsed)
        text = DOES[rule.does](scan, code)
        if is_item:
            scan.dialogue = dialogues.used(scan.dialogue)
        if isinstance(code, Gs1Code) and code.note:
            # Legal, and probably not what was printed: booked, and a person looks at it while the carton is at hand.
            scan.attention = True
            text = f"{text} {code.note}"
        return text

    def _accepted(self, scan: Scan, text: str) -> Answer:
        booking = scan.booking or scan.begin("")
        booking.settle()
        verdict = Verdict.ATTENTION if scan.attention or booking.attention else Verdict.ACCEPT
        booking.close(verdict.value, text)
        if booking.entry and booking.undoes is None:
            scan.dialogue = dialogues.booked(scan.dialogue, booking.entry, scan.at_ms)
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
