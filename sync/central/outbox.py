"""Commands to one node: from the outbox to the node and back, each until it is answered.

A PUBACK says nothing: a command is delivered when `res` says so. At most 100 are without an answer at a time, in
their order, and go again after 30 s (contract section 6).
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.clock import Clock
from edge.errors import UsageError
from sync.central.command_rows import Command, CommandRows
from sync.central.database import Database
from sync.central.store import Store

SOURCE = "/crossdock/central"
"""Of what people send; counted by `cmdseq`."""
OWN_SOURCE = "/crossdock/central/sync"
"""Of what central asks for by itself; not counted, so that it waits for nothing."""
UNANSWERED_MAX = 100
AGAIN_S = 30.0
BYTES_MAX = 100 * 1024
"""A message (contract section 6)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that was just answered, and what the answer says."""

    type: str
    data: Mapping[str, Any]
    is_ok: bool


class Outbox:
    """The commands to one node that are on their way over one connection, of which alone it knows what was sent."""

    def __init__(self, rows: CommandRows, node: int) -> None:
        self._rows, self._node = rows, node
        self._sent_at: dict[int, float] = {}
        self._gaps: dict[str, tuple[int, float]] = {}

    def ask(self, type_: str, data: Mapping[str, Any]) -> bool:
        """Ask the node for something central needs, unless that was asked before and not yet answered."""
        open_ = self._rows.unanswered(self._node, UNANSWERED_MAX)
        if any(each.source == OWN_SOURCE and each.type == type_ for each in open_):
            return False
        command = Command(0, OWN_SOURCE, uuid.uuid4().hex, type_, json.dumps(data), None, None)
        self._rows.add(self._node, command)
        return True

    def try_last(self) -> None:
        """Send the last counted command once more: another ledger says by a `gap` what it lacks."""
        if last := self._rows.last_cmdseq(self._node, SOURCE):
            self._rows.reopen(self._node, SOURCE, first=last, before=last + 1)
            self._sent_at.clear()

    def due(self, now: float) -> list[tuple[int, bytes]]:
        """What to send now, in order: number and message. `sent` says that it went."""
        open_ = self._rows.unanswered(self._node, UNANSWERED_MAX)
        self._sent_at = {each.id: self._sent_at[each.id] for each in open_ if each.id in self._sent_at}
        return [
            (each.id, envelope(each))
            for each in open_
            if now - self._sent_at.get(each.id, -AGAIN_S) >= AGAIN_S
        ]

    def sent(self, command: int, now: float) -> None:
        self._sent_at[command] = now

    def take_answer(self, payload: bytes, now: float) -> Answered | None:
        """Keep the answer to a command of ours; None if it is another's, known, or no answer yet (`gap`)."""
        try:
            answer = json.loads(payload)
            source, id_ = answer["source"], answer["id"]
            told = json.dumps(answer)
            if type(source) is not str or type(id_) is not str:
                return None
        except (ValueError, LookupError, TypeError, RecursionError):
            return None  # to what cannot be read there is no command of ours
        if source not in (SOURCE, OWN_SOURCE) or not (id_.isascii() and id_.isprintable()):
            return None
        command = self._rows.find(self._node, source, id_)
        if command is None or command.answer is not None:
            return None
        error = answer.get("error")
        if isinstance(error, dict) and error.get("code") == "gap" and command.cmdseq is not None:
            expected = answer.get("expected", error.get("expected"))
            if type(expected) is int and expected >= 1:
                self._begin_again(command, command.cmdseq, expected, now)
            return None
        self._rows.keep_answer(command.id, told)
        self._sent_at.pop(command.id, None)
        return Answered(command.type, json.loads(command.data), answer.get("ok") is True)

    def _begin_again(self, command: Command, cmdseq: int, expected: int, now: float) -> None:
        """The node lacks commands from `expected` on: they go again, once for all that are refused for it."""
        known, at = self._gaps.get(command.source, (0, -AGAIN_S))
        if known == expected and now - at < AGAIN_S:
            return
        self._gaps[command.source] = (expected, now)
        if expected <= cmdseq:
            self._rows.reopen(self._node, command.source, first=expected, before=cmdseq)
        else:
            # The node has seen more than our outbox, an older copy, knows of.
            self._rows.renumber(self._node, command.source, by=expected - cmdseq)
        self._sent_at.clear()


def write(
    database: Database, clock: Clock, node: str, type_: str, data: Mapping[str, Any], *, source: str = SOURCE
) -> Command:
    """Put a person's command into the outbox. Raises UsageError for one that no message can hold."""
    rows = CommandRows(database, clock)
    with database.transaction():
        number = Store(database, clock).add_node(node)
        cmdseq = rows.last_cmdseq(number, source) + 1 if source == SOURCE else None
        command = Command(
            0, source, uuid.uuid4().hex, type_.removeprefix("crossdock."), json.dumps(data), cmdseq, None
        )
        if (size := len(envelope(command))) > BYTES_MAX:
            raise UsageError(
                f"The command has {size} bytes, and a message holds {BYTES_MAX}.", hint="Send it in pieces."
            )
        rows.add(number, command)
    return command


def envelope(command: Command) -> bytes:
    """The command as it goes on the wire, byte for byte the same each time."""
    head = {
        "specversion": "1.0",
        "id": command.name,
        "source": command.source,
        "type": f"crossdock.{command.type}",
        "datacontenttype": "application/json",
        **({} if command.cmdseq is None else {"cmdseq": command.cmdseq}),
    }
    return f'{json.dumps(head)[:-1]}, "data": {command.data}}}'.encode()
