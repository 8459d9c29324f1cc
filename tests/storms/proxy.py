"""A network between a node and its broker that stalls, delays, cuts, and lets half of a message through.

What the node sends is handed to `hear` as it comes, whether or not it ever arrives.
"""

import contextlib
import socket
import threading
from collections.abc import Callable

from tests.integration.blackbox.mosquitto import HOST, cut, free_port

CHUNK_BYTES = 65_536
CONNECT_S = 5.0


class Way:
    """One direction of all connections: held up, slow, or about to break in the middle of what it carries."""

    def __init__(self) -> None:
        self.flows = threading.Event()
        self.flows.set()
        self.delay_s = 0.0
        self.is_to_break = False

    def stall(self) -> None:
        """Hold what comes from here on, with the connections standing."""
        self.flows.clear()

    def clear_up(self) -> None:
        self.delay_s, self.is_to_break = 0.0, False
        self.flows.set()


class Proxy:
    """A port that leads to the broker's. Each connection has two threads, which end with it."""

    def __init__(self, target_port: int, *, hear: Callable[[], Callable[[bytes], None]]) -> None:
        """`hear` is called for each connection and gives whom its bytes from the node are handed to."""
        self.port = free_port()
        self.to_broker, self.to_node = Way(), Way()
        self._target_port, self._hear = target_port, hear
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((HOST, self.port))
        self._listener.listen()
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut(self) -> None:
        """Break every connection; what is held on the way is lost."""
        with self._lock:
            sockets, self._sockets = self._sockets, set()
        for each in sockets:
            cut(each)

    def clear_up(self) -> None:
        self.to_broker.clear_up()
        self.to_node.clear_up()

    def close(self) -> None:
        cut(self._listener)
        self.cut()
        self.clear_up()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection((HOST, self._target_port), timeout=CONNECT_S)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for each in (near, far):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._sockets |= {near, far}
            ways = ((near, far, self.to_broker, self._hear()), (far, near, self.to_node, _deaf))
            for source, sink, way, hear in ways:
                threading.Thread(target=self._carry, args=(source, sink, way, hear), daemon=True).start()

    def _carry(
        self, source: socket.socket, sink: socket.socket, way: Way, hear: Callable[[bytes], None]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                hear(data)
                if way.delay_s:
                    threading.Event().wait(way.delay_s)
                way.flows.wait()
                if way.is_to_break:
                    way.is_to_break = False
                    sink.sendall(data[: len(data) // 2])
                    break
                sink.sendall(data)
        with self._lock:
            self._sockets -= {source, sink}
        cut(source)
        cut(sink)


def _deaf(_data: bytes) -> None:
    pass
