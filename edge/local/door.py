"""The daemon's door on its own machine: a unix socket over which the command line hands in what a person does.

One JSON object on a line each way. A scan, `{"station": "dock-1", "code": "QTY:3"}`, an exception seen to, `{"clear":
"2f9c-x7", "reason": "mended"}`, and a wish about labels, `{"reprint": "2f9c-17"}`, `{"give_up": "2f9c-17", "reason":
"torn"}` or `{"redirect": null, "printer": "zebra-1", "to": "zebra-2"}`, are answered with `verdict`, `text` and `why`,
`{"ping": 1}` with `pid` and `session`, anything else with `error` and `text`. A connection is one dialogue.
"""

import contextlib
import errno
import json
import logging
import os
import re
import socket
import threading
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Any

from edge.domain.requests import ClearException
from edge.errors import EdgeError, LedgerError
from edge.facts import (
    MAX_CODE_LENGTH,
    CodeScanned,
    CommandRefused,
    ExceptionCleared,
    Fact,
)
from edge.inbox import Post
from edge.local.wire import ANSWER_S, MAX_LINE_BYTES, PING_S, address, connected, send

log = logging.getLogger(__name__)

MODE = 0o660
"""Whoever is in crossdock's group may scan, clear exceptions and decide about labels."""

MAX_CONNECTIONS = 8
IDLE_S = 60.0
"""A connection that says nothing for so long is closed: it holds one of few."""

STOP_S = 5.0
_SURROGATES = re.compile("[\ud800-\udfff]")


