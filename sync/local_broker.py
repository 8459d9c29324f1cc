"""A mosquitto of our own on this machine's loopback: for the demo and for tests.

It can be stopped, killed and brought back on the same port, as a broker in the world goes and comes.
"""

import logging
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from edge.errors import EdgeError, UsageError

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0
PORT_TRIES = 5
"""Between finding a free port and listening on it, somebody else may take it."""


class LocalBroker:
    """A mosquitto process that keeps its configuration, log and (if `persistent`) its messages in `folder`.

    `extra` are further lines of its configuration. Usable as a context manager, which starts and stops it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        persistent: bool = False,
        anonymous: bool = True,
        extra: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._fixed = port != 0
        self._persistent = persistent
        self._anonymous = anonymous
        self._extra = tuple(extra)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = port

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it takes connections; on the port it had before, if it had one.

        Raises UsageError if mosquitto is not installed, EdgeError if it does not come up.
        """
        assert not self.is_running, "started twice"
        program = find_mosquitto()
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(1 if self._fixed else PORT_TRIES):
            if not self._fixed:
                self.port = _free_port()
            if self._launch(program):
                self._fixed = True
                return
        raise EdgeError(
            f"The broker did not come up on {HOST}:{self.port}: {self._last_words()}",
            hint=f"Look into {self._log_file}.",
        )

    def stop(self) -> None:
        """End it cleanly; what it keeps is on disk. Harmless if it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> "LocalBroker":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _log_file(self) -> Path:
        return self._folder / "mosquitto.log"

    def _launch(self, program: str) -> bool:
        config = self._folder / "mosquitto.conf"
        config.write_text("\n".join(self._config()) + "\n")
        with self._log_file.open("ab") as out:
            # Its own process group: Ctrl-C at the terminal is for us, and we end it in our order.
            self._process = subprocess.Popen(  # noqa: S603 - the program found above, no shell
                [program, "-c", str(config)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.is_running:
            try:
                socket.create_connection((HOST, self.port), timeout=1.0).close()
            except OSError:
                time.sleep(0.01)
                continue
            # Whoever answers may be another who took the port, and ours about to end for it.
            if self._is_listening():
                log.info("broker port=%s pid=%s", self.port, self._process.pid)
                return True
        self.kill()
        return False

    def _is_listening(self) -> bool:
        assert self._process is not None
        try:
            self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            return True
        return False

    def _config(self) -> list[str]:
        lines = [
            f"listener {self.port} {HOST}",
            f"allow_anonymous {str(self._anonymous).lower()}",
            # Nagle's algorithm costs 47 ms for each small burst.
            "set_tcp_nodelay true",
            # The defaults are 20 in flight, and beyond 1,000 waiting messages are dropped without a word.
            "max_inflight_messages 100",
            "max_queued_messages 0",
            # Started by root it would become another user, who may not write into our folder.
            f"user {pwd.getpwuid(os.getuid()).pw_name}",
            "log_dest stdout",
            "log_type error",
            "log_type warning",
        ]
        if self._persistent:
            lines += [
                "persistence true",
                f"persistence_location {self._folder}/",
                # Seconds: what a kill may cost.
                "autosave_interval 1",
            ]
        return [*lines, *self._extra]

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)

    def _last_words(self) -> str:
        try:
            lines = self._log_file.read_text(errors="replace").splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"


def find_mosquitto() -> str:
    """The program's path; raises UsageError with what to install."""
    # Debian keeps it where only root looks.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    program = shutil.which("mosquitto", path=path)
    if program is None:
        raise UsageError(
            "Expected the MQTT broker mosquitto on this machine, found none.",
            hint="Install it: 'apt install mosquitto' on Debian, 'dnf install mosquitto' on Fedora.",
        )
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
