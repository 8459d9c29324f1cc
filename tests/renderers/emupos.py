"""emupos as a receipt printer: a program that is not ours takes our bytes over TCP, answers and draws.

It wants Python 3.13, so `make test` gives it an environment of its own where there is one.
"""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Self

from PIL import Image

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "build" / "renderers" / "emupos" / "bin" / "emupos"
WITHIN_S = 30.0
POLL_S = 0.05
WHY_NOT = None if PROGRAM.exists() else "make test fetches emupos where there is a Python 3.13"


class Emupos:
    """A running printer at `url`; its receipts lie in a folder as pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._api = _free_port(), _free_port()
        self.url = f"tcp://127.0.0.1:{self.port}"
        config = {
            "schema": 1,
            "api": {"host": "127.0.0.1", "port": self._api},
            "devices": [
                {
                    **{"id": "front", "type": "printer", "profile": "epson-tm-t20iii"},
                    **{"connections": [{"tcp": {"port": self.port}}]},
                    "receipts_dir": str(folder / "receipts"),
                }
            ],
        }
        # JSON is YAML.
        (folder / "emupos.yaml").write_text(json.dumps(config), encoding="utf-8")
        with (folder / "emupos.log").open("wb") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "run", "--config", folder / "emupos.yaml"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
            )

    @property
    def log(self) -> str:
        """What it told, an event a line."""
        return (self._folder / "emupos.log").read_text(encoding="utf-8", errors="replace")

    def fault(self, name: str, *, is_there: bool) -> None:
        """Give it a fault of its own ("paper-out", "cover-open"), or take that away."""
        url = f"http://127.0.0.1:{self._api}/api/v1/devices/front/faults/{name}"
        call = urllib.request.Request(url, method="PUT" if is_there else "DELETE")
        with urllib.request.urlopen(call, timeout=WITHIN_S) as answer:
            assert answer.status == 204

    def receipts(self, count: int) -> list[Image.Image]:
        """Wait until so many came out, and return them all in their order."""
        folder = self._folder / "receipts"
        # The text about a receipt is written last: then its picture is whole.
        self._wait(lambda: len(list(folder.glob("*.json"))) >= count, f"{count} receipts")
        told = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return [Image.open(file.with_suffix(".png")).convert("L") for file in told]

    def _wait(self, is_so: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not is_so():
            assert self._process.poll() is None, f"emupos ended:\n{self.log}"
            assert time.monotonic() < deadline, f"Expected {what} within {WITHIN_S} s:\n{self.log}"
            time.sleep(POLL_S)

    def _is_up(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self._api}/api/v1/devices", timeout=1).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def __enter__(self) -> Self:
        try:
            self._wait(self._is_up, "emupos to be up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(WITHIN_S)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
