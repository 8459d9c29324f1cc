"""A site with many printers: its configuration, its daemon as a process, its ledger on disk, its command line."""

import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from edge.cli import main
from tests.torture.printers import MortalPrinter

ROOT = Path(__file__).parents[2]
CALL_S = 120.0
LOOK_S = 0.05
CODES_IN_A_CALL = 500

# The label of the site's own: the code alone, with what is on no label twice unless it is marked.
CODE = """
[[barcode]]
value = "{label} {copy}"
symbol = "qr"
x = 0
y = 0
width = 10
height = 8.5
module = 0.25

[[text]]
value = "{copy}"
x = 0
y = 8.6
width = 10
height = 1.4
"""
SMALL = f"width = 10\nheight = 10\n{CODE}"
"""0.8 KB for a receipt printer: it can die at each byte."""

FULL = f"width = 72\nheight = 100\n{CODE}"
"""58 KB, as ours have: more than fits the buffers between us and a printer."""


class Site:
    """One node in a folder of its own, where station `at-0`, `at-1` … prints on the printer of that number."""

    def __init__(self, folder: Path, printers: Sequence[MortalPrinter], *, receipt: str = SMALL) -> None:
        self.printers = printers
        self._folder = folder
        self._config = folder / "crossdock.toml"
        self._log = folder / "daemon.log"
        self._process: subprocess.Popen[bytes] | None = None
        layouts = folder / "layouts"
        layouts.mkdir(parents=True)
        (layouts / "putaway-receipt.toml").write_text(receipt, encoding="utf-8")
        self._config.write_text(_toml(printers), encoding="utf-8")

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.daemon", "run", "-c", str(self._config)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill9(self) -> None:
        """End the daemon as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(CALL_S)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(CALL_S)
            finally:
                self._process.kill()
                self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_until_up(self) -> None:
        """Wait until the daemon takes scans."""
        self._wait(lambda: self._cli("scan", "at-0", "LOC:DOCK-1").returncode == 0, "a scan taken", CALL_S)

    def wait_until_printed(self, *, within_s: float) -> None:
        """Wait until no label waits."""
        self._wait(lambda: self.waiting() == 0, "all labels printed", within_s)

    def _wait(self, is_so: Callable[[], bool], what: str, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not is_so():
            assert self._process is not None
            assert self._process.poll() is None, f"The daemon ended:\n{self.log[-3000:]}"
            assert time.monotonic() < deadline, f"Expected {what} in {within_s:.0f} s:\n{self.log[-3000:]}"
            time.sleep(LOOK_S)

    def peak_kb(self) -> int:
        """The most memory that the daemon has ever had (VmHWM)."""
        assert self._process is not None
        text = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        return int(text.split("VmHWM:")[1].split()[0])

    def receive(self, number: int, labels: int) -> None:
        """Receive goods at a station, a label for each scan."""
        for start in range(0, labels, CODES_IN_A_CALL):
            codes = ["SKU:INK"] * min(CODES_IN_A_CALL, labels - start)
            done = self._cli("scan", f"at-{number}", *codes)
            assert done.returncode == 0, done.stdout[-1000:] + done.stderr

    def labels(self) -> list[Mapping[str, Any]]:
        """All label jobs of the ledger, oldest first."""
        done = self._cli("labels", "--json", "--limit", "100000")
        assert done.returncode == 0, done.stderr
        jobs: list[Mapping[str, Any]] = json.loads(done.stdout)
        return sorted(jobs, key=lambda job: int(job["job"]))

    def waiting(self) -> int:
        done = self._cli("status", "--json")
        assert done.returncode == 0, done.stderr
        waiting: int = json.loads(done.stdout)["labels"]["queued"]
        return waiting

    def breaches(self) -> str:
        """What the audit finds wrong with the ledger; empty for nothing."""
        done = self._cli("verify")
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def _cli(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the command line in this process: to start one takes longer than most of what is looked at."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([command, "-c", str(self._config), *arguments])
        return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())


def _toml(printers: Sequence[MortalPrinter]) -> str:
    tables = ['site = "par1"\nnode = "dock-a"\ndata_dir = "data"\n\n[labels]\nlayouts = "layouts"\n']
    for number, printer in enumerate(printers):
        tables.append(
            f'[[printers]]\nid = "printer-{number}"\nlanguage = "{printer.language}"\ndevice = "{printer.url}"\n\n'
            f'[[stations]]\nid = "at-{number}"\nlocation = "DOCK-1"\nprinter = "printer-{number}"\n'
        )
    return "\n".join(tables)
