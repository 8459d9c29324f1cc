"""The web screen as its own process beside the node, and what a viewer gets from it."""

import http.client
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.integration.blackbox.mosquitto import HOST, answers, free_port
from tests.integration.blackbox.node import program
from tests.integration.blackbox.waits import PATIENCE_S, wait_for


class Screen:
    """`crossdock screen` on a port of the loopback, from the start until `stop`."""

    def __init__(self, config: Path) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}"
        self._process = subprocess.Popen(
            [*program(), "screen", "-c", str(config), "--port", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(lambda: answers(self.port), "the screen to listen")

    def get(self, path: str) -> tuple[int, str]:
        """The status and the body of a page."""
        line = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def station(self, id: str = "dock-1") -> dict[str, Any]:
        status, body = self.get(f"/state.json?station={id}")
        assert status == 200, body
        told: dict[str, Any] = json.loads(body)
        return told

    def talk(self, gun: str = "gun-1", station: str = "dock-1") -> dict[str, Any]:
        """What is told of a gun's last scan; empty before the first."""
        (scanner,) = [one for one in self.station(station)["scanners"] if one["id"] == gun]
        return dict(*scanner["dialogues"])

    def holds(self, folder: Path) -> list[str]:
        """The files of a folder that its process has open."""
        links = Path(f"/proc/{self._process.pid}/fd").iterdir()
        return sorted(name for link in links if (name := os.path.realpath(link)).startswith(f"{folder}/"))

    def stop(self, signal_number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it in good order; its exit code and all that it said."""
        if self._process.poll() is None:
            self._process.send_signal(signal_number)
        try:
            said, _ = self._process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate(timeout=PATIENCE_S)
            raise
        return self._process.returncode, said
