"""Printers on a loopback port: one that tells its status (ZPL ~HS) and one that tells nothing."""

import socket
import struct
import threading

from tests.integration.blackbox.mosquitto import HOST, cut, free_port
from tests.integration.blackbox.waits import PATIENCE_S, wait_for
from tests.integration.blackbox.zpl import Label, labels_in


class TcpPrinter:
    """Takes what comes and keeps it. `speaks` decides whether it answers `~HS`.

    `off` is the mains switch: connections break with a reset and new ones are refused. Everything that it has
    taken counts as printed, save the label in which `cut_in_next_label` pulls the plug.
    """

    def __init__(self, *, speaks: bool) -> None:
        self.port = free_port()
        self.device = f"tcp://{HOST}:{self.port}"
        self.paper_out = False
        self._speaks = speaks
        self._cut_next = threading.Event()
        self._lock = threading.Lock()
        self._taken = bytearray()
        self._listener: socket.socket | None = None
        self._connections: list[socket.socket] = []

    def on(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, self.port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def off(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            cut(listener)
        with self._lock:
            connections, self._connections = self._connections, []
        for each in connections:
            _reset(each)

    def cut_in_next_label(self) -> None:
        """Go off in the middle of the next label: it does not come out, and the node cannot know."""
        self._cut_next.set()

    @property
    def is_on(self) -> bool:
        return self._listener is not None

    @property
    def stream(self) -> bytes:
        """All bytes it has ever taken."""
        with self._lock:
            return bytes(self._taken)

    @property
    def labels(self) -> list[Label]:
        """What has come out, in order."""
        return labels_in(self.stream)

    def wait_labels(self, count: int, *, timeout_s: float = PATIENCE_S) -> list[Label]:
        """Wait until so many labels have come out, and return all."""
        wait_for(lambda: len(self.labels) >= count, f"{count} labels on {self.device}", timeout_s=timeout_s)
        return self.labels

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        asked = b""
        try:
            while data := connection.recv(65_536):
                if self._cut_next.is_set() and b"^XA" in data:
                    self._cut_next.clear()
                    self.off()
                    return
                with self._lock:
                    self._taken += data
                asked += data
                while self._speaks and b"~HS" in asked:
                    asked = asked.split(b"~HS", 1)[1]
                    connection.sendall(self._status())
                asked = asked[-2:]
        except OSError:
            return

    def _status(self) -> bytes:
        """The three strings of ~HS (ZPL II Programming Guide): field 2 of the first is "paper out"."""
        return (
            b"\x02030,%d,0,1245,000,0,0,0,000,0,0,0\x03\r\n"
            b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
            b"\x021234,0\x03\r\n"
        ) % self.paper_out


def _reset(connection: socket.socket) -> None:
    """Close with RST, as a device does whose power is gone."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    connection.close()
