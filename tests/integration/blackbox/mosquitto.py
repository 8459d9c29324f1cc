"""A real mosquitto of our own on a loopback port, and a gate that stands between it and the node."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

from tests.integration.blackbox.waits import wait_for

HOST = "127.0.0.1"


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody takes connections on that port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1.0):
        return True
    return False


class Broker:
    """mosquitto with nothing kept on disk: a kill -9 loses what it holds, as a power cut would."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        config = self._folder / "mosquitto.conf"
        # Nothing may be dropped by the broker: what is missing at central is then the node's doing.
        config.write_text(
            f"listener {self.port} {HOST}\nallow_anonymous true\nset_tcp_nodelay true\npersistence false\n"
            "max_inflight_messages 0\nmax_queued_messages 0\nlog_type error\n"
        )
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        wait_for(lambda: answers(self.port), "mosquitto to listen")

    def pause(self) -> None:
        """Freeze it: it takes nothing and confirms nothing from here on, the connections stay."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def kill9(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)
        self._process = None

    def stop(self) -> None:
        if self._process is None:
            return
        os.kill(self._process.pid, signal.SIGCONT)
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._process = None


class Gate:
    """A port that leads to another one while it is open, and refuses connections while it is shut.

    With it a test decides when the node finds the broker: central subscribes first, so that nothing is
    published to nobody.
    """

    def __init__(self, target_port: int) -> None:
        self.port = free_port()
        self._target_port = target_port
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    def open(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Refuse what comes and cut what is."""
        listener, self._listener = self._listener, None
        if listener is not None:
            cut(listener)
        with self._lock:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            cut(each)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection((HOST, self._target_port), timeout=5.0)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets += (near, far)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    cut(source)
    cut(sink)


def cut(each: socket.socket) -> None:
    """Close a socket that another thread may be waiting in."""
    # shutdown() wakes the thread that waits in recv() or accept(); close() alone would leave it there.
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
