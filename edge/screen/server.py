"""The screen's HTTP: one page, one JSON document that it follows, and sentences for everything else.

Read-only and bounded: so many connections, so much of a request, so long for each step. A connection has one request.
Who follows a document asks again with its tag and `Prefer: wait=5` (RFC 7240), and is answered once it has changed.
"""

import base64
import hashlib
import io
import ipaddress
import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, unquote

from edge.domain.printable import visible
from edge.errors import EdgeError
from edge.screen.board import Board

log = logging.getLogger(__name__)

CONNECTIONS_MAX = 64
"""At once. A page has one: while it waits, a thread waits with it."""
HEAD_MAX_BYTES = 8192
HEAD_WITHIN_S = 5.0
"""The whole head of a request, however slowly it drips."""
SEND_WITHIN_S = 5.0
WAIT_MAX_S = 5
"""How long an answer is held back at most: a page that hears nothing for much longer knows that nobody is there."""

_FULL = b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Type: text/plain\r\n\r\n%d viewers are here.\n"

PAGE = resources.files("edge.screen").joinpath("page.html")


def policy_of(page: str) -> str:
    """The Content-Security-Policy under which nothing runs but the page's own style and script, word for word."""
    allowed = {
        name: " ".join(_source(text) for text in re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL))
        for name in ("style", "script")
    }
    return (
        f"default-src 'none'; style-src {allowed['style']}; script-src {allowed['script']}; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class ScreenServer(ThreadingHTTPServer):
    """Listens at once. Raises EdgeError where the address cannot be had."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, host: str, port: int, board: Board) -> None:
        address = ipaddress.ip_address(host)
        self.address_family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
        self.is_for_this_machine = address.is_loopback
        self.board = board
        self.page = PAGE.read_text(encoding="utf-8").encode()
        self.policy = policy_of(self.page.decode())
        self._room = threading.BoundedSemaphore(CONNECTIONS_MAX)
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            raise EdgeError(
                f"The screen cannot be at {host}, port {port}: {error.strerror or error}.",
                hint="Another program has the port? Name another one with --port."
                if address.is_loopback
                else "See that the address is one of this machine's and the port is free, or name others.",
            ) from error

    def server_bind(self) -> None:
        # Not HTTPServer's, which asks the name service who we are, and waits for its answer.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):
            log.warning("%d viewers are here: another one was sent away", CONNECTIONS_MAX)
            request.setblocking(False)
            try:
                request.send(_FULL % CONNECTIONS_MAX)
            except OSError as error:
                log.debug("nobody took it: %s", error)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's
        # A viewer that goes away in the middle is no news, all else is a mistake of ours.
        if isinstance(sys.exception(), OSError):
            log.debug("a viewer went away", exc_info=True)
        else:
            log.exception("a request could not be answered")


class _Handler(BaseHTTPRequestHandler):
    server: ScreenServer

    def handle(self) -> None:
        """Read the head of one request within its bounds, and answer it."""
        head = self._head()
        self.connection.settimeout(SEND_WITHIN_S)
        if head is None:
            self.requestline, self.command, self.request_version = "", "GET", self.protocol_version
            self._say(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "A request has at most 8 KiB.")
        elif head:
            self.rfile = io.BytesIO(head)
            self.handle_one_request()

    def _head(self) -> bytes | None:
        """The request up to its empty line; nothing if it does not come, None if it is too large."""
        until, head = time.monotonic() + HEAD_WITHIN_S, b""
        while b"\r\n\r\n" not in head and b"\n\n" not in head:
            left_s = until - time.monotonic()
            if len(head) > HEAD_MAX_BYTES:
                return None
            if left_s <= 0:
                return b""
            self.connection.settimeout(left_s)
            try:
                more = self.connection.recv(HEAD_MAX_BYTES)
            except TimeoutError:
                return b""
            if not more:
                return b""
            head += more
        return head

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if self.server.is_for_this_machine and not self._is_asked_as_this_machine():
            # A page from elsewhere whose name was made to lead here must not read us through its viewer's browser.
            self._say(HTTPStatus.MISDIRECTED_REQUEST, "This screen is for its own machine: http://127.0.0.1.")
        elif path == "/state.json":
            self._state(parse_qs(query).get("station", [None])[0])
        elif path == "/":
            self._page(None)
        elif path.startswith("/station/"):
            self._page(unquote(path.removeprefix("/station/")))
        else:
            self._say(HTTPStatus.NOT_FOUND, "There is no such page. All stations are at /.")

    do_HEAD = do_GET  # noqa: N815

    def _refuse(self) -> None:
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, "A screen is only read: GET.", {"Allow": "GET, HEAD"})

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _refuse  # noqa: N815

    def _is_asked_as_this_machine(self) -> bool:
        name = re.sub(r":\d+$", "", self.headers.get("Host", "localhost")).strip("[]").lower()
        try:
            return name == "localhost" or ipaddress.ip_address(name).is_loopback
        except ValueError:
            return False

    def _page(self, station: str | None) -> None:
        if station is not None and (sentence := self._unknown(station)):
            self._say(HTTPStatus.NOT_FOUND, sentence)
        else:
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", self.server.page)

    def _state(self, station: str | None) -> None:
        """The document, or 304 to who has it already; to who would rather wait, as soon as it changes."""
        if station is not None and (sentence := self._unknown(station)):
            body = json.dumps({"error": sentence}).encode()
            self._send(HTTPStatus.NOT_FOUND, "application/json", body)
            return
        board = self.server.board
        if known := re.search(r'"([0-9a-f]+)"', self.headers.get("If-None-Match", "")):
            document = board.changed(station, known[1], within_s=self._patience_s())
        else:
            document = board.document(station)
        if document is None:
            self._send(HTTPStatus.NOT_MODIFIED, "", b"")
        else:
            self._send(HTTPStatus.OK, "application/json", document.body, {"ETag": f'"{document.tag}"'})

    def _patience_s(self) -> int:
        asked = re.search(r"(?:^|[,;\s])wait=(\d{1,4})\b", self.headers.get("Prefer", ""))
        return min(int(asked[1]), WAIT_MAX_S) if asked else 0

    def _unknown(self, station: str) -> str:
        """Say that there is no such station; nothing if there is."""
        known = [one.id for one in self.server.board.settings.stations]
        if station in known:
            return ""
        return f"There is no station '{visible(station, 80)}' here. There are: {', '.join(known) or 'none'}."

    def _say(self, status: HTTPStatus, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, "text/plain; charset=utf-8", f"{sentence}\n".encode(), headers)

    def _send(
        self, status: HTTPStatus, kind: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        for name, value in {
            **(headers or {}),
            "Cache-Control": "no-cache",
            "Content-Security-Policy": self.server.policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server finds wrong with a request, as a sentence: no page that repeats what was sent."""
        log.debug("a request is none: %s %s", message, explain)
        self.command = self.command or "GET"
        self._say(HTTPStatus(code), f"This is no request that a screen answers: {HTTPStatus(code).phrase}.")

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The box's clock, by which a page tells how long ago something was."""
        return formatdate(self.server.board.now_ms() / 1000 if timestamp is None else timestamp, usegmt=True)

    def version_string(self) -> str:
        return "crossdock"

    def log_message(self, format: str, *values: Any) -> None:
        log.debug("%s", visible(format % values))
