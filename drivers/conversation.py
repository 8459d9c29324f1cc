"""The talk with one scanner over its wire: bytes into scans, answers into bytes. One scan in flight.

What a scan means is the engine's; how bytes come and go is the wire's. A scanner that calls us, and any other that is
lost and found, gets a conversation of its own each time, with a decoder of its own.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Protocol

from config import settings
from config.settings import Scanner
from drivers.framing import Framer
from drivers.wire import READ_TIMEOUT_S, Wire
from edge.errors import EdgeError
from edge.facts import Answer, CodeScanned, Verdict
from edge.inbox import Post

ANSWER_TIMEOUT_S = 30.0
"""A scan not booked by then gets no answer: whoever scanned it has long seen that nothing beeped."""

LAST_ANSWER_TIMEOUT_S = 2.0
"""What the scan in hand may still take once the daemon ends."""

ANSWER_POLL_S = 0.05
"""How often a look at `stop` and at the wire is taken while a scan is being booked: the kernel keeps no more of what a
keyboard types than comes in that time (`hid_wire`)."""

PAUSE_POLL_S = 0.02
"""How often a look is taken, in a pause of an answer, whether the next scan has come."""

Say = Callable[[Answer], settings.Answer]
"""What a scanner is written for an answer."""

log = logging.getLogger(__name__)


class RideAlong(Protocol):
    """Where the bytes of a scanner also go."""

    def send(self, data: bytes) -> None:
        """Take bytes, and never wait."""
        ...


class Conversation:
    """Serves one scanner over one wire after the other; answers come in the order of the scans."""

    def __init__(
        self, scanner: Scanner, post: Post, *, dialogue: str, say: Say, forward: RideAlong | None = None
    ) -> None:
        self._settings = scanner
        self._post = post
        self._dialogue = dialogue
        self._say = say
        self._forward = forward
        self._is_jammed = False
        self._is_early = self._has_more = False
        self.scans = 0

    def serve(self, wire: Wire, stop: threading.Event) -> None:
        """Read scans until `stop` is set, and finish the one in hand. Raises DeviceError when the wire is lost."""
        framer = Framer(gs=self._settings.gs, prefix=self._settings.prefix, suffix=self._settings.suffix)
        self._is_early = self._has_more = False
        try:
            while not stop.is_set():
                data = wire.read(READ_TIMEOUT_S)
                if data and self._forward is not None:
                    self._forward.send(data)
                for line in framer.feed(data):
                    self._scan(wire, line, stop)
                    if stop.is_set():
                        # Lines behind it were never posted and get no answer: they are scanned again.
                        return
                    # What else came with this read was there before the answer.
                    self._is_early = True
                self._is_early = self._has_more
        finally:
            if framer.unfinished:
                log.warning(
                    "scanner=%s left in the middle of a code: %d bytes are dropped, scan again",
                    *(self._settings.id, framer.unfinished),
                )

    def _scan(self, wire: Wire, code: str, stop: threading.Event) -> None:
        scan = CodeScanned(
            scanner=self._settings.id,
            station=self._settings.station,
            dialogue=self._dialogue,
            code=code,
            debounce_ms=self._settings.debounce_ms,
            is_early=self._is_early,
        )
        self.scans += 1
        answer = self._answer(wire, self._post(scan), stop)
        # Before the answer goes out: what comes after it was not sent for want of one.
        self._has_more = wire.is_waiting()
        if answer is None:
            log.warning(
                "scanner=%s no answer to %s in time: it was given none", self._settings.id, ascii(code)
            )
        else:
            self._write(wire, self._say(answer), stop)

    def _answer(self, wire: Wire, booked: "Future[Answer]", stop: threading.Event) -> Answer | None:
        """Wait for the answer to a scan; None if it does not come in time."""
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        is_ending = False
        while time.monotonic() < deadline:
            try:
                return booked.result(ANSWER_POLL_S)
            except TimeoutError:
                wire.is_waiting()
                if stop.is_set() and not is_ending:
                    is_ending = True
                    deadline = min(deadline, time.monotonic() + LAST_ANSWER_TIMEOUT_S)
            except EdgeError as error:
                log.warning("scanner=%s scan not booked and so refused: %s", self._settings.id, error)
                return Answer(Verdict.REJECT, str(error))
        return None

    def _write(self, wire: Wire, pieces: settings.Answer, stop: threading.Event) -> None:
        """Write an answer. A scanner that does not take it is logged once, and read all the same."""
        for piece in pieces:
            if isinstance(piece, int):
                _pause(wire, piece / 1000, stop)
            elif not wire.write(piece):
                if not self._is_jammed:
                    log.warning(
                        "scanner=%s does not take its answers; it is read all the same", self._settings.id
                    )
                self._is_jammed = True
                return


def _pause(wire: Wire, pause_s: float, stop: threading.Event) -> None:
    """Wait, but not longer than until the next scan comes: nobody waits for a lamp."""
    deadline = time.monotonic() + pause_s
    while (left_s := deadline - time.monotonic()) > 0 and not wire.is_waiting():
        if stop.wait(min(left_s, PAUSE_POLL_S)):
            return


def configured(scanner: Scanner) -> Say:
    """Answer with the bytes of the configuration."""
    attention = scanner.accept if scanner.attention is None else scanner.attention
    pieces: Mapping[Verdict, settings.Answer] = {
        Verdict.ACCEPT: scanner.accept,
        Verdict.ATTENTION: attention,
        Verdict.REJECT: scanner.reject,
    }
    return lambda answer: pieces[answer.verdict]


def in_words(answer: Answer) -> settings.Answer:
    """Answer in words, for whoever sits at a keyboard."""
    return (f"{answer.verdict.value}: {answer.text}\n".encode("ascii", "backslashreplace"),)
