"""A script of the project run as its user runs it, for the smoke tests of longer looks."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WITHIN_S = 300


def run_script(script: str, *arguments: object, within_s: float = WITHIN_S) -> tuple[int, list[str]]:
    """Run a script from the project's folder; its exit code and the lines it printed. It must complain of nothing."""
    run = subprocess.run(
        [sys.executable, script, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout.splitlines()
