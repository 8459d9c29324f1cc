"""sync.replay and sync.snapshot: what they ask for, and how they are refused (contract section 6)."""

from typing import Any

import pytest

from edge.domain.requests import ReplayEvents, TakeSnapshot
from edge.facts import ReplyTo
from sync.fields import MAX_BYTES
from sync.reading import MAX_CMDSEQ, read_retained
from tests.commands import ORDER, command, received, refused


def test_a_replay_names_its_first_and_last_event() -> None:
    fact = received(command("sync.replay", {"from_seq": 3, "to_seq": 9}))

    assert (fact.type, fact.request) == ("sync.replay", ReplayEvents(3, 9))


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        ("levels", ("levels",)),
        (["orders"], ("orders",)),
        (["positions", "levels", "orders"], ("positions", "levels", "orders")),
    ],
)
def test_a_snapshot_names_what_it_shall_hold(scope: Any, scopes: tuple[str, ...]) -> None:
    assert received(command("sync.snapshot", {"scope": scope})).request == TakeSnapshot(scopes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type", "data", "code", "at", "text"),
    [
        (
            "replay",
            {"from_seq": 1},
            "missing_field",
            "to_seq",
            "to_seq is missing: required are from_seq, to_seq",
        ),
        (
            "replay",
            {"from_seq": 0, "to_seq": 2},
            "bad_value",
            "from_seq",
            "from_seq must be a whole number, 1 or more, got 0",
        ),
        (
            "replay",
            {"from_seq": 1, "to_seq": "2"},
            "bad_value",
            "to_seq",
            'to_seq must be a whole number, 1 or more, got "2"',
        ),
        (
            "replay",
            {"from_seq": 1, "to_seq": 2, "epoch": "beef"},
            "unknown_field",
            "epoch",
            "epoch is not known here: known are from_seq, to_seq",
        ),
        ("snapshot", {}, "missing_field", "scope", "scope is missing: required are scope"),
        (
            "snapshot",
            {"scope": "people"},
            "bad_value",
            "scope",
            'scope must be "levels", "positions" or "orders", or a list of them, got "people"',
        ),
        (
            "snapshot",
            {"scope": []},
            "bad_value",
            "scope",
            'scope must be "levels", "positions" or "orders", or a list of them, got []',
        ),
        (
            "snapshot",
            {"scope": ["levels", "people"]},
            "bad_value",
            "scope",
            'scope must be "levels", "positions" or "orders", or a list of them, got ["levels", "people"]',
        ),
        (
            "snapshot",
            {"scope": ["levels", "levels"]},
            "bad_value",
            "scope[1]",
            "scope must not stand twice, got 'levels' again",
        ),
    ],
)
def test_what_asks_badly_is_refused(type: str, data: Any, code: str, at: str, text: str) -> None:
    fact = refused(command(f"sync.{type}", data))

    assert (fact.code, fact.at, fact.text) == (code, at, text)


# -- what every command carries --------------------------------------------------------------------------------


def test_a_command_has_its_number_its_size_and_how_it_begins() -> None:
    payload = command(cmdseq=7)

    fact = received(payload)

    assert (fact.cmdseq, fact.size, fact.head) == (7, len(payload), payload[:200].decode())
    assert received(command()).cmdseq is None


def test_a_number_is_read_of_what_is_refused_too() -> None:
    unknown = refused(command("people.count", {}, cmdseq=7))
    large = refused(command(data=ORDER | {"ext": {"note": "x" * MAX_BYTES}}, cmdseq=8))

    assert (unknown.cmdseq, unknown.size) == (7, len(command("people.count", {}, cmdseq=7)))
    assert (large.code, large.cmdseq) == ("too_large", 8)


@pytest.mark.parametrize("cmdseq", [0, -1, "1", 1.0, True, [], MAX_CMDSEQ + 1])
def test_a_number_that_is_none_is_refused_and_not_counted(cmdseq: object) -> None:
    fact = refused(command(cmdseq=cmdseq))

    assert (fact.code, fact.at, fact.cmdseq) == ("bad_envelope", "cmdseq", None)
    assert fact.text.startswith("cmdseq must be a whole number, 1 or more, got ")


def test_a_retained_command_is_refused_whatever_it_asks() -> None:
    payload = command(cmdseq=7)

    fact = read_retained(payload, ReplyTo("erp/answers"))

    assert (fact.code, fact.source, fact.id, fact.is_retained) == ("bad_envelope", "/erp", "c-881", True)
    assert fact.text == "A command must not be retained: publish it anew without retain, and clear the topic"
    # It is not the command itself, which may come yet.
    assert (fact.cmdseq, fact.reply_to) == (None, ReplyTo("erp/answers"))
    assert read_retained(b"{").id == ""
