"""A CUPS that is none: it answers at a socket as cupsd does, so that every machine has raw queues to try.

It knows the four operations that the driver uses, as RFC 8011 tells them, and reads requests by itself. What real cupsd
makes of the same is tried beside it where there is one (`tests.cups`); both have the same queues.
"""

import shutil
import socketserver
import struct
import tempfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Self

PRINT_JOB, CANCEL_JOB, GET_JOB, GET_PRINTER = 0x02, 0x08, 0x09, 0x0B
OK, NOT_POSSIBLE, NOT_FOUND, NOT_ACCEPTING = 0x0000, 0x0404, 0x0406, 0x0506
PENDING, PROCESSING, CANCELED, ABORTED, COMPLETED = 3, 5, 7, 8, 9
IDLE, STOPPED = 3, 5
INTEGER, BOOLEAN, ENUM, TEXT, KEYWORD = 0x21, 0x22, 0x23, 0x41, 0x44

NUMBERS = {INTEGER: ">i", ENUM: ">i", BOOLEAN: ">?"}

Attribute = tuple[int, str, int | str]


@dataclass
class Job:
    number: int
    data: bytes
    state: int = PENDING


@dataclass
class ScriptedQueue:
    """A raw queue and its printer, with the same troubles to order as `tests.cups.Queue` has.

    `dies_after`: so many bytes come out, then the printer dies and CUPS gives up the job and stops the queue.
    """

    name: str
    dies_after: int = 1 << 30
    paper: bytes = b""
    message: str = ""
    is_stopped: bool = False
    accepts: bool = True
    troubles: set[str] = field(default_factory=set)
    jobs: list[Job] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        return f"cups://{self.name}"

    @property
    def waiting(self) -> str:
        with self.lock:
            return "".join(f"{self.name}-{job.number}\n" for job in self.open_jobs())

    def turn(self, trouble: str, *, on: bool) -> None:
        with self.lock:
            (self.troubles.add if on else self.troubles.remove)(trouble)

    def do(self, command: str, *arguments: str) -> None:
        with self.lock:
            match command:
                case "cupsdisable":
                    self.is_stopped, self.message = True, arguments[-1] if arguments else "Paused"
                case "cupsenable":
                    self.is_stopped, self.message = False, ""
                case "cupsreject" | "cupsaccept":
                    self.accepts = command == "cupsaccept"
                case "cancel":
                    for job in self.open_jobs():
                        job.state = CANCELED
                case _:
                    raise AssertionError(command)

    def open_jobs(self) -> list[Job]:
        return [job for job in self.jobs if job.state in (PENDING, PROCESSING)]

    def go_on(self) -> None:
        """Print what can be printed; whoever asks sees how far it is."""
        for job in self.open_jobs():
            if self.is_stopped:
                return
            if "broken" in self.troubles:
                self.is_stopped, self.message = True, "Backend failed"
            elif "off" in self.troubles:
                job.state, self.message = PROCESSING, "The printer is not responding."
                return
            else:
                self._print(job)

    def _print(self, job: Job) -> None:
        room = self.dies_after - len(self.paper)
        self.paper += job.data[:room]
        job.state = COMPLETED
        if room < len(job.data):
            job.state = ABORTED
            self.is_stopped, self.message = True, "Unplugged"


class ScriptedCups:
    """Answering from the start. Its folder is short: the path of a socket has at most 107 bytes."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cups-", dir="/tmp"))
        self.socket = self.folder / "sock"
        self.queues: dict[str, ScriptedQueue] = {}
        handler = type("Handler", (_Handler,), {"queues": self.queues})
        self._server = socketserver.ThreadingUnixStreamServer(str(self.socket), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def queue(self, name: str) -> ScriptedQueue:
        self.queues[name] = ScriptedQueue(name)
        return self.queues[name]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
        shutil.rmtree(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Handler(BaseHTTPRequestHandler):
    queues: dict[str, ScriptedQueue]

    def do_POST(self) -> None:
        assert self.headers["Content-Type"] == "application/ipp"
        operation, asked, document = _read(self.rfile.read(int(self.headers["Content-Length"])))
        queue = self.queues.get(self.path.removeprefix("/printers/"))
        status, told = (NOT_FOUND, []) if queue is None else _answer(queue, operation, asked, document)
        body = _written(status, told)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


def _answer(
    queue: ScriptedQueue, operation: int, asked: dict[str, bytes], document: bytes
) -> tuple[int, list[Attribute]]:
    with queue.lock:
        if operation == PRINT_JOB:
            assert asked["document-format"] == b"application/vnd.cups-raw"
            if not queue.accepts:
                return NOT_ACCEPTING, []
            queue.jobs.append(Job(len(queue.jobs) + 1, document))
        queue.go_on()
        if operation == GET_PRINTER:
            return OK, [
                (ENUM, "printer-state", STOPPED if queue.is_stopped else IDLE),
                (TEXT, "printer-state-message", queue.message),
                (KEYWORD, "printer-state-reasons", "paused" if queue.is_stopped else "none"),
                (BOOLEAN, "printer-is-accepting-jobs", int(queue.accepts)),
            ]
        job = queue.jobs[-1 if operation == PRINT_JOB else int.from_bytes(asked["job-id"], "big") - 1]
        if operation == CANCEL_JOB:
            if job not in queue.open_jobs():
                return NOT_POSSIBLE, []
            job.state = CANCELED
        else:
            assert operation in (PRINT_JOB, GET_JOB)
        return OK, [(INTEGER, "job-id", job.number), (ENUM, "job-state", job.state)]


def _read(request: bytes) -> tuple[int, dict[str, bytes], bytes]:
    """The operation, its attributes and the document behind them (RFC 8010, 3.1)."""
    (operation,) = struct.unpack_from(">H", request, 2)
    asked: dict[str, bytes] = {}
    at = 8
    while (tag := request[at]) != 0x03:
        at += 1
        if tag < 0x10:
            continue
        parts = []
        for _ in range(2):
            (length,) = struct.unpack_from(">H", request, at)
            parts.append(request[at + 2 : at + 2 + length])
            at += 2 + length
        asked[parts[0].decode("ascii")] = parts[1]
    return operation, asked, request[at + 1 :]


def _written(status: int, told: list[Attribute]) -> bytes:
    body = struct.pack(">BBHIB", 2, 0, status, 1, 0x02)
    for tag, name, value in told:
        data = value.encode() if isinstance(value, str) else struct.pack(NUMBERS[tag], value)
        body += struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(data)) + data
    return body + b"\x03"
