"""What the command line asks of the running daemon, over the local socket."""

import contextlib
import json
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from edge.errors import EdgeError, UsageError
from edge.facts import Answer, Verdict
from edge.local.wire import ANSWER_S, MAX_LINE_BYTES, PING_S, connected, send

_UNKNOWN_END = "See in the journal whether it was booked."


def ping(path: Path) -> dict[str, Any] | None:
    """Ask whether a daemon is there: its `pid` and `session`, or None if nobody answers."""
    try:
        with connected(path, PING_S) as (connection, lines):
            send(connection, {"ping": 1})
            answer = json.loads(lines.readline(MAX_LINE_BYTES) or b"null")
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def scan(path: Path, station: str, codes: Iterable[str]) -> Iterator[Answer]:
    """Hand scans to the running daemon, one after the other in one dialogue, and yield each answer.

    Raises UsageError for a station that the daemon does not know, EdgeError if it is not there or fails.
    """
    with _daemon(path) as (connection, lines):
        for code in codes:
            send(connection, {"station": station, "code": code})
            yield _read_answer(lines.readline())


def clear(path: Path, exception: str, reason: str) -> Answer:
    """Have the running daemon clear an exception, by its id; it is refused if there is none.

    Raises UsageError for a reason that is none, EdgeError if the daemon is not there or fails.
    """
    with _daemon(path) as (connection, lines):
        send(connection, {"clear": exception, "reason": reason})
        return _read_answer(lines.readline())


def wish(path: Path, **said: str | None) -> Answer:
    """Have the running daemon do something about labels: `reprint`, `give_up` or `redirect`, as the door has them.

    It is refused if there is no such label or nothing that waits. Raises UsageError for what is no text that may be,
    EdgeError if the daemon is not there or fails.
    """
    with _daemon(path) as (connection, lines):
        send(connection, dict(said))
        return _read_answer(lines.readline())


@contextlib.contextmanager
def _daemon(path: Path) -> Iterator[tuple[socket.socket, Any]]:
    """Talk to the daemon; what goes wrong on the way becomes a sentence for people."""
    try:
        with connected(path, ANSWER_S + PING_S) as line:
            yield line
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise EdgeError(
            f"No crossdock runs with the data in {path.parent}.", hint="Start it: crossdock run."
        ) from error
    except PermissionError as error:
        raise EdgeError(
            f"This user may not talk to the daemon at {path}.", hint="Join crossdock's group, or be root."
        ) from error
    except OSError as error:
        raise EdgeError(f"The daemon broke off: {error}.", hint=_UNKNOWN_END) from error


def _read_answer(line: bytes) -> Answer:
    if not line:
        raise EdgeError("The daemon broke off.", hint=_UNKNOWN_END)
    told = json.loads(line)
    match told:
        case {"verdict": str(verdict), "text": str(text), "why": why}:
            return Answer(Verdict(verdict), text, why)
        case {"error": "unknown_station" | "bad_request" | "too_long", "text": str(text)}:
            raise UsageError(text)
        case {"text": str(text)}:
            raise EdgeError(text)
        case _:
            raise EdgeError(
                f"The daemon answered what is no answer: {line[:80]!r}.", hint="Is it of one version?"
            )
