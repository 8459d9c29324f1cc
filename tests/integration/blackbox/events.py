"""An event as it arrived, and how expected events are held against those that came."""

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JsonObject = dict[str, Any]

LEFT_OUT = ("label.", "exception.")
"""Events that `Central.expect` passes over, as the cases do."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it first arrived. `type` is without the leading "crossdock."."""

    seq: int
    type: str
    data: JsonObject
    envelope: JsonObject
    payload: bytes
    topic: str

    def __str__(self) -> str:
        return f"{self.seq} {self.type} {json.dumps(self.data)}"


def holds(data: Mapping[str, object], expected: Mapping[str, object]) -> bool:
    """Whether all expected keys are there with these values, down into lists and objects."""
    return all(key in data and _same(data[key], value) for key, value in expected.items())


def _same(actual: object, expected: object) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(actual, Mapping) and holds(actual, expected)
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(actual) == len(expected)
            and all(_same(a, e) for a, e in zip(actual, expected, strict=True))
        )
    # 1 == 1.0 == True in Python, not on the wire.
    return type(actual) is type(expected) and actual == expected


def compare(found: list[Event], expected: tuple[tuple[str, Mapping[str, object]], ...]) -> None:
    """Match run by run: a run are neighbours of one type that are not told apart by rank."""
    told = "\n  ".join(str(event) for event in found)
    rest = list(found)
    for (kind, _), run in itertools.groupby(expected, key=_run_of):
        wanted = list(run)
        here, rest = rest[: len(wanted)], rest[len(wanted) :]
        for _, data in wanted:
            match = next((e for e in here if e.type == kind and holds(e.data, data)), None)
            assert match is not None, f"Expected {kind} {json.dumps(data)} here, got\n  {told}"
            here.remove(match)


def _run_of(expected: tuple[str, Mapping[str, object]]) -> tuple[str, object]:
    kind, data = expected
    match kind:
        case "backorder.released":
            return kind, None
        case "backorder.allocated":
            return kind, data.get("order")
        case _:
            return kind, id(data)


def escaped(sku: str) -> str:
    """An item's name as it stands in a topic: every byte outside A-Za-z0-9._- is %XX."""
    return re.sub(r"[^A-Za-z0-9._-]", lambda match: f"%{ord(match[0]):02X}", sku)
