"""`crossdock demo`, whole: it tells true, ends with 0, leaves what it names and nothing that runs."""

import io
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.demo.cast import set_up
from edge.demo.shift import Shift
from edge.demo.story import ACTS
from edge.demo.telling import Teller
from edge.errors import EdgeError
from tests.integration.blackbox.node import program

DEMO_S = 90.0
CALL_S = 20.0
README = Path(__file__).parents[2] / "README.md"
INTERRUPT_S = 30.0
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Played:
    folder: Path
    told: str

    @property
    def said(self) -> str:
        """What was told, as one line: where a line is broken is for the reader's eye."""
        return " ".join(self.told.split())

    def call(self, command: str, *arguments: str, config: str = "crossdock.toml") -> str:
        """Call a command on what the demo left; it must end well. Returns what it prints."""
        done = subprocess.run(
            [*program(), command, "-c", str(self.folder / config), *arguments],
            capture_output=True,
            text=True,
            timeout=CALL_S,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        return done.stdout


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("kept") / "demo"
    demo = [*program(), "demo", "--fast", "--keep", str(folder)]
    done = subprocess.run(demo, capture_output=True, text=True, timeout=DEMO_S, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return Played(folder, done.stdout)


def test_the_demo_tells_who_got_what_and_that_the_audit_found_nothing(played: Played) -> None:
    lines = [line.split() for line in played.told.splitlines()]

    # PEN: 3 + 24 + 12 came, 2 + 4 left, and 2 that went missing were not there when it was counted.
    assert ["PEN", "Fountain", "pen", "39", "31", "0", "31", "0", "0"] in lines
    # PAPER: 8 + 6 + 5 came; the 4 that were taken back never did.
    assert ["PAPER", "Writing", "paper", "19", "8", "8", "0", "0", "9"] in lines
    assert ["SO-3", "express", "PAPER", "5", "0", "5", "0"] in lines
    assert ["SO-1", "cancelled", "PEN", "2", "0", "0", "0"] in lines
    assert ["SO-6", "PAPER", "10", "4", "0", "6"] in lines
    assert "same stock as the ledger: 9 INK, 8 PAPER, 31 PEN." in played.told
    assert "The audit: crossdock verify" in played.told
    assert "The ledger is sound." in played.told


def test_every_act_is_told_in_its_turn(played: Played) -> None:
    headings = [heading for heading, _ in ACTS]

    assert [line for line in played.told.splitlines() if line in headings] == headings


DAY = {
    "a carton taken back": (
        'scans CMD:UNDO -> attention "Undone: received, 4 pieces of PAPER." central hears: undone: 4 PAPER;'
        " 4 PAPER taken back from SO-6 (undone); SO-6 waits for 7 PAPER"
    ),
    "its label is void": 'what it was printed for was undone." central hears: refused: void_label',
    "a label is a whole pick": 'on the ink -> accept "1 INK picked at DOCK-1 for SO-2. SO-2 lacks nothing more."',
    "a pick by order, place and item": "5 PAPER picked at DOCK-1 for SO-3",
    "a short pick is served from elsewhere": (
        "24 PEN missing at DOCK-1; 3 PEN taken back from SO-5 (not_found); 2 PEN taken back from SO-1 (not_found);"
        " 2 PEN at A-01 to SO-1; 3 PEN at A-01 to SO-5"
    ),
    "an order leaves": "SO-5 leaves, complete: 4 PEN and 6 PAPER",
    "a count settles what is missing": (
        "22 PEN counted at DOCK-1 where the ledger had 0; -2 PEN at DOCK-1 (written_off)"
        " central hears what is settled: count_needed of DOCK-1 PEN"
    ),
    "cancelled when picked": "2 PEN picked for SO-1 go back: they are cancelled.",
    "put back": "returned 2 PEN at A-01 central hears what is settled: restock of SO-1",
    "promises move along": "promises moved along: 4 to SO-4, 1 to SO-6, all at B-02",
    "into quarantine": "2 PAPER at B-02 into quarantine; 1 PAPER taken back from SO-6 (damaged)",
    "out of quarantine": "2 PAPER at B-02 out of quarantine; 1 PAPER at B-02 to SO-4",
    "expected": "announces 20 PAPER for tomorrow -> ok central hears: SO-6 can expect 6 PAPER on ",
    "expected later": "the lorry is late -> ok central hears: SO-6 can expect 6 PAPER on ",
    "low stock": "INK runs low: 3 free, fewer than 5",
    "why": "- SO-6 line 1 wants 6: before SO-7 because it was placed 2026-11-06",
    "what asks for a person": "low_stock INK ",
}
"""What a day brings, and what is told of it."""


@pytest.mark.parametrize("what", DAY)
def test_what_a_day_brings_is_told(played: Played, what: str) -> None:
    assert DAY[what] in played.said


def test_what_was_in_hand_when_the_power_went_is_put_down_when_it_is_back(played: Played) -> None:
    said = played.said

    told = [
        said.index(part)
        for part in (
            "In hand: 5 PAPER.",
            "power is cut (SIGKILL) central hears that the node is offline",
            "power is back",
            "5 pieces moved from A-01 to B-02.",
        )
    ]

    assert told == sorted(told)


def test_the_events_it_leaves_are_those_of_the_ledger_to_the_byte(played: Played) -> None:
    db = sqlite3.connect(f"file:{played.folder}/data/ledger.db?mode=ro", uri=True)
    with closing(db):
        payloads = [row[0] for row in db.execute("SELECT payload FROM events ORDER BY seq")]

    assert (played.folder / "events.jsonl").read_bytes().splitlines() == payloads


def test_the_copy_it_makes_can_be_put_back(played: Played) -> None:
    config = (played.folder / "crossdock.toml").read_text().replace('"data"', '"restored"')
    (played.folder / "restored.toml").write_text(config)

    played.call("restore", str(played.folder / "backup.db"), config="restored.toml")

    assert "The ledger is sound." in played.call("verify", config="restored.toml")
    # It was made at the end of the day, while the daemon worked.
    levels = [
        json.loads(played.call("stock", "--json", config=of)) for of in ("restored.toml", "crossdock.toml")
    ]
    assert levels[0] == levels[1]


VARYING = re.compile(
    r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?"  # days and times
    r"|\d\d:\d\d:\d\d"
)


def test_what_the_readme_shows_is_what_a_run_says(played: Played) -> None:
    shown = README.read_text().split("<!-- demo output: begin -->")[1].split("<!-- demo output: end -->")[0]
    parts = [part.strip("`\n ").removeprefix("text\n") for part in shown.split("[...]")]
    told = VARYING.sub("WHEN", played.said)

    missing = [part for part in parts if VARYING.sub("WHEN", " ".join(part.split())) not in told]

    assert len(parts) > 3
    assert missing == []


def test_what_is_piped_is_plain(played: Played) -> None:
    assert "\033" not in played.told


def test_the_demo_leaves_the_files_that_it_names_and_nothing_that_runs(played: Played) -> None:
    for name in ("label-SO-3.png", "labels.zpl", "events.jsonl", "backup.db", "crossdock.toml", "daemon.log"):
        assert (played.folder / name).stat().st_size > 0
        assert str(played.folder / name) in played.told
    assert (played.folder / "label-SO-3.png").read_bytes().startswith(PNG)
    assert running_in(played.folder) == []


def test_the_commands_that_the_demo_names_work_on_the_ledger_that_it_leaves(played: Played) -> None:
    end = f" -c {played.folder / 'crossdock.toml'}"
    named = [shlex.split(line) for line in played.told.splitlines() if line.endswith(end)]

    for command in named:
        done = subprocess.run(command, capture_output=True, text=True, timeout=CALL_S, check=False)
        assert (done.returncode, done.stderr) == (0, ""), (command, done.stderr)
        assert done.stdout, command

    assert len(named) == 6


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
