"""The link to central against a real mosquitto on this machine: what central asks for."""

from edge.facts import CommandReceived, CommandRefused, ReplyTo
from edge.outbox import AnswerRow
from tests.mqtt import ROOT, Central, Node, command, wait_until


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


def test_commands_become_facts_in_order_and_bad_ones_too(node: Node, central: Central) -> None:
    node.start()

    central.command(command("c-1"), reply="replies/erp")
    central.command(b"[" * 5000)
    central.command(command("c-3", data={"order": ""}))
    central.command(b"")
    central.command(command("c-5"), qos=0)
    central.command(command("c-6", data={"order": "S" * 1_000_000}))
    wait_until(lambda: len(node.engine.facts) == 6)

    facts = [fact for fact in node.engine.facts if isinstance(fact, CommandReceived | CommandRefused)]
    assert [fact.id for fact in facts] == ["c-1", "", "c-3", "", "c-5", "c-6"]
    assert [fact.code for fact in facts if isinstance(fact, CommandRefused)] == [
        "bad_json",
        "bad_value",
        "bad_json",
        "too_large",
    ]
    assert facts[0].reply_to == ReplyTo("replies/erp", b"\x00\xff")
    assert node.errors == []


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


def test_a_command_left_retained_is_not_taken_again_with_each_connection(
    node: Node, central: Central
) -> None:
    central.command(command("stale"), retain=True)
    node.start()
    central.command(command("live"))
    wait_until(lambda: node.engine.facts)

    assert [fact.id for fact in node.engine.facts if isinstance(fact, CommandReceived)] == ["live"]


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
