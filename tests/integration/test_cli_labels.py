"""`crossdock labels`: what waits, beside a real daemon, and what a person decides about it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import load
from drivers.simulated_printer import LabelPrinter
from edge.cli import main
from edge.daemon import Daemon
from edge.facts import Verdict
from edge.local import calls
from tests.command_line import read
from tests.unit.config.writing import written

CONFIG = """
site = "par1"
node = "dock-a"
data_dir = "data"
timezone = "Europe/Paris"

[[printers]]
id = "zebra-1"
language = "zpl"
device = "tcp://127.0.0.1:1"

[[printers]]
id = "zebra-2"
language = "zpl"
device = "{url}"

[[stations]]
id = "dock-1"
location = "DOCK-1"
printer = "zebra-1"
"""
"""Nobody listens at the first printer's address."""

TIMEOUT_S = 20.0


@pytest.fixture
def printer() -> Iterator[LabelPrinter]:
    with LabelPrinter() as printer:
        yield printer


@pytest.fixture
def config(tmp_path: Path, printer: LabelPrinter) -> Path:
    return written(tmp_path, CONFIG.format(url=printer.url))


@pytest.fixture
def daemon(config: Path) -> Iterator[Daemon]:
    """A node of whose printers one is off; two labels wait for that."""
    daemon = Daemon(load(config))
    daemon.start()
    answers = list(calls.scan(config.parent / "data" / "crossdock.sock", "dock-1", ["SKU:PEN", "SKU:INK"]))
    assert Verdict.REJECT not in [answer.verdict for answer in answers]
    yield daemon
    daemon.stop()


def listed(capsys: pytest.CaptureFixture[str], config: Path, *options: str) -> list[dict[str, object]]:
    told = read(capsys, "labels", "-c", str(config), *options)
    assert isinstance(told, list)
    return told


def said(capsys: pytest.CaptureFixture[str], config: Path, *words: str) -> tuple[int, str, str]:
    code = main(["labels", *words, "-c", str(config)])
    out, err = capsys.readouterr()
    return code, out.strip(), err.strip()


def test_what_waits_for_a_printer_that_is_off_comes_out_of_another(
    config: Path, daemon: Daemon, printer: LabelPrinter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [label["status"] for label in listed(capsys, config, "--waiting")] == ["queued", "queued"]

    code, out, _ = said(capsys, config, "redirect", "zebra-1", "zebra-2")

    assert (code, out) == (0, "2 labels wait for zebra-2 now, in the order booked.")
    assert printer.wait_for(2, TIMEOUT_S)
    first, second = (str(label["label"]) for label in reversed(listed(capsys, config)))
    printed = printer.labels
    assert [first.encode() in printed[0], second.encode() in printed[1]] == [True, True]


def test_a_label_is_given_up_with_a_reason(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    label = str(listed(capsys, config)[0]["label"])

    assert said(capsys, config, "give-up", label, "written", "by", "hand")[:2] == (
        0,
        f"Label {label} is given up.",
    )

    (kept,) = listed(capsys, config, "--waiting")
    assert kept["label"] != label
    assert listed(capsys, config)[0]["error"] == "written by hand"


def test_a_label_that_waits_says_where_when_it_is_asked_for_again(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    label = str(listed(capsys, config)[0]["label"])

    code, out, _ = said(capsys, config, "--json", "reprint", label)

    text = f"Label {label} waits for zebra-1 still: see to the printer."
    assert (code, json.loads(out)) == (0, {"verdict": "attention", "text": text})


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (
            ("give-up", "x-1", "torn"),
            1,
            "crossdock: Label x-1 is none of this node's. See them: crossdock labels --waiting.",
        ),
        (
            ("redirect", "zebra-1", "zebra-3"),
            1,
            "crossdock: There is no printer zebra-3 here; there is zebra-1, zebra-2. See them: crossdock labels"
            " --waiting.",
        ),
        (
            ("give-up", "x-1"),
            2,
            "crossdock: Why is label x-1 given up? The reason is missing. Say it behind the label: crossdock labels"
            " give-up x-1 written by hand.",
        ),
        (
            ("give-up", "x-1", "--reason", "to\u202ern"),
            2,
            "crossdock: reason must be text of 1 to 256 characters, not blank, without control characters, got"
            ' "to\\u202ern".',
        ),
        (
            ("reprint", "é"),
            2,
            'crossdock: reprint must be printable ASCII text of 1 to 64 characters, got "\\u00e9".',
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    config: Path,
    daemon: Daemon,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
    error: str,
) -> None:
    assert said(capsys, config, *words) == (code, "", error)

    assert len(listed(capsys, config, "--waiting")) == 2


def test_without_a_daemon_nothing_can_be_decided(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, config, "reprint", "2f9c-1")

    assert (code, err.startswith("crossdock: No crossdock runs with the data in ")) == (1, True)


def test_a_list_of_what_waits_may_be_empty(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in listed(capsys, config):
        said(capsys, config, "give-up", str(label["label"]), "torn")

    assert said(capsys, config, "--waiting")[1] == "No label waits."
