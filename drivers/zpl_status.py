"""What a ZPL printer tells of itself: `~HS`, and `~HQES` where that says nothing or not enough.

A printer that is out of paper or ribbon, or whose head is open, does not answer `~HS`; newer ones answer `~HQES` all
the same. That also knows of a cutter or a jam, for which a label stays in the printer and `~HS` has no name.
(Zebra, ZPL II Programming Guide: ~HS, ~HQ with its table of error flags.)
"""

import re
import time
from collections.abc import Mapping

from drivers.printing import Report, Trouble, drained
from drivers.transport import Transport

MAX_ANSWER_BYTES = 4096
"""An answer to `~HS` has 82 bytes; what sends more than this is no answer."""

REST_S = 0.25
"""What the second and third line may take once the first is there, and an answer to `~HQES`."""

STAYS_S = 2.0
"""A label that is in the printer so long, though that is well by `~HS`, is asked about."""

_ERRORS = re.compile(rb"ERRORS:\s+([01])\s+[0-9A-Fa-f]{8}\s+([0-9A-Fa-f]{8})")

_TROUBLES: Mapping[int, Trouble] = {
    # Flags of group 1, the first that is set has the word.
    0x00004: Trouble("has its head open", "close it"),
    0x00001: Trouble("is out of paper", "put in a roll"),
    0x00002: Trouble("is out of ribbon", "put in a ribbon"),
    0x00008: Trouble("has a cutter that is stuck", "clear it and press the pause key"),
    0x00030: Trouble("is too hot", "let it stand"),
    0x0F000: Trouble("has a paper jam", "clear the way of the paper"),
    0x10000: Trouble("is paused", "press its pause key"),
    0xC0000: Trouble("does not find the black mark", "see that it has the right roll"),
}
_OTHER = Trouble("reports an error", "see its display, and switch it off and on")


class ZplStatus:
    """Asks one printer; remembers whether it knows `~HQES`, and since when a label stays in it."""

    def __init__(self) -> None:
        self._tells_errors: bool | None = None
        self._stays_since: float | None = None

    def ask(self, line: Transport, *, within_s: float) -> Report:
        """Ask the printer how it is and wait so long for an answer; DeviceError when the line is lost."""
        drained(line)
        line.write(b"~HS")
        answer = b""
        deadline = time.monotonic() + within_s
        while (left_s := deadline - time.monotonic()) > 0 and len(answer) < MAX_ANSWER_BYTES:
            answer += line.read(left_s)
            strings = _host_status(answer)
            if len(strings) == 3:
                break
            if strings:
                deadline = min(deadline, time.monotonic() + REST_S)
        report = report_of(answer)
        if not self._is_to_be_asked(report):
            return report
        trouble = self._errors(line)
        return Report(heard=True, told=True, trouble=trouble, waiting=report.waiting) if trouble else report

    def _is_to_be_asked(self, report: Report) -> bool:
        if self._tells_errors is False:
            return False
        if not report.heard:
            return True
        if not report.waiting or report.trouble:
            self._stays_since = None
            return False
        now = time.monotonic()
        self._stays_since = self._stays_since or now
        return now - self._stays_since >= STAYS_S

    def _errors(self, line: Transport) -> Trouble | None:
        """Ask for the printer's errors; None where it has none, or does not know the question."""
        line.write(b"~HQES")
        answer = b""
        deadline = time.monotonic() + REST_S
        while (left_s := deadline - time.monotonic()) > 0 and len(answer) < MAX_ANSWER_BYTES:
            answer += line.read(left_s)
            if found := _ERRORS.search(answer):
                self._tells_errors = True
                return _trouble_of(found[1] == b"1", int(found[2], 16))
        if answer and not is_status(answer):
            # It speaks, and not of this.
            self._tells_errors = False
        return None


def _trouble_of(is_error: bool, flags: int) -> Trouble | None:
    if not is_error:
        return None
    return next((trouble for mask, trouble in _TROUBLES.items() if flags & mask), _OTHER)


def is_status(data: bytes) -> bool:
    """Tell whether bytes hold an answer to `~HS`."""
    return bool(_host_status(data))


def report_of(answer: bytes) -> Report:
    """Read what came after `~HS`: what is wrong, and how many labels are not yet out.

    >>> report_of(b"\\x02030,1,0,0480,000,0,0,0,000,0,0,0\\x03\\r\\n").trouble.what
    'is out of paper'
    """
    strings = _host_status(answer)
    if not strings:
        return Report(heard=bool(answer))
    first = strings[0]
    second = strings[1] if len(strings) > 1 else [0] * 11
    trouble = None
    # Names and places of the fields: ZPL II Programming Guide, ~HS, strings 1 and 2.
    paper_out, paused, formats, cold, hot = first[1], first[2], first[4], first[10], first[11]
    head_open, ribbon_out, is_transfer, to_be_taken, left = (second[n] for n in (2, 3, 4, 7, 8))
    if head_open:
        trouble = Trouble("has its head open", "close it")
    elif paper_out:
        trouble = Trouble("is out of paper", "put in a roll")
    elif ribbon_out and is_transfer:
        trouble = Trouble("is out of ribbon", "put in a ribbon")
    elif paused:
        trouble = Trouble("is paused", "press its pause key")
    elif cold or hot:
        trouble = Trouble("is too hot or too cold", "let it stand")
    # A label that waits at the edge to be taken off is out.
    return Report(heard=True, told=True, trouble=trouble, waiting=0 if to_be_taken else formats + left)


_LENGTHS = (12, 11, 2)


def _host_status(data: bytes) -> list[list[int]]:
    """Find the last answer: up to three lists of numbers, of 12, 11 and 2."""
    best: list[list[int]] = []
    for part in re.split(rb"[\x02\x03\r\n]+", data):
        texts = part.split(b",")
        if not all(text.isdigit() and len(text) <= 8 for text in texts):
            continue
        if len(texts) == _LENGTHS[0]:
            best = [[int(text) for text in texts]]
        elif 0 < len(best) < 3 and len(texts) == _LENGTHS[len(best)]:
            best.append([int(text) for text in texts])
    return best
