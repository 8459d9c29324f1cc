"""Judges the commands that central sends while a node is played, and says how each is answered.

The played node carries none of them out but `sync.replay`: it has nothing but its story.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from edge.facts import CommandRefused
from sync.conformance.judging import Fault
from sync.fields import MAX_BYTES
from sync.reading import PREFIX, read_command, shown

MAX_UNANSWERED = 100
"""Commands that central may have open (contract section 6)."""

_NOT_PLAYED = "sync.snapshot"
"""Right to ask of a node; one that is played has none, and says so."""

Key = tuple[str, str]
"""Source and id."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command as far as it could be read; `error` is why it is refused, as `res` says it."""

    source: str
    id: str
    type: str
    data: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None

    @property
    def key(self) -> Key:
        return self.source, self.id


class CommandJudge:
    """Judges each command when it comes. `open` has those not answered, `again` those that came more than once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.seen = 0
        self.open: dict[Key, Command] = {}
        self.again: list[Key] = []
        self._contents: dict[Key, str] = {}
        self._is_over = False

    def take(self, payload: bytes, *, is_retained: bool) -> Command | None:
        """Judge one command and return it for the answer; None where nobody could be answered."""
        self.seen += 1
        command, content = _read(payload)
        if is_retained:
            self._fault(f"The command {shown(command.id)} was retained.")
        if len(payload) > MAX_BYTES:
            self._fault(
                f"The command {shown(command.id)} had {len(payload)} bytes; at most {MAX_BYTES} are allowed."
            )
        elif command.error is not None and command.type != _NOT_PLAYED:
            text = command.error["text"].rstrip(".")
            self._fault(f"The command {shown(command.id)} is none: {text}.")
        if not command.id or not command.source:
            return None
        if self._contents.setdefault(command.key, content) != content:
            self._fault(f"The id {shown(command.id)} came again with other content.")
            return replace(command, error=_error("conflict", "the same id came with other content", "id"))
        if command.key in self.open:
            if command.key not in self.again:
                self.again.append(command.key)
            return None
        self.open[command.key] = command
        if len(self.open) > MAX_UNANSWERED and not self._is_over:
            self._is_over = True
            self._fault(f"More than {MAX_UNANSWERED} commands were unanswered at once.")
        return command

    def answered(self, command: Command) -> None:
        """The command was answered: it may come again, and more may come."""
        self.open.pop(command.key, None)

    def judge_repeats(self, waited_s: float) -> None:
        """Judge what was sent again after no answer came for so long."""
        missing = [id for source, id in self.open if (source, id) not in self.again]
        if missing:
            self._fault(
                f"The command {shown(missing[0])} was not answered, nor sent again in {waited_s:g} s."
            )
        if self.again != [key for key in self._contents if key in self.again]:
            ids = ", ".join(id for _, id in self.again)
            self._fault(f"Commands were sent again out of their order: {ids[:200]}.")

    def _fault(self, seen: str) -> None:
        self.faults.append(Fault("commands", seen))


def answer(command: Command) -> bytes:
    """Word the answer to a command: what it asks is either refused or already so."""
    told: dict[str, Any] = {"id": command.id, "source": command.source, "ok": command.error is None}
    if command.error is not None:
        told["error"] = command.error
    return json.dumps(told, separators=(",", ":")).encode()


def replay_of(command: Command, last_seq: int) -> range | None:
    """The events that a `sync.replay` asks for; None for any other command and for one that is refused."""
    if command.type != "sync.replay" or command.error is not None:
        return None
    first, last = command.data["from_seq"], command.data["to_seq"]
    return range(first, min(last, last_seq) + 1)


def _read(payload: bytes) -> tuple[Command, str]:
    """The command, and what two of one content have in common."""
    read = read_command(payload)
    type_, data = _asked(payload)
    command = Command(read.source, read.id, type_, data)
    if isinstance(read, CommandRefused):
        command = replace(command, error=_error(read.code, read.text, read.at))
    elif type_ == _NOT_PLAYED:
        command = replace(command, error=_error("unknown_type", "a played node has no snapshot", "type"))
    return command, read.digest


def _asked(payload: bytes) -> tuple[str, dict[str, Any]]:
    """The type without its prefix and the data, as far as there are any."""
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return "", {}
    type_, data = (document.get("type"), document.get("data")) if isinstance(document, dict) else (None, None)
    return (
        type_.removeprefix(PREFIX) if isinstance(type_, str) else "",
        data if isinstance(data, dict) else {},
    )


def _error(code: str, text: str, at: str | None) -> dict[str, Any]:
    return {"code": code, "text": text, **({"at": at} if at else {})}
