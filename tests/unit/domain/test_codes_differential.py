"""Our reading of GS1 held against biip's own parser and against zxing-cpp's."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.gs1_messages import CSET_82, GS, message
from tests.gs1_second_opinion import (
    KNOWN,
    UNDRAWN,
    Known,
    difference,
    drawn,
    opinions,
    read,
    symbol_difference,
)

CASES = Path(__file__).parents[2] / "cases" / "gs1.jsonl"
ROWS: list[dict[str, Any]] = [
    row for row in map(json.loads, CASES.read_text("utf-8").splitlines()) if row["kind"] == "gs1"
]
SEED = 20260
MADE, DRAWN = 3000, 500
EXAMPLES = (
    # Of each known difference, in their order.
    GS,
    f"10A{GS}10B",
    f"10A{GS}{GS}17261231",
    "010950600013435210ABCDEFGHIJKLMNOPQRST17261231",
    "422999",
    "7007260101260131",
    "https://example.com/01/09506000134352",
    "010950600013435210AB<GS>17261231",
)


def damaged(payload: str, chance: random.Random) -> str:
    """Change, insert or lose a character, cut off, or say it again: what a bad print or a late answer makes of it."""
    at = chance.randrange(len(payload))
    character = chance.choice(CSET_82 + GS + " ")
    return chance.choice(
        [
            payload[:at] + character + payload[at + 1 :],
            payload[:at] + character + payload[at:],
            payload[:at] + payload[at + 1 :],
            payload[:at],
            payload + payload,
            payload + GS + message(chance.randrange).payload,
        ]
    )[:250]


@pytest.mark.parametrize("row", ROWS, ids=[row["note"][:40] for row in ROWS])
def test_every_case_is_read_alike_or_differs_for_a_known_reason(row: dict[str, Any]) -> None:
    payload = row["input"].removeprefix(row["aim"] or "")

    assert difference(payload) is None
    if row["valid"]:
        assert symbol_difference(tuple(row["expect"].items())) is None


def test_thousands_of_messages_are_read_as_biip_reads_them() -> None:
    chance = random.Random(SEED)

    differences = [difference(message(chance.randrange).payload) for _ in range(MADE)]

    assert [found for found in differences if found] == []


def test_thousands_of_damaged_messages_are_read_as_biip_reads_them() -> None:
    chance = random.Random(SEED)

    differences = [difference(damaged(message(chance.randrange).payload, chance)) for _ in range(MADE)]

    assert [found for found in differences if found] == []


def test_hundreds_of_symbols_are_read_as_zxing_reads_them() -> None:
    chance = random.Random(SEED)

    differences = [symbol_difference(message(chance.randrange).elements) for _ in range(DRAWN)]

    assert [found for found in differences if found] == []


@pytest.mark.parametrize(
    ("known", "payload"),
    list(zip(KNOWN, EXAMPLES, strict=True)),
    ids=[known.holds.__name__ for known in KNOWN],
)
def test_every_known_difference_is_still_one(known: Known, payload: str) -> None:
    said = opinions(payload)

    # Once they agree the rule is dead and has to go.
    assert said.ours != said.biips
    assert known.holds(said)


def test_a_space_that_biip_cuts_off_with_the_last_separator_is_a_known_difference() -> None:
    said = opinions(f"400!! {GS}")

    assert (said.ours, said.biips) == (None, (("400", "!!"),))
    assert difference(said.payload) is None


def test_a_difference_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.gs1_second_opinion.KNOWN", ())

    assert difference("10A" + GS + "10B") == (
        r"'10A\x1d10B': we say The code names two for lot (10): A and B. Scan again, or the item's plain code., "
        "biip (('10', 'A'), ('10', 'B')), and no known difference explains it."
    )


def test_a_symbol_that_is_read_otherwise_is_told() -> None:
    elements = (("10", "B7"), ("01", "09506000134353"))
    ours = read(f"]d210B7{GS}0109506000134353")

    assert symbol_difference(elements) == (
        f"{elements}: we read {ours} off the symbol, zxing-cpp (10)B7(01)09506000134353."
    )


@pytest.mark.parametrize("ai", sorted(UNDRAWN))
def test_a_separator_that_is_not_drawn_is_still_missing(ai: str) -> None:
    seen = drawn(((ai, "A"), ("10", "B")))

    # Once it is there the exception has to go.
    assert seen.bytes == f"{ai}A10B".encode()
