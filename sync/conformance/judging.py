"""Judges acks: each against what was published until it came, and against those before it.

No connection and no clock. A fault names the trial that it fails, whichever was under way when it was seen.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from sync.conformance.story import PlayedLedger
from sync.reading import shown

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What central did that it must not; `seen` is a whole sentence."""

    trial: str
    seen: str


@dataclass(frozen=True, slots=True)
class Ack:
    epoch: str
    seq: int
    hash: Any = None
    """As it came; None if there is none."""


class AckJudge:
    """Judges the acks of one node from its first event on, over its restores.

    `confirmed` is how far the events of this epoch are confirmed, `counted` how many acks came that had the right
    epoch, `hashed` how many of them had a hash.
    """

    def __init__(self, ledger: PlayedLedger) -> None:
        self.faults: list[Fault] = []
        self.confirmed = self.counted = self.hashed = 0
        self._ledger = ledger
        self._past: set[str] = set()
        self._is_answered = False

    def restore(self, ledger: PlayedLedger) -> None:
        """Judge by another ledger from here on; acks of the one before may still be on their way."""
        self._past.add(self._ledger.epoch)
        self._ledger = ledger
        self._is_answered = False
        self.confirmed = 0

    def take(self, payload: bytes, *, is_retained: bool) -> None:
        """Judge one ack. One that lay at the broker before this node began (`is_retained`) is passed over."""
        ack = read_ack(payload)
        if isinstance(ack, str):
            self._fault("acks", f"An ack was no ack: {ack}")
        elif ack.epoch == self._ledger.epoch:
            self._judge(ack)
        elif ack.epoch in self._past:
            if self._is_answered and not is_retained:
                self._fault(
                    "restore",
                    f"An ack of the epoch before the restore ({ack.epoch}, seq {ack.seq}) came after the first "
                    "of the new one.",
                )
        elif not is_retained:
            self._fault(
                "acks",
                f"An ack had the epoch {shown(ack.epoch)}; the events have {shown(self._ledger.epoch)}.",
            )

    def _judge(self, ack: Ack) -> None:
        ledger = self._ledger
        self.counted += 1
        self._is_answered = True
        if ack.seq > ledger.sent_upto:
            self._fault(
                "bounds", f"An ack said {ack.seq} when event {ledger.sent_upto} was the last one published."
            )
        else:
            self._judge_hash(ack)
            if ledger.held_back is not None and ack.seq >= ledger.held_back:
                self._fault(
                    "hole", f"An ack said {ack.seq}, and event {ledger.held_back} had not been published."
                )
        seq = min(ack.seq, ledger.sent_upto)
        if seq < self.confirmed:
            self._fault("forward", f"An ack said {ack.seq} after one had said {self.confirmed}.")
        self.confirmed = max(seq, self.confirmed)

    def _judge_hash(self, ack: Ack) -> None:
        if ack.hash is None:
            return
        self.hashed += 1
        due = self._ledger.hash(ack.seq)
        if not isinstance(ack.hash, str) or not _HASH.fullmatch(ack.hash):
            self._fault(
                "hash",
                f"The hash of the ack of {ack.seq} was {shown(ack.hash)}; expected 64 digits of lower-case hex.",
            )
        elif ack.hash != due:
            self._fault("hash", f"The hash of the ack of {ack.seq} was {ack.hash}; expected {due}.")

    def _fault(self, trial: str, seen: str) -> None:
        fault = Fault(trial, seen)
        if fault not in self.faults:
            self.faults.append(fault)


def read_ack(payload: bytes) -> Ack | str:
    """Read an ack, passing over fields that nobody knows; a sentence if it is none.

    >>> read_ack(b'{"epoch":"2f9c","seq":42}')
    Ack(epoch='2f9c', seq=42, hash=None)
    >>> read_ack(b'{"epoch":"2f9c","seq":"42"}')
    'seq must be a whole number, 0 or more, got "42".'
    """
    try:
        ack = json.loads(payload.decode())
    except (ValueError, RecursionError):
        return f"expected a JSON object in UTF-8, got {payload[:60]!r}."
    if not isinstance(ack, dict):
        return f"expected a JSON object, got {shown(ack)}."
    epoch, seq = ack.get("epoch"), ack.get("seq")
    if not isinstance(epoch, str) or not epoch:
        return f"epoch must be text, got {shown(epoch)}."
    if type(seq) is not int or seq < 0:
        return f"seq must be a whole number, 0 or more, got {shown(seq)}."
    return Ack(epoch, seq, ack.get("hash"))
