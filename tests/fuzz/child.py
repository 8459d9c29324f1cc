"""One target in a process of its own: `python tests/fuzz/child.py TARGET ENGINE FOLDER RUNS SECONDS SEED`.

What it came to is left in FOLDER as `tally.json`; the input in hand stands in `now` all the time, for whoever
finds this process dead.
"""

import importlib
import json
import os
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

TOLD_EVERY_S = 5
ROOMS = ["edge.domain", "drivers.framing", "config.settings"]
"""What atheris looks for new ways in."""


def main(name: str, engine: str, folder: Path, runs: int, seconds: float, seed: int) -> None:
    """Fuzz until the bounds are reached or something is found."""
    is_guided = engine == "atheris"
    with _instrumented() if is_guided else nullcontext():
        targets = importlib.import_module("tests.fuzz.targets")
        module, _, planted = name.partition(":")
        target = getattr(importlib.import_module(module), planted) if planted else targets.TARGETS[name]
    from tests.fuzz import corpus, engines, judging  # noqa: PLC0415 - behind the instrumentation

    seeds = corpus.seeds(name)
    judge = judging.Judge(name, target, runs=runs, seconds=seconds, now=folder / "now")
    told_at = time.monotonic()

    def tell() -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TOLD_EVERY_S:
            told_at = time.monotonic()
            tally = judge.tally
            print(f"  {name}: {tally.runs:,} runs, slowest {tally.slowest_ms:.1f} ms", flush=True)

    def done() -> None:
        (folder / "tally.json").write_text(json.dumps(asdict(judge.tally)), encoding="utf-8")
        # At once: libFuzzer takes any other end for a crash.
        os._exit(0)

    if is_guided:
        samples = folder / "corpus"
        samples.mkdir()
        for n, sample in enumerate(seeds):
            (samples / f"{n:04}").write_bytes(sample)
        engines.coverage_guided(judge, samples, seed=seed, tell=tell, done=done)
    else:
        engines.plain(judge, seeds, seed=seed, tell=tell)
        done()


def _instrumented() -> AbstractContextManager[object]:
    import atheris  # noqa: PLC0415 - only in a process that fuzzes, and only where there is a wheel

    instrumented: AbstractContextManager[object] = atheris.instrument_imports(include=ROOMS)
    return instrumented


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))
