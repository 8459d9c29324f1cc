"""The link to central against a real mosquitto on this machine: what central asks for."""

from config.settings import Mqtt
from edge.facts import CommandReceived, CommandRefused, EventsConfirmed, ReplyTo
from edge.outbox import AnswerRow
from tests.mqtt import (
    BOTH_PROTOCOLS,
    ROOT,
    TIMEOUT_S,
    Central,
    Node,
    command,
    wait_until,
)
from tests.scripted_broker import let_in, scripted_broker


def test_answers_go_to_res_and_to_where_the_command_wants_them(node: Node, central: Central) -> None:
    node.outbox.answer_rows = [
        AnswerRow(1, b'{"id":"c-1"}', "replies/erp", b"\x00\xff"),
        AnswerRow(2, b'{"id":"c-2"}', None, None),
        AnswerRow(3, b'{"id":"c-3"}', "not/#/a topic", None),
        AnswerRow(4, b'{"id":"c-4"}', f"{ROOT}/cmd", None),
    ]
    node.book(3000)

    node.start()
    wait_until(lambda: node.outbox.confirmed["answers"] == 4)

    # They do not wait behind the events.
    assert node.outbox.confirmed["events"] < 3000
    wait_until(lambda: len([topic for topic, _, _ in central.got if topic == "res"]) == 4)
    wait_until(lambda: central.replies == [("replies/erp", b'{"id":"c-1"}', b"\x00\xff")])
    assert "cmd" not in [topic for topic, _, _ in central.got]


@BOTH_PROTOCOLS
def test_commands_become_facts_in_order_and_bad_ones_too(node: Node, central: Central) -> None:
    node.start()

    central.command(command("c-1"))
    central.command(b"[" * 5000)
    central.command(command("c-3", data={"order": ""}))
    central.command(b"")
    central.command(command("c-5"), qos=0)
    central.command(command("c-6", data={"order": "S" * 1_000_000}))
    central.command(command("c-7"), qos=2)
    wait_until(lambda: len(node.engine.facts) == 7)

    facts = [fact for fact in node.engine.facts if isinstance(fact, CommandReceived | CommandRefused)]
    assert [fact.id for fact in facts] == ["c-1", "", "c-3", "", "c-5", "c-6", "c-7"]
    assert [fact.code for fact in facts if isinstance(fact, CommandRefused)] == [
        "bad_json",
        "bad_value",
        "bad_json",
        "too_large",
    ]
    assert node.errors == []


def test_a_command_may_say_where_it_wants_its_answer(node: Node, central: Central) -> None:
    node.start()

    central.command(command("c-1"), reply="replies/erp")
    wait_until(lambda: node.engine.facts)

    fact = node.engine.facts[0]
    assert isinstance(fact, CommandReceived)
    assert fact.reply_to == ReplyTo("replies/erp", b"\x00\xff")


@BOTH_PROTOCOLS
def test_a_command_is_acknowledged_only_once_it_is_on_disk(node: Node, central: Central) -> None:
    node.engine.hold = True
    node.start()
    central.command(command("c-1"))
    wait_until(lambda: len(node.engine.facts) == 1)

    # We go while it is not on disk: the broker keeps it, and what comes meanwhile.
    node.stop()
    central.command(command("c-2"))
    node.engine.hold = False
    node.start()
    wait_until(lambda: len(node.engine.facts) == 3)
    node.stop()
    node.start()
    central.command(command("c-3"))
    wait_until(lambda: len(node.engine.facts) == 4)

    ids = [fact.id for fact in node.engine.facts if isinstance(fact, CommandReceived)]
    assert ids == ["c-1", "c-1", "c-2", "c-3"]


