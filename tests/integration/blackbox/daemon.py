"""The daemon as a process of its own, without the half second in which Python imports it; the tests start a hundred.

It is forked from a process that has imported the program and done nothing else: it has its own id, files and end. That
the installed command starts it as well is for the tests of the demo and of a scanner at a terminal.
"""

import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from edge.cli import main

_IMPORTED = multiprocessing.get_context("forkserver")
_IMPORTED.set_forkserver_preload(["edge.daemon", __name__])


def start_daemon(config: Path, log: Path) -> ForkServerProcess:
    """Start `crossdock run -c CONFIG`; what it says is added to `log`."""
    process = _IMPORTED.Process(target=_run, args=(config, log), daemon=True)
    process.start()
    return process


def _run(config: Path, log: Path) -> None:
    with log.open("ab") as out:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(out.fileno(), stream.fileno())
    sys.exit(main(["run", "-c", str(config)]))
