"""The local socket itself: where it is, and one JSON object on a line each way."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MAX_LINE_BYTES = 4096

ANSWER_S = 30.0
"""How long the engine may take before the caller is told that the end is unknown."""

PING_S = 2.0

_PATH_MAX = 107
"""Bytes of a unix socket's address on Linux, without the closing zero (unix(7))."""


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


@contextlib.contextmanager
def connected(path: Path, patience_s: float) -> Iterator[tuple[socket.socket, Any]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience_s)
        with address(path) as name:
            connection.connect(name)
        with connection.makefile("rb") as lines:
            yield connection, lines


@contextlib.contextmanager
def address(path: Path) -> Iterator[str]:
    """The path as an address: one that is too long for the kernel goes by way of its open folder."""
    if len(os.fsencode(path)) <= _PATH_MAX:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
