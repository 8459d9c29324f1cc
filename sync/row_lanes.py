"""The lanes of rows that go once the broker has taken them: answers and levels; and the node's state."""

import logging
from collections import deque
from typing import Generic, TypeVar

from paho.mqtt.reasoncodes import ReasonCode

from edge.outbox import AnswerRow, LevelRow, SyncOutbox
from sync.lanes import Lane, Road
from sync.telling import Ear, Outbox, Told
from sync.window import Refusal, Sent, refusal

log = logging.getLogger(__name__)

BATCH = 100
"""Rows read at once."""
LEVELS_EVERY_S = 0.25
"""While events flow, quick changes of a level are folded within this long."""

Row = TypeVar("Row")


class RowLane(Lane, Generic[Row]):
    """The rows of one outbox: read on from the last one sent, told to the engine as far as the broker has them."""

    def __init__(
        self, road: Road, outbox: SyncOutbox, ear: Ear, name: Outbox, *, delivered: int, share: int
    ) -> None:
        super().__init__(road, share=share)
        self.outbox = outbox
        self.read = self.delivered = delivered
        self.rows: deque[Row] = deque()
        self.is_stale = True
        """There may be rows that were not read."""
        self._told = Told(name, ear, delivered)

    @property
    def is_idle(self) -> bool:
        return not (self.is_stale or self.rows or self.in_flight)

    def look(self) -> None:
        """There may be new rows."""
        self.is_stale = True

    def wakes_at(self) -> float:
        return min(super().wakes_at(), self._told.wakes_at(self.delivered))

    def tell(self) -> None:
        self._told.tell(self.delivered, self.road.now)

    def add(self, number: int, *, messages: int = 1) -> Sent:
        self.read = number
        return super().add(number, messages=messages)

    def reached(self, number: int, /) -> None:
        # What goes again was delivered before.
        self.delivered = max(self.delivered, number)

    def rewind(self, number: int, /) -> None:
        self.read = number - 1
        self.rows.clear()
        self.is_stale = True

    def fill(self, rows: list[Row]) -> bool:
        """Take rows that were read, at most a batch; whether there are any."""
        self.rows.extend(rows)
        self.is_stale = len(rows) == BATCH
        return bool(rows)


class Answers(RowLane[AnswerRow]):
    """Answers to commands: each on `res`, and where the command wanted it besides."""

    what = "Answers"
    hole = "Whoever sent that command sends it again, or has the answer in this node's inbox."

    def __init__(self, road: Road, outbox: SyncOutbox, ear: Ear, *, delivered: int) -> None:
        super().__init__(road, outbox, ear, "answers", delivered=delivered, share=road.window.size)
        self._replies: deque[tuple[Sent, str, AnswerRow]] = deque()

    @property
    def is_idle(self) -> bool:
        return super().is_idle and not self._replies

    def send(self) -> None:
        while self.room > 0 or (self._replies and self.road.window.free > 0):
            if self._replies:
                sent, topic, row = self._replies.popleft()
                self.road.window.send(sent, topic, row.payload, correlation=row.correlation)
            elif self.rows or (self.is_stale and self._fill()):
                self._answer(self.rows.popleft())
            else:
                return

    def _fill(self) -> bool:
        return self.fill(self.outbox.answers(after=self.read, limit=BATCH))

    def _answer(self, row: AnswerRow) -> None:
        # An answer sent to `cmd` would come back as a command.
        wants_reply = row.reply_topic is not None and row.reply_topic != self.road.topics.cmd()
        sent = self.add(row.number, messages=1 + wants_reply)
        if row.reply_topic is not None and wants_reply:
            self._replies.append((sent, row.reply_topic, row))
        self.road.window.send(sent, self.road.topics.res(), row.payload)

    def rewind(self, number: int, /) -> None:
        super().rewind(number)
        self._replies = deque(reply for reply in self._replies if reply[0].lane is not None)

    def left_out(self, sent: Sent, topic: str, why: str) -> None:
        if self._is_ours(topic):
            super().left_out(sent, topic, why)
            return
        # Central named that topic itself, and has the answer on `res`.
        log.error("%r: a reply was left out by the broker: %s", topic, why)
        self.settled()

    def refused(self, sent: Sent, topic: str, reason: ReasonCode) -> None:
        if self._is_ours(topic) or refusal(reason) is Refusal.QUOTA:
            super().refused(sent, topic, reason)
        else:
            sent.open -= 1
            self.left_out(sent, topic, f"it refused it: {reason}")

    def _is_ours(self, topic: str) -> bool:
        return topic.startswith(self.road.topics.root + "/")


class Levels(RowLane[LevelRow]):
    """Levels, each behind the events that made it; `follow` says up to which event the broker has them."""

    what = "Levels"
    hole = "Central has an old level of that item until it changes again."

    def __init__(self, road: Road, outbox: SyncOutbox, ear: Ear, *, delivered: int) -> None:
        # A quarter of the window, so that a thousand of them after a reconnect do not hold the events up.
        super().__init__(road, outbox, ear, "levels", delivered=delivered, share=road.window.size // 4)
        self._events = self._read_upto = -1
        self._are_events_flowing = False
        self._read_at = 0.0

    def follow(self, events: int, *, are_flowing: bool) -> None:
        """Events up to this are with the broker; while more are on their way, levels are folded for a moment."""
        self._events, self._are_events_flowing = events, are_flowing

    @property
    def _is_behind(self) -> bool:
        """Levels may wait: some changed, or the events that they follow were delivered."""
        return self.is_stale or self._read_upto < self._events

    @property
    def is_idle(self) -> bool:
        return not (self._is_behind or self.rows or self.in_flight)

    def wakes_at(self) -> float:
        reads_at = self._read_at + LEVELS_EVERY_S if self._is_behind and self.room > 0 else float("inf")
        return min(super().wakes_at(), reads_at)

    def send(self) -> None:
        now = self.road.now
        is_time = now >= self._read_at + LEVELS_EVERY_S or not self._are_events_flowing
        if not self.rows and self._is_behind and is_time:
            self._read_at, self._read_upto = now, self._events
            self.fill(self.outbox.levels(after=self.read, upto=self._events, limit=BATCH))
        while self.rows and self.room > 0:
            row = self.rows.popleft()
            topic = self.road.topics.level(row.sku)
            self.road.window.send(self.add(row.number), topic, row.payload, retain=True)


class State(Lane):
    """The node's state, retained: no row, only ever the last one."""

    what = "The state"
    hole = "Central does not see how this node is."

    def __init__(self, road: Road) -> None:
        super().__init__(road, share=road.window.size)
        self._number, self._topic, self._payload = 0, "", b""
        self._waits = False

    @property
    def is_idle(self) -> bool:
        return not (self._waits or self.in_flight)

    def say(self, topic: str, payload: bytes) -> None:
        self._number, self._topic, self._payload = self._number + 1, topic, payload
        self._waits = True

    def send(self) -> None:
        if self._waits and self.room > 0:
            self._waits = False
            self.road.window.send(self.add(self._number), self._topic, self._payload, retain=True)

    def reached(self, _number: int, /) -> None:
        pass

    def rewind(self, _number: int, /) -> None:
        self._waits = True
