"""How the conformance kit judges commands, and what it answers."""

import json
from typing import Any

import pytest

from sync.conformance.commands import MAX_UNANSWERED, Command, CommandJudge, answer, replay_of

RESUME = {"order": "SO-1"}


def command(id: str = "c-1", type: str = "order.resume", data: Any = RESUME) -> bytes:
    told = {"specversion": "1.0", "id": id, "source": "/erp", "type": f"crossdock.{type}", "data": data}
    return json.dumps(told).encode()


def take(judge: CommandJudge, payload: bytes, *, is_retained: bool = False) -> Command:
    taken = judge.take(payload, is_retained=is_retained)
    assert taken is not None
    return taken


def seen(judge: CommandJudge) -> list[str]:
    assert {fault.trial for fault in judge.faults} <= {"commands"}
    return [fault.seen for fault in judge.faults]


def test_a_right_command_is_answered_well() -> None:
    judge = CommandJudge()

    taken = take(judge, command())

    assert json.loads(answer(taken)) == {"id": "c-1", "source": "/erp", "ok": True}
    assert seen(judge) == []


def test_a_command_that_comes_again_is_answered_once_while_it_is_open_and_again_after_that() -> None:
    judge = CommandJudge()
    first = take(judge, command())

    assert judge.take(command(), is_retained=False) is None
    judge.answered(first)
    assert take(judge, command()) == first

    assert seen(judge) == []


def test_an_id_that_comes_with_other_content_is_a_conflict() -> None:
    judge = CommandJudge()
    take(judge, command())

    taken = take(judge, command(data={"order": "SO-2"}))

    assert json.loads(answer(taken))["error"]["code"] == "conflict"
    assert seen(judge) == ['The id "c-1" came again with other content.']


def test_a_hundred_may_be_unanswered_and_one_more_is_told_once() -> None:
    judge = CommandJudge()
    for number in range(MAX_UNANSWERED):
        take(judge, command(f"c-{number}"))
    assert seen(judge) == []

    for number in range(MAX_UNANSWERED, MAX_UNANSWERED + 5):
        take(judge, command(f"c-{number}"))

    assert seen(judge) == ["More than 100 commands were unanswered at once."]


@pytest.mark.parametrize(
    ("payload", "is_retained", "told", "code"),
    [
        (command(), True, 'The command "c-1" was retained.', None),
        (
            command(data={"order": "SO-1", "colour": "red"}),
            False,
            'The command "c-1" is none: colour is not known here: known are order.',
            "unknown_field",
        ),
        (
            command(data={"order": "x" * 102_400}),
            False,
            'The command "c-1" had 102510 bytes; at most 102400 are allowed.',
            "too_large",
        ),
        (
            command(type="sync.replay", data={"from_seq": "1", "to_seq": 2}),
            False,
            'The command "c-1" is none: from_seq must be a whole number, 1 or more, got "1".',
            "bad_value",
        ),
    ],
)
def test_what_is_wrong_with_a_command_is_one_sentence(
    payload: bytes, is_retained: bool, told: str, code: str | None
) -> None:
    judge = CommandJudge()

    taken = take(judge, payload, is_retained=is_retained)

    assert seen(judge) == [told]
    assert json.loads(answer(taken)).get("error", {}).get("code") == code


def test_a_command_that_nobody_can_be_answered_for_is_a_fault_all_the_same() -> None:
    judge = CommandJudge()

    assert judge.take(b"{", is_retained=False) is None

    assert len(seen(judge)) == 1
    assert judge.open == {}


def test_a_snapshot_may_be_asked_for_and_is_not_had() -> None:
    judge = CommandJudge()

    taken = take(judge, command(type="sync.snapshot", data={"scope": "levels"}))

    assert seen(judge) == []
    assert json.loads(answer(taken))["error"]["text"] == "a played node has no snapshot"


def test_a_replay_goes_to_the_last_event_there_is_at_most() -> None:
    judge = CommandJudge()

    taken = take(judge, command(type="sync.replay", data={"from_seq": 3, "to_seq": 99}))

    assert replay_of(taken, 12) == range(3, 13)
    assert replay_of(take(judge, command("c-2")), 12) is None


def test_commands_sent_again_in_their_order_are_right() -> None:
    judge = CommandJudge()
    for id in ("c-1", "c-2", "c-1", "c-2"):
        judge.take(command(id), is_retained=False)

    judge.judge_repeats(1.5)

    assert seen(judge) == []


def test_commands_not_sent_again_or_out_of_order_are_faults() -> None:
    judge = CommandJudge()
    for id in ("c-1", "c-2", "c-3", "c-3", "c-1"):
        judge.take(command(id), is_retained=False)

    judge.judge_repeats(1.5)

    assert seen(judge) == [
        'The command "c-2" was not answered, nor sent again in 1.5 s.',
        "Commands were sent again out of their order: c-3, c-1.",
    ]
