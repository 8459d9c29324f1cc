"""The local door and exceptions: a person's word goes to the engine as a fact, under the rules of central's command."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.errors import EdgeError, UsageError
from edge.facts import Answer, ExceptionCleared, Fact, Verdict
from edge.local.calls import clear, ping
from tests.fakes import answered, open_door


class Engine:
    """Clears every exception but `gone`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.facts: list[ExceptionCleared] = []

    def post(self, fact: Fact) -> "Future[Answer]":
        assert isinstance(fact, ExceptionCleared)
        self.facts.append(fact)
        if fact.exception == "full":
            return answered(EdgeError("The disk is full.", hint="Free some of it."))
        if fact.exception == "gone":
            return answered(Answer(Verdict.REJECT, "There is no exception gone.", "unknown_exception"))
        return answered(Answer(Verdict.ACCEPT, f"{fact.exception} is cleared."))


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def path(tmp_path: Path, engine: Engine) -> Iterator[Path]:
    with open_door(tmp_path, engine.post) as path:
        yield path


def test_an_exception_and_a_reason_are_posted_and_the_answer_comes_back(path: Path, engine: Engine) -> None:
    answer = clear(path, "2f9c-x7", "seen to, Zoë")

    assert answer == Answer(Verdict.ACCEPT, "2f9c-x7 is cleared.")
    (fact,) = engine.facts
    assert (fact.exception, fact.reason) == ("2f9c-x7", "seen to, Zoë")
    assert fact.by.startswith("cli-")


def test_each_call_is_told_apart_in_the_journal(path: Path, engine: Engine) -> None:
    clear(path, "2f9c-x7", "mended")
    clear(path, "2f9c-x7", "mended")

    assert len({fact.by for fact in engine.facts}) == 2


def test_one_that_is_not_there_is_refused(path: Path) -> None:
    told = Answer(Verdict.REJECT, "There is no exception gone.", "unknown_exception")

    assert clear(path, "gone", "mended") == told


def test_one_that_cannot_be_booked_is_an_error(path: Path) -> None:
    with pytest.raises(EdgeError, match=r"^The disk is full\. Free some of it\.$"):
        clear(path, "full", "mended")


@pytest.mark.parametrize(
    ("exception", "reason", "told"),
    [
        ("2f9c-x7", " ", "reason must be text of 1 to 256 characters, not blank"),
        ("2f9c-x7", "x" * 257, "reason must be text of 1 to 256 characters, not blank"),
        ("2f9c-x7", "a\nb", "reason must be text of 1 to 256 characters, not blank"),
        ("", "mended", "exception must be printable ASCII text"),
        ("x" * 65, "mended", "exception must be printable ASCII text"),
        ("2f9c-x7", "half \ud800 a character", "half a character"),
        ("2f9c-x7", "x" * 5000, "Expected at most 4096 bytes"),
    ],
)
def test_what_central_could_not_say_is_a_wrong_call(
    path: Path, engine: Engine, exception: str, reason: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        clear(path, exception, reason)

    assert engine.facts == []
    assert ping(path) is not None


def test_the_longest_reason_that_is_one_gets_through(path: Path, engine: Engine) -> None:
    reason = "\U0001f4e6" * 256

    clear(path, "x" * 64, reason)

    assert engine.facts[0].reason == reason


@pytest.mark.parametrize(
    "line",
    [b'{"clear": 7, "reason": "mended"}\n', b'{"clear": "x-1"}\n', b'{"clear": "x-1", "reason": [[]]}\n'],
)
def test_what_is_no_such_call_is_told_in_a_line(path: Path, engine: Engine, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as caller, caller.makefile("rb") as lines:
        caller.settimeout(5)
        caller.connect(str(path))
        caller.sendall(line)
        answer = json.loads(lines.readline())

    text = "Expected station and code, or clear and reason, texts and not empty."
    assert answer == {"error": "bad_request", "text": text}
    assert engine.facts == []


def test_without_a_daemon_the_caller_hears_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"No crossdock runs with the data in .*\. Start it: crossdock run\."):
        clear(tmp_path / "crossdock.sock", "2f9c-x7", "mended")
