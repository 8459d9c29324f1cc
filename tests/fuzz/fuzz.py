"""Fuzzing of framing and codes: `python tests/fuzz/fuzz.py --seconds 60 codes links`.

Each target runs in a process of its own and ends by itself. What fails is printed and kept as a line of JSON, and
`--replay FILE` runs the lines of such a file again. Exit 0: nothing found; 1: something; 2: it could not be run.
"""

import argparse
import importlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))

from tests.fuzz.judging import Found, Judge, Tally, in_hand  # noqa: E402
from tests.fuzz.targets import TARGETS, Target  # noqa: E402

BUILD = ROOT / "build" / "fuzz"
GRACE_S = 60.0
"""What a target may take beyond its seconds, to start and for a last input; then it is ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets asked for, one after the other; tells the exit code."""
    parser = argparse.ArgumentParser(
        description="Fuzz framing and codes, and hold GS1 against other parsers."
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (all)")
    parser.add_argument("--seconds", type=float, default=60, help="for each target, at most (60)")
    parser.add_argument("--runs", type=int, default=2_000_000, help="of each target, at most (2,000,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the chance (1)")
    parser.add_argument(
        "--engine", choices=("atheris", "plain"), default="atheris", help="atheris, or without it"
    )
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="run the lines of a file again, and no more"
    )
    parser.add_argument("--into", type=Path, default=BUILD, help="folder for what is found (build/fuzz)")
    chosen = parser.parse_args(arguments)
    if chosen.replay is not None:
        return replay(chosen.replay)
    # A module and a colon name a planted mistake of the tests.
    unknown = [name for name in chosen.targets if name not in TARGETS and ":" not in name]
    if unknown:
        parser.error(f"there is no target {unknown[0]}; the targets are {', '.join(TARGETS)}")
    if chosen.engine == "atheris" and importlib.util.find_spec("atheris") is None:
        print(
            "atheris is not installed: it comes as a wheel for Linux on x86_64 with Python 3.11 to 3.13, this is "
            f"{platform.machine()} with Python {platform.python_version()}. Without it: --engine plain.",
            file=sys.stderr,
        )
        return 2
    results = [
        fuzz(name, chosen.engine, chosen.into, runs=chosen.runs, seconds=chosen.seconds, seed=chosen.seed)
        for name in chosen.targets or TARGETS
    ]
    return 0 if all(results) else 1


def fuzz(name: str, engine: str, into: Path, *, runs: int, seconds: float, seed: int) -> bool:
    """Fuzz one target in a process, and say what it came to; tells whether nothing was found."""
    into.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=into)).resolve()
    child = [Path(__file__).with_name("child.py"), name, engine, folder, runs, seconds, seed]
    try:
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([sys.executable, *map(str, child)], stderr=log, cwd=ROOT)
            try:
                process.wait(seconds + GRACE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        tally = _tally(folder, name, process.returncode)
        if tally is None:
            print((folder / "log").read_text("utf-8", "replace"), file=sys.stderr)
            return False
    finally:
        shutil.rmtree(folder)
    print(summary(name, tally), flush=True)
    if tally.found is not None:
        _report(
            tally.found, into, f"{name} --engine {engine} --seconds {seconds:g} --runs {runs} --seed {seed}"
        )
    return tally.found is None


def summary(name: str, tally: Tally) -> str:
    """Say in a line what a run came to.

    >>> summary("codes", Tally(runs=90_000, seconds=10.0, slowest_ms=1.25, warm_mb=60.0, end_mb=61.5))
    'codes: 90,000 runs in 10 s (9,000/s), slowest 1.2 ms, memory 60.0 MB warm, 61.5 MB at the end: nothing found'
    """
    each_s = tally.runs / max(tally.seconds, 1e-9)
    verdict = "nothing found" if tally.found is None else "FOUND"
    return (
        f"{name}: {tally.runs:,} runs in {tally.seconds:.0f} s ({each_s:,.0f}/s), slowest {tally.slowest_ms:.1f} ms, "
        f"memory {tally.warm_mb:.1f} MB warm, {tally.end_mb:.1f} MB at the end: {verdict}"
    )


def replay(file: Path) -> int:
    """Run what was found again, each line once by the same judge; tells the exit code."""
    try:
        lines = [Found(**json.loads(line)) for line in file.read_text("utf-8").splitlines() if line]
    except (OSError, ValueError, TypeError) as error:
        print(f"Expected a file that make fuzz has written, got {file}: {error}", file=sys.stderr)
        return 2
    failed = 0
    for line in lines:
        with tempfile.TemporaryDirectory() as folder:
            judge = Judge(line.target, target_of(line.target), runs=1, seconds=600, now=Path(folder) / "now")
            judge.execute(line.input.encode("latin-1"))
        failed += judge.tally.found is not None
        said = judge.tally.found.what if judge.tally.found else "nothing found"
        print(f"{line.target}: {line.input[:60]!r}: {said} ({judge.tally.slowest_ms:.1f} ms)")
    return 1 if failed else 0


def target_of(name: str) -> Target:
    module, _, planted = name.partition(":")
    target: Target = getattr(importlib.import_module(module), planted) if planted else TARGETS[name]
    return target


def _tally(folder: Path, name: str, code: int) -> Tally | None:
    """Read what a process has left; None if it never began."""
    left = folder / "tally.json"
    if left.exists():
        fields = json.loads(left.read_text("utf-8"))
        found = fields.pop("found")
        return Tally(**fields, found=Found(**found) if found else None)
    if not (folder / "now").exists():
        return None
    what = f"the process ended with {code} and said nothing"
    return Tally(found=Found(name, "crash", what, in_hand(folder / "now").decode("latin-1")))


def _report(found: Found, into: Path, same: str) -> None:
    line = found.line()
    file = into / f"found-{found.target.replace(':', '.')}-{zlib.crc32(line.encode()):08x}.jsonl"
    file.write_text(line + "\n", encoding="utf-8")
    again = same if found.kind == "memory" else f"--replay {os.path.relpath(file, ROOT)}"
    print(f'  {found.what}\n  {line}\n  again: make fuzz FUZZ="{again}"', flush=True)


if __name__ == "__main__":
    sys.exit(main())
