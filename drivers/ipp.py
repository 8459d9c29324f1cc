"""The few words of IPP that a raw queue of CUPS takes: a job handed over, how it and its queue are, a job cancelled.

Over the socket of CUPS on this box, as its own commands do it: there it knows the daemon's user by the connection and
lets it cancel its jobs. Not by those commands: `lpstat` does not tell a job that came out from one that was aborted or
cancelled, and a label that somebody cancelled would count as printed. (RFC 8010, RFC 8011; CUPS, "CUPS
Implementation of IPP".)
"""

import http.client
import os
import pwd
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

SOCKET = "/run/cups/cups.sock"
"""Where CUPS listens on Debian and most others; CUPS_SERVER in the environment may name another path, as for `lp`."""

ANSWER_S = 5.0
"""What CUPS, on this box, may take for an answer."""

MAX_ANSWER_BYTES = 256 * 1024

RAW = "application/vnd.cups-raw"
"""What no filter touches."""


class Operation(IntEnum):
    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB = 0x0009
    GET_PRINTER = 0x000B


class Tag(IntEnum):
    OPERATION, JOB, END = 0x01, 0x02, 0x03
    INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
    NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = 0x42, 0x44, 0x45, 0x47, 0x48, 0x49


NOT_FOUND, NOT_ACCEPTING = 0x0406, 0x0506
"""Status codes: no such job or queue; a queue that takes no jobs."""

Value = int | str


class IppError(Exception):
    """CUPS answered what is no IPP, or did not let us in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status code, good below 0x100, and attributes, each with all its values."""

    status: int
    attributes: Mapping[str, list[Value]]

    @property
    def is_good(self) -> bool:
        return self.status < 0x0100

    def number(self, name: str) -> int:
        """The first value of an attribute of numbers; 0 where there is none."""
        first = next(iter(self.attributes.get(name, ())), 0)
        return first if isinstance(first, int) else 0

    def texts(self, name: str) -> list[str]:
        return [value for value in self.attributes.get(name, ()) if isinstance(value, str)]


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(operation: Operation, queue: str, *, job: int | None = None, data: bytes = b"") -> Answer:
    """Ask CUPS on this box and return its answer. Raises OSError where it is not there, or IppError."""
    body = request(operation, queue, user=_user(), job=job) + data
    connection = _Connection(_socket_path())
    try:
        headers = {"Content-Type": "application/ipp", "Authorization": f"PeerCred {_user()}"}
        connection.request("POST", f"/printers/{queue}", body, headers)
        response = connection.getresponse()
        if response.status != http.client.OK:
            raise IppError(f"it answers {response.status} {response.reason}")
        return answer(response.read(MAX_ANSWER_BYTES))
    except ConnectionError:  # one of http.client's is of both families
        raise
    except http.client.HTTPException as error:
        raise IppError(f"it answers what is no HTTP ({type(error).__name__})") from error
    finally:
        connection.close()


def request(operation: Operation, queue: str, *, user: str, job: int | None = None) -> bytes:
    """Write a request; a document stands behind it."""
    written = [
        struct.pack(">BBHIB", 2, 0, operation, 1, Tag.OPERATION),
        _text(Tag.CHARSET, "attributes-charset", "utf-8"),
        _text(Tag.LANGUAGE, "attributes-natural-language", "en"),
        _text(Tag.URI, "printer-uri", f"ipp://localhost/printers/{queue}"),
    ]
    if job is not None:
        written.append(_attribute(Tag.INTEGER, "job-id", struct.pack(">i", job)))
    written.append(_text(Tag.NAME, "requesting-user-name", user))
    if operation is Operation.PRINT_JOB:
        written.append(_text(Tag.NAME, "job-name", "crossdock label"))
        written.append(_text(Tag.MIME, "document-format", RAW))
    return b"".join((*written, bytes((Tag.END,))))


def answer(data: bytes) -> Answer:
    """Read an answer. Raises IppError for what is none."""
    try:
        (status,) = struct.unpack_from(">H", data, 2)
        return Answer(status, _attributes(data, 8))
    except (struct.error, IndexError) as error:
        raise IppError("it answers what is no IPP") from error


def _attributes(data: bytes, at: int) -> Mapping[str, list[Value]]:
    found: dict[str, list[Value]] = {}
    name = ""
    while (tag := data[at]) != Tag.END:
        at += 1
        if tag < 0x10:  # a group begins
            continue
        (length,) = struct.unpack_from(">H", data, at)
        # Without a name it is one more value of the attribute before.
        name = data[at + 2 : at + 2 + length].decode("utf-8", "replace") if length else name
        at += 2 + length
        (length,) = struct.unpack_from(">H", data, at)
        found.setdefault(name, []).append(_value(tag, data[at + 2 : at + 2 + length]))
        at += 2 + length
    return found


def _value(tag: int, value: bytes) -> Value:
    if tag in (Tag.INTEGER, Tag.ENUM, Tag.BOOLEAN):
        return int.from_bytes(value, "big", signed=True)
    return value.decode("utf-8", "replace")


def _text(tag: Tag, name: str, value: str) -> bytes:
    return _attribute(tag, name, value.encode("utf-8"))


def _attribute(tag: Tag, name: str, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode("ascii") + struct.pack(">H", len(value)) + value


def _socket_path() -> str:
    named = os.environ.get("CUPS_SERVER", "")
    return named if named.startswith("/") else SOCKET


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return "crossdock"
