"""Mistakes put there on purpose, so that a test can see the fuzzer find them."""

import os
import signal
from collections.abc import Callable

_KEPT: list[bytes] = []


def crash(data: bytes) -> Callable[[], object]:
    """Raise on any input in which a digit stands."""
    return lambda: _refuse_digits(data)


def hang(data: bytes) -> Callable[[], object]:
    """Take some 0.2 s on any input in which a digit stands."""
    return lambda: _count(5_000_000) if _has_digit(data) else None


def endless(data: bytes) -> Callable[[], object]:
    """Never come back on any input in which a digit stands."""
    return lambda: _count(-1) if _has_digit(data) else None


def die(data: bytes) -> Callable[[], object]:
    """Take the process down on any input in which a digit stands, as a mistake in C does."""
    return lambda: os.kill(os.getpid(), signal.SIGKILL) if _has_digit(data) else None


def leak(data: bytes) -> Callable[[], object]:
    """Keep 64 KiB of each input."""
    return lambda: _KEPT.append(bytes(65536))


def sound(data: bytes) -> Callable[[], object]:
    """Do nothing wrong."""
    return lambda: len(data)


def _has_digit(data: bytes) -> bool:
    return any(48 <= byte <= 57 for byte in data)


def _refuse_digits(data: bytes) -> None:
    if _has_digit(data):
        raise RuntimeError("A digit.")


def _count(limit: int) -> None:
    count = 0
    while count != limit:
        count += 1
