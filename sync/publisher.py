"""Works off what central is still to be told: events in order, answers, the levels that follow the events.

Rows are read in batches and kept in flight within one window; what the broker took is told to the engine,
folded.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Literal

from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import DeviceError
from edge.facts import Answer, Delivered
from edge.inbox import Post
from edge.outbox import AnswerRow, EventRow, LevelRow, SyncOutbox
from sync.client import Connection
from sync.topics import Topics

log = logging.getLogger(__name__)

BATCH = 100
"""Rows read at once."""
LOOK_EVERY_S = 0.01
"""Commits within this long are read together: one by one, reading would cost the engine its CPU."""
LOOK_ANYWAY_S = 1.0
"""So often the outbox is read though nobody called."""
LEVELS_EVERY_S = 0.25
"""While events flow, quick changes of a level are folded within this long."""
TELL_EVERY_S = 0.05
TELL_AGAIN_S = 1.0
"""After the engine could not book that a row was delivered."""

_ABOUT_ONE_MESSAGE = frozenset({0x90, 0x95, 0x99})
"""Reasons that stay (MQTT 5 section 2.4): topic name invalid, packet too large, payload format invalid."""


class _Sent:
    """A row in flight: it is delivered when no message of it is open."""

    __slots__ = ("number", "open")

    def __init__(self, number: int, *, messages: int) -> None:
        self.number = number
        self.open = messages


class _Lane:
    """The rows of one outbox on their way, in order."""

    def __init__(self, name: Literal["events", "levels", "answers"], delivered: int) -> None:
        self.name: Literal["events", "levels", "answers"] = name
        self.read = self.delivered = self.told = delivered
        self.is_stale = True
        """There may be rows that were not read."""
        self.in_flight: deque[_Sent] = deque()
        self.telling: tuple[Future[Answer], int] | None = None
        self.tell_at = 0.0

    def advance(self) -> None:
        while self.in_flight and self.in_flight[0].open == 0:
            self.delivered = self.in_flight.popleft().number


class Publisher:
    """Publishes over one connection, from where the ledger stands."""

    def __init__(
        self,
        connection: Connection,
        outbox: SyncOutbox,
        topics: Topics,
        *,
        post: Post,
        wake: Callable[[], None],
    ) -> None:
        head = outbox.head()
        self._connection, self._outbox, self._topics = connection, outbox, topics
        self._post, self._wake = post, wake
        self._events = _Lane("events", head.confirmed_seq)
        self._levels = _Lane("levels", head.levels_number)
        self._answers = _Lane("answers", head.answers_number)
        self._lanes = (self._events, self._levels, self._answers)
        self._event_rows: deque[EventRow] = deque()
        self._level_rows: deque[LevelRow] = deque()
        self._answer_rows: deque[AnswerRow] = deque()
        self._replies: deque[tuple[_Sent, str, AnswerRow]] = deque()
        self._by_mid: dict[int, tuple[str, _Lane | None, _Sent]] = {}
        self._is_called, self._is_stopped = True, False
        self._looked_at = self._levels_at = 0.0
        self._levels_upto = -1

    @property
    def free(self) -> int:
        """Messages that the window still takes."""
        return self._connection.window - len(self._by_mid)

    @property
    def is_idle(self) -> bool:
        """Nothing is in flight, and nothing waits that we know of."""
        is_read = (
            not any(lane.is_stale for lane in self._lanes) and self._levels_upto == self._events.delivered
        )
        rows = self._event_rows or self._level_rows or self._answer_rows or self._replies
        return is_read and not (rows or self._by_mid or self._is_called)

    @property
    def is_settled(self) -> bool:
        """Nothing is in flight."""
        return not self._by_mid

    def stop(self) -> None:
        """Send no more rows; those in flight can still be settled."""
        self._is_stopped = True

    def call(self) -> None:
        """There may be new rows."""
        self._is_called = True

    def wait_s(self) -> float:
        """How long nothing is to be done unless somebody calls."""
        times = [self._looked_at + LOOK_ANYWAY_S]
        if self._is_called:
            times.append(self._looked_at + LOOK_EVERY_S)
        if self._has_levels and self.free > 0:
            times.append(self._levels_at + LEVELS_EVERY_S)
        times += [lane.tell_at for lane in self._lanes if lane.delivered > lane.told and lane.telling is None]
        return max(0.0, min(times) - time.monotonic())

    def say(self, topic: str, payload: bytes) -> None:
        """Publish something retained that is no row: the node's state."""
        self._send(None, _Sent(0, messages=1), topic, payload, retain=True)

    def settle(self, mid: int, reason: ReasonCode) -> None:
        """The broker answered a message; raises DeviceError if it will take none of this kind."""
        found = self._by_mid.pop(mid, None)
        if found is None:
            return
        topic, lane, sent = found
        if reason.is_failure:
            is_ours = topic.startswith(self._topics.root + "/")
            if is_ours and reason.value not in _ABOUT_ONE_MESSAGE:
                raise DeviceError(
                    f"The broker {self._connection.name} refused a message on {topic}: {reason}.",
                    hint=f"Let this node publish under {self._topics.root}/ in the broker's access rules.",
                )
            log.error("%s: left out, the broker refused it: %s", topic, reason)
        sent.open -= 1
        if lane is not None:
            lane.advance()

    def turn(self) -> None:
        """Send what the window takes and tell what was delivered."""
        now = time.monotonic()
        if (
            self._is_called and now >= self._looked_at + LOOK_EVERY_S
        ) or now >= self._looked_at + LOOK_ANYWAY_S:
            self._is_called = False
            self._looked_at = now
            for lane in self._lanes:
                lane.is_stale = True
        if self._is_stopped:
            return
        # Answers first, since somebody waits; they are few. Levels within a quarter of the window, so that a
        # thousand of them after a reconnect do not hold the events up.
        self._send_answers()
        self._send_levels(now)
        self._send_events()
        for lane in self._lanes:
            self._tell(lane, now)

    def _send_answers(self) -> None:
        lane, rows = self._answers, self._answer_rows
        while self.free > 0:
            if self._replies:
                sent, topic, row = self._replies.popleft()
                self._send(lane, sent, topic, row.payload, correlation=row.correlation)
                lane.advance()
                continue
            if not rows and lane.is_stale:
                rows.extend(self._outbox.answers(after=lane.read, limit=BATCH))
                lane.is_stale = len(rows) == BATCH
            if not rows:
                return
            row = rows.popleft()
            # An answer sent to `cmd` would come back as a command.
            wants_reply = row.reply_topic is not None and row.reply_topic != self._topics.cmd()
            sent = self._row(lane, row.number, messages=1 + wants_reply)
            if row.reply_topic is not None and wants_reply:
                self._replies.append((sent, row.reply_topic, row))
            self._send(lane, sent, self._topics.res(), row.payload)
            lane.advance()

    @property
    def _has_levels(self) -> bool:
        """Levels may wait: some changed, or the events that they follow were delivered."""
        return self._levels.is_stale or self._levels_upto < self._events.delivered

    def _send_levels(self, now: float) -> None:
        lane, rows = self._levels, self._level_rows
        is_time = now >= self._levels_at + LEVELS_EVERY_S or not self._events.in_flight
        if not rows and self._has_levels and is_time:
            # A level follows the events that made it.
            self._levels_at, self._levels_upto = now, self._events.delivered
            rows.extend(self._outbox.levels(after=lane.read, upto=self._levels_upto, limit=BATCH))
            lane.is_stale = len(rows) == BATCH
        while rows and self.free > 0 and len(lane.in_flight) < max(1, self._connection.window // 4):
            row = rows.popleft()
            sent = self._row(lane, row.number)
            self._send(lane, sent, self._topics.level(row.sku), row.payload, retain=True)
            lane.advance()

    def _send_events(self) -> None:
        lane, rows = self._events, self._event_rows
        while self.free > 0:
            if not rows and lane.is_stale:
                rows.extend(self._outbox.events(after=lane.read, limit=BATCH))
                lane.is_stale = len(rows) == BATCH
            if not rows:
                return
            row = rows.popleft()
            sent = self._row(lane, row.seq)
            self._send(lane, sent, self._topics.event(row.type), row.payload)
            lane.advance()

    def _row(self, lane: _Lane, number: int, *, messages: int = 1) -> _Sent:
        sent = _Sent(number, messages=messages)
        lane.in_flight.append(sent)
        lane.read = number
        return sent

    def _send(
        self,
        lane: _Lane | None,
        sent: _Sent,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        correlation: bytes | None = None,
    ) -> None:
        mid = self._connection.publish(topic, payload, retain=retain, correlation=correlation)
        if mid is None:
            sent.open -= 1
        else:
            self._by_mid[mid] = (topic, lane, sent)

    def _tell(self, lane: _Lane, now: float) -> None:
        """Let the engine book how far a lane was delivered; one fact at a time, not one for each message."""
        if lane.telling is not None:
            future, upto = lane.telling
            if not future.done():
                return
            lane.telling = None
            if future.exception() is None:
                lane.told = upto
            else:
                lane.tell_at = now + TELL_AGAIN_S
        if lane.delivered > lane.told and now >= lane.tell_at:
            future = self._post(Delivered(lane.name, lane.delivered))
            lane.telling = (future, lane.delivered)
            lane.tell_at = now + TELL_EVERY_S
            future.add_done_callback(lambda _future: self._wake())
