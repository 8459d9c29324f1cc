"""The cast of the demo: broker, daemon, scanners, printer and central, set up in one folder and taken down again.

The daemon is a process of its own, started as anyone would start it, from a configuration that can be read.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.simulated import LabelPrinter, PtyScanner
from edge.demo.books import Books
from edge.errors import EdgeError
from edge.facts import DeviceKind
from sync.local_broker import HOST, LocalBroker
from sync.small_central import SmallCentral
from sync.topics import Topics

SITE, NODE, PREFIX = "demo", "dock-a", "crossdock"
DOCK, AISLE = "dock-1", "aisle-1"
GUNS = {DOCK: "gun-1", AISLE: "gun-2"}
PRINTER = "zebra-1"

ACCEPT, ATTENTION, REJECT = b"\x06", b"\x06\x07", b"\x15"
"""What the scanners get back: ACK, ACK and BEL, NAK."""
WORDS = {ACCEPT: "accept", ATTENTION: "attention", REJECT: "reject"}

PATIENCE_S = 20.0
"""For anything that is waited for; on an idle machine nothing takes two seconds."""
CALL_S = 30.0
"""One call of the command line."""

CONFIG = """\
# A dock door and a pick aisle, a scanner at each, one label printer. Written by `crossdock demo`.
site = "{site}"
node = "{node}"
data_dir = "data"                  # the ledger: data/ledger.db

[mqtt]
host = "{host}"
port = {port}                       # the demo's own mosquitto
prefix = "{prefix}"

[[stations]]
id = "dock-1"
mode = "receive"
location = "DOCK-1"

[[stations]]
id = "aisle-1"
mode = "missing"
location = "AISLE"

# Both scanners are simulated, at pseudo-terminals. They get ACK, ACK and BEL, or NAK back.
[[scanners]]
id = "gun-1"
device = "{dock_device}"
station = "dock-1"
accept = "\\u0006"
attention = "\\u0006\\u0007"
reject = "\\u0015"
debounce_ms = 0                    # nobody beeps twice by mistake here

[[scanners]]
id = "gun-2"
device = "{aisle_device}"
station = "aisle-1"
accept = "\\u0006"
attention = "\\u0006\\u0007"
reject = "\\u0015"
debounce_ms = 0

# Simulated too: it takes ZPL over TCP, tells its status and keeps its labels.
[[printers]]
id = "zebra-1"
language = "zpl"
device = "{printer_device}"

[labels]
printer = "zebra-1"
"""


class DaemonProcess:
    """`crossdock run` as a process; what it says goes into `log`."""

    def __init__(self, config: Path, log: Path) -> None:
        self._config, self._log = config, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal is for the demo, which ends the daemon in its order.
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [*program(), "run", "-c", str(self._config)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise EdgeError if it has ended by itself: whoever waits for it waits in vain."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            raise EdgeError(f"The daemon ended by itself with code {code}: {self._last_words()}")

    def stop(self) -> None:
        """End it as systemd does; raises EdgeError unless it ends with 0 in time."""
        self.check()
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise EdgeError(f"Expected the daemon to end within {PATIENCE_S:g} s of SIGTERM.") from None
        self._process = None
        if code != 0:
            raise EdgeError(
                f"Expected the daemon to end with 0 after SIGTERM, got {code}: {self._last_words()}"
            )

    def cut(self) -> None:
        """End it as a power cut does, in the middle of whatever it does; `start` starts it again."""
        self.check()
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def clear_away(self) -> None:
        """End it if it still runs, gently first; never raises."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everyone on stage, on from the start."""

    folder: Path
    config: Path
    broker: LocalBroker
    daemon: DaemonProcess
    scanners: dict[str, PtyScanner]
    printer: LabelPrinter
    central: SmallCentral
    books: Books

    def wait_ready(self) -> None:
        """Wait until the daemon has told central that it is there, and every device is ready."""
        self.central.wait_status("online", PATIENCE_S)
        for gun in GUNS.values():
            self.books.wait_device(DeviceKind.SCANNER, gun, "ready", PATIENCE_S)
        self.books.wait_device(DeviceKind.PRINTER, PRINTER, "ready", PATIENCE_S)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call `crossdock SUBCOMMAND -c FILE ...` and wait for its end."""
        command, *rest = arguments
        try:
            return subprocess.run(  # noqa: S603 - our own program, no shell
                [*program(), command, "-c", str(self.config), *rest],
                capture_output=True,
                text=True,
                timeout=CALL_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise EdgeError(
                f"Expected 'crossdock {command}' to end within {CALL_S:g} s; it did not."
            ) from None


@contextmanager
def set_up(folder: Path) -> Iterator[Cast]:
    """Bring everyone on stage and wait until the daemon is ready; take all of them down at the end."""
    with ExitStack() as stack:
        # Persistent: what central has not yet got when the broker goes is there when it is back.
        broker = LocalBroker(folder / "broker", persistent=True)
        # Before it is started, as with the daemon below: an interrupted start must not leave a process.
        stack.callback(broker.stop)
        broker.start()
        printer = stack.enter_context(LabelPrinter())
        scanners = {
            station: stack.enter_context(
                PtyScanner(folder / f"{gun}.tty", accept=ACCEPT, attention=ATTENTION, reject=REJECT)
            )
            for station, gun in GUNS.items()
        }
        config = folder / "crossdock.toml"
        config.write_text(
            CONFIG.format(
                site=SITE,
                node=NODE,
                prefix=PREFIX,
                host=HOST,
                port=broker.port,
                dock_device=scanners[DOCK].url,
                aisle_device=scanners[AISLE].url,
                printer_device=printer.url,
            ),
            encoding="utf-8",
        )
        (folder / "data").mkdir()
        daemon = DaemonProcess(config, folder / "daemon.log")
        books = Books(folder / "data" / "ledger.db", alive=daemon.check)
        central = SmallCentral(HOST, broker.port, Topics(PREFIX, SITE, NODE), alive=daemon.check)
        stack.callback(central.close)
        central.connect(PATIENCE_S)
        stack.callback(daemon.clear_away)
        daemon.start()
        cast = Cast(folder, config, broker, daemon, scanners, printer, central, books)
        cast.wait_ready()
        yield cast


def program() -> list[str]:
    """The installed command beside this Python, else the module: alike to whoever calls it."""
    installed = os.path.join(os.path.dirname(sys.executable), "crossdock")
    return [installed] if os.access(installed, os.X_OK) else [sys.executable, "-m", "edge.cli"]