@BOTH_PROTOCOLS
def test_a_command_that_the_disk_did_not_take_comes_again(node: Node, central: Central) -> None:
    node.engine.hold = True
    node.start()
    central.command(command("c-1"))
    wait_until(lambda: len(node.engine.facts) == 1)

    node.engine.hold = False
    node.engine.fail()
    wait_until(lambda: len(node.engine.facts) == 2)

    ids = [fact.id for fact in node.engine.facts if isinstance(fact, CommandReceived)]
    assert ids == ["c-1", "c-1"]
    assert "The disk is full." in str(node.errors[0])


@BOTH_PROTOCOLS
def test_a_command_left_retained_is_refused(node: Node, central: Central) -> None:
    central.command(command("stale"), retain=True)
    node.start()
    central.command(command("live"))
    wait_until(lambda: len(node.engine.facts) == 2)
    node.stop()

    stale, live = node.engine.facts
    assert isinstance(stale, CommandRefused)
    assert (stale.id, stale.code, stale.is_retained) == ("stale", "bad_envelope", True)
    assert isinstance(live, CommandReceived)
    # It is acknowledged as the others are: the broker has none of them any more.
    node.start()
    central.command(command("later"))
    wait_until(
        lambda: "later" in [fact.id for fact in node.engine.facts if isinstance(fact, CommandReceived)]
    )
    again = [fact.id for fact in node.engine.facts[2:] if isinstance(fact, CommandReceived)]
    assert again == ["later"]


@BOTH_PROTOCOLS
def test_many_unacknowledged_commands_do_not_fill_the_inbox(node: Node, central: Central) -> None:
    node.engine.hold = True
    node.start()
    for i in range(100):
        central.command(command(f"c-{i}"))
    wait_until(lambda: len(node.engine.facts) == 64)

    node.engine.hold = False
    node.engine.settle()
    wait_until(lambda: len(node.engine.facts) == 100)

    ids = [fact.id for fact in node.engine.facts if isinstance(fact, CommandReceived)]
    assert ids == [f"c-{i}" for i in range(100)]


@BOTH_PROTOCOLS
def test_acks_are_told_the_one_that_lay_there_too(node: Node, central: Central) -> None:
    digest = "ab" * 32
    central.say("ack", b'{"epoch":"e1","seq":3}', retain=True)

    node.start()
    wait_until(lambda: node.engine.facts)
    central.say("ack", f'{{"epoch":"e1","seq":4,"hash":"{digest}","by":"erp"}}'.encode(), retain=True)
    central.say("ack", b'{"epoch":"e1","seq":"5"}')
    central.say("ack", b"", retain=True)
    central.say("ack", b'{"epoch":"e0","seq":0}')
    wait_until(lambda: len(node.engine.facts) == 4)

    first, second, refused, last = node.engine.facts
    assert (first, second) == (EventsConfirmed("e1", 3), EventsConfirmed("e1", 4, digest))
    assert isinstance(refused, CommandRefused)
    assert (refused.topic, refused.code, refused.text) == (
        "ack",
        "bad_value",
        'seq must be a whole number, 0 or more, got "5".',
    )
    assert last == EventsConfirmed("e0", 0)


def test_a_node_that_may_not_read_acks_works_all_the_same_where_the_brokers_word_counts() -> None:
    with scripted_broker() as server:
        node = Node(server.getsockname()[1])
        node.start(wait=False)
        with let_in(server, suback=b"\x01\x87"):
            assert node.ready.wait(TIMEOUT_S)
        node.stop()


def test_where_central_is_to_confirm_a_node_that_may_not_read_acks_says_so() -> None:
    with scripted_broker() as server:
        port = server.getsockname()[1]
        node = Node(port, mqtt=Mqtt(host="127.0.0.1", port=port, confirm="central"))
        node.start(wait=False)
        with let_in(server, suback=b"\x01\x87"):
            wait_until(lambda: node.errors)
        node.stop()

    assert str(node.errors[0]) == (
        f"The broker 127.0.0.1:{port} does not let this node read {ROOT}/ack: Not authorized. "
        "Allow it in the broker's access rules."
    )
