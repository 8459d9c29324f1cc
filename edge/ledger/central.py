"""What passes between this ledger and central: commands and their answers, what it asked to be told, what was refused.

The engine's statements too, on the same connection as `store`. How far central has what it is told are cursors of
`desk`.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge.domain.requests import Scope
from edge.ledger.records import encode

REFUSED_KEPT = 10_000
"""Rows of what was refused; the oldest leave."""
UNNAMED_A_MINUTE = 60
"""So many refused messages without an id are kept a minute; more of them are only counted."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was refused. Empty text stands for what could not be read; `at_ms` is when it came."""

    topic: str
    source: str
    id: str
    code: str
    text: str
    place: str | None
    head: str
    size: int
    at_ms: int


class Central:
    """The open matters with central, as the engine uses them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._run = connection.execute

    def _one(self, sql: str, *values: Any) -> Any:
        row = self._run(sql, values).fetchone()
        return row[0] if row else None

    # -- commands --------------------------------------------------------------------------------------------

    def command(self, source: str, id: str) -> tuple[str, str] | None:
        """A command that was answered: its digest and the answer."""
        row = self._run(
            "SELECT digest, answer FROM commands WHERE source = ? AND id = ?", (source, id)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def write_command(self, source: str, id: str, digest: str, at: int, answer: str) -> None:
        self._run("INSERT INTO commands VALUES (?, ?, ?, ?, ?)", (source, id, digest, at, answer))

    def write_answer(self, answer: str, topic: str | None, correlation: bytes | None) -> None:
        self._run(
            "INSERT INTO answers (payload, reply_topic, correlation) VALUES (?, ?, ?)",
            (answer.encode(), topic, correlation),
        )

    def forget_answers(self, upto: int) -> None:
        """Answers that central has; each is in its command's row and can be given again."""
        self._run("DELETE FROM answers WHERE number <= ?", (upto,))

    def expected(self, source: str) -> int:
        """The next `cmdseq` of a source; the first is 1."""
        return int(self._one("SELECT cmdseq FROM sources WHERE source = ?", source) or 0) + 1

    def count(self, source: str, cmdseq: int) -> None:
        """A source's commands were taken up to this `cmdseq`."""
        self._run("INSERT OR REPLACE INTO sources (source, cmdseq) VALUES (?, ?)", (source, cmdseq))

    # -- what central asked for ------------------------------------------------------------------------------

    @property
    def asked(self) -> int:
        """Replays and snapshots that the broker does not have whole."""
        return int(self._one("SELECT count(*) FROM asked"))

    def ask_replay(self, id: str, from_seq: int, to_seq: int) -> None:
        self._run("INSERT INTO asked (id, from_seq, to_seq) VALUES (?, ?, ?)", (id, from_seq, to_seq))

    def ask_snapshot(self, id: str, scopes: Sequence[Scope]) -> None:
        self._run("INSERT INTO asked (id, scopes) VALUES (?, ?)", (id, encode(scopes)))

    def forget_asked(self, upto: int) -> None:
        """The broker has all of these."""
        self._run("DELETE FROM asked WHERE number <= ?", (upto,))

    # -- events that central has -----------------------------------------------------------------------------

    @property
    def first_seq(self) -> int:
        """The first event that is still here; those before it were archived."""
        return int(self._one("SELECT min(seq) FROM events") or 1)

    def hash_at(self, seq: int) -> str | None:
        """The head of the chain at an event in lower-case hex; None where it is not here any more."""
        if seq == 0:
            return "0" * 64
        head = self._one("SELECT hash FROM events WHERE seq = ?", seq)
        return None if head is None else bytes(head).hex()

    def mismatches(self) -> list[tuple[str, str]]:
        """The exceptions about acks that are open: id and what about."""
        return self._run(
            "SELECT id, about FROM exceptions WHERE kind = 'ack_mismatch' AND cleared_at IS NULL ORDER BY id"
        ).fetchall()

    def had_mismatch(self, about: str) -> bool:
        """This ack was told to people before, whether or not somebody has seen to it."""
        return (
            self._one("SELECT 1 FROM exceptions WHERE kind = 'ack_mismatch' AND about = ?", about) is not None
        )

    # -- what was refused ------------------------------------------------------------------------------------

    def keep(self, refused: Refused) -> bool:
        """Count a refused message and keep it: the same again in its row. Returns whether it got a new one."""
        self._run(
            "INSERT INTO cursors VALUES ('refused', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        )
        told = (refused.topic, refused.source, refused.id, refused.code, refused.head)
        changed = self._run(
            "UPDATE refused SET times = times + 1, last_at = ?"
            " WHERE topic = ? AND source = ? AND id = ? AND code = ? AND head = ?",
            (refused.at_ms, *told),
        ).rowcount
        if changed or (not refused.id and self._unnamed_until(refused.at_ms) >= UNNAMED_A_MINUTE):
            return False
        number = self._one(
            "INSERT INTO refused (at, last_at, topic, source, id, code, head, text, place, size)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            *(refused.at_ms, refused.at_ms, *told, refused.text, refused.place, refused.size),
        )
        self._run("DELETE FROM refused WHERE number <= ?", (number - REFUSED_KEPT,))
        return True

    def _unnamed_until(self, at_ms: int) -> int:
        """How many without an id were kept within the minute before."""
        # Between: where the clock was set back, what came "later" must not shut the book until then.
        return int(
            self._one(
                "SELECT count(*) FROM refused WHERE id = '' AND at BETWEEN ? AND ?", at_ms - 59_999, at_ms
            )
        )
