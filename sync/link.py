"""The node's link to central as a device: stays at a broker that serves it until that is lost.

One thread, the supervisor's, runs all of it and owns the connection; it is woken after commits. How long to wait
between two tries is the supervisor's, which broker is tried `connecting`'s, what is done there `session`'s.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable

from config.settings import Settings
from edge.errors import DeviceError
from edge.facts import DeviceKind
from edge.inbox import Post
from edge.outbox import SyncOutbox
from edge.right_of_way import RightOfWay
from sync.caller import node
from sync.client import Connection, Waker
from sync.complaints import Complaints
from sync.connecting import STEADY_S, Address, Brokers, connect_to_any
from sync.credentials import Credentials, readable_by_others
from sync.dialects import COMMANDS_UNACKED, SESSION_EXPIRY_S
from sync.event_lanes import SILENCE_S
from sync.publisher import Publisher
from sync.session import Session, offline
from sync.subscriber import Subscriber
from sync.topics import Topics
from sync.trouble import MAYBE_ANOTHER_NODE

log = logging.getLogger(__name__)

SHORT_ONES = 3
"""So many in a row that were no good ones look like two nodes that push each other out."""


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
        self._scans, self._silence_s = scans, silence_s
        self._credentials = Credentials(settings.mqtt)
        self._waker = Waker()
        self._brokers = Brokers(settings.mqtt.addresses)
        self._short_ones = 0
        for text in readable_by_others(settings.mqtt):
            log.warning("%s", text)

    def wake(self) -> None:
        """Say, from any thread, that a commit left something to be told, or that it is time to stop."""
        self._waker.wake()

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Stay connected until told to stop; raises DeviceError when no broker is there or the one in use is lost.

        Certificates or a password that were renewed are taken into use by a new connection, and nobody is told of a
        loss.
        """
        outbox = self._outbox_factory()
        try:
            while not stop.is_set():
                connection = self._connect(outbox, stop)
                if connection is None:
                    return
                ready()
                self._serve_while_it_lasts(connection, outbox, stop)
        except DeviceError as error:
            if not stop.is_set():
                raise
            log.info("stopping without the broker: %s", error)
        finally:
            outbox.close()

    def _connect(self, outbox: SyncOutbox, stop: threading.Event) -> Connection | None:
        """Connect to the first broker that serves us; None when told to stop meanwhile."""
        will = offline(outbox.head(), self._version)
        caller = node(self._topics, self._mqtt, will=will, receive_max=COMMANDS_UNACKED)

        def new(address: Address) -> Connection:
            return Connection(address, self._mqtt, caller, self._credentials, self._waker, self._scans)

        connection = connect_to_any(self._brokers, new, self._waker, stop)
        if connection is not None:
            name, limits = connection.name, connection.limits
            log.info("broker %s connected protocol=%s window=%s", name, self._mqtt.protocol, limits.window)
            if limits.session_s < SESSION_EXPIRY_S:
                log.warning(
                    "broker %s keeps commands only %s s while this node is away", name, limits.session_s
                )
        return connection

    def _serve_while_it_lasts(
        self, connection: Connection, outbox: SyncOutbox, stop: threading.Event
    ) -> None:
        """Serve until told to stop or the credentials were renewed; remember whether it was a good connection."""
        since = time.monotonic()
        try:
            self._serve(connection, outbox, stop)
        except DeviceError as error:
            is_good = time.monotonic() - since >= STEADY_S
            self._brokers.lost(was_good=is_good)
            self._short_ones = 0 if is_good else self._short_ones + 1
            if self._short_ones >= SHORT_ONES and connection.is_lost:
                raise DeviceError(error.text, hint=MAYBE_ANOTHER_NODE) from error
            raise
        finally:
            connection.hang_up()
        self._brokers.keep()

    def _serve(self, connection: Connection, outbox: SyncOutbox, stop: threading.Event) -> None:
        complaints = Complaints(self._post)
        if not self._brokers.is_first:
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
                is_over=lambda: self._were_renewed(complaints),
            )

    def _were_renewed(self, complaints: Complaints) -> bool:
        try:
            is_renewed = self._credentials.were_renewed()
        except DeviceError as error:
            complaints.raise_("credentials", f"{error} The connection goes on with those it has.")
            return False
        if is_renewed:
            log.info("the credentials for the broker were renewed: connecting anew")
        return is_renewed
