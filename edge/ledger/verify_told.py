"""The audit of what is told twice: each fact's events say what its entry, its promises and the fact itself say.

While the chain of events is walked, the journal and the promises are read beside it, fact by fact, so that this needs
memory for one fact only.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from edge.clock import rfc3339
from edge.domain.allocation import SEPARATOR
from edge.domain.printable import visible
from edge.ledger import verify_sql as sql
from edge.ledger.audit import Audit, Book, add, archived, goods
from edge.ledger.records import encode


def check_told(audit: Audit, book: Book) -> None:
    """Each fact's events say what its entry, its promises and the fact itself say; found while the chain was walked."""
    book.looked_at, book.breaches, book.named = audit.told.looked_at, audit.told.breaches, audit.told.named


class Event(NamedTuple):
    """An event as it was read. `past_epoch` is that of the ledger before a restore, empty for this one's own."""

    seq: int
    kind: str
    fact: int
    told: dict[str, Any]
    moves: Sequence[tuple[str, int]]
    past_epoch: str

    @property
    def name(self) -> str:
        return event_name(self.seq, self.past_epoch)


def event_name(seq: int, past_epoch: str) -> str:
    """Name an event in a sentence."""
    return f"past event {past_epoch}/{seq}" if past_epoch else f"event {seq}"


@dataclass(slots=True)
class _Story:
    """What the events of one fact tell; `body` is the fact's own."""

    fact: int
    first: Event
    body: str
    kinds: list[str] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    given: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    undoes: object = None


@dataclass(slots=True)
class _Entry:
    """What the journal has of one fact."""

    fact: int
    entry: int
    kind: str
    booking: int
    undoes: int | None
    moved: dict[str, int] = field(default_factory=dict)


