"""What the played node of the conformance kit tells."""

import hashlib
from collections import Counter
from itertools import islice

from sync.conformance.story import PlayedLedger, story, unknown
from sync.event_data import Move
from sync.events import EVENTS, read_event
from sync.fields import MAX_BYTES


def ledger_of(events: int) -> PlayedLedger:
    ledger = PlayedLedger("conformance", "n1")
    ledger.go_on(events)
    return ledger


def test_every_event_is_one_that_central_must_read() -> None:
    ledger = ledger_of(10)
    for told in unknown():
        ledger.add(told)
    ledger.add_large()

    read = [read_event(ledger.event(seq)[1]) for seq in range(1, ledger.last_seq + 1)]

    assert [event.seq for event in read] == list(range(1, 14))
    assert [event.booking for event in read[:6]] == [1, 1, 3, 4, 4, 6]
    assert {event.epoch for event in read} == {ledger.epoch}


def test_who_adds_up_the_moves_ends_with_nothing_at_any_place() -> None:
    ledger = ledger_of(15)
    sums: Counter[str] = Counter()

    for seq in range(1, 16):
        moves: list[Move] = getattr(read_event(ledger.event(seq)[1]).data, "moves", [])
        for move in moves:
            sums[move.from_] -= move.qty
            assert sums[move.from_] >= 0 or move.from_.startswith("supplier:")
            sums[move.to] += move.qty

    assert {account: qty for account, qty in sums.items() if qty} == {
        "supplier:4711": -3,
        "customer:SO-1": 1,
        "customer:SO-2": 1,
        "customer:SO-3": 1,
    }


def test_the_hashes_are_a_chain_over_the_bytes() -> None:
    ledger = ledger_of(2)

    first = hashlib.sha256(bytes(32) + ledger.event(1)[1]).digest()
    assert ledger.hash(0) == "0" * 64
    assert ledger.hash(1) == first.hex()
    assert ledger.hash(2) == hashlib.sha256(first + ledger.event(2)[1]).hexdigest()


def test_the_large_event_has_all_the_bytes_that_a_message_may_have() -> None:
    ledger = ledger_of(12)

    ledger.add_large()

    assert len(ledger.event(13)[1]) == MAX_BYTES
    assert ledger.hash(13) == hashlib.sha256(bytes.fromhex(ledger.hash(12)) + ledger.event(13)[1]).hexdigest()


def test_the_unknown_is_unknown_to_our_own_reader() -> None:
    types = [told.type for told in unknown()]

    assert [type_ in EVENTS for type_ in types] == [False, True]
    assert all(told.type in EVENTS for told in islice(story(), 5))
