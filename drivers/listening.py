"""Scanners in the network that call us: a port at which we listen, and a thread with a decoder for each that calls.

A connection is one dialogue, known again by the peer's address.
"""

import errno
import logging
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from config.settings import Scanner
from drivers.conversation import Conversation, RideAlong, configured
from drivers.sockets import SLICE_S
from drivers.tcp_wire import TcpWire
from drivers.wire import Wire, reason
from edge.errors import DeviceError
from edge.facts import DeviceKind, DeviceLost, DeviceReady
from edge.inbox import Post

MAX_CONNECTIONS = 32
"""Scanners at one port at once; whoever comes then is sent away."""

STEADY_S = 5.0
"""A connection that held so long, or brought a scan, was a scanner: that it is gone is told."""

ENDS_WITHIN_S = 3.0
"""What the scans in hand may still take once the daemon ends."""

log = logging.getLogger(__name__)


class ListeningScanner:
    """The scanners that call at one port. Ready while it listens; lost, too, once the last of them hung up."""

    kind: Final = DeviceKind.SCANNER

    def __init__(self, scanner: Scanner, post: Post, *, forward: RideAlong | None = None) -> None:
        self.id = scanner.id
        self._scanner = scanner
        self._post = post
        self._forward = forward
        self._say = configured(scanner)
        parts = urlsplit(scanner.device)
        self._host, self._port = parts.hostname or "", parts.port or 0
        self._lock = threading.Lock()
        self._open: dict[str, tuple[TcpWire, threading.Thread]] = {}
        self._is_lost = False

    def run(self, *, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Listen until `stop` is set; the scans in hand are finished before it ends."""
        with self._listen() as listener:
            log.info("scanner=%s listens at %s", self.id, self._scanner.device)
            self._is_lost = False
            ready()
            try:
                while not stop.is_set():
                    self._accept(listener, stop)
            finally:
                self._end()

    def wires(self) -> list[Wire]:
        """The connections that are open."""
        with self._lock:
            return [wire for wire, _ in self._open.values()]

    def _listen(self) -> socket.socket:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listener = socket.socket(family, kind, protocol)
        except OSError as error:
            raise self._not_opened(error) from error
        try:
            # A port that was just used is free for us all the same.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(MAX_CONNECTIONS)
            listener.setblocking(False)
        except OSError as error:
            listener.close()
            raise self._not_opened(error) from error
        return listener

    def _accept(self, listener: socket.socket, stop: threading.Event) -> None:
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        if not poll.poll(SLICE_S * 1000):
            return
        try:
            connection, address = listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            # Whoever called has left again; or no file is free, and then a while is waited for one.
            log.warning("scanner=%s cannot take a call: %s", self.id, reason(error))
            stop.wait(SLICE_S)
            return
        self._take(connection, str(address[0]), stop)

    def _take(self, connection: socket.socket, peer: str, stop: threading.Event) -> None:
        with self._lock:
            if len(self._open) >= MAX_CONNECTIONS:
                log.warning("scanner=%s sent %s away: %d are connected", self.id, peer, MAX_CONNECTIONS)
                connection.close()
                return
            dialogue, before = self._dialogue(peer)
            try:
                wire = TcpWire(connection, name=f"scanner {self.id}", at=peer)
            except OSError as error:
                connection.close()
                log.info("scanner=%s at %s is gone already: %s", self.id, peer, reason(error))
                return
            thread = threading.Thread(
                target=self._serve,
                args=(wire, dialogue, before, stop),
                name=f"scanner-{dialogue}",
                daemon=True,
            )
            self._open[dialogue] = wire, thread
            # Told within the lock, so that who leaves and who comes are told in their order.
            if self._is_lost:
                self._is_lost = False
                self._post(DeviceReady(self.kind, self.id))
        log.info("scanner=%s connected dialogue=%s", self.id, dialogue)
        thread.start()

    def _dialogue(self, peer: str) -> tuple[str, threading.Thread | None]:
        """Name the talk by the peer's address; two at once from one address are told apart by a number.

        One that has hung up and calls again goes on with its own, once the thread that still has its last scan in hand
        is done with it: that thread is returned, too.
        """
        dialogue, n = f"{self.id}@{peer}", 1
        while (open_one := self._open.get(dialogue)) is not None:
            wire, thread = open_one
            if wire.is_over():
                return dialogue, thread
            n += 1
            dialogue = f"{self.id}@{peer}#{n}"
        return dialogue, None

    def _serve(
        self, wire: TcpWire, dialogue: str, before: threading.Thread | None, stop: threading.Event
    ) -> None:
        if before is not None:
            before.join()
        began = time.monotonic()
        talk = Conversation(
            self._scanner, self._post, dialogue=dialogue, say=self._say, forward=self._forward
        )
        text = f"Scanner {self.id} stopped on an error of this program. See the log of this moment."
        try:
            talk.serve(wire, stop)
        except DeviceError as error:
            text = str(error)
            log.info("scanner=%s dialogue=%s %s", self.id, dialogue, text)
        finally:
            was_scanner = talk.scans > 0 or time.monotonic() - began >= STEADY_S
            with self._lock:
                wire.close()
                if self._open[dialogue][0] is wire:
                    del self._open[dialogue]
                if not self._open and was_scanner and not stop.is_set():
                    self._is_lost = True
                    self._post(DeviceLost(self.kind, self.id, text))

    def _end(self) -> None:
        """Wait for the scans in hand: each thread has seen `stop`, or is about to."""
        with self._lock:
            left = list(self._open.values())
        deadline = time.monotonic() + ENDS_WITHIN_S
        for wire, thread in left:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("scanner=%s a scan in hand was not booked in time; it gets no answer", self.id)
                wire.close()

    def _not_opened(self, error: OSError) -> DeviceError:
        hint = "Check the address in its device URL: it must be one of this machine, or 0.0.0.0 for all."
        if error.errno == errno.EADDRINUSE:
            hint = "Another program listens there: end it, or give the scanner another port."
        elif error.errno in (errno.EACCES, errno.EPERM):
            hint = "Take a port above 1023: the others are root's."
        return DeviceError(
            f"Listening for scanner {self.id} at {self._host}:{self._port} failed: {reason(error)}.",
            hint=hint,
        )
