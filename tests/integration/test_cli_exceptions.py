"""`crossdock exceptions`: what asks for a person, beside a real daemon that clears it through its socket."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.load import load
from edge.cli import main
from edge.daemon import Daemon
from edge.facts import Verdict
from edge.ledger.reading import moment
from edge.local import calls
from tests.command_line import read
from tests.unit.config.writing import written

CONFIG = """
site = "par1"
node = "dock-a"
data_dir = "data"
timezone = "Europe/Paris"

[[stations]]
id = "dock-1"
location = "DOCK-1"
"""

INK = "INK-FOR-FOUNTAIN-PENS-ROYAL-BLUE"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path, CONFIG)


@pytest.fixture
def daemon(config: Path) -> Iterator[Daemon]:
    """A node without devices and central, at work; goods without master data came in twice."""
    daemon = Daemon(load(config))
    daemon.start()
    codes = ["SKU:PEN", f"SKU:{INK}"]
    answers = list(calls.scan(config.parent / "data" / "crossdock.sock", "dock-1", codes))
    assert [answer.verdict for answer in answers] == [Verdict.ATTENTION, Verdict.ATTENTION]
    yield daemon
    daemon.stop()


def listed(capsys: pytest.CaptureFixture[str], config: Path, *options: str) -> list[dict[str, str | None]]:
    told = read(capsys, "exceptions", "-c", str(config), *options)
    assert isinstance(told, list)
    return told


def events(config: Path) -> list[tuple[str, str, str]]:
    """Type, cause and reason of what was told about exceptions that are over."""
    with moment(config.parent / "data" / "ledger.db") as ledger:
        rows = ledger.execute(
            "SELECT payload FROM events WHERE type = 'exception.cleared' ORDER BY seq"
        ).fetchall()
    told = [json.loads(payload) for (payload,) in rows]
    return [(event["subject"], event["cause"], event["data"]["reason"]) for event in told]


def test_open_exceptions_are_listed_the_oldest_first(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = listed(capsys, config)

    assert list(first) == ["exception", "kind", "about", "text", "raised_at", "cleared_at", "reason"]
    assert [(row["kind"], row["about"]) for row in (first, second)] == [
        ("unknown_item", "PEN"),
        ("unknown_item", INK),
    ]
    assert (first["cleared_at"], first["reason"]) == (None, None)


def test_a_person_reads_a_table_with_the_whole_text(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    (_, ink) = listed(capsys, config)

    assert main(["exceptions", "-c", str(config)]) == 0

    titles, _, row = capsys.readouterr().out.splitlines()
    assert titles.split() == ["EXCEPTION", "KIND", "ABOUT", "SINCE", "TEXT"]
    assert row.split()[:3] == [ink["exception"], "unknown_item", INK]
    assert row.endswith(str(ink["text"]))
    assert len(str(ink["text"])) > 60, "Too short to tell that it is not cut."


def test_at_most_so_many_are_listed(config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["about"] for row in listed(capsys, config, "--limit", "1")] == ["PEN"]


@pytest.mark.parametrize("said", [["the", "office", "knows"], ["--reason", "the office knows"]])
def test_a_person_clears_one_with_a_reason(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str], said: list[str]
) -> None:
    id_ = str(listed(capsys, config)[0]["exception"])

    assert main(["exceptions", "-c", str(config), "clear", id_, *said]) == 0

    assert capsys.readouterr() == (f"{id_} (unknown_item PEN) is cleared.\n", "")
    assert [row["about"] for row in listed(capsys, config)] == [INK]
    ((about, cause, reason),) = events(config)
    assert (about, reason) == ("PEN", "the office knows")
    assert cause.startswith("command/cli-")


def test_all_shows_also_what_was_cleared_when_and_why(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    id_ = str(listed(capsys, config)[0]["exception"])
    main(["exceptions", "clear", "-c", str(config), id_, "the office knows"])
    capsys.readouterr()

    pen, ink = listed(capsys, config, "--all")
    main(["exceptions", "-c", str(config), "--all"])

    assert (pen["about"], pen["reason"], ink["reason"]) == ("PEN", "the office knows", None)
    assert pen["cleared_at"] is not None
    assert capsys.readouterr().out.splitlines()[0].split() == [
        *("EXCEPTION", "KIND", "ABOUT", "SINCE", "CLEARED", "REASON", "TEXT")
    ]


def test_of_many_the_open_ones_come_before_those_that_were_cleared(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    pen, _ = listed(capsys, config)
    main(["exceptions", "clear", "-c", str(config), str(pen["exception"]), "the office knows"])
    capsys.readouterr()

    assert [row["about"] for row in listed(capsys, config, "--all", "--limit", "1")] == [INK]


def test_json_says_what_was_done(config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = str(listed(capsys, config)[0]["exception"])

    told = read(capsys, "exceptions", "-c", str(config), "clear", id_, "the office knows")

    assert told == {"exception": id_, "text": f"{id_} (unknown_item PEN) is cleared."}


def test_one_that_is_not_there_fails_in_a_sentence(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["exceptions", "clear", "-c", str(config), "no-such-thing", "seen to"]) == 1

    told = "crossdock: There is no exception no-such-thing. See them: crossdock exceptions.\n"
    assert capsys.readouterr() == ("", told)
    assert events(config) == []


@pytest.mark.parametrize("reason", [[], [""], ["  ", "\t"], ["--reason", " "]])
def test_without_a_reason_the_call_is_wrong_and_nothing_is_cleared(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str], reason: list[str]
) -> None:
    id_ = str(listed(capsys, config)[0]["exception"])

    assert main(["exceptions", "clear", "-c", str(config), id_, *reason]) == 2

    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith(f"crossdock: Why is {id_} seen to? The reason is missing.")
    assert len(listed(capsys, config)) == 2


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("x" * 257, "reason must be text of 1 to 256 characters"),
        ("x" * 5000, "Expected at most 4096 bytes"),
        ("a bell\a", "reason must be text of 1 to 256 characters"),
    ],
)
def test_a_reason_that_central_could_not_give_is_a_wrong_call(
    config: Path, daemon: Daemon, capsys: pytest.CaptureFixture[str], reason: str, told: str
) -> None:
    id_ = str(listed(capsys, config)[0]["exception"])

    assert main(["exceptions", "clear", "-c", str(config), id_, reason]) == 2

    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert told in err
    assert events(config) == []
    assert len(listed(capsys, config)) == 2


def test_without_a_daemon_they_can_be_read_and_not_cleared(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = Daemon(load(config))
    daemon.start()
    daemon.stop()

    assert main(["exceptions", "-c", str(config)]) == 0
    assert main(["exceptions", "clear", "-c", str(config), "x-1", "seen to"]) == 1

    told = f"crossdock: No crossdock runs with the data in {config.parent}/data. Start it: crossdock run.\n"
    assert capsys.readouterr() == ("Nothing is open.\n", told)
