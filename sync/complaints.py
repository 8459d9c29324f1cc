"""What a person is told of a broker that can be used and does not take everything."""

import logging

from edge.facts import DeviceKind, DeviceReady
from edge.inbox import Post

log = logging.getLogger(__name__)


class Complaints:
    """What stands against the broker now, at most one sentence for each cause; told when that changes.

    One for each connection: with a new one the broker is ready, and what stood is taken back.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._standing: dict[str, str] = {}

    @property
    def text(self) -> str:
        """All that stands, or "" when the broker is as it should be."""
        return " ".join(self._standing.values())

    def raise_(self, cause: str, text: str) -> None:
        """Complain, unless that stands already: what changes in it with each message is for the log."""
        log.error("%s", text)
        if cause not in self._standing:
            self._standing[cause] = text
            self._tell()

    def take_back(self, cause: str) -> None:
        """The cause is gone."""
        if self._standing.pop(cause, None) is not None:
            log.info("broker: %s go again", cause)
            self._tell()

    def _tell(self) -> None:
        self._post(DeviceReady(DeviceKind.BROKER, "broker", self.text))
