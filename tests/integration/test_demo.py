"""`crossdock demo`, whole: it tells true, ends with 0, leaves what it names and nothing that runs."""

import io
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.demo.cast import set_up
from edge.demo.story import Shift
from edge.demo.telling import Teller
from edge.errors import EdgeError
from tests.integration.blackbox.node import program

DEMO_S = 90.0
INTERRUPT_S = 30.0
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Played:
    folder: Path
    told: str


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("kept") / "demo"
    demo = [*program(), "demo", "--fast", "--keep", str(folder)]
    done = subprocess.run(demo, capture_output=True, text=True, timeout=DEMO_S, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return Played(folder, done.stdout)


def test_the_demo_tells_who_got_what_and_that_the_audit_found_nothing(played: Played) -> None:
    lines = [line.split() for line in played.told.splitlines()]

    # PEN: 3 + 24 + 12 came, 27 went missing at the dock; 2 for SO-2 and 4 for SO-5 are promised of the rest.
    assert ["PEN", "Fountain", "pen", "39", "12", "6", "6", "27", "0"] in lines
    assert ["PAPER", "Writing", "paper", "19", "19", "19", "0", "0", "6"] in lines
    assert ["SO-3", "express", "PAPER", "5", "5", "0"] in lines
    assert ["SO-1", "cancelled", "PEN", "2", "0", "0"] in lines
    assert ["SO-6", "PAPER", "10", "4", "6"] in lines
    assert "The audit: crossdock verify" in played.told


def test_what_is_piped_is_plain(played: Played) -> None:
    assert "\033" not in played.told


def test_the_demo_leaves_the_files_that_it_names_and_nothing_that_runs(played: Played) -> None:
    for name in ("label-SO-3.png", "labels.zpl", "events.jsonl", "crossdock.toml", "daemon.log"):
        assert (played.folder / name).stat().st_size > 0
        assert str(played.folder / name) in played.told
    assert (played.folder / "label-SO-3.png").read_bytes().startswith(PNG)
    assert running_in(played.folder) == []


def test_the_commands_that_the_demo_names_work_on_the_ledger_that_it_leaves(played: Played) -> None:
    end = f" -c {played.folder / 'crossdock.toml'}"
    named = [shlex.split(line) for line in played.told.splitlines() if line.endswith(end)]

    for command in named:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        assert (done.returncode, done.stderr) == (0, ""), (command, done.stderr)
        assert done.stdout, command

    assert len(named) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_ends_all_that_it_started(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "demo"
    demo = subprocess.Popen(
        [*program(), "demo", "--keep", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    try:
        told = ""
        while "SO-1" not in told:
            told = demo.stdout.readline()
            assert told, "the demo ended before it began"
        assert len(running_in(folder)) == 2, "the broker and the daemon"

        demo.send_signal(number)
        _, error = demo.communicate(timeout=INTERRUPT_S)
    finally:
        demo.kill()
        demo.wait()

    assert demo.returncode == 130
    assert error == f"The demo was interrupted; all that it started has ended. Its files: {folder}\n"
    assert running_in(folder) == []


def test_a_folder_with_files_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    done = subprocess.run(
        [*program(), "demo", "--fast", "--keep", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert done.returncode == 2
    assert f"Expected a new or empty folder for the demo, got {tmp_path} with files in it." in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


CATALOGUE: dict[str, object] = {"items": [{"sku": "PEN", "codes": [{"code": "7612345001012", "pack": 1}]}]}


@pytest.fixture
def shift(tmp_path: Path) -> Iterator[Shift]:
    with set_up(tmp_path) as cast:
        yield Shift(cast, Teller(io.StringIO(), fast=True))


def test_an_answer_that_the_story_does_not_expect_ends_the_demo_with_both_told(shift: Shift) -> None:
    with pytest.raises(EdgeError) as caught:
        shift.scan("dock-1", "scans a wrong digit", "7612345001013")

    assert caught.value.text.startswith(
        "Expected accept or attention for 7612345001013 at dock-1, got reject: GTIN check digit is wrong"
    )


def test_an_event_that_the_story_does_not_expect_ends_the_demo_with_both_told(shift: Shift) -> None:
    shift.command("sends a catalogue", "catalogue.upsert", CATALOGUE)

    with pytest.raises(EdgeError) as caught:
        shift.scan("dock-1", "scans a pen", "7612345001012", hears=["received 2 PEN at DOCK-1"])

    assert caught.value.text == (
        "Expected central to hear of 'scans a pen': received 2 PEN at DOCK-1. "
        "It heard: received 1 PEN at DOCK-1."
    )


def test_a_daemon_that_dies_ends_the_demo_at_once(shift: Shift, tmp_path: Path) -> None:
    daemon = next(line for line in running_in(tmp_path) if " run -c " in line[1])
    os.kill(daemon[0], signal.SIGKILL)

    with pytest.raises(EdgeError, match=r"^The daemon ended by itself with code -9: "):
        shift.cast.central.wait_events(1, 20.0)


def running_in(folder: Path) -> list[tuple[int, str]]:
    """Ids and command lines of the processes that name this folder, other than the demo's own."""
    deadline = time.monotonic() + 2.0
    while True:
        found: list[tuple[int, str]] = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(str(folder).encode() in word for word in words) and b"demo" not in words:
                found.append((int(entry.name), b" ".join(words).decode()))
        # One that has just ended may still be listed.
        if not found or len(found) == 2 or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
