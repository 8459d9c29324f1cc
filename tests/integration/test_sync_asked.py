"""What central asks for beside events, over a real mosquitto or a broker that answers as the test says."""

import hashlib
import io
import json
import time
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pytest

from edge.domain.requests import ReplayEvents, Scope, TakeSnapshot
from edge.outbox import AskedRow
from sync.local_broker import LocalBroker
from tests.fakes import FakeSnapshot
from tests.mqtt import TIMEOUT_S, Central, Node, wait_until
from tests.scripted_broker import Published, ScriptedBroker

SCOPES: tuple[Scope, ...] = ("levels", "positions", "orders")


@pytest.fixture
def scripted() -> Iterator[ScriptedBroker]:
    with ScriptedBroker() as broker:
        yield broker


@pytest.fixture
def scripted_node(scripted: ScriptedBroker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr("sync.lanes.PAUSE_FIRST_S", 0.02)
    made = Node(scripted.port)
    yield made
    made.stop()


def ask(node: Node, request: ReplayEvents | TakeSnapshot, id: str = "c-1") -> int:
    """Leave what central asked for as the engine does."""
    number = len(node.outbox.asked_rows) + 1
    node.outbox.asked_rows.append(AskedRow(number, id, request))
    node.link.wake()
    return number


def snapshots(got: Sequence[tuple[str, bytes]], topic: str = "snap/c-1") -> list[bytes]:
    return [payload for name, payload in got if name == topic]


def whole(messages: Sequence[bytes]) -> dict[str, list[int]]:
    """Read a snapshot as central does: counts, numbers and digest have to agree. Give the rows of each scope."""
    begin, *chunks, end = [json.loads(message) for message in messages]
    rows: dict[str, list[int]] = {}
    for n, chunk in enumerate(chunks, start=1):
        assert (chunk.pop("n"), chunk.pop("of")) == (n, len(chunks))
        ((scope, some),) = chunk.items()
        rows.setdefault(scope, []).extend(row["n"] for row in some)
    assert {scope: len(some) for scope, some in rows.items()} == begin["begin"]["counts"]
    assert end == {"end": {"digest": hashlib.sha256(b"".join(messages[1:-1])).hexdigest()}}
    return rows


def test_a_replay_publishes_events_again_as_they_were(node: Node, central: Central) -> None:
    node.book(300)
    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 300)

    number = ask(node, ReplayEvents(20, 250))
    wait_until(lambda: node.outbox.confirmed["asked"] == number)

    wait_until(lambda: len(central.events()) == 531)
    assert central.events()[300:] == node.payloads()[19:250]


def test_a_replay_publishes_no_event_for_the_first_time(
    scripted_node: Node, scripted: ScriptedBroker
) -> None:
    node = scripted_node
    node.book(10)
    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 10)
    scripted.answer = lambda _message: None
    node.book(5)
    wait_until(lambda: len(scripted.events()) == 15)

    ask(node, ReplayEvents(9, 15))
    wait_until(lambda: len(scripted.events()) == 17)
    scripted.answer = lambda _message: 0
    scripted.release()
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    assert scripted.events() == node.payloads() + node.payloads()[8:10]


def test_a_replay_of_what_was_never_published_is_done_at_once(node: Node, central: Central) -> None:
    node.start()
    ask(node, ReplayEvents(1, 5))

    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    assert central.events() == []


def test_a_replay_leaves_most_of_the_window_to_the_running_events(
    scripted_node: Node, scripted: ScriptedBroker
) -> None:
    node = scripted_node
    node.book(500)
    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 500)
    scripted.answer = lambda _message: None

    ask(node, ReplayEvents(1, 500))
    wait_until(lambda: len(scripted.events()) == 525)
    node.book(200)
    wait_until(lambda: len(scripted.events()) == 600)

    assert scripted.events()[500:] == node.payloads()[:25] + node.payloads()[500:575]


def test_replays_go_one_after_the_other(node: Node, central: Central) -> None:
    node.book(100)
    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 100)

    ask(node, ReplayEvents(50, 60), "c-1")
    ask(node, ReplayEvents(10, 20), "c-2")
    wait_until(lambda: node.outbox.confirmed["asked"] == 2)

    wait_until(lambda: len(central.events()) == 122)
    assert central.events()[100:] == node.payloads()[49:60] + node.payloads()[9:20]


def test_a_replay_that_a_lost_connection_broke_off_begins_anew(
    scripted_node: Node, scripted: ScriptedBroker
) -> None:
    node = scripted_node
    node.book(100)
    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 100)
    scripted.answer = lambda message: 0 if message.payload in node.payloads()[:10] else None
    ask(node, ReplayEvents(1, 100))
    wait_until(lambda: len(scripted.events()) == 135)

    scripted.answer = lambda _message: 0
    scripted.hang_up()
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    assert scripted.events()[135:] == node.payloads()


def test_a_replay_goes_on_from_where_it_was_refused(scripted_node: Node, scripted: ScriptedBroker) -> None:
    node = scripted_node
    node.book(100)
    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 100)
    refusals = [0x97]
    scripted.answer = lambda message: (
        refusals.pop() if refusals and message.payload == node.payloads()[30] else 0
    )

    ask(node, ReplayEvents(1, 100))
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    again = scripted.events()[100:]
    last = len(again) - 1 - again[::-1].index(node.payloads()[30])
    assert again[:31] == node.payloads()[:31]
    assert again[last:] == node.payloads()[30:]