class LocalDoor:
    """Listens at `path` and posts what is scanned there; `stations` are those of this node."""

    def __init__(
        self, path: Path, stations: Collection[str], post: Post, *, session: int | None = None
    ) -> None:
        self._path = path
        self._stations = frozenset(stations)
        self._post = post
        self._session = session
        self._listener: socket.socket | None = None
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Raises LedgerError if another daemon answers there already, or if the place is no good."""
        if _is_taken(self._path):
            raise LedgerError(
                f"Another crossdock runs with the data in {self._path.parent}.",
                hint="Stop it first, or give this one a data_dir of its own.",
            )
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Nobody answers there: what a daemon that was killed has left.
            self._path.unlink(missing_ok=True)
            # Before bind, so that nobody else gets in between: the file takes its mode from the socket.
            os.fchmod(listener.fileno(), MODE)
            with address(self._path) as name:
                listener.bind(name)
            self._path.chmod(MODE)
            listener.listen(MAX_CONNECTIONS)
        except OSError as error:
            listener.close()
            raise LedgerError(
                f"The local socket {self._path} cannot be made: {error}.",
                hint="See that its folder is there, belongs to crossdock's user and has room.",
            ) from error
        self._listener = listener
        self._thread = threading.Thread(target=self._accept, args=(listener,), name="local-door", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let no one in any more, let the scans in hand be answered, and take the socket away."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        # Closing alone does not wake a thread in accept().
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(STOP_S)
        listener.close()
        with self._lock:
            left = list(self._open.items())
        for connection, _ in left:
            # Reading ends, so that each thread does: after the answer it owes.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        for _, thread in left:
            thread.join(STOP_S)
        self._path.unlink(missing_ok=True)

    def _accept(self, listener: socket.socket) -> None:
        while self._listener is listener:
            try:
                connection, _ = listener.accept()
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ECONNABORTED):
                    log.warning("local_door cannot take a caller: %s", error)
                    # Waits for a caller to leave, so that a full table of files is not asked in a circle.
                    self._any_thread_ends()
                    continue
                return
            connection.settimeout(IDLE_S)
            with self._lock:
                is_full = len(self._open) >= MAX_CONNECTIONS
                if not is_full:
                    thread = threading.Thread(
                        target=self._serve, args=(connection,), name="local-caller", daemon=True
                    )
                    self._open[connection] = thread
                    thread.start()
            if is_full:
                self._send_away(connection)

    def _send_away(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PING_S)
            send(connection, _error("busy", f"{MAX_CONNECTIONS} callers are here; try again."))
            connection.shutdown(socket.SHUT_WR)
            # Closed before the caller has spoken, its words would break the pipe and this answer be lost.
            connection.recv(MAX_LINE_BYTES)

    def _any_thread_ends(self) -> None:
        with self._lock:
            threads = list(self._open.values())
        for thread in threads[:1]:
            thread.join(1.0)

    def _serve(self, connection: socket.socket) -> None:
        dialogue = f"cli-{uuid.uuid4().hex}"
        with connection:
            try:
                self._converse(connection, dialogue)
            except OSError as error:
                # Gone or silent: nothing that hurts anybody else. What was posted is booked all the same.
                log.debug("local_caller %s left: %s", dialogue, error)
            finally:
                with self._lock:
                    self._open.pop(connection, None)

    def _converse(self, connection: socket.socket, dialogue: str) -> None:
        with connection.makefile("rb") as lines:
            while line := lines.readline(MAX_LINE_BYTES + 1):
                if len(line) > MAX_LINE_BYTES:
                    send(connection, _error("too_long", f"Expected at most {MAX_LINE_BYTES} bytes."))
                    return
                send(connection, self._answer(line, dialogue))

    def _answer(self, line: bytes, dialogue: str) -> dict[str, Any]:
        try:
            asked = json.loads(line)
        except (ValueError, RecursionError):
            return _error("bad_json", "Expected one JSON object on a line.")
        match asked:
            case {"ping": _}:
                return {"pid": os.getpid(), "session": self._session}
            case {"station": str(station), "code": str(code)} if code:
                if station not in self._stations:
                    return _error("unknown_station", f"There is no station {json.dumps(station)} here.")
                return self._scan(station, code, dialogue)
            case {"clear": str(exception), "reason": str(reason)}:
                return self._clear({"exception": exception, "reason": reason})
            case {"reprint": _} | {"give_up": _} | {"redirect": _}:
                return self._wish(asked)
            case _:
                return _error(
                    "bad_request", "Expected station and code, or clear and reason, texts and not empty."
                )

    def _scan(self, station: str, code: str, dialogue: str) -> dict[str, Any]:
        # A lone surrogate is no text that could be stored: it stays a character that no code may have.
        text = _SURROGATES.sub("\ufffd", code[: MAX_CODE_LENGTH + 1])
        return self._book(CodeScanned(scanner="cli", station=station, dialogue=dialogue, code=text))

    def _clear(self, data: dict[str, str]) -> dict[str, Any]:
        # What central may say in its command, a person may say here: the same values, refused in the same words.
        # Read where it is used, since `crossdock scan` has no need of central's messages.
        from sync.reading import read_command  # noqa: PLC0415

        by = f"cli-{uuid.uuid4().hex}"
        envelope = {"specversion": "1.0", "id": by, "source": "cli", "type": "crossdock.exception.clear"}
        read = read_command(json.dumps({**envelope, "data": data}).encode())
        if isinstance(read, CommandRefused):
            return _error("bad_request", read.text)
        assert isinstance(read.request, ClearException)
        return self._book(ExceptionCleared(read.request.exception, read.request.reason, by))

    def _wish(self, asked: dict[str, Any]) -> dict[str, Any]:
        # As above: only for who asks for it.
        from sync.wishes import read_wish  # noqa: PLC0415

        try:
            fact = read_wish(asked, f"cli-{uuid.uuid4().hex}")
        except ValueError as error:
            return _error("bad_request", str(error))
        return self._book(fact)

    def _book(self, fact: Fact) -> dict[str, Any]:
        try:
            answer = self._post(fact).result(ANSWER_S)
        except TimeoutError:
            return _error(
                "no_answer", f"No answer within {ANSWER_S:g} s: see in the journal if it was booked."
            )
        except EdgeError as error:
            return _error("failed", str(error))
        return {"verdict": answer.verdict.value, "text": answer.text, "why": answer.why}


def _is_taken(path: Path) -> bool:
    try:
        with connected(path, PING_S):
            return True
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    except OSError:
        # Somebody has it, if too busy to answer or another user's: not ours to take.
        return path.exists()


def _error(kind: str, text: str) -> dict[str, Any]:
    return {"error": kind, "text": text}
