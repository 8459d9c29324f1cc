"""What a broker refuses, reason by reason: what waits, what goes again, what is left out, and what people are told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.facts import CommandReceived
from edge.outbox import AnswerRow, LevelRow
from sync.local_broker import LocalBroker
from tests.mqtt import ROOT, Central, Node, command, wait_until
from tests.scripted_broker import Published, ScriptedBroker

UNSPECIFIED, IMPLEMENTATION, NOT_AUTHORIZED = 0x80, 0x83, 0x87
TOPIC_INVALID, QUOTA, FORM_INVALID = 0x90, 0x97, 0x99


@pytest.fixture
def scripted() -> Iterator[ScriptedBroker]:
    with ScriptedBroker() as broker:
        yield broker


@pytest.fixture
def node(scripted: ScriptedBroker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    monkeypatch.setattr("sync.lanes.PAUSE_FIRST_S", 0.02)
    made = Node(scripted.port)
    yield made
    made.stop()


def refuse(broker: ScriptedBroker, payload: bytes, *reasons: int) -> None:
    """Have a message refused as often as there are reasons, and then taken."""
    left = list(reasons)
    broker.answer = lambda message: left.pop(0) if left and message.payload == payload else 0


@pytest.mark.parametrize("reason", [UNSPECIFIED, IMPLEMENTATION, NOT_AUTHORIZED, QUOTA])
def test_from_the_refused_event_on_all_goes_again_in_order(
    node: Node, scripted: ScriptedBroker, reason: int
) -> None:
    node.book(200)
    refuse(scripted, node.payloads()[40], reason, reason)

    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 200)

    assert scripted.events()[:41] == node.payloads()[:41]
    # Others were in flight behind it when it was refused for the first time; then it was tried before any of them.
    last = len(scripted.events()) - 1 - scripted.events()[::-1].index(node.payloads()[40])
    assert scripted.events()[last:] == node.payloads()[40:]
    assert node.errors == []


def test_after_a_refusal_one_message_alone_is_tried(node: Node, scripted: ScriptedBroker) -> None:
    node.book(200)
    refuse(scripted, node.payloads()[0], *[NOT_AUTHORIZED] * 4)

    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 200)

    again = scripted.events()[100:]
    assert again[:4] == [node.payloads()[0]] * 4
    assert again[4:] == node.payloads()[1:]


def test_nothing_behind_a_refused_event_counts_as_delivered(node: Node, scripted: ScriptedBroker) -> None:
    node.book(20)
    refuse(scripted, node.payloads()[5], *[NOT_AUTHORIZED] * 1000)

    node.start()
    wait_until(lambda: scripted.events().count(node.payloads()[5]) >= 3)

    assert node.outbox.confirmed["events"] == 5


def test_a_refusal_is_told_and_taken_back_when_it_is_over(node: Node, scripted: ScriptedBroker) -> None:
    node.book(3)
    refuse(scripted, node.payloads()[1], NOT_AUTHORIZED, NOT_AUTHORIZED)

    node.start()
    wait_until(lambda: len(node.complaints()) == 2)

    assert node.complaints() == [
        f"The broker 127.0.0.1:{scripted.port} refused a message on {ROOT}/evt/stock/received: Not authorized. "
        f"Let this node publish under {ROOT}/ in the broker's access rules.",
        "",
    ]


def test_a_refusal_that_is_no_matter_of_rights_says_where_to_look(
    node: Node, scripted: ScriptedBroker
) -> None:
    node.book(1)
    refuse(scripted, node.payloads()[0], IMPLEMENTATION)

    node.start()
    wait_until(node.complaints)

    assert node.complaints()[0] == (
        f"The broker 127.0.0.1:{scripted.port} refused a message on {ROOT}/evt/stock/received: "
        "Implementation specific error. It is tried again; the broker's own log may say more."
    )


def test_a_broker_that_refuses_events_still_gets_answers_and_levels(
    node: Node, scripted: ScriptedBroker
) -> None:
    node.book(2)
    node.outbox.answer_rows = [AnswerRow(1, b'{"ok":true}', None, None)]
    node.outbox.level_rows = [LevelRow(1, 0, "PEN", b"{}")]
    scripted.answer = lambda message: NOT_AUTHORIZED if message.topic.startswith("evt/") else 0

    node.start()
    wait_until(lambda: node.outbox.confirmed["answers"] == node.outbox.confirmed["levels"] == 1)

    assert node.outbox.confirmed["events"] == 0
    assert node.errors == []


def test_the_quota_of_a_broker_is_nobodys_trouble(node: Node, scripted: ScriptedBroker) -> None:
    node.book(150)
    refuse(scripted, node.payloads()[0], QUOTA)

    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 150)

    assert node.complaints() == []


def test_a_broker_whose_quota_was_exceeded_gets_half_as_much_at_once(
    node: Node, scripted: ScriptedBroker
) -> None:
    node.book(400)

    def answer(message: Published) -> int | None:
        if len(scripted.got) <= 100:
            return QUOTA if message.payload == node.payloads()[0] else 0
        return None

    scripted.answer = answer
    node.start()
    wait_until(lambda: len(scripted.events()) == 150)

    # Nothing is taken any more, so that what is in flight stands.
    assert scripted.events()[100:] == node.payloads()[:50]


@pytest.mark.parametrize("reason", [TOPIC_INVALID, FORM_INVALID])
def test_an_event_that_will_never_be_taken_is_left_out_and_its_hole_is_told(
    node: Node, scripted: ScriptedBroker, reason: int
) -> None:
    node.book(30)
    refuse(scripted, node.payloads()[6], reason)

    node.start()
    wait_until(lambda: node.outbox.confirmed["events"] == 30)

    assert node.errors == []
    assert scripted.events() == node.payloads()
    assert len(node.complaints()) == 1
    assert node.complaints()[0].startswith(
        f"A message on {ROOT}/evt/stock/received was left out by the broker 127.0.0.1:{scripted.port}: it refused it: "
    )
    assert node.complaints()[0].endswith(
        "Central does not have event 7 and has a hole there: let the broker take messages of 100 KiB, "
        "then have central ask for it (sync.replay from 7 to 7)."
    )


def test_an_event_larger_than_the_broker_says_it_takes_is_not_sent_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedBroker(properties=b"\x27\x00\x00\x07\xd0") as small:  # a maximum packet size of 2,000
        node = Node(small.port)
        node.book(1)
        node.book(2, size=3000)
        node.book(1)
        node.start()
        wait_until(lambda: node.outbox.confirmed["events"] == 4)
        node.stop()

    assert small.events() == [node.payloads()[0], node.payloads()[3]]
    # The second one adds nothing that a person could do; it stands in the log.
    assert len(node.complaints()) == 1
    assert "Central does not have event 2 and has a hole there" in node.complaints()[0]


def test_a_refused_answer_goes_again_to_both_who_wait(node: Node, scripted: ScriptedBroker) -> None:
    node.outbox.answer_rows = [AnswerRow(n, b'{"id":"c-%d"}' % n, "replies/1", b"x") for n in (1, 2)]
    refuse(scripted, b'{"id":"c-1"}', UNSPECIFIED)

    node.start()
    wait_until(lambda: node.outbox.confirmed["answers"] == 2)

    for topic in ("res", "replies/1"):
        got = [message.payload for message in scripted.got if message.topic == topic]
        assert got[-2:] == [b'{"id":"c-1"}', b'{"id":"c-2"}']


def test_a_reply_topic_that_the_broker_forbids_holds_nothing_up(node: Node, scripted: ScriptedBroker) -> None:
    """Central named it; the answer is on `res`."""
    node.outbox.answer_rows = [AnswerRow(1, b"{}", "elsewhere/1", b"x")]
    scripted.answer = lambda message: NOT_AUTHORIZED if message.topic == "elsewhere/1" else 0

    node.start()
    wait_until(lambda: node.outbox.confirmed["answers"] == 1)

    assert node.complaints() == []


def test_a_refused_state_is_told_again_when_it_may_be(node: Node, scripted: ScriptedBroker) -> None:
    refused: list[Published] = []

    def answer(message: Published) -> int:
        if message.topic == "state" and len(refused) < 2:
            refused.append(message)
            return NOT_AUTHORIZED
        return 0

    scripted.answer = answer
    node.start()
    wait_until(lambda: scripted.topics().count("state") == 3)

    assert {message.payload for message in scripted.got} == {refused[0].payload}
    wait_until(lambda: node.complaints()[-1:] == [""])


def test_levels_with_a_refused_one_all_arrive(node: Node, scripted: ScriptedBroker) -> None:
    node.outbox.level_rows = [LevelRow(n, 0, f"P{n}", b"%d" % n) for n in range(1, 81)]
    refuse(scripted, b"30", QUOTA, UNSPECIFIED)

    node.start()
    wait_until(lambda: node.outbox.confirmed["levels"] == 80)

    assert {message.payload for message in scripted.got if message.is_retained} >= {
        b"%d" % n for n in range(1, 81)
    }


def test_a_guarded_mosquitto_takes_what_the_node_may_say_and_commands_still_come(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text(
        f"topic read {ROOT}/cmd\ntopic write {ROOT}/cmd\ntopic read {ROOT}/ack\ntopic write {ROOT}/res\n"
    )
    rules.chmod(0o600)
    # With no limit of what it queues this mosquitto hangs up after each refusal.
    extra = [f"acl_file {rules}", "max_queued_messages 100000"]
    with LocalBroker(tmp_path / "broker", extra=extra) as strict:
        node = Node(strict.port)
        node.book(1)
        node.start()
        central = Central(strict.port)
        wait_until(node.complaints)

        central.command(command("c-1"))
        wait_until(lambda: any(isinstance(fact, CommandReceived) for fact in node.engine.facts))
        node.outbox.answer_rows = [AnswerRow(1, b"{}", None, None)]
        node.link.wake()
        wait_until(lambda: node.outbox.confirmed["answers"] == 1)
        node.stop()
        central.close()

    assert node.errors == []
    assert node.outbox.confirmed["events"] == 0
