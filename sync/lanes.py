"""A lane: things of one kind on their way to the broker, in order, and what becomes of what it refuses.

What can be kept in order when one of several in flight is refused: the broker may have taken those behind it
already, so central may see them before it. So everything from the refused one on goes again once it is taken:
central sees repeats, and never a hole that nobody tells it about. After a refusal one message alone is tried,
so that this does not happen again with the next; more follow as the broker takes them.

The kinds are `sync.event_lanes`, `sync.row_lanes` and `sync.asked`.
"""

import time
from collections import deque

from paho.mqtt.reasoncodes import ReasonCode

from sync.complaints import Complaints
from sync.topics import Topics
from sync.window import Refusal, Sent, Window, refusal

PAUSE_FIRST_S = 0.5
PAUSE_MAX_S = 30.0
"""Before something that was refused is tried again: doubled each time."""
NOT_AUTHORIZED = 0x87


class Pace:
    """How much of a lane may be in flight, and from when on. `share` is the most that ever may."""

    def __init__(self, share: int) -> None:
        self.limit = self._share = max(1, share)
        self.resume_at = 0.0
        self._pause_s = PAUSE_FIRST_S

    def slow_down(self, now: float) -> None:
        """Too much at once: half of it, after a pause."""
        self.limit = max(1, self.limit // 2)
        self.pause(now)

    def probe(self, now: float) -> None:
        """It was refused as such: one alone, after a pause."""
        self.limit = 1
        self.pause(now)

    def pause(self, now: float) -> None:
        self.resume_at = now + self._pause_s
        self._pause_s = min(2 * self._pause_s, PAUSE_MAX_S)

    def went_well(self) -> None:
        self._pause_s = PAUSE_FIRST_S
        if self.limit < self._share:
            self.limit += 1


class Road:
    """What all lanes of a connection share."""

    def __init__(self, window: Window, topics: Topics, complaints: Complaints, broker: str) -> None:
        self.window, self.topics, self.complaints, self.broker = window, topics, complaints, broker

    @property
    def now(self) -> float:
        """The time that all lanes count in (monotonic, seconds)."""
        return time.monotonic()


class Lane:
    """Sends what is its own in `send`; what it sent is in flight until the broker took it.

    `what` names its things to people; `hole` says what it means that `{number}` was left out, and what helps.
    """

    what = ""
    hole = ""

    def __init__(self, road: Road, *, share: int) -> None:
        self.road = road
        self.in_flight: deque[Sent] = deque()
        self.pace = Pace(share)
        self.refusal = ""
        """What a person is told while something is refused."""
        self._refused = 0

    def send(self) -> None:
        """Send what the window and the pace allow."""
        raise NotImplementedError

    @property
    def is_idle(self) -> bool:
        """Nothing is in flight, and nothing waits that we know of."""
        raise NotImplementedError

    def wakes_at(self) -> float:
        """When it has something to do though nobody calls; now or before means at once."""
        return self.pace.resume_at if self.pace.resume_at > self.road.now else float("inf")

    @property
    def room(self) -> int:
        """How much may be sent now."""
        if self.road.now < self.pace.resume_at:
            return 0
        return min(self.road.window.free, self.pace.limit - len(self.in_flight))

    def add(self, number: int, *, messages: int = 1) -> Sent:
        """Note that the next thing goes."""
        sent = Sent(self, number, messages)
        self.in_flight.append(sent)
        return sent

    def reached(self, number: int, /) -> None:
        """The broker has everything up to this."""
        raise NotImplementedError

    def rewind(self, number: int, /) -> None:
        """Go on with this one: it and what is behind it goes again."""
        raise NotImplementedError

    def settled(self) -> None:
        in_flight = self.in_flight
        while in_flight and in_flight[0].open == 0:
            number = in_flight.popleft().number
            if self.refusal and number >= self._refused:
                self.refusal = ""
                self.road.complaints.take_back(self.what)
            self.pace.went_well()
            self.reached(number)

    def left_out(self, sent: Sent, topic: str, why: str) -> None:
        self.road.complaints.raise_(
            f"{self.what} left out",
            f"A message on {topic} was left out by the broker {self.road.broker}: {why}. "
            f"{self.hole.format(number=sent.number)}",
        )
        self.settled()

    def refused(self, sent: Sent, topic: str, reason: ReasonCode) -> None:
        self.forget(sent)
        if refusal(reason) is Refusal.QUOTA:
            self.pace.slow_down(self.road.now)
            return
        self.pace.probe(self.road.now)
        self._refused = sent.number
        hint = (
            f"Let this node publish under {self.road.topics.root}/ in the broker's access rules."
            if reason.value == NOT_AUTHORIZED
            else "It is tried again; the broker's own log may say more."
        )
        self.refusal = f"The broker {self.road.broker} refused a message on {topic}: {reason}. {hint}"
        self.road.complaints.raise_(self.what, self.refusal)

    def forget(self, first: Sent) -> None:
        """Go back to something in flight. It and those behind it only take room until they are answered."""
        while self.in_flight:
            last = self.in_flight.pop()
            last.lane = None
            if last is first:
                break
        self.rewind(first.number)
