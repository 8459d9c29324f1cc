"""`crossdock demo`: a day in a warehouse on this machine with nothing attached, told as it happens.

The daemon, the broker and everything between are the real thing; only scanners, printer and central are
stand-ins. `cast` sets them up and takes them down, `story` is what happens, told in `acts` made of the steps of
`shift`; `books` looks into the ledger, `words` and `telling` write to the terminal, `closing` settles the accounts.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from edge.demo.cast import set_up
from edge.demo.closing import close
from edge.demo.shift import Shift
from edge.demo.story import play
from edge.demo.telling import Teller
from edge.errors import EdgeError, UsageError

__all__ = ["main"]

ENDINGS = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the demo as Ctrl-C does: with all that it started."""


def main(args: argparse.Namespace) -> int:
    """Play the demo in `args.keep` (None: a new temporary folder), without pauses if `args.fast`.

    Returns 0 if everything went as told, 1 if something else happened; raises UsageError for a folder that
    is in use or a machine without mosquitto, KeyboardInterrupt for Ctrl-C and for the signals in `ENDINGS`.
    Whatever happens, all that was started has ended by then.
    """
    folder = _folder(args.keep)
    teller = Teller(sys.stdout, fast=args.fast)
    try:
        with _ended_by_signals():
            _play(folder, teller)
    except (UsageError, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        sys.stderr.write(f"The demo was interrupted; all that it started has ended. Its files: {folder}\n")
        raise
    except (EdgeError, OSError) as error:
        sys.stderr.write(f"The demo ends early: {error}\nIts files, daemon.log among them: {folder}\n")
        return 1
    return 0


def _play(folder: Path, teller: Teller) -> None:
    with set_up(folder) as cast:
        shift = Shift(cast, teller)
        play(shift)
        close(shift)


def _folder(wanted: str | Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="crossdock-demo-"))
    folder = Path(wanted).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(
            f"Expected a folder for the demo, got {folder}: {error.strerror}.",
            hint="Name another with --keep.",
        ) from error
    if not is_empty:
        raise UsageError(
            f"Expected a new or empty folder for the demo, got {folder} with files in it.",
            hint="Name another with --keep, or leave it out for a temporary one.",
        )
    return folder


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let the signals in `ENDINGS` unwind us as Ctrl-C does; a second one no longer disturbs the unwinding."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, *ENDINGS):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, *ENDINGS)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
