"""The lanes of events, in order: until the broker has them, or until central said that it has."""

from config.settings import Mqtt
from edge.outbox import EventRow, Head, SyncOutbox
from sync.lanes import Road
from sync.row_lanes import BATCH, RowLane
from sync.telling import Ear

UNCONFIRMED = 1000
"""Events sent and not confirmed by central, at most (contract section 6)."""
SILENCE_S = 30.0
"""So long nothing is confirmed until all that is unconfirmed goes again (contract section 6)."""
SILENCE_MAX_S = 300.0
"""It is doubled up to this while central does not answer at all: a broker keeps each repeat for a central that
is away, a thousand events every half minute."""


class Events(RowLane[EventRow]):
    """Events; the broker has to take each of them."""

    what = "Events"
    hole = (
        "Central does not have event {number} and has a hole there: let the broker take messages of 100 KiB, "
        "then have central ask for it (sync.replay from {number} to {number})."
    )

    def __init__(self, road: Road, outbox: SyncOutbox, ear: Ear, *, head: Head) -> None:
        super().__init__(road, outbox, ear, "events", delivered=head.confirmed_seq, share=road.window.size)

    def confirmed(self, seq: int) -> None:
        """Central has all events to this; nothing waits for that."""

    def send(self) -> None:
        rows, window, topics = self.rows, self.road.window, self.road.topics
        for _ in range(self.room):
            if not rows and not (self.is_stale and self.fill(self._next())):
                return
            row = rows.popleft()
            window.send(self.add(row.seq), topics.event(row.type), row.payload)

    def _next(self) -> list[EventRow]:
        return self.outbox.events(after=self.read, limit=BATCH)


class ConfirmedEvents(Events):
    """Events; central has to confirm each of them, and gets again what it did not.

    After a silence everything from the confirmed one on is sent again, in order, and then what is new: a repeat
    never overtakes, since there is one order to send in. A confirmation that confirms nothing new is no answer to
    what is open, but shows that somebody is there.
    """

    def __init__(self, road: Road, outbox: SyncOutbox, ear: Ear, *, head: Head, silence_s: float) -> None:
        super().__init__(road, outbox, ear, head=head)
        self._confirmed = head.confirmed_seq
        self._silence_s = self._patience_s = silence_s
        self._again_at: float | None = None
        """When what is unconfirmed goes again; None while nothing is."""

    def confirmed(self, seq: int) -> None:
        self._patience_s = self._silence_s
        if seq <= self._confirmed:
            return
        self._confirmed = seq
        self._again_at = None
        # After a reconnect central may have more than was sent again so far.
        while self.rows and self.rows[0].seq <= seq:
            self.rows.popleft()
        self.read = max(self.read, seq)

    @property
    def room(self) -> int:
        return min(super().room, UNCONFIRMED - (self.read - self._confirmed))

    def wakes_at(self) -> float:
        return min(super().wakes_at(), float("inf") if self._again_at is None else self._again_at)

    def send(self) -> None:
        now = self.road.now
        if self._again_at is not None and now >= self._again_at:
            self._send_again(now)
        super().send()
        if self.read <= self._confirmed:
            self._again_at = None
        elif self._again_at is None:
            self._again_at = now + self._patience_s

    def _send_again(self, now: float) -> None:
        self._patience_s = min(2 * self._patience_s, max(self._silence_s, SILENCE_MAX_S))
        self._again_at = now + self._patience_s
        for sent in self.in_flight:
            sent.lane = None
        self.in_flight.clear()
        self.rewind(self._confirmed + 1)


def events(mqtt: Mqtt, road: Road, outbox: SyncOutbox, ear: Ear, *, head: Head, silence_s: float) -> Events:
    """Make the lane for what [mqtt] confirm says."""
    if mqtt.confirm == "central":
        return ConfirmedEvents(road, outbox, ear, head=head, silence_s=silence_s)
    return Events(road, outbox, ear, head=head)
