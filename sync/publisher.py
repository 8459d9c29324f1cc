"""Works off what central is still to be told: what goes when, from where the ledger stands.

Rows are read in batches and kept in flight within one window; what the broker took is told to the engine,
folded. How each kind goes is its lane's.
"""

import time
from collections import deque
from collections.abc import Callable

from paho.mqtt.reasoncodes import ReasonCode

from config.settings import Mqtt
from edge.inbox import Post
from edge.outbox import SyncOutbox
from sync.asked import Asked
from sync.client import Connection
from sync.complaints import Complaints
from sync.event_lanes import SILENCE_S, events
from sync.lanes import Lane, Road
from sync.row_lanes import Answers, Levels, State
from sync.telling import Ear
from sync.topics import Topics
from sync.window import Window

LOOK_EVERY_S = 0.01
"""Commands within this long are read together: one by one, reading would cost the engine its CPU."""
LOOK_ANYWAY_S = 1.0
"""So often the outbox is read though nobody called."""


class Publisher:
    """Publishes over one connection, from where the ledger stands.

    `silence_s`: after so long without a confirmation of central, what is unconfirmed goes again.
    """

    def __init__(
        self,
        connection: Connection,
        outbox: SyncOutbox,
        topics: Topics,
        *,
        mqtt: Mqtt,
        complaints: Complaints,
        post: Post,
        wake: Callable[[], None],
        silence_s: float = SILENCE_S,
    ) -> None:
        head, ear = outbox.head(), Ear(post, wake)
        self._window = Window(connection)
        road = Road(self._window, topics, complaints, connection.name)
        self._state = State(road)
        self._answers = Answers(road, outbox, ear, delivered=head.answers_number)
        self._events = events(mqtt, road, outbox, ear, head=head, silence_s=silence_s)
        self._levels = Levels(road, outbox, ear, delivered=head.levels_number)
        self._asked = Asked(
            road, outbox, ear, delivered=head.asked_number, published=lambda: self._events.delivered
        )
        self._rows = (self._answers, self._events, self._levels, self._asked)
        self._lanes: tuple[Lane, ...] = (self._state, *self._rows)
        self._turns: deque[Lane] = deque((self._asked, self._levels, self._events))
        self._is_called, self._is_stopped = True, False
        self._looked_at = 0.0

    @property
    def free(self) -> int:
        """Messages that the window still takes."""
        return self._window.free

    @property
    def is_idle(self) -> bool:
        """Nothing is in flight, and nothing waits that we know of."""
        self._follow()
        return not self._is_called and all(lane.is_idle for lane in self._lanes)

    @property
    def is_settled(self) -> bool:
        """Nothing is in flight."""
        return self._window.is_empty

    @property
    def refusal(self) -> str:
        """What the broker refuses just now and what to do, or "" when it takes everything."""
        return next((lane.refusal for lane in self._lanes if lane.refusal), "")

    def stop(self) -> None:
        """Send no more rows; those in flight can still be settled."""
        self._is_stopped = True

    def close(self) -> None:
        """Let go of files; nothing is sent any more."""
        self._asked.close()

    def call(self) -> None:
        """There may be new rows."""
        self._is_called = True

    def confirmed(self, seq: int) -> None:
        """Central has all events up to this one; the engine has that on disk."""
        self._events.confirmed(seq)

    def wait_s(self) -> float:
        """How long nothing is to be done unless somebody calls."""
        if self._is_stopped:
            return LOOK_ANYWAY_S
        looks_at = self._looked_at + (LOOK_EVERY_S if self._is_called else LOOK_ANYWAY_S)
        wakes_at = min(lane.wakes_at() for lane in self._lanes)
        return max(0.0, min(looks_at, wakes_at) - time.monotonic())

    def say(self, topic: str, payload: bytes) -> None:
        """Publish something retained that is no row, the node's state: the last one, where one still waits."""
        self._state.say(topic, payload)
        self._state.send()

    def settle(self, mid: int, reason: ReasonCode) -> None:
        """Take the broker's answer to a message."""
        self._window.settle(mid, reason)

    def turn(self) -> None:
        """Send what the window takes and tell what was delivered."""
        now = time.monotonic()
        if now >= self._looked_at + (LOOK_EVERY_S if self._is_called else LOOK_ANYWAY_S):
            self._is_called = False
            self._looked_at = now
            for lane in self._rows:
                lane.look()
        self._state.send()
        if self._is_stopped:
            return
        self._follow()
        # Answers first, since somebody waits; they are few. The others begin by turns, so that each gets on
        # even with a broker that takes one message at a time.
        self._answers.send()
        self._turns.rotate(1)
        for turn in self._turns:
            turn.send()
        for lane in self._rows:
            lane.tell()

    def _follow(self) -> None:
        self._levels.follow(self._events.delivered, are_flowing=bool(self._events.in_flight))
