"""Waiting on the thing itself, with a bound: the one loop that every part of the harness waits in."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 10.0
"""How long a wait lasts before the test fails: far above what a healthy node needs on a busy machine."""

RETURN_PATIENCE_S = 40.0
"""How long a node may take to find again what went away: a broker or a printer, with its back-off."""

_PAUSE_S = 0.01


def wait_for(look: Callable[[], T | None], what: str, *, timeout_s: float = PATIENCE_S) -> T:
    """Look until there is something (neither None nor False) and return it; TimeoutError names `what`."""
    end = time.monotonic() + timeout_s
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"Waited {timeout_s:.0f} s for {what}.")
        time.sleep(_PAUSE_S)
