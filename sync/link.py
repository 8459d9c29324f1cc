"""The node's link to central as a device: stays at a broker that serves it until that is lost.

One thread, the supervisor's, runs all of it and owns the connection; it is woken after commits. How long to wait
between two tries is the supervisor's, which broker is tried `connecting`'s, what is done there `session`'s.
"""

import contextlib
import logging
import threading
from collections.abc import Callable

from config.settings import Settings
from edge.errors import DeviceError
from edge.facts import DeviceKind
from edge.inbox import Post
from edge.outbox import SyncOutbox
from edge.right_of_way import RightOfWay
from sync.caller import Caller, node
from sync.client import Connection
from sync.complaints import Complaints
from sync.connecting import Calls
from sync.dialects import COMMANDS_UNACKED, SESSION_EXPIRY_S
from sync.event_lanes import SILENCE_S
from sync.publisher import Publisher
from sync.session import Session, offline
from sync.subscriber import Subscriber
from sync.topics import Topics

log = logging.getLogger(__name__)


class CentralLink:
    """The device "broker". Made once; run again after each loss.

    `outbox_factory` is called in the thread that runs it. `everything_tried` says whether every device was
    tried once since the start. `scans` go first.
    """

    kind = DeviceKind.BROKER
    id = "broker"

    def __init__(
        self,
        settings: Settings,
        outbox_factory: Callable[[], SyncOutbox],
        post: Post,
        *,
        version: str,
        everything_tried: Callable[[], bool],
        scans: RightOfWay | None = None,
        silence_s: float = SILENCE_S,
    ) -> None:
        assert settings.mqtt is not None, "a link without [mqtt]"
        self._mqtt = settings.mqtt
        self._topics = Topics(settings.mqtt.prefix, settings.site, settings.node)
        self._outbox_factory, self._post = outbox_factory, post
        self._version, self._everything_tried = version, everything_tried
        self._silence_s = silence_s
        self._calls = Calls(settings.mqtt, scans)

    def wake(self) -> None:
        """Say, from any thread, that a commit left something to be told, or that it is time to stop."""
        self._calls.wake()

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Stay connected until told to stop; raises DeviceError when no broker is there or the one in use is lost.

        Certificates or a password that were renewed are taken into use by a new connection, and nobody is told of a
        loss.
        """
        outbox = self._outbox_factory()
        try:
            while not stop.is_set():
                with self._calls.connection(self._caller(outbox), stop) as connection:
                    if connection is None:
                        return
                    self._log_connected(connection)
                    ready()
                    self._serve(connection, outbox, stop)
        except DeviceError as error:
            if not stop.is_set():
                raise
            log.info("stopping without the broker: %s", error)
        finally:
            outbox.close()

    def _caller(self, outbox: SyncOutbox) -> Caller:
        will = offline(outbox.head(), self._version)
        return node(self._topics, self._mqtt, will=will, receive_max=COMMANDS_UNACKED)

    def _log_connected(self, connection: Connection) -> None:
        name, limits = connection.name, connection.limits
        log.info("broker %s connected protocol=%s window=%s", name, self._mqtt.protocol, limits.window)
        if limits.session_s < SESSION_EXPIRY_S:
            log.warning("broker %s keeps commands only %s s while this node is away", name, limits.session_s)

    def _serve(self, connection: Connection, outbox: SyncOutbox, stop: threading.Event) -> None:
        complaints = Complaints(self._post)
        if not self._calls.brokers.is_first:
            complaints.raise_(
                "standby", f"This node is at its standby broker {connection.name}: see to the first."
            )
        publisher = Publisher(
            *(connection, outbox, self._topics),
            mqtt=self._mqtt,
            complaints=complaints,
            post=self._post,
            wake=self.wake,
            silence_s=self._silence_s,
        )
        subscriber = Subscriber(self._topics, post=self._post, wake=self.wake)
        session = Session(*(connection, outbox, self._topics, publisher, subscriber), version=self._version)
        with contextlib.closing(publisher):
            session.work(
                stop,
                everything_tried=self._everything_tried,
                is_over=lambda: self._calls.were_renewed(lambda text: complaints.raise_("credentials", text)),
            )
