"""The running central: takes what its nodes tell, commits, acknowledges; asks for what it lacks; sends commands.

One thread does all of it. A batch of messages is one transaction; only once that is on disk is it acknowledged, to
the node by `ack` and to the broker by a PUBACK.
"""

import logging
import random
import re
import threading
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import unquote

from config.settings import Mqtt
from edge.clock import Clock
from edge.errors import EdgeError
from sync.caller import central
from sync.central.command_rows import CommandRows
from sync.central.database import Database, open_database
from sync.central.intake import Intake
from sync.central.link import BATCH_MAX, Link
from sync.central.outbox import Outbox
from sync.central.snapshots import SCOPES, Snapshots
from sync.central.store import Store
from sync.client import Message
from sync.connecting import Calls

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
"""So often the outbox is looked at, holes are looked for, and whether it is time to stop."""
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.5, 30.0
NODES_MAX = 1000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""A site or a node (contract, Words)."""


class _Node:
    """What belongs to one node."""

    def __init__(self, store: Store, commands: CommandRows, name: str) -> None:
        self.name = name
        self.intake = Intake(store, name)
        self.snapshots = Snapshots(store, self.intake)
        self.outbox = Outbox(commands, self.intake.node)


class Central:
    """All nodes under a prefix, over one connection: what was sent over another may never have arrived."""

    def __init__(self, database: Database, clock: Clock, prefix: str) -> None:
        self._db = database
        self._store, self._commands = Store(database, clock), CommandRows(database, clock)
        self._prefix = f"{prefix}/"
        self._looked_at = 0.0
        with database.transaction():
            self._nodes = {name: _Node(self._store, self._commands, name) for name in self._store.nodes()}

    def serve(self, link: Link, is_over: Callable[[], bool]) -> None:
        """Work over one connection until it is over. Raises DeviceError when it is lost."""
        while not is_over():
            link.pump(LOOK_EVERY_S)
            if link.messages:
                self._take_batch(link)
            if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
                self._looked_at = time.monotonic()
                self._look(link)

    def _take_batch(self, link: Link) -> None:
        batch = list(link.messages)
        link.messages.clear()
        touched: dict[str, _Node] = {}
        with self._db.transaction():
            for message in batch:
                self._take(message, touched)
            for node in touched.values():
                node.intake.flush()
                node.snapshots.settle()
        for node in touched.values():
            self._send_ack(link, node)
        for message in batch:
            if message.mid:
                link.ack(message.mid)

    def _take(self, message: Message, touched: dict[str, _Node]) -> None:
        site, name, what, rest = (*message.topic.removeprefix(self._prefix).split("/", 3), "")[:4]
        node = touched.get(f"{site}/{name}") or self._node(site, name)
        if node is None:
            return
        touched[node.name] = node
        intake, payload = node.intake, message.payload
        match what:
            case "evt":
                intake.take_event(payload)
            case "stock":
                intake.take_level(unquote(rest), payload)
            case "state" if payload:
                before = intake.present
                intake.take_state(payload)
                if before is not None and intake.present is not before:
                    node.outbox.try_last()
            case "ack" if payload:
                intake.take_ack(payload)
            case "res":
                self._take_answer(node, payload)
            case "snap":
                node.snapshots.take(unquote(rest), payload)

    def _take_answer(self, node: _Node, payload: bytes) -> None:
        answered = node.outbox.take_answer(payload, time.monotonic())
        if answered is None:
            return
        log.info(
            "%s: %s answered: %s", node.name, answered.type, "ok" if answered.is_ok else payload.decode()
        )
        if answered.is_ok and answered.type in ("order.place", "order.amend"):
            node.intake.take_order(answered.data)

    def _node(self, site: str, name: str) -> _Node | None:
        """The node of these names, new or not; None for what is no node, or one too many."""
        known = self._nodes.get(f"{site}/{name}")
        if known is None and _NAME.fullmatch(site) and _NAME.fullmatch(name):
            if len(self._nodes) < NODES_MAX:
                known = self._nodes[f"{site}/{name}"] = _Node(self._store, self._commands, f"{site}/{name}")
                log.info("%s/%s: new here", site, name)
            else:
                log.error("%s/%s is passed over: there are %s nodes already", site, name, NODES_MAX)
        return known

    def _send_ack(self, link: Link, node: _Node) -> None:
        """Say what is safe. Where the window is full it is said with the next look: only the last one counts."""
        if node.intake.is_ack_due and link.free > 0:
            node.intake.is_ack_due = False
            if (ack := node.intake.ack()) is not None:
                link.publish(node.name, "ack", ack, retain=True)

    def _look(self, link: Link) -> None:
        """Ask for what is lacking, and send what is due."""
        now = time.monotonic()
        with self._db.transaction():
            for name in self._store.nodes():
                if name not in self._nodes:  # somebody wrote a command to it, which never said anything
                    self._nodes[name] = _Node(self._store, self._commands, name)
            for node in self._nodes.values():
                self._ask(node, now)
                node.snapshots.settle()
            due = [(node, node.outbox.due(now)) for node in self._nodes.values()]
        for node, commands in due:
            self._send_ack(link, node)
            for number, message in commands[: max(0, link.free)]:
                link.publish(node.name, "cmd", message)
                node.outbox.sent(number, now)

    def _ask(self, node: _Node, now: float) -> None:
        if (wanted := node.intake.wanted(now)) is not None:
            first, last = wanted
            if node.outbox.ask("sync.replay", {"from_seq": first, "to_seq": last}):
                log.info("%s: asked for events %s to %s again", node.name, first, last)
        if node.intake.wants_snapshot(now) and node.outbox.ask("sync.snapshot", {"scope": list(SCOPES)}):
            log.info("%s: asked for a snapshot", node.name)


def run(
    where: str,
    mqtt: Mqtt,
    client_id: str,
    clock: Clock,
    *,
    stop: threading.Event,
    ready: Callable[[str, str], None],
) -> None:
    """Run until told to stop; `ready` is called with the names of broker and database, with each connection, once all
    nodes are subscribed to.

    What fails before the first is raised. Later a broker or a database that is away is tried again, ever more rarely.
    """
    calls, caller = Calls(mqtt), central(mqtt, client_id, receive_max=BATCH_MAX)
    # Topics of which people were told that they are not taken: it comes again with each ack and command.
    refused: set[str] = set()

    def is_over() -> bool:
        return stop.is_set() or calls.were_renewed(lambda text: log.error("%s", text))

    def serve() -> None:
        """Serve over one connection, until told to stop or for new credentials to be taken."""
        with closing(open_database(where)) as database:
            database.claim()
            books = Central(database, clock, mqtt.prefix)
            with calls.connection(caller, stop) as connection:
                if connection is not None:
                    ready(connection.name, database.name)
                    books.serve(Link(connection, mqtt.prefix, refused), is_over)
                    connection.close()

    wait_s = BACKOFF_MIN_S
    while not stop.is_set():
        try:
            serve()
        except EdgeError as error:
            if calls.stands_since is None or not error.transient:
                raise
            if time.monotonic() - calls.stands_since > BACKOFF_MAX_S:
                wait_s = BACKOFF_MIN_S
            # Not all at the same moment when a broker comes back.
            wait_s = min(BACKOFF_MAX_S, wait_s * 2) * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
            log.warning("%s Tried again in %.1f s.", error, wait_s)
            stop.wait(wait_s)
