"""The screen's HTTP: what it serves, to whom, within which bounds, and what it says of what it does not serve."""

import base64
import hashlib
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import Scanner, Settings, Station
from edge.errors import EdgeError
from edge.facts import CodeScanned
from edge.screen import server as screen
from edge.screen.board import Board
from edge.screen.server import PAGE, ScreenServer, policy_of
from tests.fakes import open_door
from tests.house import House
from tests.integration.blackbox.waits import PATIENCE_S, wait_for

SITE = {
    "site": "par1",
    "node": "dock-a",
    "scanners": (Scanner(id="gun-1", device="serial:///dev/gun-1", station="dock-1"),),
    "stations": (Station(id="dock-1", location="DOCK-1"), Station(id="dock-2")),
}


@dataclass(frozen=True, slots=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: str


class Wall:
    """A node's ledger and its screen on a port of the loopback."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1") -> None:
        site = Settings.model_validate({**SITE, "data_dir": folder})
        self.house = House(site)
        self.board = Board(site, folder / "ledger.db", folder / "crossdock.sock", self.house.clock)
        self.server = ScreenServer(host, 0, self.board)
        self.port: int = self.server.server_port
        self.board.start()
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        self.board.stop()
        self.server.shutdown()
        self._thread.join(PATIENCE_S)
        self.server.server_close()
        self.house.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> Got:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            line.request(method, path, headers=dict(headers or {}))
            answer = line.getresponse()
            return Got(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            line.close()

    def state(self, station: str = "dock-1") -> Any:
        return json.loads(self.get(f"/state.json?station={station}").body)

    def scan(self, code: str) -> None:
        self.house.wait(1)
        self.house.post(CodeScanned("gun-1", "dock-1", "gun-1", code))

    def raw(self, request: bytes) -> bytes:
        """What comes back to bytes as they are, until the screen closes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as line:
            line.sendall(request)
            said = b""
            while more := line.recv(4096):
                said += more
            return said


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    wall = Wall(tmp_path)
    yield wall
    wall.close()


@pytest.mark.parametrize("path", ["/", "/station/dock-1", "/station/dock-2"])
def test_the_page_is_one_file_that_runs_and_loads_nothing_else(wall: Wall, path: str) -> None:
    got = wall.get(path)

    assert (got.status, got.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert got.body == PAGE.read_text(encoding="utf-8")
    policy = got.headers["Content-Security-Policy"]
    for name in ("style", "script"):
        (text,) = re.findall(rf"<{name}>(.*?)</{name}>", got.body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert (
        re.findall(r"(?:src|href)=|url\(|@import|innerHTML|insertAdjacent|document\.write|eval\(", got.body)
        == []
    )
    assert got.headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_allows_no_script_but_the_one_of_the_page() -> None:
    one, other = (policy_of(f"<style>a</style><script>{text}</script>") for text in ("1", "2"))

    assert one != other
    assert one.count("sha256-") == 2


def test_a_document_is_sent_once_and_again_when_it_has_changed(wall: Wall) -> None:
    wall.scan("LOC:A-01")
    first = wall.get("/state.json?station=dock-1")
    same = wall.get("/state.json?station=dock-1", {"If-None-Match": first.headers["ETag"]})
    other = wall.get("/state.json?station=dock-2", {"If-None-Match": first.headers["ETag"]})

    assert (first.status, first.headers["Content-Type"]) == (200, "application/json")
    assert (same.status, same.body, other.status) == (304, "", 200)
    assert json.loads(first.body)["scanners"][0]["dialogues"][0]["place"] == "A-01"


def test_who_waits_is_answered_soon_after_the_commit(wall: Wall) -> None:
    tag = wall.get("/state.json?station=dock-1").headers["ETag"]
    got: list[tuple[float, Got]] = []

    def wait() -> None:
        answer = wall.get("/state.json?station=dock-1", {"If-None-Match": tag, "Prefer": "wait=5"})
        got.append((time.monotonic(), answer))

    waiting = threading.Thread(target=wait)
    waiting.start()
    # Not before the request stands there: a document that changed earlier would be answered at once in any case.
    wait_for(lambda: any("process_request" in one.name for one in threading.enumerate()), "the request")
    wall.scan("7612345001013")
    committed_at = time.monotonic()
    waiting.join(PATIENCE_S)

    ((at, answer),) = got
    # Long before its wait is over, on a busy machine, too.
    assert at - committed_at < 2.5
    (talk,) = json.loads(answer.body)["scanners"][0]["dialogues"]
    assert talk["text"] == "GTIN check digit is wrong: the last digit should be 2."


def test_who_waits_in_vain_is_told_so_in_time(wall: Wall) -> None:
    tag = wall.get("/state.json").headers["ETag"]
    began = time.monotonic()

    got = wall.get("/state.json", {"If-None-Match": tag, "Prefer": "respond-async, wait=1"})

    assert (got.status, 0.9 < time.monotonic() - began < screen.WAIT_MAX_S) == (304, True)


@pytest.mark.parametrize("path", ["/station/dock-9", "/station/", "/station/dock-1/", "/station/%3Cb%3E%1b"])
def test_a_station_that_is_not_there_is_not_found_and_those_that_are_are_named(wall: Wall, path: str) -> None:
    got = wall.get(path)

    asked = {"/station/%3Cb%3E%1b": "<b><ESC>"}.get(path, path.removeprefix("/station/"))
    assert (got.status, got.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert got.body == f"There is no station '{asked}' here. There are: dock-1, dock-2.\n"


def test_the_document_of_a_station_that_is_not_there_is_a_sentence_too(wall: Wall) -> None:
    got = wall.get("/state.json?station=dock-9")

    assert got.status == 404
    assert json.loads(got.body) == {"error": "There is no station 'dock-9' here. There are: dock-1, dock-2."}


def test_whatever_else_is_asked_is_refused_in_a_sentence(wall: Wall) -> None:
    nowhere, posted = wall.get("/favicon.ico"), wall.get("/", method="POST")

    assert (nowhere.status, nowhere.body) == (404, "There is no such page. All stations are at /.\n")
    assert (posted.status, posted.body) == (405, "A screen is only read: GET.\n")
    assert posted.headers["Allow"] == "GET, HEAD"
    for request in (
        b"NONSENSE\r\n\r\n",
        b"BREW / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
    ):
        assert b"This is no request that a screen answers" in wall.raw(request), request
    assert wall.get("/").status == 200


HEADS = (
    b"GET http://[/ HTTP/1.1",
    b"GET /station/%FF%00 HTTP/1.1",
    b"GET /state.json?station=%80&station HTTP/1.0",
)


@given(
    st.one_of(st.sampled_from(HEADS), st.binary(max_size=60), st.binary(max_size=60).map(b"GET /".__add__))
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_come_no_mistake_of_ours_comes_of_them(
    wall: Wall, caplog: pytest.LogCaptureFixture, head: bytes
) -> None:
    said = wall.raw(head + b"\r\n\r\n")

    # An empty line is no request and gets no answer; HTTP/0.9 knows no status.
    assert said[:9] in (b"HTTP/1.0 ", b"") or b" HTTP/" not in head
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_head_has_the_headers_of_a_page_and_no_page(wall: Wall) -> None:
    got = wall.get("/", method="HEAD")

    assert (got.status, got.body, int(got.headers["Content-Length"]) > 1000) == (200, "", True)


def test_a_request_is_bounded_in_size_and_time(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "HEAD_WITHIN_S", 0.3)

    large = wall.raw(b"GET / HTTP/1.1\r\nX: " + b"x" * screen.HEAD_MAX_BYTES)
    slow = wall.raw(b"GET / HTTP/1.1\r\n")

    assert large.startswith(b"HTTP/1.0 431 ")
    assert large.endswith(b"\r\n\r\nA request has at most 8 KiB.\n")
    assert slow == b""
    assert wall.get("/").status == 200


def test_more_viewers_than_there_is_room_for_are_sent_away_and_the_others_stay(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = [
        socket.create_connection(("127.0.0.1", wall.port), PATIENCE_S) for _ in range(screen.CONNECTIONS_MAX)
    ]

    sent_away = wall.raw(b"")
    for line in silent:
        line.sendall(b"GET /state.json HTTP/1.1\r\n\r\n")
    answers = [line.makefile("rb").readline() for line in silent]

    for line in silent:
        line.close()
    assert sent_away.endswith(b"\r\n\r\n64 viewers are here.\n")
    assert set(answers) == {b"HTTP/1.0 200 OK\r\n"}
    assert wall.get("/").status == 200


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8480", "[::1]:1", "LOCALHOST", "127.0.0.2:80"])
def test_on_the_loopback_it_is_asked_by_the_machines_own_names(wall: Wall, host: str) -> None:
    assert wall.get("/state.json", {"Host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8480", "10.0.0.5:8480"])
def test_a_name_from_elsewhere_that_leads_to_the_loopback_is_told_nothing(wall: Wall, host: str) -> None:
    got = wall.get("/state.json", {"Host": host})

    assert (got.status, got.body) == (421, "This screen is for its own machine: http://127.0.0.1.\n")


def test_a_port_that_is_taken_is_said(wall: Wall) -> None:
    with pytest.raises(EdgeError) as caught:
        ScreenServer("127.0.0.1", wall.port, wall.board)

    assert f"{caught.value}" == (
        f"The screen cannot be at 127.0.0.1, port {wall.port}: Address already in use."
        " Another program has the port? Name another one with --port."
    )


def test_an_address_of_another_machine_is_said(wall: Wall) -> None:
    with pytest.raises(EdgeError) as caught:
        ScreenServer("192.0.2.1", 8480, wall.board)

    assert f"{caught.value}" == (
        "The screen cannot be at 192.0.2.1, port 8480: Cannot assign requested address."
        " See that the address is one of this machine's and the port is free, or name others."
    )


def test_a_ledger_that_is_not_there_yet_is_said_and_then_shown(tmp_path: Path) -> None:
    wall = Wall(tmp_path)
    path = tmp_path / "ledger.db"
    path.rename(tmp_path / "aside.db")
    try:
        missing = wall.state()["trouble"]
        (tmp_path / "aside.db").rename(path)
        wait_for(lambda: wall.state()["trouble"] == "", "the ledger to be read")
    finally:
        wall.close()

    assert missing == f"There is no ledger at {path}. It is made when the daemon starts: crossdock run."


def test_it_is_said_whether_a_daemon_runs(wall: Wall, tmp_path: Path) -> None:
    before = wall.state()["running"]
    with open_door(tmp_path, wall.house.inbox.post):
        wait_for(lambda: wall.state()["running"], "the daemon to be seen")
    wait_for(lambda: not wall.state()["running"], "its end to be seen")

    assert not before
