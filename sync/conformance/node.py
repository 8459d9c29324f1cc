"""The played node: publishes its story, answers commands, sends again what central leaves unconfirmed.

One thread has all of it. What central sends is handed to the two judges the moment it is taken.
"""

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Mqtt
from edge.errors import UsageError
from sync.conformance.commands import Command, CommandJudge, answer, replay_of
from sync.conformance.judging import AckJudge, Fault
from sync.conformance.story import PlayedLedger
from sync.conformance.wire import Came, Wire
from sync.topics import Topics

CONTRACT = 1
VERSION = "conformance"
"""Where a node's state says which version it is."""
TURN_S = 0.1
ANSWER_AT_LATEST = 10
"""So many times `answer_after_s` a command waits for those behind it."""
STATE_EVERY_S = 10.0
RETAINED_TIMEOUT_S = 1.0
"""For a state that lies at the broker."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """For how long and how much: until an ack must come; until what is unconfirmed is sent again (contract
    section 6); events that are unconfirmed at once at most; without another command before commands are answered,
    so that what central sends without an answer is seen together.
    """

    patience_s: float = 60.0
    silence_s: float = 30.0
    burst: int = 1000
    answer_after_s: float = 0.2


class PlayedNode:
    """A node that there is not. `progress` is called in waits with what is waited for."""

    def __init__(
        self,
        mqtt: Mqtt,
        site: str,
        node: str,
        bounds: Bounds,
        *,
        progress: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.name = f"{site}/{node}"
        self.bounds = bounds
        self.ledger = PlayedLedger(site, node)
        self.acks = AckJudge(self.ledger)
        self.commands = CommandJudge()
        self.replays = 0
        self.withholds = False
        self._mqtt, self._site, self._node = mqtt, site, node
        self.broker = f"{mqtt.host}:{mqtt.port}"
        self._topics = Topics(mqtt.prefix, site, node)
        self._progress = progress
        self._unanswered: deque[tuple[float, Command]] = deque()
        self._command_at = 0.0
        self._state, self._state_at = b"", 0.0
        self._quiet_since = time.monotonic()
        self._wire = self._new_wire()

    @property
    def faults(self) -> list[Fault]:
        return self.acks.faults + self.commands.faults

    @property
    def ack_topic(self) -> str:
        return self._topics.ack()

    # -- coming and going -------------------------------------------------------------------------------------

    def refuse_a_real_one(self) -> None:
        """Raise UsageError if a node of this name is at the broker: we would speak in its name."""
        state = self.lying(self._topics.state(), RETAINED_TIMEOUT_S)
        if state is not None and b'"online"' in state:
            raise UsageError(
                f"A node {self.name} is online at {self.broker}; it must not be played beside it.",
                hint="Name another with --as, or leave it out.",
            )

    def connect(self) -> None:
        """Connect and say that the node is online."""
        self._wire = self._new_wire()
        self._wire.connect()
        self._state = b""
        self._say_state()

    def settle(self) -> None:
        """Wait until the broker has everything that was published."""
        self._wire.settle()

    def cut(self) -> None:
        """Lose the connection without a word."""
        self._wire.cut()

    def leave(self) -> None:
        """Say that the node is offline, take even that away from the broker, and leave."""
        self._wire.publish(self._topics.state(), self._offline(), retain=True)
        self._wire.publish(self._topics.state(), b"", retain=True)
        self._wire.close()

    def lying(self, topic: str, timeout_s: float) -> bytes | None:
        """What is retained on a topic, seen by somebody who comes new; None if nothing comes in time."""
        wire = Wire(self._mqtt, client_id=f"crossdock.{self._site}.{self._node}.new", topics=[topic])
        wire.connect()
        try:
            came = wire.take(timeout_s)
        finally:
            wire.close()
        return came.payload if came is not None and came.is_retained else None

    # -- telling ----------------------------------------------------------------------------------------------

    def send(self, *, hold_back: int | None = None) -> None:
        """Publish what happened and was not yet published, all but `hold_back`."""
        ledger = self.ledger
        ledger.held_back = hold_back
        for seq in range(ledger.sent_upto + 1, ledger.last_seq + 1):
            if seq != hold_back:
                self._publish(seq)

    def publish_again(self, seqs: range) -> None:
        """Publish these events as they were."""
        for seq in seqs:
            self._publish(seq)

    def restore(self) -> None:
        """Be a ledger that was put back from a copy: a new epoch, and events from 1 again."""
        self.ledger = PlayedLedger(self._site, self._node, previous=self.ledger.epoch)
        self.acks.restore(self.ledger)
        self._say_state()

    def _publish(self, seq: int) -> None:
        # What central said before this event was published is judged without it.
        while (came := self._wire.take(0)) is not None:
            self._take(came)
        type_, payload = self.ledger.event(seq)
        self._wire.publish(self._topics.event(type_), payload)
        self.ledger.sent_upto = max(seq, self.ledger.sent_upto)
        if self.ledger.held_back == seq:
            self.ledger.held_back = None
        self._quiet_since = time.monotonic()

    # -- waiting ----------------------------------------------------------------------------------------------

    def confirm(self) -> bool:
        """Wait until central has acked all that happened; False if it does not within its time."""
        last = self.ledger.last_seq
        return self.wait(
            lambda: self.acks.confirmed >= last,
            self.bounds.patience_s,
            lambda: f"the ack of event {last}, {self.acks.confirmed} so far",
        )

    def wait(self, done: Callable[[], bool], timeout_s: float, what: Callable[[], str]) -> bool:
        """Do what a node does until `done`, or the time is over."""
        deadline = time.monotonic() + timeout_s
        while not done():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._progress(f"waiting for {what()} ({left:.0f} s left)")
            self._turn(min(left, TURN_S))
        return True

    def _turn(self, timeout_s: float) -> None:
        came = self._wire.take(timeout_s)
        while came is not None:
            self._take(came)
            came = self._wire.take(0)
        now = time.monotonic()
        self._answer(now)
        unconfirmed = self.ledger.sent_upto - self.acks.confirmed
        if unconfirmed and now - self._quiet_since >= self.bounds.silence_s:
            self.publish_again(range(self.acks.confirmed + 1, self.ledger.last_seq + 1))
        if now - self._state_at >= STATE_EVERY_S:
            self._say_state()

    def _take(self, came: Came) -> None:
        if came.topic == self._topics.ack():
            before = self.acks.confirmed
            self.acks.take(came.payload, is_retained=came.is_retained)
            if self.acks.confirmed != before:
                self._quiet_since = time.monotonic()
        else:
            command = self.commands.take(came.payload, is_retained=came.is_retained)
            self._command_at = time.monotonic()
            if command is not None:
                self._unanswered.append((self._command_at, command))

    def _answer(self, now: float) -> None:
        """Answer the commands that are to be answered by now, and do what they ask."""
        while self._unanswered and not self.withholds:
            came_at, command = self._unanswered[0]
            pause_s = self.bounds.answer_after_s
            if now < min(self._command_at + pause_s, came_at + ANSWER_AT_LATEST * pause_s):
                return
            self._unanswered.popleft()
            self._wire.publish(self._topics.res(), answer(command))
            self.commands.answered(command)
            asked = replay_of(command, self.ledger.last_seq)
            if asked is not None:
                self.replays += 1
                self.publish_again(asked)

    # -- the state --------------------------------------------------------------------------------------------

    def _say_state(self) -> None:
        state = self._online()
        if state != self._state:
            self._wire.publish(self._topics.state(), state, retain=True)
        self._state, self._state_at = state, time.monotonic()

    def _new_wire(self) -> Wire:
        return Wire(
            self._mqtt,
            client_id=f"crossdock.{self._site}.{self._node}",
            topics=[self._topics.ack(), self._topics.cmd()],
            as_published=self._topics.cmd(),
            will=(self._topics.state(), self._offline()),
        )

    def _online(self) -> bytes:
        ledger = self.ledger
        told = {
            "first_seq": 1,
            "last_seq": ledger.last_seq,
            "confirmed_seq": self.acks.confirmed,
            "hash": ledger.hash(ledger.last_seq),
            **({"previous": ledger.previous} if ledger.previous else {}),
        }
        return self._status("online", told)

    def _offline(self) -> bytes:
        return self._status("offline", {})

    def _status(self, status: str, told: dict[str, object]) -> bytes:
        known = {
            "status": status,
            "contract": CONTRACT,
            "session": 1,
            "epoch": self.ledger.epoch,
            "version": VERSION,
        }
        return json.dumps({**known, **told}, separators=(",", ":")).encode()
