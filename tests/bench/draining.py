"""What waits goes: a backlog that a node's link drains, and one event while nothing waits; by turns with bare paho."""

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from config.settings import Mqtt, Settings
from edge.facts import Answer
from edge.ledger.outbox import SyncRows
from edge.outbox import EventRow
from sync.dialects import WINDOW
from sync.local_broker import HOST, LocalBroker
from sync.topics import Topics
from tests.bench.bare_paho import BarePaho
from tests.bench.linked import LinkedNode
from tests.bench.table import Row, Scale, p50_p99
from tests.bench.warehouse import Warehouse, expect, scan, settings
from tests.reference_central import CentralProcess

BROKER_GOAL = 0.7
CENTRAL_GOAL = 0.4
PUBACK_GOAL_MS = 3.0
ROUNDS = 5
LINES = 200
"""Of an order that nothing is there for: each is an event, and the order is answered once."""
PAUSE_S = 0.08
"""Behind each event that is sent alone: what follows it is told and booked by then."""
WARM_UP = 5
UNHEARD = "bench"
"""A prefix of which central hears nothing."""


def measure(folder: Path, scale: Scale) -> list[Row]:
    """Leave a backlog in a ledger and drain it to a broker and to a central, again and again; then event by event."""
    floors, to_broker, to_central = [], [], []
    with (
        LocalBroker(folder / "broker") as broker,
        CentralProcess(broker.port, str(folder / "central.db")),
        BarePaho(broker.port) as paho,
    ):
        for n in range(ROUNDS):
            rows, linked = _backlog(folder / f"broker-{n}", broker.port, scale, confirm="broker")
            floors.append(len(rows) / paho.publish(_messages(rows)))
            with linked:
                to_broker.append(len(rows) / (linked.until_broker_has(rows[-1].seq) - linked.ready_at))
            rows, linked = _backlog(folder / f"central-{n}", broker.port, scale, confirm="central")
            with linked:
                to_central.append(len(rows) / (linked.until_central_has(rows[-1].seq) - linked.ready_at))
        alone = _alone(folder / "alone", broker.port, paho, scale)
    return [
        _row(
            "confirm=broker",
            *(to_broker, floors, BROKER_GOAL),
            note=f"{len(rows):,} events in a round, MQTT 5, QoS 1, window {WINDOW}; the node reads them from its "
            "ledger and books there what was delivered, the floor has them in memory.",
            limit="paho's own work for each packet is on the link's thread, and reading, levels, answers and bookings "
            "share one lock of Python's with it.",
        ),
        _row(
            "confirm=central",
            *(to_central, floors, CENTRAL_GOAL),
            note="the same to the reference central, which keeps them in SQLite and adds them up: until its ack for "
            "the last one is back. Node, broker and central share the processors.",
            limit="three programs that all have work to do at once.",
        ),
        alone,
    ]


def _row(how: str, drained: list[float], floors: list[float], goal: float, *, note: str, limit: str) -> Row:
    ratio = statistics.median(each / floor for each, floor in zip(drained, floors, strict=True))
    return Row(
        what=f"backlog drained, {how}, against bare paho",
        figure=f"{statistics.median(drained):,.0f}/s",
        floor=f"{statistics.median(floors):,.0f}/s",
        ratio=f"{ratio:.2f}",
        goal=f">= {goal}",
        is_reached=ratio >= goal,
        note=note,
        limit=limit,
    )


def _node(folder: Path, port: int, *, confirm: str) -> Settings:
    # Another name each: central is to hear of a new node, and not of one whose ledger is another.
    prefix = "crossdock" if confirm == "central" else UNHEARD
    mqtt = Mqtt.model_validate({"host": HOST, "port": port, "confirm": confirm, "prefix": prefix})
    return settings(folder).model_copy(update={"node": folder.name, "mqtt": mqtt})


def _backlog(folder: Path, port: int, scale: Scale, *, confirm: str) -> tuple[list[EventRow], LinkedNode]:
    """Place orders for what is not there; return the events that are to be told, and who tells them."""
    node = _node(folder, port, confirm=confirm)
    warehouse = Warehouse(folder, node)
    skus = [f"ITEM-{n:05}" for n in range(LINES)]
    warehouse.stock(skus, pack=1)
    warehouse.place([(f"SO-{n}", skus) for n in range(max(1, scale.backlog // LINES))])
    outbox = SyncRows(folder / "ledger.db")
    rows = outbox.events(after=0, limit=1_000_000)
    outbox.close()
    return rows, LinkedNode(warehouse, node)


def _messages(rows: Sequence[EventRow]) -> list[tuple[str, bytes]]:
    topics = Topics(UNHEARD, "bench", "node-1")
    return [(topics.event(row.type), row.payload) for row in rows]


def _alone(folder: Path, port: int, paho: BarePaho, scale: Scale) -> Row:
    """Scan one by one, each a receipt with its event, and wait until the broker has it; by turns with bare paho.

    The PUBACK counts from when the link tells the engine of it, and the commit from when the scan is answered.
    """
    node = _node(folder, port, confirm="broker")
    warehouse = Warehouse(folder, node)
    # Items that are known: a receipt of one is one event.
    skus = [f"ITEM-{n:03}" for n in range(100)]
    warehouse.stock(skus, pack=1)
    message = (Topics(UNHEARD, "bench", "node-1").event("crossdock.stock.received"), b"x" * 700)
    committed_at = 0.0

    def committed(_answer: "Future[Answer]") -> None:
        nonlocal committed_at
        committed_at = time.perf_counter()

    floors, pubacks = [], []
    with LinkedNode(warehouse, node) as linked:
        for n in range(-WARM_UP, scale.first_bytes):
            floors.append(1000 * paho.publish([message]))
            answer = warehouse.inbox.post(scan(f"CASE-{skus[n % 100]}"))
            answer.add_done_callback(committed)
            expect(answer)
            seq = warehouse.engine.books.records.seq
            pubacks.append(1000 * (linked.until_broker_has(seq) - committed_at))
            time.sleep(PAUSE_S)

    (floor_50, floor_99), (puback_50, puback_99) = (p50_p99(each[WARM_UP:]) for each in (floors, pubacks))
    return Row(
        what="commit to PUBACK, idle, p50 / p99",
        figure=f"{puback_50:.2f} / {puback_99:.2f} ms",
        floor=f"{floor_50:.2f} / {floor_99:.2f} ms",
        ratio=f"+{puback_50 - floor_50:.2f} / {puback_99 - floor_99:+.2f} ms",
        goal=f"p50 <= {PUBACK_GOAL_MS:.0f} ms",
        is_reached=puback_50 <= PUBACK_GOAL_MS,
        note=f"{len(pubacks) - WARM_UP} receipts one by one, engine and link in this process, each on its thread; the "
        "floor is bare paho with one message of that size.",
        limit="the link's thread is woken, reads its rows and publishes, all under Python's one lock.",
    )
