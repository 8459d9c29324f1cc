"""Printers that print and answer nonsense: instead of a status, or without end and unasked."""

import os
import random
import select
from contextlib import suppress

from tests.torture.printers import POLL_S, RECEIVE_BYTES, Speech, TcpPrinter, Way

CHUNK = 65_536


class Babbler(TcpPrinter):
    """Answers each question with the next of `answers`, again and again."""

    def __init__(self, language: Speech, *answers: bytes) -> None:
        super().__init__(language, ())
        self._answers = answers
        self._asked = 0

    def _status(self, n: int) -> bytes:
        self._asked += 1
        return self._answers[self._asked % len(self._answers)]


class EndlessBabbler(TcpPrinter):
    """Says `babble` again and again, as fast as it is heard; answers nothing else."""

    def __init__(self, language: Speech, babble: bytes) -> None:
        super().__init__(language, ())
        self._babble = babble * (CHUNK // len(babble))
        self.said = 0

    def _serve(self, line: int) -> Way | None:
        self._is_deaf = True
        os.set_blocking(line, False)
        at = 0
        while not self._closing.is_set():
            heard, takes, _ = select.select([line], [line], [], POLL_S)
            if heard:
                data = os.read(line, RECEIVE_BYTES)
                if not data:
                    return None
                self._take(line, data)
            if takes:
                with suppress(BlockingIOError):
                    sent = os.write(line, self._babble[at:])
                    self.said += sent
                    at = (at + sent) % len(self._babble)
        return None


def noise(size: int, *, seed: int) -> bytes:
    """The same noise each time."""
    return random.Random(seed).randbytes(size)
