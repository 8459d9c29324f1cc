"""Takes in what central says: each message is told to the engine, and acknowledged to the broker once on disk."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from edge.errors import DeviceError
from edge.facts import Answer, CommandReceived, CommandRefused, EventsConfirmed, Verdict
from edge.inbox import Post
from sync.acks import read_ack
from sync.client import Message
from sync.dialects import COMMANDS_UNACKED
from sync.reading import read_command, read_retained
from sync.topics import Topics
from sync.wire import places

log = logging.getLogger(__name__)

POSTED_BYTES = 64 * 1024
"""Of messages that the engine has and has not booked, or one that is larger: a scan waits behind no more of them.

A list of 500 entries takes the engine some 40 ms.
"""

_Told = CommandReceived | CommandRefused | EventsConfirmed


@dataclass(frozen=True, slots=True)
class _Open:
    mid: int
    size: int
    fact: _Told | None = None
    future: "Future[Answer] | None" = None


class Subscriber:
    """The messages of one connection that are not yet acknowledged, in the order they came."""

    def __init__(self, topics: Topics, *, post: Post, wake: Callable[[], None]) -> None:
        self._topics, self._post, self._wake = topics, post, wake
        self._waiting: deque[Message] = deque()
        self._open: deque[_Open] = deque()
        self._posted_bytes = 0
        self.room = COMMANDS_UNACKED
        """Places (`sync.wire`) that are left for messages; below none after a long one."""

    def take(self, message: Message) -> None:
        """Tell the engine of one message, or keep it until the engine has booked those before; this does not wait."""
        self.room -= places(len(message.payload))
        self._waiting.append(message)
        self._hand_on()

    def _hand_on(self) -> None:
        """Post what the engine may have of what waits. It is read no earlier: a list takes ten times its bytes."""
        while self._waiting:
            size = len(self._waiting[0].payload)
            if self._open and self._posted_bytes + size > POSTED_BYTES:
                return
            self._posted_bytes += size
            self._tell(self._waiting.popleft(), size)

    def _tell(self, message: Message, size: int) -> None:
        fact = self._read(message)
        if fact is None:
            self._open.append(_Open(message.mid, size))
            return
        future = self._post(fact)
        self._open.append(_Open(message.mid, size, fact, future))
        # Called by the engine's thread: only wakes ours.
        future.add_done_callback(lambda _future: self._wake())

    def safe(self) -> Iterator[tuple[int, _Told | None]]:
        """Yield messages that may be acknowledged, by id, in the order they came, and the facts that were accepted.

        The id is 0 where there is nothing to acknowledge. Raises DeviceError if one is not on disk: the broker sends
        it, and those behind it, again to the next connection.
        """
        while self._open:
            first, fact = self._open[0], None
            if first.future is not None:
                if not first.future.done():
                    return
                error = first.future.exception()
                if error is not None:
                    raise DeviceError(
                        f"A command could not be kept: {error}",
                        hint="The broker is left to send it again.",
                    ) from error
                fact = first.fact if first.future.result().verdict is not Verdict.REJECT else None
            self._open.popleft()
            self._posted_bytes -= first.size
            self.room += places(first.size)
            self._hand_on()
            yield first.mid, fact

    def _read(self, message: Message) -> _Told | None:
        if message.topic == self._topics.ack():
            return read_ack(message.payload, message.size)
        if message.topic != self._topics.cmd():
            # The broker remembers what this node asked for under another prefix.
            log.warning("passed over a message on %r, which is no topic of this node", message.topic)
            return None
        read = read_retained if message.is_retained else read_command
        return read(message.payload, message.reply_to, size=message.size)
