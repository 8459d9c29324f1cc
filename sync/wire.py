"""The broker's socket as paho sees it: whole packets of a bounded size, and messages only while there is room.

Left to itself paho holds whatever a broker sends in memory, and asks the kernel two or three times for each packet
that comes and once for each that goes, which costs more than the packets do.
What the packets mean is paho's; only their length and whether they are messages is read here.
"""

import contextlib
import select
import socket
import ssl
import time

from edge.right_of_way import RightOfWay

CHUNK_BYTES = 64 * 1024
CHUNKS = 64
"""Read in one turn, so that a flood leaves time for what else is to be done."""
REFUSAL_S = 0.2
MAX_BODY_BYTES = 1024 * 1024 + 128 * 1024
"""Of one packet: a command of 1 MiB, its topic and its properties."""

PLACE_BYTES = 16 * 1024
"""Of a message in one place of `Wire.room`."""

_PUBLISH = 3
_PINGREQ = b"\xc0\x00"


def places(size: int) -> int:
    """Count the places that a message of so many bytes takes in `Wire.room`.

    >>> places(100), places(64 * 1024)
    (1, 4)
    """
    return max(1, -(-size // PLACE_BYTES))


class Wire:
    """Stands in for a connected socket, which does not block once paho has it.

    `room` is how many `places` are left for messages: with none, nothing is read from the next message on. Of one
    that is too long the beginning comes, and `left_out` says how many bytes of the message that came last did not.
    At each packet it gives way to `scans`.
    """

    def __init__(self, sock: socket.socket, scans: RightOfWay | None = None) -> None:
        self.room = 0
        self.left_out = 0
        self.error: OSError | None = None
        """What ended the connection, for which paho has no word."""
        self.heard_at = self.spoke_at = self.pinged_at = time.monotonic()
        self._sock, self._scans = sock, scans or RightOfWay()
        self._came = bytearray()
        self._packet, self._unsent = bytearray(), bytearray()
        self._cut, self._skip = bytearray(), 0
        self._is_shut = False

    @property
    def is_held(self) -> bool:
        """A message is next, and there is no room for it."""
        return self.room <= 0 and bool(self._came) and self._came[0] >> 4 == _PUBLISH

    @property
    def has_more(self) -> bool:
        """There is something to read that the kernel does not show any more."""
        if self._packet:
            return True
        if self.is_held:
            return False
        # TLS reads whole records.
        return self._whole() or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)

    def hear_refusal(self) -> None:
        """Wait a moment for the broker's word on our certificate; OSError if it refuses it.

        In TLS 1.3 the broker judges it once our side of the handshake is done, and what it says is lost if we write
        meanwhile. One that takes it mostly sends the tickets of its session at once.
        """
        if not isinstance(self._sock, ssl.SSLSocket) or self._sock.version() != "TLSv1.3":
            return
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        if poll.poll(REFUSAL_S * 1000):
            with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
                self._came += self._receive()

    def recv(self, size: int) -> bytes:
        """Give so many bytes of one packet; BlockingIOError if there is no whole one, nothing at the end."""
        self._scans.give()
        chunks = CHUNKS
        while not self._packet and not self._next():
            if self.is_held or chunks == 0:
                raise BlockingIOError
            data = self._receive()
            if not data:
                return b""
            self._came += data
            chunks -= 1
        piece = bytes(self._packet[:size])
        del self._packet[:size]
        return piece

    @property
    def has_unsent(self) -> bool:
        """There is something that the kernel did not take yet."""
        return bool(self._unsent) and not self._is_shut

    def send(self, data: bytes | bytearray | memoryview) -> int:
        """Take a packet, to go with the others of this turn in `flush`. There are never more than a window's."""
        self._scans.give()
        self._unsent += data
        return len(data)

    def flush(self) -> None:
        """Send what was taken, as much as the kernel takes now.

        A connection that takes no more has ended, which is seen by reading on: the broker may have said why before.
        """
        try:
            while self._unsent and not self._is_shut:
                sent = self._sock.send(bytes(self._unsent[:CHUNK_BYTES]))
                del self._unsent[:sent]
                self.spoke_at = time.monotonic()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:
            self._is_shut = True

    def keep_alive(self, every_s: float) -> None:
        """Ask the broker for a sign of life when it is time; ConnectionError if it gave none."""
        now = time.monotonic()
        if self.is_held:
            self.heard_at = now  # what it says is not read
        if now - self.heard_at >= 2 * every_s:
            raise ConnectionError(f"it was silent for {2 * every_s:g} s")
        if now - min(self.heard_at, self.spoke_at) >= every_s and now - self.pinged_at >= every_s:
            self.pinged_at = now
            self.send(_PINGREQ)
            self.flush()

    def close(self) -> None:
        """Close; paho does so with the last packet, which has to go."""
        self.flush()
        self._sock.close()

    def fileno(self) -> int:
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)

    def _receive(self) -> bytes:
        try:
            data = self._sock.recv(CHUNK_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError as error:
            self.error = error
            raise
        self.heard_at = time.monotonic()
        return data

    def _next(self) -> bool:
        """Make the next packet ready; False if more has to come, or none may."""
        if self._skip:
            passed = min(self._skip, len(self._came))
            del self._came[:passed]
            self._skip -= passed
            if self._skip == 0:
                self._packet, self._cut = self._cut, bytearray()
            return self._skip == 0
        head, body = self._lengths()
        if head == 0 or self.is_held:
            return False
        is_message = self._came[0] >> 4 == _PUBLISH
        if body > MAX_BODY_BYTES and not is_message:
            self.error = ConnectionError(f"it sent a packet of {body} bytes that is no message")
            raise self.error
        taken = min(body, MAX_BODY_BYTES)
        if len(self._came) < head + taken:
            return False
        if is_message:
            self.room -= places(taken)
            self.left_out = body - taken
        packet = self._came[: head + taken]
        del self._came[: head + taken]
        if taken < body:
            self._skip = body - taken
            self._cut = packet[:1] + _length(taken) + packet[head:]
            return self._next()
        self._packet = packet
        return True

    def _whole(self) -> bool:
        head, body = self._lengths()
        return head > 0 and len(self._came) >= head + min(body, MAX_BODY_BYTES)

    def _lengths(self) -> tuple[int, int]:
        """Of the next packet's head and body; 0, 0 if its head is not all here (MQTT 5 section 1.5.5)."""
        length = 0
        for i, byte in enumerate(self._came[1:5]):
            length |= (byte & 127) << 7 * i
            if byte < 128:
                return 2 + i, length
        if len(self._came) >= 5:
            self.error = ConnectionError("it sent a packet without a length")
            raise self.error
        return 0, 0


def _length(value: int) -> bytes:
    written = bytearray()
    while True:
        value, low = divmod(value, 128)
        written.append(low | (128 if value else 0))
        if not value:
            return bytes(written)
