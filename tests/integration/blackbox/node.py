"""The node as a black box: its configuration, its process, its scanners, its command line."""

import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from tests.integration.blackbox.central import NODE, PREFIX, SITE
from tests.integration.blackbox.daemon import start_daemon
from tests.integration.blackbox.mosquitto import HOST
from tests.integration.blackbox.pty_scanner import ACCEPT, ATTENTION, REJECT, PtyScanner
from tests.integration.blackbox.waits import PATIENCE_S, wait_for

CALL_S = 20.0
"""How long one call of the command line may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Station:
    id: str
    mode: str = "receive"
    location: str | None = None
    printer: str | None = None
    idle_reset_s: int | None = None


@dataclass(frozen=True, slots=True)
class Printer:
    id: str
    device: str
    language: str = "zpl"
    status: str = "auto"


@dataclass(frozen=True, slots=True)
class Layout:
    """What a site has. As given: a dock that receives, an aisle that misses, a gun at each, no printer."""

    stations: tuple[Station, ...] = (
        Station("dock-1", "receive", "DOCK-1"),
        Station("aisle-1", "missing", "AISLE"),
    )
    guns: Mapping[str, str] = field(default_factory=lambda: {"gun-1": "dock-1", "gun-2": "aisle-1"})
    printers: tuple[Printer, ...] = ()
    default_printer: str | None = None
    tables: str = ""
    """TOML that is put behind the rest as it is."""


def program() -> list[str]:
    """The installed command, else the module: alike to whoever calls it."""
    installed = Path(sys.executable).with_name("crossdock")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "edge.cli"]


def toml(layout: Layout, *, data_dir: Path, mqtt_port: int | None, devices: Mapping[str, str]) -> str:
    """The configuration as contract section 2 has it; `devices` names the device of each gun."""
    # A JSON string is a TOML basic string as long as it holds no surrogates.
    head: dict[str, object] = {
        "site": SITE,
        "node": NODE,
        "data_dir": str(data_dir),
        "timezone": "Europe/Paris",
    }
    tables: list[tuple[str, Mapping[str, object]]] = [("", head)]
    if mqtt_port is not None:
        tables.append(("[mqtt]", {"host": HOST, "port": mqtt_port, "prefix": PREFIX}))
    for gun, station in layout.guns.items():
        answers = {"accept": ACCEPT, "attention": ATTENTION, "reject": REJECT, "debounce_ms": 0}
        tables.append(("[[scanners]]", {"id": gun, "device": devices[gun], "station": station, **answers}))
    for printer in layout.printers:
        keys = {"id": printer.id, "language": printer.language, "device": printer.device}
        tables.append(("[[printers]]", {**keys, "status": printer.status}))
    for place in layout.stations:
        keys = {"id": place.id, "mode": place.mode}
        optional = {
            "location": place.location,
            "printer": place.printer,
            "idle_reset_s": place.idle_reset_s,
        }
        tables.append(("[[stations]]", keys | {key: text for key, text in optional.items() if text}))
    if layout.default_printer:
        tables.append(("[labels]", {"printer": layout.default_printer}))
    lines = [
        line
        for title, keyed in tables
        for line in (title, *(f"{key} = {json.dumps(value)}" for key, value in keyed.items()), "")
    ]
    return "\n".join([*lines, layout.tables])


class Node:
    """One configured node in a folder of its own; `start` and `stop` as often as a test likes."""

    def __init__(self, folder: Path, layout: Layout, *, mqtt_port: int | None) -> None:
        self.config = folder / "crossdock.toml"
        self.guns = {gun: PtyScanner(self.is_running) for gun in layout.guns}
        self._log = folder / "node.log"
        self._process: ForkServerProcess | None = None
        self._home = {station.id: station.location for station in layout.stations}
        self._layout = layout
        devices = {gun: f"serial://{scanner.path}?baud=9600" for gun, scanner in self.guns.items()}
        self.config.write_text(
            toml(layout, data_dir=folder / "data", mqtt_port=mqtt_port, devices=devices), encoding="utf-8"
        )

    # -- the process ---------------------------------------------------------------------------------------

    def launch(self) -> None:
        """Start the daemon and do not wait for it."""
        assert not self.is_running()
        for scanner in self.guns.values():
            scanner.forget()
        self._process = start_daemon(self.config, self._log)

    def is_running(self) -> bool:
        return self._process is not None and self._process.is_alive()

    def wait_scanners(self) -> None:
        """Wait until every gun is read, without a broker to ask: its station's own LOC changes nothing.

        What was written before the port was opened is lost, so the scan is sent again until it is answered.
        """
        for gun, scanner in self.guns.items():
            code = f"LOC:{self._home[self._layout.guns[gun]] or 'DOCK-1'}"

            def is_read(scanner: PtyScanner = scanner, code: str = code) -> bool:
                scanner.send(code.encode() + b"\r")
                return not scanner.is_quiet(for_s=0.3)

            wait_for(is_read, f"{gun} to be read")
            wait_for(functools.partial(self._drained, scanner), f"{gun} to have answered")

    @staticmethod
    def _drained(scanner: PtyScanner) -> bool:
        if scanner.is_quiet(for_s=0.2):
            return True
        scanner.answer()
        return False

    def kill9(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """End it in good order and return its exit code; what does not end in time is killed and told."""
        assert self._process is not None
        assert self._process.pid is not None
        if self.is_running():
            os.kill(self._process.pid, signal_number)
        try:
            return self._ended()
        except TimeoutError:
            self.kill9()
            raise

    def _ended(self) -> int:
        """Wait for its end; the exit code."""
        assert self._process is not None
        self._process.join(PATIENCE_S)
        if self._process.exitcode is None:
            raise TimeoutError(f"The node did not end within {PATIENCE_S:.0f} s:\n{self.log[-3000:]}")
        return self._process.exitcode

    def clear_away(self) -> None:
        """Whatever a test has left: end the process, close the guns."""
        if self.is_running():
            self.stop()
        for scanner in self.guns.values():
            scanner.close()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    # -- scans ---------------------------------------------------------------------------------------------

    def scan(self, gun: str, code: str | bytes) -> str:
        """Scan at a gun; the verdict. The node must not die over it."""
        verdict = self.guns[gun].scan(code)
        assert verdict is not None, f"The node died over {code!r}:\n{self.log[-3000:]}"
        return verdict

    def take(self, gun: str, *codes: str) -> str:
        """Scan codes that must all be booked (accept or attention); the last verdict."""
        verdict = ""
        for code in codes:
            verdict = self.scan(gun, code)
            assert verdict in ("accept", "attention"), f"{code} at {gun} was refused"
        return verdict

    # -- the command line ----------------------------------------------------------------------------------

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call `crossdock SUBCOMMAND -c FILE ...` and wait for its end."""
        command, *rest = arguments
        return run_program(command, "-c", str(self.config), *rest)

    def json(self, *arguments: str) -> Any:
        """The JSON that a reading command prints."""
        done = self.cli(*arguments, "--json")
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.json("status")
        return status


def run_program(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Call `crossdock` with these arguments and wait for its end."""
    return subprocess.run(
        [*program(), *arguments],
        capture_output=True,
        text=True,
        timeout=CALL_S,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def with_printers(dock: str, aisle: str | None = None) -> Layout:
    """The usual two stations with the printers at these devices; without `aisle` one serves both."""
    printers = [Printer("zebra-1", dock)]
    if aisle is not None:
        printers.append(Printer("zebra-2", aisle))
    return Layout(
        stations=(
            Station("dock-1", "receive", "DOCK-1", printers[0].id),
            Station("aisle-1", "missing", "AISLE", printers[-1].id),
        ),
        printers=tuple(printers),
    )
