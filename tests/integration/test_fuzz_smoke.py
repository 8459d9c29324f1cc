"""The fuzzer runs, ends by itself and sees mistakes. What it finds in an hour is for `make fuzz`."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.fuzz import main
from tests.fuzz.judging import Judge
from tests.fuzz.targets import TARGETS
from tests.scripts import ROOT, run_script

PLANTED = "tests.fuzz.planted"
ENGINES = [
    "plain",
    pytest.param(
        "atheris",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("atheris") is None,
            reason="atheris comes with make fuzz, where there is a wheel",
        ),
    ),
]


def fuzz(*arguments: object) -> tuple[int, list[str]]:
    code, lines = run_script("tests/fuzz/fuzz.py", *arguments)
    # On a slow machine it tells every few seconds how far it is.
    progress = re.compile(r"  \S+: [\d,]+ runs, slowest .*")
    return code, [line for line in lines if not progress.fullmatch(line)]


def found(engine: str, mistake: str, into: Path) -> tuple[dict[str, str], str]:
    """Fuzz a planted mistake; returns the line of JSON and how to see it again."""
    bounds = ("--runs", 2000, "--seconds", 60)
    code, (summary, _, line, again) = fuzz(
        "--engine", engine, *bounds, "--into", into, f"{PLANTED}:{mistake}"
    )
    assert code == 1
    assert summary.endswith("FOUND")
    how = re.fullmatch(r'  again: make fuzz FUZZ="(.*)"', again)
    assert how is not None
    kept: dict[str, str] = json.loads(line)
    return kept, how[1]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_target_runs_within_its_bounds_and_says_what_it_came_to(engine: str, tmp_path: Path) -> None:
    code, lines = fuzz("--engine", engine, "--runs", 300, "--seconds", 60, "--into", tmp_path)

    assert code == 0, lines
    memory = r"memory [\d.]+ MB warm, [\d.]+ MB at the end"
    shape = rf"(\w+): 300 runs in \d+ s \([\d,]+/s\), slowest [\d.]+ ms, {memory}: nothing found"
    said = [re.fullmatch(shape, line) for line in lines]
    assert [match and match[1] for match in said] == list(TARGETS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_crash_is_found_and_can_be_seen_again(engine: str, tmp_path: Path) -> None:
    kept, again = found(engine, "crash", tmp_path)

    assert (kept["kind"], kept["what"]) == ("crash", "RuntimeError: A digit.")
    code, lines = fuzz(*again.split())
    assert code == 1
    assert "RuntimeError: A digit." in lines[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_takes_longer_than_50_ms_is_found_and_can_be_seen_again(engine: str, tmp_path: Path) -> None:
    kept, again = found(engine, "hang", tmp_path)

    assert kept["kind"] == "slow"
    assert re.fullmatch(r"took \d+ ms on the processor, 3 times; the limit is 50", kept["what"])
    code, lines = fuzz(*again.split())
    assert code == 1
    assert "3 times; the limit is 50" in lines[0]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_never_ends_is_stopped_and_found(engine: str, tmp_path: Path) -> None:
    kept, _ = found(engine, "endless", tmp_path)

    assert (kept["kind"], kept["what"]) == ("slow", "did not end within 2 s")


@pytest.mark.parametrize("engine", ENGINES)
def test_memory_that_grows_is_found_and_the_same_run_is_named(engine: str, tmp_path: Path) -> None:
    kept, again = found(engine, "leak", tmp_path)

    assert kept["kind"] == "memory"
    assert re.fullmatch(r"memory grew by \d+ MB in 2,000 runs; the limit is 8", kept["what"])
    assert again == f"{PLANTED}:leak --engine {engine} --seconds 60 --runs 2000 --seed 1"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_process_that_dies_leaves_the_input_it_had_in_hand(engine: str, tmp_path: Path) -> None:
    kept, _ = found(engine, "die", tmp_path)

    assert kept["kind"] == "crash"
    assert kept["what"].startswith("the process ended with -")
    assert any(character.isdigit() for character in kept["input"])


@pytest.mark.parametrize("engine", ENGINES)
def test_a_target_without_a_mistake_has_nothing_found(engine: str, tmp_path: Path) -> None:
    code, lines = fuzz("--engine", engine, "--runs", 2000, "--into", tmp_path, f"{PLANTED}:sound")

    assert (code, len(lines)) == (0, 1)
    assert lines[0].endswith("nothing found")


def test_the_seconds_end_a_run_too(tmp_path: Path) -> None:
    judge = Judge("sound", lambda data: lambda: None, runs=10**9, seconds=0.2, now=tmp_path / "now")

    while not judge.is_done:
        judge.execute(b"A")

    assert judge.tally.found is None
    assert 0 < judge.tally.runs < 10**9
    assert judge.tally.warm_mb > 0


def test_one_slow_time_of_three_is_no_finding(tmp_path: Path) -> None:
    calls: list[int] = []

    def slow_at_first() -> None:
        calls.append(1)
        # Busy, not asleep: only time on the processor counts.
        sum(range(8_000_000 if len(calls) == 1 else 1))

    judge = Judge("sound", lambda data: slow_at_first, runs=1, seconds=60, now=tmp_path / "now")
    judge.execute(b"A")

    assert judge.tally.found is None
    assert len(calls) == 3
    assert judge.tally.slowest_ms < 50


def test_a_machine_without_atheris_is_told_what_it_can_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    monkeypatch.setattr("platform.python_version", lambda: "3.13.9")

    code = main(["codes"])

    assert code == 2
    assert capsys.readouterr().err == (
        "atheris is not installed: it comes as a wheel for Linux on x86_64 with Python 3.11 to 3.13, this is aarch64 "
        "with Python 3.13.9. Without it: --engine plain.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["nonsense"],
            "there is no target nonsense; the targets are framing, codes, links, site, differential",
        ),
        (["--replay", "nowhere"], "Expected a file that make fuzz has written, got nowhere"),
    ],
)
def test_a_wrong_call_says_what_would_be_right(arguments: list[str], says: str) -> None:
    run = subprocess.run(
        [sys.executable, "tests/fuzz/fuzz.py", "--engine", "plain", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 2
    assert says in run.stderr
