"""What is tried with a central, as a table, and what comes of it.

A trial may have a play, which asks something of central and says what came of it, and has the faults that the
judges found under its name, whenever they were seen. So one mistake of a central fails one trial.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sync.conformance.judging import Ack, read_ack
from sync.conformance.node import PlayedNode
from sync.conformance.story import unknown

FEW = 10
"""Events of a trial that needs some; twice the story of a pen."""
LINGER_S = 0.3
"""At the end, for what is still on its way."""


class Verdict(StrEnum):
    GOOD = "pass"
    FAIL = "fail"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial; `seen` says what was seen, where that is worth a sentence."""

    verdict: Verdict
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """`says` is the contract's rule, `means` what it costs a site when central breaks it."""

    name: str
    says: str
    means: str
    play: Callable[[PlayedNode], Outcome] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    trial: Trial
    outcome: Outcome


PASSED = Outcome(Verdict.GOOD)


def run(node: PlayedNode, *, with_commands: bool, begun: Callable[[Trial], None]) -> list[Result]:
    """Connect, play every trial in order, leave, and judge; `begun` is told of each as it begins.

    Once central stands still, what would need its acks is skipped. `with_commands` leaves commands unanswered
    to see them sent again.
    """
    played: dict[str, Outcome] = {}
    node.connect()
    try:
        for trial in TRIALS:
            if trial.play is not None and (with_commands or trial.play is not unanswered):
                begun(trial)
                played[trial.name] = _play(node, trial, played)
        node.wait(lambda: False, LINGER_S, lambda: "what is still on its way")
    finally:
        node.leave()
    return [Result(trial, _outcome(node, trial, played.get(trial.name))) for trial in TRIALS]


def _play(node: PlayedNode, trial: Trial, played: dict[str, Outcome]) -> Outcome:
    assert trial.play is not None
    if node.acks.confirmed < node.ledger.last_seq and trial.play is not unanswered:
        last = next(name for name, outcome in reversed(played.items()) if outcome.verdict is Verdict.FAIL)
        return Outcome(Verdict.SKIP, f"Central stands still since the trial {last!r}.")
    return trial.play(node)


def _outcome(node: PlayedNode, trial: Trial, played: Outcome | None) -> Outcome:
    """What came of a trial in all: its play, and what was seen of it at any time."""
    seen = [fault.seen for fault in node.faults if fault.trial == trial.name]
    if seen:
        more = f" There were {len(seen) - 1} more like this." if len(seen) > 1 else ""
        return Outcome(Verdict.FAIL, seen[0] + more)
    if played is not None:
        return played
    match trial.name:
        case "commands":
            return _commands(node)
        case "hash" if node.acks.counted and not node.acks.hashed:
            return Outcome(Verdict.SKIP, "No ack had a hash; central need not give one.")
    return PASSED if node.acks.counted else Outcome(Verdict.SKIP, "No ack came that could be judged.")


def _commands(node: PlayedNode) -> Outcome:
    if not node.commands.seen:
        return Outcome(Verdict.SKIP, "Central sent no command.")
    return Outcome(
        Verdict.GOOD,
        f"{node.commands.seen} came. That unanswered ones are sent again is seen only with --commands.",
    )


# -- the plays ------------------------------------------------------------------------------------------------


def acks(node: PlayedNode) -> Outcome:
    node.ledger.go_on(FEW)
    node.send()
    outcome = _confirmed(node)
    if outcome.verdict is Verdict.FAIL and not node.acks.counted:
        return Outcome(
            Verdict.FAIL, f"{outcome.seen} May the node {node.name} publish, and does central read it?"
        )
    return outcome


def repeat(node: PlayedNode) -> Outcome:
    node.publish_again(range(1, node.ledger.last_seq + 1))
    node.ledger.go_on(FEW)
    node.send()
    return _confirmed(node)


def unknown_told(node: PlayedNode) -> Outcome:
    for told in unknown():
        node.ledger.add(told)
    node.send()
    return _confirmed(node)


def hole(node: PlayedNode) -> Outcome:
    replays = node.replays
    node.ledger.go_on(FEW)
    node.send(hold_back=node.ledger.last_seq - FEW + 2)
    outcome = _confirmed(node)
    if node.ledger.held_back is not None:  # it was acked all the same: a fault by now
        node.publish_again(range(node.ledger.held_back, node.ledger.held_back + 1))
    if outcome.verdict is Verdict.GOOD:
        asked = (
            "asked for it with sync.replay" if node.replays > replays else "waited until it was sent again"
        )
        return Outcome(Verdict.GOOD, f"Central {asked}.")
    return outcome


def reconnect(node: PlayedNode) -> Outcome:
    # Who acks too early has the events of the trials before all the same: that is the fault of `bounds` alone.
    node.settle()
    confirmed, sent = node.acks.confirmed, node.ledger.last_seq + FEW
    node.ledger.go_on(FEW)
    node.send()
    node.cut()
    node.ledger.go_on(FEW)
    node.connect()
    # As far as was known before: acks may have been on their way when the connection broke.
    node.publish_again(range(confirmed + 1, sent + 1))
    node.send()
    return _confirmed(node)


