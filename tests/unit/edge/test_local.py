"""The local door: scans over a unix socket, one connection one dialogue, and nothing a caller can break."""

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from edge.errors import EdgeError, LedgerError, UsageError
from edge.facts import Answer, CodeScanned, Fact, Verdict
from edge.local.calls import ping, scan
from edge.local.door import MAX_CONNECTIONS, LocalDoor
from edge.local.wire import MAX_LINE_BYTES
from tests.fakes import answered, open_door
from tests.integration.blackbox.waits import wait_for


class Engine:
    """Answers every scan at once and remembers it."""

    def __init__(self) -> None:
        self.scans: list[CodeScanned] = []
        self.fails: EdgeError | None = None

    def post(self, fact: Fact) -> "Future[Answer]":
        assert isinstance(fact, CodeScanned)
        self.scans.append(fact)
        if self.fails:
            return answered(self.fails)
        if fact.code == "BAD":
            return answered(Answer(Verdict.REJECT, "No such code.", "unknown_code"))
        return answered(Answer(Verdict.ACCEPT, f"took {fact.code}"))


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def path(tmp_path: Path, engine: Engine) -> Iterator[Path]:
    with open_door(tmp_path, engine.post, session=7) as path:
        yield path


def say(path: Path, line: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as caller, caller.makefile("rb") as lines:
        caller.settimeout(5)
        caller.connect(str(path))
        caller.sendall(line)
        answer: dict[str, object] = json.loads(lines.readline())
        return answer


def test_scans_are_posted_as_one_dialogue_and_answered_in_order(path: Path, engine: Engine) -> None:
    answers = list(scan(path, "dock-1", ["QTY:3", "BAD"]))

    assert answers == [
        Answer(Verdict.ACCEPT, "took QTY:3"),
        Answer(Verdict.REJECT, "No such code.", "unknown_code"),
    ]
    first, second = engine.scans
    assert (first.scanner, first.station, first.code, first.debounce_ms) == ("cli", "dock-1", "QTY:3", 0)
    assert first.dialogue.startswith("cli-")
    assert second.dialogue == first.dialogue


def test_another_call_is_another_dialogue(path: Path, engine: Engine) -> None:
    list(scan(path, "dock-1", ["A"]))
    list(scan(path, "dock-1", ["A"]))

    assert len({fact.dialogue for fact in engine.scans}) == 2


def test_a_station_that_is_not_there_is_a_wrong_call(path: Path, engine: Engine) -> None:
    with pytest.raises(UsageError, match=r'^There is no station "dock-9" here\.$'):
        list(scan(path, "dock-9", ["A"]))

    assert engine.scans == []


def test_a_code_too_long_is_cut_to_where_it_is_seen_to_be(path: Path, engine: Engine) -> None:
    list(scan(path, "dock-1", ["X" * 300]))

    assert engine.scans[0].code == "X" * 257


def test_what_is_no_text_stays_a_character_that_no_code_may_have(path: Path, engine: Engine) -> None:
    list(scan(path, "dock-1", ["SKU:\udcff€"]))

    assert engine.scans[0].code == "SKU:\ufffd€"


def test_what_the_engine_could_not_do_is_told_with_its_words(path: Path, engine: Engine) -> None:
    engine.fails = EdgeError("The disk is full.", hint="Free some of it.")

    with pytest.raises(EdgeError, match=r"^The disk is full\. Free some of it\.$"):
        list(scan(path, "dock-1", ["A"]))


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"hello\n", "bad_json"),
        (b"\xff\n", "bad_json"),
        (b"[" * 4000 + b"\n", "bad_json"),
        (b"[]\n", "bad_request"),
        (b'{"station": "dock-1"}\n', "bad_request"),
        (b'{"station": "dock-1", "code": 1}\n', "bad_request"),
        (b'{"station": "dock-1", "code": ""}\n', "bad_request"),
        (b"x" * (MAX_LINE_BYTES + 1), "too_long"),
    ],
)
def test_what_cannot_be_understood_is_told_and_hurts_nobody(path: Path, line: bytes, error: str) -> None:
    answer = say(path, line)

    assert answer["error"] == error
    assert ping(path) is not None


def test_a_ping_names_process_and_session(path: Path) -> None:
    answer = ping(path)

    assert answer is not None
    assert answer["session"] == 7


def test_too_many_callers_are_sent_away_and_served_once_others_left(path: Path) -> None:
    callers = [socket.socket(socket.AF_UNIX) for _ in range(MAX_CONNECTIONS)]
    for caller in callers:
        caller.settimeout(5)
        caller.connect(str(path))
        caller.sendall(b'{"ping": 1}\n')
        assert caller.recv(100)

    assert say(path, b'{"ping": 1}\n')["error"] == "busy"
    with pytest.raises(EdgeError, match=r"^8 callers are here; try again\.$"):
        list(scan(path, "dock-1", ["A"]))
    for caller in callers:
        caller.shutdown(socket.SHUT_WR)
        # The end of the stream: its thread is through with it.
        assert caller.recv(100) == b""
        caller.close()
    assert "pid" in (ping(path) or {})


def test_without_a_daemon_a_scan_says_so(tmp_path: Path) -> None:
    with pytest.raises(EdgeError) as caught:
        list(scan(tmp_path / "crossdock.sock", "dock-1", ["A"]))

    assert str(caught.value) == f"No crossdock runs with the data in {tmp_path}. Start it: crossdock run."
    assert caught.value.exit_code == 1


def test_a_socket_left_by_a_killed_daemon_is_replaced(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "crossdock.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    door = LocalDoor(path, ["dock-1"], engine.post)

    door.start()

    assert ping(path) is not None
    assert path.stat().st_mode & 0o777 == 0o660
    door.stop()
    assert not path.exists()


def test_a_second_daemon_with_the_same_data_is_refused(path: Path, engine: Engine) -> None:
    second = LocalDoor(path, ["dock-1"], engine.post)

    with pytest.raises(LedgerError, match="Another crossdock runs with the data in"):
        second.start()

    assert ping(path) is not None


def test_stopping_answers_the_scan_in_hand(tmp_path: Path) -> None:
    owed: list[Future[Answer]] = []

    def post(fact: Fact) -> "Future[Answer]":
        owed.append(Future())
        posted.set_result(None)
        return owed[0]

    posted: Future[None] = Future()
    path = tmp_path / "crossdock.sock"
    door = LocalDoor(path, ["dock-1"], post)
    door.start()
    with socket.socket(socket.AF_UNIX) as caller, caller.makefile("rb") as lines:
        caller.settimeout(5)
        caller.connect(str(path))
        caller.sendall(b'{"station": "dock-1", "code": "A"}\n')
        posted.result(5)
        stopping = threading.Thread(target=door.stop, daemon=True)
        stopping.start()
        wait_for(lambda: ping(path) is None, "the door to close")
        owed[0].set_result(Answer(Verdict.ACCEPT, "took it"))

        assert json.loads(lines.readline())["verdict"] == "accept"
        assert lines.readline() == b""
    stopping.join(5)
    assert not stopping.is_alive()


def test_a_data_folder_with_a_very_long_name_has_a_door_too(tmp_path: Path, engine: Engine) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    door = LocalDoor(folder / "crossdock.sock", ["dock-1"], engine.post)

    door.start()

    assert [answer.verdict for answer in scan(folder / "crossdock.sock", "dock-1", ["A"])] == ["accept"]
    door.stop()
