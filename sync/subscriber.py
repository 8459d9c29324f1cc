"""Takes central's commands in: each is told to the engine, and acknowledged to the broker once on disk."""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from edge.errors import DeviceError
from edge.facts import Answer
from edge.inbox import Post
from sync.client import Message
from sync.reading import read_command

log = logging.getLogger(__name__)


class Subscriber:
    """The commands of one connection that are not yet acknowledged, in the order they came."""

    def __init__(self, *, post: Post, wake: Callable[[], None]) -> None:
        self._post, self._wake = post, wake
        self._open: deque[tuple[int, Future[Answer] | None]] = deque()

    @property
    def is_idle(self) -> bool:
        return not self._open

    def take(self, message: Message) -> None:
        """Tell the engine of one command. The broker bounds how many are open, so that this does not wait."""
        if message.is_retained:
            # Left on the topic for whoever comes: nobody knows how old it is.
            log.warning("passed over a retained command: publish commands without retain")
            self._open.append((message.mid, None))
            return
        future = self._post(read_command(message.payload, message.reply_to))
        self._open.append((message.mid, future))
        # Called by the engine's thread: only wakes ours.
        future.add_done_callback(lambda _future: self._wake())

    def safe(self) -> Iterator[int]:
        """Yield the ids of messages that may be acknowledged, in the order they came.

        Raises DeviceError if one is not on disk: the broker sends it, and those behind it, again to the next
        connection.
        """
        while self._open:
            mid, future = self._open[0]
            if future is not None:
                if not future.done():
                    return
                error = future.exception()
                if error is not None:
                    raise DeviceError(
                        f"A command could not be kept: {error}",
                        hint="The broker is left to send it again.",
                    ) from error
            self._open.popleft()
            if mid != 0:
                yield mid
