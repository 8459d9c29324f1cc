"""Facts: what drivers, central and the clock tell the engine, in the past tense. One fact, one booking."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from edge.domain.requests import Request


class Verdict(StrEnum):
    """The three answers to a scan (contract section 3)."""

    ACCEPT = "accept"
    ATTENTION = "attention"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine says to a fact once it is on disk. `why` is from the closed list, for a reject only."""

    verdict: Verdict
    text: str = ""
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CodeScanned:
    """A line came from a scanner.

    `code` is the line without its end, each byte one character (Latin-1), at most `MAX_CODE_LENGTH + 1` of them:
    a longer line is cut there and so is seen to be too long. `dialogue` names the conversation it belongs to:
    the scanner's id, over TCP with the peer's address. `is_early`: it had come, or was on its way, before the answer
    to the scan before it in this dialogue was given: so nobody can have scanned it because of that answer.
    """

    scanner: str
    station: str
    dialogue: str
    code: str
    debounce_ms: int = 0
    is_early: bool = False


MAX_CODE_LENGTH = 256
"""Characters in a scan (contract section 3)."""


class DeviceKind(StrEnum):
    SCANNER = "scanner"
    PRINTER = "printer"
    BROKER = "broker"


@dataclass(frozen=True, slots=True)
class DeviceReady:
    """A device can be used: it is open and read, or connected. Told again only after it was lost.

    `text`: it can be used and is not as it should be, and what to do. That may be told, and taken back, at any time.
    """

    kind: DeviceKind
    device: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class DeviceLost:
    """A device cannot be used, or not as it should; `text` says why and what to do. Told once for each cause."""

    kind: DeviceKind
    device: str
    text: str


@dataclass(frozen=True, slots=True)
class LabelSending:
    """The bytes of a label job are about to go: from here on its end is unknown until it is told.

    `printer` is the one that is about to send them, "" the one for which it waits; `copy`: they were drawn with the
    mark. The answer may be a reject: the job is another printer's by now, wants the mark by now, or is not to be
    printed any more; then no byte goes.
    """

    job: int
    # Who says it is no part of what is said: so too in LabelFailed.
    printer: str = field(default="", compare=False)
    copy: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class LabelPrinted:
    job: int


@dataclass(frozen=True, slots=True)
class LabelUnsettled:
    """Nobody can tell whether the label came out: it goes again with the mark COPY."""

    job: int
    text: str


@dataclass(frozen=True, slots=True)
class LabelFailed:
    """The label cannot be drawn or printed at all; it is given up with an exception for a person."""

    job: int
    text: str
    printer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where central wants the answer besides `res` (MQTT 5)."""

    topic: str
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class CommandReceived:
    """Central asks for something. `digest` is the same for the same content of type and data.

    `cmdseq` counts the commands of a source, where it does. `head` holds the first characters of what came, `size` is
    how many bytes came.
    """

    source: str
    id: str
    type: str
    digest: str
    request: Request
    reply_to: ReplyTo | None = None
    cmdseq: int | None = None
    # How it was written is no part of what is asked.
    head: str = field(default="", compare=False)
    size: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """What came on `cmd` or `ack` and could not be read as what it should be, with the answer it gets.

    `source` and `id` are empty where they could not be read: then nobody can be answered, and it is only kept.
    `head`, `size` and `cmdseq` are as in CommandReceived. `is_retained`: it was left on the topic, and the broker gives
    it again at each connect.
    """

    source: str
    id: str
    digest: str
    code: str
    text: str
    at: str | None
    head: str
    reply_to: ReplyTo | None = None
    cmdseq: int | None = None
    topic: Literal["cmd", "ack"] = "cmd"
    size: int = 0
    is_retained: bool = False


@dataclass(frozen=True, slots=True)
class EventsConfirmed:
    """Central says that it has all events of an epoch to `seq`; `hash` is its head of the chain, if it has one."""

    epoch: str
    seq: int
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class ExceptionCleared:
    """A person at the command line has seen to an exception. `by` names the call: `cli-` and what makes it unique."""

    exception: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ReprintAsked:
    """A person at the command line wants a label once more, or a held one after all; `by` as in ExceptionCleared."""

    label: str
    by: str


@dataclass(frozen=True, slots=True)
class LabelsRedirected:
    """A person leaves what waits for one printer to another: one label, or all of them (None)."""

    label: str | None
    printer: str
    to: str
    by: str


@dataclass(frozen=True, slots=True)
class LabelGivenUp:
    """A person says of a label that waits that it shall never come out, and why."""

    label: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """The broker has it: rows of this outbox up to and including `upto`, in order."""

    outbox: Literal["events", "levels", "answers", "asked"]
    upto: int


@dataclass(frozen=True, slots=True)
class ClockTicked:
    """Time went by: what is due is to be done, even if nobody scans."""


Fact = (
    CodeScanned
    | ClockTicked
    | DeviceReady
    | DeviceLost
    | LabelSending
    | LabelPrinted
    | LabelUnsettled
    | LabelFailed
    | CommandReceived
    | CommandRefused
    | EventsConfirmed
    | ExceptionCleared
    | ReprintAsked
    | LabelsRedirected
    | LabelGivenUp
    | Delivered
)
