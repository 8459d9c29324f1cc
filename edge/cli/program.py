"""Calls the command that was asked for, and ends: errors become a line a person understands and an exit code."""

import io
import os
import sys
from collections.abc import Sequence

from config.load import ConfigError
from edge.cli.parser import build
from edge.cli.tables import shown
from edge.errors import EdgeError

DEBUG = "CROSSDOCK_DEBUG"
"""Set this variable to see where an error comes from."""

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of `crossdock` and return its exit code: 0 good, 1 failed, 2 a wrong call or configuration."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a character gets its number, not an end in the middle.
            stream.reconfigure(errors="backslashreplace")
    asked = build().parse_args(arguments)
    try:
        code: int = asked.command(asked)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has seen enough. What is left in the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except (ConfigError, EdgeError) as error:
        if os.environ.get(DEBUG):
            raise
        return _tell(error)
    except Exception as error:  # whatever it is, people get a line
        if os.environ.get(DEBUG):
            raise
        told = f"{type(error).__name__}: {error}".rstrip(": ")
        print(f"crossdock failed unexpectedly ({shown(told)}). Set {DEBUG}=1 to see where.", file=sys.stderr)
        return 1
    return code


def _tell(error: ConfigError | EdgeError) -> int:
    if isinstance(error, ConfigError):
        print(error, file=sys.stderr)
        return 2
    print(f"crossdock: {shown(str(error))}", file=sys.stderr)
    return error.exit_code