def test_a_snapshot_says_what_it_is_of_numbers_its_pieces_and_ends_with_their_digest(
    node: Node, broker: LocalBroker, central: Central
) -> None:
    node.book(7)
    node.start()
    ask(node, TakeSnapshot(SCOPES), "c 1/ä")
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)
    wait_until(lambda: len(central.got) >= 7 + 8)

    topic = "snap/c%201%2F%C3%A4"
    messages = snapshots([(name, payload) for name, payload, _ in central.got], topic)
    assert json.loads(messages[0]) == {
        "begin": {"epoch": "e1", "as_of_seq": 7, "counts": {"levels": 3, "positions": 3, "orders": 3}}
    }
    assert messages[1] == b'{"n":1,"of":6,"levels":[{"n":1},{"n":2}]}'
    assert whole(messages) == {scope: [1, 2, 3] for scope in SCOPES}
    late = Central(broker.port, topic="crossdock/par1/dock-a/snap/#")
    late.close()
    assert late.got == []
    assert [snapshot.closed for snapshot in node.outbox.snapshots] == [2]
    assert all(file.closed for file in node.outbox.scratched)


def test_events_go_on_while_a_snapshot_is_drawn(
    node: Node, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.snapshot.SLICE_S", 0)
    deadline = time.monotonic() + TIMEOUT_S

    def long(_snapshot: FakeSnapshot) -> Iterator[tuple[Scope, bytes]]:
        """As long as it takes until an event that came meanwhile is with the broker."""
        node.book(1)
        while node.outbox.confirmed["events"] < 1:
            assert time.monotonic() < deadline, "no event went on"
            yield "levels", b"[]"

    monkeypatch.setattr(FakeSnapshot, "pieces", long)
    node.start()
    ask(node, TakeSnapshot(("levels",)))
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    wait_until(lambda: central.events() == node.payloads())


def test_a_snapshot_of_nothing_has_no_pieces(
    node: Node, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSnapshot, "pieces", lambda _self: iter(()))
    node.start()
    ask(node, TakeSnapshot(()))
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    wait_until(lambda: len(snapshots([(name, payload) for name, payload, _ in central.got])) == 2)
    assert whole(snapshots([(name, payload) for name, payload, _ in central.got])) == {}


def test_a_snapshot_comes_behind_the_events_that_are_in_it(
    scripted_node: Node, scripted: ScriptedBroker
) -> None:
    node = scripted_node
    node.book(250)
    scripted.answer = lambda message: None if message.payload == node.payloads()[249] else 0
    ask(node, TakeSnapshot(SCOPES))
    node.start()
    wait_until(lambda: node.payloads()[249] in scripted.events())
    wait_until(lambda: node.outbox.confirmed["events"] == 249)
    assert "snap/c-1" not in scripted.topics()
    # Its moment is not held while it waits.
    assert node.outbox.snapshots[0].closed

    scripted.release()

    wait_until(lambda: node.outbox.confirmed["asked"] == 1)


def test_a_snapshot_that_a_lost_connection_broke_off_is_taken_anew(
    scripted_node: Node, scripted: ScriptedBroker
) -> None:
    node = scripted_node
    node.book(3)
    scripted.answer = lambda message: None if message.topic.startswith("snap/") else 0
    ask(node, TakeSnapshot(SCOPES))
    node.start()
    wait_until(lambda: "snap/c-1" in scripted.topics())
    node.book(1)

    scripted.answer = lambda _message: 0
    scripted.hang_up()
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    messages = snapshots([(message.topic, message.payload) for message in scripted.got])
    whole(messages[-8:])
    assert json.loads(messages[-8])["begin"]["as_of_seq"] == 4
    assert len(node.outbox.snapshots) == 2
    assert all(file.closed for file in node.outbox.scratched)


def test_a_snapshot_of_which_a_piece_is_refused_begins_again(
    scripted_node: Node, scripted: ScriptedBroker
) -> None:
    node = scripted_node
    refusals = [0x80]

    def answer(message: Published) -> int:
        return refusals.pop() if refusals and b'"n":3,' in message.payload else 0

    scripted.answer = answer
    node.start()
    ask(node, TakeSnapshot(SCOPES))
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    messages = snapshots([(message.topic, message.payload) for message in scripted.got])
    whole(messages[-8:])
    assert len(node.outbox.snapshots) == 1


def test_a_full_disk_puts_a_snapshot_off_and_holds_no_event_up(
    node: Node, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.lanes.PAUSE_FIRST_S", 0.02)
    scratch, refusals = node.outbox.scratch, [True, True]

    def full() -> BinaryIO:
        if not refusals:
            return scratch()
        refusals.pop()
        return FullFile()

    monkeypatch.setattr(node.outbox, "scratch", full)
    node.start()
    ask(node, TakeSnapshot(SCOPES))
    node.book(50)
    wait_until(lambda: node.outbox.confirmed["events"] == 50)
    wait_until(lambda: node.outbox.confirmed["asked"] == 1)

    wait_until(lambda: len(snapshots([(name, payload) for name, payload, _ in central.got])) == 8)
    assert node.complaints() == [
        "A snapshot that central asked for cannot be taken now: [Errno 28] No space left on device. "
        "Everything else goes on, and it is tried again: see that the disk has room.",
        "",
    ]


class FullFile(io.BytesIO):
    def write(self, _data: object) -> int:
        raise OSError(28, "No space left on device")
