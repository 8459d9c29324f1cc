"""A site for storms: mosquitto, a node behind a network of our own, and the reference central, each a process.

What a scanner was told is booked is kept here, so that it can be held against the ledger and against central.
"""

import itertools
import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import EdgeError
from edge.facts import Verdict
from edge.local import calls
from tests.integration.blackbox.mosquitto import HOST
from tests.storms.broker import Broker
from tests.storms.listening import Listener
from tests.storms.proxy import Proxy

ROOT = Path(__file__).parents[2]
SITE, NODE = "par1", "dock-a"
CALL_S = 60.0
LOOK_S = 0.02
SCAN_EVERY_S = 0.01
GTIN = "9501101530003"
ADJUSTED = "ADJUSTED"
"""The item of which each command adds one, so that a command applied twice or never is seen."""


class Process:
    """One of our programs, started as often as it is killed, its words in a file."""

    def __init__(self, log: Path, *command: str) -> None:
        self._log, self._command = log, command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._command],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self._command} was never started"
        return self._process

    def signal(self, number: int) -> None:
        self.running.send_signal(number)

    def kill9(self) -> None:
        """End it as a power cut does."""
        self.running.kill()
        self.running.wait(CALL_S)

    def end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(CALL_S)
            finally:
                self._process.kill()
                self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""


