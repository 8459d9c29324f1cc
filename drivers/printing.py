"""What the spool needs to know of a printer's language: how a label is drawn, and what the printer tells.

The languages are `zpl_printer` and `escpos_printer`; neither opens anything.
"""

from dataclasses import dataclass
from typing import Protocol

from drivers.transport import Transport
from edge.outbox import LabelJob


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a printer does not print: "is out of paper", and what a person does about it: "put in a roll"."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of asking a printer how it is.

    `heard`: something came; `told`: it was an answer. `waiting`: labels that it has and that are not yet out.
    """

    heard: bool = False
    told: bool = False
    trouble: Trouble | None = None
    waiting: int = 0


MAX_DRAINED = 16
"""Reads before a question, so that a printer which talks without end is asked all the same."""


def drained(line: Transport) -> bytes:
    """Return what has come unasked or too late, so that it is not taken for the next answer."""
    stale = b""
    for _ in range(MAX_DRAINED):
        data = line.read(0)
        if not data:
            break
        stale += data
    return stale


class Language(Protocol):
    """One printer's language; used by its thread alone."""

    def prepare(self) -> None:
        """Load what drawing takes, so that the first label does not wait for it."""
        ...

    def draw(self, job: LabelJob) -> bytes:
        """Draw a label. Nothing that it says can become a command. Raises DrawingError."""
        ...

    def ask(self, line: Transport, *, within_s: float) -> Report:
        """Ask the printer how it is and wait so long for an answer; DeviceError when the line is lost."""
        ...

    def end_question(self) -> bytes:
        """Bytes to send right behind a label, so that its end is told; empty where `ask` tells it."""
        ...

    def end_of_half(self) -> bytes:
        """Bytes that end a label of which a printer may have got a half: else it takes the next one for the rest."""
        ...

    def is_answer(self, data: bytes) -> bool:
        """Tell whether bytes that came unasked are an answer: then the printer can tell, only late."""
        ...