def large(node: PlayedNode) -> Outcome:
    node.ledger.add_large()
    node.send()
    return _confirmed(node)


def burst(node: PlayedNode) -> Outcome:
    node.ledger.go_on(node.bounds.burst)
    node.send()
    return _confirmed(node)


def retained(node: PlayedNode) -> Outcome:
    due = node.acks.confirmed
    lies = node.lying(node.ack_topic, node.bounds.patience_s)
    if lies is None:
        return Outcome(Verdict.FAIL, f"Who subscribes to {node.ack_topic} now gets nothing.")
    ack = read_ack(lies)
    if isinstance(ack, Ack) and ack.epoch == node.ledger.epoch and ack.seq >= due:
        return PASSED
    return Outcome(Verdict.FAIL, f"What lies there is {lies[:200]!r}; expected the ack of event {due}.")


def restore(node: PlayedNode) -> Outcome:
    node.restore()
    for _ in range(2):
        node.ledger.go_on(FEW)
        node.send()
        outcome = _confirmed(node)
        if outcome.verdict is not Verdict.GOOD:
            return outcome
    return PASSED


def unanswered(node: PlayedNode) -> Outcome:
    """Leave commands unanswered until those that are open were sent again, in order."""
    bounds, commands = node.bounds, node.commands
    node.withholds = True
    commands.again.clear()
    try:
        if not node.wait(lambda: bool(commands.open), bounds.patience_s, lambda: f"a command to {node.name}"):
            return Outcome(Verdict.SKIP, f"Central sent no command within {bounds.patience_s:g} s.")
        limit_s = bounds.silence_s + bounds.patience_s
        node.wait(
            lambda: set(commands.open) == set(commands.again),
            limit_s,
            lambda: f"{len(commands.open)} commands to be sent again",
        )
        commands.judge_repeats(limit_s)
    finally:
        node.withholds = False
    return Outcome(Verdict.GOOD, f"{len(commands.again)} were sent again.")


def _confirmed(node: PlayedNode) -> Outcome:
    if node.confirm():
        return PASSED
    last, upto = node.ledger.last_seq, node.acks.confirmed
    so_far = f"the last one was of {upto}" if upto else "none came that counts"
    return Outcome(
        Verdict.FAIL, f"No ack of event {last} came within {node.bounds.patience_s:g} s: {so_far}."
    )


TRIALS = (
    Trial(
        "acks",
        "An ack has the events' epoch and the seq up to which all are safe.",
        "The node keeps its events as undelivered, sends them again, and stops at 1,000.",
        acks,
    ),
    Trial(
        "bounds",
        "No ack goes beyond what was published.",
        "Such an ack moves nothing, and people at the node are told of an exception.",
    ),
    Trial(
        "forward",
        "An ack never goes back.",
        "After a restart the node would begin again from what lies at the broker.",
    ),
    Trial(
        "hash",
        "A hash, if there is one, is the head of the chain at that seq.",
        "Such an ack moves nothing, and people at the node are told of an exception.",
    ),
    Trial(
        "repeat",
        "An event may come twice, byte for byte the same, and then changes nothing.",
        "A repeat is no error: central must go on with what follows.",
        repeat,
    ),
    Trial(
        "unknown",
        "Types and fields that central does not know are passed over, and acked.",
        "With the next version of the node central would stop, and the node with it.",
        unknown_told,
    ),
    Trial(
        "hole",
        "No ack goes past an event that central lacks; it asks with sync.replay, or waits.",
        "What is acked is not sent again: the event is lost for central.",
        hole,
    ),
    Trial(
        "reconnect",
        "After a reconnect what is unconfirmed comes again, then what is new.",
        "Each break of a network would leave central behind.",
        reconnect,
    ),
    Trial(
        "large",
        "A message may have 100 KiB.",
        "Central, or the broker in between, stops at the first event that is long.",
        large,
    ),
    Trial(
        "burst",
        "1,000 events may be unconfirmed at once.",
        "After a night without a network central would not catch up.",
        burst,
    ),
    Trial(
        "retained",
        "The ack is retained: whoever subscribes gets the last one.",
        "A node that was away would not learn what is safe, and sends it all again.",
        retained,
    ),
    Trial(
        "restore",
        "A restored node has a new epoch and begins at 1; acks then carry it.",
        "Events of the restored node would count as repeats, and be lost for central.",
        restore,
    ),
    Trial(
        "commands",
        "At most 100 are unanswered, and come again in order; none is retained, or too large, or reuses an id.",
        "The node refuses such a command, applies it twice or out of order, or never gets it.",
        unanswered,
    ),
)
"""In the order in which they are played; those without a play are judged over all of it."""
