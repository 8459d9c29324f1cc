"""mosquitto as a site may run it: with its default limits, keeping what it holds on disk, or losing it."""

import shutil
import subprocess
from pathlib import Path

from tests.integration.blackbox.mosquitto import HOST, answers, free_port
from tests.integration.blackbox.waits import wait_for


class Broker:
    """A broker on a port of its own that is started again with the same port and files."""

    def __init__(self, folder: Path, *, keeps: bool) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        self._process: subprocess.Popen[bytes] | None = None
        stored = folder / "mosquitto"
        stored.mkdir()
        # As root it would go on as a user who may not write here.
        lines = [f"listener {self.port} {HOST}", "allow_anonymous true", "set_tcp_nodelay true", "user root"]
        if keeps:
            lines += ["persistence true", f"persistence_location {stored}/", "autosave_interval 1"]
        self._config.write_text("\n".join([*lines, "log_type error", ""]), encoding="utf-8")

    def start(self) -> None:
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self._config)], stdout=log, stderr=log)
        wait_for(lambda: answers(self.port), "mosquitto to listen")

    def kill9(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
