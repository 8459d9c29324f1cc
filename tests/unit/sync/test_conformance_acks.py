"""How the conformance kit judges acks."""

import json

import pytest

from sync.conformance.judging import AckJudge, Fault
from sync.conformance.story import PlayedLedger

FOREIGN = 'An ack had the epoch "e0"; the events have "e1".'


def played(*, epoch: str = "e1", sent: int = 10) -> PlayedLedger:
    ledger = PlayedLedger("conformance", "n1")
    ledger.epoch = epoch
    ledger.go_on(sent)
    ledger.sent_upto = sent
    return ledger


def say(
    judge: AckJudge, seq: object, *, epoch: object = "e1", is_retained: bool = False, **more: object
) -> None:
    judge.take(json.dumps({"epoch": epoch, "seq": seq, **more}).encode(), is_retained=is_retained)


def test_acks_that_go_on_within_what_was_published_are_right() -> None:
    ledger = played()
    judge = AckJudge(ledger)

    say(judge, 0)
    say(judge, 4, hash=ledger.hash(4), colour="red")
    say(judge, 4)
    say(judge, 10)

    assert judge.faults == []
    assert (judge.confirmed, judge.counted, judge.hashed) == (10, 4, 1)


def test_an_ack_beyond_what_was_published_is_one_fault_and_counts_up_to_there() -> None:
    judge = AckJudge(played())

    say(judge, 11)

    assert judge.faults == [Fault("bounds", "An ack said 11 when event 10 was the last one published.")]
    assert judge.confirmed == 10


def test_an_ack_that_goes_back_takes_nothing_back() -> None:
    judge = AckJudge(played())

    say(judge, 7)
    say(judge, 6)

    assert judge.faults == [Fault("forward", "An ack said 6 after one had said 7.")]
    assert judge.confirmed == 7


def test_an_ack_at_or_past_the_event_held_back_is_a_fault_until_that_was_published() -> None:
    ledger = played()
    judge = AckJudge(ledger)
    ledger.held_back = 5

    say(judge, 4)
    assert judge.faults == []
    say(judge, 5)
    ledger.held_back = None
    say(judge, 10)

    assert judge.faults == [Fault("hole", "An ack said 5, and event 5 had not been published.")]


@pytest.mark.parametrize("hash", ["00", 7, "F" * 64, ["x"]])
def test_a_hash_is_64_digits_of_lower_case_hex(hash: object) -> None:
    judge = AckJudge(played())

    say(judge, 3, hash=hash)

    shown = json.dumps(hash)
    assert [fault.trial for fault in judge.faults] == ["hash"]
    assert judge.faults[0].seen.startswith(f"The hash of the ack of 3 was {shown[:30]}")
    assert judge.faults[0].seen.endswith("; expected 64 digits of lower-case hex.")


def test_a_hash_of_another_event_is_told_with_the_right_one() -> None:
    ledger = played()
    judge = AckJudge(ledger)

    say(judge, 3, hash=ledger.hash(4))

    seen = f"The hash of the ack of 3 was {ledger.hash(4)}; expected {ledger.hash(3)}."
    assert judge.faults == [Fault("hash", seen)]


def test_an_ack_of_a_foreign_epoch_moves_nothing_and_is_told_once() -> None:
    judge = AckJudge(played())

    say(judge, 3, epoch="e0")
    say(judge, 4, epoch="e0")

    assert judge.faults == [Fault("acks", FOREIGN)]
    assert (judge.confirmed, judge.counted) == (0, 0)


def test_an_ack_that_lay_at_the_broker_from_another_time_is_passed_over() -> None:
    judge = AckJudge(played())

    say(judge, 3, epoch="e0", is_retained=True)

    assert judge.faults == []


def test_the_old_epoch_may_be_acked_until_the_first_ack_of_the_new_one() -> None:
    judge = AckJudge(played())
    judge.restore(played(epoch="e2", sent=2))

    say(judge, 10)
    assert (judge.faults, judge.confirmed) == ([], 0)
    say(judge, 1, epoch="e2")
    say(judge, 10)

    seen = "An ack of the epoch before the restore (e1, seq 10) came after the first of the new one."
    assert judge.faults == [Fault("restore", seen)]
    assert judge.confirmed == 1


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (b"", "expected a JSON object in UTF-8, got b''."),
        (b"\xff", "expected a JSON object in UTF-8, got b'\\xff'."),
        (b"[" * 100_000, "expected a JSON object in UTF-8, got b'" + "[" * 60 + "'."),
        (b"[1]", "expected a JSON object, got [1]."),
        (b'{"seq":1}', "epoch must be text, got null."),
        (b'{"epoch":1,"seq":1}', "epoch must be text, got 1."),
        (b'{"epoch":"e1"}', "seq must be a whole number, 0 or more, got null."),
        (b'{"epoch":"e1","seq":true}', "seq must be a whole number, 0 or more, got true."),
        (b'{"epoch":"e1","seq":1.0}', "seq must be a whole number, 0 or more, got 1.0."),
        (b'{"epoch":"e1","seq":-1}', "seq must be a whole number, 0 or more, got -1."),
    ],
)
def test_what_is_no_ack_is_told_as_it_came(payload: bytes, seen: str) -> None:
    judge = AckJudge(played())

    judge.take(payload, is_retained=False)

    assert judge.faults == [Fault("acks", f"An ack was no ack: {seen}")]
    assert judge.confirmed == 0
