"""A backlog that a node's link drains to mosquitto, against bare paho with the same messages, in turns."""

import select
import statistics
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from config.settings import Mqtt, Settings
from edge.errors import EdgeError
from edge.facts import Answer, Delivered, Fact
from edge.ledger.outbox import SyncRows
from edge.outbox import EventRow
from sync.dialects import WINDOW
from sync.link import CentralLink
from sync.local_broker import HOST, LocalBroker
from sync.topics import Topics
from tests.bench.table import Row, Scale
from tests.bench.warehouse import Warehouse, settings

GOAL = 0.7
ROUNDS = 5
LINES = 200
"""Of an order that nothing is there for: each is an event, and the order is answered once."""
WITHIN_S = 120.0


def measure(folder: Path, scale: Scale) -> Row:
    """Leave a backlog in a ledger and drain it, again and again; each time bare paho sends the same."""
    floors, links = [], []
    with LocalBroker(folder / "broker") as broker:
        for n in range(ROUNDS):
            ledger = folder / f"ledger-{n}"
            node = settings(ledger).model_copy(update={"mqtt": Mqtt(host=HOST, port=broker.port)})
            warehouse = Warehouse(ledger)
            rows = _backlog(warehouse, node, orders=max(1, scale.backlog // LINES))
            floors.append(len(rows) / _bare(broker.port, node, rows))
            links.append(len(rows) / _drain(warehouse, node, upto=rows[-1].seq))
            warehouse.close()

    ratio = statistics.median(link / floor for link, floor in zip(links, floors, strict=True))
    return Row(
        what="backlog drained to mosquitto, confirm=broker, against bare paho",
        figure=f"{statistics.median(links):,.0f}/s",
        floor=f"{statistics.median(floors):,.0f}/s",
        ratio=f"{ratio:.2f}",
        goal=f">= {GOAL}",
        is_reached=ratio >= GOAL,
        note=f"{len(rows):,} events in a round, MQTT 5, QoS 1, window {WINDOW}; the node reads them from its ledger "
        "and books there what was delivered, the floor has them in memory.",
        limit="paho's own work for each packet is on the link's thread, and reading, levels, answers and bookings "
        "share one lock of Python's with it.",
    )


def _backlog(warehouse: Warehouse, node: Settings, *, orders: int) -> list[EventRow]:
    """Place orders for what is not there, and return the events that are to be told."""
    skus = [f"ITEM-{n:05}" for n in range(LINES)]
    warehouse.stock(skus, pack=1)
    warehouse.place([(f"SO-{n}", skus) for n in range(orders)])
    outbox = SyncRows(node.data_dir / "ledger.db")
    rows = outbox.events(after=0, limit=1_000_000)
    outbox.close()
    return rows


def _bare(port: int, node: Settings, rows: Sequence[EventRow]) -> float:
    """Publish with paho alone, the window full all the time, and return the seconds to the last PUBACK.

    In one thread that does nothing else: paho's own thread beside ours is slower.
    """
    assert node.mqtt is not None
    topics = Topics(node.mqtt.prefix, node.site, node.node)
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(0)
    is_connected, acked = False, 0

    def connected(*_arguments: object) -> None:
        nonlocal is_connected
        is_connected = True

    def taken(*_arguments: object) -> None:
        nonlocal acked
        acked += 1

    client.on_connect, client.on_publish = connected, taken
    # Queued by paho and written in our turn, as the link does.
    client.on_socket_register_write = lambda *_: None
    client.connect(HOST, port)
    waiting = deque((topics.event(row.type), row.payload) for row in rows)
    sent, began, deadline = 0, 0.0, time.monotonic() + WITHIN_S
    while acked < len(rows):
        if time.monotonic() > deadline:
            raise EdgeError(f"Bare paho had {acked} of {len(rows)} events taken within {WITHIN_S:.0f} s.")
        if is_connected:
            began = began or time.perf_counter()
            while waiting and sent - acked < WINDOW:
                client.publish(*waiting.popleft(), qos=1)
                sent += 1
            client.loop_write()
        sock = client.socket()
        assert sock is not None
        select.select([sock], [sock] if client.want_write() else [], [], 1.0)
        client.loop_write()
        client.loop_read()
    took = time.perf_counter() - began
    client.disconnect()
    return took


def _drain(warehouse: Warehouse, node: Settings, *, upto: int) -> float:
    """Let a link and the engine work, each on its thread, and return the seconds to the last event's PUBACK."""
    is_told, stop = threading.Event(), threading.Event()
    began: list[float] = []
    errors: list[EdgeError] = []

    def post(fact: Fact) -> "Future[Answer]":
        if isinstance(fact, Delivered) and fact.outbox == "events" and fact.upto >= upto:
            is_told.set()
        return warehouse.inbox.post(fact)

    link = CentralLink(
        node,
        lambda: SyncRows(node.data_dir / "ledger.db"),
        post,
        version="bench",
        everything_tried=lambda: True,
    )

    def serve() -> None:
        try:
            link.run(stop=stop, ready=lambda: began.append(time.perf_counter()))
        except EdgeError as error:
            errors.append(error)

    threads = [threading.Thread(target=serve, daemon=True), threading.Thread(target=warehouse.engine.run)]
    for thread in threads:
        thread.start()
    is_drained = is_told.wait(WITHIN_S)
    ended = time.perf_counter()
    stop.set()
    link.wake()
    threads[0].join(WITHIN_S)
    warehouse.inbox.close()
    threads[1].join(WITHIN_S)
    if not is_drained or errors:
        raise EdgeError(f"The link did not drain {upto} events within {WITHIN_S:.0f} s: {errors}")
    return ended - began[0]