class Witness:
    """Hears the events in order, and compares each fact's with the journal and the promises."""

    def __init__(self, audit: Audit) -> None:
        self.book = audit.told
        self.db: sqlite3.Connection = audit.db
        self._facts = self.db.execute(sql.FACTS)
        self._fact = self._facts.fetchone()
        self._entries = self._read_entries()
        self._entry = next(self._entries, None)
        since = archived(audit, "fact")
        # An archive has none of the promises that its events gave.
        self._has_promises = not audit.is_archive
        if self._has_promises:
            self._promises = self.db.execute(sql.PROMISES, (since,))
            self._promise = self._promises.fetchone()
        self._story: _Story | None = None

    def _read_entries(self) -> Iterator[_Entry]:
        entry: _Entry | None = None
        for fact, number, kind, booking, undoes, key, qty in self.db.execute(sql.JOURNAL):
            if entry is None or entry.entry != number:
                if entry is not None:
                    yield entry
                entry = _Entry(fact, number, kind, booking, undoes)
            if key is not None:
                add(entry.moved, key, qty)
        if entry is not None:
            yield entry

    def hear(self, event: Event) -> None:
        """Take in the next event; when it is the first of another fact, the one before is compared."""
        story = self._story
        _, kind, fact, told, moves, _ = event
        if story is None or story.fact != fact:
            self._end(story)
            story = self._story = _Story(fact, event, self._compare_fact(event, story))
        if told.get("booking") != story.first.seq:
            self.book.breach(
                f"{event.name}: it says booking {told.get('booking')!r}, its fact's first event is"
                f" {story.first.seq}"
            )
        story.kinds.append(kind)
        for key, qty in moves:
            add(story.moved, key, qty)
        if kind in ("backorder.allocated", "undo", "scan.rejected"):
            self._note(story, kind, told.get("data"))

    def _note(self, story: _Story, kind: str, data: Any) -> None:
        try:
            if kind == "undo":
                story.undoes = data["undoes"]
                return
            if kind == "scan.rejected":
                # Facts of schema 2 and before have what people read.
                if data["code"] != (code := visible(story.body)):
                    self.book.breach(
                        f"{story.first.name}: it says code {data['code']!r}, its fact {story.fact} {code!r}"
                    )
                return
            name = data["order"], encode(data["line"])
            given = story.given.get(name)
            story.given[name] = data["qty"] + (given[0] if given else 0), data["rank"]
        except (TypeError, KeyError) as error:
            self.book.breach(f"{story.first.name}: its booking's {kind} cannot be read: {error!r}")

    def _compare_fact(self, event: Event, after: _Story | None) -> str:
        """The fact of an event is there, and has the cause and the time that the event says. Returns its body."""
        self.book.looked_at += 1
        if after is not None and event.fact < after.fact:
            self.book.breach(f"{event.name}: it is of fact {event.fact}, the one before of {after.fact}")
        row = self._fact
        while row is not None and row[0] < event.fact:
            row = self._fact = self._facts.fetchone()
        if row is None or row[0] != event.fact:
            # Out of order, which was told above, or not there, which the check of references names.
            row = self.db.execute(sql.FACT, (event.fact,)).fetchone()
            if row is None:
                return ""
        _, cause, at, body = row
        told, time = event.told, rfc3339(at)
        if told.get("cause") != cause or told.get("time") != time:
            for key, value in (("cause", cause), ("time", time)):
                if told.get(key) != value:
                    self.book.breach(
                        f"{event.name}: it says {key} {told.get(key)!r}, its fact {event.fact} {value!r}"
                    )
        return str(body)

    def close(self) -> None:
        """Compare the last fact, and name what no event told."""
        self._end(self._story)
        while self._entry is not None:
            self.book.breach(
                f"entry {self._entry.entry}: no event tells of it or its fact {self._entry.fact}"
            )
            self._entry = next(self._entries, None)
        if self._has_promises:
            self._skip_promises(None)

    def _end(self, story: _Story | None) -> None:
        if story is None:
            return
        moved = story.moved
        while self._entry is not None and self._entry.fact <= story.fact:
            entry = self._entry
            if entry.fact < story.fact:
                self.book.breach(f"entry {entry.entry}: no event tells of it or its fact {entry.fact}")
            else:
                self._compare_entry(entry, story)
                for key, qty in entry.moved.items():
                    add(moved, key, -qty)
            self._entry = next(self._entries, None)
        for key, qty in moved.items():
            self.book.breach(
                f"{story.first.name}: the events of its fact {story.fact} move {qty:+} more of {goods(key)}"
                " than its entry"
            )
        if self._has_promises:
            self._compare_promises(story)

    def _compare_entry(self, entry: _Entry, story: _Story) -> None:
        booking = 0 if story.first.past_epoch else story.first.seq
        if entry.booking != booking:
            self.book.breach(f"entry {entry.entry}: its booking is {entry.booking}, expected {booking}")
        command = story.body.partition(" ")[0]
        words = [*(kind.removeprefix("stock.").removeprefix("catalogue.") for kind in story.kinds), command]
        if entry.kind not in words:
            self.book.breach(
                f"entry {entry.entry}: it is called {entry.kind!r}, its events {story.kinds[0]!r}"
            )
        if (entry.undoes is None) != ("undo" not in story.kinds):
            self.book.breach(f"entry {entry.entry}: it undoes entry {entry.undoes}, its events say otherwise")
        elif entry.undoes is not None and not story.first.past_epoch:
            row = self.db.execute("SELECT booking FROM entries WHERE entry = ?", (entry.undoes,)).fetchone()
            if row and row[0] and row[0] != story.undoes:
                self.book.breach(
                    f"entry {entry.entry}: it undoes entry {entry.undoes} of booking {row[0]},"
                    f" its event says booking {story.undoes}"
                )

    def _compare_promises(self, story: _Story) -> None:
        """Promises were made of what the fact's events gave, at their rank; goods that moved took theirs along."""
        self._skip_promises(story.fact)
        made_of: dict[tuple[str, str], tuple[int, int]] = {}
        while self._promise is not None and self._promise[0] == story.fact:
            _, id_, order, line, made, rank = self._promise
            given, told_rank = story.given.get((order, line), (0, ""))
            if made > given:
                self.book.breach(
                    f"allocation {id_}: it was made of {made} for order {order} line {line},"
                    f" the events of its fact {story.fact} gave {given}"
                )
            elif shown_rank(rank) != told_rank:
                self.book.breach(
                    f"allocation {id_}: its rank is {shown_rank(rank)!r}, its event says {told_rank!r}"
                )
            made_of[order, line] = (id_, made + made_of.get((order, line), (0, 0))[1])
            self._promise = self._promises.fetchone()
        for (order, line), (given, _) in story.given.items():
            id_, made = made_of.get((order, line), (0, 0))
            if made < given:
                name = f"allocation {id_}: it and others" if id_ else f"{story.first.name}: the allocations"
                self.book.breach(
                    f"{name} for order {order} line {line} were made of {made},"
                    f" the events of their fact {story.fact} gave {given}"
                )

    def _skip_promises(self, fact: int | None) -> None:
        """Name promises of facts before this one that no event told of."""
        while self._promise is not None and (fact is None or self._promise[0] < fact):
            self.book.breach(
                f"allocation {self._promise[1]}: no event tells of it or its fact {self._promise[0]}"
            )
            self._promise = self._promises.fetchone()


def shown_rank(rank: str) -> str:
    """A rank as events tell it."""
    return rank.replace(SEPARATOR, " ")
