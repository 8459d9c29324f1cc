"""Whether one printer can tell how it is, and what follows from what it says before a label is sent.

What a printer answers is its language's; the spool decides what becomes of a label. One that never answered can tell
nothing, one that did is in trouble when it is silent, and one that answers nonsense is asked again only at times.
"""

import time

from drivers.printing import Language, Report, Trouble
from drivers.transport import Transport
from edge.errors import DeviceError

FIRST_ANSWER_S = 0.7
"""A printer that has never answered and does not by then can tell nothing: it is not waited for again."""

ANSWER_S = 1.0
"""A printer that can tell answers within so long, unless it is out of paper."""

ASK_AGAIN_FIRST_S, ASK_AGAIN_MAX_S = 60.0, 3600.0
"""What answers nonsense is asked again while it is idle, after so long and then ever more rarely."""

SILENT = Trouble(
    "does not answer",
    'see that it has paper and that its head is closed; if it cannot tell, set its status = "off"',
)


class Asking:
    """One printer, for its thread alone. What it was seen to be is kept from one connection to the next.

    `asks`: it is asked at all. `complaint`: what is wrong with its answers, as a sentence; empty where nothing is.
    """

    def __init__(self, language: Language, *, name: str, asks: bool) -> None:
        self.can_tell = False
        self.complaint = ""
        self._language = language
        self._name = name
        self._asks = asks
        self._again_at = 0.0
        self._again_s = ASK_AGAIN_FIRST_S

    def greet(self, line: Transport) -> None:
        """Find out whether the printer can tell how it is; raise DeviceError unless it is well."""
        if self._asks:
            self.heed(self._language.ask(line, within_s=ANSWER_S if self.can_tell else FIRST_ANSWER_S))

    def check(self, line: Transport) -> None:
        """Return if a label may be sent, else raise DeviceError."""
        if self.can_tell:
            self.heed(self._language.ask(line, within_s=ANSWER_S))

    def listen(self, line: Transport) -> None:
        """Hear what came unasked; raises LostLineError if the line is gone."""
        heard = line.read(0)
        is_open = self._asks and not self.can_tell and not self.complaint
        if is_open and heard and self._language.is_answer(heard):
            self.can_tell = True

    def ask_again(self, line: Transport) -> None:
        """While there is nothing to print: see whether one that answered nonsense makes sense by now."""
        if self.complaint and time.monotonic() >= self._again_at:
            self.greet(line)
            # Silence, too, is asked again only at its time.
            self._again_at = max(self._again_at, time.monotonic() + self._again_s)

    def heed(self, report: Report) -> None:
        """Raise DeviceError unless a label may be sent."""
        now = time.monotonic()
        if report.told:
            self.can_tell = True
            # Not before its time: one that makes sense in turns would be told of with each label.
            if now >= self._again_at:
                self.complaint = ""
            if report.trouble:
                raise self.not_ready(report.trouble)
        elif report.heard:
            # What answers nonsense can tell nothing; taken seriously it would hold up its labels for ever.
            self.can_tell = False
            self._again_at = now + self._again_s
            self._again_s = min(2 * self._again_s, ASK_AGAIN_MAX_S)
            self.complaint = (
                f"{self._name} prints, but answers what is no status: nobody is told when it is out of paper. See that"
                ' its language and its device are right; if it cannot tell, set its status = "off".'
            )
        elif self.can_tell:
            raise self.not_ready(SILENT)

    def not_ready(self, trouble: Trouble) -> DeviceError:
        """Say why nothing is printed and what a person does about it."""
        return DeviceError(f"{self._name} {trouble.what}: {trouble.remedy}; labels go on by themselves.")
