"""The daemon as a process of its own: a real broker, scanners at pseudo-terminals, a printer that takes bytes."""

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from drivers.simulated import PtyScanner
from edge.errors import EdgeError
from sync.local_broker import HOST, LocalBroker

READY_WITHIN_S = 30.0
ENDS_WITHIN_S = 30.0
ANSWER_WITHIN_S = 10.0
STATE = "crossdock/bench/node-1/state"

# One byte each, so that no answer is the beginning of another and has to be waited out.
ACCEPT, ATTENTION, REJECT = b"\x06", b"\x11", b"\x15"

NOWHERE = "file:///dev/null"
"""What is taken and thrown away: the daemon draws and sends each label all the same."""

CONFIGURATION = """
site = "bench"
node = "node-1"
data_dir = {data_dir}
mqtt = {{ host = "127.0.0.1", port = {port} }}
{scanners}
[[printers]]
id = "zebra-1"
language = "zpl"
device = {printer}
status = {status}

[[stations]]
id = "dock-1"
location = "DOCK-1"
printer = "zebra-1"
"""

SCANNER = """
[[scanners]]
id = "gun-{n}"
device = {device}
station = "dock-1"
accept = "\\u0006"
attention = "\\u0011"
reject = "\\u0015"
debounce_ms = 0
"""


class Node:
    """One configured daemon with its broker and scanners; started and stopped as often as is measured.

    `printer` is one that tells how it is; without one, labels go nowhere. `data` is where a ledger is already.
    """

    def __init__(
        self, folder: Path, *, scanners: int = 1, printer: str = "", data: Path | None = None
    ) -> None:
        self._data = data or folder / "data"
        for each in (folder, self._data):
            each.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._config = folder / "crossdock.toml"
        self._log = folder / "daemon.log"
        self._printer = printer
        self._process: subprocess.Popen[bytes] | None = None
        self._online = threading.Condition()
        self._sessions: set[int] = set()
        self.broker = LocalBroker(folder / "broker", persistent=True)
        self.scanners = [
            PtyScanner(folder / f"gun-{n}", accept=ACCEPT, attention=ATTENTION, reject=REJECT)
            for n in range(1, scanners + 1)
        ]

    def __enter__(self) -> "Node":
        self.broker.start()
        text = CONFIGURATION.format(
            data_dir=json.dumps(str(self._data.resolve())),
            port=self.broker.port,
            scanners="".join(
                SCANNER.format(n=n, device=json.dumps(scanner.url))
                for n, scanner in enumerate(self.scanners, 1)
            ),
            printer=json.dumps(self._printer or NOWHERE),
            status=json.dumps("auto" if self._printer else "off"),
        )
        self._config.write_text(text, encoding="utf-8")
        self._central = Client(CallbackAPIVersion.VERSION2)
        self._central.on_connect = lambda client, *_: client.subscribe(STATE, 1)
        self._central.on_message = self._heard
        self._central.connect(HOST, self.broker.port)
        self._central.loop_start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(ENDS_WITHIN_S)
        self._central.disconnect()
        self._central.loop_stop()
        self.broker.stop()
        for scanner in self.scanners:
            scanner.close()

    def _heard(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        state = json.loads(message.payload)
        with self._online:
            if state["status"] == "online":
                self._sessions.add(state["session"])
            self._online.notify_all()

    def start(self) -> float:
        """Start it and wait until it says `online`: every device was tried. Return the seconds from its start."""
        with self._online:
            before = len(self._sessions)
        began = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edge.cli", "run", "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        with self._online:
            is_online = self._online.wait_for(lambda: len(self._sessions) > before, READY_WITHIN_S)
        if not is_online:
            raise self._failed(f"was not online within {READY_WITHIN_S:.0f} s")
        return time.perf_counter() - began

    def stop(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        if self._process.wait(ENDS_WITHIN_S) != 0:
            raise self._failed(f"ended with {self._process.returncode}")

    def scan(self, code: str, *, gun: int = 1) -> float:
        """Scan at a gun and wait for the answer; return the seconds. Refused or unanswered is an error."""
        began = time.perf_counter()
        answer = self.scanners[gun - 1].scan(code, ANSWER_WITHIN_S)
        took = time.perf_counter() - began
        if answer not in (ACCEPT, ATTENTION):
            raise self._failed(f"answered {code!r} with {answer!r}")
        return took

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self._call("status")
        return status

    def untold(self, within_s: float) -> int:
        """Wait until central has every event; return how many it has not if that takes too long."""
        deadline = time.monotonic() + within_s
        while True:
            sync = self.status()["sync"]
            behind: int = sync["last_seq"] - sync["published_seq"]
            if behind <= 0 or time.monotonic() > deadline:
                return max(0, behind)
            time.sleep(0.5)

    def journal(self, limit: int) -> list[dict[str, Any]]:
        """What came in, the first fact first."""
        facts: list[dict[str, Any]] = self._call("journal", "--limit", str(limit))
        return facts[::-1]

    def _call(self, *arguments: str) -> Any:
        asked = subprocess.run(
            [sys.executable, "-m", "edge.cli", *arguments, "--json", "-c", str(self._config)],
            capture_output=True,
            timeout=30,
            check=True,
        )
        return json.loads(asked.stdout)

    def held(self) -> tuple[int, int]:
        """Count the threads and the open files of the daemon."""
        assert self._process is not None
        of = Path(f"/proc/{self._process.pid}")
        return len(list((of / "task").iterdir())), len(list((of / "fd").iterdir()))

    def memory_mb(self) -> dict[str, float]:
        """Read what the kernel counts: resident now and at most (`VmRSS`, `VmHWM`), its own share (`Pss`)."""
        assert self._process is not None
        found = {}
        for name in ("status", "smaps_rollup"):
            for line in Path(f"/proc/{self._process.pid}/{name}").read_text(encoding="ascii").splitlines():
                key, _, rest = line.partition(":")
                if key in ("VmRSS", "VmHWM", "Pss"):
                    found[key] = int(rest.split()[0]) / 1024
        return found

    def _failed(self, what: str) -> EdgeError:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return EdgeError(f"The daemon {what}. Its last words:", hint="\n".join(lines[-5:]))