class House:
    """One site in a folder of its own. `booked` are the serials of which a scan was accepted, `unsure` the others."""

    def __init__(self, folder: Path, *, keeps: bool, protocol: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.broker = Broker(folder, keeps=keeps)
        self.listener = Listener()
        self.proxy = Proxy(self.broker.port, hear=self.listener.connection)
        self.config = folder / "crossdock.toml"
        self.config.write_text(self._toml("data", protocol), encoding="utf-8")
        self.database = folder / "central.db"
        self.node = Process(folder / "node.log", "tests.storms.program", "run", "-c", str(self.config))
        self.central = Process(
            folder / "central.log",
            *("tests.storms.program", "central", "--broker", f"{HOST}:{self.broker.port}"),
            *("--database", str(self.database), "--protocol", protocol),
        )
        self.twin = Process(
            folder / "twin.log", "tests.storms.program", "run", "-c", str(folder / "twin.toml")
        )
        (folder / "twin.toml").write_text(self._toml("twin", protocol), encoding="utf-8")
        self.adjusted = 0
        self.booked: list[str] = []
        self.unsure: list[str] = []
        self._serials = itertools.count(1)
        self._is_over = threading.Event()
        self._scanner = threading.Thread(target=self._scan_on, name="scanner", daemon=True)

    def _toml(self, data_dir: str, protocol: str) -> str:
        return (
            f'site = "{SITE}"\nnode = "{NODE}"\ndata_dir = "{data_dir}"\n\n'
            f'[mqtt]\nhost = "{HOST}"\nport = {self.proxy.port}\nprotocol = "{protocol}"\nconfirm = "central"\n\n'
            '[[stations]]\nid = "dock-1"\nlocation = "DOCK-1"\n'
        )

    def __enter__(self) -> "House":
        self.broker.start()
        self.central.start()
        self.node.start()
        self.wait_for_node()
        self._scanner.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for process in (self.node, self.twin, self.central):
            process.end()
        self.proxy.close()
        self.broker.stop()
        self._scanner.join(CALL_S)

    @property
    def ledger(self) -> Path:
        return self.folder / "data" / "ledger.db"

    @property
    def _door(self) -> Path:
        return self.folder / "data" / "crossdock.sock"

    @property
    def have_met(self) -> bool:
        """Central has acknowledged something."""
        try:
            with _reading(self.ledger) as ledger:
                found = ledger.execute(
                    "SELECT value FROM cursors WHERE name = 'events' AND value > 0"
                ).fetchone()
        except sqlite3.OperationalError:  # not made yet
            return False
        return found is not None

    @property
    def is_quiet(self) -> bool:
        """Central has all that the node booked, in the same ledger, and every command is answered."""
        try:
            return self._is_quiet()
        except sqlite3.OperationalError:  # not made yet
            return False

    def _is_quiet(self) -> bool:
        with _reading(self.ledger) as ledger, _reading(self.database) as central:
            epoch, last, confirmed = ledger.execute(
                "SELECT (SELECT value FROM meta WHERE key = 'epoch'), (SELECT ifnull(max(seq), 0) FROM events),"
                " (SELECT ifnull(max(value), 0) FROM cursors WHERE name = 'events')"
            ).fetchone()
            present = central.execute(
                "SELECT name, seq FROM epochs WHERE standing = 'present' AND base IS NOT NULL"
            ).fetchall()
        return last > 0 and last == confirmed and present == [(epoch, last)] and self.is_answered

    @property
    def is_answered(self) -> bool:
        """Every command of central's was answered."""
        with _reading(self.database) as central:
            return central.execute("SELECT 1 FROM commands WHERE answer IS NULL").fetchone() is None

    def wait_for_node(self) -> None:
        self.wait(lambda: calls.ping(self._door) is not None, "the daemon to take calls")

    def wait(self, is_so: Callable[[], object], what: str, within_s: float = CALL_S) -> None:
        """Look until it is so; an AssertionError tells what did not come, with the last words of both programs."""
        deadline = time.monotonic() + within_s
        while not is_so():
            assert time.monotonic() < deadline, (
                f"Expected {what} within {within_s:.0f} s. The node's last words:\n{self.node.log[-2000:]}\n"
                f"Central's:\n{self.central.log[-2000:]}"
            )
            time.sleep(LOOK_S)

    # -- people ----------------------------------------------------------------------------------------------

    def _scan_on(self) -> None:
        """Scan cartons, each with a serial of its own, for as long as the house stands; a dead daemon is waited for."""
        while not self._is_over.is_set():
            serial = f"S{next(self._serials):07}"
            self.unsure.append(serial)
            try:
                answer = next(calls.scan(self._door, "dock-1", [f"]C1010{GTIN}21{serial}"]))
            except (EdgeError, StopIteration):
                self._is_over.wait(LOOK_S)
                continue
            self.unsure.pop()
            assert answer.verdict is not Verdict.REJECT, f"{serial} was refused: {answer.text}"
            self.booked.append(serial)
            self._is_over.wait(SCAN_EVERY_S)

    def stop_scanning(self) -> None:
        self._is_over.set()
        self._scanner.join(CALL_S)

    # -- the command line ------------------------------------------------------------------------------------

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.storms.program", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=CALL_S,
            check=False,
        )

    def adjust(self) -> None:
        """Leave a command in central's outbox: one more of `ADJUSTED`."""
        type, data = "stock.adjust", {"location": "SHELF", "lines": [{"sku": ADJUSTED, "qty": 1}]}
        done = self.call(
            *("central", "send", f"{SITE}/{NODE}", type, json.dumps(data), "--database", str(self.database))
        )
        assert done.returncode == 0, done.stderr
        self.adjusted += 1

    def backup(self, copy: Path) -> int:
        """Copy the ledger while the daemon works; returns how many scans are in the copy at least."""
        kept = len(self.booked)
        done = self.call("backup", str(copy), "-c", str(self.config))
        assert done.returncode == 0, done.stderr
        return kept

    def restore(self, copy: Path, kept: int) -> None:
        """Put the copy in the ledger's place; of what was booked after it nobody is promised anything any more."""
        self.node.kill9()
        self.unsure += self.booked[kept:]
        del self.booked[kept:]
        for path in self.ledger.parent.glob("ledger.db*"):
            path.unlink()
        done = self.call("restore", str(copy), "-c", str(self.config))
        assert done.returncode == 0, done.stderr
        self.node.start()
        self.wait_for_node()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()
